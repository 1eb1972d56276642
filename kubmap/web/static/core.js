// Helpers of the map page. Text of records goes to the page through textContent only: nothing here takes HTML.
"use strict";
window.Kubmap = (() => {
  const SVG = "http://www.w3.org/2000/svg";

  /** A new element: attributes by setAttribute, children as nodes or as text. */
  function el(tag, attributes = {}, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (value === false || value === null || value === undefined) continue;
      node.setAttribute(name, value === true ? "" : String(value));
    }
    node.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
    return node;
  }

  /** The icon of a category; unknown categories get none. */
  function icon(category) {
    const svg = document.createElementNS(SVG, "svg");
    svg.setAttribute("class", "icon");
    svg.setAttribute("aria-hidden", "true");
    svg.setAttribute("focusable", "false");
    const use = document.createElementNS(SVG, "use");
    use.setAttribute("href", `#icon-${category}`);
    svg.append(use);
    return svg;
  }

  /** JSON of an address of this server; a problem becomes an Error with its words. */
  async function getJson(url, options = {}) {
    const answer = await fetch(url, { ...options, headers: { Accept: "application/json" } });
    const body = await answer.json().catch(() => ({}));
    if (!answer.ok) throw new Error(body.detail || `Ошибка ${answer.status}`);
    return body;
  }

  /** «1 событие», «3 события», «12 событий». */
  function plural(count, one, few, many) {
    const tens = count % 100;
    const ones = count % 10;
    if (tens > 10 && tens < 20) return `${count} ${many}`;
    if (ones === 1) return `${count} ${one}`;
    return ones > 1 && ones < 5 ? `${count} ${few}` : `${count} ${many}`;
  }

  /** The frame of a GeoJSON geometry as Leaflet bounds; null of none. */
  function boundsOf(geometry) {
    if (!geometry) return null;
    const bounds = L.geoJSON(geometry).getBounds();
    return bounds.isValid() ? bounds : null;
  }

  const names = new Map();
  function categoryName(category) {
    if (!names.size) {
      for (const node of document.querySelectorAll("#categories .chip")) {
        names.set(node.dataset.category, node.dataset.name);
      }
    }
    return names.get(category) || category;
  }

  return { el, icon, getJson, plural, boundsOf, categoryName, layers: {} };
})();
