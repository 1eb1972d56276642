// The residents' pages are whole without this: it suggests places, finds the nearest, keeps the answer fresh, saves it.
"use strict";
(() => {
  document.documentElement.classList.add("scripted");
  const by = (id) => document.getElementById(id);
  const el = (name, attributes = {}, ...children) => {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  };
  const KEPT = "kubmap-outages-seen", MOST = 8, STALE_MS = 60_000, OLD_MS = 5 * 60_000;

  // ---- places

  const link = (place, more = "") => el("a", { href: encodeURIComponent(place.id) }, el("b", {}, place.name), el("span", {}, place.about + more));
  const list = (box, places) => {
    box.replaceChildren(...places.map(([place, more]) => el("li", {}, link(place, more))));
    box.hidden = !places.length;
  };

  class Suggestions {
    constructor(field) {
      this.field = field;
      this.box = by("options");
      this.note = by("q-note");
      this.active = -1;
      field.setAttribute("role", "combobox");
      field.setAttribute("aria-expanded", "false");
      field.setAttribute("aria-controls", "options");
      field.setAttribute("aria-autocomplete", "list");
      field.addEventListener("input", () => { clearTimeout(this.timer); this.timer = setTimeout(() => this.ask(), 160); });
      field.addEventListener("keydown", (event) => this.key(event));
      field.addEventListener("blur", () => setTimeout(() => this.close(), 150));
    }

    async ask() {
      this.running?.abort();
      const text = this.field.value.trim().slice(0, 100);
      if (text.length < 2 || document.activeElement !== this.field) return this.close();
      this.running = new AbortController();
      try {
        const answer = await fetch(`suggest.json?q=${encodeURIComponent(text)}`, { signal: this.running.signal });
        if (answer.ok) this.open((await answer.json()).places);
      } catch (error) {
        if (error.name !== "AbortError") this.close();
      }
    }

    open(places) {
      this.places = places;
      this.active = -1;
      this.box.replaceChildren(...places.map((place, at) => this.row(place, at)));
      this.box.hidden = !places.length;
      this.field.setAttribute("aria-expanded", String(places.length > 0));
      this.field.removeAttribute("aria-activedescendant");
      this.note.textContent = places.length ? `Найдено мест: ${places.length}. Стрелка вниз — выбрать.` : "Такого места не нашлось.";
    }

    row(place, at) {
      const row = el("li", { role: "option", id: `option-${at}`, "aria-selected": "false" }, el("b", {}, place.name), el("span", {}, place.about));
      row.addEventListener("pointerdown", (event) => event.preventDefault());
      row.addEventListener("click", () => this.go(place));
      return row;
    }

    key(event) {
      if (this.box.hidden) return;
      if (event.key === "Escape") {
        event.preventDefault();
        this.close();
      } else if (event.key === "Enter" && this.active >= 0) {
        event.preventDefault();
        this.go(this.places[this.active]);
      } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        this.mark(this.active + (event.key === "ArrowDown" ? 1 : -1));
      }
    }

    mark(at) {
      const rows = [...this.box.children];
      this.active = (at + rows.length) % rows.length;
      rows.forEach((row, n) => row.setAttribute("aria-selected", String(n === this.active)));
      this.field.setAttribute("aria-activedescendant", `option-${this.active}`);
      rows[this.active]?.scrollIntoView({ block: "nearest" });
    }

    close() {
      this.box.hidden = true;
      this.active = -1;
      this.field.setAttribute("aria-expanded", "false");
      this.field.removeAttribute("aria-activedescendant");
    }

    go(place) {
      location.href = encodeURIComponent(place.id);
    }
  }

  // The browser's position goes nowhere: the list of all places comes here, and the nearest are found here.
  const PROBLEMS = { 1: "Браузер не дал доступа к местоположению. Найдите место по названию.", 2: "Местоположение не определилось. Найдите место по названию.", 3: "Местоположение не определилось вовремя. Найдите место по названию." };
  const kilometres = (a, b, lat, lon) => Math.hypot((a - lat) * 111.2, (b - lon) * 111.2 * Math.cos((lat * Math.PI) / 180));
  const told = (km) => (km < 1 ? "меньше 1 км" : `${Math.round(km)} км`);

  async function nearest() {
    const note = by("near-note");
    note.textContent = "Определяем…";
    try {
      const position = await new Promise((found, failed) => navigator.geolocation.getCurrentPosition(found, failed, { timeout: 15_000, maximumAge: 600_000 }));
      const { latitude, longitude } = position.coords;
      const answer = await fetch("places.json");
      if (!answer.ok) throw new Error("places");
      const rows = (await answer.json()).map(([id, name, about, lat, lon]) => [{ id, name, about }, kilometres(lat, lon, latitude, longitude)]);
      const near = rows.sort((a, b) => a[1] - b[1]).slice(0, 5);
      if (near[0][1] > 60) {
        note.textContent = "Рядом нет мест Краснодарского края. Найдите место по названию.";
        return;
      }
      list(by("nearest"), near.map(([place, km]) => [place, ` · ${told(km)}`]));
      note.textContent = "Ближайшие места; расстояние до середины места.";
      by("nearest").querySelector("a").focus();
    } catch (error) {
      note.textContent = PROBLEMS[error.code] ?? "Список мест не загрузился. Найдите место по названию.";
    }
  }

  // ---- what was looked at: in this browser only

  const seen = () => {
    try {
      const kept = JSON.parse(localStorage.getItem(KEPT) ?? "[]");
      return Array.isArray(kept) ? kept.filter((each) => typeof each?.id === "string" && typeof each.name === "string" && typeof each.about === "string").slice(0, MOST) : [];
    } catch {
      return [];
    }
  };
  const keep = (places) => {
    try {
      if (places.length) localStorage.setItem(KEPT, JSON.stringify(places));
      else localStorage.removeItem(KEPT);
    } catch { /* a browser that keeps nothing: the list is a convenience */ }
  };
  function remember(place) {
    keep([place, ...seen().filter((each) => each.id !== place.id)].slice(0, MOST));
  }
  function showSeen() {
    const places = seen();
    list(by("saved-list"), places.map((place) => [place, ""]));
    by("saved").hidden = !places.length;
  }

  // ---- the answer stays fresh while the page is open

  const age = (iso) => Date.now() - Date.parse(iso);
  function ago(ms) {
    const minutes = Math.round(ms / 60_000);
    if (minutes < 1) return "меньше минуты назад";
    if (minutes < 60) return `${minutes} мин назад`;
    const hours = Math.floor(minutes / 60);
    return hours < 48 ? `${hours} ч ${minutes % 60} мин назад` : `${Math.floor(hours / 24)} дн. назад`;
  }

  function aged() {
    const at = by("at");
    if (!at || isOther()) return;
    const ms = age(at.dateTime);
    if (by("age")) by("age").textContent = ` (${ago(ms)})`;
    by("fresh").textContent = ms > 2 * STALE_MS ? `Это было ${ago(ms)}.` : "";
  }
  const isOther = () => new URLSearchParams(location.search).has("at");
  const isCopy = () => document.documentElement.classList.contains("copied");
  const copied = (is) => document.documentElement.classList.toggle("copied", is);

  let asking = false;
  async function refresh() {
    if (asking || isOther() || !by("at")) return;
    asking = true;
    try {
      const answer = await fetch(location.pathname + location.search, { headers: { Accept: "text/html" } });
      if (!answer.ok) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.querySelector("#answer");
      if (!fresh) return;
      const open = new Set([...document.querySelectorAll("#answer details[open]")].map((each) => each.closest("[id]")?.id));
      by("answer").replaceWith(document.adoptNode(fresh));
      for (const id of open) by(id)?.querySelectorAll(":scope > details").forEach((each) => { each.open = true; });
      copied(answer.headers.has("X-Kubmap-Copy"));
    } catch {
      copied(true);
    } finally {
      asking = false;
      buttons();
      aged();
    }
  }

  function watch() {
    const at = by("at");
    if (!at || document.visibilityState !== "visible") return;
    const changed = at.dataset.next && Date.parse(at.dataset.next) <= Date.now();
    if (changed || isCopy() || age(at.dateTime) > OLD_MS) refresh();
    else aged();
  }

  // ---- buttons

  async function share() {
    const address = by("at") ? location.origin + location.pathname : location.href;
    const said = { title: document.title, url: address };
    try {
      if (navigator.share) await navigator.share(said);
      else {
        await navigator.clipboard.writeText(address);
        by("share").textContent = "Ссылка скопирована";
      }
    } catch { /* the reader closed the dialog */ }
  }
  function buttons() {
    by("print")?.addEventListener("click", () => window.print());
    by("share")?.addEventListener("click", share);
  }

  const field = by("q");
  if (field) new Suggestions(field);
  by("near")?.addEventListener("click", nearest);
  if (!("geolocation" in navigator) || !window.isSecureContext) by("near")?.closest("p").remove();
  by("forget")?.addEventListener("click", () => { keep([]); showSeen(); navigator.serviceWorker?.controller?.postMessage("forget"); });
  const here = document.querySelector("h1[data-id]");
  if (here && by("at")) remember({ id: here.dataset.id, name: here.textContent, about: here.dataset.about });
  if (by("saved")) showSeen();
  buttons();
  aged();
  document.addEventListener("visibilitychange", () => { if (by("at") && document.visibilityState === "visible" && age(by("at").dateTime) > STALE_MS) refresh(); });
  window.addEventListener("pageshow", (event) => { if (event.persisted) refresh(); });
  window.addEventListener("online", () => { refresh(); setTimeout(() => { if (isCopy()) refresh(); }, 3_000); }); // a network needs a moment
  setInterval(watch, 20_000);

  // The first page came before the worker: it is asked to keep that one too.
  async function offline() {
    await navigator.serviceWorker.register("sw.js", { scope: "./" });
    const ready = await navigator.serviceWorker.ready;
    document.documentElement.dataset.worker = "ready";
    if (!by("at") || isOther()) return;
    const files = [...document.querySelectorAll("link[rel=stylesheet], link[rel=icon], script[src]")].map((each) => each.href || each.src);
    ready.active.postMessage({ keep: location.pathname, files });
  }
  if ("serviceWorker" in navigator && window.isSecureContext) {
    navigator.serviceWorker.addEventListener("message", (event) => { if (event.data === "kept") document.documentElement.dataset.kept = ""; });
    offline().catch(() => { /* without a worker the page works, but not offline */ });
  }
})();
