// Whether the overlay is hidden: by the room's `overlay` events, for all languages or for some, and remembered over a reload, so
// that a browser source which OBS loads anew does not show what a moderator has hidden.

const KEY = "liveroom-overlay:";

export class Veil {
  #key;
  #all = false;
  #langs = new Map(); // lang → hidden; stands above #all
  /** The number of the event that hid it, in the address of the next connection: an event that shows it again is not missed. */
  since = null;

  constructor(room) {
    this.#key = KEY + room;
    try {
      const kept = JSON.parse(localStorage.getItem(this.#key) ?? "null");
      if (Number.isInteger(kept?.seq)) {
        this.since = kept.seq;
        this.#all = kept.all === true;
        this.#langs = new Map(Object.entries(kept.langs ?? {}));
      }
    } catch {
      // no storage here, or not ours: nothing is remembered
    }
  }

  /** Take a `hide` or `show` event. */
  take({ action, lang, seq }) {
    if (lang) this.#langs.set(lang, action === "hide");
    else {
      this.#all = action === "hide";
      this.#langs.clear();
    }
    this.#keep(seq);
  }

  /** An event of the room: one with a number that was past says the record is another one, of which nothing is remembered. */
  heard(seq) {
    if (this.since === null || !Number.isInteger(seq) || seq > this.since) return false;
    this.#all = false;
    this.#langs.clear();
    this.#keep(null);
    return true;
  }

  hides(lang) {
    return this.#langs.get(lang) ?? this.#all;
  }

  /** Whether nothing of these languages (none given: of any) is to be seen. */
  hidesAll(langs) {
    return langs.length > 0 ? langs.every((lang) => this.hides(lang)) : this.#all && ![...this.#langs.values()].includes(false);
  }

  #keep(seq) {
    const hidden = this.#all || [...this.#langs.values()].includes(true);
    this.since = hidden && Number.isInteger(seq) ? seq : null;
    try {
      if (this.since === null) localStorage.removeItem(this.#key);
      else localStorage.setItem(this.#key, JSON.stringify({ seq, all: this.#all, langs: Object.fromEntries(this.#langs) }));
    } catch {
      // no storage here: a reload forgets
    }
  }
}
