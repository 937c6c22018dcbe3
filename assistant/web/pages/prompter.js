// What the host needs at arm's length. Query: token (host's or moderator's), ui, lang and market (only such cards), mirror, scale,
// theme, and after (0: everything the room recorded, not only what is recent).

import { query, room } from "./address.js";
import { names } from "./format.js";
import { label, speak, speaks } from "./i18n.js";
import { Board } from "./prompter-board.js";
import { Earpiece } from "./prompter-earpiece.js";
import { furnished } from "./prompter-parts.js";
import { Settings, fullscreen, furnish } from "./prompter-settings.js";
import { prompter } from "./prompter-words.js";
import { describe, join } from "./socket.js";
import { common } from "./words.js";

const RECENT = 1_000; // recorded events looked back at on opening
const TOO_SOON = 600; // ms a new card can't be answered in: the second press of a pedal was meant for the last one
const STOCK_EVERY = 5_000;
const byId = (id) => document.getElementById(id);
const wanted = (name) => (query.get(name) ?? "").split(",").filter(Boolean);
const langs = wanted("lang");
const markets = wanted("market");

const served = await describe();
const host = served?.host_language ?? "zh";
const words = speak(speaks(served?.moderator_language), common, prompter);
const parts = furnished(host, names(document.documentElement.lang), words);
const board = new Board(host, (card) => (langs.length === 0 || langs.includes(card.lang)) && (markets.length === 0 || markets.includes(card.market)));
const earpiece = new Earpiece();
const settings = new Settings(draw);
const openSettings = furnish(byId("settings"), settings, words, earpiece, () => host);
let skew = 0; // how far this clock is ahead of the room's
let stock = served?.stock_left ?? {};
let current = { id: null, since: 0 };
let spokenCue = null;
let scheduled = false;

document.title = `${words.prompter} · ${room}`;
byId("room").textContent = room;
byId("help").textContent = words.help;
byId("open-settings").addEventListener("click", openSettings);
label(document, words);
board.product = served?.on_table ?? null;

const clockNow = () => Date.now() - skew;

function product() {
  const found = served?.products?.find(({ sku }) => sku === board.product);
  if (!board.product) return null;
  if (!found) return { name: board.product, lang: "und", price: {} };
  const lang = host in found.names ? host : Object.keys(found.names)[0];
  return { name: found.names[lang] ?? found.sku, lang: lang ?? "und", price: found.price };
}

function draw() {
  scheduled = false;
  const now = clockNow();
  board.pass(now);
  const card = board.current(now);
  if ((card?.event.id ?? null) !== current.id) {
    if (current.id !== null) earpiece.drop(current.id);
    current = { id: card?.event.id ?? null, since: performance.now() };
    if (card) {
      const read = settings.values.what === "line" ? card.event : card.event.gloss;
      earpiece.offer(card.event.id, read.text, read.lang);
    }
  }
  const changed = [
    parts.card.show(card),
    parts.next.show(board.next(now)),
    parts.warnings.show(board.warnings()),
    parts.cue.show(board.cue?.event ?? null),
  ];
  parts.questions.show(board.questions());
  parts.product.show(product(), stock[board.product] ?? null, board.proposed(now));
  parts.numbers.show(board.stats && { viewers: board.stats.viewers, orders: board.stats.orders, comments_per_min: board.stats.comments_per_min });
  if (changed.includes(true)) parts.card.fit();
  tell(now);
}

/** What changes with every second. */
function tell(now) {
  const card = board.current(now);
  if (card) parts.card.time(card.event.expires_at - now);
  const cue = board.cue?.event;
  if (cue?.seconds) parts.cue.time(cue.at + cue.seconds * 1_000 - now);
  parts.numbers.time(board.begun === null ? null : now - board.begun);
  if (cue && cue.seq !== spokenCue && settings.values.speak) earpiece.offer(`cue${cue.seq}`, cue.text, host);
  spokenCue = cue?.seq ?? null;
}

function later() {
  if (scheduled) return;
  scheduled = true;
  if (document.hidden) setTimeout(draw, 250);
  else requestAnimationFrame(draw);
}

let orders = null;
let asked = 0;

/** Orders take from the stock: ask the room what is left, now and then. */
async function recount(told) {
  if (orders === told || Date.now() - asked < STOCK_EVERY) return;
  orders = told;
  asked = Date.now();
  const now = await describe();
  if (now) stock = now.stock_left ?? stock;
  later();
}

const line = join(
  {
    streams: "suggestion,feedback,question,warning,product,cue,stream,speech,stats,comment",
    partials: 1,
    after: query.get("after") ?? (served ? Math.max(0, served.seq - RECENT) : null),
  },
  {
    silence: 10_000,
    onEvent(event) {
      if (event.type === "stats") {
        skew = Date.now() - event.at;
        recount(event.orders);
      }
      board.take(event, event.at || clockNow());
      later();
    },
    onState(state, why) {
      document.body.dataset.state = state;
      byId("status").textContent = `${words[state]}${why ? `: ${why}` : ""}`;
    },
  },
);

async function answer(id, action) {
  board.take({ type: "feedback", suggestion: id, action });
  later();
  try {
    await line.send({ type: "feedback", suggestion: id, action });
  } catch (error) {
    if (error.code === "offline" || error.code === "lost") {
      board.reopen(id);
      later();
    }
    byId("status").textContent = words.failed;
  }
}

async function show(id, sku) {
  try {
    await line.send({ type: "product", sku });
    await answer(id, "used");
  } catch {
    byId("status").textContent = words.failed;
  }
}

function dismiss() {
  if (board.cue) board.cue = null;
  else if (board.warnings().length > 0) board.dismiss(board.warnings()[0].keys);
  later();
}

document.addEventListener("act", ({ target, detail }) => {
  if (detail.act === "show") show(detail.id, detail.sku);
  else if (detail.act !== "dismiss") answer(detail.id, detail.act);
  else if (detail.keys) board.dismiss(detail.keys);
  else if (target === parts.cue) board.cue = null;
  later();
});

const on = (action) => () => {
  if (current.id !== null && performance.now() - current.since > TOO_SOON) answer(current.id, action);
};
const KEYS = {
  PageDown: on("used"), ArrowRight: on("used"), PageUp: on("dismissed"), ArrowLeft: on("dismissed"), ArrowUp: on("pinned"),
  ArrowDown: dismiss, Escape: dismiss,
  m: () => settings.set("mirror", !settings.values.mirror),
  d: () => settings.set("theme", settings.values.theme === "dark" ? "light" : "dark"),
  e: () => settings.set("speak", !settings.values.speak),
  f: fullscreen,
  "+": () => settings.grow(0.1), "=": () => settings.grow(0.1), "-": () => settings.grow(-0.1),
};

document.addEventListener("keydown", (event) => {
  if (event.repeat || event.ctrlKey || event.altKey || event.metaKey || byId("settings").open) return;
  const act = KEYS[event.key] ?? KEYS[event.key.toLowerCase()];
  if (!act) return;
  event.preventDefault();
  act();
});

new ResizeObserver(() => parts.card.fit()).observe(parts.card);
setInterval(() => {
  const speaking = board.speaking(clockNow());
  earpiece.tick(speaking, settings.values);
  byId("ear").hidden = !settings.values.speak;
  byId("ear").textContent = speaking ? words.speakingNow : words.listening;
  byId("ear").classList.toggle("speaking", speaking);
}, 200);
setInterval(later, 1_000);

async function stayAwake() {
  try {
    if (!document.hidden) await navigator.wakeLock?.request("screen");
  } catch {
    // the system decides
  }
}
document.addEventListener("visibilitychange", stayAwake);
stayAwake();
draw();
