"""What an entry of any tool's glossary comes down to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from assistant.glossary.read import Problem
from assistant.protect.terms import Term

MAX_FILE = 20 << 20
"""Bytes of a file to import; the cloud services take 10 MB."""


@dataclass(frozen=True, slots=True)
class Unit:
    """One entry: a term in two languages or more."""

    line: int
    """Where it stands in its file: the line, in XML the number of the entry."""
    cells: Mapping[str, str]
    """Language (our code) to the term."""
    note: str = ""
    avoid: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Language to terms marked as deprecated."""


@dataclass(frozen=True, slots=True)
class Imported:
    """A file read: its entries, and what could not be taken."""

    units: Sequence[Unit]
    problems: Sequence[Problem]


def units_of(terms: Iterable[Term], languages: Sequence[str]) -> list[Unit]:
    """The terms that have at least two of `languages`, the first of them included, with these languages only."""
    found: list[Unit] = []
    seen: set[tuple[str, ...]] = set()
    for number, term in enumerate(terms, 2):
        cells = {lang: term.cells[lang] for lang in languages if lang in term.cells}
        key = tuple(cells.get(lang, "") for lang in languages)
        if len(cells) > 1 and languages[0] in cells and key not in seen:
            seen.add(key)
            found.append(Unit(number, cells, term.note, {lang: words for lang, words in term.avoid.items() if lang in cells}))
    return found
