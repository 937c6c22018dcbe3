"""One room's talk track: from what happens to cards for the host's prompter.

A fold over the room's recorded events: each hook takes an event and its time and returns the events it brings about (suggestions,
and a `feedback` of its own when the host says a card's line). Between events time passes in whole seconds, so that the same events
at the same times give the same cards live, after a restart and in a replay.
"""

from __future__ import annotations

import datetime
import json
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from assistant.crowd import Crowd, Key
from assistant.events import Change, CommentEvent, Event, FeedbackEvent, ProductEvent, Question, Rendering, SignalEvent, SpeechEvent, Suggestion
from assistant.ingest import language
from assistant.markets import Markets
from assistant.packs.calendar import on
from assistant.packs.goods import goods_of, permits_of
from assistant.packs.pack import Pack
from assistant.record import Stored
from assistant.roomfile import RoomFile
from assistant.suggest.bandit import Bandit
from assistant.suggest.choose import Card, Chooser
from assistant.suggest.done import Heard
from assistant.suggest.flow import Flow, read_flow
from assistant.suggest.goods import DATED, Goods
from assistant.suggest.lines import Line
from assistant.suggest.moment import Moment, Place, Shown
from assistant.watch import Watch

STEP_MS = 1_000
"""Time passes in steps of a second."""
SILENT_MS = 120_000
"""After so long without any event nobody is selling, and no card goes out."""
SAYING_MS = 120_000
"""How long after a card went out its line still counts as its when the host says it."""

Guard = Callable[[str, str, str, str, str | None, int], bool]
"""(market, country, text, language, sku on the table, epoch ms) -> whether the text may be shown."""


@dataclass(slots=True)
class _Open:
    """A card that went out."""

    line: Line
    lang: str
    renderings: tuple[tuple[str, str], ...]
    """(language, text): the line and its gloss."""
    at: int
    intent: str | None = None
    """The question it answers."""
    done: bool = False


def guarded(watch: Watch) -> Guard:
    """What the room's rules let through of a card, whatever a finding's gravity: a card is the room's own word."""
    return lambda market, country, text, lang, sku, now: not watch.suggested(market, country, text, lang, sku, now)


class Talk:
    """The cards of one room. Build it once; `begin` at the start of every stream."""

    def __init__(
        self, file: RoomFile, packs: Mapping[str, Pack], lines: Iterable[Line], markets: Markets, guard: Guard, bandit: Bandit | None = None,
        flow: Flow | None = None,
    ) -> None:
        self._file, self._markets, self._guard = file, markets, guard
        self._packs = {name: packs[name] for name in file.markets if name in packs}
        self.flow = flow or read_flow()
        known = [line for line in lines if line.market in self._packs]
        self.chooser, self._lines = Chooser(known, self.flow), {(line.market, line.id): line for line in known}
        self.bandit = bandit or Bandit()
        self._goods: dict[str, Goods] = goods_of(file, self._packs.values())
        self._permits = permits_of(file)
        self._host = language(file.host_language)
        self._seasons: OrderedDict[tuple[str, str, int], frozenset[str]] = OrderedDict()
        self.begin(0)
        self._live = False

    def begin(self, now: int) -> None:
        """A stream begins: ids, cool-downs and audience start anew; what the host's choices taught stays."""
        self._live = True
        self._crowd = Crowd(self._file, self._packs, self._markets)
        self._shown, self._heard = Shown(self.flow), Heard()
        self._cards: OrderedDict[str, _Open] = OrderedDict()
        self._sku: str | None = None
        self._begun, self._shown_since, self._step, self._last, self._number = now, now, now // STEP_MS, now, 0
        self._evaluated: dict[str, int] = {}

    def end(self) -> None:
        """The stream ended: no card until the next begins."""
        self._live = False

    # What happens

    def comment(self, event: CommentEvent, now: int) -> list[Event]:
        """A viewer's comment, read and translated."""
        made = self._passed(now)
        goods = self._goods.get(self._sku or "")
        fresh = self.flow.rest["fresh"]
        key = self._crowd.comment(event, now, goods.sizes if goods else (), fresh)
        if key and any(self.chooser.answers(key[0], key[1], intent) for intent in (event.intent or "", *event.intents)):
            made += self._consider(key[0], now)
        return made

    def signal(self, event: SignalEvent, now: int) -> list[Event]:
        """A signal; levels and leaving call for nothing by themselves."""
        made = self._passed(now)
        if event.name in self.flow.signals:
            self._crowd.signal(event.name, event.country, event.user, now)
            for market in self._packs:
                made += self._consider(market, now)
        return made

    def change(self, change: Change, now: int) -> list[Event]:
        """A spike or drop of the live numbers, such as `viewers_down` or `quiet`."""
        made = self.tick(now)
        if change.name in self.flow.signals:
            self._crowd.signal(change.name, None, None, now)
            for market in self._packs:
                made += self._consider(market, now)
        return made

    def question(self, event: Question, now: int) -> list[Event]:
        """A question changed; an answered one needs no card."""
        made = self.tick(now)
        if event.answered:
            self._crowd.settled(event.intent)
        return made

    def product(self, event: ProductEvent, now: int) -> list[Event]:
        """Another product is on the table."""
        made = self._passed(now)
        self._sku, self._shown_since = event.sku, now
        return made

    def speech(self, event: SpeechEvent, now: int) -> list[Event]:
        """The host said something to the end: a card whose line it was is done by itself."""
        made = self._passed(now)
        self._heard.add(language(event.lang or self._host), event.text)
        for id_, open_ in self._cards.items():
            if not open_.done and now - open_.at <= SAYING_MS and self._heard.says(open_.renderings):
                made.append(FeedbackEvent(at=now, suggestion=id_, action="used"))
                open_.done = True
                self._answer(open_, "used", now)
        return made

    def feedback(self, event: FeedbackEvent, now: int) -> list[Event]:
        """What the host or a moderator did with a card."""
        made = self._passed(now)
        open_ = self._cards.get(event.suggestion)
        if open_ and not (open_.done and event.action == "used"):
            open_.done = open_.done or event.action != "pinned"
            self._answer(open_, event.action, now)
        return made

    def tick(self, now: int) -> list[Event]:
        """Time has passed."""
        made: list[Event] = []
        ends = min(now, self._last + SILENT_MS) // STEP_MS if self._live else 0
        while self._step < ends:
            self._step += 1
            for market in self._packs:
                made += self._consider(market, self._step * STEP_MS, waited=True)
        return made

    def _passed(self, now: int) -> list[Event]:
        """Something happened: what time brought about before it."""
        made = self.tick(now)
        self._last, self._step = max(self._last, now), max(self._step, now // STEP_MS)
        return made

    def knows(self, suggestion: str) -> bool:
        """Whether this stream had a card of this id."""
        return suggestion in self._cards

    def intent_of(self, suggestion: str) -> str | None:
        """The question that a card answers; None when it answers none, or is not known."""
        open_ = self._cards.get(suggestion)
        return open_.intent if open_ else None

    def names(self, suggestion: str, intent: str) -> bool:
        """Whether a card's line is written for a question by name, not only of the stage that helps with it."""
        open_ = self._cards.get(suggestion)
        return open_ is not None and intent in open_.line.when.intents

    def learn(self, rows: Iterable[Stored]) -> None:
        """Take in the suggestions and feedbacks of earlier streams, in order: what the host chose then."""
        lines: dict[tuple[str, str], tuple[str, str, str]] = {}
        done: set[tuple[str, str]] = set()
        for row in rows:
            data = json.loads(row.body)
            key = (row.stream, data["id"] if row.type == "suggestion" else data["suggestion"])
            if row.type == "suggestion":
                lines[key] = (data["market"], data["line"] or "", data["stage"])
            elif key in lines and lines[key][1] and not (key in done and data["action"] == "used"):
                done |= {key} if data["action"] != "pinned" else set()
                self.bandit.learn(*lines[key], data["action"])

    def forget(self, gone: Callable[[str], bool]) -> None:
        """Drop viewers that are `gone`, and the words of cards that named them."""
        names = self._crowd.forget(gone)
        for open_ in self._cards.values():
            if any(name in text for name in names for _, text in open_.renderings):
                open_.renderings = ()

    def adopt(self, event: Suggestion, at: int) -> None:
        """Take up a recorded card after a restart: its number is taken, its line rests, feedback on it counts."""
        line = self._lines.get((event.market, event.line or ""))
        self._number = max(self._number, int(event.id[1:]) if event.id[1:].isdecimal() else 0)
        if line is None or event.id in self._cards:
            return
        self._shown.rest(line.market, line.id, at + self.flow.rest["line"])
        self._shown.markets[line.market] = max(at, self._shown.markets.get(line.market, 0))
        self._keep(event.model_copy(update={"at": at}), line, None)

    # What it brings about

    def _consider(self, market: str, now: int, waited: bool = False) -> list[Event]:
        """A market's next card, if one is due."""
        if not self._live or not self._shown.may(market, now) or (not waited and now - self._evaluated.get(market, -(2**53)) < self.flow.rest["evaluate"]):
            return []
        self._evaluated[market] = now
        places = [self._place(key, now) for key in self._crowd.keys(market, self.chooser.languages(market), now)]
        if not self._shown.may(market, now, pitch=True) and not any(place.asked or place.signals for place in places):
            return []
        moment = self._moment(now)

        def passes(place: Place, text: str, lang: str) -> bool:
            return self._guard(place.market, place.country, text, lang, self._sku, now)

        card = self.chooser.card(moment, places, self._shown, self.bandit, passes)
        return [self._show(card, now)] if card else []

    def _show(self, card: Card, now: int) -> Suggestion:
        self._number += 1
        id_, line, place = f"g{self._number}", card.line, card.place
        self._shown.note(place, line.id, line.stage, now, card.called.asked, card.called.signal)
        shown = Suggestion(
            at=now, id=id_, market=place.market, country=place.country, lang=place.lang, text=card.text,
            gloss=Rendering(lang=self._host if self._host in line.glosses else "en", text=card.gloss), stage=line.stage, line=line.id,
            sku=self._sku, reason=card.reason, score=card.score, expires_at=card.expires,
        )  # fmt: skip
        self._keep(shown, line, card.called.asked.intent if card.called.asked else None)
        return shown

    def _keep(self, event: Suggestion, line: Line, intent: str | None) -> None:
        self._cards[event.id] = _Open(line, event.lang, ((event.lang, event.text), (event.gloss.lang, event.gloss.text)), event.at, intent)
        while len(self._cards) > self.flow.open:
            self._cards.popitem(last=False)

    def _answer(self, open_: _Open, action: str, now: int) -> None:
        line = open_.line
        self.bandit.learn(line.market, line.id, line.stage, action)
        if action in ("used", "dismissed"):
            self._shown.rest(line.market, line.id, now + self.flow.rest[action])
        if action == "used" and open_.intent:
            self._crowd.settled(open_.intent, line.market, open_.lang)

    def _moment(self, now: int) -> Moment:
        goods = self._goods.get(self._sku or "")
        due = self.flow.due((now - self._begun) / 1000, (now - self._shown_since) / 1000 if goods else None)
        return Moment(now, self._host, goods, self._permits, due)

    def _place(self, key: Key, now: int) -> Place:
        market, lang, country = key
        pack = self._packs[market]
        local = pack.local(country, now) if now >= DATED else None
        return Place(
            market, lang, country, pack.form(lang, country), pack.form(self._host if self._host == "zh" else "en", country, gloss=True),
            local.time() if local else None, self._kept(pack, country, local.date().toordinal()) if local else frozenset(),
            self._crowd.asked(key, now, self.flow.rest["fresh"]), self._crowd.mood(key, now),
            self._crowd.signals(country, now, self.flow.rest["signal"]),
        )  # fmt: skip

    def _kept(self, pack: Pack, country: str, day: int) -> frozenset[str]:
        """The seasons of a country on a day (ordinal), remembered: computing them takes longer than choosing."""
        key = (pack.name, country, day)
        if key not in self._seasons:
            self._seasons[key] = on(pack.seasons, country, datetime.date.fromordinal(day))
            while len(self._seasons) > 200:
                self._seasons.popitem(last=False)
        return self._seasons[key]
