"""Parallel text files: general pairs, hand-written tuples and slot values, and what is held out of training."""

from __future__ import annotations

import hashlib
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from assistant.errors import InputFileError

LANGUAGES = ("zh", "en", "ja", "ar", "id", "th", "vi", "ms")
RESERVED_LANGUAGES = ("tl", "ko", "es", "pt", "de", "fr")
"""Languages that have a target token in the vocabulary and no training text yet."""

TUPLE_HEADER = ("kind", *LANGUAGES)
SLOT_HEADER = ("slot", *LANGUAGES)
SLOT_FILE = "slots.tsv"


@dataclass(frozen=True, slots=True)
class Pair:
    """One sentence in two languages, source first."""

    source_language: str
    target_language: str
    source: str
    target: str


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a general `en-XX.tsv` file."""

    english: str
    other: str
    origin: str


@dataclass(frozen=True, slots=True)
class SentenceTuple:
    """One hand-written line, parallel in all of LANGUAGES."""

    kind: str
    """`host` (spoken) or `comment` (typed)."""
    cells: dict[str, str]


def read_rows(path: Path) -> list[Row]:
    """All rows of an `English TAB other TAB origin` file; a file without the third column has origin ''."""
    rows = []
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
        if not line.strip():
            continue
        cells = line.split("\t")
        if len(cells) not in (2, 3):
            raise InputFileError(str(path), number, f"has {len(cells)} cells, expected 2 or 3")
        rows.append(Row(cells[0].strip(), cells[1].strip(), cells[2].strip() if len(cells) == 3 else ""))
    return rows


def _table(path: Path, header: tuple[str, ...]) -> list[list[str]]:
    """Rows below `header`; comment lines and empty lines are skipped."""
    found = False
    rows = []
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
        if not line.strip() or line.startswith("#"):
            continue
        cells = line.rstrip("\r").split("\t")
        if not found:
            if tuple(cells) != header:
                raise InputFileError(str(path), number, f"must be the header {' '.join(header)}, separated by tabs")
            found = True
            continue
        if len(cells) != len(header):
            raise InputFileError(str(path), number, f"has {len(cells)} cells, expected {len(header)}")
        if not all(cell.strip() for cell in cells):
            raise InputFileError(str(path), number, "has an empty cell")
        rows.append([cell.strip() for cell in cells])
    return rows


def read_tuples(folder: Path) -> list[SentenceTuple]:
    """Every hand-written tuple under `folder`, files in name order; a zh cell that comes again is dropped."""
    tuples: list[SentenceTuple] = []
    seen: set[str] = set()
    for path in sorted(folder.glob("*.tsv")):
        if path.name == SLOT_FILE:
            continue
        for entry in read_tuple_file(path):
            if entry.cells["zh"] not in seen:
                seen.add(entry.cells["zh"])
                tuples.append(entry)
    return tuples


def read_tuple_file(path: Path) -> list[SentenceTuple]:
    """The tuples of one file."""
    return [SentenceTuple(kind, dict(zip(LANGUAGES, cells, strict=True))) for kind, *cells in _table(path, TUPLE_HEADER)]


def is_tuple_file(path: Path) -> bool:
    """Whether a file has the eight-language header below its comment lines."""
    with path.open(encoding="utf-8") as lines:
        first = next((line for line in lines if line.strip() and not line.startswith("#")), "")
    return tuple(first.rstrip("\r\n").split("\t")) == TUPLE_HEADER


def read_slots(path: Path) -> dict[str, list[dict[str, str]]]:
    """Slot name → its values, each a mapping language → text."""
    slots: dict[str, list[dict[str, str]]] = {}
    for name, *cells in _table(path, SLOT_HEADER):
        slots.setdefault(name, []).append(dict(zip(LANGUAGES, cells, strict=True)))
    return slots


def _digest(text: str) -> int:
    return int.from_bytes(hashlib.sha1(text.encode("utf-8"), usedforsecurity=False).digest(), "big")


def is_held_out(entry: SentenceTuple) -> bool:
    """True for the tuples that are never trained on: sha1 of the zh cell is a multiple of 25."""
    return _digest(entry.cells["zh"]) % 25 == 0


def is_development(entry: SentenceTuple) -> bool:
    """True for the half of the held-out tuples that is looked at during training."""
    return is_held_out(entry) and (_digest(entry.cells["zh"]) // 25) % 2 == 0


def is_general_development(english: str) -> bool:
    """True for English sentences whose pairs, in whatever language, are kept for development only."""
    folded = " ".join(unicodedata.normalize("NFKC", english).lower().split())
    return _digest("general\t" + folded) % 400 == 0
