"""The room understood: signals → questions → suggestions, as one fold over what the room recorded.

Each hook takes a recorded event and its time (epoch ms) and returns the events it brings about, to be recorded and published. No
clock and no file is read here, and between events time passes in whole seconds, so the same events at the same times give the same
questions and suggestions live, after a restart and in a replay. What the hooks returned is recorded too, but never taken in again,
except by `restore`.
"""

from __future__ import annotations

import datetime
from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping, Sequence

from assistant.catalogue import called, catalogue, homes
from assistant.events import (
    Change,
    CommentEvent,
    Event,
    FeedbackEvent,
    ModerateEvent,
    ProductEvent,
    Question,
    Rendering,
    Reply,
    SignalEvent,
    SpeechEvent,
    Stats,
    StreamEvent,
    Suggestion,
)  # fmt: skip
from assistant.facts import zone
from assistant.ingest import language
from assistant.markets import Markets
from assistant.protect.values import find
from assistant.record import Stored
from assistant.roomfile import RoomFile
from assistant.signals.answers import answers
from assistant.signals.changes import Changes
from assistant.signals.grouping import grouping
from assistant.signals.meant import Pointing
from assistant.signals.products import Pick, Products
from assistant.signals.questions import Asked, Group, Questions
from assistant.signals.spoken import spoken
from assistant.signals.tables import usual, watching
from assistant.signals.windows import Counters
from assistant.talk import Talk

STEP_MS = 1_000
"""Time passes in steps of a second."""
STEPS = 600
"""Steps made up for after a silence."""
_INPUTS: Mapping[str, type[Event]] = {
    "comment": CommentEvent, "speech": SpeechEvent, "signal": SignalEvent, "product": ProductEvent, "reply": Reply, "moderate": ModerateEvent,
    "feedback": FeedbackEvent, "stream": StreamEvent,
}  # fmt: skip
"""What is folded, and what its rows are read as."""
CARDS = 500
"""Suggested products remembered, for feedback."""
SHOWN_MS = 60_000
"""How long a suggested product is shown."""


class Understanding:
    """One room's. Build it once; `begin` at the start of every stream."""

    def __init__(self, file: RoomFile, markets: Markets, talk: Talk | None = None) -> None:
        self._file, self._talk = file, talk
        self._facts, self._called = catalogue(file), called(file)
        self._grouping, self._answers, self._spoken, self._pointing = grouping(), answers(), spoken(), Pointing()
        self._usual, self._watching, self._zone = usual(), watching(), zone(file.timezone)
        self._homes = homes(file, markets)
        self._products = Products(list(self._facts.values()))
        self.begin(0)

    def begin(self, now: int) -> None:
        """A stream begins: numbers, questions and what was found start anew; past orders stay."""
        self.counters, self.changes = Counters(), Changes(self._watching)
        self.questions = Questions(self._drafts)
        self._cards: OrderedDict[str, str] = OrderedDict()
        self._step, self._number, self._now = now // STEP_MS, 0, now
        if self._talk is not None:
            self._talk.begin(now)

    def end(self, now: int) -> None:
        """The stream ended."""
        if self._talk is not None:
            self._talk.end()

    def take(self, type_: str, body: str, at: int) -> list[Event]:
        """A row of the record: what an input brings about; nothing of what this fold or others made of inputs."""
        kind = _INPUTS.get(type_)
        if kind is None:
            return []
        event = kind.model_validate_json(body)
        if isinstance(event, StreamEvent):
            self.begin(at) if event.state == "started" else self.end(at)
            return []
        return getattr(self, type_)(event, at)

    # What happens

    def comment(self, event: CommentEvent, now: int) -> list[Event]:
        """A viewer's comment, read and translated."""
        made = self._passed(now)
        self.counters.comment(now, event.user.id)
        made += self._changed(self.changes.count("comment", 1, now), now)
        asked: list[Event] = []
        if "offensive" not in event.flags and (intents := self._grouping.asked([event.intent, *event.intents] if event.intent else event.intents)):
            sku = self._meant(event)
            for intent in intents:
                key = self._grouping.key(intent, sku, event.text, event.translation.text if event.translation else "")
                asked += self.questions.ask(Asked(event.id, event.user.id, event.lang, event.country, key), now)
            self._products.sign("question", sku, now)
        made += asked
        if self._talk is not None:
            made += self._talk.comment(event, now)
        return made

    def speech(self, event: SpeechEvent, now: int) -> list[Event]:
        """The host said something to the end."""
        made = self._passed(now)
        self.changes.said(event.segment, now)
        lang = language(event.lang or self._file.host_language)
        heard = self._spoken.heard(event.text, lambda sentence: _numbers(sentence, lang))
        # the product she names, else the one on the table: a word about that one answers nothing about another
        about = self._pointing.product_of(event.text, lang, self._called, None, ()) or self._products.on_table
        made += self._answered(self.questions.answer(lambda group: self._about(group, about) and heard.answers(group.intent, self._facts_of(group)), now), now)
        if self._talk is not None:
            made += self._talk.speech(event, now)
        return made

    def signal(self, event: SignalEvent, now: int) -> list[Event]:
        """A signal; without a product it is about the one on the table."""
        made = self._passed(now)
        self.counters.signal(event, now)
        value = 1.0 if event.value is None else event.value
        made += self._changed(self.changes.count(event.name, 1.0 if event.name in ("order", "gift") else value, now), now)
        self._products.sign(event.name, event.sku or self._products.on_table, now, event.user, value)
        if self._talk is not None:
            made += self._talk.signal(event, now)
        return made

    def product(self, event: ProductEvent, now: int) -> list[Event]:
        """Another product is on the table."""
        made = self._passed(now)
        self._products.shown(event.sku, now)
        self.changes.shown(event.sku, now)
        if self._talk is not None:
            made += self._talk.product(event, now)
        return made

    def reply(self, event: Reply, now: int) -> list[Event]:
        """A moderator answered a comment, and with it what it asked."""
        return [*self._passed(now), *self._answered(self.questions.answer_target(event.comment, now), now)]

    def moderate(self, event: ModerateEvent, now: int) -> list[Event]:
        """A moderator marked a comment or a question answered; other acts are none of ours."""
        made = self._passed(now)
        return [*made, *self._answered(self.questions.answer_target(event.target, now), now)] if event.action == "answered" else made

    def feedback(self, event: FeedbackEvent, now: int) -> list[Event]:
        """What the host or a moderator did with a suggestion; a line that was used answers what it was suggested for."""
        made = self._passed(now)
        if self._talk is not None:
            made += self._talk.feedback(event, now)
            intent = self._talk.intent_of(event.suggestion) if event.action == "used" else None
            if intent is not None:
                made += self._answered(self.questions.answer(lambda group: group.intent == intent and self._about(group, self._products.on_table), now), now)
        return made

    def tick(self, now: int) -> list[Event]:
        """Time has passed."""
        made: list[Event] = []
        self._step = max(self._step, now // STEP_MS - STEPS)
        while self._step < now // STEP_MS:
            self._step += 1
            at = self._step * STEP_MS
            made += self._changed(self.changes.advance(at), at)
            made += self.questions.tick(at)
            if (pick := self._products.next(at)) is not None and at - self._now < SHOWN_MS:
                made.append(self._suggest(pick, at))
            if self._talk is not None:
                made += self._talk.tick(at)
        return made

    # What is asked of it

    def stats(self, now: int) -> Stats:
        """The live numbers."""
        return self.counters.stats(now, self._usual).model_copy(update={"changes": self.changes.told(now)})

    def shelf(self) -> tuple[str | None, dict[str, int]]:
        """The product that is shown, and what is left of each whose stock the room file tells."""
        return self._products.on_table, {sku: left for sku in self._facts if (left := self._products.left(sku)) is not None}

    def knows(self, target: str) -> bool:
        """Whether this stream has a question or made a suggestion of this id."""
        return target in self._cards or self.questions.knows(target) or (self._talk is not None and self._talk.knows(target))

    def drafted(self, comment: str, lang: str, text: str) -> tuple[str, Rendering] | None:
        """The draft that a moderator sends with `text`, in the asker's language, and as she read it; None when it is none."""
        for group in self.questions.of_comment(comment):
            draft, gloss = group.drafts.get(lang), group.drafts.get(self._file.moderators)
            if draft is not None and text in (draft, gloss):
                return draft, Rendering(lang=self._file.moderators, text=gloss) if gloss is not None else Rendering(lang=lang, text=draft)
        return None

    def forget(self, comments: Collection[str], gone: Callable[[str], bool]) -> None:
        """Drop erased comments and the viewers (pseudonyms) that are `gone`; counts stand."""
        self.questions.forget(comments)
        self._products.forget(gone)
        if self._talk is not None:
            self._talk.forget(gone)

    def learn(self, rows: Sequence[Stored]) -> None:
        """Take in what the host did with the suggestions of earlier streams; call it before `restore`."""
        if self._talk is not None:
            self._talk.learn(rows)

    def restore(self, type_: str, body: str, at: int) -> None:
        """Take up a row of the record after a restart: inputs are folded again, what was told of questions stands."""
        if type_ == "question":
            self.questions.adopt(Question.model_validate_json(body).model_copy(update={"at": at}))
        elif type_ == "suggestion":
            event = Suggestion.model_validate_json(body)
            if event.stage == "product":
                self._remember(event.id, event.sku or "")
                self._number = max(self._number, int(event.id[1:]) if event.id[1:].isdecimal() else 0)
            elif self._talk is not None:
                self._talk.adopt(event, at)
        else:
            self.take(type_, body, at)

    # Steps

    def _passed(self, now: int) -> list[Event]:
        made = self.tick(now)
        self._now = max(self._now, now)
        return made

    def _changed(self, changes: Sequence[Change], now: int) -> list[Event]:
        return [event for change in changes for event in self._talk.change(change, now)] if self._talk is not None else []

    def _answered(self, told: Sequence[Question], now: int) -> list[Event]:
        made: list[Event] = list(told)
        if self._talk is not None:
            for question in told:
                made += self._talk.question(question, now)
        return made

    def _meant(self, event: CommentEvent) -> str | None:
        on_table = self._products.on_table
        return self._pointing.product_of(event.text, event.lang, self._called, on_table, tuple(self._facts)) or on_table

    def _about(self, group: Group, sku: str | None) -> bool:
        return group.sku is None or sku is None or group.sku == sku

    def _facts_of(self, group: Group):
        return self._facts.get(group.sku or self._products.on_table or "")

    def _drafts(self, group: Group) -> Mapping[str, str]:
        """Draft answers in the askers' languages, and one that the moderators can read."""
        today = datetime.datetime.fromtimestamp(self._now / 1000, self._zone).date()
        facts, drafts = self._facts_of(group), dict[str, str]()
        places = {lang: country or self._homes.get(lang) for lang, country in group.countries().items()}
        if facts is not None and facts.stock is not None:
            facts = facts.with_stock(self._products.left(facts.sku))
        for lang, country in places.items():
            if text := self._answers.draft(group.intent, group.key[2], facts, lang, country, today):
                drafts[lang] = text
        ours = self._file.moderators
        if drafts and ours not in drafts:
            first = places[next(iter(drafts))]
            if text := self._answers.draft(group.intent, group.key[2], facts, ours, first, today):
                drafts[ours] = text
        return drafts

    def _suggest(self, pick: Pick, now: int) -> Suggestion:
        self._number += 1
        id_, host, facts = f"p{self._number}", language(self._file.host_language), self._facts[pick.sku]
        self._remember(id_, pick.sku)
        name, ours = facts.name(host) or facts.sku, self._file.moderators
        return Suggestion(
            at=now, id=id_, market=self._file.markets[0], lang=host, text=name, gloss=Rendering(lang=ours, text=facts.name(ours) or facts.sku),
            stage="product", sku=pick.sku, reason=self._products.reason(pick, host), score=pick.score, expires_at=now + SHOWN_MS,
        )  # fmt: skip

    def _remember(self, id_: str, sku: str) -> None:
        self._cards[id_] = sku
        while len(self._cards) > CARDS:
            self._cards.popitem(last=False)


def _numbers(text: str, lang: str) -> frozenset[float]:
    """Every number a text tells, in digits or words."""
    return frozenset(float(value.value) for value in find(text, lang) if value.value is not None)
