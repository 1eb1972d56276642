// Puts a page of ours (kubmap/web/templates, escaped there) below Streamlit's, with styles of its own.
// Links to other places go to Python instead of loading everything anew; the answer is asked for again when it changes.
const AWAY_MS = 60_000;
const NEWS_MS = 300_000;
const papers = new WeakMap();

/** The nodes of the page; whatever could act by itself is left out, though the templates let none of it in. */
function nodes(html) {
  const body = new DOMParser().parseFromString(html, "text/html").body;
  for (const node of body.querySelectorAll("script, iframe, object, embed, link, meta, base, form")) node.remove();
  for (const node of body.querySelectorAll("*")) {
    for (const { name, value } of [...node.attributes]) {
      const address = ["href", "src", "xlink:href", "action"].includes(name);
      if (name.startsWith("on") || (address && /^\s*(javascript|data|vbscript):/i.test(value))) node.removeAttribute(name);
    }
  }
  return [...body.childNodes];
}

class Paper {
  constructor(box) {
    this.box = box;
    this.since = Date.now();
    this.seen = () => this.back();
    box.addEventListener("click", (event) => this.click(event));
    document.addEventListener("visibilitychange", this.seen);
  }

  take({ data, setTriggerValue }) {
    this.send = setTriggerValue;
    this.live = data.live;
    this.since = Date.now();
    this.box.dataset.theme = data.theme;
    if (this.html !== data.html) {
      const open = this.key === data.key ? this.opened() : [];
      const moved = this.key !== undefined && this.key !== data.key;
      this.html = data.html;
      this.key = data.key;
      this.box.replaceChildren(...nodes(data.html));
      [...this.box.querySelectorAll("details")].forEach((each, at) => { each.open = open[at] ?? each.open; });
      if (moved) this.arrive();
    }
    this.wait();
  }

  /** Another place was chosen, maybe far below or with a keyboard over the page: its name is where reading goes on. */
  arrive() {
    const head = this.box.querySelector("h1");
    if (!head) return;
    head.tabIndex = -1;
    head.focus({ preventScroll: true });
    head.scrollIntoView({ block: "start" });
  }

  /** What the reader has unfolded stays so when the same place is told anew. */
  opened() {
    return [...this.box.querySelectorAll("details")].map((each) => each.open);
  }

  /** Asks again when what is told changes by the clock (an outage begins, ends, goes stale), and for news. */
  wait() {
    clearTimeout(this.timer);
    if (!this.live) return;
    const next = this.box.querySelector("[data-next]")?.dataset.next;
    const left = next ? Math.max(new Date(next) - Date.now(), 0) + 1_500 : NEWS_MS;
    this.timer = setTimeout(() => this.due(), Math.min(left, NEWS_MS));
  }

  /** A phone that slept shows an old answer: a newer one is asked for. */
  back() {
    if (document.visibilityState === "visible" && Date.now() - this.since > AWAY_MS) this.due();
  }

  /** A page that nobody sees asks when it is seen again. */
  due() {
    if (this.live && document.visibilityState === "visible") this.send("due", Date.now());
  }

  click(event) {
    const link = event.target.closest("a[href^='?']");
    if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    this.send("query", link.getAttribute("href").slice(1));
  }

  leave() {
    clearTimeout(this.timer);
    document.removeEventListener("visibilitychange", this.seen);
  }
}

export default function paper(component) {
  const box = component.parentElement.querySelector(".outage");
  let found = papers.get(box);
  if (!found) {
    found = new Paper(box);
    papers.set(box, found);
  }
  found.take(component);
  return () => {
    found.leave();
    papers.delete(box);
  };
}
