// Below the record: what it resembles, its versions, why it was read so.
"use strict";
import { button, el, redraw, stage, state } from "./dom.js";

function build(root) {
  const box = stage(root, "tail");
  const part = { box, tab: null };
  part.tabs = el("div", { class: "tabs", role: "tablist", "aria-label": "О записи" });
  part.body = el("div", { class: "body", role: "tabpanel", tabindex: "0" });
  redraw(box, part.tabs, part.body);
  return part;
}

// likely duplicates

function pair({ field, one, other, same }) {
  return el("tr", { class: same ? "" : "differs" }, el("th", { scope: "row" }, field), el("td", {}, one || "—"), el("td", {}, other || "—"),
    el("td", { class: "sign" }, same ? "=" : "≠"));
}

function twin(part, found) {
  const takes = found.offers.map(({ name, words }) => ({ name, words, box: el("input", { type: "checkbox", "data-focus": `take-${found.id}-${name}` }) }));
  const taken = () => takes.filter(({ box }) => box.checked).map(({ name }) => name);
  const act = (action) => () => part.send({
    action, id: part.data.id, other: found.id, mine: found.mine, theirs: found.version, into: found.into, take: taken(), at: Date.now(),
  });
  return el("article", { class: "twin" },
    el("header", {}, el("h3", {}, found.headline), el("p", { class: "note" }, `${found.status_words} · ${found.likeness} · ${found.why}`)),
    el("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": "Сравнение записей" }, el("table", {},
      el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "Поле"), el("th", { scope: "col" }, "Открытая запись"), el("th", { scope: "col" }, "Похожая запись"), el("th", { scope: "col" }, el("span", { class: "unseen" }, "Совпадает")))),
      el("tbody", {}, found.fields.map(pair)))),
    takes.length > 0 && el("p", { class: "takes" }, found.take_words, takes.map(({ words, box }) => el("label", { class: "check" }, box, el("span", {}, words)))),
    el("div", { class: "acts" },
      button("Объединить", act("merge"), { class: "primary small", "data-focus": `merge-${found.id}`, title: found.merge_words }),
      button("Связать как обновление", act("link"), { class: "small", "data-focus": `link-${found.id}`, title: found.link_words }),
      button("Не дубликат", act("distinct"), { class: "small", "data-focus": `distinct-${found.id}`, title: "Больше не предлагать эту пару" }),
      button("Открыть её", () => part.send({ action: "open", id: found.id, at: Date.now() }), { class: "quiet small", "data-focus": `see-${found.id}` })));
}

const twins = (part) => (part.data.twins.length ? part.data.twins.map((each) => twin(part, each)) : [el("p", { class: "empty" }, part.data.searching ? "Ищем похожие…" : "Похожих записей нет.")]);

// history

function change({ field, before, after }) {
  return el("li", {}, el("b", {}, field), ": ", before ? el("del", {}, before) : el("span", { class: "note" }, "пусто"), " → ", after ? el("ins", {}, after) : el("span", { class: "note" }, "пусто"));
}

function version(part, each) {
  const last = each.version === part.data.version;
  const see = button(part.seen === each.version ? "Скрыть" : "Открыть", () => {
    part.seen = part.seen === each.version ? null : each.version;
    show(part);
  }, { class: "quiet small", "data-focus": `see-${each.version}`, "aria-expanded": String(part.seen === each.version) });
  return el("li", { class: "version" },
    el("p", { class: "line" }, el("b", {}, `Версия ${each.version}`), ` ${each.when} · ${each.who}`, each.why && el("span", { class: "why" }, ` · ${each.why}`)),
    each.changes.length > 0 && el("ul", { class: "changes" }, each.changes.map(change)),
    el("div", { class: "acts" }, see, !last && part.data.can_restore && button("Вернуть эту версию", () => part.send({ action: "restore", id: part.data.id, version: each.version, base: part.data.version, at: Date.now() }), { class: "quiet small", "data-focus": `restore-${each.version}` })),
    part.seen === each.version && el("dl", { class: "old" }, each.fields.flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)])));
}

const versions = (part) => [el("ol", { class: "versions" }, part.data.history.map((each) => version(part, each)))];

// why it was read so

const reasons = (part) => (part.data.reasons.length ? [el("table", { class: "reasons" },
  el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "Слова"), el("th", { scope: "col" }, "Вывод"))),
  el("tbody", {}, part.data.reasons.map(([read, note]) => el("tr", {}, el("td", {}, read || "—"), el("td", {}, note)))))]
  : [el("p", { class: "empty" }, "Правила ничего не прочли.")]);

const TABS = { twins: ["Похожие", twins], history: ["История", versions], reasons: ["Почему так прочитано", reasons] };

function show(part) {
  const counts = { twins: part.data.twins.length, history: part.data.history.length, reasons: null };
  redraw(part.tabs, Object.entries(TABS).map(([id, [name]]) => el("button", {
    type: "button", role: "tab", class: "tab", "aria-selected": String(part.tab === id), "data-focus": `tab-${id}`,
    onclick: () => {
      part.tab = id;
      show(part);
    },
  }, counts[id] === null ? name : `${name} ${counts[id]}`)));
  redraw(part.body, TABS[part.tab][1](part));
}

export default function mount({ root, data, send }) {
  const part = state(root, () => build(root));
  const fresh = part.data?.id !== data.id;
  Object.assign(part, { data, send });
  if (fresh) {
    part.tab = data.twins.length ? "twins" : data.status === "draft" ? "reasons" : "history";
    part.seen = null;
  }
  show(part);
}
