// Names on the map: zones, regions, settlements, rivers, road numbers. The greater name wins the place; none overlap.
"use strict";
Kubmap.LabelLayer = L.Layer.extend({
  initialize(items) {
    this.items = items;
    this.obstacles = [];
    this.sizes = new Map();
  },

  onAdd(map) {
    this.pane = map.getPane("labels") || map.createPane("labels");
    this.pane.style.zIndex = "350";
    this.pane.style.pointerEvents = "none";
    this.box = L.DomUtil.create("div", "labels", this.pane);
    this.box.setAttribute("aria-hidden", "true");
    map.on("moveend zoomend", this.redraw, this);
    map.on("zoomstart", this.hide, this);
    this.redraw();
  },

  onRemove(map) {
    map.off("moveend zoomend", this.redraw, this);
    map.off("zoomstart", this.hide, this);
    this.box.remove();
  },

  hide() {
    this.box.classList.add("moving");
  },

  add(items) {
    this.items = this.items.concat(items).sort((a, b) => b.rank - a.rank);
    this.redraw();
  },

  /** Icons that names must not cover: a point in degrees, the shift from it and the reach up and down in pixels. */
  avoid(icons) {
    this.obstacles = icons;
    this.redraw();
  },

  redraw() {
    if (!this._map) return;
    const map = this._map;
    const zoom = map.getZoom();
    const frame = map.getBounds().pad(0.25);
    const taken = new Kubmap.Grid();
    for (const icon of this.obstacles) {
      const at = map.latLngToLayerPoint(icon.at);
      taken.put([at.x + icon.dx - icon.reach, at.y + icon.top, at.x + icon.dx + icon.reach, at.y + icon.bottom]);
    }
    const nodes = [];
    const wanted = this.items.filter((item) => zoom >= item.from && zoom < item.to && frame.contains(item.at));
    this.measure(wanted);
    for (const item of wanted) {
      const place = this.placed(map.latLngToLayerPoint(item.at), item, taken);
      if (place) nodes.push(this.node(item, place));
    }
    this.box.replaceChildren(...nodes);
    this.box.classList.remove("moving");
  },

  /** The first of the item's sides that is free; null when all are taken. */
  placed(at, item, taken) {
    const [width, height] = this.sizes.get(this.key(item));
    const sides = item.dot
      ? [[item.gap, -height / 2], [-width - item.gap, -height / 2], [-width / 2, -height - 5], [-width / 2, 5]]
      : [[-width / 2, -height / 2]];
    for (const [dx, dy] of sides) {
      const box = [at.x + dx, at.y + dy, at.x + dx + width, at.y + dy + height];
      if (!taken.free(box)) continue;
      taken.put(box);
      if (item.dot) taken.put([at.x - 4, at.y - 4, at.x + 4, at.y + 4]);
      return { at, dx, dy };
    }
    return null;
  },

  key: ({ kind, text }) => `${kind}|${text}`,

  /** Learns how large the labels are that were never drawn: all at once, for each question lays out the page anew. */
  measure(items) {
    const probes = new Map();
    for (const item of items) {
      const key = this.key(item);
      if (!this.sizes.has(key) && !probes.has(key)) {
        probes.set(key, Kubmap.el("span", { class: `label label-${item.kind}` }, item.text));
      }
    }
    this.box.append(...probes.values());
    for (const [key, { offsetWidth, offsetHeight }] of probes) this.sizes.set(key, [offsetWidth, offsetHeight]);
    for (const probe of probes.values()) probe.remove();
  },

  node(item, { at, dx, dy }) {
    const text = Kubmap.el("span", { class: `label label-${item.kind}` }, item.text);
    text.style.transform = `translate(${Math.round(at.x + dx)}px, ${Math.round(at.y + dy)}px)`;
    if (!item.dot) return text;
    const dot = Kubmap.el("span", { class: `dot dot-${item.kind}` });
    dot.style.transform = `translate(${Math.round(at.x)}px, ${Math.round(at.y)}px)`;
    const pair = document.createDocumentFragment();
    pair.append(dot, text);
    return pair;
  },
});

/** Which parts of the screen are taken; cells of 64 px keep the test short. */
Kubmap.Grid = class {
  constructor() {
    this.cells = new Map();
  }

  keys([left, top, right, bottom]) {
    const found = [];
    for (let x = Math.floor(left / 64); x <= Math.floor(right / 64); x += 1) {
      for (let y = Math.floor(top / 64); y <= Math.floor(bottom / 64); y += 1) found.push(`${x}:${y}`);
    }
    return found;
  }

  free(box) {
    const apart = (other) => box[2] < other[0] || other[2] < box[0] || box[3] < other[1] || other[3] < box[1];
    return this.keys(box).every((key) => (this.cells.get(key) || []).every(apart));
  }

  put(box) {
    for (const key of this.keys(box)) {
      if (!this.cells.has(key)) this.cells.set(key, []);
      this.cells.get(key).push(box);
    }
  }
};

Kubmap.layers.labels = async (map, data) => {
  const items = (found) => found.features.map(({ geometry, properties }) => ({
    at: [geometry.coordinates[1], geometry.coordinates[0]],
    text: properties.name,
    kind: properties.kind,
    rank: properties.rank,
    from: properties.from,
    to: properties.to,
    dot: Boolean(properties.dot),
    gap: properties.kind === "capital" ? 9 : 6,
  }));
  const layer = new Kubmap.LabelLayer(items(await Kubmap.getJson(data.labels)).sort((a, b) => b.rank - a.rank));
  layer.addTo(map);
  Kubmap.labelLayer = layer;
  let asked = false;
  const more = async () => {
    if (asked || map.getZoom() < Number(data.moreFrom)) return;
    asked = true;
    layer.add(items(await Kubmap.getJson(data.more)));
  };
  map.on("zoomend", more);
  await more();
};

/** The scale in Russian. */
Kubmap.Scale = L.Control.Scale.extend({
  _updateMetric(maxMeters) {
    const meters = this._getRoundNum(maxMeters);
    const label = meters < 1000 ? `${meters} м` : `${meters / 1000} км`;
    this._updateScale(this._mScale, label, meters / maxMeters);
  },
});
