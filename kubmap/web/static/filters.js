// The filters of the panel: categories, zone, and the period as people here write days.
"use strict";
Kubmap.Filters = class {
  constructor(state) {
    this.state = state;
    this.form = document.getElementById("filters");
    this.boxes = [...document.querySelectorAll("#categories .chip")];
    this.problem = document.getElementById("period-problem");
    this.form.addEventListener("submit", (event) => event.preventDefault());
    this.form.elements.where.addEventListener("change", ({ target }) => {
      const [kind, id] = target.value.split(":");
      state.set({ zone: "", municipality: "", ...(kind ? { [kind]: id } : {}) }, { step: true });
    });
    for (const name of ["from", "to"]) {
      const field = this.form.elements[name];
      field.addEventListener("change", () => this.readPeriod());
      field.addEventListener("keydown", (event) => {
        if (event.key === "Enter") this.readPeriod();
      });
    }
    for (const box of this.boxes) box.addEventListener("click", () => this.toggle(box));
    this.fill();
  }

  /** Takes both days when both make sense; else says which does not and leaves the map as it is. */
  readPeriod() {
    const days = {};
    for (const name of ["from", "to"]) {
      const field = this.form.elements[name];
      const text = field.value.trim();
      days[name] = text ? Kubmap.dates.read(text) : "";
      field.setAttribute("aria-invalid", String(days[name] === null));
    }
    let words = "";
    if (days.from === null || days.to === null) words = "Нужна дата вида 22.11.2021";
    else if (days.from && days.to && days.from > days.to) words = "Начало позже конца";
    this.problem.textContent = words;
    this.problem.hidden = !words;
    if (words) return;
    this.state.set(days, { step: true });
    this.fill();
  }

  chosen() {
    return new Set(this.state.get("category").split(",").filter(Boolean));
  }

  toggle(box) {
    const chosen = this.chosen();
    if (!chosen.delete(box.dataset.category)) chosen.add(box.dataset.category);
    this.state.set({ category: [...chosen].sort().join(",") }, { step: true });
    this.fill();
  }

  fill() {
    for (const name of ["from", "to"]) {
      const field = this.form.elements[name];
      if (document.activeElement !== field || Kubmap.dates.read(field.value) !== this.state.get(name)) {
        field.value = Kubmap.dates.numeric(this.state.get(name));
      }
      field.removeAttribute("aria-invalid");
    }
    this.problem.hidden = true;
    this.form.elements.where.value = Kubmap.whereOption(this.state)?.value || "";
    const chosen = this.chosen();
    for (const box of this.boxes) box.setAttribute("aria-pressed", String(chosen.has(box.dataset.category)));
    document.getElementById("categories").classList.toggle("some", chosen.size > 0);
  }

  /** How many records each category has; those without any step back unless chosen. */
  count(counts) {
    const chosen = this.chosen();
    for (const box of this.boxes) {
      const count = counts[box.dataset.category] || 0;
      box.querySelector(".count").textContent = count ? Kubmap.number(count) : "";
      box.classList.toggle("empty", !count && !chosen.has(box.dataset.category));
    }
  }
};

/** The option of the zone or of the municipality, the narrower one, that the state names by id or by name. */
Kubmap.whereOption = (state) => {
  const options = [...document.querySelectorAll('[name="where"] option')];
  const find = (kind) => {
    const wanted = state.get(kind);
    return wanted && options.find(({ value, dataset }) => value === `${kind}:${wanted}` || (value.startsWith(`${kind}:`) && dataset.name === wanted));
  };
  return find("municipality") || find("zone") || null;
};

/** Whether a whole record is among what the filters choose, as far as the page can tell: one of several zones names none. */
Kubmap.passes = ({ properties: found }, state) => {
  const categories = state.get("category").split(",").filter(Boolean);
  if (categories.length && !categories.includes(found.category)) return false;
  const zone = state.get("municipality") ? "" : state.get("zone");
  if (zone && found.zone && (Kubmap.zoneNames().get(zone) || zone) !== found.zone) return false;
  const town = state.get("municipality");
  if (town && found.municipality && (Kubmap.whereOption(state)?.dataset.name || town) !== found.municipality) return false;
  const first = (found.starts_at || found.ends_at || found.published_at || "").slice(0, 10);
  const last = (found.ends_at || found.starts_at || found.published_at || "").slice(0, 10);
  if (!first) return !state.get("from") && !state.get("to");
  return !(state.get("from") && last < state.get("from")) && !(state.get("to") && first > state.get("to"));
};
