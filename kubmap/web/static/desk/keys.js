// The keys of the desk, in one place: parts say what they do on «next», «submit» and so on; the last one that says wins.
"use strict";

const KEYS = [
  ["Ctrl+Enter", "прочитать вставленное; опубликовать открытое"],
  ["Ctrl+S", "сохранить правку, не публикуя"],
  ["↓ или J", "следующая запись очереди"],
  ["↑ или K", "предыдущая запись очереди"],
  ["X", "отметить запись для действий списком"],
  ["Esc", "закрыть запись, выйти из поля"],
  ["/", "поиск в очереди"],
  ["V", "к полю вставки"],
  ["?", "эта подсказка"],
];

const desk = (window.kubmapDesk ??= { actions: {}, bound: false });

/** Says what `action` does from now on; the function that comes back takes it away again. */
export function on(action, run) {
  const runs = (desk.actions[action] ??= []);
  runs.push(run);
  return () => {
    const at = runs.indexOf(run);
    if (at >= 0) runs.splice(at, 1);
  };
}

/** Says what `action` does while the focus is inside `node`: there it goes before whatever the other parts do. */
export function within(node, action, run) {
  node.addEventListener("keydown", (event) => {
    if (actionOf(event) !== action) return;
    event.preventDefault();
    run(event);
  });
}

/** Asks the newest part that knows the action; one that returns false passes it on. */
export const run = (action, event) => [...(desk.actions[action] ?? [])].reverse().some((each) => each(event) !== false);

/** The record that was asked for and is not shown yet: until it is, nothing may be done to the one that still is. */
export const wanted = {
  get: () => desk.wanted ?? null,
  set: (id) => {
    desk.wanted = id;
  },
};

function inText(event) {
  const [target] = event.composedPath();
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) return !["checkbox", "radio", "button", "range"].includes(target.type);
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement || target.isContentEditable;
}

/** The action of a key press; the names of keys by place, so that a Russian layout does the same. */
function actionOf(event) {
  if ((event.ctrlKey || event.metaKey) && !event.altKey) {
    if (event.key === "Enter") return "submit";
    if (event.code === "KeyS") return "save";
    return null;
  }
  if (event.altKey) return null;
  if (event.key === "Escape") return "close";
  if (inText(event)) return null;
  if (event.key === "?" || (event.shiftKey && event.code === "Slash") || (event.shiftKey && event.code === "Digit7")) return "help";
  if (event.shiftKey) return null;
  return {
    ArrowDown: "next", KeyJ: "next", ArrowUp: "previous", KeyK: "previous", KeyX: "mark", Slash: "search", KeyV: "paste",
  }[event.code] || null;
}

function onKey(event) {
  if (event.defaultPrevented || document.querySelector("dialog[open]:not([data-desk])")) return;
  const action = actionOf(event);
  if (!action) return;
  if (action === "close" && inText(event)) {
    event.composedPath()[0].blur();
    event.preventDefault();
    return;
  }
  if (run(action, event)) event.preventDefault();
}

export function bind() {
  if (desk.bound) return;
  desk.bound = true;
  document.addEventListener("keydown", onKey);
  // the map is a frame of this page: it hands over the presses that are the desk's
  window.addEventListener("message", (event) => {
    if (event.origin !== location.origin || event.data?.type !== "kubmap-desk-key") return;
    run(event.data.action);
  });
}

export const list = () => KEYS;
