// What the reader chose, kept in the address: a link to the page is a link to this very view.
"use strict";
Kubmap.State = class {
  constructor(defaults) {
    this.defaults = defaults;
    this.listeners = [];
    this.values = {};
    this.read();
    this.theme = new URLSearchParams(location.search).get("theme");
    window.addEventListener("popstate", () => {
      this.read();
      this.listeners.forEach((listener) => listener({ back: true }));
    });
  }

  /** Takes the values of the page's address; what makes no sense there counts as not given. */
  read() {
    const query = new URLSearchParams(location.search);
    this.values = { ...this.defaults };
    for (const name of Kubmap.State.NAMES) {
      if (query.has(name)) this.values[name] = this.sane(name, query.get(name).trim());
    }
    const { from, to } = this.values;
    if (from && to && from > to) Object.assign(this.values, { from: to, to: from });
  }

  sane(name, value) {
    if ((name === "from" || name === "to") && value && !Kubmap.dates.isDay(value)) return this.defaults[name] || "";
    return value.slice(0, name === "q" ? 100 : 400);
  }

  get(name) {
    return this.values[name] || "";
  }

  /** Sets values. `quiet` ones change the address only; `step` makes a step that the Back button undoes. */
  set(changes, { quiet = false, step = false } = {}) {
    let changed = false;
    for (const [name, value] of Object.entries(changes)) {
      const text = value === null || value === undefined ? "" : String(value);
      if (this.get(name) === text) continue;
      this.values[name] = text;
      changed = true;
    }
    if (!changed) return;
    if (step) history.pushState(null, "", this.address());
    else history.replaceState(null, "", this.address());
    if (!quiet) this.listeners.forEach((listener) => listener({ back: false }));
  }

  onChange(listener) {
    this.listeners.push(listener);
  }

  /** The address of this state; `whole` writes the defaults out too, for a link that means the same tomorrow. */
  address(extra = {}, { whole = false } = {}) {
    const query = new URLSearchParams();
    for (const name of Kubmap.State.NAMES) {
      const value = name in extra ? extra[name] : this.get(name);
      // a default that was cleared stays in the address as an empty value, or a reload would bring it back
      if (value ? whole || value !== this.defaults[name] : this.defaults[name]) query.set(name, value);
    }
    if (this.theme) query.set("theme", this.theme);
    const text = query.toString().replaceAll("%2C", ",");
    return text ? `${location.pathname}?${text}` : location.pathname;
  }

  /** The part of the query that /api/v1/view and the downloads understand; without the names in `but`. */
  filters(...but) {
    const query = new URLSearchParams();
    for (const name of Kubmap.State.FILTERS) {
      if (this.get(name) && !but.includes(name)) query.set(name, this.get(name));
    }
    return query;
  }
};
Kubmap.State.FILTERS = ["from", "to", "category", "zone", "municipality", "q"];
Kubmap.State.NAMES = ["lat", "lon", "z", ...Kubmap.State.FILTERS, "by", "id"];
Kubmap.State.ALL = Object.fromEntries(Kubmap.State.FILTERS.map((name) => [name, ""]));
