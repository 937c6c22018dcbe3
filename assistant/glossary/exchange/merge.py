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

ROUNDS = 20
"""Times that entries which don't go with the others are taken out; two or three are enough."""


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
    left: list[Unit] = []
    for unit in units:  # what is wrong by itself goes first, so that no row is made of it
        if faults := check(parse(write_glossary([], [_term(unit)]), "")):
            problems.append(Problem(unit.line, faults[0].message))
        else:
            left.append(unit)
    for _ in range(ROUNDS):
        merged, by_row = _once(sheet, left, host)
        faults = check(parse(merged.content, ""))
        if not faults:
            told = sorted([*problems, *merged.problems], key=lambda problem: problem.line)
            return replace(merged, problems=told)
        bad = {line: fault.message for fault in faults for line in by_row.get(fault.line - 2, ())}
        problems += [Problem(line, message) for line, message in bad.items()]
        left = [unit for unit in left if unit.line not in bad]
        if not bad:  # a row that stood there holds what an entry says to avoid
            problems += [Problem(unit.line, "its deprecated terms are left out: another row has one of them") for unit in left if unit.avoid]
            left = [replace(unit, avoid={}) for unit in left]
    raise InputFileError("the glossary", 0, f"would be faulty after this import: {faults[0].message}")


def _once(sheet: Sheet, units: Sequence[Unit], host: str | None) -> tuple[Merged, dict[int, list[int]]]:
    """One merge of everything, and which units touched which row."""
    terms: list[Term] = list(sheet.terms)
    key = host or (sheet.languages[0] if sheet.languages else None)
    rows: dict[tuple[str, str], int] = {}
    for place, term in enumerate(terms):
        _index(rows, term, place)
    by_row: dict[int, list[int]] = {}
    problems: list[Problem] = []
    added = filled = same = 0
    for unit in units:
        by = key if key in unit.cells else next(iter(unit.cells))
        place = rows.get((by, fold(unit.cells[by])))
        if place is None:
            place, added = len(terms), added + 1
            terms.append(_term(unit))
        else:
            there = terms[place].cells
            other = next((lang for lang, cell in unit.cells.items() if lang in there and fold(there[lang]) != fold(cell)), None)
            if other is not None:
                problems.append(Problem(unit.line, f"{by} {unit.cells[by]!r} is {other} {there[other]!r} already, not {unit.cells[other]!r}"))
                continue
            if unit.cells.keys() <= there.keys():
                same += 1
                continue
            terms[place], filled = replace(terms[place], cells={**unit.cells, **there}), filled + 1
        by_row.setdefault(place, []).append(unit.line)
        _index(rows, terms[place], place)
    first = [key] if key and not sheet.columns else []
    return Merged(write_glossary([*sheet.columns, *first], terms), added, filled, same, problems), by_row


def _term(unit: Unit) -> Term:
    return Term(dict(unit.cells), avoid=dict(unit.avoid), note=unit.note[:MAX_NOTE])


def _index(rows: dict[tuple[str, str], int], term: Term, place: int) -> None:
    for lang, cell in term.cells.items():
        rows.setdefault((lang, fold(cell)), place)

