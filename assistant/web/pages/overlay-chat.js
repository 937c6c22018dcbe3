// The viewers' chat as a ticker (chat=1, with a token made with --chat): a few comments, each as typed and as translated.

import { make } from "./format.js";

const MOST = 4;
const STAY = 15_000;

/** The comments in `box`; a pinned one stays until it is unpinned. */
export class Chat {
  #box;
  #items = new Map(); // comment id → { element, timer, pinned }
  #heard = new Map(); // the last comments by id, for pins of one that has gone

  constructor(box) {
    this.#box = box;
    box.hidden = false;
  }

  take(event) {
    if (event.type === "comment") {
      this.#heard.set(event.id, event);
      if (this.#heard.size > 500) this.#heard.delete(this.#heard.keys().next().value);
      if (!event.flags.includes("offensive")) this.#show(event);
    } else if (event.type === "moderate") {
      this.#pin(event.target, event.action === "pin");
    }
  }

  clear() {
    for (const id of [...this.#items.keys()]) this.#drop(id);
  }

  #show(event) {
    if (this.#items.has(event.id)) return;
    const element = make("div", "comment");
    const line = make("p");
    line.append(make("bdi", "name", event.user.name || event.user.id), " ");
    const said = event.translation ?? { lang: event.lang, text: event.text };
    line.append(make("bdi", "text", said.text, said.lang, !event.translation));
    element.append(line);
    if (event.translation) {
      const original = make("p", "original");
      original.append(make("bdi", "", event.text, event.flags.includes("romanised") ? `${event.lang}-Latn` : event.lang, true));
      element.append(original);
    }
    this.#box.append(element);
    this.#items.set(event.id, { element, pinned: false, timer: setTimeout(() => this.#drop(event.id), STAY) });
    const loose = [...this.#items].filter(([, { pinned }]) => !pinned);
    for (const [id] of loose.slice(0, Math.max(0, this.#items.size - MOST))) this.#drop(id);
  }

  #pin(id, pinned) {
    if (pinned && !this.#items.has(id) && this.#heard.has(id)) this.#show(this.#heard.get(id));
    const item = this.#items.get(id);
    if (item === undefined) return;
    item.pinned = pinned;
    item.element.classList.toggle("pinned", pinned);
    clearTimeout(item.timer);
    if (pinned) this.#box.prepend(item.element);
    else item.timer = setTimeout(() => this.#drop(id), STAY);
  }

  #drop(id) {
    const item = this.#items.get(id);
    clearTimeout(item.timer);
    item.element.remove();
    this.#items.delete(id);
  }
}
