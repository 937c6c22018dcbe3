// Text of any language on a page: direction, line breaks, reading time, and names, times and amounts for people.

const RIGHT_TO_LEFT = new Set(["ar", "ckb", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi"]);
/** Characters a second that people read, by language: the adult figures of the Netflix Timed Text Style Guides. */
const READ = { ar: 20, en: 20, es: 17, ja: 4, ko: 12, zh: 9 };
const READ_ELSEWHERE = 17;
const phrases = CSS.supports("word-break", "auto-phrase"); // breaks Japanese between phrases, better than between words
const segmenters = new Map();

const main = (lang) => lang.toLowerCase().split("-")[0];

/** Writing direction of a language; "auto" for text of no known language. */
export function direction(lang) {
  if (!lang || main(lang) === "und") return "auto";
  return RIGHT_TO_LEFT.has(main(lang)) && !/-latn\b/i.test(lang) ? "rtl" : "ltr";
}

/**
 * The stretches of a text between which a line may break, for scripts without spaces whose browsers break between any two
 * characters: words, with closing punctuation kept to what it closes. One stretch for all other text.
 */
export function breaks(text, lang) {
  if (!["zh", "ja"].includes(main(lang)) || !Intl.Segmenter) return [text];
  if (!segmenters.has(lang)) segmenters.set(lang, new Intl.Segmenter(lang, { granularity: "word" }));
  const found = [];
  for (const { segment } of segmenters.get(lang).segment(text)) {
    const last = found.at(-1);
    const starts = /^[\p{L}\p{N}\p{Ps}\p{Pi}\p{So}]/u.test(segment) && !(main(lang) === "ja" && /^[\p{sc=Hira}ー]+$/u.test(segment));
    if (last === undefined || (starts && !/[\p{Ps}\p{Pi}]$/u.test(last))) found.push(segment);
    else found[found.length - 1] += segment;
  }
  return found;
}

/** What people typed shows its direction itself, where it is not written in its language's script. */
function typedDirection(text, lang) {
  return direction(lang) === "rtl" && /[\p{sc=Arab}\p{sc=Hebr}\p{sc=Thaa}]/u.test(text) ? "rtl" : "auto";
}

/** Put a text into an element as text, with its language and direction; never as markup. `typed`: the language was guessed. */
export function write(element, text, lang = "und", typed = false) {
  element.dir = typed ? typedDirection(text, lang) : direction(lang);
  if (main(lang) === "und") element.removeAttribute("lang");
  else element.lang = lang;
  const parts = phrases && main(lang) === "ja" ? [text] : breaks(text, lang);
  if (parts.length < 2) {
    delete element.dataset.breaks;
    element.textContent = text;
    return element;
  }
  element.dataset.breaks = "";
  element.replaceChildren(...parts.flatMap((part, at) => (at === 0 ? [part] : [document.createElement("wbr"), part])));
  return element;
}

/** A new element with a class and, where given, a text of its own language. */
export function make(tag, className = "", text = null, lang = null, typed = false) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (lang !== null) write(element, text ?? "", lang, typed);
  else if (text !== null) element.textContent = text;
  return element;
}

/** How long people take to read a text, in ms; marks on letters take no time. */
export function readingTime(text, lang) {
  const characters = text.replace(/[\p{M}\p{C}\s]/gu, "").length;
  return (1_000 * characters) / (READ[main(lang)] ?? READ_ELSEWHERE);
}

/** A duration in ms as m:ss or h:mm:ss. */
export function clock(ms) {
  const seconds = Math.max(0, Math.ceil(ms / 1_000));
  const two = (value) => String(value).padStart(2, "0");
  const hours = Math.floor(seconds / 3_600);
  const minutes = Math.floor(seconds / 60) % 60;
  return hours ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

function attempt(make_) {
  try {
    return make_();
  } catch {
    return undefined; // a code that Intl does not know
  }
}

/** Names and amounts for a reader of `ui` ("zh-Hans", "en"); unknown codes come back as they are. */
export function names(ui) {
  const regions = new Intl.DisplayNames([ui], { type: "region" });
  const languages = new Intl.DisplayNames([ui], { type: "language" });
  return {
    country: (code) => attempt(() => regions.of(code)) ?? code,
    language: (code) => attempt(() => languages.of(code)) ?? code,
    count: (value) => value.toLocaleString(ui),
    money: (value, currency) =>
      attempt(() => value.toLocaleString(ui, { style: "currency", currency, currencyDisplay: "code" })) ?? `${value} ${currency}`,
  };
}
