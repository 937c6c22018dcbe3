"""`liveroom bench questions`: the same question in any language is one.

Every pair of labelled comments that stands in one group by hand and in one question of ours is right; precision, recall and F1 are
over pairs. Twice: with the labelled intents (grouping alone), and with the intents that the shipped model reads from the comment
alone (the whole way, without a translation's help).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from assistant.bench.result import Plan, Result, judged, skipped
from assistant.detect.grams import grams
from assistant.signals.grouping import grouping
from assistant.signals.read import Reader, Written

BAR = 0.85
LABELLED = Path(str(files("assistant"))).parent / "tests" / "data" / "questions.tsv"


@dataclass(frozen=True, slots=True)
class Labelled:
    """A comment with the question it asks."""

    lang: str
    text: str
    intent: str
    sku: str | None
    group: str
    """Name of the question; empty for a comment that asks nothing."""


@dataclass(frozen=True, slots=True)
class Pairs:
    """How well two groupings of the same comments agree."""

    precision: float
    recall: float
    f1: float


def labelled(path: Path = LABELLED) -> list[Labelled]:
    """The labelled comments of a file with the columns lang text intent sku group."""
    rows = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    return [Labelled(lang, text, intent, sku or None, group) for lang, text, intent, sku, group in rows[1:]]


def pairwise(wanted: Sequence[Hashable], found: Sequence[Hashable]) -> Pairs:
    """Agreement over pairs; None in either stands with nothing."""
    right = both(zip(wanted, found, strict=True), lambda pair: None not in pair)
    ours, theirs = both(found, lambda name: name is not None), both(wanted, lambda name: name is not None)
    precision, recall = right / ours if ours else 0.0, right / theirs if theirs else 0.0
    return Pairs(precision, recall, 2 * precision * recall / (precision + recall) if right else 0.0)


def both(names, counted) -> int:
    """Pairs that share a name."""
    return sum(count * (count - 1) // 2 for name, count in Counter(names).items() if counted(name))


def grouped(rows: Sequence[Labelled], intents: Sequence[Sequence[str]]) -> list[Hashable]:
    """What our rules call the question of each comment; None where it asks nothing."""
    rules = grouping()
    found: list[Hashable] = []
    for row, read in zip(rows, intents, strict=True):
        asked = rules.asked(read)
        found.append(rules.key(asked[0], row.sku, row.text) if asked else None)
    return found


def run(plan: Plan) -> list[Result]:
    """Measure both."""
    if not LABELLED.is_file():
        return [skipped("questions", "the labelled comments are in a source checkout only")]
    rows = labelled()
    wanted = [row.group or None for row in rows]
    given = pairwise(wanted, grouped(rows, [[row.intent] for row in rows]))
    readings = Reader(grams).read_many([Written(row.text) for row in rows])
    read = pairwise(wanted, grouped(rows, [reading.intents for reading in readings]))
    return [
        judged("questions, intents given", given.f1, ">=", BAR, "F1", comments=len(rows), precision=round(given.precision, 3), recall=round(given.recall, 3)),
        judged("questions, intents read", read.f1, ">=", BAR, "F1", comments=len(rows), precision=round(read.precision, 3), recall=round(read.recall, 3)),
    ]
