// What the host is to see, folded from the room's events. No clock and no page in here: time (epoch ms of the room) is given.

const PARTIAL_STAYS = 1_500;
const FINAL_STAYS = 700;
const WARNING_STAYS = { block: 90_000, warn: 60_000, info: 30_000 };
const UNCONFIRMED = 5_000;
const CUE_STAYS = 120_000;
const TIME_UP_STAYS = 10_000;
const MOST = 200;
const SEVERITY = { block: 0, warn: 1, info: 2 };

function bound(map) {
  if (map.size > MOST) map.delete(map.keys().next().value);
}

/** Whether two warnings are about the same words. */
function same(one, other) {
  return one.segment === other.segment && one.lang === other.lang && one.span[0] < other.span[1] && other.span[0] < one.span[1];
}

export class Board {
  #host;
  #wanted;
  #cards = new Map(); // id → { event, pinned, done }
  #questions = new Map(); // id → event
  #comments = new Map(); // id → { text, lang } in the moderators' language, for the questions' examples
  #warnings = new Map(); // "segment rule" → { event, at, confirmed, key }
  #finals = new Map(); // segment → when it was said to the end
  #heard = { partial: -Infinity, final: -Infinity };
  #currentId = null;
  product = null; // sku
  cue = null;
  begun = null; // when the stream began
  stats = null;

  /** `host` is the host's language; `wanted(card)` says which cards are for this prompter. */
  constructor(host, wanted = () => true) {
    this.#host = host;
    this.#wanted = wanted;
  }

  /** Take an event of the room in at `now`. */
  take(event, now) {
    this[`_${event.type}`]?.(event, now);
  }

  _suggestion(event) {
    if (!this.#wanted(event) && event.stage !== "product") return;
    this.#cards.set(event.id, { event, pinned: false, done: false });
    bound(this.#cards);
  }

  _feedback({ suggestion, action }) {
    const card = this.#cards.get(suggestion);
    if (card === undefined) return;
    card.pinned = action === "pinned";
    card.done = action !== "pinned";
    if (card.pinned) this.#currentId = suggestion;
  }

  /** An answer to a card did not get through: it stands again. */
  reopen(id) {
    const card = this.#cards.get(id);
    if (card) card.done = card.pinned = false;
  }

  _question(event) {
    this.#questions.delete(event.id);
    if (!event.answered) this.#questions.set(event.id, event);
    bound(this.#questions);
  }

  _comment({ id, text, lang, translation }) {
    this.#comments.set(id, translation ?? { text, lang });
    bound(this.#comments);
  }

  /** Several warnings of one rule in one segment (a partial's, its final's, its subtitles') are one; the host's own words count most. */
  _warning(event, now) {
    const key = `${event.segment ?? ""} ${event.rule}`;
    const known = this.#warnings.get(key);
    const said = event.segment === null ? undefined : this.#finals.get(event.segment);
    const confirmed = event.seq !== null || said !== undefined || (known?.confirmed ?? false);
    if (known?.dismissed) return;
    const better = known === undefined || event.lang === this.#host || known.event.lang !== this.#host;
    this.#warnings.set(key, { key, event: better ? event : known.event, at: known?.at ?? now, confirmed, dismissed: false });
    bound(this.#warnings);
  }

  _product({ sku }) {
    this.product = sku;
  }

  _speech({ segment, final }, now) {
    this.#heard[final ? "final" : "partial"] = now;
    if (!final) return;
    this.#heard.partial = -Infinity;
    this.#finals.set(segment, now);
    bound(this.#finals);
  }

  _cue(event, now) {
    const ends = event.at + (event.seconds ? event.seconds * 1_000 + TIME_UP_STAYS : CUE_STAYS);
    this.cue = event.text.trim() === "" || ends <= now ? null : { event, ends };
  }

  _stream({ state, at }) {
    this.begun = state === "started" ? at : null;
    // What began the stream may have been told before it, such as a warning of its first words.
    const old = (then) => then < at;
    for (const map of [this.#cards, this.#questions]) for (const [id, kept] of map) if (old((kept.event ?? kept).at)) map.delete(id);
    for (const [key, warning] of this.#warnings) if (old(warning.at)) this.#warnings.delete(key);
    for (const [segment, said] of this.#finals) if (old(said)) this.#finals.delete(segment);
    if (this.cue && old(this.cue.event.at)) this.cue = null;
  }

  _stats(event) {
    this.stats = event;
  }

  /** Let go what has had its time. */
  pass(now) {
    for (const [key, { event, at, confirmed, dismissed }] of this.#warnings) {
      // The final said it otherwise, so what its partial was warned of was never said.
      const taken = !confirmed && this.#finals.has(event.segment) && now - this.#finals.get(event.segment) > UNCONFIRMED;
      const stays = dismissed ? WARNING_STAYS.block : WARNING_STAYS[event.severity];
      if (taken || now - at > stays) this.#warnings.delete(key);
    }
    if (this.cue && this.cue.ends <= now) this.cue = null;
    const open = this.#open(now);
    if (!open.some(({ event }) => event.id === this.#currentId)) this.#currentId = open[0]?.event.id ?? null;
  }

  #open(now) {
    const cards = [...this.#cards.values()].filter(({ event, pinned, done }) => event.stage !== "product" && !done && (pinned || event.expires_at > now));
    return cards.sort((one, other) => other.pinned - one.pinned || other.event.score - one.event.score || other.event.at - one.event.at);
  }

  /** The card to say now: it stays until it is used, skipped or out of date, whatever comes meanwhile. */
  current(now) {
    return this.#open(now).find(({ event }) => event.id === this.#currentId) ?? null;
  }

  next(now) {
    return this.#open(now).filter(({ event }) => event.id !== this.#currentId).slice(0, 2);
  }

  /** The product that would better be shown next. */
  proposed(now) {
    const cards = [...this.#cards.values()].filter(({ event, done }) => event.stage === "product" && !done && event.expires_at > now && event.sku !== this.product);
    return cards.at(-1)?.event ?? null;
  }

  /** Open questions, the most asked first; each with its example in the moderators' language, where that was heard. */
  questions() {
    const open = [...this.#questions.values()].sort((one, other) => other.count - one.count || other.last - one.last);
    return open.map((event) => ({ event, example: this.#comments.get(event.example) ?? null }));
  }

  /** Warnings that stand, the gravest first, then the newest. Several rules against the same words are one, told by the gravest. */
  warnings() {
    const standing = [...this.#warnings.values()].filter(({ dismissed }) => !dismissed);
    standing.sort((one, other) => SEVERITY[one.event.severity] - SEVERITY[other.event.severity] || other.at - one.at);
    const groups = [];
    for (const { event, key } of standing) {
      const group = groups.find(({ lead }) => same(lead, event));
      if (group) {
        group.keys.push(key);
        group.events.push(event);
      } else {
        groups.push({ lead: event, keys: [key], events: [event] });
      }
    }
    return groups;
  }

  dismiss(keys) {
    for (const key of keys) if (this.#warnings.has(key)) this.#warnings.get(key).dismissed = true;
  }

  /** Whether the host is speaking. */
  speaking(now) {
    return now - this.#heard.partial < PARTIAL_STAYS || now - this.#heard.final < FINAL_STAYS;
  }
}
