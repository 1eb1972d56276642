// One field for places and words: a place moves the map there, words choose the records that have them.
"use strict";
Kubmap.Search = class {
  constructor(state, source, onPlace) {
    this.state = state;
    this.source = source;
    this.onPlace = onPlace;
    this.field = document.getElementById("search");
    this.box = document.getElementById("search-options");
    this.note = document.getElementById("search-note");
    this.options = [];
    this.active = -1;
    const ask = Kubmap.debounce((typed) => typed === this.typed && this.ask(), 180);
    this.field.addEventListener("input", () => {
      this.typed = (this.typed || 0) + 1;
      if (!this.field.value.trim()) this.words("");
      ask(this.typed);
    });
    this.field.addEventListener("keydown", (event) => this.key(event));
    this.field.addEventListener("blur", () => setTimeout(() => this.close(), 150));
    this.fill();
  }

  fill() {
    this.field.value = this.state.get("q");
    this.close();
  }

  async ask() {
    this.running?.abort();
    const text = this.field.value.trim().slice(0, 100);
    if (text.length < 2 || document.activeElement !== this.field) return this.close();
    this.running = new AbortController();
    try {
      const places = await this.source.places(text, this.running.signal);
      this.open([{ text, act: () => this.words(text) }, ...places.map((place) => ({ place, act: () => this.go(place) }))]);
    } catch (error) {
      if (error.name !== "AbortError") this.close();
    }
    return undefined;
  }

  open(options) {
    this.options = options;
    this.active = -1;
    this.box.replaceChildren(...options.map((option, at) => this.row(option, at)));
    this.box.hidden = false;
    this.field.setAttribute("aria-expanded", "true");
    this.field.removeAttribute("aria-activedescendant");
    const places = options.length - 1;
    this.note.textContent = places ? `Найдено мест: ${places}. Стрелка вниз — выбрать.` : "Мест с таким названием нет. Ввод — искать слова.";
  }

  row({ text, place, act }, at) {
    const { el } = Kubmap;
    const about = place ? [place.type, place.municipality].filter(Boolean).join(", ") : "искать слова в событиях";
    const row = el("li", { role: "option", id: `search-option-${at}`, "aria-selected": "false", class: place ? "option" : "option option-words" },
      el("span", { class: "option-name" }, place ? place.name : `«${text}»`), el("span", { class: "option-about" }, about));
    row.addEventListener("pointerdown", (event) => event.preventDefault());
    row.addEventListener("click", act);
    return row;
  }

  key(event) {
    const open = !this.box.hidden;
    if (event.key === "Escape" && open) {
      event.preventDefault();
      this.close();
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (open && this.active >= 0) this.options[this.active].act();
      else this.words(this.field.value.trim().slice(0, 100));
    } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && open) {
      event.preventDefault();
      this.step(event.key === "ArrowDown" ? 1 : -1);
    }
  }

  step(by) {
    const count = this.options.length;
    this.active = (this.active + by + count + (this.active < 0 && by < 0 ? 1 : 0)) % count;
    [...this.box.children].forEach((row, at) => row.setAttribute("aria-selected", String(at === this.active)));
    const row = this.box.children[this.active];
    this.field.setAttribute("aria-activedescendant", row.id);
    row.scrollIntoView({ block: "nearest" });
  }

  words(text) {
    this.typed = null; // nothing is suggested any more to what was typed until now
    this.close();
    this.state.set({ q: text }, { step: true });
  }

  go(place) {
    this.close();
    this.field.value = this.state.get("q");
    this.onPlace(place);
  }

  close() {
    this.running?.abort();
    this.box.hidden = true;
    this.active = -1;
    this.field.setAttribute("aria-expanded", "false");
    this.field.removeAttribute("aria-activedescendant");
  }
};

/** A ring around a place that the reader asked for; it goes with the next one. */
Kubmap.Place = class {
  constructor(map) {
    this.map = map;
  }

  show({ name, lat, lon }) {
    this.marker?.remove();
    const node = Kubmap.el("span", { class: "place" }, Kubmap.el("span", { class: "place-name" }, name));
    this.marker = L.marker([lat, lon], {
      icon: L.divIcon({ html: node, className: "place-spot", iconSize: [0, 0] }), interactive: false, keyboard: false, zIndexOffset: -500,
    }).addTo(this.map);
    const zoom = Math.max(this.map.getZoom(), 11);
    if (Kubmap.stillness()) this.map.setView([lat, lon], zoom, { animate: false });
    else this.map.flyTo([lat, lon], zoom, { duration: 0.8 });
  }
};
