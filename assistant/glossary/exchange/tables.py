"""Comma- and tab-separated glossaries.

    DeepL   `source,target[,source_lang,target_lang[,…]]`, no header, CSV or TSV, may begin with a BOM
    Google  `source,target` without a header, or one column per language under a header of codes (equivalent term sets,
            with `pos` and `description` beside them)
    AWS     one column per language under a header of codes

So there are two shapes: under a header of codes, and without one. TSV has no quoting in any of them.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence

from assistant.errors import InputFileError
from assistant.glossary.exchange.units import Imported, Unit
from assistant.glossary.languages import column
from assistant.glossary.read import OPTIONAL, Problem
from assistant.glossary.write import table

_BESIDE = frozenset({*OPTIONAL, "pos", "description", "part of speech"})
"""Columns of term sets that are no languages."""
_TITLES = frozenset({("source", "target"), ("source term", "target term"), ("source_text", "target_text")})
"""First lines of exports that are neither codes nor terms."""
_QUOTED = re.compile(r'"(?:[^"]|"")*"')


def read_table(content: bytes, name: str, pair: tuple[str, str] | None, headed: bool | None = None) -> Imported:
    """Entries of a file. `pair` says source and target of files that don't; `headed` whether the first line names languages
    (None: look). Raises `InputFileError` where the whole file can't be read."""
    try:
        text = content.decode("utf-16" if content.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputFileError(name, content.count(b"\n", 0, error.start) + 1, "is not UTF-8") from None
    rows = _rows(text, name)
    if not rows:
        raise InputFileError(name, 0, "has no entries")
    codes = [column(cell) for cell in rows[0][1]]
    if headed is None:
        headed = sum(code is not None for code in codes) > 1 and all(
            code or cell.strip().lower() in _BESIDE or _tag(cell) for code, cell in zip(codes, rows[0][1], strict=True)
        )
    return _sets(rows, name) if headed else _pairs(rows, name, pair)


def _rows(text: str, name: str) -> list[tuple[int, list[str]]]:
    """The filled rows with their lines. Tabs separate if the first line has one; else commas; else semicolons."""
    first = text.partition("\n")[0]
    bare = _QUOTED.sub("", first)
    if "\t" in first:
        lines = enumerate(text.replace("\r\n", "\n").split("\n"), 1)
        rows = [(number, line.split("\t")) for number, line in lines]
    else:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=";" if ";" in bare and "," not in bare else ",", strict=True)
        rows, number = [], 1
        try:
            for cells in reader:
                rows.append((number, cells))
                number = reader.line_num + 1
        except csv.Error as error:
            raise InputFileError(name, number, f"is not CSV: {error}") from None
    return [(number, [cell.strip() for cell in cells]) for number, cells in rows if any(cell.strip() for cell in cells)]


def _sets(rows: Sequence[tuple[int, list[str]]], name: str) -> Imported:
    """One column per language."""
    number, header = rows[0]
    codes = [column(cell) for cell in header]
    if len({code for code in codes if code}) < 2:
        raise InputFileError(name, number, "the first line does not name two languages")
    problems = [
        Problem(number, f"column {cell!r} is left out: {'it is the second of its language' if code else 'no language here'}")
        for place, (cell, code) in enumerate(zip(header, codes, strict=True))
        if (code is None and cell.lower() not in _BESIDE) or (code is not None and code in codes[:place])
    ]
    notes = [place for place, cell in enumerate(header) if cell.lower() in ("note", "description")]
    units: list[Unit] = []
    for line, row in rows[1:]:
        if len(row) > len(header):
            problems.append(Problem(line, f"has {len(row)} cells, the first line {len(header)}"))
            continue
        cells: dict[str, str] = {}
        for code, cell in zip(codes, row, strict=False):
            if code and cell:
                cells.setdefault(code, cell)
        note = next((row[place] for place in notes if place < len(row) and row[place]), "")
        if len(cells) > 1:
            units.append(Unit(line, cells, note))
        else:
            problems.append(Problem(line, "has a term in one language only"))
    return Imported(units, problems)


def _pairs(rows: Sequence[tuple[int, list[str]]], name: str, pair: tuple[str, str] | None) -> Imported:
    """Source, target, and perhaps their languages."""
    units: list[Unit] = []
    problems: list[Problem] = []
    if tuple(cell.lower() for cell in rows[0][1][:2]) in _TITLES:
        rows = rows[1:]
    for line, row in rows:
        if not 2 <= len(row) <= 5 or not row[0] or not row[1]:
            problems.append(Problem(line, f"is not a source and a target ({len(row)} cells)"))
            continue
        named = (column(row[2]), column(row[3])) if len(row) > 3 and row[2] and row[3] else None
        source, target = named or pair or (None, None)
        if named is None and pair is None:
            raise InputFileError(name, line, "does not say its languages; give --from and --to")
        if source is None or target is None:
            problems.append(Problem(line, f"no language here: {row[2] if source is None else row[3]!r}"))
        elif source == target:
            problems.append(Problem(line, f"is {source} on both sides"))
        else:
            units.append(Unit(line, {source: row[0], target: row[1]}))
    return Imported(units, problems)


def _tag(cell: str) -> bool:
    """Whether a cell looks like the code of a language that isn't ours (`zh-TW`)."""
    code, _, region = cell.strip().replace("_", "-").partition("-")
    return len(code) in (2, 3) and code.isascii() and code.isalpha() and (not region or len(region) in (2, 4))


def deepl(units: Sequence[Unit], source: str, target: str) -> bytes:
    """DeepL's CSV: four columns, all quoted, with the BOM its own exports have."""
    return b"\xef\xbb\xbf" + table(([unit.cells[source], unit.cells[target], source.upper(), target.upper()] for unit in units), quoted=True)


def two_columns(units: Sequence[Unit], source: str, target: str) -> bytes:
    """Google's one-way CSV."""
    return table([unit.cells[source], unit.cells[target]] for unit in units)


def tabbed(units: Sequence[Unit], source: str, target: str) -> bytes:
    """The TSV both DeepL and Google take."""
    return "".join(f"{unit.cells[source]}\t{unit.cells[target]}\n" for unit in units).encode()


def sets(units: Sequence[Unit], languages: Sequence[str]) -> bytes:
    """One column per language: Google's equivalent term sets and AWS's custom terminology."""
    return table([list(languages), *([unit.cells.get(lang, "") for lang in languages] for unit in units)])
