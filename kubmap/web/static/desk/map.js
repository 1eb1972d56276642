// The map of the open record, inside the frame of streamlit-folium: our base map, the location with its radius, the
// alternatives as numbered pins. What is shown comes as JSON with every run, so the map itself is never built again:
// the view stays where the editor left it. A click, a drag and a chosen pin go back as streamlit-folium's own events.
"use strict";
window.kubmapDeskMap = (() => {
  const NEAR = 12;
  const TOLD_MS = 2000;  // streamlit-folium tells of a click a quarter of a second after it, and the desk answers

  const read = (header) => {
    const found = /<script type="application\/json" id="desk-map">([\s\S]*?)<\/script>/.exec(header || "");
    try {
      return found ? JSON.parse(found[1]) : null;
    } catch {
      return null;
    }
  };

  function layers(map, data) {
    const names = ["land", "zones", "water", "municipalities", "roads"];
    const base = Kubmap.layers.base(map, Object.fromEntries(names.map((name) => [name, data.layers[name]])));
    Kubmap.layers.labels(map, { labels: data.layers.labels, more: data.layers["labels-more"], moreFrom: data.moreFrom });
    L.control.zoom({ position: "bottomright", zoomInTitle: "Приблизить", zoomOutTitle: "Отдалить" }).addTo(map);
    new Kubmap.Scale({ position: "bottomleft", imperial: false, maxWidth: 90 }).addTo(map);
    return base;
  }

  const pin = (at, className, words) => L.marker(at, {
    icon: L.divIcon({ className: `desk-pin ${className}`, html: words.icon, iconSize: [30, 30], iconAnchor: [15, 15] }),
    title: words.title, alt: words.title, keyboard: true, riseOnHover: true,
  });

  /** An event of the map at a place: what streamlit-folium reports as a click there. */
  const report = (map, latlng) => map.fire("click", { latlng: L.latLng(Number(latlng.lat.toFixed(6)), Number(latlng.lng.toFixed(6))) });

  function location(map, group, place) {
    if (place.geometry) {
      L.geoJSON(place.geometry, {
        interactive: false,
        style: ({ geometry }) => ({ className: geometry.type.endsWith("LineString") ? "desk-line" : "desk-shape" }),
        pointToLayer: (_, at) => L.circleMarker(at, { radius: 5, className: "desk-shape", interactive: false }),
      }).addTo(group);
    }
    if (place.lat === null) return;
    const at = [place.lat, place.lon];
    if (place.radius && !place.geometry) L.circle(at, { radius: place.radius, className: "desk-radius", interactive: false }).addTo(group);
    const marker = pin(at, place.verified ? "desk-here verified" : "desk-here", { icon: "", title: `${place.label}. Потяните, чтобы передвинуть.` });
    marker.options.draggable = true;
    marker.options.autoPan = true;
    marker.on("dragend", () => report(map, marker.getLatLng()));
    marker.addTo(group);
  }

  function others(map, group, list) {
    for (const each of list) {
      const shown = pin([each.lat, each.lon], "desk-other", { icon: String(Number(each.n)), title: `${each.n}. ${each.label}` });
      shown.on("click", (event) => {
        L.DomEvent.stopPropagation(event);
        report(map, L.latLng(each.lat, each.lon));
      });
      shown.addTo(group);
    }
  }

  function frame(map, data) {
    const points = data.alternatives.map(({ lat, lon }) => [lat, lon]);
    const place = data.location;
    let bounds = L.latLngBounds(points);
    if (place?.geometry) bounds.extend(L.geoJSON(place.geometry).getBounds());
    if (place && place.lat !== null) {
      const at = L.latLng(place.lat, place.lon);
      bounds.extend(place.radius ? at.toBounds(place.radius * 3) : at);
    }
    if (!bounds.isValid()) bounds = L.latLngBounds(data.home);
    map.fitBounds(bounds, { maxZoom: NEAR, padding: [26, 26], animate: false });
  }

  function show(state, data) {
    if (!data) return;
    document.documentElement.dataset.theme = data.theme;
    document.documentElement.style.setProperty("--accent", data.accent);
    state.group.clearLayers();
    if (data.location) location(state.map, state.group, data.location);
    others(state.map, state.group, data.alternatives);
    if (state.id !== data.id) frame(state.map, data);
    else if (data.location && data.location.lat !== null && !state.map.getBounds().contains([data.location.lat, data.location.lon])) {
      state.map.panTo([data.location.lat, data.location.lon]);
    }
    state.id = data.id;
    state.base = data.base;
    state.map.getContainer().dataset.shown = data.id;
  }

  const HANDED = { KeyJ: "next", KeyK: "previous" };
  function onKey(state, event) {
    const submit = (event.ctrlKey || event.metaKey) && event.key === "Enter";
    const action = submit ? "submit" : event.key === "?" ? "help" : event.key === "Escape" ? "close" : HANDED[event.code];
    if (!action) return;
    event.preventDefault();
    const hand = () => parent.postMessage({ type: "kubmap-desk-key", action }, location.origin);
    if (submit) afterClick(state, hand);
    else hand();
  }

  /** What is published has the place that was clicked just before: the press waits until the map shows it. */
  function afterClick(state, run) {
    const { id } = state;
    const wait = state.clicked + TOLD_MS - performance.now();
    if (wait <= 0) {
      run();
      return;
    }
    clearTimeout(state.timer);
    state.held = () => state.id === id && run();  // never another record, which was gone on to meanwhile
    state.timer = setTimeout(() => answered(state), wait);
  }

  function answered(state) {
    clearTimeout(state.timer);
    state.clicked = -Infinity;
    const { held } = state;
    state.held = null;
    held?.();
  }

  function start(map) {
    const data = read(document.head.innerHTML) || {};
    const state = { map, group: L.layerGroup().addTo(map), id: null, base: null, clicks: 0, clicked: -Infinity, held: null };
    // whose map was clicked, and that it was clicked again: streamlit-folium hands the place on as it is
    map.on("click", ({ latlng }) => {
      state.clicked = performance.now();
      Object.assign(latlng, { record: state.id, base: state.base, zoom: map.getZoom(), nth: (state.clicks += 1) });
    });
    document.title = "Карта записи";
    document.documentElement.lang = "ru";
    layers(map, data);
    show(state, data);
    window.addEventListener("message", (event) => {
      if (event.source !== parent || event.data?.type !== "streamlit:render") return;
      const header = event.data.args?.header;
      show(state, read(header));
      if (header !== state.header) answered(state);
      state.header = header;
    });
    document.addEventListener("keydown", (event) => onKey(state, event));
    new ResizeObserver(() => map.invalidateSize({ pan: false })).observe(map.getContainer());
  }
  return { start };
})();
