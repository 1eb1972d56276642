// Keeps what is typed: at once in this browser, within two seconds on the server. The browser's copy goes only when the
// server has acknowledged exactly that text.
"use strict";

const QUIET_MS = 700;
const LATEST_MS = 1800;
const AGAIN_MS = 2000;
const BEAT_MS = 15000;
const KEEPALIVE_BYTES = 60000;

const stored = (name) => {
  try {
    return JSON.parse(localStorage.getItem(name)) || null;
  } catch {
    return null;
  }
};

export class Keeper {
  /**
   * `id`: an incident's id or "paste"; `user`: whose text it is; `tell(state)`: {kind, at, words, others} on every change of state.
   * `address`: where to POST it; `touch`: where to say that the record is open here (none for the paste box).
   */
  constructor({ id, user, base, address, touch, tell }) {
    Object.assign(this, { id, user, base, address, touch, tell });
    this.name = `kubmap.desk.${user}.${id}`;
    this.changes = {};
    this.stamp = 0;
    this.timer = 0;
    this.since = 0;
    this.sending = null;
    this.closed = false;
    this.onHide = () => {
      if (document.visibilityState === "hidden") this.flush();
    };
    this.onOnline = () => this.send();
    document.addEventListener("visibilitychange", this.onHide);
    window.addEventListener("pagehide", this.onHide);
    window.addEventListener("online", this.onOnline);
    this.beat = touch ? setInterval(() => this.present(), BEAT_MS) : 0;
    this.present();
  }

  /** What an earlier page left here unacknowledged: {changes, base} or null. */
  leftover() {
    const found = stored(this.name);
    return found && found.changes && Object.keys(found.changes).length ? found : null;
  }

  /** Something was typed. */
  note(changes) {
    Object.assign(this.changes, changes);
    this.stamp += 1;
    this.hold();
    this.tell({ kind: "typing" });
    const now = Date.now();
    if (!this.since) this.since = now;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.send(), Math.max(0, Math.min(QUIET_MS, this.since + LATEST_MS - now)));
  }

  get pending() {
    return Object.keys(this.changes).length > 0;
  }

  hold() {
    try {
      if (this.pending) localStorage.setItem(this.name, JSON.stringify({ changes: this.changes, base: this.base }));
      else localStorage.removeItem(this.name);
    } catch {
      this.tell({ kind: "full", words: "в браузере нет места: текст хранится только на этой странице" });
    }
  }

  /** A save went through: only `changes` are still to be kept, over the version `base`. */
  keepOnly(changes, base) {
    this.drop();
    this.base = base;
    if (Object.keys(changes).length) this.note(changes);
  }

  /** No sending while a save is under way: it must not come after what it belongs to. */
  hush(on) {
    this.hushed = on;
    if (!on && this.pending) this.send();
  }

  /** Forget what is not sent: it was saved another way, or thrown away. */
  drop() {
    clearTimeout(this.timer);
    this.changes = {};
    this.since = 0;
    this.hold();
  }

  /** Says that the record is open here and hears who else has it open. */
  async present() {
    if (!this.touch || this.closed || document.visibilityState === "hidden") return;
        const answer = await this.ask(this.touch, "{}", false).catch(() => null);
        if (answer && !this.closed) this.tell({ kind: "here", others: answer.others.map((each) => each.name) });
  }

  async send() {
    if (this.closed || this.hushed || this.sending || !this.pending) return;
    clearTimeout(this.timer);
    this.since = 0;
    const sent = { ...this.changes };
    const stamp = this.stamp;
    this.sending = this.post(sent, false);
    try {
      const answer = await this.sending;
      for (const [name, value] of Object.entries(sent)) if (this.changes[name] === value) delete this.changes[name];
      this.hold();
      this.tell({ kind: "saved", at: answer.saved_at, others: answer.others || [] });
    } catch (problem) {
      if (!this.closed) this.tell({ kind: problem.kind || "offline", words: problem.message });
      if (this.pending) this.timer = setTimeout(() => this.send(), AGAIN_MS);
    } finally {
      this.sending = null;
    }
    if (this.pending && this.stamp !== stamp) this.timer = setTimeout(() => this.send(), QUIET_MS);
  }

  post(changes, last) {
    return this.ask(this.address, JSON.stringify({ id: this.id, base_version: this.base, changes }), last);
  }

  async ask(address, body, last) {
    const answer = await fetch(address, {
      method: "POST",
      credentials: "same-origin",
      keepalive: last && body.length < KEEPALIVE_BYTES,
      headers: { "Content-Type": "application/json", "X-Kubmap": "1" },
      body,
    });
    const said = await answer.json().catch(() => ({}));
    if (answer.ok) return said;
    const problem = new Error(said.detail || `ошибка ${answer.status}`);
    problem.kind = answer.status === 401 || answer.status === 403 ? "login" : answer.status < 500 ? "refused" : "offline";
    throw problem;
  }

  /** The last words on the way out: sent without waiting, kept here until a later page hears that they arrived. */
  flush() {
    if (this.pending) this.post({ ...this.changes }, true).catch(() => {});
  }

  close() {
    this.flush();
    this.closed = true;
    clearTimeout(this.timer);
    clearInterval(this.beat);
    document.removeEventListener("visibilitychange", this.onHide);
    window.removeEventListener("pagehide", this.onHide);
    window.removeEventListener("online", this.onOnline);
  }
}

/** What the page says of it. */
export function words(state) {
  switch (state.kind) {
    case "typing": return "сохраняется…";
    case "saved": return `сохранено ${new Date(state.at || Date.now()).toLocaleTimeString("ru-RU", { hour12: false })}`;
    case "login": return "вход закончился: войдите снова, текст хранится в этом браузере";
    case "refused": return `не сохранено: ${state.words}. Текст хранится в этом браузере`;
    case "offline": return "нет связи, текст хранится в этом браузере";
    case "full": return state.words;
    default: return "";
  }
}
