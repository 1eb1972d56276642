// The card of a record: what the text says, where, when and how it was read.
"use strict";
Kubmap.Card = class {
  constructor(state, source, onClose) {
    this.state = state;
    this.source = source;
    this.node = document.getElementById("card");
    this.body = document.getElementById("card-body");
    document.getElementById("card-close").addEventListener("click", onClose);
    this.node.addEventListener("keydown", (event) => {
      if (event.key === "Escape") onClose();
    });
  }

  /** Shows the record; null when another one was wanted meanwhile. */
  async open(id) {
    this.wanted = id;
    const feature = await this.find(id);
    if (this.wanted !== id || !feature) return null;
    this.fill(feature);
    this.show();
    return feature;
  }

  /** The record; null, with the reason in the card, when an editor has taken it from the map. */
  async find(id) {
    try {
      return await this.source.incident(id);
    } catch (error) {
      if (error.problem?.status !== 410) throw error;
      if (this.wanted === id) this.tell(error);
      return null;
    }
  }

  show() {
    this.node.hidden = false;
    document.body.classList.add("with-card");
  }

  /** The card of what is no more: why, and the card that tells it now. */
  tell({ message, problem }) {
    const { el } = Kubmap;
    this.shown = null;
    delete this.node.dataset.category;
    const parts = [el("h2", { id: "card-title", tabindex: "-1" }, problem.title), el("p", { class: "text" }, message)];
    if (problem.merged_into) {
      const link = this.state.address({ id: problem.merged_into }, { whole: true });
      parts.push(el("p", { class: "foot" }, el("a", { href: link, class: "permalink" }, "Открыть эту карточку")));
    }
    this.body.replaceChildren(...parts);
    this.show();
  }

  /** Fetches the open record again and rewrites the card only if it has changed. */
  async renew() {
    const id = this.wanted;
    if (!id) return null;
    const feature = await this.find(id);
    if (this.wanted !== id || !feature) return null;
    if (JSON.stringify(feature) !== this.shown) this.fill(feature);
    return feature;
  }

  close() {
    this.wanted = null;
    this.node.hidden = true;
    document.body.classList.remove("with-card");
  }

  fill(feature) {
    const { el } = Kubmap;
    const { id, properties: found } = feature;
    this.shown = JSON.stringify(feature);
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
    for (const { name, url } of found.sources || []) {
      if (/^https?:\/\//iu.test(url || "")) foot.append(el("a", { href: url, rel: "noopener nofollow", target: "_blank" }, name || "Ещё источник"));
      else if (name) foot.append(el("span", {}, name));
    }
    const link = this.state.address({ id }, { whole: true });
    foot.append(el("a", { href: link, class: "permalink", target: "_blank", rel: "noopener" }, "Ссылка на карточку"));
    return foot;
  }
};
Kubmap.Card.LEAD = 300;
