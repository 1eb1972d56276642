// The base map: sea, land, zones, borders, rivers and roads, drawn from our own data. Colours are in map.css.
"use strict";
Kubmap.layers.base = (map, data) => {
  // bottom first; the stacking is ours, so that labels and incidents always stay above
  const order = ["land", "zones", "water", "borders", "roads"];
  order.forEach((name, at) => {
    const pane = map.createPane(`base-${name}`);
    pane.style.zIndex = String(200 + at * 10);
    pane.style.pointerEvents = "none";
  });
  const renderers = Object.fromEntries(order.map((name) => [name, L.svg({ pane: `base-${name}`, padding: 0.6 })]));
  const draw = (features, name, className) => {
    const options = (feature) => ({ className: `${className} ${className}-${feature.properties.class || "x"}` });
    return L.geoJSON(features, {
      pane: `base-${name}`,
      renderer: renderers[name],
      interactive: false,
      style: options,
    }).addTo(map);
  };
  const load = async (url, name, className) => draw(await Kubmap.getJson(url), name, className);

  const land = Kubmap.getJson(data.land).then((found) => {
    // the land reaches the sheet's edges on every side: its frame is the frame of the sheet
    const sheet = L.geoJSON(found).getBounds();
    L.rectangle(sheet, { pane: "base-land", renderer: renderers.land, interactive: false, className: "sheet" }).addTo(map);
    draw(found, "land", "land");
    map.setMaxBounds(sheet.pad(0.02));
  });
  const zones = Kubmap.getJson(data.zones).then((found) => {
    const drawn = L.geoJSON(found, {
      pane: "base-zones",
      renderer: renderers.zones,
      interactive: false,
      style: (feature) => ({ className: `zone zone-${feature.properties.number}` }),
    }).addTo(map);
    Kubmap.zonePaths = new Map();
    drawn.eachLayer((layer) => {
      const { id, name, population } = layer.feature.properties;
      Kubmap.zonePaths.set(id, { path: layer.getElement(), name, population });
      Kubmap.shapes.learn(`zone:${id}`, layer.feature.geometry);
    });
  });
  const rest = Promise.all([
    load(data.water, "water", "water"),
    Kubmap.getJson(data.municipalities).then((found) => {
      for (const { geometry, properties } of found.features) Kubmap.shapes.learn(`municipality:${properties.id}`, geometry);
      draw(found, "borders", "border");
    }),
    load(data.roads, "roads", "road"),
  ]);
  const steps = () => map.getContainer().setAttribute("data-zoom", String(Math.floor(map.getZoom())));
  map.on("zoomend", steps);
  steps();
  return Promise.all([land, zones, rest]);
};

/**
 * All layers that the page names. `whole` is kept when they are drawn, which `drawn` tells; `soon` is kept then or after
 * some milliseconds: what stands on the map waits so long for its borders and names, and is drawn once.
 */
Kubmap.baseMap = (map, patience = 400) => {
  const layers = [...document.querySelectorAll(".kubmap-layer")].map(({ dataset }) => Kubmap.layers[dataset.layer]?.(map, dataset));
  const base = { drawn: false, whole: Promise.all(layers) };
  const tried = base.whole.then(() => {
    base.drawn = true;
  }, () => {});
  base.soon = Promise.race([tried, new Promise((done) => setTimeout(done, patience))]);
  return base;
};
