// The last answers stay readable without a network. Network first; a copy always says that it is one and how old.
// Build @PRINT@. Keeps at most PAGES answers and FILES scripts and styles.
"use strict";
const FORMAT = "@FORMAT@";
const PAGES_CACHE = `kubmap-outages-${FORMAT}-pages`, FILES_CACHE = `kubmap-outages-${FORMAT}-files`;
const PAGES = 30, FILES = 24, WAIT_MS = 6_000;
const SCOPE = new URL("./", self.location);
const ASSETS = new URL("../assets/", self.location).pathname;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(begin()));
self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== self.location.origin) return;
  if (url.pathname.startsWith(ASSETS)) event.respondWith(file(event.request));
  else if (isPage(url, event.request)) event.respondWith(page(event, url));
});
self.addEventListener("message", (event) => {
  if (event.data === "forget") event.waitUntil(caches.delete(PAGES_CACHE));
  else if (event.data?.keep) event.waitUntil(keepFirst(event.data, event.source));
});

async function begin() {
  const names = (await caches.keys()).filter((name) => name.startsWith("kubmap-outages-"));
  await Promise.all(names.filter((name) => name !== PAGES_CACHE && name !== FILES_CACHE).map((name) => caches.delete(name)));
  await self.clients.claim();
}

// An answer for now, or the search; an answer for another moment is not kept.
function isPage(url, request) {
  if (!url.pathname.startsWith(SCOPE.pathname)) return false;
  const name = url.pathname.slice(SCOPE.pathname.length);
  const asksPage = request.mode === "navigate" || (request.headers.get("Accept") ?? "").startsWith("text/html");
  return asksPage && /^[0-9a-z-]{0,40}$/.test(name);
}
const isKept = (url) => !url.searchParams.has("at") && !url.searchParams.has("q");
const keyOf = (url) => url.origin + url.pathname;

async function page(event, url) {
  const copy = isKept(url) ? await (await caches.open(PAGES_CACHE)).match(keyOf(url)) : undefined;
  const fresh = fetch(event.request).then((answer) => {
    if (answer.ok && answer.type === "basic" && isKept(url)) event.waitUntil(store(PAGES_CACHE, keyOf(url), answer.clone(), PAGES));
    return answer;
  });
  try {
    const answer = await (copy ? Promise.race([fresh, late()]) : fresh);
    if (copy && answer.status >= 500) return marked(copy);
    return answer;
  } catch {
    fresh.catch(() => {});
    return copy ? marked(copy) : nothing();
  }
}

const late = () => new Promise((_, fail) => setTimeout(() => fail(new Error("late")), WAIT_MS));

// The kept page with a class on its root that shows the note of its age.
async function marked(copy) {
  const text = (await copy.text()).replace('<html lang="ru">', '<html lang="ru" class="copied">');
  const headers = new Headers(copy.headers);
  headers.delete("Content-Length");
  headers.delete("Content-Encoding");
  headers.set("X-Kubmap-Copy", "1");
  return new Response(text, { status: 200, headers });
}

async function nothing() {
  const pages = await (await caches.open(PAGES_CACHE)).keys();
  const names = await Promise.all(pages.map(named));
  const links = names.filter(Boolean).map(([path, title]) => `<li><a href="${path}"><b>${title}</b></a></li>`).join("");
  const css = (await (await caches.open(FILES_CACHE)).keys()).map((request) => new URL(request.url).pathname).filter((path) => path.endsWith(".css"));
  const styles = css.map((path) => `<link rel="stylesheet" href="${path}">`).join("");
  const told = links ? `<p>Сохранённые ответы:</p><ul class="choices">${links}</ul>` : "";
  const html = `<!DOCTYPE html><html lang="ru" class="copied"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Нет связи</title>${styles}</head><body class="outage"><main><h1>Нет связи</h1><p>Этого ответа в памяти браузера нет. Проверьте связь и откройте страницу снова.</p>${told}</main></body></html>`;
  const headers = { "Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": "default-src 'none'; style-src 'self'" };
  return new Response(html, { status: 503, headers });
}

// Path and heading of a kept answer; the heading is HTML that the server has escaped, tags in it are dropped.
async function named(request) {
  const answer = await (await caches.open(PAGES_CACHE)).match(request);
  const title = /<h1 data-id[^>]*>([^<]*)<\/h1>/.exec((await answer?.text()) ?? "");
  return title ? [new URL(request.url).pathname, title[1]] : null;
}

// Scripts and styles have the print of their content in the address: what is kept is never old.
async function file(request) {
  const cache = await caches.open(FILES_CACHE);
  const kept = await cache.match(request);
  if (kept) return kept;
  const answer = await fetch(request);
  if (answer.ok) await store(FILES_CACHE, request, answer.clone(), FILES);
  return answer;
}

async function store(name, key, answer, most) {
  const cache = await caches.open(name);
  await cache.delete(key); // put again it becomes the newest
  await cache.put(key, answer);
  const keys = await cache.keys();
  await Promise.all(keys.slice(0, Math.max(0, keys.length - most)).map((each) => cache.delete(each)));
}

// A page that came before the worker could keep it.
async function keepFirst({ keep, files }, client) {
  const url = new URL(keep, self.location);
  if (url.origin !== self.location.origin || !url.pathname.startsWith(SCOPE.pathname)) return;
  if (!(await (await caches.open(PAGES_CACHE)).match(keyOf(url)))) {
    const answer = await fetch(url, { headers: { Accept: "text/html" } });
    if (answer.ok) await store(PAGES_CACHE, keyOf(url), answer, PAGES);
  }
  const own = files.filter((each) => new URL(each, self.location).pathname.startsWith(ASSETS));
  await Promise.all(own.map((each) => file(new Request(each))));
  client?.postMessage("kept");
}
