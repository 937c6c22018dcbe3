// The rolling lines: a segment's partial text grows in place and becomes final; when the lines are full, the oldest leaves, but
// not before it could be read, unless the host is too fast for that.

import { make, readingTime, write } from "./format.js";

const LONGEST_READING = 7_000;
const LONGEST_HOLD = 2_500;
const SETTLED = 5_000;
const ROLL = 220;
const COPIED = [
  "width", "height", "font", "color", "background", "padding", "borderRadius", "textShadow", "textAlign", "textTransform", "letterSpacing",
  "opacity", "whiteSpace", "direction",
];
const calm = matchMedia("(prefers-reduced-motion: reduce)");

/** The lines in `output`, at most `most` at once; a final line stays `showtime` ms (0: until others push it out). */
export class Roll {
  #output;
  #leaving;
  #options;
  #lines = new Map(); // "lang segment" → line, oldest first; a line has an `element` once it is on the screen
  #timer = 0;

  constructor(output, leaving, { most, showtime, dual }) {
    this.#output = output;
    this.#leaving = leaving;
    this.#options = { most, showtime, dual };
  }

  /** A new subtitle: another revision of a segment, or the first of a new one. */
  show(subtitle) {
    const key = `${subtitle.lang} ${subtitle.segment}`;
    const now = performance.now();
    let line = this.#lines.get(key);
    if (line?.final) {
      // A late revision of it, or its repetition; but a next stream begins its segments' names anew.
      if (now - line.since < SETTLED || subtitle.seq === line.seq) return;
      this.#lines.delete(key);
      this.#drop(line);
      line = undefined;
    }
    if (line !== undefined && !subtitle.final && subtitle.rev < line.rev) return;
    const fresh = line === undefined;
    line ??= { key, element: null, shown: 0 };
    Object.assign(line, { subtitle, rev: subtitle.rev, final: subtitle.final, seq: subtitle.seq, since: now });
    if (fresh && line.final) this.#insert(line);
    else this.#lines.set(key, line);
    this.#settle();
  }

  /** Take every line off at once, or those of one language. */
  clear(lang) {
    for (const [key, line] of [...this.#lines]) {
      if (lang && line.subtitle.lang !== lang) continue;
      line.element?.remove();
      this.#lines.delete(key);
    }
    this.#leaving.replaceChildren();
    if (this.#lines.size > 0) this.#settle();
    else clearTimeout(this.#timer);
  }

  /** Hide or show the lines of a language. */
  veil(blocked) {
    for (const { element, subtitle } of this.#lines.values()) if (element) element.hidden = blocked(subtitle.lang);
  }

  /** A final of which no partial came was said before what is still being said. */
  #insert(line) {
    const all = [...this.#lines.values()];
    const at = all.findLastIndex(({ final, subtitle }) => final || subtitle.lang !== line.subtitle.lang) + 1;
    all.splice(at, 0, line);
    this.#lines = new Map(all.map((each) => [each.key, each]));
  }

  /** Let leave who must, let in who waits, draw what changed, and come back when the next is due. */
  #settle() {
    clearTimeout(this.#timer);
    this.#glide(() => {
      const now = performance.now();
      const { most, showtime } = this.#options;
      for (const line of [...this.#lines.values()]) {
        if (line.element && showtime > 0 && now >= this.#until(line)) this.#drop(line);
      }
      const shown = () => [...this.#lines.values()].filter((line) => line.element);
      const waiting = [...this.#lines.values()].filter((line) => !line.element);
      for (const [at, line] of waiting.entries()) {
        line.asked ??= now;
        const full = shown();
        const hurried = waiting.length - at > 1 || now - line.asked >= LONGEST_HOLD;
        if (full.length >= most && !hurried && now < this.#readUntil(full[0])) break;
        if (full.length >= most) this.#drop(full[0]);
        line.element = make("div");
        line.shown = now;
        const all = [...this.#lines.values()];
        this.#output.insertBefore(line.element, all.slice(all.indexOf(line)).find(({ element }) => element && element !== line.element)?.element ?? null);
      }
      for (const line of shown()) this.#draw(line);
      let due = Infinity;
      for (const line of this.#lines.values()) {
        if (line.element && showtime > 0) due = Math.min(due, this.#until(line));
        if (!line.element) due = Math.min(due, line.asked + LONGEST_HOLD, this.#readUntil(shown()[0]));
      }
      if (due < Infinity) this.#timer = setTimeout(() => this.#settle(), Math.max(10, due - now));
    });
  }

  /** When a line has been there long enough to be read. */
  #readUntil({ shown, subtitle }) {
    return shown + Math.min(LONGEST_READING, readingTime(subtitle.text, subtitle.lang));
  }

  /** When a line that nothing pushes out leaves. */
  #until(line) {
    return Math.max(line.since + this.#options.showtime, this.#readUntil(line));
  }

  #draw({ element, subtitle }) {
    // Text that could not be translated is still in the host's language.
    const { text, source, final, flags } = subtitle;
    const lang = flags?.includes("untranslated") ? source.lang : subtitle.lang;
    const state = final ? "final" : "partial";
    const two = this.#options.dual && source.text !== text;
    element.dataset.segment = subtitle.segment;
    if (!two) {
      element.className = `line ${state}`;
      write(element, text, lang);
      return;
    }
    if (element.className !== "pair") {
      element.className = "pair";
      element.replaceChildren(make("div"), make("div"));
    }
    const [above, below] = element.children;
    above.className = `line translation ${state}`;
    below.className = `line source ${state}`;
    write(above, text, lang);
    write(below, source.text, source.lang);
  }

  /** Forget a line; its picture fades where it stood. */
  #drop(line) {
    this.#lines.delete(line.key);
    const { element } = line;
    if (!element) return;
    if (!calm.matches && this.#output.checkVisibility?.() !== false && !element.hidden) {
      for (const part of element.className === "pair" ? element.children : [element]) this.#fade(part);
    }
    element.remove();
  }

  #fade(element) {
    const { left, top } = element.getBoundingClientRect();
    const look = getComputedStyle(element);
    const picture = make("div");
    for (const name of COPIED) picture.style[name] = look[name];
    Object.assign(picture.style, { position: "absolute", left: `${left}px`, top: `${top}px`, boxSizing: "border-box" });
    write(picture, element.textContent, element.lang || "und");
    this.#leaving.append(picture);
    picture.animate([{}, { opacity: 0, transform: "translateY(-0.5em)" }], { duration: ROLL, easing: "ease-in", fill: "forwards" });
    setTimeout(() => picture.remove(), ROLL);
  }

  /** Change the lines; those that stay move to their new places instead of jumping. */
  #glide(change) {
    if (calm.matches) return change();
    const before = new Map([...this.#output.children].map((element) => [element, element.getBoundingClientRect().top]));
    change();
    for (const element of this.#output.children) {
      const from = before.get(element);
      const by = from === undefined ? 0 : from - element.getBoundingClientRect().top;
      if (from === undefined) element.animate([{ opacity: 0 }, {}], { duration: ROLL / 2, easing: "ease-out" });
      else if (Math.abs(by) > 0.5) element.animate([{ transform: `translateY(${by}px)` }, { transform: "none" }], { duration: ROLL, easing: "ease-out" });
    }
    return undefined;
  }
}
