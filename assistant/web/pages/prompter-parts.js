// The prompter's parts as custom elements in the light DOM. Each is given what to show and draws only what changed.

import { clock, make } from "./format.js";

/** An element that draws itself anew when what it shows is something else than before. */
class Part extends HTMLElement {
  #shown = "";

  show(...what) {
    const now = JSON.stringify(what);
    if (now === this.#shown) return false;
    this.#shown = now;
    this.replaceChildren(...this.parts(...what).filter(Boolean));
    return true;
  }

  /** A button that tells the page what was asked for. */
  button(act, word, detail, key = "") {
    const button = make("button", act, word);
    button.type = "button";
    if (key) button.append(" ", make("kbd", "", key));
    button.addEventListener("click", () => this.dispatchEvent(new CustomEvent("act", { bubbles: true, detail: { act, ...detail } })));
    return button;
  }
}

function place({ market, country }, words, names) {
  return [...new Set([words.markets[market] ?? market, country && names.country(country)])].filter(Boolean).join(" · ");
}

class Card extends Part {
  parts(card) {
    const { words } = this;
    this.classList.toggle("empty", card === null);
    if (card === null) return [make("p", "none", words.nothing)];
    const { event, pinned } = card;
    const about = make("p", "about");
    about.append(make("span", "stage", words.stages[event.stage] ?? event.stage), make("span", "place", place(event, words, this.names)));
    about.append(make("span", "in", this.names.language(event.lang)));
    if (pinned) about.append(make("span", "pinned", words.pinned));
    else about.append(make("span", "remains"));
    const why = make("p", "why");
    why.append(make("b", "", words.why), " ", make("bdi", "", event.reason, this.host));
    const acts = make("p", "acts");
    acts.append(this.button("used", words.used, { id: event.id }, words.keyUsed), this.button("dismissed", words.skip, { id: event.id }, words.keySkip));
    acts.append(this.button("pinned", words.pin, { id: event.id }, words.keyPin));
    const big = make("div", "words");
    big.append(make("p", "text", event.text, event.lang));
    if (event.gloss.text !== event.text) big.append(make("p", "gloss", event.gloss.text, event.gloss.lang));
    return [about, big, why, acts];
  }

  /** How long it still stands. */
  time(ms) {
    const remains = this.querySelector(".remains");
    if (remains) remains.textContent = clock(ms);
  }

  /** Make the words as large as fits. */
  fit() {
    const words = this.querySelector(".words");
    if (words === null) return;
    for (let fit = 1; fit > 0.3; fit -= 0.07) {
      words.style.setProperty("--fit", fit.toFixed(2));
      if (words.scrollHeight <= words.clientHeight + 1 && words.scrollWidth <= words.clientWidth + 1) return;
    }
  }
}

class Next extends Part {
  parts(cards) {
    const { words } = this;
    this.hidden = cards.length === 0;
    return [make("h2", "", words.next), ...cards.map(({ event }) => {
      const item = make("div", "item");
      const about = make("p", "about", `${words.stages[event.stage] ?? event.stage} · ${place(event, words, this.names)}`);
      item.append(about, make("p", "text", event.text, event.lang));
      if (event.gloss.text !== event.text) item.append(make("p", "gloss", event.gloss.text, event.gloss.lang));
      return item;
    })];
  }
}

class Warnings extends Part {
  parts(warnings) {
    const { words } = this;
    this.hidden = warnings.length === 0;
    const more = warnings.length - 2;
    return [...warnings.slice(0, 2).map(({ lead: event, keys, events }) => {
      const item = make("div", `warning ${event.severity}`);
      const about = make("p", "about");
      about.append(make("b", "severity", words.severity[event.severity]), make("span", "place", [...new Set(events.map((each) => place(each, words, this.names)))].join(", ")));
      if (event.lang !== this.host) about.append(make("span", "in", words.translation(this.names.language(event.lang))));
      about.append(this.button("dismiss", words.dismiss, { keys }, words.keyDismiss));
      const matched = make("p", "matched");
      matched.append(make("bdi", "", event.matched, event.lang));
      item.append(about, matched, make("p", "message", event.message, this.host));
      if (event.rewrite) {
        const instead = make("p", "instead");
        instead.append(make("b", "", words.instead), " ", make("bdi", "rewrite", event.rewrite, event.lang));
        item.append(instead);
      }
      return item;
    }), more > 0 && make("p", "more", words.more(more))];
  }
}

class Questions extends Part {
  parts(questions) {
    const { words } = this;
    const most = 6;
    const list = make("ol");
    for (const { event, example } of questions.slice(0, most)) {
      const item = make("li");
      item.append(make("span", "count", words.asks(event.count)), make("span", "intent", words.intents[event.intent] ?? event.intent));
      const draft = event.drafts[this.host];
      if (draft) item.append(make("p", "draft", draft, this.host));
      else if (example) item.append(make("p", "example", example.text, example.lang, true));
      list.append(item);
    }
    return [
      make("h2", "", words.questions),
      questions.length > 0 ? list : make("p", "none", words.noQuestions),
      questions.length > most && make("p", "more", words.more(questions.length - most)),
    ];
  }
}

class Product extends Part {
  parts(product, left, proposed) {
    const { words } = this;
    const parts = [make("h2", "", words.product)];
    if (product === null) parts.push(make("p", "none", words.noProduct));
    else {
      parts.push(make("p", "name", product.name, product.lang));
      const prices = Object.entries(product.price).slice(0, 4).map(([currency, value]) => this.names.money(value, currency));
      if (prices.length > 0) parts.push(make("p", "prices", prices.join("  ")));
      if (left !== null) {
        const stock = make("p", left <= 10 ? "stock low" : "stock");
        stock.append(`${words.left} `, make("b", "", this.names.count(left)), left <= 10 ? ` ${words.low}` : "");
        parts.push(stock);
      }
    }
    if (proposed) {
      const item = make("div", "proposed");
      item.append(make("p", "about", words.showNext), make("p", "name", proposed.text, proposed.lang), make("p", "why", proposed.reason, this.host));
      item.append(this.button("show", words.take, { id: proposed.id, sku: proposed.sku }), this.button("dismissed", words.skip, { id: proposed.id }));
      parts.push(item);
    }
    return parts;
  }
}

class Cue extends Part {
  parts(cue) {
    const { words } = this;
    this.hidden = cue === null;
    this.classList.toggle("flash", cue?.flash ?? false);
    if (cue === null) return [];
    const timer = make("span", "timer");
    timer.ariaHidden = "true"; // else it would be read out every second
    return [make("span", "from", words.cue), make("p", "text", cue.text, "und"), timer, this.button("dismiss", words.dismiss, {}, words.keyDismiss)];
  }

  time(ms) {
    const timer = this.querySelector(".timer");
    if (timer === null) return;
    timer.textContent = ms > 0 ? clock(ms) : this.words.timeUp;
    timer.classList.toggle("up", ms <= 0);
  }
}

class Numbers extends Part {
  parts(stats) {
    const { words } = this;
    if (stats === null) return [];
    const numbers = [[words.viewers, stats.viewers], [words.orders, stats.orders], [words.perMinute, stats.comments_per_min]];
    return [...numbers.map(([word, value]) => {
      const item = make("span", "number", `${word} `);
      item.append(make("b", "", this.names.count(value)));
      return item;
    }), make("span", "on-air")];
  }

  time(ms) {
    const air = this.querySelector(".on-air");
    if (air) air.textContent = ms === null ? "" : `${this.words.onAir} ${clock(ms)}`;
  }
}

const parts = { card: Card, next: Next, warnings: Warnings, questions: Questions, product: Product, cue: Cue, numbers: Numbers };

/** Define the elements; gives each by name. `host` is the host's language, `names` and `words` are for the reader. */
export function furnished(host, names, words) {
  const found = {};
  for (const [name, kind] of Object.entries(parts)) {
    Object.assign(kind.prototype, { host, names, words });
    customElements.define(`live-${name}`, kind);
    found[name] = document.querySelector(`live-${name}`);
  }
  return found;
}
