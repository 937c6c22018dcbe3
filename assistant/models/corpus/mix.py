"""The training mixture: general pairs, pairs joined over English, hand-written tuples and copy drills, drawn by weight."""

from __future__ import annotations

import random
from bisect import bisect
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path

from assistant.glossary.read import read_glossary
from assistant.models.corpus import malay, marks, noise, read, slots
from assistant.models.corpus.read import LANGUAGES, Pair, Row, SentenceTuple

_ORIGIN_WEIGHT = {"tanaka-small-parallel-enja": 0.15}
_JOINED_WEIGHT = 0.6
_LONGEST = 400
"""Characters; longer sides are left out before any tokenising."""


def general_rows(folder: Path) -> dict[str, list[Row]]:
    """Language → rows of `en-LANGUAGE.tsv`, Malay and Indonesian separated, overlong rows dropped."""
    rows = {language: read.read_rows(folder / f"en-{language}.tsv") for language in LANGUAGES if language != "en"}
    rows["ms"], rows["id"] = malay.separate(rows["ms"], rows["id"])
    return {
        language: [row for row in group if row.english and row.other and len(row.english) + len(row.other) < _LONGEST * 2]
        for language, group in rows.items()
    }


def joined(rows: dict[str, list[Row]], first: str, second: str) -> list[Row]:
    """Direct rows first ↔ second over the same English sentence; `english` then holds the first language's text."""
    by_english: dict[str, list[Row]] = {}
    for row in rows[first]:
        by_english.setdefault(row.english, []).append(row)
    direct = {}
    for row in rows[second]:
        for other in by_english.get(row.english, ())[:2]:
            direct[other.other, row.other] = Row(other.other, row.other, row.origin)
    return list(direct.values())


@dataclass(slots=True)
class _Drawer:
    """Items with cumulative weights."""

    items: list
    totals: list[float]

    def draw(self, rng: random.Random):
        return self.items[bisect(self.totals, rng.random() * self.totals[-1], hi=len(self.items) - 1)]


def _drawer(items: list, weights: list[float]) -> _Drawer:
    return _Drawer(items, list(accumulate(weights)))


def direction_weight(source: str, target: str) -> float:
    """How often a direction of the hand-written tuples is drawn; the room speaks zh and en, the viewers all eight."""
    if source == "zh":
        return 3.0
    if "en" in (source, target) or target == "zh":
        return 2.0
    return 0.15


@dataclass(slots=True)
class Mixture:
    """Draws training pairs; `draw` depends only on the generator it is given, so that a run can be resumed."""

    tuples: list[SentenceTuple]
    """Training tuples only."""
    held_out: list[SentenceTuple]
    development: list[Pair]
    """General pairs kept for development, at most 300, both ways."""
    slot_values: dict[str, list[slots.Value]]
    general: _Drawer
    domain_share: float = 0.4
    drill_share: float = 0.05
    terms: list[SentenceTuple] = field(default_factory=list)
    """Glossary rows: the words of the trade, drawn now and then by themselves."""
    term_share: float = 0.1
    """Of the domain draws."""
    _directions: _Drawer = field(init=False)

    def __post_init__(self) -> None:
        pairs = [(source, target) for source in LANGUAGES for target in LANGUAGES if source != target]
        self._directions = _drawer(pairs, [direction_weight(*pair) for pair in pairs])

    def _general(self, rng: random.Random) -> Pair:
        (source, target, reverse), rows = self.general.draw(rng)
        row: Row = rows.draw(rng)
        text, other = (row.other, row.english) if reverse else (row.english, row.other)
        return Pair(source, target, *marks.mask(text, other, (source, target), rng, 0.15))

    def from_tuple(
        self, entry: SentenceTuple, languages: tuple[str, str], rng: random.Random, mark_chance: float = 0.28
    ) -> Pair:
        """One direction of a tuple, its slots filled or masked."""
        source, target = entry.cells[languages[0]], entry.cells[languages[1]]
        names = slots.SLOT.findall(source)
        once = [name for name in names if names.count(name) == 1 and rng.random() < mark_chance]
        marked = dict(zip(once, marks.draw(len(once), rng), strict=True)) if once else {}
        source, target = slots.fill(source, target, languages, self.slot_values, rng, marked)
        return Pair(*languages, *marks.mask(source, target, languages, rng, mark_chance))

    def _plain(self, rng: random.Random) -> Pair:
        if self.tuples and rng.random() < self.domain_share:
            among = self.terms if self.terms and rng.random() < self.term_share else self.tuples
            return self.from_tuple(rng.choice(among), self._directions.draw(rng), rng)
        return self._general(rng)

    def draw(self, rng: random.Random, copy_share: float = 0.0) -> Pair:
        """The next training pair, noise on its source side included.

        With probability `copy_share` it is a sentence to be repeated in its own language: at the start of a run that is what
        teaches the decoder to look at the source at all.
        """
        pair = self._plain(rng)
        if copy_share and rng.random() < copy_share:
            pair = Pair(pair.target_language, pair.target_language, pair.target, pair.target)
        source, target = pair.source, pair.target
        roll = rng.random()
        if roll < self.drill_share * 0.1:
            source = target = marks.bare(rng)
        elif roll < self.drill_share:
            source, target = marks.decorate(source, target, rng)
        return Pair(pair.source_language, pair.target_language, noise.roughen(source, rng), target)


def glossary_tuples(path: Path) -> list[SentenceTuple]:
    """The rows of a glossary that has all the languages, as tuples of kind `term`."""
    return [SentenceTuple("term", dict(row.cells)) for row in read_glossary(path) if all(row.cells.get(language) for language in LANGUAGES)]


def mixture(general_folder: Path, tuple_folder: Path, domain_share: float = 0.4, glossary: Path | None = None) -> Mixture:
    """Read everything and set held-out text aside; `glossary` adds its terms to what is drawn."""
    rows = general_rows(general_folder)
    development: list[Pair] = []
    groups: list[tuple[tuple[str, str, bool], _Drawer]] = []
    weights: list[float] = []
    for language, group in rows.items():
        for number, row in enumerate(row for row in group if read.is_general_development(row.english)):
            way = ("en", language, row.english, row.other) if number % 2 else (language, "en", row.other, row.english)
            development.append(Pair(*way))
        rows[language] = [row for row in group if not read.is_general_development(row.english)]

    def add(first: str, second: str, group: list[Row], weight: float) -> None:
        drawer = _drawer(group, [_ORIGIN_WEIGHT.get(row.origin, 1.0) for row in group])
        for source, target, reverse in ((first, second, False), (second, first, True)):
            groups.append(((source, target, reverse), drawer))
            weights.append(weight * drawer.totals[-1] ** 0.5)

    for language, group in rows.items():
        add("en", language, group, 1.0)
    for language in LANGUAGES:
        if language not in ("en", "zh"):
            add("zh", language, joined(rows, "zh", language), _JOINED_WEIGHT)
    tuples = read.read_tuples(tuple_folder)
    slot_file = tuple_folder / read.SLOT_FILE
    random.Random(1).shuffle(development)
    return Mixture(
        tuples=[entry for entry in tuples if not read.is_held_out(entry)],
        held_out=[entry for entry in tuples if read.is_held_out(entry)],
        development=development[:300],
        slot_values=read.read_slots(slot_file) if slot_file.exists() else {},
        general=_drawer(groups, weights),
        domain_share=domain_share,
        terms=glossary_tuples(glossary) if glossary else [],
    )
