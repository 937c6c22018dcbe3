"""Whether what the host said answers a question: the words of `data/spoken.toml` and, where there is one, the fact's value."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import regex

from assistant.signals.facts import Facts
from assistant.signals.grouping import both_ways, words_pattern
from assistant.signals.tables import table

Numbers = Callable[[str], frozenset[float]]
"""The numbers a sentence tells, digits and words alike."""

_SENTENCE = regex.compile(r"[^。！？!?؟；;…\n.]+(?:\.(?=\d)[^。！？!?؟；;…\n.]*)*[。！？!?؟；;….]*")
_ASKS = regex.compile(r"[?？؟]|(?:吗|呢|吧|多少钱|か|かな|ไหม|มั้ย|มัย|หรือเปล่า|không|nhỉ)\s*[。.!！~～…]*\s*$")


@dataclass(frozen=True, slots=True)
class _Topic:
    value: Literal["", "price", "days", "number"]
    words: regex.Pattern[str]
    surely: regex.Pattern[str]


@dataclass(frozen=True, slots=True)
class Spoken:
    """The topics of `data/spoken.toml`."""

    topics: Mapping[str, _Topic]
    """By intent."""

    def heard(self, text: str, numbers: Numbers) -> Heard:
        """A line of the host, cut into the sentences that tell something."""
        told = [sentence[0] for sentence in _SENTENCE.finditer(text) if not _ASKS.search(sentence[0])]
        return Heard(self, tuple((both_ways(sentence), numbers(sentence)) for sentence in told))


@dataclass(frozen=True, slots=True)
class Heard:
    """What one line of the host tells: sentences as `both_ways` and their numbers."""

    spoken: Spoken
    sentences: tuple[tuple[str, frozenset[float]], ...]

    def answers(self, intent: str, facts: Facts | None) -> bool:
        """Whether a sentence answers this intent; `facts` are of the product asked about."""
        topic = self.spoken.topics.get(intent)
        return topic is not None and any(
            topic.surely.search(sentence) is not None or (topic.words.search(sentence) is not None and _tells(topic.value, numbers, facts))
            for sentence, numbers in self.sentences
        )


def spoken(data: Mapping[str, Any] | None = None) -> Spoken:
    """The topics as shipped, or from a table of the same form."""
    data = table("spoken.toml") if data is None else data
    topics: dict[str, _Topic] = {}
    for row in data["topic"]:
        topic = _Topic(row.get("value", ""), words_pattern(row["words"]), words_pattern(row.get("surely", ())))
        topics |= dict.fromkeys(row["intents"], topic)
    return Spoken(topics)


def _tells(value: str, numbers: frozenset[float], facts: Facts | None) -> bool:
    """Whether the numbers of a sentence give the fact; any number does where the room does not know it."""
    if not value:
        return True
    known: set[float] = set()
    if facts is not None and value == "price":
        known = set(facts.price.values())
    elif facts is not None and value == "days":
        known = {float(day) for delivery in facts.delivery.values() if delivery.days for day in delivery.days}
    return bool(numbers & known) if known else bool(numbers)
