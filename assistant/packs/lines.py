"""Reads a market's lines.yaml into the lines of the suggest stage. README, "Talk tracks", says what a row has.

Reading stops at nothing: `parse` gives what could be read and every fault with its line, `read_lines` raises the first one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from assistant.errors import InputFileError
from assistant.events import Country, Lang
from assistant.packs.marked import Fields, Rows, load
from assistant.packs.rules import Problem
from assistant.suggest.lines import CATEGORIES, GLOSSES, SIGNALS, SLOT, SLOTS, STAGES, Line, When, slots_of

FILE = "lines.yaml"
MOST_LINES = 20_000
_Hour = Annotated[int, Field(ge=0, le=24)]
_Text = Annotated[str, Field(min_length=1, max_length=500)]
_Word = Annotated[str, Field(min_length=1, max_length=80)]
_Words = Annotated[list[_Word], Field(min_length=1, max_length=60)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class _When(_Part):
    intents: _Words | None = None
    countries: Annotated[list[Country], Field(min_length=1)] | None = None
    categories: Annotated[list[Literal[tuple(sorted(CATEGORIES))]], Field(min_length=1)] | None = None  # type: ignore[valid-type]
    certificate: _Word | None = None
    permit: _Word | None = None
    seasons: _Words | None = None
    hours: Annotated[list[_Hour], Field(min_length=2, max_length=2)] | None = None
    signals: Annotated[list[Literal[tuple(sorted(SIGNALS))]], Field(min_length=1)] | None = None  # type: ignore[valid-type]
    sentiment: Literal["positive", "neutral", "negative"] | None = None
    stock_below: int | None = None
    former_price: bool | None = None


class _Row(_Part):
    id: Annotated[str, Field(pattern=r"^[a-z0-9]+(?:[-_][a-z0-9]+)*$", max_length=80)]
    stage: Literal[STAGES]
    lang: Lang
    text: _Text
    zh: _Text
    en: _Text
    when: _When = _When()


@dataclass(frozen=True, slots=True)
class Placed:
    """A line and where it stands: the line it begins on, and those of its keys; `when` keys as `when.intents`."""

    line: Line
    at: int
    lines: Mapping[str, int]


def parse(path: Path, market: str = "") -> tuple[list[Placed], list[Problem]]:
    """The lines of a file and its faults; a row with a fault is left out. `market` defaults to the folder's name.

    Raises `InputFileError` for a file that is no YAML at all.
    """
    rows, found, problems = load(path), list[Placed](), list[Problem]()
    if not isinstance(rows, Rows):
        return found, [Problem(str(path), 1, "a lines file is a list of lines")]
    if len(rows) > MOST_LINES:
        problems.append(Problem(str(path), 0, f"more than {MOST_LINES} lines"))
    for row, at in list(zip(rows, rows.lines, strict=True))[:MOST_LINES]:
        if not isinstance(row, Fields):
            problems.append(Problem(str(path), at, "a line is a mapping with id, stage, lang, text, zh and en"))
            continue
        faults = list(_faults(row))
        problems += (Problem(str(path), line, f"{row.get('id', 'a line')}: {message}"[:300]) for line, message in faults)
        if not faults:
            lines = dict(row.lines)
            if isinstance(when := row.get("when"), Fields):
                lines |= {f"when.{key}": line for key, line in when.lines.items()}
            found.append(Placed(_line(_Row.model_validate(row), market or path.parent.name, f"{path}:{at}"), at, lines))
    return found, problems


def read_lines(path: Path, market: str = "") -> list[Line]:
    """The lines of a file; raises `InputFileError` with the line of its first fault."""
    placed, problems = parse(path, market)
    if problems:
        raise InputFileError(problems[0].file, problems[0].line, problems[0].message)
    return [item.line for item in placed]


def read_talk(folders: Sequence[Path], markets: Iterable[str]) -> list[Line]:
    """The lines of markets; an earlier folder's file overrides a later one's. A market without the file has none."""
    return [line for market in markets if (path := lines_file(folders, market)) for line in read_lines(path, market)]


def lines_file(folders: Sequence[Path], market: str) -> Path | None:
    """The lines file of a market that counts."""
    return next((path for folder in folders if (path := folder / market / FILE).is_file()), None)


def _faults(row: Fields) -> Iterable[tuple[int, str]]:
    """(line, what is wrong) of a row by itself."""
    try:
        read = _Row.model_validate(row)
    except ValidationError as error:
        for fault in error.errors(include_url=False, include_input=False):
            yield _place(row, fault["loc"]), f"{'.'.join(map(str, fault['loc']))}: {_said(fault)}"
        return
    for key in ("text", *GLOSSES):
        value = getattr(read, key)
        if unknown := [slot for slot in slots_of(value) if slot not in SLOTS]:
            yield row.lines[key], f"{key}: unknown slot {{{unknown[0]}}}; there are {', '.join(sorted(SLOTS))}"
        elif any(brace in SLOT.sub("", value) for brace in "{}"):
            yield row.lines[key], f"{key}: a brace stands alone"
    wanted = set(slots_of(read.text))
    for key in GLOSSES:
        if set(slots_of(getattr(read, key))) != wanted:
            yield row.lines[key], f"{key}: slots differ from the text's ({', '.join(sorted(wanted)) or 'it has none'})"


def _said(fault: Any) -> str:
    if fault["type"] == "missing":
        return "is missing"
    if fault["type"] == "extra_forbidden":
        return "is no key of a line" if len(fault["loc"]) == 1 else "is no condition"
    return str(fault["msg"])


def _place(row: Fields, location: Sequence[int | str]) -> int:
    """The line of the deepest part of a fault's place that stands in the row."""
    line, data = row.line, row
    for part in location:
        if isinstance(data, Fields) and str(part) in data:
            line, data = data.lines[str(part)], data[str(part)]
        else:
            break
    return line


def _line(row: _Row, market: str, origin: str) -> Line:
    when = row.when
    return Line(
        id=row.id, market=market, stage=row.stage, lang=row.lang, text=row.text.strip(), glosses={"zh": row.zh.strip(), "en": row.en.strip()},
        when=When(
            intents=frozenset(when.intents or ()), countries=frozenset(when.countries or ()), categories=frozenset(when.categories or ()),
            certificate=when.certificate or "", permit=when.permit or "", seasons=frozenset(when.seasons or ()),
            hours=(when.hours[0], when.hours[1]) if when.hours else None, signals=frozenset(when.signals or ()), sentiment=when.sentiment or "",
            stock_below=when.stock_below, former_price=bool(when.former_price),
        ),
        slots=slots_of(row.text), origin=origin,
    )  # fmt: skip
