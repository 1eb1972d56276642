// Above the desk: what was done last and how to take it back, the keys.
"use strict";
import { button, el, redraw, stage, state } from "./dom.js";
import * as keys from "./keys.js";

function build(root) {
  const box = stage(root, "bar");
  const part = { box };
  part.who = el("div", { class: "who" });
  part.said = el("div", { class: "toast", role: "status", "aria-live": "polite" });
  part.help = el("dialog", { "data-desk": true, "aria-labelledby": "desk-keys-title" },
    el("h2", { id: "desk-keys-title" }, "Клавиши"),
    el("dl", { class: "keys" }, keys.list().flatMap(([key, words]) => [el("dt", {}, el("kbd", {}, key)), el("dd", {}, words)])),
    el("p", { class: "note" }, "Буквы действуют вне полей ввода, в любой раскладке."),
    button("Закрыть", () => part.help.close(), { class: "primary" }));
  redraw(box, part.who, part.said, part.help);
  return part;
}

/** While the keys are shown, Esc is theirs. */
function open(part) {
  const release = keys.on("close", () => part.help.close());
  part.help.addEventListener("close", release, { once: true });
  part.help.showModal();
}

function show(part) {
  const { data } = part;
  redraw(part.who, button("Клавиши ?", () => open(part), { class: "quiet small" }));
  const { toast } = data;
  part.said.hidden = !toast;
  redraw(part.said, toast && el("span", { class: toast.problem ? "problem" : "" }, toast.words),
    toast?.details?.length > 0 && el("ul", {}, toast.details.map((each) => el("li", {}, each))),
    toast?.undo && button("Вернуть", () => part.send({ action: "undo", token: toast.undo, at: Date.now() }), { class: "small", "data-focus": "undo" }),
    toast && button("×", () => part.send({ action: "hush", at: Date.now() }), { class: "quiet small", "aria-label": "Скрыть сообщение" }));
}

export default function mount({ root, data, send }) {
  keys.bind();
  const part = state(root, () => build(root));
  Object.assign(part, { data, send });
  show(part);
  part.off?.();
  part.off = keys.on("help", () => (part.help.open ? part.help.close() : open(part)));
  return () => part.off();
}
