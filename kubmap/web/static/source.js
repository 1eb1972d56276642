// Where the page's data come from: /api/v1 of the server. archive.js puts files of a static site in its place.
"use strict";
Kubmap.Source = class {
  constructor(root) {
    this.root = root;
    this.api = `${root}api/v1/`;
    this.poll = 1000; // ms; with the server's own look at the store a publish is drawn within two seconds
    this.running = null;
  }

  /** What the frame shows; a newer question ends the older one, so that one is on its way at most. */
  view(query, { bounds, zoom }) {
    this.running?.abort();
    this.running = new AbortController();
    query.set("bbox", bounds.map((degrees) => degrees.toFixed(3)).join(","));
    query.set("zoom", String(zoom));
    return Kubmap.getJson(`${this.api}view?${query}`, { signal: this.running.signal });
  }

  members(id, query, after) {
    query.set("limit", "20");
    if (after) query.set("after", after);
    return Kubmap.getJson(`${this.api}clusters/${encodeURIComponent(id)}?${query}`);
  }

  timeline(query) {
    return Kubmap.getJson(`${this.api}timeline?${query}`);
  }

  incident(id) {
    return Kubmap.getJson(`${this.api}incidents/${encodeURIComponent(id)}`);
  }

  async places(text, signal) {
    const query = new URLSearchParams({ q: text, limit: "6" });
    return (await Kubmap.getJson(`${this.api}places?${query}`, { signal })).places;
  }

  async revision() {
    return (await Kubmap.getJson(`${this.api}revision`)).revision;
  }

  downloads(query) {
    const asked = query.toString() ? `?${query}` : "";
    return { csv: `${this.root}export/incidents.csv${asked}`, geojson: `${this.api}incidents.geojson${asked}` };
  }
};
