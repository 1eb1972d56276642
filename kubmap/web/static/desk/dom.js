// What the parts of the desk share. Text of people goes to the page through textContent and value only, never as HTML.
"use strict";

/** A new element: attributes by setAttribute (true: empty, false and null: none), `on*` as listeners, children as nodes or text. */
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    if (typeof value === "function") node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== "" && child !== false));
  return node;
}

/** «1 черновик», «3 черновика», «12 черновиков». */
export function plural(count, one, few, many) {
  const tens = count % 100;
  const ones = count % 10;
  const number = new Intl.NumberFormat("ru-RU").format(count);
  if (tens > 10 && tens < 20) return `${number} ${many}`;
  if (ones === 1) return `${number} ${one}`;
  return ones > 1 && ones < 5 ? `${number} ${few}` : `${number} ${many}`;
}

/** «12:03:05» of a moment, on the reader's clock. */
export const clock = (moment) => new Date(moment).toLocaleTimeString("ru-RU", { hour12: false });

/** What a part keeps between its mounts: Streamlit calls the module again whenever the data change. */
const kept = new WeakMap();
export function state(root, make) {
  if (!kept.has(root)) kept.set(root, make());
  return kept.get(root);
}

/** The part's own element below the root, beside the style that Streamlit put there. */
export function stage(root, name) {
  let found = root.querySelector(`.desk-${name}`);
  if (!found) {
    found = el("section", { class: `desk desk-${name}` });
    root.append(found);
  }
  return found;
}

/** Replaces the children, and gives the focus back to the element with the same data-focus. */
export function redraw(parent, ...children) {
  const scope = parent.getRootNode();
  const active = scope.activeElement;
  const focus = active && parent.contains(active) ? active.dataset.focus : null;
  parent.replaceChildren(...children.flat().filter(Boolean));
  if (focus) parent.querySelector(`[data-focus="${CSS.escape(focus)}"]`)?.focus({ preventScroll: true });
}

/** A button that does one thing. */
export const button = (words, run, attributes = {}) =>
  el("button", { type: "button", onclick: run, "data-focus": words, ...attributes }, words);

/** A field with its label; `control` is an input, a select or a textarea. */
export const field = (label, control, attributes = {}) => el("label", { class: "field", ...attributes }, el("span", {}, label), control);

export function options(select, pairs, chosen) {
  select.replaceChildren(...pairs.map(([value, words]) => {
    const option = el("option", { value }, words);
    option.selected = value === chosen;
    return option;
  }));
  return select;
}
