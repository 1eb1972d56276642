// What the reader chose, kept in the address: a link to the page is a link to this very view.
"use strict";
Kubmap.State = class {
  constructor(defaults) {
    this.defaults = defaults;
    this.listeners = [];
    this.values = { ...defaults };
    const query = new URLSearchParams(location.search);
    for (const name of Kubmap.State.NAMES) {
      if (query.has(name)) this.values[name] = query.get(name).slice(0, 400);
    }
    this.theme = query.get("theme");
  }

  get(name) {
    return this.values[name] || "";
  }

  /** Sets values; `quiet` ones change the address only and start no fetch. */
  set(changes, { quiet = false } = {}) {
    let changed = false;
    for (const [name, value] of Object.entries(changes)) {
      const text = value === null || value === undefined ? "" : String(value);
      if (this.get(name) === text) continue;
      this.values[name] = text;
      changed = true;
    }
    if (!changed) return;
    history.replaceState(null, "", this.address());
    if (!quiet) this.listeners.forEach((listener) => listener());
  }

  onChange(listener) {
    this.listeners.push(listener);
  }

  address(extra = {}) {
    const query = new URLSearchParams();
    for (const name of Kubmap.State.NAMES) {
      const value = name in extra ? extra[name] : this.get(name);
      // a default that was cleared stays in the address as an empty value, or a reload would bring it back
      if (value || (this.defaults[name] && !value)) {
        if (value !== this.defaults[name]) query.set(name, value);
      }
    }
    if (this.theme) query.set("theme", this.theme);
    const text = query.toString().replaceAll("%2C", ",");
    return text ? `${location.pathname}?${text}` : location.pathname;
  }

  /** The part of the query that /api/v1/view and the downloads understand. */
  filters() {
    const query = new URLSearchParams();
    for (const name of ["from", "to", "category", "zone", "municipality", "q"]) {
      if (this.get(name)) query.set(name, this.get(name));
    }
    return query;
  }
};
Kubmap.State.NAMES = ["lat", "lon", "z", "from", "to", "category", "zone", "municipality", "q", "id"];

/** The period a page opens on: all days of demonstration data, else the last 30 days of what there is and what is to come. */
Kubmap.period = ({ demo, firstDay, lastDay }, now) => {
  if (!lastDay) return {};
  if (demo === "true") return { from: firstDay, to: lastDay };
  const today = new Date(now.getTime() - now.getTimezoneOffset() * 60_000).toISOString().slice(0, 10);
  const newest = lastDay < today ? lastDay : today;
  const from = new Date(Date.parse(newest) - 30 * 86_400_000).toISOString().slice(0, 10);
  return { from: from > firstDay ? from : firstDay, to: lastDay };
};
