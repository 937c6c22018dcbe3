// Subtitles of a room as `#output .line`: partial lines grow in place and become final, old ones go.
// Query: token, lang, stability, maxlines, showtime (ms, 0 keeps lines), delay (ms).

import { direction, follow, number, query } from "./room.js";
import { words } from "./words.js";

const output = document.getElementById("output");
const status = document.getElementById("status");
const langs = (query.get("lang") ?? "").split(",").filter(Boolean);
const mostLines = number("maxlines", 2, 1, 50);
const showtime = number("showtime", 8_000, 0, 3_600_000);
const delay = number("delay", 0, 0, 600_000);
const lines = new Map(); // "lang segment" → { element, rev, final, timer }, oldest first
let everLive = false;

function remove(key) {
  const line = lines.get(key);
  if (line === undefined) return;
  clearTimeout(line.timer);
  line.element.remove();
  lines.delete(key);
}

function show(subtitle) {
  const key = `${subtitle.lang} ${subtitle.segment}`;
  let line = lines.get(key);
  if (line !== undefined && !subtitle.final && (line.final || subtitle.rev < line.rev)) return;
  if (line === undefined) {
    line = { element: document.createElement("div") };
    lines.set(key, line);
    output.append(line.element);
  }
  // Text that could not be translated is still in the host's language.
  const lang = subtitle.flags?.includes("untranslated") ? subtitle.source.lang : subtitle.lang;
  line.rev = subtitle.rev;
  line.final = subtitle.final;
  line.element.className = subtitle.final ? "line final" : "line partial";
  line.element.lang = lang;
  line.element.dir = direction(lang);
  line.element.dataset.segment = subtitle.segment;
  line.element.textContent = subtitle.text;
  clearTimeout(line.timer);
  if (showtime > 0) line.timer = setTimeout(remove, showtime, key);
  for (const oldest of [...lines.keys()].slice(0, Math.max(0, lines.size - mostLines))) remove(oldest);
}

function command(event) {
  if (event.lang && langs.length > 0 && !langs.includes(event.lang)) return;
  if (event.action === "clear") for (const key of [...lines.keys()]) remove(key);
  else output.hidden = event.action === "hide";
}

function take(event) {
  if (event.type === "subtitle") show(event);
  else if (event.type === "overlay") command(event);
}

function tell(state, why) {
  document.body.dataset.state = state;
  everLive ||= state === "live";
  // Whoever sets the overlay up must see what is wrong; once it has worked, viewers must not.
  status.hidden = everLive || state === "connecting";
  status.textContent = `${words[state]}${why ? `: ${why}` : ""}`;
  if (state === "refused" || state === "waiting") console.warn("liveroom:", state, why);
}

follow(
  { streams: "subtitle,overlay", lang: langs.join(","), stability: query.get("stability"), after: query.get("after") },
  (event) => (delay > 0 ? setTimeout(take, delay, event) : take(event)),
  tell,
);
