"""The closed class: words whose presence changes nothing, and words beside which a comma does. The rows of `words.tsv`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from importlib import resources

from assistant.errors import InputFileError

FILE = "words.tsv"
KINDS = ("ending", "address", "opening", "asks_first", "asks_last", "negation", "cased")


@dataclass(slots=True)
class LanguageWords:
    """The rows of one language, lower case but for `cased`."""

    endings: dict[str, str] = field(default_factory=dict)
    """An ending and what is left of it."""
    address: set[str] = field(default_factory=set)
    openings: set[str] = field(default_factory=set)
    asks_first: tuple[str, ...] = ()
    asks_last: tuple[str, ...] = ()
    negations: set[str] = field(default_factory=set)
    cased: set[str] = field(default_factory=set)


def read_words(text: str | None = None, name: str = FILE) -> Mapping[str, LanguageWords]:
    """The rows by language; without `text` the shipped ones. Raises `InputFileError` that names the line."""
    shipped = resources.files("assistant.memory").joinpath(FILE).read_text(encoding="utf-8") if text is None else text
    found: dict[str, LanguageWords] = {}
    for number, line in enumerate(shipped.split("\n"), 1):
        if not line.strip() or line.startswith("#"):
            continue
        cells = line.split("\t")
        if len(cells) != 4 or cells[1] not in KINDS or not all(cell.strip() for cell in cells):
            raise InputFileError(name, number, f"must be language, kind ({' '.join(KINDS)}), text, what it becomes (- for nothing)")
        lang, kind, text_, becomes = cells
        _add(found.setdefault(lang, LanguageWords()), kind, text_, "" if becomes == "-" else becomes)
    return found


def _add(words: LanguageWords, kind: str, text: str, becomes: str) -> None:
    if kind == "ending":
        words.endings[text] = becomes
    elif kind == "address":
        words.address.add(text)
    elif kind == "opening":
        words.openings.add(text)
    elif kind == "asks_first":
        words.asks_first = _longest_first((*words.asks_first, text))
    elif kind == "asks_last":
        words.asks_last = _longest_first((*words.asks_last, text))
    elif kind == "negation":
        words.negations.add(text)
    else:
        words.cased.add(text)


def _longest_first(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(texts, key=len, reverse=True))
