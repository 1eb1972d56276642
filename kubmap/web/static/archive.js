// A static site's data: months of records as files; what a server would choose and group is chosen and grouped here.
"use strict";
Kubmap.Archive = class extends Kubmap.Source {
  constructor(root, folder) {
    super(root);
    this.folder = folder;
    this.poll = 30_000;
    this.files = new Map();
  }

  /** The list of files; asked anew by `revision` only. */
  index() {
    this.known ||= Kubmap.getJson(`${this.folder}index.json`, { cache: "no-cache" });
    return this.known;
  }

  /** A file under a name that holds the print of its content: fetched once. */
  file(name) {
    if (!this.files.has(name)) {
      const found = Kubmap.getJson(this.folder + name);
      found.catch(() => this.files.delete(name));
      this.files.set(name, found);
    }
    return this.files.get(name);
  }

  async revision() {
    const now = await Kubmap.getJson(`${this.folder}index.json`, { cache: "no-cache" });
    this.known = Promise.resolve(now);
    return now.revision;
  }

  /** Records of the months that the query's period touches and that pass its filters but for the category. */
  async passing(query) {
    const { months } = await this.index();
    this.months = new Set(months.map(({ name }) => name));
    const [from, to] = [query.get("from") || "", query.get("to") || "9999"];
    const whole = !query.get("from") && !query.get("to");
    const wanted = months.filter(({ first, last }) => (first ? last >= from && first <= to : whole));
    const found = await Promise.all(wanted.map(({ file }) => this.file(file)));
    const passes = Kubmap.Archive.filter(query);
    return found.flatMap(({ features }) => features).filter(passes).sort(Kubmap.Archive.newest);
  }

  async chosen(query) {
    const categories = (query.get("category") || "").split(",").filter(Boolean);
    const all = await this.passing(query);
    return { all, some: categories.length ? all.filter(({ properties }) => categories.includes(properties.category)) : all };
  }

  async view(query, { bounds, zoom }) {
    const turn = (this.turn = (this.turn || 0) + 1);
    const [{ all, some }, { revision, demo }] = await Promise.all([this.chosen(query), this.index()]);
    if (turn !== this.turn) throw new DOMException("a newer question came", "AbortError");
    const krai = some.filter(({ properties }) => properties.precision === "krai");
    const placed = [];
    const unplaced = [];
    for (const feature of some) {
      if (feature.properties.precision === "krai") continue;
      const at = Kubmap.shapes.anchor(feature);
      if (at) placed.push({ feature, at });
      else unplaced.push(feature);
    }
    const features = this.groups(placed, bounds, zoom);
    const shown = features.reduce((sum, { properties }) => sum + (properties.count || 1), 0);
    const zones = {};
    for (const { properties: { zone } } of some) zones[zone] = (zones[zone] || 0) + 1;
    return {
      features, shown, total: some.length, revision, demo,
      krai: krai.slice(0, 20), krai_count: krai.length, unplaced: unplaced.slice(0, 20), unplaced_count: unplaced.length,
      elsewhere: !shown && placed.length ? { count: placed.length, bbox: Kubmap.Archive.frame(placed) } : null,
      categories: Kubmap.Archive.kinds(all),
      zones: Object.fromEntries([...Kubmap.zoneNames()].map(([id, name]) => [id, zones[name] || 0])),
    };
  }

  /** The groups of the frame: cells of 64 pixels that do not move with it; few records stand alone. */
  groups(placed, [west, south, east, north], zoom) {
    const cells = new Map();
    const few = placed.length <= Kubmap.Archive.FEW;
    const level = few ? 22 : zoom;
    for (const item of placed) {
      const { x, y } = L.CRS.EPSG3857.latLngToPoint(item.at, level);
      const key = `${Math.floor(x / 64)}-${Math.floor(y / 64)}`;
      if (!cells.has(key)) cells.set(key, []);
      cells.get(key).push(item);
    }
    this.cells = new Map();
    const features = [];
    for (const [key, items] of cells) {
      const [w, s, e, n] = Kubmap.Archive.frame(items);
      if (e < west || w > east || n < south || s > north) continue;
      if (items.length === 1) {
        features.push(items[0].feature);
        continue;
      }
      const id = `a${level}-${key}`;
      this.cells.set(id, items.map(({ feature }) => feature));
      const middle = (axis) => items.reduce((sum, { at }) => sum + at[axis], 0) / items.length;
      features.push({
        type: "Feature", id, geometry: { type: "Point", coordinates: [middle("lng"), middle("lat")] },
        properties: {
          kind: "cluster", count: items.length, bbox: [w, s, e, n], latest: items[0].feature.properties.days?.[0],
          categories: Kubmap.Archive.kinds(items.map(({ feature }) => feature)),
        },
      });
    }
    return features;
  }

  async members(id, query, after) {
    const from = after || 0;
    let all = this.cells.get(id);
    if (!all) {
      const { some } = await this.chosen(query);
      all = some.filter((feature) => (feature.properties.precision === "krai" ? id === "krai"
        : id === "unplaced" && !Kubmap.shapes.anchor(feature)));
    }
    return { members: all.slice(from, from + 20), next: from + 20 < all.length ? from + 20 : null };
  }

  /** Counts by day of the list of files; with a filter that it does not know, of the records while they are not too many. */
  async timeline(query) {
    const { months } = await this.index();
    const categories = (query.get("category") || "").split(",").filter(Boolean);
    const days = new Map();
    const [from, to] = [query.get("from") || "", query.get("to") || "9999"];
    const add = (day, count) => {
      if (day >= from && day <= to) days.set(day, (days.get(day) || 0) + count);
    };
    const total = months.reduce((sum, { count }) => sum + count, 0);
    if (["zone", "municipality", "q"].some((name) => query.get(name)) && total <= Kubmap.Archive.LOADABLE) {
      for (const { properties } of (await this.chosen(query)).some) if (properties.days) add(properties.days[0], 1);
    } else {
      for (const month of months) {
        for (const [day, counts] of Object.entries(month.days || {})) {
          for (const [category, count] of Object.entries(counts)) {
            if (!categories.length || categories.includes(category)) add(day, count);
          }
        }
      }
    }
    return Kubmap.Archive.bins(days);
  }

  async incident(id) {
    const { cards } = await this.index();
    let hash = 0x811c9dc5;
    for (const sign of id) hash = Math.imul(hash ^ sign.charCodeAt(0), 0x01000193) >>> 0;
    const { features } = await Kubmap.getJson(`${this.folder}cards/${hash % cards}.json`);
    if (!Object.hasOwn(features, id)) throw new Error("Такого события нет или оно больше не опубликовано.");
    return features[id];
  }

  async places(text) {
    const { places } = await this.file((await this.index()).places);
    const fold = Kubmap.Archive.fold(text);
    return places.filter(({ name }) => Kubmap.Archive.fold(name).startsWith(fold)).slice(0, 6);
  }

  /** Whole files, for nobody is there to choose: those of the period's month, where it lies in one, else of all. */
  downloads(query) {
    const [from, to] = [query.get("from") || "", query.get("to") || ""];
    const month = from && from.slice(0, 7) === to.slice(0, 7) ? from.slice(0, 7) : null;
    if (!this.months?.has(month)) return super.downloads(new URLSearchParams());
    return { csv: `${this.root}export/${month}.csv`, geojson: `${this.root}export/${month}.geojson` };
  }
};
Kubmap.Archive.FEW = 40;
Kubmap.Archive.LOADABLE = 20_000;
Kubmap.Archive.fold = (text) => text.toLowerCase().replaceAll("ё", "е");
Kubmap.Archive.newest = (a, b) => ((b.properties.days?.[0] || "") + b.id).localeCompare((a.properties.days?.[0] || "") + a.id, "en");

Kubmap.Archive.kinds = (features) => {
  const counts = {};
  for (const { properties: { category } } of features) counts[category] = (counts[category] || 0) + 1;
  return counts;
};

Kubmap.Archive.frame = (items) => {
  const [lons, lats] = [items.map(({ at }) => at.lng), items.map(({ at }) => at.lat)];
  const least = (values) => values.reduce((a, b) => Math.min(a, b));
  const most = (values) => values.reduce((a, b) => Math.max(a, b));
  return [least(lons), least(lats), most(lons), most(lats)];
};

/** Whether a record is in the period, the zone, the municipality and has all the words. */
Kubmap.Archive.filter = (query) => {
  const [from, to] = [query.get("from"), query.get("to")];
  const zone = query.get("zone") && (Kubmap.zoneNames().get(query.get("zone")) || query.get("zone"));
  const town = query.get("municipality");
  const municipality = town && (document.querySelector(`[name="where"] option[value="municipality:${CSS.escape(town)}"]`)?.dataset.name || town);
  const words = Kubmap.Archive.fold(query.get("q") || "").split(/\s+/u).filter(Boolean);
  return ({ properties: found }) => {
    const [first, last] = found.days || [];
    if ((from || to) && !first) return false;
    if ((from && last < from) || (to && first > to)) return false;
    if ((zone && found.zone !== zone) || (municipality && found.municipality !== municipality)) return false;
    const text = words.length ? Kubmap.Archive.fold(`${found.title} ${found.place || ""}`) : "";
    return words.every((word) => text.includes(word));
  };
};

/** Days of a period of a season, weeks of three years, else months; as /api/v1/timeline does. */
Kubmap.Archive.bins = (days) => {
  const known = [...days.keys()].sort();
  if (!known.length) return { step: "day", bins: [] };
  const { ordinal, iso } = Kubmap.dates;
  const span = ordinal(known.at(-1)) - ordinal(known[0]) + 1;
  const step = span <= 92 ? "day" : span <= 3 * 366 ? "week" : "month";
  const monday = (day) => iso(ordinal(day) - ((ordinal(day) + 3) % 7));
  const start = { day: (day) => day, week: monday, month: (day) => `${day.slice(0, 7)}-01` }[step];
  const bins = new Map();
  for (const day of known) bins.set(start(day), (bins.get(start(day)) || 0) + days.get(day));
  return { step, bins: [...bins].map(([first, count]) => ({ start: first, count })) };
};
