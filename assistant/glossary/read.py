"""Reads a glossary: a CSV file with a header of language codes plus optional `sku category note match avoid heard`.

What can't be read for certain is a `Problem` with its line, never a guess: a glossary that is half understood puts wrong
words on a seller's screen. `parse` goes on after a problem so that all are told at once; `read_glossary` raises the first.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import regex

from assistant.errors import InputFileError
from assistant.glossary.languages import column
from assistant.protect.terms import Match, Term

OPTIONAL = ("sku", "category", "note", "match", "avoid", "heard")
MAX_BYTES = 4 << 20
"""Of a file; 10,000 rows in eight languages take about 2.5 MB."""
MAX_ROWS = 20_000
MAX_CELL = 300
"""Code points of a term, an avoided word or a mishearing."""
MAX_NOTE = 2_000
MAX_WORDS = 30
"""Avoided words of a row, and mishearings of a row."""

_MATCHES: tuple[Match, ...] = get_args(Match)
_UNSEEN = regex.compile(r"[\p{Cc}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}⟦⟧]|[\p{Cf}--[\u200c\u200d]]", regex.V1)
"""What nobody sees in an editor and what turns a line around (bidi controls), and the model's marks. The joiners U+200C and
U+200D belong to words."""
_AVOID = regex.compile(r"\s*([A-Za-z_-]+)\s*[:：]\s*(\S.*?)\s*")


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a file, and on which line (1-based, 0: the file as a whole)."""

    line: int
    message: str


@dataclass(frozen=True, slots=True)
class Row:
    """A term and the line it begins on."""

    line: int
    term: Term


@dataclass(frozen=True, slots=True)
class Sheet:
    """A parsed file."""

    languages: tuple[str, ...]
    """In the order of the columns; the first is the one the file is kept by."""
    rows: tuple[Row, ...]
    problems: tuple[Problem, ...]
    columns: tuple[str, ...] = ()
    """All columns, in order."""

    @property
    def terms(self) -> tuple[Term, ...]:
        """The rows' terms, in order."""
        return tuple(row.term for row in self.rows)


def read_glossary(path: Path) -> list[Term]:
    """The terms of a file, in its order. Raises `InputFileError` with file and line."""
    try:
        with path.open("rb") as file:
            sheet = parse(file.read(MAX_BYTES + 1), path.name)
    except OSError as error:
        raise InputFileError(str(path), 0, error.strerror or str(error)) from None
    if sheet.problems:
        raise InputFileError(str(path), sheet.problems[0].line, sheet.problems[0].message)
    return list(sheet.terms)


def parse(content: bytes, name: str) -> Sheet:
    """A file's content; `name` goes into the terms' `origin`. Never raises."""
    if len(content) > MAX_BYTES:
        return _refused(0, f"is larger than {MAX_BYTES >> 20} MiB")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return _refused(content.count(b"\n", 0, error.start) + 1, "is not UTF-8; save it as `CSV UTF-8`")
    lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = next(lines, [])
    except csv.Error as error:
        return _refused(1, f"is not CSV: {error}")
    names, problems = _header(header)
    if problems:
        return Sheet((), (), tuple(problems))
    # Only a quoted cell can hold a line break, so that with no quotes one search over everything speaks for all cells.
    clean = '"' not in text and not _UNSEEN.search(text.replace("\r\n", "").replace("\n", ""))
    return _Reading(name, names, clean).read(lines)


def unseen(text: str) -> str | None:
    """The first character of a text that may not stand in a glossary, as `U+…`; None when all may."""
    found = _UNSEEN.search(text)
    return f"U+{ord(found[0]):04X}" if found else None


class _Reading:
    """One pass over the rows below the header."""

    def __init__(self, name: str, names: Sequence[str], clean: bool) -> None:
        self._name, self._names, self._clean = name, names, clean
        self._languages = tuple(each for each in names if each not in OPTIONAL)
        self._line = 0
        self._problems: list[Problem] = []

    def read(self, lines) -> Sheet:
        """The sheet; `lines` is the CSV reader, standing below the header."""
        rows: list[Row] = []
        while True:
            self._line = lines.line_num + 1
            try:
                cells = next(lines)
            except StopIteration:
                break
            except csv.Error as error:
                self._fault(f"is not CSV: {error}")
                break
            if not cells:
                continue
            if len(rows) == MAX_ROWS:
                self._fault(f"has more than {MAX_ROWS} rows")
                break
            if (term := self._term(cells)) is not None:
                rows.append(Row(self._line, term))
        return Sheet(self._languages, tuple(rows), tuple(self._problems), tuple(self._names))

    def _fault(self, message: str) -> None:
        self._problems.append(Problem(self._line, message))

    def _term(self, cells: list[str]) -> Term | None:
        if len(cells) > len(self._names):
            return self._fault(f"has {len(cells)} cells, the header {len(self._names)}; a comma inside a cell needs quotes round the cell")
        found = {name: cell.strip() for name, cell in zip(self._names, cells, strict=False)}
        for name, cell in found.items():
            if not self._clean and (seen := unseen(cell)):
                return self._fault(f"{name}: holds the character {seen}, which is a control, invisible or reserved")
            if len(cell) > (MAX_CELL if name in self._languages else MAX_NOTE):
                return self._fault(f"{name}: is longer than {MAX_CELL if name in self._languages else MAX_NOTE} characters")
        match = found.get("match", "").lower() or "word"
        if match not in _MATCHES:
            return self._fault(f"match is {found['match']!r}; it can be {', '.join(_MATCHES)}")
        avoid, heard = self._avoid(found.get("avoid", "")), self._words("heard", found.get("heard", ""))
        if avoid is None or heard is None:
            return None
        cells_of = {lang: found[lang] for lang in self._languages if found.get(lang)}
        if not cells_of:
            return self._fault("is an empty row: no language has a term")
        return Term(
            cells_of, match=match, avoid=avoid, heard=heard, sku=found.get("sku", ""), category=found.get("category", ""),
            note=found.get("note", ""), origin=f"{self._name}:{self._line}",
        )

    def _words(self, name: str, cell: str) -> tuple[str, ...] | None:
        words = tuple(dict.fromkeys(word for each in cell.split("|") if (word := each.strip()))) if cell else ()
        if len(words) > MAX_WORDS or any(len(word) > MAX_CELL for word in words):
            return self._fault(f"{name}: at most {MAX_WORDS} of {MAX_CELL} characters each")
        return words

    def _avoid(self, cell: str) -> Mapping[str, tuple[str, ...]] | None:
        found: dict[str, tuple[str, ...]] = {}
        words = self._words("avoid", cell)
        if words is None:
            return None
        for each in words:
            given = _AVOID.fullmatch(each)
            lang = column(given[1]) if given else None
            if given is None or lang is None:
                return self._fault(f"avoid: {each!r} does not say a language; write `ar:word | ja:word`")
            found[lang] = (*found.get(lang, ()), given[2])
        return found


def _refused(line: int, message: str) -> Sheet:
    return Sheet((), (), (Problem(line, message),))


def _header(cells: Sequence[str]) -> tuple[list[str], list[Problem]]:
    """The columns' names (languages as our codes) and what is wrong with them."""
    names: list[str] = []
    problems: list[Problem] = []
    if not any(cell.strip() for cell in cells):
        return names, [Problem(1, "the first line must name the columns, such as zh,en,ar")]
    if len(cells) == 1 and regex.search(r"[;\t]", cells[0]):
        return names, [Problem(1, "the columns are separated by semicolons or tabs; save it comma-separated, or use `liveroom glossary import`")]
    for cell in cells:
        plain = cell.strip().lower()
        name = plain if plain in OPTIONAL else column(cell)
        if name is None:
            problems.append(Problem(1, f"unknown column {cell[:40]!r}: neither a language code nor {' '.join(OPTIONAL)}"))
        elif name in names:
            problems.append(Problem(1, f"column {name} stands twice"))
        else:
            names.append(name)
    if not problems and not any(name not in OPTIONAL for name in names):
        problems.append(Problem(1, "no column is a language"))
    return names, problems
