// Two editors changed the same field: what it was, what the other one made of it, what this one did; a choice a field.
"use strict";
import { button, el, redraw, stage, state } from "./dom.js";

function choice(part, name, value, words, label) {
  const radio = el("input", { type: "radio", name: `clash-${name}`, value, "data-focus": `${name}-${value}`, onchange: () => {
    part.chosen[name] = value;
    go(part);
  } });
  radio.checked = part.chosen[name] === value;
  return el("td", {}, el("label", {}, radio, el("span", { class: "unseen" }, label), el("span", { class: "value" }, words || "пусто")));
}

function row(part, { name, field, base, theirs, mine }) {
  return el("tr", {}, el("th", { scope: "row" }, field), el("td", { class: "base" }, base || "пусто"),
    choice(part, name, "theirs", theirs, "Оставить: "), choice(part, name, "mine", mine, "Взять моё: "));
}

function go(part) {
  const { fields } = part.data;
  const open = fields.filter(({ name }) => !part.chosen[name]).length;
  part.save.disabled = open > 0;
  part.note.textContent = open ? `осталось выбрать: ${open}` : "";
}

function all(part, value) {
  for (const { name } of part.data.fields) part.chosen[name] = value;
  show(part);
}

function show(part) {
  const { data } = part;
  part.save = button(data.publish ? "Сохранить выбранное и опубликовать" : "Сохранить выбранное", () => part.send({
    action: "settle", id: data.id, version: data.version, chosen: part.chosen, publish: data.publish, at: Date.now(),
  }), { class: "primary", "data-focus": "settle" });
  part.note = el("span", { class: "note", role: "status" });
  redraw(part.box, el("h2", { tabindex: "-1" }, "Запись изменили, пока вы её правили"),
    el("p", {}, `Версия ${data.version} сохранена раньше вашей: ${data.by}, ${data.when}. Поля ниже изменены и там, и вами: выберите, что оставить.`,
      data.merged.length ? ` Остальное соединится само: ${data.merged.join(", ")}.` : ""),
    el("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": "Выбор по полям" }, el("table", {},
      el("thead", {}, el("tr", {}, ["Поле", "Было", `Стало у ${data.by}`, "У вас"].map((name) => el("th", { scope: "col" }, name)))),
      el("tbody", {}, data.fields.map((each) => row(part, each))))),
    el("div", { class: "acts" }, part.save, button("Везде моё", () => all(part, "mine"), { class: "small" }), button("Везде их", () => all(part, "theirs"), { class: "small" }),
      button("Решу позже", () => part.send({ action: "later", id: data.id, at: Date.now() }), { class: "quiet small" }), part.note));
  go(part);
}

export default function mount({ root, data, send }) {
  const part = state(root, () => ({ box: stage(root, "clash"), chosen: {} }));
  const fresh = part.data?.version !== data.version || part.data?.id !== data.id;
  Object.assign(part, { data, send });
  if (fresh) part.chosen = {};
  show(part);
  if (fresh) {
    part.box.scrollIntoView({ block: "nearest" });
    part.box.querySelector("h2").focus({ preventScroll: true });
  }
}
