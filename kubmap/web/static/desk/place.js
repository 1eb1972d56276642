// Where the open record is: what was understood, what else it could be, and three ways to say it: by name, by road and
// kilometre, by a click on the map beside.
"use strict";
import { button, el, field, options, redraw, stage, state } from "./dom.js";

const WAIT_MS = 160;

function build(root) {
  const box = stage(root, "place");
  const part = { box, at: -1, found: [] };
  part.now = el("div", { class: "where" });
  part.search = el("input", {
    type: "text", role: "combobox", autocomplete: "off", maxlength: 120, placeholder: "Станица, хутор, город, район",
    "aria-expanded": "false", "aria-controls": "desk-places", "aria-autocomplete": "list", "data-focus": "place-search",
  });
  part.list = el("ul", { id: "desk-places", role: "listbox", "aria-label": "Найденные места", hidden: true });
  part.road = el("select", { "data-focus": "road" });
  part.km = el("input", { type: "text", inputmode: "decimal", maxlength: 8, size: 6, placeholder: "1362", "data-focus": "km" });
  part.hint = el("span", { class: "note" });
  part.problem = el("div", { class: "said", role: "alert" });
  const onRoad = () => part.send({ action: "road", id: part.data.id, base: part.data.base, road: part.road.value, km: part.km.value, at: Date.now() });
  const roads = el("form", { class: "road", onsubmit: (event) => {
    event.preventDefault();
    onRoad();
  } }, field("Дорога", part.road), field("Километр", part.km), el("button", { type: "submit" }, "Поставить"), part.hint);
  part.others = el("div", { class: "alternatives" });
  const finder = el("div", { class: "finder" }, field("Найти место", part.search), part.list);
  redraw(box, part.now, part.problem, part.others, el("div", { class: "ways" }, finder, roads));
  part.search.addEventListener("input", () => {
    clearTimeout(part.timer);
    part.timer = setTimeout(() => find(part), WAIT_MS);
  });
  part.search.addEventListener("keydown", (event) => keydown(part, event));
  part.search.addEventListener("blur", () => setTimeout(() => close(part), 200));
  part.road.addEventListener("change", () => hint(part));
  return part;
}

async function find(part) {
  const words = part.search.value.trim();
  if (words.length < 2) return close(part);
  part.asked?.abort();
  part.asked = new AbortController();
  try {
    const answer = await fetch(`${part.data.places}?q=${encodeURIComponent(words)}`, { signal: part.asked.signal });
    const said = await answer.json();
    if (!answer.ok) throw new Error(said.detail || `ошибка ${answer.status}`);
    part.found = said.places;
  } catch (problem) {
    if (problem.name === "AbortError") return null;
    part.found = [];
  }
  part.at = part.found.length ? 0 : -1;
  return suggest(part);
}

function suggest(part) {
  const rows = part.found.map((place, at) => el("li", {
    role: "option", id: `desk-place-${at}`, "aria-selected": String(at === part.at), onmousedown: (event) => {
      event.preventDefault();
      choose(part, at);
    },
  }, el("b", {}, place.label), place.municipality !== place.label && ` ${place.municipality}`));
  part.list.replaceChildren(...(rows.length ? rows : [el("li", { class: "none" }, "Такого места нет в списке")]));
  part.list.hidden = false;
  part.search.setAttribute("aria-expanded", "true");
  if (part.at >= 0) part.search.setAttribute("aria-activedescendant", `desk-place-${part.at}`);
  else part.search.removeAttribute("aria-activedescendant");
}

function close(part) {
  part.list.hidden = true;
  part.search.setAttribute("aria-expanded", "false");
  part.search.removeAttribute("aria-activedescendant");
}

function choose(part, at) {
  const place = part.found[at];
  if (!place) return;
  part.search.value = "";
  close(part);
  part.send({ action: "place", id: part.data.id, base: part.data.base, place: place.id, at: Date.now() });
}

function keydown(part, event) {
  if (event.key === "Escape" && !part.list.hidden) {
    event.stopPropagation();
    close(part);
  } else if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    if (!part.list.hidden) choose(part, part.at);
  } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && part.found.length) {
    event.preventDefault();
    const step = event.key === "ArrowDown" ? 1 : -1;
    part.at = (part.at + step + part.found.length) % part.found.length;
    suggest(part);
  }
}

function hint(part) {
  const road = part.data.roads.find(([id]) => id === part.road.value);
  part.hint.textContent = road?.[2] || "";
}

function now(part) {
  const { data } = part;
  const place = data.location;
  const check = el("input", { type: "checkbox", "data-focus": "verified", onchange: (event) =>
    part.send({ action: "verify", id: data.id, base: data.base, on: event.target.checked, at: Date.now() }) });
  check.checked = data.verified;
  redraw(part.now,
    el("p", { class: "label" }, place ? place.label : "Места на карте нет"),
    place && el("p", { class: "note" }, [place.precision, place.municipality, place.zone].filter(Boolean).join(" · ")),
    place?.hint && el("p", { class: "note hint" }, place.hint),
    place && el("label", { class: "check verified" }, check, el("span", {}, "Место проверено"),
      el("span", { class: "note" }, data.verified ? "повторная загрузка его не сдвинет" : "")));
}

function alternatives(part) {
  const { data } = part;
  redraw(part.others,
    data.alternatives.length > 0 && el("p", { class: "head" }, "Что ещё могло быть"),
    data.alternatives.length > 0 && el("ol", {}, data.alternatives.map(({ n, label, where, why, chosen }) => el("li", {},
      el("button", { type: "button", class: "pick", "aria-pressed": String(chosen), "data-focus": `pick-${n}`, onclick: () => part.send({ action: "pick", id: data.id, base: data.base, n, at: Date.now() }) },
        el("span", { class: "n" }, n), el("span", {}, el("b", {}, label), where && ` ${where}`, why && el("span", { class: "note" }, ` ${why}`)))))),
    el("div", { class: "wide" }, data.wide.map(({ how, words }) => button(words, () => part.send({ action: how, id: data.id, base: data.base, at: Date.now() }), { class: "quiet small" }))));
}

export default function mount({ root, data, send }) {
  const part = state(root, () => build(root));
  if (part.data?.id !== data.id) {
    part.search.value = "";
    part.km.value = data.km || "";
    part.roadChosen = null;
  }
  const chosen = part.data?.id === data.id ? part.road.value : data.road;
  Object.assign(part, { data, send });
  options(part.road, [["", "Выберите дорогу"], ...data.roads.map(([id, name]) => [id, name])], chosen || "");
  hint(part);
  now(part);
  alternatives(part);
  redraw(part.problem, data.problem && el("p", { class: "problem" }, data.problem));
}
