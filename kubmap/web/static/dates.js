// Days as people here write them: «22.11.2021», «22–30 ноября 2021». A day inside the page is its ISO text.
"use strict";
Kubmap.dates = (() => {
  const DAY = 86_400_000;
  const MONTHS = ["января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября", "октября",
    "ноября", "декабря"];

  /** Days since 1970 of an ISO day, and back. */
  const ordinal = (iso) => Math.round(Date.parse(`${iso}T00:00Z`) / DAY);
  const iso = (at) => new Date(at * DAY).toISOString().slice(0, 10);

  const isDay = (text) => /^\d{4}-\d{2}-\d{2}$/u.test(text) && !Number.isNaN(Date.parse(`${text}T00:00Z`))
    && iso(ordinal(text)) === text;

  /** «22.11.2021» of an ISO day; nothing of nothing. */
  const numeric = (text) => (isDay(text) ? text.split("-").reverse().join(".") : "");

  /** The ISO day of «22.11.2021», «1.2.21», «22 11 2021»; null when it is no day. */
  function read(text) {
    const found = /^\s*(\d{1,2})[.\/\s-](\d{1,2})[.\/\s-](\d{4}|\d{2})\s*$/u.exec(text);
    if (!found) return isDay(text.trim()) ? text.trim() : null;
    const year = found[3].length === 2 ? `20${found[3]}` : found[3];
    const day = `${year}-${found[2].padStart(2, "0")}-${found[1].padStart(2, "0")}`;
    return isDay(day) ? day : null;
  }

  function parts(text) {
    const [year, month, day] = text.split("-").map(Number);
    return { year, month: MONTHS[month - 1], day };
  }

  /** «22 ноября 2021». */
  function words(text) {
    const { year, month, day } = parts(text);
    return `${day} ${month} ${year}`;
  }

  /** «22–30 ноября 2021», «28 ноября — 3 декабря 2021», «с 1 мая 2020», «всё время». */
  function period(from, to) {
    if (!from && !to) return "Всё время";
    if (!to) return `с ${words(from)}`;
    if (!from) return `по ${words(to)}`;
    if (from === to) return words(from);
    const [a, b] = [parts(from), parts(to)];
    if (a.year !== b.year) return `${words(from)} — ${words(to)}`;
    return a.month === b.month ? `${a.day}–${b.day} ${b.month} ${b.year}` : `${a.day} ${a.month} — ${words(to)}`;
  }

  /** The moment (ms) at which a record is over; null where it has no end. A day without an hour ends with the day. */
  function over(ends) {
    if (!ends) return null;
    return ends.length === 10 ? Date.parse(`${ends}T00:00+03:00`) + DAY : Date.parse(ends);
  }

  /** Today in Moscow. */
  const today = (now) => new Date(now.getTime() + 3 * 3_600_000).toISOString().slice(0, 10);

  return { DAY, ordinal, iso, isDay, numeric, read, words, period, over, today };
})();

/** The period a page opens on: all days of demonstration data, else 30 days up to the newest and what is to come. */
Kubmap.period = ({ demo, firstDay, lastDay }, now) => {
  if (!lastDay) return {};
  if (demo === "true") return { from: firstDay, to: lastDay };
  const { ordinal, iso, today } = Kubmap.dates;
  const newest = lastDay < today(now) ? lastDay : today(now);
  const from = iso(ordinal(newest) - 30);
  return { from: from > firstDay ? from : firstDay, to: lastDay };
};
