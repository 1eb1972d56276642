// The queue: what waits for an editor, doubtful first; arrows walk it, marks choose for actions on many.
"use strict";
import { button, el, field, options, plural, redraw, stage, state } from "./dom.js";
import * as keys from "./keys.js";

const WALK_MS = 90;
const TRIES = 3; // a record that somebody removed is never shown
const records = (count) => plural(count, "запись", "записи", "записей");

function build(root) {
  const box = stage(root, "queue");
  const part = { box, marked: new Set(), data: null, send: null, open: null };
  part.tabs = el("div", { class: "tabs", role: "group", "aria-label": "Какие записи показать" });
  part.search = el("input", { type: "search", id: "desk-search", maxlength: 300, "aria-label": "Поиск в очереди", placeholder: "Слова, номер или ссылка" });
  part.category = el("select", { "aria-label": "Категория" });
  part.doubt = el("select", { "aria-label": "Сомнение" });
  part.from = el("select", { "aria-label": "Источник" });
  part.bulk = el("div", { class: "bulk" });
  part.list = el("ol", { class: "items", "aria-label": "Очередь" });
  part.foot = el("div", { class: "foot" });
  part.head = el("div", { class: "head" });
  part.filters = el("div", { class: "filters" }, part.search, part.category, part.doubt, part.from);
  redraw(box, part.head, el("div", { class: "body" }, part.tabs, part.filters, part.bulk, part.list, part.foot));
  const ask = () => filter(part, {});
  for (const select of [part.category, part.doubt, part.from]) select.addEventListener("change", ask);
  part.search.addEventListener("input", () => {
    clearTimeout(part.typing);
    part.typing = setTimeout(ask, 350);
  });
  part.search.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown") {
      event.preventDefault();
      part.search.blur();
      walk(part, 1);
    }
  });
  return part;
}

function filter(part, changes) {
  part.marked.clear();
  keys.wanted.set(null);
  part.send({
    action: "filter", status: part.data.filter.status, text: part.search.value, category: part.category.value,
    doubt: part.doubt.value, source: part.from.value, at: Date.now(), ...changes,
  });
}

function tabs(part) {
  redraw(part.tabs, part.data.tabs.map(({ id, name, count }) => button(
    count === null ? name : `${name} ${count}`, () => filter(part, { status: id }),
    { "aria-pressed": String(id === part.data.filter.status), class: "tab", "data-focus": `tab-${id}` },
  )));
}

function chooser(select, name, pairs, chosen) {
  options(select, [["", name], ...pairs], chosen);
  select.hidden = pairs.length === 0 && !chosen;
}

function filters(part) {
  const { filter: chosen, choices } = part.data;
  const active = part.box.getRootNode().activeElement;
  if (active !== part.search) part.search.value = chosen.text;
  chooser(part.category, "Все категории", choices.category, chosen.category);
  chooser(part.doubt, "Любые сомнения", choices.doubt, chosen.doubt);
  chooser(part.from, "Все источники", choices.source, chosen.source);
}

function open(part, id) {
  if (!id || id === part.open) return;
  part.open = id;
  part.box.classList.add("folded");
  part.tries = 0;
  keys.wanted.set(id);
  show(part);
  clearTimeout(part.opening);
  part.opening = setTimeout(() => ask(part), WALK_MS);
}

function ask(part) {
  part.askedAt = part.data.stamp;
  part.tries += 1;
  part.send({ action: "open", id: part.open, at: Date.now() });
}

/** Whoever walks fast is ahead of the server: the mark stays where they are, and the last one is asked for again. */
function follow(part, shown) {
  const wanted = keys.wanted.get();
  if (!wanted || wanted === shown || part.tries > TRIES) {
    keys.wanted.set(null);
    if (part.open !== shown) part.box.classList.toggle("folded", Boolean(shown));
    part.open = shown;
  } else if (part.askedAt !== undefined && part.askedAt !== part.data.stamp) ask(part);
}

function walk(part, step) {
  const ids = part.data.items.map((item) => item.id);
  if (!ids.length) return false;
  const at = ids.indexOf(part.open);
  const next = at < 0 ? (step > 0 ? 0 : ids.length - 1) : Math.min(ids.length - 1, Math.max(0, at + step));
  open(part, ids[next]);
  part.list.children[next]?.scrollIntoView({ block: "nearest" });
  return true;
}

function mark(part, id, on) {
  if (on) part.marked.add(id);
  else part.marked.delete(id);
  bulk(part);
}

function bulk(part) {
  const ids = part.data.items.map((item) => item.id);
  const drafts = part.data.filter.status === "draft";
  const chosen = ids.filter((id) => part.marked.has(id));
  const act = (action) => () => {
    part.send({ action, ids: chosen, at: Date.now() });
    part.marked.clear();
    show(part);
  };
  const all = el("input", { type: "checkbox", "data-focus": "all", "aria-label": "Отметить все", onchange: (event) => {
    ids.forEach((id) => (event.target.checked ? part.marked.add(id) : part.marked.delete(id)));
    show(part);
  } });
  all.checked = chosen.length > 0 && chosen.length === ids.length;
  all.indeterminate = chosen.length > 0 && chosen.length < ids.length;
  part.bulk.hidden = !drafts || ids.length === 0;
  redraw(part.bulk,
    el("label", { class: "all" }, all, chosen.length ? `Отмечено: ${chosen.length}` : "Отметить все"),
    chosen.length > 0 && el("span", { class: "acts" },
      button("Опубликовать", act("publish-many"), { class: "primary small" }),
      button("Отклонить", act("reject-many"), { class: "small" })));
}

function meter(confidence) {
  const percent = Math.round(confidence * 100);
  const grade = percent >= 80 ? "high" : percent >= 50 ? "middle" : "low";
  return el("span", { class: `sure ${grade}`, title: `уверенность чтения ${percent} %` },
    el("span", { class: "bar", "aria-hidden": "true" }, bar(percent)), `${percent} %`);
}

function bar(percent) {
  const fill = el("i");
  fill.style.width = `${percent}%`;
  return fill;
}

function item(part, one) {
  const check = el("input", { type: "checkbox", "data-focus": `mark-${one.id}`, "aria-label": `Отметить: ${one.headline}`, onchange: (event) => mark(part, one.id, event.target.checked) });
  check.checked = part.marked.has(one.id);
  const colour = el("span", { class: "dot", "aria-hidden": "true" });
  colour.style.background = one.colour;
  const body = el("button", {
    type: "button", class: "open", "data-focus": `open-${one.id}`, "aria-current": one.id === part.open ? "true" : null,
    onclick: () => open(part, one.id),
  },
  el("span", { class: "line" }, colour, el("b", {}, one.category), one.confidence !== null && meter(one.confidence)),
  el("span", { class: "headline" }, one.headline),
  el("span", { class: "meta" }, [one.when, one.where].filter(Boolean).join(" · ")),
  one.doubts.length > 0 && el("span", { class: "doubts" }, one.doubts.slice(0, 2).map((each) => el("span", {}, each)),
    one.doubts.length > 2 && el("span", {}, `и ещё ${one.doubts.length - 2}`)),
  (one.duplicates > 0 || one.open_by.length > 0 || one.verified) && el("span", { class: "badges" },
    one.duplicates > 0 && el("span", { class: "badge warn" }, `похожих: ${one.duplicates}`),
    one.open_by.length > 0 && el("span", { class: "badge" }, `открыто: ${one.open_by.join(", ")}`),
    one.verified && el("span", { class: "badge good" }, "место проверено")));
  return el("li", { class: one.id === part.open ? "item current" : "item" },
    part.data.filter.status === "draft" && check, body);
}

function show(part) {
  const { data } = part;
  tabs(part);
  filters(part);
  bulk(part);
  redraw(part.list, data.items.map((one) => item(part, one)));
  const more = data.next && button("Показать ещё", () => part.send({ action: "more", at: Date.now() }), { class: "wide" });
  redraw(part.foot,
    data.items.length === 0 && el("p", { class: "empty" }, data.empty),
    data.items.length > 0 && el("p", { class: "note" }, data.total > data.items.length ? `Показано ${data.items.length} из ${data.total}` : records(data.total)),
    more);
  const toggle = button(part.box.classList.contains("folded") ? `Очередь: ${records(data.total)}` : "Свернуть очередь", () => {
    part.box.classList.toggle("folded");
    show(part);
  }, { class: "fold", "data-focus": "fold", "aria-expanded": String(!part.box.classList.contains("folded")) });
  redraw(part.head, el("h2", {}, "Очередь"), part.open && toggle);
}

export default function mount({ root, data, send }) {
  keys.bind();
  const part = state(root, () => build(root));
  Object.assign(part, { data, send });
  follow(part, data.open);
  const here = new Set(data.items.map((one) => one.id));
  for (const id of part.marked) if (!here.has(id)) part.marked.delete(id);
  show(part);
  part.off?.forEach((off) => off());
  part.off = [
    keys.on("next", () => walk(part, 1)),
    keys.on("previous", () => walk(part, -1)),
    keys.on("search", () => part.search.focus()),
    keys.on("mark", () => {
      if (!part.open || data.filter.status !== "draft") return false;
      mark(part, part.open, !part.marked.has(part.open));
      show(part);
      return true;
    }),
  ];
  return () => part.off.forEach((off) => off());
}
