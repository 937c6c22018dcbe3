// Subtitles of a room as `#output .line`, for a browser source in OBS. Nothing that goes wrong is ever shown: the lines stop, and
// come again. Query: token, lang, stability, maxlines, showtime, delay, dim (ms), dual, chat, setup, after, and overlay-look.js's.

import { number, on, query, room, text } from "./address.js";
import { Chat } from "./overlay-chat.js";
import { dress } from "./overlay-look.js";
import { Roll } from "./overlay-roll.js";
import { Veil } from "./overlay-veil.js";
import { join } from "./socket.js";

const output = document.getElementById("output");
const langs = (text("lang") ?? "").split(",").filter(Boolean);
const lines = ["maxlines", "maxrows", "rows", "lines"].find((name) => query.has(name)) ?? "maxlines";
const delay = number("delay", 0, 0, 600_000);
const dim = number("dim", 20_000, 0, 3_600_000);
const roll = new Roll(output, document.getElementById("leaving"), {
  most: number(lines, 2, 1, 50),
  showtime: on("setup") ? 0 : number("showtime", 8_000, 0, 3_600_000),
  dual: on("dual"),
});
const box = document.getElementById("chat");
const chat = on("chat") ? new Chat(box) : null;
const veil = new Veil(room);
const delayed = new Map(); // timer → the event it holds back
let silence = 0;

function draw() {
  output.hidden = veil.hidesAll(langs);
  document.getElementById("leaving").hidden = output.hidden;
  box.hidden = chat === null || output.hidden;
  roll.veil((lang) => veil.hides(lang));
}

/** Subtitles that come no more leave a softer last line. */
function stir() {
  output.classList.remove("silent");
  clearTimeout(silence);
  if (dim > 0) silence = setTimeout(() => output.classList.add("silent"), dim);
}

/** The panic key: at once, whatever the delay, and over what is still delayed. */
function command(event) {
  if (event.action === "clear") {
    for (const [timer, held] of delayed) {
      if (event.lang && held.lang !== event.lang) continue;
      clearTimeout(timer);
      delayed.delete(timer);
    }
    roll.clear(event.lang);
    if (!event.lang || langs.includes(event.lang)) chat?.clear();
  } else {
    veil.take(event);
  }
  draw();
}

function show(event) {
  if (event.type === "subtitle") {
    roll.show(event);
    if (veil.hides(event.lang)) draw();
    stir();
  } else {
    chat?.take(event);
  }
}

function take(event) {
  if (event.type === "overlay") return command(event);
  if (veil.heard(event.seq)) draw();
  if (delay === 0) return show(event);
  const timer = setTimeout(() => {
    delayed.delete(timer);
    show(event);
  }, delay);
  return delayed.set(timer, event);
}

const SAMPLES = {
  ar: "أهلا بكم في بث Talimoo، السعر اليوم ١٨٩ ريالا", en: "Welcome to the live, today it is 189", id: "Selamat datang di live, harganya 189 ribu",
  ja: "ライブへようこそ。本日の価格は税込み7,480円です。", ms: "Selamat datang ke siaran langsung kami", th: "ยินดีต้อนรับสู่ไลฟ์ของเรา วันนี้ราคา 1,690 บาท",
  vi: "Chào mừng đến với buổi live, hôm nay giá 189", zh: "欢迎来到直播间，今天的价格是一百八十九元。",
};

/** `setup=1`: the safe area, sample lines and the connection's state, for whoever places the source. */
function setup(state, why) {
  const told = document.getElementById("setup");
  document.documentElement.classList.add("setup");
  told.hidden = false;
  told.textContent = [room, state, why, `${innerWidth} × ${innerHeight}`].filter(Boolean).join(" · ");
}

dress(output, langs);
draw();
if (on("setup")) {
  for (const [at, lang] of (langs.length > 0 ? langs : ["en"]).entries()) {
    const said = { text: SAMPLES[lang] ?? SAMPLES.en, source: { lang: "zh", text: SAMPLES.zh }, flags: [], lang };
    roll.show({ ...said, segment: `sample${at}`, rev: 0, final: true, seq: -1 - at });
  }
}
join(
  {
    streams: chat ? "subtitle,overlay,comment,moderate" : "subtitle,overlay",
    lang: langs.join(","),
    stability: query.get("stability"),
    after: query.get("after") ?? veil.since,
  },
  {
    onEvent: take,
    onState(state, why) {
      document.body.dataset.state = state;
      if (on("setup")) setup(state, why);
      if (state === "refused" || state === "waiting") console.warn("liveroom:", state, why);
    },
  },
);
