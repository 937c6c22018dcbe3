"""Entries into a market's file: empty cells are filled, new rows appended, nothing that stands there is overwritten."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from assistant.errors import InputFileError
from assistant.glossary.check import check, fold
from assistant.glossary.exchange.units import Unit
from assistant.glossary.read import MAX_NOTE, Problem, Sheet, parse
from assistant.glossary.write import write_glossary
from assistant.protect.terms import Term


@dataclass(frozen=True, slots=True)
class Merged:
    """The file after the import, not yet written."""

    content: bytes
    added: int
    """Rows appended."""
    filled: int
    """Rows that got another language."""
    same: int
    """Entries that stood there already."""
    problems: Sequence[Problem]
    """Entries that can't be taken; `line` is the entry's in its own file. `content` is without them."""


def merge(sheet: Sheet, units: Sequence[Unit], host: str | None = None) -> Merged:
    """The file and the entries as one. `sheet` is the market's file, without problems (or empty); rows are found again by the language `host`, by default the
    first column's. Raises `InputFileError` when the whole would be too large."""
    problems: list[Problem] = []
    left = list(units)
    while True:
        merged, by_row = _once(sheet, left, host, problems)
        faults = check(parse(merged.content, ""))
        bad = {by_row[fault.line - 2]: fault.message for fault in faults if fault.line - 2 in by_row}
        if not faults:
            return replace(merged, problems=sorted(problems, key=lambda problem: problem.line))
        if not bad and not any(unit.avoid for unit in left):  # too many rows or bytes
            raise InputFileError("the glossary", 0, f"would be faulty after this import: {faults[0].message}")
        if not bad:  # a row that stood there holds what an entry says to avoid
            problems += [Problem(unit.line, "its deprecated terms are left out: another row has one of them") for unit in left if unit.avoid]
            left = [replace(unit, avoid={}) for unit in left]
            continue
        problems += [Problem(line, message) for line, message in bad.items()]
        left = [unit for unit in left if unit.line not in bad]


def _once(sheet: Sheet, units: Sequence[Unit], host: str | None, problems: list[Problem]) -> tuple[Merged, dict[int, int]]:
    """One merge of everything, and which unit touched which row."""
    terms: list[Term] = list(sheet.terms)
    key = host or (sheet.languages[0] if sheet.languages else None)
    rows: dict[tuple[str, str], int] = {}
    for place, term in enumerate(terms):
        _index(rows, term, place)
    by_row: dict[int, int] = {}
    added = filled = same = 0
    known = {problem.line for problem in problems}
    for unit in units:
        by = key if key in unit.cells else next(iter(unit.cells))
        place = rows.get((by, fold(unit.cells[by])))
        if place is None:
            place, added = len(terms), added + 1
            terms.append(Term(dict(unit.cells), avoid=dict(unit.avoid), note=unit.note[:MAX_NOTE]))
        else:
            term = terms[place]
            other = {lang: cell for lang, cell in unit.cells.items() if lang in term.cells and fold(term.cells[lang]) != fold(cell)}
            if other:
                lang, cell = next(iter(other.items()))
                if unit.line not in known:
                    problems.append(Problem(unit.line, f"{by} {unit.cells[by]!r} is {lang} {term.cells[lang]!r} already, not {cell!r}"))
                continue
            if unit.cells.keys() <= term.cells.keys():
                same += 1
                continue
            terms[place], filled = replace(term, cells={**unit.cells, **term.cells}), filled + 1
        by_row[place] = unit.line
        _index(rows, terms[place], place)
    first = [key] if key and not sheet.columns else []
    return Merged(write_glossary([*sheet.columns, *first], terms), added, filled, same, ()), by_row


def _index(rows: dict[tuple[str, str], int], term: Term, place: int) -> None:
    for lang, cell in term.cells.items():
        rows.setdefault((lang, fold(cell)), place)

