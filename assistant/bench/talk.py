"""talk: whether every frequent question gets a fitting card in every market, whether any card is wrong, and how fast cards come.

On the sample room with all packs: its comments are read by the shipped reading model, its questions counted. Moments are simulated
from a seed over a whole year: products, stock, questions, moods, signals, countries and hours at random. A card is wrong when a slot is
left, when an amount is not written as its country writes it (by patterns kept here, apart from the packs), or when the guard minds.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from time import perf_counter

from assistant.bench.result import Plan, Result, judged, percentile, skipped
from assistant.detect import Detector
from assistant.detect.grams import grams
from assistant.events import Comment, CommentEvent, Event, ProductEvent, Signal, SignalEvent, SpeechEvent, Suggestion, User
from assistant.markets import Markets
from assistant.packs.library import read_library
from assistant.packs.pack import Pack
from assistant.replay import read_session
from assistant.roomfile import RoomFile, read_room
from assistant.shipped import SAMPLE, shipped
from assistant.signals.read import Reader
from assistant.suggest.lines import SIGNALS, Line
from assistant.talk import Talk, guarded
from assistant.watch import Watch

BEGIN = 1_790_000_000_000
YEAR = 365 * 86_400_000
FREQUENT = 20

_N, _DOT, _SPACE = r"\d{1,3}(?:,\d{3})*(?:\.\d{2})?", r"\d{1,3}(?:\.\d{3})*", "[ \u00a0\u202f]"
FORMS = {
    "SAR": rf"SAR {_N}|{_N} ر\.س", "AED": rf"AED {_N}|{_N} د\.إ", "JPY": r"\d{1,3}(?:,\d{3})*円", "IDR": rf"Rp{_DOT}", "MYR": rf"RM{_N}", "THB": rf"฿{_N}",
    "VND": rf"{_DOT}{_SPACE}₫", "USD": rf"\${_N}", "SGD": rf"S\${_N}", "PHP": rf"₱{_N}", "GBP": rf"£{_N}", "CAD": rf"CA\${_N}",
    "EUR": rf"€{_N}|€{_DOT}(?:,\d{{2}})?|{_DOT}(?:,\d{{2}})?{_SPACE}€|\d{{1,3}}(?:{_SPACE}\d{{3}})*(?:,\d{{2}})?{_SPACE}€",
}  # fmt: skip
"""How each currency is written in its countries; ASCII digits."""
_MARK = re.compile(r"SAR|ر\.س|AED|د\.إ|[¥￥]|(?<!日本)円|Rp\d|RM\d|฿|₫|\d ?VND|[$€£₱]")


@dataclass(slots=True)
class _Stage:
    """A room that sells in every market."""

    file: RoomFile
    packs: dict[str, Pack]
    lines: list[Line]
    markets: Markets
    watch: Watch

    def talk(self, **change: object) -> Talk:
        return Talk(self.file.model_copy(update=change), self.packs, self.lines, self.markets, guarded(self.watch))


def run(plan: Plan) -> list[Result]:
    """Coverage, wrong cards, replay, latency."""
    folders = [shipped("talk_scripts")]
    library = read_library(folders)
    packs, markets, lines = library.packs, library.markets, library.lines
    if not lines:
        return [skipped("talk", "no market has a lines.yaml")]
    file = read_room(SAMPLE / "ROOM.toml").model_copy(update={"markets": sorted(packs)})
    stage = _Stage(file, packs, lines, markets, Watch(file, library.book(file.markets), markets))
    session = list(_session(stage))
    frequent = [intent for intent, _ in _asked(session).most_common(FREQUENT)]
    return [*_coverage(stage, frequent), *_simulated(stage, plan.count(10_000, 600)), *_replayed(stage, session)]


def _session(stage: _Stage) -> Iterator[Event]:
    """The sample session's inputs as the room records them, without translations; `at` is epoch ms."""
    detector, reader = Detector(), Reader(grams)
    for step in read_session(SAMPLE / "session.jsonl"):
        at, message = BEGIN + int(step.t * 1000), step.message
        fields = message.model_dump(exclude={"ref"}, exclude_none=True)
        if isinstance(message, Comment):
            found = detector.detect(message.text, priors=stage.file.subtitle_languages, market_langs=stage.markets.languages_of(message.country))
            read = reader.read(message.text)
            yield CommentEvent(**fields, at=at, lang=found.lang, confidence=found.confidence, intent=read.intents[0], intents=list(read.intents[1:]),
                               sentiment=read.sentiment)  # fmt: skip
        elif message.type == "speech" and message.final:
            yield SpeechEvent(**fields, at=at)
        elif isinstance(message, Signal):
            yield SignalEvent(**fields, at=at)
        elif message.type == "product":
            yield ProductEvent(**fields, at=at)


def _asked(session: Sequence[Event]) -> Counter[str]:
    """How often each question stands in the session; abuse and chatter are none."""
    asked = Counter(event.intent for event in session if isinstance(event, CommentEvent) and event.intent)
    return Counter({intent: count for intent, count in sorted(asked.items()) if intent != "other" and not intent.startswith(("troll.", "spam."))})


def _comment(rng: random.Random, intent: str | None, lang: str, country: str, number: int, mood: str = "neutral") -> CommentEvent:
    name = rng.choice(["Aisha", "ゆき", "Sari", "Linh", "نورة", "John", "😀", "0812 3456 7890", "{price}"])
    return CommentEvent(id=f"c{number}", user=User(id=f"u{number}", name=name), text="?", lang=lang, country=country, confidence=1.0, intent=intent,
                        sentiment=mood)  # type: ignore[arg-type]  # fmt: skip


def _coverage(stage: _Stage, frequent: Sequence[str]) -> list[Result]:
    """Which share of market, language and frequent question gets a card that is about it, with one of the room's products on the table."""
    rng, wanted, named, related, missing = random.Random(1), 0, 0, 0, list[str]()
    talk = stage.talk()
    for market, pack in stage.packs.items():
        for lang in pack.languages:
            country = pack.spoken_in(lang)[0]
            for intent in frequent:
                wanted += 1
                kinds = set[str]()
                for number, product in enumerate(stage.file.products):
                    talk.begin(BEGIN)
                    talk.product(ProductEvent(sku=product.sku), BEGIN)
                    cards = [event for event in talk.comment(_comment(rng, intent, lang, country, number), BEGIN + 500) if isinstance(event, Suggestion)]
                    about = [card.id for card in cards if card.lang == lang and talk.intent_of(card.id) == intent]
                    kinds |= {"named" if talk.names(card, intent) else "related" for card in about}
                named, related = named + ("named" in kinds), related + (kinds == {"related"})
                if not kinds:
                    missing.append(f"{market}/{lang} {intent}")
    share = 100 * (named + related) / max(1, wanted)
    return [judged("talk.coverage", share, ">=", 100.0, "%", questions=len(frequent), places=wanted // max(1, len(frequent)), by_name=named,
                   by_stage=related, missing=missing[:12])]  # fmt: skip


def _simulated(stage: _Stage, moments: int) -> list[Result]:
    """Random moments: what is wrong with the cards they bring."""
    rng, cards, wrong = random.Random(7), 0, {"slots": list[str](), "currency": list[str](), "rules": list[str]()}
    intents = sorted({intent for line in stage.lines for intent in line.when.intents}) or ["price.ask"]
    places = [(lang, country) for pack in stage.packs.values() for lang in pack.languages for country in pack.spoken_in(lang)]
    rooms = [stage.talk(products=[product.model_copy(update={"stock": stock}) for product in stage.file.products]) for stock in (0, 4, 37, 900)]
    for moment in range(moments):
        talk, at = rng.choice(rooms), BEGIN + rng.randrange(YEAR)
        talk.begin(at)
        sku = rng.choice(stage.file.products).sku
        made: list[Event] = talk.product(ProductEvent(sku=sku), at) if rng.random() < 0.9 else []
        for number in range(rng.randrange(1, 6)):
            lang, country = rng.choice(places)
            intent = rng.choice(intents) if rng.random() < 0.7 else None
            mood = rng.choice(["positive", "neutral", "negative"])
            for again in range(rng.randrange(1, 4)):
                made += talk.comment(_comment(rng, intent, lang, country, moment * 100 + number * 10 + again, mood), at + number * 3_000)
        name = rng.choice(sorted(SIGNALS - {"viewers_up", "viewers_down", "comments_up", "quiet"}))
        made += talk.signal(SignalEvent(name=name, value=1, user=f"u{moment * 100}"), at + 20_000)  # type: ignore[arg-type]
        made += talk.tick(at + rng.randrange(20_000, 120_000))
        shown = [event for event in made if isinstance(event, Suggestion)]
        cards += len(shown)
        for card in shown:
            for fault in _faults(stage, card):
                wrong[fault].append(f"{card.line} {card.country}: {card.text}")
    lines = {fault: sorted(set(found))[:3] for fault, found in wrong.items() if found}
    return [
        judged("talk.wrong_cards", sum(map(len, wrong.values())), "<=", 0, "cards", moments=moments, cards=cards, faults=lines),
    ]


def _faults(stage: _Stage, card: Suggestion) -> Iterator[str]:
    both = card.text + card.gloss.text
    if "{" in both or "}" in both:
        yield "slots"
    if not well_written(card.text, stage.packs[card.market].formats[card.country or ""].currency):
        yield "currency"
    for text, lang in ((card.text, card.lang), (card.gloss.text, card.gloss.lang)):
        if stage.watch.suggested(card.market, card.country, text, lang, card.sku, card.at):
            yield "rules"


def well_written(text: str, currency: str) -> bool:
    """Whether every amount of money in a text is written as its country writes it, and none is in another currency."""
    plain = text.replace("\u2068", "").replace("\u2069", "")
    # No digits may go on before or behind a match: 7,480.00円 is not the amount 00円.
    spans = [match.span() for match in re.finditer(rf"(?<!\d)(?<!\d[.,])(?:{FORMS.get(currency, '(?!)')})(?![.,]?\d)", plain)]
    return all(any(start <= mark.start() < end for start, end in spans) for mark in _MARK.finditer(plain))


def _replayed(stage: _Stage, session: Sequence[Event]) -> list[Result]:
    """The sample session twice, once with time told in between: the same cards, and how long each took from its trigger."""
    took: list[float] = []

    def folded(ticks: bool) -> list[str]:
        talk, shown = stage.talk(), list[str]()
        talk.begin(BEGIN)
        for event in session:
            begun = perf_counter()
            made = list(talk.tick(event.at - event.at % 250)) if ticks else []
            made += getattr(talk, event.type)(event, event.at)  # type: ignore[attr-defined]
            cards = [each for each in made if isinstance(each, Suggestion)]
            took.extend([1000 * (perf_counter() - begun)] * bool(cards))
            shown += [card.model_dump_json() for card in cards]
        return shown

    first, second = folded(False), folded(True)
    same = 100.0 * (first == second)
    return [
        judged("talk.replay", same, ">=", 100.0, "%", cards=len(first)),
        judged("talk.latency", percentile(took, 0.95), "<=", 150.0, "ms", median=round(percentile(took, 0.5), 2), cards=len(took)) if took
        else skipped("talk.latency", "no card came"),
    ]  # fmt: skip
