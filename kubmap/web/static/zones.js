// The zones: quiet colours of their own, or shaded by how many records they have (choropleth), with the legend.
"use strict";
Kubmap.Zones = class {
  constructor(state, node) {
    this.state = state;
    this.node = node;
    this.map = document.getElementById("map");
    this.counts = {};
    this.switch = document.getElementById("by");
    this.scale = document.getElementById("classes");
    this.rows = [...document.querySelectorAll("#zones [data-zone]")];
    this.switch.addEventListener("change", (event) => {
      state.set({ by: event.target.value === "zones" ? "" : event.target.value }, { quiet: true, step: true });
      this.paint();
    });
    for (const row of this.rows) {
      row.addEventListener("click", () => {
        const zone = row.dataset.zone;
        state.set({ zone: state.get("zone") === zone ? "" : zone, municipality: "" }, { step: true });
      });
      for (const [event, on] of [["mouseenter", true], ["mouseleave", false], ["focus", true], ["blur", false]]) {
        row.addEventListener(event, () => this.path(row.dataset.zone)?.classList.toggle("zone-hot", on));
      }
    }
  }

  path(id) {
    return Kubmap.zonePaths?.get(id)?.path;
  }

  mode() {
    const by = this.state.get("by");
    return by === "count" || by === "rate" ? by : "zones";
  }

  show(counts) {
    this.counts = counts || {};
    this.paint();
  }

  value(id, mode) {
    const count = this.counts[id] || 0;
    if (mode === "count") return count;
    const people = Kubmap.zonePaths?.get(id)?.population;
    return people ? (count * 10_000) / people : null;
  }

  paint() {
    const mode = this.mode();
    for (const input of this.switch.querySelectorAll("input")) input.checked = input.value === mode;
    this.map.dataset.by = mode;
    this.node.dataset.by = mode;
    const values = new Map(this.rows.map(({ dataset }) => [dataset.zone, mode === "zones" ? null : this.value(dataset.zone, mode)]));
    const breaks = Kubmap.breaks([...values.values()].filter((value) => value !== null), mode === "count");
    for (const row of this.rows) {
      const value = values.get(row.dataset.zone);
      const step = value === null ? null : Kubmap.classOf(value, breaks);
      for (const node of [row.querySelector(".swatch"), this.path(row.dataset.zone)]) {
        if (node) node.dataset.class = step === null ? "none" : String(step);
      }
      row.querySelector(".zone-value").textContent = value === null ? "" : Kubmap.zoneNumber(value, mode);
      row.setAttribute("aria-pressed", String(this.state.get("zone") === row.dataset.zone));
    }
    this.legend(mode, breaks);
  }

  legend(mode, breaks) {
    this.scale.hidden = mode === "zones";
    if (mode === "zones") return;
    const { el } = Kubmap;
    const edges = breaks.map((edge) => Kubmap.zoneNumber(edge, mode));
    const steps = breaks.map((_, at) => el("li", {},
      el("span", { class: "swatch", "data-class": at + 1 }),
      el("span", { class: "step-words" }, `≤ ${edges[at]}`)));
    const zero = el("li", {}, el("span", { class: "swatch", "data-class": 0 }), el("span", { class: "step-words" }, "0"));
    this.scale.replaceChildren(
      el("p", { class: "scale-title" }, mode === "count" ? "Событий за период" : "Событий на 10 тыс. жителей"),
      el("ol", { "aria-label": "Классы" }, zero, ...steps),
    );
  }
};

/** The least round number that is not below. */
Kubmap.roundUp = (value, whole) => {
  const power = 10 ** Math.floor(Math.log10(value));
  const round = [1, 2, 2.5, 3, 4, 5, 10].find((part) => part * power >= value * 0.999) * power;
  return whole ? Math.max(1, Math.ceil(round)) : round;
};

/** Upper edges of at most five classes of equal width at round numbers; from zero unless all values are far from it. */
Kubmap.breaks = (values, whole) => {
  const some = values.filter((value) => value > 0);
  if (!some.length) return [];
  const [least, most] = [Math.min(...some), Math.max(...some)];
  const far = least > most * 0.3;
  let step = Kubmap.roundUp((far ? most - least || most : most) / 5, whole);
  let start = far ? (Math.ceil(least / step) - 1) * step : 0;
  while (start + 5 * step < most * 0.9999) {
    step = Kubmap.roundUp(step * 1.01, whole);
    start = far ? (Math.ceil(least / step) - 1) * step : 0;
  }
  return Array.from({ length: Math.ceil((most - start) / step - 1e-9) || 1 }, (_, at) => Number((start + step * (at + 1)).toPrecision(6)));
};

Kubmap.classOf = (value, breaks) => (value > 0 ? 1 + breaks.findIndex((edge) => value <= edge + 1e-9) : 0);

Kubmap.zoneNumber = (value, mode) => (mode === "count" ? Kubmap.number(value)
  : new Intl.NumberFormat("ru-RU", { maximumFractionDigits: value < 10 ? 2 : value < 100 ? 1 : 0 }).format(value));
