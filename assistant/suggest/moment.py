"""The room as a line is chosen for it, and what was shown and done before."""

from __future__ import annotations

import datetime
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field

from assistant.suggest.flow import Flow
from assistant.suggest.goods import Goods
from assistant.suggest.writing import Form


@dataclass(frozen=True, slots=True)
class Asked:
    """A fresh question of one place's viewers, by intent."""

    intent: str
    count: int
    """Viewers who asked it while it was fresh."""
    last: int
    """Epoch ms of the last one."""
    total: int = 0
    """Viewers who asked it so far."""
    viewer: str = ""
    country: str = ""
    size: str = ""
    """The size that was asked about, one of the product's."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a card may go: one language of one market, with the country whose viewers are most there."""

    market: str
    lang: str
    country: str
    form: Form
    gloss: Form
    """For the host's language."""
    clock: datetime.time | None
    """Local time there; None when the clock says no date (a recording's own)."""
    seasons: frozenset[str] = frozenset()
    asked: Mapping[str, Asked] = field(default_factory=dict)
    """By intent."""
    sentiment: str = "neutral"
    signals: Mapping[str, str] = field(default_factory=dict)
    """Fresh signals, each with the name of a viewer who caused it, if known."""


@dataclass(frozen=True, slots=True)
class Moment:
    """What holds for all places."""

    now: int
    """Epoch ms."""
    host: str
    """The host's language."""
    goods: Goods | None = None
    permits: frozenset[tuple[str, str]] = frozenset()
    """(type in lower case, country)."""
    due: Mapping[str, float] = field(default_factory=dict)
    """Stages that are due, and how much (0..1)."""


@dataclass(slots=True)
class Shown:
    """What was shown and done, of one stream. Times are epoch ms."""

    flow: Flow
    markets: dict[str, int] = field(default_factory=dict)
    """Last card of a market."""
    places: dict[tuple[str, str], int] = field(default_factory=dict)
    """Last card of a market's language."""
    until: OrderedDict[str, int] = field(default_factory=OrderedDict)
    """Per line (`market/id`): when it may come again."""
    stages: dict[tuple[str, str, str], int] = field(default_factory=dict)
    """Last card of a stage in a market's language."""
    answered: OrderedDict[tuple[str, str, str], tuple[int, int]] = field(default_factory=OrderedDict)
    """Per market, language, intent: when a card went out and how many had asked by then."""
    reacted: dict[tuple[str, str, str], int] = field(default_factory=dict)
    """Last card for a signal in a market's language."""

    def may(self, market: str, now: int, pitch: bool = False) -> bool:
        """Whether a market's next card may go out; one that answers nobody waits longer."""
        last = self.markets.get(market)
        return last is None or now - last >= self.flow.rest["pitch" if pitch else "market"]

    def wants(self, place: Place, asked: Asked, now: int) -> bool:
        """Whether a question still needs a card: none was given, or others asked it again since."""
        known = self.answered.get((place.market, place.lang, asked.intent))
        return known is None or (now - known[0] >= self.flow.rest["intent"] and asked.total - known[1] >= self.flow.rest["asked_again"])

    def note(self, place: Place, line: str, stage: str, now: int, asked: Asked | None, signal: str) -> None:
        """A card goes out."""
        key = (place.market, place.lang)
        self.markets[place.market] = self.places[key] = self.stages[*key, stage] = now
        self.rest(place.market, line, now + self.flow.rest["answer" if asked else "line"])
        if asked:
            self.answered[*key, asked.intent] = (now, asked.total)
        if signal:
            self.reacted[*key, signal] = now
        while len(self.answered) > 2_000:
            self.answered.popitem(last=False)

    def rest(self, market: str, line: str, until: int) -> None:
        """A line may not come again before `until`."""
        key = f"{market}/{line}"
        self.until[key] = max(until, self.until.pop(key, 0))
        while len(self.until) > 10_000:
            self.until.popitem(last=False)

    def rests(self, market: str, line: str, now: int) -> bool:
        """Whether a line is cooling down."""
        return self.until.get(f"{market}/{line}", 0) > now
