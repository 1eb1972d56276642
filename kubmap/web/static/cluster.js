// A cluster: many records near each other as one ring, its arcs the shares of the categories, the number inside.
"use strict";
Kubmap.cluster = (() => {
  const is = (feature) => feature.properties.kind === "cluster";

  const size = (count) => Math.round(Math.min(58, 28 + 7 * Math.log10(count)));

  /** «128», «9 800», «12 тыс.». */
  const short = (count) => (count < 10_000 ? Kubmap.number(count) : `${Kubmap.number(Math.round(count / 1000))} тыс.`);

  const rings = new WeakMap();

  /** The ring as a picture, for the map and for the list: a copy costs less than drawing it twice. */
  function ring(properties) {
    if (!rings.has(properties)) rings.set(properties, draw(properties));
    return rings.get(properties).cloneNode(true);
  }

  const paper = Kubmap.svg("svg", { viewBox: "0 0 40 40", class: "ring", "aria-hidden": "true", focusable: "false" },
    Kubmap.svg("circle", { cx: 20, cy: 20, r: 19, class: "ring-paper" }));
  const slice = Kubmap.svg("circle", { cx: 20, cy: 20, r: 16.5, pathLength: 100 });

  /** Circles of one path length of 100, each drawn from where the one before ended; copies, for there are hundreds. */
  function draw({ count, categories }) {
    const drawn = paper.cloneNode(true);
    const parts = Object.entries(categories).sort((a, b) => b[1] - a[1]);
    const gap = parts.length > 1 ? 1.2 : 0;
    let passed = 0;
    for (const [category, amount] of parts) {
      const share = (100 * amount) / count;
      const arc = slice.cloneNode();
      arc.setAttribute("class", `slice accent-${category}`);
      arc.setAttribute("stroke-dasharray", `${Math.max(share - gap, 0.4)} 100`);
      arc.setAttribute("stroke-dashoffset", String(-passed));
      drawn.append(arc);
      passed += share;
    }
    return drawn;
  }

  function badge(properties) {
    const text = short(properties.count);
    return Kubmap.el("span", { class: `donut ${text.length > 5 ? "donut-long" : ""}` }, ring(properties),
      Kubmap.el("span", { class: "donut-count" }, text));
  }

  const bounds = ({ bbox: [west, south, east, north] }) => L.latLngBounds([south, west], [north, east]);

  /** The zoom at which it falls apart; null when all of it stands at one place or the map comes no closer. */
  function splitZoom(map, properties) {
    if (properties.place) return null;
    const frame = bounds(properties);
    const now = map.getZoom();
    if (now >= map.getMaxZoom() - 0.05) return null;
    if (frame.getNorthEast().distanceTo(frame.getSouthWest()) < 60) return null;
    const fits = map.getBoundsZoom(frame, false, L.point(60, 60));
    return Math.min(map.getMaxZoom(), Math.max(fits, now + 1));
  }

  /** The one place of it, else the greatest named places inside: «Краснодар, Динская». */
  function where({ bbox, place }) {
    if (place) return place;
    const [west, south, east, north] = bbox;
    const margin = 0.03;
    const inside = (Kubmap.labelLayer?.items || []).filter(({ dot, kind, at: [lat, lon] }) => dot && kind !== "outside"
      && lat >= south - margin && lat <= north + margin && lon >= west - margin && lon <= east + margin);
    return inside.slice(0, 2).map(({ text }) => text).join(", ");
  }

  const label = (properties) => `${Kubmap.events(properties.count)}: ${Kubmap.breakdown(properties.categories)}`;

  return { is, size, badge, ring, bounds, splitZoom, where, label };
})();
