// The room's chat for its moderators: each comment as written and as translated. Query: token, ui, after.

import { query, room } from "./address.js";
import { direction } from "./format.js";
import { speak, speaks } from "./i18n.js";
import { join } from "./socket.js";
import { common } from "./words.js";

const MOST = 300;
const byId = (id) => document.getElementById(id);
const list = byId("comments");
const newest = byId("newest");
const words = speak(speaks(), common);
const ui = document.documentElement.lang;
const countries = new Intl.DisplayNames([ui], { type: "region" });
const waiting = [];
let scheduled = false;

document.title = `${words.title} · ${room}`;
byId("title").textContent = words.title;
byId("room").textContent = room;
byId("empty").textContent = words.empty;
newest.textContent = words.newest;

function put(parent, tag, className, text) {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = text;
  parent.append(element);
  return element;
}

function country(code) {
  try {
    return countries.of(code);
  } catch {
    return code;
  }
}

/** What a viewer typed, in a direction of its own: its language's, where that is known and written in its own script. */
function say(item, className, lang, text, romanised = false) {
  const line = put(item, "p", className, "");
  line.dir = "auto";
  if (lang !== "und") {
    line.lang = romanised ? `${lang}-Latn` : lang;
    line.dir = romanised ? "ltr" : direction(lang);
  }
  put(line, "bdi", "", text);
}

function comment(event) {
  const item = document.createElement("li");
  item.className = "comment";
  item.dataset.seq = event.seq ?? "";
  item.dataset.id = event.id;
  const who = put(item, "p", "who", "");
  put(who, "bdi", "name", event.user.name || event.user.id);
  if (event.country) put(who, "span", "country", event.country).title = country(event.country);
  if (event.platform) put(who, "span", "platform", event.platform);
  put(who, "span", "lang", event.lang);
  for (const flag of event.flags) put(who, "span", "flag", words.flags[flag] ?? flag);
  say(item, "original", event.lang, event.text, event.flags.includes("romanised"));
  if (event.translation) say(item, "translation", event.translation.lang, event.translation.text);
  list.append(item);
  byId("empty").hidden = true;
  while (list.children.length > MOST) list.firstElementChild.remove();
}

const found = (name, value) => list.querySelector(`[data-${name}="${CSS.escape(value)}"]`);

function mark(item, className, on, text) {
  item.classList.toggle(className, on);
  item.querySelector(`.mark.${className}`)?.remove();
  if (on) put(item.querySelector(".who"), "span", `mark ${className}`, text);
}

const takes = {
  comment,
  reply(event) {
    const item = found("id", event.comment);
    if (item) say(item, "reply", event.source.lang, `${words.reply}: ${event.source.text}`);
  },
  moderate(event) {
    const item = found("id", event.target);
    if (item && event.action === "hide") mark(item, "hide", true, words.hidden);
    if (item && event.action.endsWith("pin")) mark(item, "pin", event.action === "pin", words.pinned);
  },
  erased(event) {
    const item = found("seq", String(event.seq));
    if (item) item.replaceChildren(`[${words.erased}]`);
  },
  stats(event) {
    byId("numbers").textContent = `${words.viewers} ${event.viewers} · ${words.perMinute} ${event.comments_per_min}`;
  },
};

const atEnd = () => innerHeight + scrollY >= document.documentElement.scrollHeight - 80;
const toEnd = () => scrollTo(0, document.documentElement.scrollHeight);

/** Draw everything that came since the last frame at once: a fast chat must not lay the page out per comment. */
function draw() {
  scheduled = false;
  const follows = atEnd();
  const events = waiting.splice(0);
  for (const event of events) takes[event.type]?.(event);
  if (follows) toEnd();
  else if (events.some(({ type }) => type === "comment")) newest.hidden = false;
}

newest.addEventListener("click", toEnd);
addEventListener("scroll", () => {
  if (atEnd()) newest.hidden = true;
}, { passive: true });

join(
  { streams: "comment,reply,moderate,erased,stats", after: query.get("after") },
  {
    onEvent(event) {
      waiting.push(event);
      if (waiting.length > 5_000) waiting.shift();
      if (scheduled) return;
      scheduled = true;
      // A page in the background gets no frames; a timer still comes.
      if (document.hidden) setTimeout(draw, 250);
      else requestAnimationFrame(draw);
    },
    onState(state, why) {
      document.body.dataset.state = state;
      byId("status").textContent = `${words[state]}${why ? `: ${why}` : ""}`;
    },
  },
);
