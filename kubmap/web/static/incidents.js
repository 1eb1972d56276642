// Incidents on the map. A pin stands only where the place is known to a point; wider places are drawn as what they are.
"use strict";
Kubmap.Incidents = class {
  constructor(map, { onPick, onCluster, onHover }) {
    this.map = map;
    this.onPick = onPick;
    this.onCluster = onCluster;
    this.onHover = onHover;
    for (const [name, level] of [["shapes", 400], ["halos", 390]]) {
      map.createPane(name).style.zIndex = String(level);
    }
    this.renderers = {
      shapes: L.svg({ pane: "shapes", padding: 0.6 }),
      halos: L.svg({ pane: "halos", padding: 0.6 }),
    };
    this.group = L.layerGroup().addTo(map);
    this.byId = new Map();
    this.guest = null;
    this.chosen = null;
  }

  /** Draws these features and no others; what is drawn already and has not changed stays as it is. */
  show(features, moment) {
    const taken = [];
    const wanted = new Map();
    // pins first: they stand where they must, the icons of wide places make room for them
    const rank = (feature) => (Kubmap.cluster.is(feature) ? 2 : Number(Kubmap.shapes.isPin(feature.properties)));
    for (const feature of [...features].sort((a, b) => rank(b) - rank(a))) {
      const plan = this.plan(feature, taken, moment);
      if (plan) wanted.set(feature.id, plan);
    }
    for (const [id, entry] of this.byId) if (wanted.get(id)?.key !== entry.key) this.erase(id, entry);
    for (const [id, plan] of wanted) if (!this.byId.has(id)) this.draw(id, plan);
    this.select(this.chosen);
    this.quieten();
    this.avoidLabels();
  }

  /** Areas upon areas would hide the map: many are outlines, and one around all that is seen is not filled. */
  quieten() {
    const areas = [...this.byId.values()].filter(({ pin, shape, feature }) => shape && !pin && !Kubmap.Incidents.isLine(feature));
    this.map.getContainer().dataset.areas = areas.length > Kubmap.Incidents.MANY_AREAS ? "many" : "few";
    const seen = this.map.getBounds();
    for (const { shape } of areas) {
      const around = shape.getBounds().contains(seen);
      this.paths(shape, (path) => path.classList.toggle("shape-around", around));
    }
  }

  /** Calls `act` with each drawn path of a layer or of a group of them. */
  paths(layer, act) {
    if (layer?.eachLayer) layer.eachLayer((part) => this.paths(part, act));
    else if (layer?.getElement?.()) act(layer.getElement());
  }

  /** Where and how a feature is drawn; its key is equal when nothing of that has changed. */
  plan(feature, taken, moment) {
    const cluster = Kubmap.cluster.is(feature);
    const at = cluster ? L.latLng(feature.geometry.coordinates[1], feature.geometry.coordinates[0]) : Kubmap.shapes.anchor(feature);
    const pin = !cluster && Kubmap.shapes.isPin(feature.properties);
    const size = cluster ? Kubmap.cluster.size(feature.properties.count) : 28;
    const shift = at ? this.room(this.map.latLngToLayerPoint(at), { pin, cluster, size }, taken) : [0, 0];
    const over = Kubmap.dates.over(feature.properties.ends_at);
    const finished = over !== null && over <= moment;
    const shape = Boolean(cluster ? Kubmap.shapes.clusterShape(feature) : Kubmap.shapes.geometryOf(feature));
    return { feature, at, pin, cluster, size, shift, finished, key: JSON.stringify([feature, shift, finished, shape]) };
  }

  draw(id, plan) {
    const shape = plan.cluster ? this.clusterShape(plan) : plan.pin ? this.halo(plan) : this.shape(plan);
    const marker = plan.at ? this.marker(plan) : null;
    for (const layer of [shape, marker]) if (layer) this.group.addLayer(layer);
    this.byId.set(id, { ...plan, shape, marker });
  }

  erase(id, { shape, marker }) {
    for (const layer of [shape, marker]) if (layer) this.group.removeLayer(layer);
    this.byId.delete(id);
  }

  halo({ feature: { properties }, finished }) {
    if (!properties.radius_m) return null;
    return L.circle([properties.point[1], properties.point[0]], {
      radius: properties.radius_m,
      pane: "halos",
      renderer: this.renderers.halos,
      interactive: false,
      className: `halo accent-${properties.category} ${finished ? "finished" : ""}`,
    });
  }

  /** A wide place as what it is: a road's line, a contour, the members of an area inside their hull, else a circle. */
  shape({ feature, finished }) {
    const { properties, id } = feature;
    const geometry = Kubmap.shapes.geometryOf(feature);
    const accent = `accent-${properties.category} ${finished ? "finished" : ""}`;
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
    const around = points.length > 2 ? L.polygon(Kubmap.shapes.hull(points), options) : points.length ? circle : null;
    const group = L.featureGroup([around, drawn].filter(Boolean));
    return group.on("click", () => this.onPick(id));
  }

  /** The road or the district at which all of a cluster is, once. */
  clusterShape({ feature }) {
    const geometry = Kubmap.shapes.clusterShape(feature);
    if (!geometry || geometry.type === "Point") return null;
    const [category] = Object.entries(feature.properties.categories).reduce((a, b) => (b[1] > a[1] ? b : a));
    const road = geometry.type.endsWith("LineString");
    const className = `shape shape-many ${road ? "shape-road" : "shape-district"} accent-${category}`;
    const options = { pane: "shapes", renderer: this.renderers.shapes, className };
    return L.geoJSON(geometry, { ...options, pointToLayer: (_, at) => L.circleMarker(at, { ...options, radius: 3 }) })
      .on("click", () => this.onCluster(feature));
  }

  icon({ feature: { properties }, pin, cluster, size, shift: [dx, dy] }) {
    if (cluster) {
      return L.divIcon({ html: Kubmap.cluster.badge(properties), className: "spot spot-cluster", iconSize: [size, size], iconAnchor: [size / 2 - dx, size / 2 - dy] });
    }
    const badge = Kubmap.el("span", { class: `badge ${pin ? "badge-pin" : "badge-wide"}`, "data-category": properties.category },
      Kubmap.icon(properties.category));
    return L.divIcon({ html: badge, className: "spot", iconSize: [28, pin ? 36 : 28], iconAnchor: [14 - dx, (pin ? 35 : 14) - dy] });
  }

  marker(plan) {
    const { feature: { properties, id }, at, pin, cluster, finished } = plan;
    const act = () => (cluster ? this.onCluster(plan.feature) : this.onPick(id));
    const name = cluster ? `${Kubmap.cluster.label(properties)}. Приблизить или показать список`
      : `${Kubmap.categoryName(properties.category)}: ${properties.title}${finished ? " (закончилось)" : ""}`;
    const marker = L.marker(at, { icon: this.icon(plan), alt: name, riseOnHover: true, keyboard: true });
    marker.on("click", act);
    marker.on("mouseover mouseout", ({ type }) => this.onHover(id, type === "mouseover"));
    marker.on("add", () => {
      const node = marker.getElement();
      node.setAttribute("aria-label", name);
      Object.assign(node.dataset, { id, pin: String(pin) });
      node.classList.toggle("finished", finished);
      node.addEventListener("keydown", (event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        act();
      });
    });
    return marker;
  }

  /** Pins and clusters stand at their place; icons of wide places step aside until none covers another. */
  room(point, { pin, cluster, size }, taken) {
    const centre = pin ? point.y - 21 : point.y;
    const reach = (size + 30) / 2;
    const free = ([dx, dy]) => !taken.some(([x, y, other]) => Math.abs(x - point.x - dx) < (other + reach) / 2
      && Math.abs(y - centre - dy) < (other + reach) / 2);
    const shift = (pin || cluster ? [] : Kubmap.Incidents.SHIFTS).find(free) || [0, 0];
    taken.push([point.x + shift[0], centre + shift[1], size]);
    return shift;
  }

  avoidLabels() {
    const icons = [...this.byId.values()].filter((entry) => entry.at)
      .map(({ at, shift: [dx, dy], pin, cluster, size }) => ({
        at, dx, reach: size / 2 + 2, top: (pin ? -36 : -size / 2 - 1) + dy, bottom: (pin ? 4 : size / 2 + 1) + dy, soft: cluster,
      }));
    Kubmap.labelLayer?.avoid(icons);
  }

  highlight(id, on) {
    const entry = this.byId.get(id);
    entry?.marker?.getElement()?.classList.toggle("spot-hot", on);
    this.paths(entry?.shape, (path) => path.classList.toggle("shape-hot", on));
  }

  /** Marks the record as the open one; a record inside a cluster is drawn by itself as long as it is open. */
  select(feature) {
    this.chosen = feature;
    const id = feature?.id;
    if (this.guest && this.guest.feature.id !== id) this.dismiss();
    if (feature && !this.byId.has(id)) this.invite(feature);
    else if (this.guest && this.byId.has(id)) this.dismiss();
    for (const [key, { marker, shape }] of this.byId) {
      this.mark(marker, key === id);
      this.paths(shape, (path) => path.classList.toggle("shape-chosen", key === id));
    }
    this.mark(this.guest?.marker, true);
    this.paths(this.guest?.shape, (path) => path.classList.add("shape-chosen"));
  }

  mark(marker, chosen) {
    marker?.getElement()?.classList.toggle("spot-chosen", chosen);
    marker?.setZIndexOffset(chosen ? 1000 : 0);
  }

  invite(feature) {
    if (this.guest) return;
    const plan = this.plan(feature, [], -Infinity);
    if (!plan.at) return;
    const shape = plan.pin ? this.halo(plan) : this.shape(plan);
    const marker = this.marker(plan);
    for (const layer of [shape, marker]) if (layer) this.group.addLayer(layer);
    this.guest = { ...plan, shape, marker };
  }

  dismiss() {
    for (const layer of [this.guest.shape, this.guest.marker]) if (layer) this.group.removeLayer(layer);
    this.guest = null;
  }

  /** Moves the view so that the record is seen, no closer than its precision allows. */
  reveal(id, padding) {
    const entry = this.byId.get(id) || (this.guest?.feature.id === id ? this.guest : null);
    if (!entry) return;
    const { properties } = entry.feature;
    const bounds = Kubmap.shapes.isPin(properties)
      ? entry.at.toBounds(Math.max(2 * (properties.radius_m || 0), 24000))
      : entry.shape?.getBounds();
    const closest = Math.max(11, entry === this.guest ? this.map.getZoom() : 0);
    if (bounds?.isValid()) this.map.fitBounds(bounds, { ...padding, maxZoom: closest, animate: !Kubmap.stillness() });
  }
};

Kubmap.Incidents.MANY_AREAS = 3;
Kubmap.Incidents.isLine = (feature) => {
  const geometry = Kubmap.cluster.is(feature) ? Kubmap.shapes.clusterShape(feature) : Kubmap.shapes.geometryOf(feature);
  return Boolean(geometry?.type.endsWith("LineString"));
};
Kubmap.Incidents.SHIFTS = [[0, 0], [30, 0], [-30, 0], [0, 30], [0, -30], [30, 30], [-30, -30], [30, -30], [-30, 30]];
