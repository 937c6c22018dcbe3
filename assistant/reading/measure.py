"""How well comments are read: macro-F1 of the intent, sets of intents, accuracy of sentiment and of language."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from assistant.reading.corpus import Row


@dataclass(slots=True)
class Scores:
    """Figures over labelled comments, each 0..1."""

    rows: int = 0
    macro_f1: float = 0.0
    """Mean F1 over the intents that occur, of the first intent told against the first labelled (a labelled second one counts as right)."""
    strict_f1: float = 0.0
    """The same, only the first label counts."""
    micro_f1: float = 0.0
    """All intents told against all labelled."""
    accuracy: float = 0.0
    sentiment: float = 0.0
    sentiment_f1: float = 0.0
    """Macro-F1 of the three sentiments: accuracy alone rewards calling everything neutral."""
    by_language: dict[str, tuple[float, float]] = field(default_factory=dict)
    """Accuracy of intent and of sentiment."""
    by_intent: dict[str, float] = field(default_factory=dict)
    """F1 of each intent."""


def macro_f1(pairs: Sequence[tuple[str, str]]) -> dict[str, float]:
    """F1 of each label that is wanted somewhere; `pairs` are (wanted, told)."""
    right, wanted, told = Counter(), Counter(), Counter()
    for want, tell in pairs:
        wanted[want] += 1
        told[tell] += 1
        right[want] += want == tell
    return {label: 2 * right[label] / (wanted[label] + told[label]) for label in sorted(wanted)}


def measure(rows: Sequence[Row], intents: Sequence[Sequence[str]], sentiments: Sequence[str]) -> Scores:
    """Scores of what was told of each row, its intents (likeliest first) and its sentiment."""
    lenient = [(told[0] if told[0] in row.intents else row.intents[0], told[0]) for row, told in zip(rows, intents, strict=True)]
    strict = [(row.intents[0], told[0]) for row, told in zip(rows, intents, strict=True)]
    felt = [(row.sentiment, told) for row, told in zip(rows, sentiments, strict=True)]
    by_intent, by_feeling = macro_f1(lenient), macro_f1(felt)
    hits = sum(len(set(row.intents) & set(told)) for row, told in zip(rows, intents, strict=True))
    groups: dict[str, list[tuple[bool, bool]]] = defaultdict(list)
    for row, (want, tell), (feeling, heard) in zip(rows, lenient, felt, strict=True):
        groups[row.lang].append((want == tell, feeling == heard))
    return Scores(
        len(rows), _mean(by_intent.values()), _mean(macro_f1(strict).values()),
        2 * hits / max(1, sum(len(row.intents) for row in rows) + sum(map(len, intents))),
        _mean(want == tell for want, tell in lenient), _mean(want == tell for want, tell in felt), _mean(by_feeling.values()),
        {lang: (_mean(one for one, _ in group), _mean(two for _, two in group)) for lang, group in sorted(groups.items())}, by_intent,
    )


def _mean(values) -> float:
    values = list(values)
    return sum(values) / max(1, len(values))
