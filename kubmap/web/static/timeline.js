// The time slider: how many records each day, week or month had, two handles for the period, and play.
"use strict";
Kubmap.Timeline = class {
  constructor(state, source, { domain, frameDone }) {
    this.state = state;
    this.source = source;
    this.frameDone = frameDone;
    this.node = document.getElementById("timeline");
    const find = (name) => this.node.querySelector(`[data-part="${name}"]`);
    this.parts = Object.fromEntries(
      ["words", "bars", "window", "from", "to", "play", "back", "next", "step", "speed", "first", "last", "scale"].map((name) => [name, find(name)]),
    );
    this.playing = 0;
    this.extend(domain);
    this.bind();
    this.fill();
  }

  /** The days that there are. */
  extend([first, last]) {
    this.node.hidden = !first;
    if (!first) return;
    this.whole = [Kubmap.dates.ordinal(first), Math.max(Kubmap.dates.ordinal(last), Kubmap.dates.ordinal(first) + 1)];
    this.stretch(...this.whole);
  }

  /** The days that the slider spans. */
  stretch(first, last) {
    if (first === this.first && last === this.last) return;
    [this.first, this.last] = [first, last];
    for (const name of ["from", "to"]) Object.assign(this.parts[name], { min: String(first), max: String(last + 1) });
    this.parts.first.textContent = Kubmap.dates.numeric(Kubmap.dates.iso(first));
    this.parts.last.textContent = Kubmap.dates.numeric(Kubmap.dates.iso(last));
    this.parts.bars.replaceChildren();
  }

  /**
   * Spans no more than the days around a short window, or a day of a long archive were a fraction of a pixel; moves only
   * when the window comes near its edge. The reader may have all of it instead.
   */
  fit(from, to) {
    const [first, last] = this.whole;
    const width = Math.max(Kubmap.Timeline.NEAR, Math.round(2.5 * (to - from + 1)));
    const zoomable = width * 2 < last - first;
    this.parts.scale.hidden = !zoomable;
    this.parts.scale.textContent = this.far ? "приблизить шкалу" : "вся шкала";
    if (this.far || !zoomable) {
      this.stretch(first, last);
      return;
    }
    const near = this.last - this.first < 2 * width && this.last - this.first >= width / 2;
    const margin = Math.round(width / 12);
    const [left, right] = [Math.max(first, from - margin), Math.min(last, to + margin)];
    if (near && left >= this.first && right <= this.last) return;
    const start = Math.max(first, Math.min(Math.round((from + to) / 2 - width * 0.6), last - width + 1));
    this.stretch(start, Math.min(last, start + width - 1));
  }

  bind() {
    const { from, to, play, back, next } = this.parts;
    const later = Kubmap.debounce(() => this.choose({ step: true }), 160);
    for (const handle of [from, to]) {
      handle.addEventListener("input", () => {
        this.stop();
        this.part(handle);
        this.paint();
        later();
      });
    }
    play.addEventListener("click", () => (this.playing ? this.stop() : this.play()));
    back.addEventListener("click", () => this.move(-1));
    next.addEventListener("click", () => this.move(1));
    this.parts.scale.addEventListener("click", () => {
      this.far = !this.far;
      this.fill();
      this.follow();
    });
    for (const button of this.node.querySelectorAll("[data-days]")) {
      button.addEventListener("click", () => this.recent(Number(button.dataset.days)));
    }
    this.dragWindow();
  }

  /** The handles do not cross: the one that is moved pushes the other. */
  part(moved) {
    const { from, to } = this.parts;
    if (Number(from.value) < Number(to.value)) return;
    if (moved === from) from.value = String(Math.min(Number(from.value), this.last));
    else to.value = String(Math.max(Number(to.value), this.first + 1));
    if (moved === from) to.value = String(Number(from.value) + 1);
    else from.value = String(Number(to.value) - 1);
  }

  dragWindow() {
    const { window: bar } = this.parts;
    bar.addEventListener("pointerdown", (event) => {
      bar.setPointerCapture(event.pointerId);
      this.stop();
      const [x, [start, end]] = [event.clientX, this.days()];
      const day = this.span() / this.parts.bars.getBoundingClientRect().width;
      const move = ({ clientX }) => this.place(start + Math.round((clientX - x) * day), end - start);
      const drop = () => {
        bar.removeEventListener("pointermove", move);
        this.choose({ step: true });
      };
      bar.addEventListener("pointermove", move);
      bar.addEventListener("pointerup", drop, { once: true });
    });
  }

  /** First and last chosen day. The right handle stands where its day ends, so that the window holds both days. */
  days() {
    return [Number(this.parts.from.value), Number(this.parts.to.value) - 1];
  }

  span() {
    return this.last + 1 - this.first;
  }

  /** Puts a window of `width` days so that it stays inside of what the slider spans. */
  place(start, width) {
    const at = Math.max(this.first, Math.min(start, this.last - width));
    this.parts.from.value = String(at);
    this.parts.to.value = String(at + width + 1);
    this.paint();
  }

  choose(options) {
    const [from, to] = this.days().map(Kubmap.dates.iso);
    this.state.set({ from, to }, options);
  }

  recent(days) {
    this.stop();
    if (!days) this.state.set({ from: "", to: "" }, { step: true });
    else {
      const end = Math.min(this.whole[1], Kubmap.dates.ordinal(Kubmap.dates.today(new Date())));
      this.go(end - days + 1, days - 1, { step: true });
    }
    this.fill();
  }

  /** Chooses a window of `width` days, moved so that it stays among the days that there are. */
  go(start, width, options) {
    const [first, last] = this.whole;
    const at = Math.max(first, Math.min(start, last - width));
    const [from, to] = [at, Math.min(last, at + width)];
    this.fit(from, to);
    this.place(from, to - from);
    this.choose(options);
  }

  fill() {
    if (this.first === undefined) return;
    const day = (name, or) => (this.state.get(name) ? Kubmap.dates.ordinal(this.state.get(name)) : or);
    const [from, to] = [day("from", this.whole[0]), day("to", this.whole[1])];
    this.fit(Math.max(from, this.whole[0]), Math.min(to, this.whole[1]));
    this.parts.from.value = String(from);
    this.parts.to.value = String(to + 1);
    this.paint({ named: true });
  }

  /** Words and colours of the chosen window. */
  paint({ named = false } = {}) {
    const [from, to] = this.days();
    const [first, last] = [from, to].map(Kubmap.dates.iso);
    const span = this.span();
    // the state may reach beyond the days that there are: then its words, until a handle moves
    this.parts.words.textContent = named ? Kubmap.dates.period(this.state.get("from"), this.state.get("to")) : Kubmap.dates.period(first, last);
    this.parts.from.setAttribute("aria-valuetext", Kubmap.dates.words(first));
    this.parts.to.setAttribute("aria-valuetext", Kubmap.dates.words(last));
    this.parts.window.style.left = `${(100 * (from - this.first)) / span}%`;
    this.parts.window.style.width = `${(100 * (to + 1 - from)) / span}%`;
    // where the handles meet the one that has room to move lies on top
    this.parts.from.classList.toggle("above", from - this.first > span / 2);
    for (const bar of this.parts.bars.children) {
      bar.classList.toggle("on", Number(bar.dataset.last) >= from && Number(bar.dataset.first) <= to);
    }
  }

  /** What the bars tell of: the filters but for the period, in the days that the slider spans. */
  question() {
    const query = this.state.filters("from", "to");
    if (this.first !== undefined && (this.first !== this.whole[0] || this.last !== this.whole[1])) {
      query.set("from", Kubmap.dates.iso(this.first));
      query.set("to", Kubmap.dates.iso(this.last));
    }
    return query;
  }

  async refresh() {
    const query = this.question();
    this.asked = query.toString();
    try {
      const found = await this.source.timeline(query);
      if (this.asked === this.question().toString()) this.draw(found);
    } catch {
      this.parts.bars.replaceChildren();
    }
  }

  /** Asks again when another filter than the period, or what the slider spans, has changed. */
  async follow() {
    if (this.asked !== this.question().toString()) await this.refresh();
  }

  /** Spans days that came after the page: the first record of an empty archive, the first of a new day. */
  widen(step, bins) {
    if (!bins.length) return;
    const { first, last } = { first: Kubmap.dates.ordinal(bins[0].start), last: Kubmap.dates.ordinal(bins.at(-1).start) };
    const [left, right] = this.whole || [first, first];
    if (this.whole && (step !== "day" || (left <= first && right >= last))) return; // weeks and months begin early
    this.extend([Math.min(left, first), Math.max(right, last)].map(Kubmap.dates.iso));
    this.fill();
  }

  draw({ step, bins }) {
    this.widen(step, bins);
    if (this.first === undefined) return;
    const most = Math.max(1, ...bins.map(({ count }) => count));
    const span = this.span();
    const length = { day: 1, week: 7, month: 30.44 }[step] || 1;
    const bars = bins.map(({ start, count }) => {
      const first = Kubmap.dates.ordinal(start);
      const height = count ? Math.max(3, Math.sqrt(count / most) * 100) : 0;
      const left = (1000 * (first - this.first)) / span;
      return Kubmap.svg("rect", {
        x: left, width: Math.max((1000 * length) / span - 1, 0.8), y: 100 - height, height,
        "data-first": first, "data-last": Math.round(first + length - 1), class: "bar",
      });
    });
    this.parts.bars.replaceChildren(...bars);
    this.node.dataset.most = String(most);
    this.paint({ named: true });
  }

  /** Days that one step takes. */
  stride() {
    return { day: 1, week: 7, month: 30 }[this.parts.step.value];
  }

  /** One step on or back; a window that spans all becomes one step long. False at the end. */
  move(by) {
    const [from, to] = this.days();
    const [first, last] = this.whole;
    const stride = this.stride();
    const whole = from <= first && to >= last;
    const width = whole ? Math.min(stride, last - first) - (stride > 1 ? 1 : 0) : to - from;
    const start = whole ? (by > 0 ? first : last - width) : from + by * stride;
    if (!whole && (by > 0 ? to >= last : from <= first)) return false;
    this.go(start, Math.max(0, width), { step: !this.playing });
    return true;
  }

  /** Plays from the chosen window to the end; starts anew at the end. Where motion is unwelcome it makes one step. */
  async play() {
    if (Kubmap.stillness()) {
      this.move(1);
      return;
    }
    const run = this.turn(true);
    const [from, to] = this.days();
    if (to >= this.whole[1] && from > this.whole[0]) this.go(this.whole[0], to - from);
    while (run === this.playing) {
      if (!this.move(1)) break;
      await this.frameDone();
      await new Promise((done) => setTimeout(done, 1200 / Number(this.parts.speed.value)));
    }
    if (run === this.playing) this.stop();
  }

  stop() {
    if (this.playing) this.turn(false);
  }

  turn(on) {
    this.playing = on ? (this.runs = (this.runs || 0) + 1) : 0;
    this.node.classList.toggle("playing", on);
    this.parts.play.setAttribute("aria-label", on ? "Пауза" : "Показать ход времени");
    this.parts.play.setAttribute("aria-pressed", String(on));
    // a reader who listens hears the pause, not every frame
    document.getElementById("status").setAttribute("aria-live", on ? "off" : "polite");
    return this.playing;
  }
};
Kubmap.Timeline.NEAR = 92; // days: of so many each has a bar of its own
