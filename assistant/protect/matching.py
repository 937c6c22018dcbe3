"""Finds glossary terms in a text: one automaton over all spellings, then word ends, then who wins an overlap.

A higher layer wins any overlap; within one the longest match wins, then the leftmost. Only terms that say how the target
language puts them take part: an empty cell means 'any translation', which the model gives by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ahocorasick_rs import AhoCorasick, MatchKind

from assistant.protect.affixes import Affixes, begins, read_affixes, word
from assistant.protect.normal import Normaliser, normal
from assistant.protect.terms import Match, Term

MOST = 400
"""Terms found in one text at most: a text has 2,000 code points."""


@dataclass(frozen=True, slots=True)
class Found:
    """A term at its place: code points of the text as typed, end exclusive, with the affixes that its translation drops."""

    start: int
    end: int
    source: str
    """The term as its cell says."""
    target: str
    avoid: tuple[str, ...] = ()
    kept: bool = False
    """The same in both languages: do not translate."""


@dataclass(frozen=True, slots=True)
class _Pattern:
    """One spelling of a term in the automaton."""

    layer: int
    term: Term
    cell: str
    """What the matched stretch must be letter for letter; "" with `word` and `prefix`."""
    match: Match


class Index:
    """The terms of some layers as they are written in one language; built once, asked for every text.

    `layers` come highest first. Building takes about 10 µs a term.
    """

    def __init__(self, layers: Sequence[Sequence[Term]], source: str, affixes: Mapping[str, Affixes] | None = None) -> None:
        self.source = source
        self._affixes = (affixes if affixes is not None else read_affixes()).get(source, Affixes())
        self._normalise = Normaliser()
        patterns: dict[str, list[_Pattern]] = {}
        heard: dict[str, list[str]] = {}
        for layer, terms in enumerate(layers):
            for term in terms:
                if not (cell := term.cells.get(source, "").strip()):
                    continue
                for spelling in _spellings(self._normalise(cell).text.strip(), source, term.match):
                    patterns.setdefault(spelling, []).append(_Pattern(layer, term, cell if term.match == "exact" else "", term.match))
                for wrong in term.heard:
                    if (spelling := self._normalise(wrong).text.strip()) and spelling != self._normalise(cell).text.strip():
                        heard.setdefault(spelling, []).append(cell)
        self._patterns = list(patterns.values())
        self._automaton = _automaton(list(patterns))
        self._heard = [cells[0] for cells in heard.values()]
        self._mishearings = _automaton(list(heard))

    def __bool__(self) -> bool:
        return bool(self._patterns)

    def find(self, text: str, target: str) -> list[Found]:
        """The terms of `text` that have a cell in `target`, in order, without overlap."""
        if self._automaton is None:
            return []
        plain = self._normalise(text)
        hits = self._automaton.find_matches_as_indexes(plain.text, overlapping=True)
        if not hits:
            return []
        claims = [
            (pattern.layer, start - end, start, place, pattern)
            for number, start, end in hits
            for place, pattern in enumerate(self._patterns[number])
            if pattern.term.cells.get(target, "").strip()
        ]
        claims.sort(key=lambda claim: claim[:4])
        taken, chosen = bytearray(len(text)), list[Found]()
        starts = plain.starts
        for _, length, start, _, pattern in claims:
            end = start - length
            if taken.find(1, starts[start], starts[end]) >= 0 or len(chosen) == MOST:  # most claims end here, unread
                continue
            span = self._span(text, plain.text, starts, start, end, pattern)
            if span is None or taken.find(1, *span) >= 0:
                continue
            taken[span[0] : span[1]] = b"\1" * (span[1] - span[0])
            cell, wanted = pattern.term.cells[self.source].strip(), pattern.term.cells[target].strip()
            chosen.append(Found(*span, cell, wanted, pattern.term.avoid.get(target, ()), cell == wanted))
        return sorted(chosen, key=lambda found: found.start)

    def heard(self, text: str) -> str:
        """A text with what speech recognition misheard put right."""
        if self._mishearings is None:
            return text
        plain = self._normalise(text)
        wins: list[tuple[int, int, int, Found]] = []
        for number, start, end in self._mishearings.find_matches_as_indexes(plain.text, overlapping=True):
            if word(plain.text, start, end):
                span = plain.typed(start, end)
                wins.append((span[0] - span[1], span[0], number, Found(*span, self._heard[number], self._heard[number])))
        for found in reversed(_without_overlap(wins, len(text))):
            text = text[: found.start] + found.source + text[found.end :]
        return text

    def _span(self, text: str, plain: str, starts: Sequence[int], start: int, end: int, pattern: _Pattern) -> tuple[int, int] | None:
        """Where the term stands in the typed text, None when this is part of another word."""
        if starts[start] == starts[end]:  # half of what one typed character stands for
            return None
        if pattern.match == "exact":
            typed = text[starts[start] : starts[end]]
            return (starts[start], starts[end]) if typed == pattern.cell and word(plain, start, end) else None
        if pattern.match == "prefix":
            close = begins(plain, start, end)
            return (starts[start], starts[close]) if close is not None else None
        if (whole := self._affixes.ends(plain, start, end)) is None:
            return None
        end = _repeated(plain, start, end)
        left = _clitic(plain[whole[0] : start]) if self.source == "ar" else 0
        return starts[whole[0] + left], starts[max(end, whole[1])]


def standing(text: str, words: Iterable[str], lang: str, affixes: Mapping[str, Affixes]) -> list[tuple[int, int]]:
    """Where any of some words stand in a text of language `lang`, with their affixes: spans in order, without overlap."""
    plain = Normaliser()(text)
    own = affixes.get(lang, Affixes())
    wins: list[tuple[int, int, int, Found]] = []
    for wanted in words:
        spelling = normal(wanted).strip()
        at = plain.text.find(spelling) if spelling else -1
        while at >= 0:
            end = at + len(spelling)
            if plain.starts[at] < plain.starts[end] and (whole := own.ends(plain.text, at, end)) is not None:
                span = plain.typed(*whole)
                wins.append((span[0] - span[1], span[0], len(wins), Found(*span, wanted, wanted)))
            at = plain.text.find(spelling, at + 1)
    return [(found.start, found.end) for found in _without_overlap(wins, len(text))]


def _automaton(spellings: list[str]) -> AhoCorasick | None:
    return AhoCorasick(spellings, matchkind=MatchKind.Standard, store_patterns=False) if spellings else None


def _without_overlap(wins: list[tuple[int, int, int, Found]], size: int) -> list[Found]:
    taken = bytearray(size)
    chosen: list[Found] = []
    for *_, found in sorted(wins, key=lambda win: win[:3]):
        if len(chosen) < MOST and not taken.find(1, found.start, found.end) >= 0:
            taken[found.start : found.end] = b"\1" * (found.end - found.start)
            chosen.append(found)
    return sorted(chosen, key=lambda found: found.start)


def _repeated(plain: str, start: int, end: int) -> int:
    """The end of a word that is said twice (`baju-baju`, an Indonesian plural), else its own end."""
    stem = plain[start:end]
    return end + len(stem) + 1 if plain.startswith("-" + stem, end) and word(plain, end + 1, end + len(stem) + 1) else end


def _clitic(before: str) -> int:
    """How many letters before an Arabic term are words of their own (و ف ب ل ك): all but the article."""
    if before.endswith("ال"):
        return len(before) - 2
    return len(before) - 1 if before.endswith("لل") else len(before)


def _spellings(cell: str, lang: str, match: Match) -> list[str]:
    """The normalised spellings that stand for a term: its own and those that inflection changes inside."""
    if not cell:
        return []
    found = [cell]
    if match != "word":
        return found
    if lang == "en" and cell[-1:].isalpha() and cell.isascii() and len(cell) > 3:
        if cell[-1] == "y" and cell[-2] not in "aeiou":
            found.append(cell[:-1] + "ies")
        elif cell.endswith("fe"):
            found.append(cell[:-2] + "ves")
        elif cell.endswith("rf") or cell.endswith("lf") or cell.endswith("af"):
            found.append(cell[:-1] + "ves")
    if lang == "ar":
        found = [spelling for form in _definite(cell) for spelling in ((form, form[:-1] + "ت") if form.endswith("ه") else (form,))]
    return list(dict.fromkeys(found))


def _definite(cell: str) -> list[str]:
    """An Arabic term with and without the article on its later words, and without its own (لل swallows it)."""
    first, *rest = cell.split(" ")
    forms = [first]
    if first.startswith("ال") and len(first) > 4:
        forms.append(first[2:])
    for part in rest[:3]:
        bare = part[2:] if part.startswith("ال") and len(part) > 4 else part
        forms = [f"{form} {ending}" for form in forms for ending in (bare, "ال" + bare)]
    return [" ".join([form, *rest[3:]]) for form in forms]
