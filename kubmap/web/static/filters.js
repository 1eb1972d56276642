// Filters of the panel and the strip of krai-wide records.
"use strict";
Kubmap.Filters = class {
  constructor(state) {
    this.state = state;
    this.form = document.getElementById("filters");
    this.boxes = [...document.querySelectorAll("#categories .chip")];
    this.form.addEventListener("submit", (event) => event.preventDefault());
    for (const name of ["from", "to", "zone"]) {
      this.form.elements[name].addEventListener("change", (event) => this.state.set({ [name]: event.target.value }));
    }
    let wait = 0;
    this.form.elements.q.addEventListener("input", (event) => {
      clearTimeout(wait);
      wait = setTimeout(() => this.state.set({ q: event.target.value.trim().slice(0, 100) }), 250);
    });
    for (const box of this.boxes) box.addEventListener("click", () => this.toggle(box));
    this.fill();
  }

  chosen() {
    return new Set(this.state.get("category").split(",").filter(Boolean));
  }

  toggle(box) {
    const chosen = this.chosen();
    if (!chosen.delete(box.dataset.category)) chosen.add(box.dataset.category);
    this.state.set({ category: [...chosen].sort().join(",") });
    this.fill();
  }

  fill() {
    for (const name of ["from", "to", "zone", "q"]) this.form.elements[name].value = this.state.get(name);
    const chosen = this.chosen();
    for (const box of this.boxes) box.setAttribute("aria-pressed", String(chosen.has(box.dataset.category)));
    document.getElementById("categories").classList.toggle("some", chosen.size > 0);
  }

  /** How many records each category has; those without any step back unless chosen. */
  count(counts) {
    const chosen = this.chosen();
    for (const box of this.boxes) {
      const count = counts[box.dataset.category] || 0;
      box.querySelector(".count").textContent = count ? String(count) : "";
      box.classList.toggle("empty", !count && !chosen.has(box.dataset.category) && !chosen.size);
    }
  }
};

/** What concerns the whole krai: a strip, because a pin would be a lie. */
Kubmap.strip = (node, features, onPick) => {
  node.hidden = !features.length;
  const items = features.map(({ id, properties }) => {
    const button = Kubmap.el("button", { type: "button", "data-id": id, "data-category": properties.category },
      Kubmap.el("span", { class: "mark", "data-category": properties.category }, Kubmap.icon(properties.category)),
      Kubmap.el("span", { class: "strip-title" }, properties.title));
    button.addEventListener("click", () => onPick(id));
    return Kubmap.el("li", {}, button);
  });
  node.querySelector("ul").replaceChildren(...items);
};
