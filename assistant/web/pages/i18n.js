// The language the pages speak to the people who work with them: Chinese or English.

import { query } from "./address.js";

/** "zh" or "en": the address's `ui`, else what the room prefers (its moderators' language), else the browser's. */
export function speaks(preferred) {
  const wanted = (query.get("ui") ?? preferred ?? navigator.language).toLowerCase();
  return wanted.startsWith("zh") ? "zh" : "en";
}

/** The words of several tables `{en: {…}, zh: {…}}` in one language; the whole page is marked with it. */
export function speak(language, ...tables) {
  document.documentElement.lang = language === "zh" ? "zh-Hans" : "en";
  return Object.assign({}, ...tables.map((table) => table[language]));
}

/** Put words into the page: `data-word` names an element's text, `data-label` its accessible name and tooltip. */
export function label(root, words) {
  for (const element of root.querySelectorAll("[data-word]")) element.textContent = words[element.dataset.word];
  for (const element of root.querySelectorAll("[data-label]")) {
    element.title = words[element.dataset.label];
    element.setAttribute("aria-label", words[element.dataset.label]);
  }
}
