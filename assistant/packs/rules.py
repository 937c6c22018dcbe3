"""Reads a market's rules.yaml into the guard's rules. README, "The guard", says what a row has.

Reading stops at nothing: `parse` gives what could be read and every fault with its line, `read_rules` raises the first one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import re2

from assistant.errors import InputFileError
from assistant.guard import CATEGORIES, SEVERITIES, Rule, When
from assistant.guard.rules import CONFIDENCES
from assistant.markets import Markets, read_markets
from assistant.packs.marked import Fields, Rows, load

FILE = "rules.yaml"
MOST_RULES = 5_000
MOST_WORDS = 500
"""Phrases in one list."""
LONGEST, LONGEST_PATTERN = 300, 2_000
"""Characters of one phrase, and of one pattern."""
_REQUIRED = ("id", "category", "severity", "triggers", "message", "rewrite", "basis")
_KEYS = {*_REQUIRED, "countries", "confidence", "patterns", "also", "unless", "when"}
_WHEN = {"categories", "without_certificate", "without_permit", "without_former_price", "stock_above", "price_differs"}


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault of a pack's file."""

    file: str
    line: int
    """1-based; 0 when it belongs to the whole file."""
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}" if self.line else f"{self.file}: {self.message}"


@dataclass(frozen=True, slots=True)
class Placed:
    """A rule and the line it begins on; `lines` are those of its keys."""

    rule: Rule
    line: int
    lines: dict[str, int]


class _Faults:
    """Collects the problems of a file."""

    def __init__(self, path: Path) -> None:
        self.path, self.found = path, list[Problem]()

    def add(self, line: int, message: str) -> None:
        self.found.append(Problem(str(self.path), line, message))


def parse(path: Path, countries: Sequence[str] = ()) -> tuple[list[Placed], list[Problem]]:
    """The rules of a file and its faults; a row with a fault is left out. `countries` are the market's.

    Raises `InputFileError` for a file that is no YAML at all.
    """
    faults, found = _Faults(path), list[Placed]()
    rows = load(path)
    if not isinstance(rows, Rows):
        faults.add(1, "a rules file is a list of rules")
        return found, faults.found
    if len(rows) > MOST_RULES:
        faults.add(0, f"more than {MOST_RULES} rules")
    for row, line in list(zip(rows, rows.lines, strict=True))[:MOST_RULES]:
        if not isinstance(row, Fields):
            faults.add(line, "a rule is a mapping with id, category, severity, triggers, message, rewrite and basis")
            continue
        before = len(faults.found)
        rule = _rule(row, countries, faults)
        if len(faults.found) == before:
            found.append(Placed(rule, row.line, dict(row.lines)))
    return found, faults.found


def read_rules(path: Path, countries: Sequence[str] = ()) -> list[Rule]:
    """The rules of a file in `talk_scripts/<market>/`; raises `InputFileError` with the line of its first fault."""
    placed, problems = parse(path, countries)
    if problems:
        raise InputFileError(problems[0].file, problems[0].line, problems[0].message)
    return [item.rule for item in placed]


def read_all_rules(folders: Sequence[Path], markets: Markets | None = None) -> dict[str, list[Rule]]:
    """Per market its rules; an earlier folder's file overrides a later one's. A market without the file has no rules.

    `markets` are those of the folders, if read already.

    Raises `InputFileError`: a guard that silently lacks rules would say that all is well.
    """
    markets = markets or read_markets(folders)
    return {name: read_rules(path, markets.countries(name)) for name in markets.names() if (path := rules_file(folders, name))}


def rules_file(folders: Sequence[Path], market: str) -> Path | None:
    """The rules file of a market that counts."""
    return next((path for folder in folders if (path := folder / market / FILE).is_file()), None)


def _rule(row: Fields, countries: Sequence[str], faults: _Faults) -> Rule:
    line = row.line
    for key in row:
        if key not in _KEYS:
            faults.add(row.lines[key], f"unknown key {key}; a rule has {', '.join(sorted(_KEYS))}")
    for key in _REQUIRED:
        if key not in row and not (key == "triggers" and "patterns" in row):
            faults.add(line, f"{key} is missing")
    category, severity = str(row.get("category", "")), str(row.get("severity", ""))
    if "category" in row and category not in CATEGORIES:
        faults.add(row.lines["category"], f"unknown category {category}; there are {', '.join(sorted(CATEGORIES))}")
    if "severity" in row and severity not in SEVERITIES:
        faults.add(row.lines["severity"], f"unknown severity {severity}; there are {', '.join(SEVERITIES)}")
    confidence = str(row.get("confidence", "verify"))
    if confidence not in CONFIDENCES:
        faults.add(row.lines["confidence"], f"unknown confidence {confidence}; there are {', '.join(sorted(CONFIDENCES))}")
    own = [str(item) for item in row.get("countries", [])] if isinstance(row.get("countries", []), list) else []
    if "countries" in row and not own:
        faults.add(row.lines["countries"], "countries is a list of country codes")
    for country in own:
        if countries and country not in countries:
            faults.add(row.lines["countries"], f"country {country} is not in this market's pack.yaml ({', '.join(countries)})")
    patterns = _words(row, "patterns", faults)
    for lang, sources in patterns.items():
        for source in sources:
            if fault := _fault_of(source):
                faults.add(row["patterns"].lines[lang], f"patterns.{lang}: {source!r} does not compile as RE2: {fault}")
    return Rule(
        id=str(row.get("id", "")), category=category, severity=severity, market=faults.path.parent.name, countries=tuple(own or countries),  # type: ignore[arg-type]
        triggers=_words(row, "triggers", faults), patterns=patterns, also=_words(row, "also", faults),
        unless=_words(row, "unless", faults), when=_when(row, faults), message=_texts(row, "message", faults),
        rewrite=_texts(row, "rewrite", faults), basis=str(row.get("basis", "")).strip(), confidence=confidence,
    )


def _fault_of(source: str) -> str:
    """Why RE2 refuses a pattern; empty when it takes it."""
    options = re2.Options()
    options.log_errors = False
    try:
        re2.compile(source, options)
    except re2.error as error:
        told = error.args[0] if error.args else error
        return told.decode("utf-8", "replace") if isinstance(told, bytes) else str(told)
    return ""


def _words(row: Fields, key: str, faults: _Faults) -> dict[str, tuple[str, ...]]:
    """A mapping of languages to lists of phrases."""
    value = row.get(key, Fields())
    if not isinstance(value, Fields):
        faults.add(row.lines[key], f"{key} is a mapping of languages to lists of phrases")
        return {}
    found: dict[str, tuple[str, ...]] = {}
    longest = LONGEST_PATTERN if key == "patterns" else LONGEST
    for lang, items in value.items():
        line = value.lines[lang]
        if not isinstance(items, list) or len(items) > MOST_WORDS:
            faults.add(line, f"{key}.{lang} is a list of at most {MOST_WORDS} phrases")
            continue
        for item, at in zip(items, items.lines if isinstance(items, Rows) else [line] * len(items), strict=True):
            if not isinstance(item, str | int | float) or isinstance(item, bool) or not str(item).strip() or len(str(item)) > longest:
                faults.add(at, f"{key}.{lang}: a phrase is a text of 1 to {longest} characters (put it in quotes), not {item!r}"[:200])
        found[lang] = tuple(str(item) for item in items)
    return found


def _texts(row: Fields, key: str, faults: _Faults) -> dict[str, str]:
    """A mapping of languages to one sentence each."""
    value = row.get(key, Fields())
    if not isinstance(value, Fields) or not all(isinstance(item, str) and item.strip() for item in value.values()):
        faults.add(row.lines[key], f"{key} is a mapping of languages to a sentence")
        return {}
    return {lang: str(text).strip() for lang, text in value.items()}


def _when(row: Fields, faults: _Faults) -> When:
    value = row.get("when", Fields())
    if not isinstance(value, Fields):
        faults.add(row.lines["when"], "when is a mapping of conditions")
        return When()
    for key in value:
        if key not in _WHEN:
            faults.add(value.lines[key], f"unknown condition {key}; there are {', '.join(sorted(_WHEN))}")
    for key, kind, what in _shapes():
        if key in value and (not isinstance(value[key], kind) or (kind is int and isinstance(value[key], bool))):
            faults.add(value.lines[key], f"when.{key} is {what}")
            return When()
    stock = value.get("stock_above")
    return When(
        frozenset(str(item) for item in value.get("categories", [])), str(value.get("without_certificate", "")), str(value.get("without_permit", "")),
        bool(value.get("without_former_price", False)), stock, bool(value.get("price_differs", False)),
    )


def _shapes() -> Iterator[tuple[str, Any, str]]:
    yield "categories", list, "a list of product categories"
    yield "without_certificate", str, "the type of a certificate"
    yield "without_permit", str, "the type of a permit"
    yield "without_former_price", bool, "true or false"
    yield "stock_above", int, "a whole number"
    yield "price_differs", bool, "true or false"
