// The open record: its text with what was read in it, its fields, what can be done with it.
"use strict";
import { button, clock, el, field, options, redraw, stage, state } from "./dom.js";
import { Keeper, words } from "./keeper.js";
import * as keys from "./keys.js";

const KINDS = [["category", "вид события"], ["time", "время"], ["place", "место"], ["hurt", "пострадавшие"], ["plan", "план"], ["outage", "отключение"]];
const PATIENCE_MS = 15000;

// the form

const input = (attributes = {}) => el("input", { type: "text", maxlength: 2000, autocomplete: "off", ...attributes });
const area = (rows, attributes = {}) => el("textarea", { rows, maxlength: 200000, ...attributes });

function controls() {
  const number = () => input({ inputmode: "numeric", maxlength: 6 });
  const moment = () => input({ maxlength: 40, placeholder: "дд.мм.гггг чч:мм" });
  return {
    title: input({ maxlength: 1000 }), text: area(6, { spellcheck: "true" }),
    category: el("select"), is_scheduled: el("select"),
    starts_at: moment(), ends_at: moment(), published_at: moment(),
    dead: number(), injured: number(), children: number(),
    source_name: input({ maxlength: 300 }), source_url: input({ type: "url", maxlength: 2000, placeholder: "https://…" }),
    utility: el("select"), kind: el("select"), works_start: moment(), works_end: moment(),
    supply: area(2, { placeholder: "27.11.2021 6:00 – 9:00" }), recovery: input({ placeholder: "4–6", maxlength: 20 }),
    places: area(2), exceptions: area(2), streets: area(2), cause: input(), provider: input(),
    withdrawn: el("input", { type: "checkbox" }), why: input({ maxlength: 500, placeholder: "необязательно: попадёт в историю" }),
  };
}

const LABELS = {
  title: "Заголовок", text: "Текст", category: "Категория", is_scheduled: "Запланировано", starts_at: "Начало",
  ends_at: "Конец", published_at: "Опубликовано источником", dead: "Погибли", injured: "Пострадали", children: "из них детей",
  source_name: "Источник", source_url: "Ссылка на источник", utility: "Что отключают", kind: "Как", works_start: "Работы с",
  works_end: "Работы до", supply: "Когда подают (по строке на промежуток)", recovery: "Восстановление после работ, часов",
  places: "Где нет (по одному в строке)", exceptions: "Кроме", streets: "Улицы", cause: "Причина", provider: "Поставщик",
  withdrawn: "Отключение отменено", why: "Почему правка",
};

function labelled(part, name) {
  const control = part.controls[name];
  const wrong = el("span", { class: "wrong", id: `desk-wrong-${name}` });
  part.wrong[name] = wrong;
  control.dataset.focus = `field-${name}`;
  control.setAttribute("name", name);
  const check = control.type === "checkbox";
  const found = check ? el("label", { class: "field check" }, control, el("span", {}, LABELS[name])) : field(LABELS[name], control);
  found.append(wrong);
  found.classList.add(`of-${name}`);
  return found;
}

function build(root) {
  const box = stage(root, "editor");
  const part = { box, controls: controls(), wrong: {}, typed: {}, sent: null, keeper: null, paused: false };
  const of = (...names) => names.map((name) => labelled(part, name));
  part.top = el("div", { class: "top" });
  part.shown = el("p", { class: "teaser", lang: "ru" });
  part.tip = el("p", { class: "tip", role: "status" });
  part.writing = el("div", { class: "writing", hidden: true }, of("text"));
  part.outage = el("fieldset", { class: "outage" }, el("legend", {}, "Отключение"),
    el("div", { class: "grid" }, of("utility", "kind", "works_start", "works_end", "recovery", "provider"),
      of("places", "exceptions", "streets", "supply"), of("cause", "withdrawn")));
  part.form = el("form", { class: "fields", onsubmit: (event) => event.preventDefault() },
    el("div", { class: "grid" }, of("title")),
    el("div", { class: "grid" }, of("category", "is_scheduled", "starts_at", "ends_at")),
    el("div", { class: "grid three" }, of("dead", "injured", "children")),
    part.outage,
    el("div", { class: "grid" }, of("source_name", "published_at", "source_url")),
    el("div", { class: "grid edit-why" }, of("why")));
  part.acts = el("div", { class: "acts" });
  part.tools = el("div", { class: "acts tools" });
  part.rest = el("div", { class: "acts" });
  part.note = el("span", { class: "note", role: "status" });
  part.ask = el("div", { class: "ask", role: "group" });
  part.problem = el("div", { class: "said", role: "alert" });
  redraw(box, part.top, part.shown, part.tip, part.writing, part.tools, part.form,
    el("div", { class: "actions" }, part.problem, part.ask, part.acts, el("div", { class: "under" }, part.note, part.rest)));
  for (const [name, control] of Object.entries(part.controls)) {
    control.addEventListener("input", () => typed(part, name));
    if (control.tagName === "SELECT") control.addEventListener("change", () => typed(part, name));
  }
  part.shown.addEventListener("mouseover", (event) => explain(part, event.target.closest("mark")));
  part.shown.addEventListener("mouseleave", () => explain(part, null));
  part.shown.addEventListener("focusin", (event) => explain(part, event.target.closest("mark")));
  return part;
}

const valueOf = (control) => (control.type === "checkbox" ? (control.checked ? "да" : "") : control.value);

function put(control, value) {
  if (control.type === "checkbox") control.checked = value === "да";
  else if (control.value !== value) control.value = value;
  if (control.tagName === "TEXTAREA") control.rows = Math.min(16, Math.max(Number(control.dataset.rows ??= control.rows), value.split("\n").length));
}

function typed(part, name) {
  const value = valueOf(part.controls[name]);
  part.typed[name] = value;
  part.keeper.note({ [name]: value });
  if (name === "category") outage(part);
  part.controls[name].closest("label").classList.add("changed");
}

/** The fields of an outage stand only where the record is one. */
function outage(part) {
  part.outage.hidden = !part.controls.category.value.startsWith("outage_");
}

// the text and what was read in it

function marked(segments) {
  return segments.map(({ text, kind, notes }) => (kind
    ? el("mark", { class: `of-${kind}`, tabindex: "0", "data-notes": notes.join("\n") }, text)
    : document.createTextNode(text)));
}

function explain(part, mark) {
  part.shown.querySelectorAll(".told").forEach((each) => each.classList.remove("told"));
  if (!mark) {
    const present = new Set([...part.shown.querySelectorAll("mark")].map((each) => each.className.slice(3)));
    redraw(part.tip, present.size ? [el("span", { class: "hint" }, "Прочитано:"), ...KINDS.filter(([kind]) => present.has(kind)).map(([kind, name]) => el("span", { class: `key of-${kind}` }, name))]
      : [el("span", { class: "hint" }, "В тексте ничего не отмечено.")]);
    return;
  }
  mark.classList.add("told");
  redraw(part.tip, el("q", {}, mark.textContent.slice(0, 80)), " — ", mark.dataset.notes.split("\n").join("; "));
}

function text(part) {
  const { segments } = part.data;
  redraw(part.shown, segments.title.length > 0 && el("strong", {}, marked(segments.title)), marked(segments.text));
  explain(part, null);
}

function write(part, on) {
  part.writing.hidden = !on;
  part.shown.hidden = on;
  part.tip.hidden = on;
  if (on) part.controls.text.focus();
  acts(part);
}

// what can be done

function everything(part) {
  return Object.fromEntries(Object.entries(part.controls).map(([name, control]) => [name, valueOf(control)]));
}

async function act(part, action, more = {}) {
  if (part.paused || (keys.wanted.get() ?? part.data.id) !== part.data.id) return true;
  part.paused = true;
  part.box.classList.add("busy");
  clearTimeout(part.patience);
  part.patience = setTimeout(() => free(part, "сервер не ответил: попробуйте ещё раз, текст хранится"), PATIENCE_MS);
  part.keeper.hush(true);
  await part.keeper.sending?.catch(() => {});
  part.sent = { ...part.typed };
  part.send({ action, id: part.data.id, base: part.keeper.base, fields: everything(part), at: Date.now(), ...more });
  return true;
}

function free(part, note) {
  clearTimeout(part.patience);
  part.paused = false;
  part.box.classList.remove("busy");
  part.keeper?.hush(false);
  if (note) part.note.textContent = note;
}

/** Asks for a word before what cannot be done by a slip. */
function asking(part, question, { action, words: act_words, reason = false, danger = false }) {
  const why = reason && input({ maxlength: 500, "aria-label": question, placeholder: question, class: "reason" });
  const close = () => redraw(part.ask);
  const go = () => {
    if (why && !why.value.trim()) {
      why.focus();
      return;
    }
    close();
    act(part, action, why ? { reason: why.value } : {});
  };
  why && why.addEventListener("keydown", (event) => {
    if (event.key === "Enter") {
      event.preventDefault();
      event.stopPropagation();
      go();
    }
  });
  redraw(part.ask, el("p", {}, question), why, button(act_words, go, { class: danger ? "danger" : "primary" }), button("Не надо", close));
  (why || part.ask.querySelector("button")).focus();
  return true;
}

function acts(part) {
  const { can, status } = part.data;
  const main = can.publish && button("Опубликовать", () => act(part, "publish"), { class: "primary", title: "Ctrl+Enter", "data-focus": "publish" });
  main && main.append(el("kbd", {}, "Ctrl+Enter"));
  const save = can.save && button(status === "draft" ? "Сохранить" : "Сохранить правку", () => act(part, "save"), {
    class: status === "published" ? "primary" : "", title: "Ctrl+S", "data-focus": "save",
  });
  const editing = !part.writing.hidden;
  redraw(part.acts, main, save,
    can.reject && button("Отклонить", () => act(part, "reject"), { "data-focus": "reject" }),
    can.retract && button("Снять с карты", () => asking(part, "Почему снимаем? Это увидят читатели по ссылке.", { action: "retract", words: "Снять", reason: true, danger: true })),
  );
  redraw(part.tools,
    button(editing ? "Показать прочитанное" : "Править текст", () => write(part, !editing), { class: "quiet small", "data-focus": "write" }),
    button("Прочитать заново", () => act(part, "reread"), { class: "quiet small", title: "Прочитать текст ещё раз и заполнить поля" }));
  redraw(part.rest,
    can.reset && button("Отбросить правки", () => asking(part, "Отбросить всё несохранённое?", { action: "reset", words: "Отбросить", danger: true }), { class: "quiet small" }),
    can.purge && button("Удалить навсегда", () => asking(part, "Удалить запись и её историю навсегда? Вернуть будет нельзя. Напишите причину.", { action: "purge", words: "Удалить навсегда", reason: true, danger: true }), { class: "quiet small danger-text" }));
}

function top(part) {
  const { data } = part;
  const others = part.others ?? data.others;
  redraw(part.top,
    el("div", { class: "state" },
      el("span", { class: `status of-${data.status}` }, data.status_words),
      data.permalink && el("a", { href: data.permalink, target: "_blank", rel: "noopener" }, "на карте"),
      el("span", { class: "note" }, `версия ${data.version}`),
      data.confidence !== null && el("span", { class: "note" }, `уверенность ${Math.round(data.confidence * 100)} %`),
      button("Закрыть", () => part.send({ action: "close", id: data.id, at: Date.now() }), { class: "quiet", title: "Esc" })),
    others.length > 0 && el("p", { class: "others" }, `Открыто также: ${others.join(", ")}`),
    data.newer && el("p", { class: "others" }, data.newer),
    data.doubts.length > 0 && el("ul", { class: "doubts", "aria-label": "Сомнения" }, data.doubts.map((each) => el("li", {}, each))));
}

// the data of a run

function problems(part) {
  const { errors, problem } = part.data;
  for (const [name, node] of Object.entries(part.wrong)) {
    node.textContent = errors[name] || "";
    part.controls[name].toggleAttribute("aria-invalid", Boolean(errors[name]));
    if (errors[name]) part.controls[name].setAttribute("aria-invalid", "true");
    part.controls[name].setAttribute("aria-describedby", node.id);
  }
  redraw(part.problem, problem && el("p", { class: "problem" }, problem));
  const first = Object.keys(errors).find((name) => part.controls[name]);
  if (first) {
    if (first === "text") write(part, true);
    part.controls[first].focus();
  }
}

function selects(part) {
  for (const name of ["category", "is_scheduled", "utility", "kind"]) options(part.controls[name], part.data.choices[name], "");
}

/** What the server knows goes into the fields that nobody has typed into since. */
function fill(part) {
  const { fields, stored } = part.data;
  for (const [name, control] of Object.entries(part.controls)) {
    const value = part.typed[name] ?? fields[name] ?? "";
    put(control, value);
    control.closest("label").classList.toggle("changed", name !== "why" && value !== (stored[name] ?? ""));
  }
  outage(part);
}

function keep(part) {
  part.keeper = new Keeper({
    id: part.data.id, user: part.data.user, base: part.data.base, address: part.data.autosave, touch: part.data.touch,
    tell: (now) => {
      if (now.others && String(now.others) !== String(part.others ?? part.data.others)) {
        part.others = now.others;
        top(part);
      }
      if (now.kind === "here") return;
      part.note.textContent = words(now);
      part.note.dataset.kind = now.kind;
    },
  });
  const left = part.keeper.leftover();
  if (!left) return;
  Object.assign(part.typed, left.changes);
  part.keeper.base = left.base ?? part.data.base;
  part.keeper.note(left.changes);
}

function open(part) {
  part.keeper?.close();
  Object.assign(part, { typed: {}, sent: null, others: null, epoch: part.data.epoch });
  redraw(part.ask);
  part.note.textContent = part.data.kept_at ? `сохранено ${clock(part.data.kept_at)}, не опубликовано` : "";
  part.note.dataset.kind = "";
  keep(part);
  write(part, false);
  if (matchMedia("(max-width: 760px)").matches) part.box.scrollIntoView({ block: "start" });
}

/** A save went through: what was typed before it is in it, what was typed since stays typed; so does everything where
 * the record was changed another way, by a version that came back or a merge. */
function turn(part) {
  part.epoch = part.data.epoch;
  const sent = part.sent ?? {};
  part.sent = null;
  part.typed = Object.fromEntries(Object.entries(part.typed).filter(([name, value]) => sent[name] !== value));
  part.keeper.keepOnly(part.typed, part.data.base);
  if (!Object.keys(part.typed).length) part.note.textContent = part.data.said || "";
}

export default function mount({ root, data, send }) {
  keys.bind();
  const part = state(root, () => build(root));
  const fresh = part.data?.id !== data.id;
  const answered = part.data?.stamp !== data.stamp;
  Object.assign(part, { data, send });
  selects(part);
  if (fresh) open(part);
  else if (part.epoch !== data.epoch) turn(part);
  else if (!Object.keys(part.typed).length) part.keeper.base = data.base;
  if (answered) free(part);  // only now: what was saved must not be sent once more
  fill(part);
  text(part);
  top(part);
  acts(part);
  if (answered) problems(part);
  part.off?.forEach((off) => off());
  part.off = [
    keys.on("submit", () => (data.can.publish ? act(part, "publish") : data.can.save && act(part, "save"))),
    keys.on("save", () => data.can.save && act(part, "save")),
    keys.on("close", () => {
      if (part.ask.children.length) redraw(part.ask);
      else {
        keys.wanted.set(null);
        part.send({ action: "close", id: data.id, at: Date.now() });
      }
    }),
  ];
  return () => {
    part.keeper.close();
    part.off.forEach((off) => off());
  };
}

