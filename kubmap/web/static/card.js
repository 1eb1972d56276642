// The card of a record and the list beside the map.
"use strict";
Kubmap.Card = class {
  constructor(state, onClose) {
    this.state = state;
    this.node = document.getElementById("card");
    this.body = document.getElementById("card-body");
    document.getElementById("card-close").addEventListener("click", onClose);
    this.node.addEventListener("keydown", (event) => {
      if (event.key === "Escape") onClose();
    });
  }

  async open(id) {
    this.wanted = id;
    const feature = await Kubmap.getJson(`/api/v1/incidents/${encodeURIComponent(id)}`);
    if (this.wanted !== id) return null;
    this.fill(feature);
    this.node.hidden = false;
    document.body.classList.add("with-card");
    return feature;
  }

  close() {
    this.wanted = null;
    this.node.hidden = true;
    document.body.classList.remove("with-card");
  }

  fill({ id, properties: found }) {
    const { el } = Kubmap;
    this.node.dataset.category = found.category;
    const kicker = el("p", { class: "kicker" }, Kubmap.icon(found.category), el("span", {}, found.category_name));
    const text = found.text.replace(/\s+/gu, " ").trim();
    const cut = found.title.replace(/…$/u, "");
    // a record without a title has the first words of its text for one: the text is shown once
    const titled = !text.startsWith(cut) || text.length > Kubmap.Card.LEAD;
    const title = el("h2", { id: "card-title", tabindex: "-1", class: titled ? null : "lead" }, titled ? found.title : found.text);
    this.body.replaceChildren(
      kicker,
      title,
      ...(titled ? [el("p", { class: "text" }, found.text)] : []),
      this.facts(found),
      ...this.reasons(found),
      this.foot(id, found),
    );
  }

  facts(found) {
    const list = Kubmap.el("dl", { class: "facts" });
    const add = (name, value) => {
      if (value) list.append(Kubmap.el("dt", {}, name), Kubmap.el("dd", {}, value));
    };
    add(found.is_scheduled ? "Запланировано" : "Время", found.when.replace(/^время /u, ""));
    add("Место", found.place);
    if (found.municipality && !String(found.place || "").includes(found.municipality)) add("Муниципалитет", found.municipality);
    add("Зона", found.zone);
    add("Дорога", this.road(found));
    add("Точность", found.precision_text);
    add("Пострадавшие", found.casualties_text);
    return list;
  }

  road({ road, km }) {
    if (!road) return null;
    return km === null || km === undefined ? road : `${road}, ${String(km).replace(".", ",")}-й км`;
  }

  reasons(found) {
    if (!found.reasons?.length) return [];
    const { el } = Kubmap;
    return [el("details", { class: "reasons" }, el("summary", {}, "Как это прочитано"),
      el("ul", {}, ...found.reasons.map((reason) => el("li", {}, reason))))];
  }

  foot(id, found) {
    const { el } = Kubmap;
    const foot = el("p", { class: "foot" });
    if (/^https?:\/\//iu.test(found.source_url || "")) {
      foot.append(el("a", { href: found.source_url, rel: "noopener nofollow", target: "_blank" },
        found.source_name || "Источник"));
    } else if (found.source_name) {
      foot.append(el("span", {}, `Источник: ${found.source_name}`));
    }
    foot.append(el("a", { href: this.state.address({ id }), class: "permalink", target: "_blank", rel: "noopener" }, "Ссылка на карточку"));
    return foot;
  }
};
Kubmap.Card.LEAD = 300;

Kubmap.List = class {
  constructor(onPick, onHover) {
    this.node = document.getElementById("list");
    this.onPick = onPick;
    this.onHover = onHover;
  }

  show(features) {
    this.node.replaceChildren(...features.map((feature) => this.item(feature)));
  }

  /** The place, and in words where it is no point. */
  place(found) {
    if (found.precision === "krai") return "весь край";
    const wide = { area: found.road && found.km === null ? "километр не назван" : "территория", district: "весь район" };
    return [found.place || "место не установлено", wide[found.precision]].filter(Boolean).join(" · ");
  }

  item({ id, properties: found }) {
    const { el } = Kubmap;
    const badge = el("span", { class: "mark", "data-category": found.category }, Kubmap.icon(found.category));
    const button = el("button", { type: "button", class: "row", "data-id": id, "data-category": found.category },
      badge,
      el("span", { class: "row-text" },
        el("span", { class: "row-kicker" }, Kubmap.categoryName(found.category)),
        el("span", { class: "row-title" }, found.title),
        el("span", { class: "row-meta" }, found.when),
        el("span", { class: "row-meta" }, this.place(found))));
    button.addEventListener("click", () => this.onPick(id));
    for (const [event, on] of [["mouseenter", true], ["mouseleave", false], ["focus", true], ["blur", false]]) {
      button.addEventListener(event, () => this.onHover(id, on));
    }
    return el("li", {}, button);
  }

  row(id) {
    return [...this.node.querySelectorAll(".row")].find((button) => button.dataset.id === id);
  }

  has(id) {
    return Boolean(this.row(id));
  }

  select(id) {
    for (const button of this.node.querySelectorAll(".row")) {
      if (button.dataset.id === id) button.setAttribute("aria-current", "true");
      else button.removeAttribute("aria-current");
    }
  }

  focus(id) {
    this.row(id)?.focus();
  }
};
