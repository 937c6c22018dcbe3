"""From a moment to ranked lines, each with a score and the reason a host reads at a glance. Weights: `data/flow.toml`.

A line is a candidate when all its conditions hold and something calls for it: a fresh question it answers by name, a question of
the kind its stage is for, a signal, or a stage that is due. Questions outweigh pitch. A line that presses needs a short stock or
a near end behind it. What can't be filled or does not pass the guard (`passes`) is no card; filling is done from the best down.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import log2

from assistant.suggest.bandit import Bandit
from assistant.suggest.flow import Flow
from assistant.suggest.goods import minutes_left
from assistant.suggest.lines import Line
from assistant.suggest.moment import Asked, Moment, Place, Shown
from assistant.suggest.slots import Scene, fill

FACTS = frozenset({
    "price", "former_price", "discount", "sizes", "size", "stock", "delivery_days", "shipping_fee", "payment", "material", "origin", "certificate",
    "volume", "weight", "warranty",
})  # fmt: skip
"""Slots that tell something of the goods."""

TRIES = 20
"""Filled lines shown to the guard for one card; a pack that breaks its rules more often has its faults told by the check."""

Passes = Callable[[Place, str, str], bool]
"""(place, text, its language) -> whether the guard lets it through."""


@dataclass(frozen=True, slots=True)
class Called:
    """Why a line may be said now."""

    kind: str
    """asked, related, signal or pitch."""
    score: float
    asked: Asked | None = None
    signal: str = ""


@dataclass(frozen=True, slots=True)
class Ranked:
    """A line that fits, not filled yet."""

    line: Line
    place: Place
    called: Called
    score: float


@dataclass(frozen=True, slots=True)
class Card:
    """A line ready to be shown."""

    line: Line
    place: Place
    called: Called
    score: float
    """0..1."""
    text: str
    gloss: str
    reason: str
    expires: int
    """Epoch ms."""


class Chooser:
    """The lines of a room's markets, ready to be chosen from."""

    def __init__(self, lines: Iterable[Line], flow: Flow) -> None:
        self.flow = flow
        self._lines: dict[tuple[str, str], list[Line]] = {}
        for line in sorted(lines, key=lambda line: line.id):
            self._lines.setdefault((line.market, line.lang), []).append(line)
        self._answers = {key: frozenset(intent for line in lines for intent in line.when.intents) for key, lines in self._lines.items()}

    def answers(self, market: str, lang: str, intent: str) -> bool:
        """Whether some line there is for a question."""
        return intent in self._answers.get((market, lang), ()) or bool(self.flow.related_to(intent) and (market, lang) in self._lines)

    def languages(self, market: str) -> set[str]:
        """The languages that a market has lines in."""
        return {lang for name, lang in self._lines if name == market}

    def ranked(self, moment: Moment, places: Sequence[Place], shown: Shown, bandit: Bandit) -> list[Ranked]:
        """Every line that fits, the best first; equal ones by id."""
        found: list[Ranked] = []
        for place in places:
            pitch = shown.may(place.market, moment.now, pitch=True)
            for line in self._lines.get((place.market, place.lang), ()):
                if shown.rests(place.market, line.id, moment.now) or not _holds(line, moment, place):
                    continue
                if called := self._called(line, moment, place, shown, pitch):
                    if line.urgent and not self._backed(line, moment):
                        continue
                    found.append(Ranked(line, place, called, self._score(line, moment, place, called, shown, bandit)))
        found.sort(key=lambda item: (-item.score, item.line.market, item.line.id, item.place.country))
        return found

    def card(self, moment: Moment, places: Sequence[Place], shown: Shown, bandit: Bandit, passes: Passes) -> Card | None:
        """The best line that can be filled and passes; None when there is none. `shown` is left as it is."""
        tries = TRIES
        for item in self.ranked(moment, places, shown, bandit):
            if not tries:
                return None
            place, called = item.place, item.called
            scene = _scene(item, moment)
            text = fill(item.line.text, scene, place.form)
            if text is None:
                continue
            tries -= 1
            if not passes(place, text, place.lang):
                continue
            host = moment.host if moment.host in item.line.glosses else "en"
            gloss = fill(item.line.glosses[host], scene, place.gloss, place.form)
            if gloss is None or not passes(place, gloss, host):
                continue
            expires = self.flow.expires["question" if called.asked else "signal" if called.signal else "pitch"]
            return Card(item.line, place, called, item.score, text, gloss, self._reason(item, moment), moment.now + expires)
        return None

    def _called(self, line: Line, moment: Moment, place: Place, shown: Shown, pitch: bool) -> Called | None:
        weights, when = self.flow.score, line.when
        best: Called | None = None
        for asked in place.asked.values():
            named = asked.intent in when.intents
            if (named or (not when.intents and line.stage in self.flow.related_to(asked.intent))) and shown.wants(place, asked, moment.now):
                score = weights["question" if named else "related"] + weights["askers"] * min(1.0, log2(asked.count) / 4)
                if best is None or score > best.score:
                    best = Called("asked" if named else "related", score, asked)
        if when.intents:
            return best if not when.signals or when.signals & place.signals.keys() else None
        if when.signals:
            best = None
        elif best:
            return best
        for name in place.signals:
            call = self.flow.signals.get(name)
            fits = name in when.signals or (not when.signals and call is not None and line.stage in call.stages)
            if call and fits and moment.now - shown.reacted.get((place.market, place.lang, name), -(2**53)) >= self.flow.rest["intent"]:
                score = call.score + (0.05 if name in when.signals else 0.0)
                if best is None or score > best.score:
                    best = Called("signal", score, None, name)
        if when.signals or best:
            return best
        due = moment.due.get(line.stage, 0.0)
        return Called("pitch", weights["pitch"] + weights["pitch_more"] * due) if due and pitch else None

    def _backed(self, line: Line, moment: Moment) -> bool:
        """Whether stock or time really presses: `stock_below` holds already, a named stock is low, or the offer ends soon."""
        goods = moment.goods
        if line.when.stock_below is not None or minutes_left(goods, moment.now) is not None:
            return True
        return "stock" in line.slots and goods is not None and goods.stock is not None and goods.stock <= self.flow.low_stock

    def _score(self, line: Line, moment: Moment, place: Place, called: Called, shown: Shown, bandit: Bandit) -> float:
        weights, when, key = self.flow.score, line.when, (place.market, place.lang)
        score = called.score + weights["fact"] * min(3, len(FACTS.intersection(line.slots)))
        score += weights["season"] * bool(when.seasons) + weights["hours"] * bool(when.hours) + weights["category"] * bool(when.categories)
        score += weights["country"] * bool(when.countries)
        score += weights["condition"] * bool(when.certificate or when.permit or when.former_price or when.stock_below is not None)
        if moment.now - shown.stages.get((*key, line.stage), -(2**53)) < self.flow.rest["stage"] and not called.asked:
            score -= weights["stage_again"]
        waited = moment.now - shown.places.get(key, moment.now - self.flow.rest["line"])
        score += weights["waiting"] * min(1.0, waited / self.flow.rest["line"])
        score += weights["learned"] * bandit.worth(place.market, line.id, line.stage)
        # Pitch never overtakes what several viewers ask, whatever was learned.
        several = called.asked is not None and called.asked.count > 1
        least, most = (weights["related"] if several else 0.0), (1.0 if called.asked else weights["related"] - 0.01)
        return round(max(least, min(most, score)), 4)

    def _reason(self, item: Ranked, moment: Moment) -> str:
        called, host = item.called, moment.host
        if called.asked:
            kind = "told" if called.asked.intent.startswith(self.flow.told) else "asked"
            return self.flow.reason(kind if called.asked.count > 1 else f"{kind}_one", host, "intents", called.asked.intent, called.asked.count)
        if called.signal:
            return self.flow.reason("signal", host, "signals", called.signal)
        return self.flow.reason("season" if item.line.when.seasons else "pitch", host, "stages", item.line.stage)


def _holds(line: Line, moment: Moment, place: Place) -> bool:
    """Whether the conditions hold that are no question and no signal."""
    when, goods = line.when, moment.goods
    if when.countries and place.country not in when.countries:
        return False
    if when.categories and (goods is None or goods.category not in when.categories):
        return False
    if when.seasons and not when.seasons & place.seasons:
        return False
    if when.hours and (place.clock is None or not _within(place.clock.hour, *when.hours)):
        return False
    if when.sentiment and when.sentiment != place.sentiment:
        return False
    if when.permit and (when.permit.casefold(), place.country) not in moment.permits:
        return False
    if when.certificate and (goods is None or not goods.certified(when.certificate, place.country, moment.now)):
        return False
    if when.stock_below is not None and (goods is None or not goods.stock or goods.stock >= when.stock_below):
        return False
    return not when.former_price or (goods is not None and goods.former_price(place.country, place.form.currency, moment.now) is not None)


def _within(hour: int, begins: int, ends: int) -> bool:
    return begins <= hour < ends if begins <= ends else hour >= begins or hour < ends


def _scene(item: Ranked, moment: Moment) -> Scene:
    place, asked = item.place, item.called.asked
    return Scene(
        now=moment.now, country=place.country, clock=place.clock, goods=moment.goods,
        viewer=asked.viewer if asked else place.signals.get(item.called.signal, ""), count=asked.count if asked else 0,
        size=asked.size if asked else "", from_country=asked.country if asked else "", certificate=item.line.when.certificate,
    )  # fmt: skip
