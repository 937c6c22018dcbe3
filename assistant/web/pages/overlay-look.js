// The look that the address asks for, in the words caption.ninja's users know. Each value goes through the browser's own check.

import { number, on, query, text } from "./address.js";
import { direction } from "./format.js";

const SIDES = { left: "flex-start", center: "center", centre: "center", right: "flex-end", start: "flex-start", end: "flex-end" };
const HEIGHTS = { top: "top", middle: "middle", center: "middle", bottom: "bottom" };

/** A CSS length: a bare number is pixels. */
function length(value) {
  const full = /^\d+(\.\d+)?$/.test(value) ? `${value}px` : value;
  return CSS.supports("padding", full) ? full : null;
}

/** A CSS colour: hex digits may come without their #. */
function color(value) {
  const full = /^([\da-f]{3,4}|[\da-f]{6}|[\da-f]{8})$/i.test(value) ? `#${value}` : value;
  return CSS.supports("color", full) ? full : null;
}

/** 0…1, also told in per cent. */
function share(value) {
  const found = Number.parseFloat(value);
  return Number.isFinite(found) ? Math.min(1, Math.max(0, found > 1 ? found / 100 : found)) : null;
}

/** A ring of shadows: an outline that every OBS draws, and that leaves no seams between joined letters. */
function ring(width, ink) {
  const steps = Array.from({ length: 16 }, (_, step) => (step * Math.PI) / 8);
  return steps.map((angle) => `calc(${width} * ${Math.cos(angle).toFixed(3)}) calc(${width} * ${Math.sin(angle).toFixed(3)}) 0 ${ink}`);
}

function shadows() {
  const ink = color(text("outlinecolor") ?? "") ?? "#000";
  const width = text("outline") === null ? null : length(text("outline"));
  const given = text("shadow");
  const cast = given !== null && CSS.supports("text-shadow", given) && /\s/.test(given) ? given : `0.04em 0.08em 0.15em ${ink}`;
  const parts = [];
  if (width !== null && Number.parseFloat(width) > 0) parts.push(...ring(width, ink));
  if (given !== null && on("shadow")) parts.push(cast);
  if (parts.length > 0) return parts.join(", ");
  return width !== null || given !== null ? "none" : null;
}

function plate() {
  const ground = on("nobg") ? null : color(text("bg") ?? "");
  const opacity = share(text("bgopacity") ?? "");
  if (ground === null && opacity === null) return null;
  if (on("nobg") || opacity === 0) return "transparent";
  // A colour that brings no opacity of its own covers a good half, so that the stream shows through.
  const opaque = opacity ?? (/^#([\da-f]{4}|[\da-f]{8})$|[/(]/i.test(ground) ? 1 : 0.6);
  const probe = document.createElement("i");
  probe.style.color = ground ?? "#000";
  document.body.append(probe);
  const parts = /^rgba?\(([^)]+)\)$/.exec(getComputedStyle(probe).color)?.[1].split(",") ?? [0, 0, 0]; // color-mix() is too new for older OBS
  probe.remove();
  return `rgba(${parts.slice(0, 3).map(Number).join(", ")}, ${(parts.length > 3 ? Number(parts[3]) : 1) * opaque})`;
}

function sheet(rules) {
  const own = new CSSStyleSheet();
  own.replaceSync(rules);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, own];
}

/** `css`: a stylesheet's address (which the page's policy names then) or rules; `b64css`: rules in base64, UTF-8. */
function rules() {
  const given = text("css");
  const packed = text("b64css", "base64css", "cssbase64", "cssb64");
  if (given && /^(https?:|\/)/.test(given)) {
    const link = document.createElement("link");
    link.rel = "stylesheet";
    link.href = given;
    document.head.append(link);
  } else if (given) {
    sheet(given);
  }
  if (packed) {
    try {
      const bytes = atob(packed.replaceAll(" ", "+").replaceAll("-", "+").replaceAll("_", "/"));
      sheet(new TextDecoder().decode(Uint8Array.from(bytes, (byte) => byte.charCodeAt(0))));
    } catch (error) {
      console.warn("liveroom: b64css:", error);
    }
  }
}

/** Set the custom properties that overlay.css draws with, and the streamer's own rules; the lines are in `langs`. */
export function dress(output, langs) {
  const root = document.documentElement;
  const set = (name, value) => {
    if (value !== null && value !== undefined) root.style.setProperty(`--${name}`, value);
  };
  const scale = number("scale", 1, 0.1, 10);
  const size = length(text("fontsize") ?? "") ?? "clamp(26px, 2.5vw, 96px)";
  const font = (text("font") ?? "").split(",").map((name) => name.replaceAll(/["'\\;{}]/g, "").trim()).filter(Boolean);
  set("size", scale === 1 ? size : `calc(${size} * ${scale})`);
  if (font.length > 0) set("given", `${font.map((name) => `"${name}"`).join(", ")},`);
  if (CSS.supports("font-weight", text("fontweight") ?? "")) set("weight", text("fontweight"));
  set("color", color(text("translationcolor", "color") ?? ""));
  set("source-color", color(text("originalcolor") ?? ""));
  set("plate", plate());
  set("outline", shadows());
  set("pad", length(text("pad") ?? ""));
  set("radius", length(text("radius") ?? ""));
  const side = text("align") ?? "";
  if (Object.hasOwn(SIDES, side)) {
    set("place", SIDES[side]);
    set("align", side === "centre" ? "center" : side);
    // start and end follow the first language's direction
    if (side === "start" || side === "end") output.dir = direction(langs[0] ?? "en");
  }
  if (query.has("safe")) {
    set("safe-x", `${number("safe", 5, 0, 30)}vw`);
    set("safe-y", `${number("safe", 5, 0, 30)}vh`);
  }
  if (query.has("opacity")) document.body.style.opacity = share(text("opacity")) ?? 1;
  output.dataset.valign = HEIGHTS[text("valign") ?? ""] ?? "bottom";
  if (langs.length === 1) {
    output.lang = langs[0];
    output.classList.add("one");
  }
  root.classList.toggle("uppercase", on("uppercase"));
  root.classList.toggle("nowrap", on("nowrap"));
  rules();
}
