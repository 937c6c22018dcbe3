"""What viewers ask, over all languages: one question with a rising count, answered, and open again when asked later.

A state machine without a clock: times are epoch milliseconds and given from outside, so a replay of the recorded comments and
lines gives the same questions with the same ids (q1, q2 … per stream). A new question, an answer and a reopening are told at
once; a rising count at most once a second per question, the rest when `tick` is called.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from assistant.events import Question
from assistant.signals.distinct import Distinct
from assistant.signals.grouping import Key

KEPT = 200
"""Questions remembered; beyond it the oldest answered one goes, without an answered one the one asked longest ago."""
COMMENTS = 10_000
"""Comments of which it is remembered what they asked."""
LANGUAGES = 12
"""Languages of askers remembered per question, for drafts."""
REOPENED_MS = 60_000
"""An answered question asked again so much later is open again."""
TOLD_MS = 1_000
"""A rising count is told no sooner than this after the last time."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One comment's question."""

    comment: str
    user: str
    lang: str
    country: str | None
    key: Key


@dataclass(slots=True)
class Group:
    """A question and who asked it."""

    id: str
    key: Key
    example: str
    first: int
    last: int
    count: int = 0
    askers: Distinct = field(default_factory=Distinct)
    places: dict[str, Counter[str]] = field(default_factory=dict)
    """Language of askers to their countries ("" where none is known)."""
    answered: int | None = None
    """When it was answered; None while it is open."""
    told: int = 0
    drafts: Mapping[str, str] = field(default_factory=dict)
    """As told last."""

    @property
    def intent(self) -> str:
        """What is asked."""
        return self.key[0]

    @property
    def sku(self) -> str | None:
        """Of which product."""
        return self.key[1]

    def countries(self) -> dict[str, str | None]:
        """For each language of askers the country most of them watch from, where it is known."""
        return {lang: next((name for name, _ in places.most_common() if name), None) for lang, places in self.places.items()}


Drafts = Callable[[Group], Mapping[str, str]]
"""Draft answers of a question by language."""


class Questions:
    """The questions of one stream."""

    def __init__(self, drafts: Drafts = lambda group: {}) -> None:
        self._drafts = drafts
        self._groups: OrderedDict[Key, Group] = OrderedDict()
        self._by_comment: OrderedDict[str, tuple[Key, ...]] = OrderedDict()
        self._number = 0
        self._rising: set[Key] = set()

    def __len__(self) -> int:
        return len(self._groups)

    def ask(self, asked: Asked, now: int) -> list[Question]:
        """Take a comment's question in; returns what is to be told."""
        group = self._groups.get(asked.key)
        new = group is None
        if group is None:
            self._make_room()
            self._number += 1
            group = self._groups[asked.key] = Group(f"q{self._number}", asked.key, asked.comment, now, now)
        reopened = group.answered is not None and now - group.answered >= REOPENED_MS
        if reopened:
            group.answered, group.example = None, asked.comment
        group.count, group.last = group.count + 1, max(group.last, now)
        group.askers.add(asked.user)
        if asked.lang in group.places or len(group.places) < LANGUAGES:
            places = group.places.setdefault(asked.lang, Counter())
            if (asked.country or "") in places or len(places) < LANGUAGES:
                places[asked.country or ""] += 1
        self._groups.move_to_end(asked.key)
        self._remember(asked)
        if new or reopened or now - group.told >= TOLD_MS:
            return [self._tell(group, now)]
        self._rising.add(asked.key)
        return []

    def answer(self, answers: Callable[[Group], bool], now: int) -> list[Question]:
        """Mark every open question that `answers` holds for."""
        told: list[Question] = []
        for group in self._groups.values():
            if group.answered is None and answers(group):
                group.answered = now
                told.append(self._tell(group, now))
        return told

    def answer_target(self, target: str, now: int) -> list[Question]:
        """Mark what a comment's id or a question's id points at; nothing when it is answered already or unknown."""
        keys = self._by_comment.get(target, ())
        return self.answer(lambda group: group.id == target or group.key in keys, now)

    def tick(self, now: int) -> list[Question]:
        """Tell the counts that rose meanwhile and are due."""
        due = [key for key in self._groups if key in self._rising and now - self._groups[key].told >= TOLD_MS]
        return [self._tell(self._groups[key], now) for key in due]

    def adopt(self, told: Question) -> None:
        """Take up a recorded question after a restart: its id, count and state stand; comments told of earlier may be missing here."""
        key = (told.intent, told.sku, told.part)
        group = self._groups.get(key)
        if group is None:
            self._make_room()
            group = self._groups[key] = Group(told.id, key, told.example, told.first, told.last)
        group.id, group.example, group.drafts = told.id, told.example, told.drafts
        group.count, group.first, group.last = max(group.count, told.count), told.first, max(group.last, told.last)
        group.answered = (group.answered or told.at) if told.answered else None
        group.told = max(group.told, told.at)
        self._number = max(self._number, int(told.id[1:]) if told.id[1:].isdecimal() else 0)
        self._remember(Asked(told.example, "", "", None, key))

    def forget(self, comments: Collection[str]) -> None:
        """Drop comments that were erased; a question that showed one shows the last other that asked it. Counts stand."""
        for comment in comments:
            self._by_comment.pop(comment, None)
        for key, group in self._groups.items():
            if group.example in comments:
                group.example = next((comment for comment, keys in reversed(self._by_comment.items()) if key in keys), "")

    def open(self) -> list[Group]:
        """The open questions, the longest not asked first."""
        return [group for group in self._groups.values() if group.answered is None]

    def of_comment(self, comment: str) -> list[Group]:
        """What a comment asked, as far as it is remembered."""
        return [self._groups[key] for key in self._by_comment.get(comment, ()) if key in self._groups]

    def knows(self, target: str) -> bool:
        """Whether there is a question of this id."""
        return any(group.id == target for group in self._groups.values())

    def _tell(self, group: Group, now: int) -> Question:
        self._rising.discard(group.key)
        group.told, group.drafts = now, dict(self._drafts(group))
        return Question(
            at=now, id=group.id, intent=group.intent, part=group.key[2], count=group.count, askers=len(group.askers), example=group.example,
            sku=group.sku, first=group.first, last=group.last, answered=group.answered is not None, drafts=group.drafts,
        )

    def _make_room(self) -> None:
        if len(self._groups) < KEPT:
            return
        gone = next((key for key, group in self._groups.items() if group.answered is not None), next(iter(self._groups)))
        del self._groups[gone]
        self._rising.discard(gone)

    def _remember(self, asked: Asked) -> None:
        keys = self._by_comment.pop(asked.comment, ())
        self._by_comment[asked.comment] = keys if asked.key in keys else (*keys, asked.key)
        while len(self._by_comment) > COMMENTS:
            self._by_comment.popitem(last=False)
