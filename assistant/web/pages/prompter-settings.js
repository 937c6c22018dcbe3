// How this prompter looks and sounds: kept in the browser, set by the dialog, by keys, or to begin with by the address.

import { number, on, query } from "./address.js";

const KEY = "liveroom-prompter";
const dark = matchMedia("(prefers-color-scheme: dark)");

export class Settings {
  values = { theme: "dark", mirror: false, scale: 1, speak: false, what: "gloss", voice: "", volume: 0.5 };
  #changed;

  /** `changed()` is called after every change. */
  constructor(changed) {
    this.#changed = changed;
    try {
      const kept = JSON.parse(localStorage.getItem(KEY) ?? "{}");
      for (const [name, value] of Object.entries(this.values)) if (typeof kept[name] === typeof value) this.values[name] = kept[name];
    } catch {
      // no storage here, or not ours
    }
    if (query.has("mirror")) this.values.mirror = on("mirror");
    if (["dark", "light", "auto"].includes(query.get("theme"))) this.values.theme = query.get("theme");
    this.values.scale = number("scale", this.values.scale, 0.6, 2.4);
    dark.addEventListener("change", () => this.apply());
    this.apply();
  }

  set(name, value) {
    this.values[name] = value;
    try {
      localStorage.setItem(KEY, JSON.stringify(this.values));
    } catch {
      // no storage here: it holds until the page is closed
    }
    this.apply();
    this.#changed();
  }

  apply() {
    const { theme, mirror, scale } = this.values;
    const root = document.documentElement;
    root.dataset.theme = theme === "auto" ? (dark.matches ? "dark" : "light") : theme;
    root.style.setProperty("--scale", scale);
    root.classList.toggle("mirror", mirror);
  }

  grow(by) {
    this.set("scale", Math.min(2.4, Math.max(0.6, Math.round((this.values.scale + by) * 10) / 10)));
  }
}

function choices(select, entries, chosen) {
  select.replaceChildren(...entries.map(([value, name]) => new Option(name, value, false, value === chosen)));
}

/** Fill the dialog and let it change the settings; `language()` is the one that is read to the host. */
export function furnish(dialog, settings, words, earpiece, language) {
  const form = dialog.querySelector("form");
  const fill = () => {
    const { values } = settings;
    choices(form.theme, Object.entries(words.themes), values.theme);
    choices(form.what, Object.entries(words.whats), values.what);
    const voices = earpiece.voices(values.what === "gloss" ? language() : undefined);
    choices(form.voice, [["", words.anyVoice], ...voices.map(({ voiceURI, name, lang }) => [voiceURI, `${name} (${lang})`])], values.voice);
    form.mirror.checked = values.mirror;
    form.speak.checked = values.speak;
    form.scale.value = values.scale;
    form.volume.value = values.volume;
  };
  form.addEventListener("input", ({ target }) => {
    const { type, name, value, checked } = target;
    settings.set(name, type === "checkbox" ? checked : type === "range" ? Number(value) : value);
    if (name === "what") fill();
  });
  dialog.querySelector("#test").addEventListener("click", () => {
    const voice = earpiece.voices().find(({ voiceURI }) => voiceURI === settings.values.voice);
    const heard = earpiece.test(words.sample, voice?.lang ?? language(), settings.values);
    dialog.querySelector("#tested").textContent = heard ? "" : words.noVoice;
  });
  dialog.querySelector("#fullscreen").addEventListener("click", fullscreen);
  earpiece.onVoices(fill);
  fill();
  return () => {
    fill();
    dialog.showModal();
  };
}

export function fullscreen() {
  if (document.fullscreenElement) document.exitFullscreen();
  else document.documentElement.requestFullscreen?.().catch(() => {});
}
