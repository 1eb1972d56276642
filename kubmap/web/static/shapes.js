// Shapes of places: geometry by reference to a border that the base map has, middles, frames and hulls. Pure.
"use strict";
Kubmap.shapes = (() => {
  const borders = new Map();

  /** Remembers a border («municipality:eysky»), so that records may point at it instead of carrying it. */
  const learn = (ref, geometry) => borders.set(ref, geometry);

  /** The geometry of a feature: its own or the border that it points at. */
  const geometryOf = ({ geometry, properties }) => geometry || borders.get(properties.ref) || null;

  /** What is drawn of a cluster: the one wide place at which all of it is, else nothing. */
  const clusterShape = ({ properties }) => properties.shape || borders.get(properties.ref) || null;

  /** The frame of a GeoJSON geometry as Leaflet bounds; null of none. */
  function boundsOf(geometry) {
    if (!geometry) return null;
    const bounds = L.geoJSON(geometry).getBounds();
    return bounds.isValid() ? bounds : null;
  }

  const isPin = (properties) => ["address", "road_km", "settlement"].includes(properties.precision) && Boolean(properties.point);

  function middle(line) {
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
  }

  /** Where the icon stands: at a pin's foot; of a wide place the middle of its line or of its frame; null of none. */
  function anchor(feature) {
    const { point } = feature.properties;
    const geometry = geometryOf(feature);
    if (isPin(feature.properties) || !geometry) return point ? L.latLng(point[1], point[0]) : null;
    if (geometry.type === "LineString") return middle(geometry.coordinates);
    if (geometry.type === "MultiLineString") return middle(geometry.coordinates.reduce((a, b) => (b.length > a.length ? b : a)));
    if (point) return L.latLng(point[1], point[0]);
    return boundsOf(geometry)?.getCenter() || null;
  }

  /** The convex hull of lon/lat points as lat/lon corners (Andrew's monotone chain). */
  function hull(points) {
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
  }

  return { learn, geometryOf, clusterShape, boundsOf, isPin, anchor, hull };
})();
