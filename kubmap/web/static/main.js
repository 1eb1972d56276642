// Starts the map page: the map with its layers, the list, the card, the filters, the address.
"use strict";
(() => {
  const root = document.body.dataset;
  const $ = (id) => document.getElementById(id);
  const { narrow, stillness, events, debounce } = Kubmap;
  const state = new Kubmap.State(Kubmap.period(root, new Date()));
  if (["light", "dark"].includes(state.theme)) document.documentElement.dataset.theme = state.theme;
  const source = root.archive ? new Kubmap.Archive(root.root, root.archive) : new Kubmap.Source(root.root);

  const home = L.latLngBounds(JSON.parse(root.home));
  const map = L.map("map", {
    zoomSnap: 0.1,
    zoomDelta: 0.5,
    wheelPxPerZoomLevel: 110,
    minZoom: 6,
    maxZoom: 15,
    maxBoundsViscosity: 0.8,
    zoomControl: false,
    attributionControl: false,
    keyboardPanDelta: 60,
    zoomAnimation: !stillness(),
    fadeAnimation: !stillness(),
  });
  L.control.zoom({ position: "bottomright", zoomInTitle: "Приблизить", zoomOutTitle: "Отдалить" }).addTo(map);
  new Kubmap.Scale({ position: "bottomleft", imperial: false, maxWidth: 90 }).addTo(map);
  // the strip of the whole krai stands above the map's north
  const around = () => ({ paddingTopLeft: [6, 44], paddingBottomRight: [6, 6] });
  const withCard = (yes, no) => (document.body.classList.contains("with-card") ? yes : no);
  const padding = () => (narrow()
    ? { paddingTopLeft: [20, 60], paddingBottomRight: [20, withCard(240, 40)] }
    : { paddingTopLeft: [40, 60], paddingBottomRight: [withCard(400, 40), 40] });

  let zooming = false;
  map.on("zoomstart zoomend", ({ type }) => {
    zooming = type === "zoomstart";
  });

  const viewOfAddress = () => ["lat", "lon", "z"].map((name) => Number.parseFloat(state.get(name)));

  /** The view of the address; else the whole krai. */
  function restoreView(view = viewOfAddress()) {
    if (zooming) {
      // Leaflet ends its zoom at the place it set out for: only then is there a view to be changed
      map.once("zoomend", () => setTimeout(() => restoreView(view)));
      return;
    }
    if (view.every(Number.isFinite) && home.pad(1).contains([view[0], view[1]])) {
      map.setView([view[0], view[1]], view[2], { animate: false });
    } else {
      map.fitBounds(home, { ...around(), animate: false });
    }
  }
  restoreView();

  /** The view of a step back. Leaflet begins a zoom with the next frame and cannot be told not to: that frame comes first. */
  function restoreStep() {
    const view = viewOfAddress();
    requestAnimationFrame(() => restoreView(view));
  }

  /** The view as the address tells it. */
  function viewNow() {
    const centre = map.getCenter();
    return { lat: centre.lat.toFixed(4), lon: centre.lng.toFixed(4), z: Number(map.getZoom().toFixed(2)) };
  }
  new ResizeObserver(() => map.invalidateSize({ pan: false })).observe($("map"));

  const incidents = new Kubmap.Incidents(map, {
    onPick: (id) => pick(id), onCluster: (feature) => openCluster(feature), onHover: (id, on) => list.highlight(id, on),
  });
  const list = new Kubmap.List({
    onPick: (id) => pick(id, { move: true }),
    onHover: (id, on) => incidents.highlight(id, on),
    members: (id, after) => source.members(id, state.filters(), after),
  });
  const card = new Kubmap.Card(state, source, () => drop());
  const filters = new Kubmap.Filters(state);
  const zones = new Kubmap.Zones(state, $("legend"));
  const share = new Kubmap.Share(state, source, viewNow);
  const place = new Kubmap.Place(map);
  const search = new Kubmap.Search(state, source, (found) => {
    if (narrow()) closeSheet();
    place.show(found);
  });
  const timeline = new Kubmap.Timeline(state, source, { domain: [root.firstDay, root.lastDay], frameDone: () => drawing });

  /** Opens the card of a record; `move` brings it into sight. What a `link` names need not be among what is shown. */
  async function pick(id, { move = false, focus = true, step = true, link = false } = {}) {
    state.set({ id }, { quiet: true, step });
    list.select(id);
    try {
      const feature = await card.open(id);
      if (!feature) return;
      if (link && !Kubmap.passes(feature, state)) await unhide(feature);
      incidents.select(feature);
      if (narrow()) closeSheet();
      if (move) incidents.reveal(id, padding());
      if (focus) $("card-title")?.focus({ preventScroll: true });
    } catch (error) {
      say(error.message);
      drop();
    }
  }

  /** A link to one record shows it, whatever the period and the filters: they step back. */
  async function unhide(feature) {
    state.set(Kubmap.State.ALL, { quiet: true });
    fill();
    const bounds = Kubmap.shapes.boundsOf(Kubmap.shapes.geometryOf(feature));
    if (bounds && !map.getBounds().intersects(bounds)) map.fitBounds(bounds, { ...padding(), maxZoom: 10, animate: false });
    await refresh();
  }

  function drop({ step = true } = {}) {
    const id = state.get("id");
    state.set({ id: "" }, { quiet: true, step });
    card.close();
    list.select(null);
    incidents.select(null);
    if (id) list.focus(id);
  }

  /** Comes nearer until the cluster falls apart; one that cannot opens as a group of the list. */
  function openCluster({ id, properties }) {
    const zoom = Kubmap.cluster.splitZoom(map, properties);
    if (zoom !== null) {
      map.setView(Kubmap.cluster.bounds(properties).getCenter(), zoom, { animate: !stillness() });
      return;
    }
    if (narrow()) openSheet(true);
    list.expand(id);
  }

  /** On a phone the sheet gives way to the card and to the map above it. */
  function openSheet(open) {
    document.body.classList.toggle("sheet-open", open);
    $("sheet-toggle").setAttribute("aria-expanded", String(open));
  }
  const closeSheet = () => openSheet(false);

  function say(text) {
    $("status").textContent = text;
    $("sheet-status").textContent = `${text} · список и отбор`;
  }

  /** What everything beside the map shows of the state. */
  function fill() {
    filters.fill();
    search.fill();
    timeline.fill();
    share.fill();
    zones.paint();
  }

  /** The moment that the page shows: the end of its period, or now when that is still to come. */
  function moment() {
    const end = state.get("to") ? Kubmap.dates.over(state.get("to")) : Infinity;
    return Math.min(end, Date.now());
  }

  let drawing = Promise.resolve();
  let asked = null;
  const question = () => [state.filters(), map.getBounds().toBBoxString(), map.getZoom()].join(" ");
  function refresh() {
    asked = question();
    const frame = map.getBounds();
    const bounds = [frame.getWest(), frame.getSouth(), frame.getEast(), frame.getNorth()];
    const asking = source.view(state.filters(), { bounds, zoom: Math.floor(map.getZoom()) });
    drawing = asking.then(async (found) => {
      await base.soon;
      show(found);
    }).catch((error) => {
      if (error.name !== "AbortError") say(error.message);
    });
    return drawing;
  }
  const refreshSoon = debounce(() => {
    if (asked !== question()) refresh();
  }, 60);

  let last = null;
  let complete = false;
  function show(found) {
    last = found;
    complete = base.drawn;
    const features = found.features;
    incidents.show(features, moment());
    Kubmap.strip($("krai"), found.krai, found.krai_count, { onPick: (id) => pick(id), onMore: () => list.expand("krai") });
    const loose = [
      { id: "krai", name: "Весь край", count: found.krai_count, records: found.krai },
      { id: "unplaced", name: "Место неизвестно", count: found.unplaced_count, records: found.unplaced },
    ];
    list.show({ loose, features, moment: moment(), frame: map.getBounds() });
    filters.count(found.categories);
    zones.show(found.zones);
    tell(found);
    const finished = document.querySelector("#map .spot.finished") !== null;
    $("legend-finished").hidden = !finished;
    document.body.dataset.revision = String(found.revision);
    document.body.dataset.ready = "true";
  }

  function tell({ total, shown, krai_count: krai, unplaced_count: unplaced, elsewhere }) {
    const here = shown + krai + unplaced;
    const only = state.get("municipality") ? ` · ${Kubmap.whereOption(state)?.dataset.name || state.get("municipality")}` : "";
    if (here) say((here < total ? `${events(here)} из ${Kubmap.number(total)}` : events(here)) + only);
    else say(total ? "Здесь ничего не найдено" : "Ничего не найдено");
    $("elsewhere").hidden = !elsewhere;
    $("elsewhere").textContent = elsewhere ? `На этом участке карты ничего. Показать, где есть: ${events(elsewhere.count)}` : "";
    $("nothing").hidden = total > 0;
    $("other-days").hidden = true;
    if (!total && (state.get("from") || state.get("to"))) offerOtherDays();
  }

  /** Nothing in these days: how many there are on others. */
  async function offerOtherDays() {
    const query = state.filters("from", "to");
    const found = await source.timeline(query).catch(() => ({ bins: [] }));
    const count = found.bins.reduce((sum, bin) => sum + bin.count, 0);
    if (!count || $("nothing").hidden || query.toString() !== state.filters("from", "to").toString()) return;
    $("other-days").textContent = `В эти дни ничего. Показать за всё время: ${events(count)}`;
    $("other-days").hidden = false;
  }

  $("other-days").addEventListener("click", () => {
    timeline.stop();
    state.set({ from: "", to: "" }, { step: true });
  });

  $("elsewhere").addEventListener("click", () => {
    const bbox = last?.elsewhere?.bbox;
    const there = bbox ? L.latLngBounds([bbox[1], bbox[0]], [bbox[3], bbox[2]]) : home;
    map.fitBounds(there, { ...padding(), maxZoom: 11, animate: !stillness() });
  });
  $("show-all").addEventListener("click", () => {
    timeline.stop();
    state.set(Kubmap.State.ALL, { step: true });
    map.fitBounds(home, { ...around(), animate: !stillness() });
  });
  $("sheet-toggle").addEventListener("click", () => openSheet(!document.body.classList.contains("sheet-open")));
  $("legend-toggle").addEventListener("click", () => {
    const open = $("legend").classList.toggle("open");
    $("legend-toggle").setAttribute("aria-expanded", String(open));
  });
  if (!narrow()) {
    $("legend").classList.add("open");
    $("legend-toggle").setAttribute("aria-expanded", "true");
  }

  state.onChange(({ back }) => {
    if (back) {
      restoreStep();
      if (state.get("id")) pick(state.get("id"), { focus: false, step: false, link: true });
      else if (!$("card").hidden) drop({ step: false });
    }
    fill();
    refreshSoon();
    timeline.follow();
  });
  map.on("moveend", () => {
    state.set(viewNow(), { quiet: true });
    refreshSoon();
  });

  /** Draws anew when something was published; the view, the card and the focus stay. */
  async function renew() {
    const revision = await source.revision();
    if (revision === undefined || String(revision) === document.body.dataset.revision) return;
    await Promise.all([refresh(), timeline.refresh()]);
    const feature = await card.renew();
    if (feature) incidents.select(feature);
  }

  async function watch() {
    if (!document.hidden) await renew().catch(() => {});
    setTimeout(watch, source.poll);
  }

  const first = [refresh(), timeline.refresh()]; // before the layers: a browser asks for six files at a time
  const base = Kubmap.baseMap(map);
  Promise.all([...first, base.whole]).then(() => {
    if (last && !complete) show(last);
    document.body.dataset.drawn = String(Math.round(performance.now()));
    if (state.get("id")) pick(state.get("id"), { move: !state.get("z"), focus: false, step: false, link: true });
    setTimeout(watch, source.poll);
  }).catch((error) => say(error.message));
})();
