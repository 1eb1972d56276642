// The list beside the map: everything that the map shows, in words; clusters are groups that open.
"use strict";
Kubmap.List = class {
  constructor({ onPick, onHover, members }) {
    this.node = document.getElementById("list");
    this.onPick = onPick;
    this.onHover = onHover;
    this.members = members;
    this.rows = new Map();
    this.chosen = null;
  }

  /** Shows the records of the whole krai, then records, then clusters; rows that have not changed stay untouched. */
  show({ loose, features, moment, frame }) {
    const clusters = features.filter(Kubmap.cluster.is).sort((a, b) => b.properties.count - a.properties.count);
    const singles = features.filter((feature) => !Kubmap.cluster.is(feature));
    const shown = new Map();
    const keep = (id, key, make) => {
      const known = this.rows.get(id);
      shown.set(id, known?.key === key ? known : { key, node: make() });
    };
    for (const { id, name, count, records } of loose) {
      if (count > Kubmap.List.FEW) keep(id, JSON.stringify([count, records]), () => this.looseGroup(id, name, count));
      else for (const feature of records) keep(feature.id, JSON.stringify(feature), () => this.item(feature));
    }
    for (const feature of singles) {
      const over = Kubmap.dates.over(feature.properties.ends_at);
      const finished = over !== null && over <= moment;
      const beyond = this.isBeyond(feature, frame);
      keep(feature.id, JSON.stringify([feature, finished, beyond]), () => this.item(feature, finished, beyond));
    }
    for (const feature of clusters) {
      const beyond = this.isBeyond(feature, frame);
      const where = Kubmap.cluster.where(feature.properties); // of the labels, which may come later
      keep(feature.id, JSON.stringify([feature, where, beyond]), () => this.cluster(feature, where, beyond));
    }
    const focused = this.node.contains(document.activeElement) ? document.activeElement.dataset.id : null;
    this.rows = shown;
    Kubmap.arrange(this.node, [...shown.values()].map(({ node }) => node));
    if (focused && !this.node.contains(document.activeElement)) (this.row(focused) || this.node).focus({ preventScroll: true });
    this.select(this.chosen);
  }

  /** Whether its mark stands outside of the map's frame: a road or a district that only reaches in. */
  isBeyond(feature, frame) {
    const at = Kubmap.cluster.is(feature) ? L.latLng(feature.geometry.coordinates[1], feature.geometry.coordinates[0]) : Kubmap.shapes.anchor(feature);
    return Boolean(at && frame && !frame.contains(at));
  }

  /** The place, and in words where it is no point. */
  place(found) {
    if (found.precision === "krai") return "весь край";
    const wide = { area: found.road && found.km === null ? "километр не назван" : "территория", district: "весь район" };
    return [found.place || "место не установлено", wide[found.precision]].filter(Boolean).join(" · ");
  }

  item({ id, properties: found }, finished = false, beyond = false) {
    const { el } = Kubmap;
    const badge = el("span", { class: "mark", "data-category": found.category }, Kubmap.icon(found.category));
    const button = el("button", { type: "button", class: finished ? "row finished" : "row", "data-id": id, "data-category": found.category },
      badge,
      el("span", { class: "row-text" },
        el("span", { class: "row-kicker" }, Kubmap.categoryName(found.category), finished ? " · закончилось" : null),
        el("span", { class: "row-title" }, found.title),
        el("span", { class: "row-meta" }, found.when),
        el("span", { class: "row-meta" }, this.place(found)),
        beyond ? el("span", { class: "row-meta" }, Kubmap.List.BEYOND) : null));
    button.addEventListener("click", () => this.onPick(id));
    this.hovering(button, id);
    return el("li", {}, button);
  }

  hovering(button, id) {
    for (const [event, on] of [["mouseenter", true], ["mouseleave", false], ["focus", true], ["blur", false]]) {
      button.addEventListener(event, () => this.onHover(id, on));
    }
  }

  cluster({ id, properties: found }, where, beyond = false) {
    const { el } = Kubmap;
    const head = [
      el("span", { class: "group-ring" }, Kubmap.cluster.ring(found)),
      el("span", { class: "row-text" },
        el("span", { class: "row-title" }, Kubmap.events(found.count), where ? ` · ${where}` : null),
        el("span", { class: "row-meta" }, Kubmap.breakdown(found.categories)),
        found.latest ? el("span", { class: "row-meta" }, `последнее: ${Kubmap.dates.words(found.latest.slice(0, 10))}`) : null,
        beyond ? el("span", { class: "row-meta" }, Kubmap.List.BEYOND) : null),
    ];
    return this.group(id, head, (after) => this.members(id, after));
  }

  /** Many records that have no place on the map: of the whole krai, or of no known place. */
  looseGroup(id, name, count) {
    const { el } = Kubmap;
    const head = [
      el("span", { class: "group-ring group-loose", "aria-hidden": "true" }),
      el("span", { class: "row-text" },
        el("span", { class: "row-title" }, `${name} · ${Kubmap.events(count)}`),
        el("span", { class: "row-meta" }, "не на карте: места точнее не названо")),
    ];
    return this.group(id, head, (after) => this.members(id, after));
  }

  /** A row that opens and shows its members, page after page. */
  group(id, head, fetchPage) {
    const { el } = Kubmap;
    const rows = el("ol", { class: "members", id: `members-${id}`, hidden: true, "aria-label": "События группы" });
    const more = el("button", { type: "button", class: "textbutton more", hidden: true }, "Показать ещё");
    const button = el("button", { type: "button", class: "row row-group", "data-id": id, "aria-expanded": "false", "aria-controls": rows.id },
      ...head, el("span", { class: "chevron", "aria-hidden": "true" }));
    let next = null;
    const load = async () => {
      rows.setAttribute("aria-busy", "true");
      try {
        const found = await fetchPage(next);
        next = found.next;
        const first = rows.children.length;
        rows.append(...found.members.map((feature) => this.item(feature)));
        more.hidden = next === null || next === undefined;
        if (first) rows.children[first]?.querySelector("button").focus();
        this.select(this.chosen);
      } catch (error) {
        rows.append(el("li", { class: "row-meta" }, error.message));
      }
      rows.removeAttribute("aria-busy");
    };
    button.addEventListener("click", () => {
      const open = button.getAttribute("aria-expanded") !== "true";
      button.setAttribute("aria-expanded", String(open));
      rows.hidden = !open;
      more.hidden = !open || next === null || next === undefined;
      if (open && !rows.children.length) load();
    });
    more.addEventListener("click", load);
    this.hovering(button, id);
    return el("li", { class: "group" }, button, rows, more);
  }

  row(id) {
    return [...this.node.querySelectorAll(".row")].find((button) => button.dataset.id === id);
  }

  /** Opens the group of a cluster and brings it into sight. */
  expand(id) {
    const button = this.row(id);
    if (!button) return;
    if (button.getAttribute("aria-expanded") !== "true") button.click();
    button.scrollIntoView({ block: "start", behavior: Kubmap.stillness() ? "auto" : "smooth" });
    button.focus({ preventScroll: true });
  }

  highlight(id, on) {
    this.row(id)?.classList.toggle("row-hot", on);
  }

  select(id) {
    this.chosen = id;
    for (const button of this.node.querySelectorAll(".row")) {
      if (button.dataset.id === id) button.setAttribute("aria-current", "true");
      else button.removeAttribute("aria-current");
    }
  }

  focus(id) {
    (this.row(id) || document.getElementById("map")).focus();
  }
};
Kubmap.List.FEW = 3;
Kubmap.List.BEYOND = "заходит на этот участок, отметка за его краем";

/** What concerns the whole krai: a strip, because a pin would be a lie; many of them stand in the list. */
Kubmap.strip = (node, features, count, { onPick, onMore }) => {
  const { el } = Kubmap;
  node.hidden = !features.length;
  const few = count > Kubmap.List.FEW ? features.slice(0, 1) : features;
  const items = few.map(({ id, properties }) => {
    const button = el("button", { type: "button", "data-id": id, "data-category": properties.category },
      el("span", { class: "mark", "data-category": properties.category }, Kubmap.icon(properties.category)),
      el("span", { class: "strip-title" }, properties.title));
    button.addEventListener("click", () => onPick(id));
    return el("li", {}, button);
  });
  if (few.length < count) {
    const more = el("button", { type: "button", class: "textbutton strip-more" }, `и ещё ${Kubmap.number(count - few.length)}`);
    more.addEventListener("click", onMore);
    items.push(el("li", {}, more));
  }
  node.querySelector("ul").replaceChildren(...items);
};
