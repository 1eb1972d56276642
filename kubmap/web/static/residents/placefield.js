// The field «Ваш населённый пункт»: options follow the letters, «моё местоположение» asks the browser once, when pressed.
// Everything that people or records wrote goes to the page through textContent only.
const fields = new WeakMap();
const RECENT = "kubmap-places";
const KEPT = 5;
const WAIT_MS = 140;
const FAR_KM = 40;
const NEAREST = 5;
const FAULTS = {
  1: "Браузер не дал местоположение: доступ запрещён. Введите название выше.",
  2: "Браузер не смог определить место. Введите название выше.",
  3: "Определить место за 15 секунд не получилось. Введите название выше.",
};

const INSECURE = "Браузер сообщает местоположение только странице по https. Введите название выше.";

function element(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined) node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
}

/** The places chosen last in this browser; it alone keeps them. */
function recent() {
  try {
    const kept = JSON.parse(localStorage.getItem(RECENT));
    return Array.isArray(kept) ? kept.filter((each) => each && typeof each.id === "string" && typeof each.name === "string") : [];
  } catch {
    return [];
  }
}

function remember(place) {
  try {
    const others = recent().filter((each) => each.id !== place.id);
    localStorage.setItem(RECENT, JSON.stringify([{ id: place.id, name: place.name, about: place.about }, ...others].slice(0, KEPT)));
  } catch { /* a browser that keeps nothing */ }
}

class Field {
  constructor(root) {
    const find = (name) => root.querySelector(`.${name}`);
    this.form = root.querySelector(".pf");
    this.input = find("pf-input");
    this.list = find("pf-options");
    this.note = find("pf-note");
    this.locate = find("pf-locate");
    this.clear = find("pf-clear");
    this.chips = find("pf-chips");
    this.places = [];
    this.active = -1;
    this.input.addEventListener("input", () => this.typed());
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.input.addEventListener("focus", () => this.input.select());
    this.input.addEventListener("blur", () => setTimeout(() => this.left(), 150));
    this.clear.addEventListener("click", () => this.empty());
    this.locate.addEventListener("click", () => this.whereAmI());
  }

  /** What Python says: the chosen place {id, name, about}, what is to be said below, what stands before our paths. */
  take({ data, setTriggerValue }) {
    const { place, note, root } = data;
    this.send = setTriggerValue;
    this.root = root;
    if (this.told === (place?.id ?? "")) return;
    this.told = place?.id ?? "";
    this.place = place;
    if (place) remember(place);
    this.form.classList.toggle("pf-short", Boolean(place));
    this.rest();
    this.say(note || "");
    this.offer(recent().filter((each) => each.id !== place?.id), "Недавно:");
  }

  rest() {
    this.close();
    this.input.value = this.place ? this.place.name : "";
    this.clear.hidden = !this.place;
  }

  left() {
    this.close();
    if (!this.input.value.trim() && this.place) this.input.value = this.place.name;
    this.clear.hidden = !this.input.value;
  }

  offer(places, title) {
    const chips = places.map((place) => {
      const away = place.away ? [" ", element("span", { class: "pf-about" }, place.away)] : [];
      const chip = element("button", { type: "button", class: "pf-chip", title: place.about }, place.name, ...away);
      chip.addEventListener("click", () => this.choose(place));
      return chip;
    });
    this.chips.replaceChildren(...(chips.length ? [element("span", { class: "pf-chips-title" }, title), ...chips] : []));
  }

  typed() {
    this.clear.hidden = !this.input.value;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), WAIT_MS);
  }

  async ask() {
    this.running?.abort();
    const text = this.input.value.trim().slice(0, 100);
    if (!text) return this.close();
    const running = this.running = new AbortController();
    try {
      const answer = await fetch(`${this.root}/outages/suggest.json?${new URLSearchParams({ q: text })}`, { signal: running.signal });
      const body = await answer.json();
      if (!answer.ok) throw new Error(body.detail);
      if (this.running === running) this.open(body.places);
    } catch (error) {
      if (error.name !== "AbortError") this.fail();
    }
    return undefined;
  }

  fail() {
    this.close();
    this.say("Список мест сейчас не отвечает. Проверьте связь и попробуйте ещё раз.");
  }

  open(places) {
    this.places = places;
    this.active = -1;
    this.list.replaceChildren(...places.map((place, at) => this.row(place, at)));
    this.list.hidden = !places.length;
    this.input.setAttribute("aria-expanded", String(places.length > 0));
    this.input.removeAttribute("aria-activedescendant");
    this.say(places.length ? "" : "В крае такого места не нашлось. Проверьте название.");
    if (places.length) this.mark(0);
  }

  row(place, at) {
    const row = element("li", { role: "option", id: `pf-option-${at}`, class: "pf-option", "aria-selected": "false" },
      element("span", { class: "pf-name" }, place.name), " ", element("span", { class: "pf-about" }, place.about));
    row.addEventListener("pointerdown", (event) => event.preventDefault());
    row.addEventListener("click", () => this.choose(place));
    return row;
  }

  key(event) {
    const open = !this.list.hidden;
    if (event.key === "Escape") {
      if (open) this.close();
      else this.rest();
    } else if (event.key === "Enter") {
      if (open && this.active >= 0) this.choose(this.places[this.active]);
      else this.first();
    } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && open) {
      const count = this.places.length;
      this.mark((this.active + (event.key === "ArrowDown" ? 1 : -1) + count) % count);
    } else {
      return;
    }
    event.preventDefault();
  }

  /** Enter before the list came: wait for it; with one place left it is chosen. */
  async first() {
    clearTimeout(this.timer);
    await this.ask();
    if (this.places.length === 1 && !this.list.hidden) this.choose(this.places[0]);
  }

  mark(at) {
    this.active = at;
    [...this.list.children].forEach((row, number) => row.setAttribute("aria-selected", String(number === at)));
    const row = this.list.children[at];
    this.input.setAttribute("aria-activedescendant", row.id);
    if (!this.list.hidden) this.list.scrollTop = Math.max(0, row.offsetTop + row.offsetHeight - this.list.clientHeight);
  }

  close() {
    this.running?.abort();
    clearTimeout(this.timer);
    this.list.hidden = true;
    this.active = -1;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }

  choose(place) {
    this.close();
    this.input.value = place.name;
    this.input.blur(); // a phone's keyboard would hide the answer
    this.send("place", place.id);
  }

  empty() {
    this.close();
    this.input.value = "";
    this.clear.hidden = true;
    if (this.place) this.send("place", "");
    this.input.focus();
  }

  say(text) {
    this.note.textContent = text;
  }

  /** Only here is the position asked for; the nearest places are found here too, so that it goes nowhere. */
  async whereAmI() {
    if (!navigator.geolocation) return this.say(FAULTS[2]);
    if (!window.isSecureContext) return this.say(INSECURE);
    this.locate.setAttribute("aria-busy", "true");
    this.say("Ждём ответа браузера…");
    try {
      const [{ coords }, places] = await Promise.all([position(), everywhere(this.root)]);
      const near = nearest(places, coords.latitude, coords.longitude);
      if (near.length) {
        this.say("Выберите своё место:");
        this.offer(near, "Рядом:");
        this.chips.querySelector("button").focus();
      } else {
        this.say("Рядом нет населённых пунктов Краснодарского края. Введите название выше.");
      }
    } catch (fault) {
      this.say(FAULTS[fault.code] || "Список мест сейчас не отвечает. Введите название выше.");
    }
    return this.locate.removeAttribute("aria-busy");
  }
}

const position = () => new Promise((done, failed) => {
  navigator.geolocation.getCurrentPosition(done, failed, { timeout: 15000, maximumAge: 60000 });
});

/** All places with coordinates: [id, name, about, latitude, longitude]; the browser keeps the list for a day. */
async function everywhere(root) {
  const answer = await fetch(`${root}/outages/places.json`);
  if (!answer.ok) throw new Error(`${answer.status}`);
  return answer.json();
}

function nearest(places, latitude, longitude) {
  const squeeze = Math.cos(latitude * Math.PI / 180);
  return places
    .map(([id, name, about, lat, lon]) => ({ id, name, about, km: Math.hypot((lat - latitude), (lon - longitude) * squeeze) * 111.2 }))
    .filter((place) => place.km <= FAR_KM)
    .sort((one, two) => one.km - two.km)
    .slice(0, NEAREST)
    .map((place) => ({ ...place, away: place.km < 1 ? `${Math.round(place.km * 10) * 100} м` : `${place.km.toFixed(place.km < 10 ? 1 : 0).replace(".", ",")} км` }));
}

export default function placefield(component) {
  const root = component.parentElement;
  const form = root.querySelector(".pf");
  let field = fields.get(form);
  if (!field) {
    field = new Field(root);
    fields.set(form, field);
  }
  field.take(component);
}
