// Incidents on the map. A pin stands only where the place is known to a point; wider places are drawn as what they are.
"use strict";
Kubmap.Incidents = class {
  constructor(map, onPick) {
    this.map = map;
    this.onPick = onPick;
    for (const [name, level] of [["shapes", 400], ["halos", 390]]) {
      map.createPane(name).style.zIndex = String(level);
    }
    this.renderers = {
      shapes: L.svg({ pane: "shapes", padding: 0.6 }),
      halos: L.svg({ pane: "halos", padding: 0.6 }),
    };
    this.group = L.layerGroup().addTo(map);
    this.byId = new Map();
    this.features = [];
  }

  static isPin(properties) {
    return ["address", "road_km", "settlement"].includes(properties.precision) && Boolean(properties.point);
  }

  show(features) {
    this.group.clearLayers();
    this.byId.clear();
    this.features = features;
    const taken = [];
    // pins first: they stand where they must, the icons of wide places make room for them
    const pins = (feature) => Number(Kubmap.Incidents.isPin(feature.properties));
    for (const feature of [...features].sort((a, b) => pins(b) - pins(a))) this.draw(feature, taken);
    this.avoidLabels();
  }

  draw(feature, taken) {
    const { properties } = feature;
    const pin = Kubmap.Incidents.isPin(properties);
    const shape = pin ? this.halo(properties) : this.shape(feature);
    const at = pin ? L.latLng(properties.point[1], properties.point[0]) : Kubmap.anchor(feature.geometry, properties);
    const entry = { feature, shape, at, marker: null, shift: [0, 0], pin };
    if (shape) this.group.addLayer(shape);
    if (at) {
      entry.shift = this.room(this.map.latLngToLayerPoint(at), pin, taken);
      entry.marker = this.marker(feature, at, pin, entry.shift);
      this.group.addLayer(entry.marker);
    }
    this.byId.set(feature.id, entry);
  }

  halo(properties) {
    if (!properties.radius_m) return null;
    return L.circle([properties.point[1], properties.point[0]], {
      radius: properties.radius_m,
      pane: "halos",
      renderer: this.renderers.halos,
      interactive: false,
      className: `halo accent-${properties.category}`,
    });
  }

  /** A wide place as what it is: a road's line, a contour, the members of an area inside their hull, else a circle. */
  shape({ geometry, properties, id }) {
    const accent = `accent-${properties.category}`;
    const options = { pane: "shapes", renderer: this.renderers.shapes, className: `shape shape-${properties.precision} ${accent}` };
    const circle = properties.point && properties.radius_m
      ? L.circle([properties.point[1], properties.point[0]], { ...options, radius: properties.radius_m })
      : null;
    if (!geometry || geometry.type === "Point") return circle && circle.on("click", () => this.onPick(id));
    const road = geometry.type.endsWith("LineString");
    const drawn = L.geoJSON(geometry, {
      ...options,
      className: road ? `shape shape-road ${accent}` : options.className,
      pointToLayer: (_, at) => L.circleMarker(at, { ...options, radius: 4, className: `member ${accent}` }),
    });
    const points = geometry.type === "MultiPoint" ? geometry.coordinates : [];
    const around = points.length > 2 ? L.polygon(Kubmap.hull(points), options) : points.length ? circle : null;
    const group = L.featureGroup([around, drawn].filter(Boolean));
    return group.on("click", () => this.onPick(id));
  }

  marker(feature, at, pin, shift) {
    const { properties, id } = feature;
    const badge = Kubmap.el("span", { class: `badge ${pin ? "badge-pin" : "badge-wide"}`, "data-category": properties.category });
    badge.append(Kubmap.icon(properties.category));
    const marker = L.marker(at, {
      icon: L.divIcon({ html: badge, className: "spot", iconSize: [28, pin ? 36 : 28], iconAnchor: [14 - shift[0], (pin ? 35 : 14) - shift[1]] }),
      alt: `${Kubmap.categoryName(properties.category)}: ${properties.title}`,
      riseOnHover: true,
      keyboard: true,
    });
    marker.on("click", () => this.onPick(id));
    marker.on("add", () => {
      const node = marker.getElement();
      node.setAttribute("aria-label", marker.options.alt);
      node.dataset.id = id;
      node.dataset.pin = String(pin);
      node.addEventListener("keydown", (event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        this.onPick(id);
      });
    });
    return marker;
  }

  /** The shift in pixels that frees a wide place's icon from those already there; a pin never moves, nor goes any far. */
  room(point, pin, taken) {
    const centre = pin ? point.y - 21 : point.y;
    const free = ([dx, dy]) => !taken.some(([x, y]) => Math.abs(x - point.x - dx) < 29 && Math.abs(y - centre - dy) < 29);
    const shift = (pin ? [] : Kubmap.Incidents.SHIFTS).find(free) || [0, 0];
    taken.push([point.x + shift[0], centre + shift[1]]);
    return shift;
  }

  avoidLabels() {
    const icons = [...this.byId.values()].filter((entry) => entry.at)
      .map(({ at, shift: [dx, dy], pin }) => ({ at, dx, top: (pin ? -36 : -15) + dy, bottom: (pin ? 4 : 15) + dy }));
    if (Kubmap.labelLayer) Kubmap.labelLayer.avoid(icons);
  }

  highlight(id, on) {
    const node = this.byId.get(id)?.marker?.getElement();
    if (node) node.classList.toggle("spot-hot", on);
  }

  select(id) {
    for (const [key, entry] of this.byId) {
      const chosen = key === id;
      entry.marker?.getElement()?.classList.toggle("spot-chosen", chosen);
      entry.marker?.setZIndexOffset(chosen ? 1000 : 0);
    }
  }

  /** Moves the view so that the record is seen, no closer than its precision allows. */
  reveal(id, padding) {
    const entry = this.byId.get(id);
    if (!entry) return;
    const bounds = Kubmap.Incidents.isPin(entry.feature.properties)
      ? entry.at.toBounds(Math.max(2 * (entry.feature.properties.radius_m || 0), 24000))
      : entry.shape?.getBounds();
    if (bounds?.isValid()) this.map.fitBounds(bounds, { ...padding, maxZoom: 11, animate: !Kubmap.stillness() });
  }
};

Kubmap.Incidents.SHIFTS = [[0, 0], [30, 0], [-30, 0], [0, 30], [0, -30], [30, 30], [-30, -30], [30, -30], [-30, 30]];

Kubmap.stillness = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

/** Where the icon of a wide place stands: the middle of a line, the middle of an area's frame; never a pin. */
Kubmap.anchor = (geometry, properties) => {
  if (!geometry) return properties.point ? L.latLng(properties.point[1], properties.point[0]) : null;
  if (geometry.type === "LineString") return Kubmap.middle(geometry.coordinates);
  if (geometry.type === "MultiLineString") {
    return Kubmap.middle(geometry.coordinates.reduce((a, b) => (b.length > a.length ? b : a)));
  }
  if (properties.point) return L.latLng(properties.point[1], properties.point[0]);
  return Kubmap.boundsOf(geometry)?.getCenter() || null;
};

/** The convex hull of lon/lat points as lat/lon corners (Andrew's monotone chain). */
Kubmap.hull = (points) => {
  const sorted = [...points].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const left = (o, a, b) => (a[0] - o[0]) * (b[1] - o[1]) - (a[1] - o[1]) * (b[0] - o[0]) <= 0;
  const half = (ordered) => {
    const chain = [];
    for (const point of ordered) {
      while (chain.length > 1 && left(chain.at(-2), chain.at(-1), point)) chain.pop();
      chain.push(point);
    }
    return chain.slice(0, -1);
  };
  return [...half(sorted), ...half(sorted.reverse())].map(([lon, lat]) => [lat, lon]);
};

Kubmap.middle = (line) => {
  const steps = line.slice(1).map((end, at) => Math.hypot((end[0] - line[at][0]) * 0.7, end[1] - line[at][1]));
  let left = steps.reduce((a, b) => a + b, 0) / 2;
  for (let at = 0; at < steps.length; at += 1) {
    if (left <= steps[at] && steps[at] > 0) {
      const part = left / steps[at];
      const [start, end] = [line[at], line[at + 1]];
      return L.latLng(start[1] + (end[1] - start[1]) * part, start[0] + (end[0] - start[0]) * part);
    }
    left -= steps[at];
  }
  return L.latLng(line[0][1], line[0][0]);
};
