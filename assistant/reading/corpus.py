"""The training text: rows of viewers' comments with labels, one TSV file per writer and group of languages."""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant.errors import InputFileError
from assistant.models.corpus.read import SLOT_FILE, read_slots, read_tuples
from assistant.models.corpus.slots import SLOT, value

COLUMNS = ("lang", "text", "intents", "sentiment", "romanised", "note")
SENTIMENTS = ("negative", "neutral", "positive")
OTHER = "other"
CORPUS = Path(__file__).parent / "corpus"
INTENTS = CORPUS / "intents.txt"
LABELS = Path(__file__).parent / "parallel.tsv"
PARALLEL = "parallel"
"""The note of a row that was labelled once for eight languages."""

_SIGN = re.compile(r"[^\w]|_")


@dataclass(frozen=True, slots=True)
class Row:
    """One labelled comment."""

    lang: str
    """BCP 47 primary tag."""
    text: str
    intents: tuple[str, ...]
    """At least one, the likeliest first; `other` when none fits."""
    sentiment: str
    romanised: bool
    """Typed in Latin letters although the language has a script of its own."""
    note: str = ""


def intent_names(path: Path = INTENTS) -> tuple[str, ...]:
    """Every intent there is, one a line, `other` the last; the order of the model's columns."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return tuple(line.split(maxsplit=1)[0] for line in lines if line and not line.startswith("#"))


def read_rows(path: Path, known: Sequence[str]) -> list[Row]:
    """The rows of a file; raises `InputFileError` with the line of the first that has other columns or unknown labels."""
    return list(_rows(path, frozenset(known)))


def _rows(path: Path, known: frozenset[str]) -> Iterator[Row]:
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
        if not line.strip() or line.startswith("#") or line.startswith("lang\t"):
            continue
        cells = [cell.strip() for cell in line.rstrip("\r").split("\t")]
        if not 4 <= len(cells) <= len(COLUMNS):
            raise InputFileError(str(path), number, f"{len(cells)} columns, expected {' '.join(COLUMNS)}")
        lang, text, intents, sentiment, romanised, note = cells + [""] * (len(COLUMNS) - len(cells))
        names = tuple(name.strip() for name in intents.split(",") if name.strip()) or (OTHER,)
        if unknown := [name for name in names if name not in known]:
            raise InputFileError(str(path), number, f"unknown intent {unknown[0]!r}")
        if sentiment not in SENTIMENTS:
            raise InputFileError(str(path), number, f"unknown sentiment {sentiment!r}")
        if not text:
            raise InputFileError(str(path), number, "no text")
        yield Row(lang, text, names, sentiment, bool(romanised), note)


def read_folder(folder: Path, known: Sequence[str]) -> list[Row]:
    """All rows of a folder's `*.tsv`, in the order of the file names, each text of a language once."""
    seen: dict[tuple[str, str], Row] = {}
    for path in sorted(folder.glob("*.tsv")):
        for row in read_rows(path, known):
            seen.setdefault((row.lang, row.text.casefold()), row)
    return list(seen.values())


def same(text: str) -> str:
    """What two texts that differ only in case, width, punctuation and emoji have in common."""
    return _SIGN.sub("", unicodedata.normalize("NFKC", text).casefold())


def without(rows: Iterable[Row], measured: Iterable[Row]) -> list[Row]:
    """The rows that may be learnt from: none whose text, letters and digits only, is one of those measured on."""
    taken = {same(row.text) for row in measured}
    return [row for row in rows if same(row.text) not in taken]


def parallel_rows(labels: Path, folder: Path, known: Sequence[str], rng: random.Random) -> list[Row]:
    """The labelled ones of the live-room comments in `folder` (tuples in eight languages), their slots filled, one row a language."""
    slots = read_slots(folder / SLOT_FILE)
    cells = {entry.cells["zh"]: entry.cells for entry in read_tuples(folder)}
    out: list[Row] = []
    for number, line in enumerate(labels.read_text(encoding="utf-8").split("\n"), 1):
        if not line.strip() or line.startswith(("#", "zh\t")):
            continue
        zh, intents, sentiment = line.split("\t")
        names = tuple(intents.split(","))
        if unknown := [name for name in names if name not in known]:
            raise InputFileError(str(labels), number, f"unknown intent {unknown[0]!r}")
        values: dict[str, dict[str, str]] = {}
        for lang, text in cells.get(zh, {}).items():
            for slot in SLOT.findall(text):
                values.setdefault(slot, value(slot, slots, rng))
            out.append(Row(lang, SLOT.sub(lambda found, lang=lang, values=values: values[found[1]][lang], text), names, sentiment, False, PARALLEL))
    return out
