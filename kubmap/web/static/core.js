// Helpers of the map page. Text of records goes to the page through textContent only: nothing here takes HTML.
"use strict";
window.Kubmap = (() => {
  const SVG = "http://www.w3.org/2000/svg";

  function dress(node, attributes, children) {
    for (const [name, value] of Object.entries(attributes)) {
      if (value === false || value === null || value === undefined) continue;
      node.setAttribute(name, value === true ? "" : String(value));
    }
    node.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
    return node;
  }

  /** A new element: attributes by setAttribute, children as nodes or as text. */
  const el = (tag, attributes = {}, ...children) => dress(document.createElement(tag), attributes, children);

  /** The same for a part of a picture. */
  const svg = (tag, attributes = {}, ...children) => dress(document.createElementNS(SVG, tag), attributes, children);

  /** The icon of a category; unknown categories get none. */
  const icon = (category) => svg("svg", { class: "icon", "aria-hidden": "true", focusable: "false" },
    svg("use", { href: `#icon-${category}` }));

  /** JSON of an address of this server; a problem becomes an Error with its words. */
  async function getJson(url, options = {}) {
    const answer = await fetch(url, { ...options, headers: { Accept: "application/json" } });
    const body = await answer.json().catch((error) => {
      if (error.name === "AbortError" || answer.ok) throw error;
      return {};
    });
    if (!answer.ok) throw Object.assign(new Error(body.detail || `Ошибка ${answer.status}`), { problem: body });
    return body;
  }

  /** «12 345» of a whole number, as Intl writes it; that would load its rules first, 20 ms before there is a map. */
  const number = (value) => String(value).replace(/\B(?=(?:\d{3})+$)/g, "\u00a0");

  /** «1 событие», «3 события», «1 200 событий». */
  function plural(count, one, few, many) {
    const tens = count % 100;
    const ones = count % 10;
    if (tens > 10 && tens < 20) return `${number(count)} ${many}`;
    if (ones === 1) return `${number(count)} ${one}`;
    return ones > 1 && ones < 5 ? `${number(count)} ${few}` : `${number(count)} ${many}`;
  }
  const events = (count) => plural(count, "событие", "события", "событий");

  const names = new Map();
  function learn() {
    for (const { dataset } of document.querySelectorAll("#categories .chip")) {
      names.set(dataset.category, { name: dataset.name, short: dataset.short });
    }
    return names;
  }
  const known = (category) => (names.size ? names : learn()).get(category);
  const categoryName = (category) => known(category)?.name || category;
  const categoryShort = (category) => known(category)?.short || category;

  /** Counts by category as words, the greatest first: «ДТП 80, Вода 20 и ещё 12». */
  function breakdown(counts, most = 4) {
    const parts = Object.entries(counts).sort((a, b) => b[1] - a[1]);
    const named = parts.slice(0, most).map(([category, count]) => `${categoryShort(category)} ${number(count)}`).join(", ");
    const rest = parts.slice(most).reduce((sum, [, count]) => sum + count, 0);
    return rest ? `${named} и ещё ${number(rest)}` : named;
  }

  /** Calls `run` once when nothing has asked for it during `wait` milliseconds. */
  function debounce(run, wait) {
    let timer = 0;
    return (...values) => {
      clearTimeout(timer);
      timer = setTimeout(() => run(...values), wait);
    };
  }

  /** Puts `nodes` into `parent` in this order and touches only what is not there yet: focus and scroll stay. */
  function arrange(parent, nodes) {
    const wanted = new Set(nodes);
    for (const child of [...parent.children]) if (!wanted.has(child)) child.remove();
    nodes.forEach((node, at) => {
      if (parent.children[at] !== node) parent.insertBefore(node, parent.children[at] || null);
    });
  }

  /** Names of the zones by id, as the legend has them. */
  const zoneNames = () => new Map([...document.querySelectorAll("#zones [data-zone]")].map(({ dataset }) => [dataset.zone, dataset.name]));

  const stillness = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
  const narrow = () => matchMedia("(max-width: 760px)").matches;

  return {
    el, svg, icon, getJson, number, plural, events, categoryName, categoryShort, breakdown, debounce, arrange,
    stillness, narrow, zoneNames, layers: {},
  };
})();
