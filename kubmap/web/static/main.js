// Starts the map page: the map with its layers, the list, the card, the filters, the address.
"use strict";
(() => {
  const root = document.body.dataset;
  const $ = (id) => document.getElementById(id);
  const state = new Kubmap.State(Kubmap.period(root, new Date()));
  if (["light", "dark"].includes(state.theme)) document.documentElement.dataset.theme = state.theme;

  const home = L.latLngBounds(JSON.parse(root.home));
  const map = L.map("map", {
    zoomSnap: 0.1,
    zoomDelta: 0.5,
    wheelPxPerZoomLevel: 110,
    minZoom: 6,
    maxZoom: 14,
    maxBoundsViscosity: 0.8,
    zoomControl: false,
    attributionControl: false,
    keyboardPanDelta: 60,
  });
  L.control.zoom({ position: "bottomright", zoomInTitle: "Приблизить", zoomOutTitle: "Отдалить" }).addTo(map);
  new Kubmap.Scale({ position: "bottomleft", imperial: false, maxWidth: 90 }).addTo(map);
  const narrow = () => matchMedia("(max-width: 760px)").matches;
  // the strip of the whole krai stands above the map's north
  const around = () => ({ paddingTopLeft: [6, 44], paddingBottomRight: [6, 6] });
  const view = ["lat", "lon", "z"].map((name) => Number.parseFloat(state.get(name)));
  if (view.every(Number.isFinite) && home.pad(1).contains([view[0], view[1]])) {
    map.setView([view[0], view[1]], view[2]);
  } else {
    map.fitBounds(home, around());
  }

  const padding = () => (narrow()
    ? { paddingTopLeft: [20, 60], paddingBottomRight: [20, document.body.classList.contains("with-card") ? 240 : 40] }
    : { paddingTopLeft: [40, 60], paddingBottomRight: [document.body.classList.contains("with-card") ? 400 : 40, 40] });

  const incidents = new Kubmap.Incidents(map, (id) => pick(id));
  const list = new Kubmap.List((id) => pick(id, { move: true }), (id, on) => incidents.highlight(id, on));
  const card = new Kubmap.Card(state, () => drop());
  const filters = new Kubmap.Filters(state);

  async function pick(id, { move = false, focus = true } = {}) {
    state.set({ id }, { quiet: true });
    list.select(id);
    incidents.select(id);
    try {
      const feature = await card.open(id);
      if (!feature) return;
      if (!list.has(id)) await unhide(feature);
    } catch (error) {
      say(error.message);
      drop();
      return;
    }
    if (narrow()) closeSheet();
    if (move) incidents.reveal(id, padding());
    if (focus) $("card-title")?.focus({ preventScroll: true });
  }

  /** A link to one record shows it, whatever the period and the filters: they step back. */
  async function unhide({ id, geometry }) {
    state.set({ from: "", to: "", category: "", zone: "", municipality: "", q: "" }, { quiet: true });
    filters.fill();
    const bounds = Kubmap.boundsOf(geometry);
    if (bounds && !map.getBounds().intersects(bounds)) map.fitBounds(bounds, { ...padding(), maxZoom: 10, animate: false });
    await refresh();
    list.select(id);
    incidents.select(id);
  }

  function drop() {
    const id = state.get("id");
    state.set({ id: "" }, { quiet: true });
    card.close();
    list.select(null);
    incidents.select(null);
    if (id) list.focus(id);
  }

  /** On a phone the sheet gives way to the card and to the map above it. */
  function closeSheet() {
    document.body.classList.remove("sheet-open");
    $("sheet-toggle").setAttribute("aria-expanded", "false");
  }

  function say(text) {
    $("status").textContent = text;
    $("sheet-status").textContent = `${text} · список и отбор`;
  }

  let running = null;
  async function refresh() {
    running?.abort();
    running = new AbortController();
    const query = state.filters();
    const frame = map.getBounds();
    query.set("bbox", [frame.getWest(), frame.getSouth(), frame.getEast(), frame.getNorth()].map((x) => x.toFixed(3)).join(","));
    query.set("zoom", String(Math.floor(map.getZoom())));
    try {
      const found = await Kubmap.getJson(`/api/v1/view?${query}`, { signal: running.signal });
      show(found);
    } catch (error) {
      if (error.name !== "AbortError") say(error.message);
    }
  }

  function show(found) {
    incidents.show(found.features);
    Kubmap.strip($("krai"), found.krai, (id) => pick(id));
    list.show([...found.krai, ...found.features, ...found.unplaced]);
    filters.count(found.counts);
    const here = found.features.length + found.krai.length + found.unplaced.length;
    say(here ? Kubmap.plural(here, "событие", "события", "событий") : "Здесь ничего не найдено");
    $("elsewhere").hidden = !found.elsewhere;
    $("elsewhere").textContent = found.elsewhere
      ? `Ещё ${found.elsewhere} за краем карты — показать` : "";
    $("nothing").hidden = found.total > 0;
    const id = state.get("id");
    list.select(id);
    incidents.select(id);
    document.body.dataset.ready = "true";
  }

  $("elsewhere").addEventListener("click", () => map.fitBounds(home, around()));
  $("show-all").addEventListener("click", () => {
    state.set({ from: "", to: "", category: "", zone: "", municipality: "", q: "" });
    filters.fill();
    map.fitBounds(home, around());
  });
  $("sheet-toggle").addEventListener("click", () => {
    const open = document.body.classList.toggle("sheet-open");
    $("sheet-toggle").setAttribute("aria-expanded", String(open));
  });
  $("legend-toggle").addEventListener("click", () => {
    const open = $("legend").classList.toggle("open");
    $("legend-toggle").setAttribute("aria-expanded", String(open));
  });
  if (!narrow()) {
    $("legend").classList.add("open");
    $("legend-toggle").setAttribute("aria-expanded", "true");
  }

  state.onChange(refresh);
  map.on("moveend", () => {
    const centre = map.getCenter();
    state.set({ lat: centre.lat.toFixed(4), lon: centre.lng.toFixed(4), z: map.getZoom() }, { quiet: true });
    refresh();
  });

  const layers = [...document.querySelectorAll(".kubmap-layer")].map((node) =>
    Kubmap.layers[node.dataset.layer]?.(map, node.dataset));
  Promise.all([refresh(), ...layers]).then(() => {
    incidents.avoidLabels();
    document.body.dataset.drawn = String(Math.round(performance.now()));
    if (state.get("id")) pick(state.get("id"), { move: !state.get("z"), focus: false });
  }).catch((error) => say(error.message));
})();
