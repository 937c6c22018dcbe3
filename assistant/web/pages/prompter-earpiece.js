// Reads cards into the host's ear through the browser's speech synthesis, never while she speaks: what is being read when she
// begins is cut, and read again once, when she is silent and it still holds.

const TRIES = 2;

export class Earpiece {
  #synth = window.speechSynthesis;
  #waiting = null; // { id, text, lang, tries }
  #reading = null;

  /** Voices that speak a language; all for none. */
  voices(lang) {
    const all = this.#synth?.getVoices() ?? [];
    const main = lang?.toLowerCase().split("-")[0];
    return main ? all.filter((voice) => voice.lang.toLowerCase().split(/[-_]/)[0] === main) : all;
  }

  onVoices(then) {
    this.#synth?.addEventListener?.("voiceschanged", then);
  }

  /** Read this when the host is silent; it takes the place of what still waits. */
  offer(id, text, lang) {
    this.#waiting = { id, text, lang, tries: 0 };
  }

  /** Read no more of `id`: it is done. */
  drop(id) {
    if (this.#waiting?.id === id) this.#waiting = null;
    if (this.#reading?.id === id) this.#stop();
  }

  /** Called several times a second: whether she speaks, and how to sound. */
  tick(speaking, prefs) {
    if (!this.#synth || !prefs.speak) {
      this.#waiting = null;
      if (this.#reading) this.#stop();
      return;
    }
    if (speaking && this.#reading) {
      const cut = this.#reading;
      this.#stop();
      if (cut.tries < TRIES) this.#waiting ??= cut;
    } else if (!speaking && this.#waiting && !this.#reading) {
      this.#reading = { ...this.#waiting, tries: this.#waiting.tries + 1 };
      this.#waiting = null;
      this.#say(this.#reading, prefs);
    }
  }

  /** Say a sample at once: the answer to a press of a button. False when there is no voice for the language. */
  test(text, lang, prefs) {
    if (!this.#synth || this.voices(lang).length === 0) return false;
    this.#stop();
    this.#reading = { id: "test", text, lang, tries: TRIES };
    this.#say(this.#reading, prefs);
    return true;
  }

  #say(item, { voice, volume }) {
    const words = new SpeechSynthesisUtterance(item.text);
    words.lang = item.lang;
    words.volume = volume;
    const able = this.voices(item.lang);
    const chosen = able.find(({ voiceURI }) => voiceURI === voice) ?? able[0];
    if (chosen) words.voice = chosen;
    const over = () => {
      if (this.#reading === item) this.#reading = null;
    };
    words.onend = over;
    words.onerror = over;
    this.#synth.speak(words);
  }

  #stop() {
    this.#reading = null;
    this.#synth.cancel();
  }
}
