// The paste box: a teaser or a page of them. What is typed is kept; Ctrl+Enter reads it.
"use strict";
import { button, clock, el, field, redraw, stage, state } from "./dom.js";
import { Keeper, words } from "./keeper.js";
import * as keys from "./keys.js";

const LINES = 14;

function build(root, data) {
  const box = stage(root, "paste");
  const text = el("textarea", {
    id: "desk-paste", rows: 2, placeholder: data.example, "aria-label": "Текст сообщения", spellcheck: "true", maxlength: data.limit,
    "aria-describedby": "paste-note",
  });
  const source = el("input", { type: "text", maxlength: 300, placeholder: "Кубань Информ" });
  const link = el("input", { type: "url", maxlength: 2000, placeholder: "https://…" });
  const day = el("input", { type: "text", maxlength: 16, placeholder: "дд.мм.гггг", inputmode: "numeric" });
  const note = el("span", { id: "paste-note", class: "note", role: "status" });
  const said = el("div", { class: "said", role: "alert" });
  const part = { box, text, source, link, day, note, said, keeper: null, send: null, waiting: null };
  const read = () => submit(part);
  const go = button("Прочитать", read, { class: "primary", title: "Ctrl+Enter" });
  go.append(el("kbd", {}, "Ctrl+Enter"));
  part.go = go;
  const more = el("details", { class: "more" }, el("summary", {}, "Источник, ссылка и день публикации"),
    el("div", { class: "row" }, field("Источник", source), field("Ссылка", link), field("День публикации", day)));
  redraw(box, text, el("div", { class: "bar" }, go, note, more), said);
  const typed = () => {
    grow(text);
    part.keeper?.note({ text: text.value, source: source.value, link: link.value, day: day.value });
  };
  for (const control of [text, source, link, day]) control.addEventListener("input", typed);
  keys.within(box, "submit", read);  // never the open record, which stands by in any order
  text.addEventListener("focus", () => box.classList.add("active"));
  text.addEventListener("blur", () => box.classList.remove("active"));
  return part;
}

function grow(text) {
  const lines = text.value.split("\n").reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / 110)), 0);
  text.rows = Math.min(LINES, Math.max(2, lines));
}

function submit(part) {
  if (!part.text.value.trim()) {
    part.text.focus();
    part.note.textContent = "вставьте текст сообщения";
    return;
  }
  if (part.go.disabled) return;
  part.go.disabled = true;
  part.note.textContent = "читаю…";
  part.waiting = part.text.value;
  clearTimeout(part.patience);
  part.patience = setTimeout(() => {
    part.go.disabled = false;
    part.keeper.hush(false);
    part.note.textContent = "сервер не ответил: нажмите ещё раз, текст сохранён";
  }, 20000);
  deliver(part);
}

/** What is being kept must not arrive after the reading that empties the box. */
async function deliver(part) {
  part.keeper.hush(true);
  await part.keeper.sending?.catch(() => {});
  part.send({
    action: "read", text: part.text.value, source: part.source.value, link: part.link.value, day: part.day.value,
    at: Date.now(),
  });
}

function fill(part, kept) {
  part.text.value = kept.text || "";
  part.source.value = kept.source || "";
  part.link.value = kept.link || "";
  part.day.value = kept.day || "";
  if (kept.source || kept.link || kept.day) part.box.querySelector("details").open = true;
  grow(part.text);
}

/** The server has read the box: empty it, unless something else has been typed since. */
function settle(part, data) {
  clearTimeout(part.patience);
  part.go.disabled = false;
  if (part.waiting !== null) part.note.textContent = "";
  if (data.taken && part.text.value === part.waiting) {
    part.keeper.drop();
    fill(part, {});
    part.text.blur();
  }
  part.waiting = null;
  part.keeper.hush(false);
}

function tell(part, data) {
  redraw(part.said,
    data.problem && el("p", { class: "problem" }, data.problem),
    data.report && el("p", { class: "report" }, data.report),
    data.left?.length && el("details", { class: "left" },
      el("summary", {}, data.left_words),
      el("ul", {}, data.left.map(({ text, why, line }) => el("li", {}, el("q", {}, text), ` — ${why} (строка ${line})`)))));
}

export default function mount({ root, data, send }) {
  keys.bind();
  const part = state(root, () => build(root, data));
  part.send = send;
  if (!part.keeper) {
    part.keeper = new Keeper({
      id: "paste", user: data.user, base: null, address: data.autosave,
      tell: (now) => {
        part.note.textContent = words(now);
        part.note.dataset.kind = now.kind;
      },
    });
    const left = part.keeper.leftover();
    const kept = { ...data.kept, ...left?.changes };
    fill(part, kept);
    if (left) part.keeper.note(left.changes);
    else if (kept.text) part.note.textContent = data.kept_at ? `сохранено ${clock(data.kept_at)}` : "";
  }
  if (data.stamp !== part.stamp) {
    part.stamp = data.stamp;
    settle(part, data);
    tell(part, data);
  }
  part.unpaste?.();
  part.unpaste = keys.on("paste", () => part.text.focus());
  return () => part.keeper.close();
}
