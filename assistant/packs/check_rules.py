"""Every fault of a market's rules.yaml, with its line: what could warn of nothing, warn of everything, or tell a host a wrong thing.

Beyond what reading finds (packs/rules.py):
- An id stands once. Message in zh and en; triggers and a rewrite in zh and en; a rewrite in every language that has triggers.
- A language is zh, en or one that is spoken in the market's pack.yaml.
- A trigger has two letters or more (one will do where a said price decides),
  is not undone by its rule's own `unless`, and has an `also` in its language if others have.
- A pattern does not match the empty text.
- A rewrite breaks no rule of the market, and no line of the pack (lines.yaml beside it) does, unless a fact of the room decides.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import re2
import regex

from assistant.errors import InputFileError
from assistant.guard import Finding, Rule, Rulebook, When
from assistant.guard.normal import Normaliser, Tables, read_tables
from assistant.markets import Markets, read_markets
from assistant.packs.marked import Fields, Rows, load
from assistant.packs.rules import Placed, Problem, parse

_ALWAYS = ("zh", "en")
_SLOT = regex.compile(r"\{\w+\}")


def check_rules(path: Path, markets: Markets | None = None) -> list[Problem]:
    """The problems of a rules file in `talk_scripts/<market>/`, by line; a file that is no YAML is one problem.

    `markets` defaults to the packs beside it.
    """
    market, tables = path.parent.name, read_tables()
    try:
        known = markets or read_markets([path.parent.parent])
        placed, problems = parse(path, known.countries(market))
    except InputFileError as error:
        return [Problem(error.file, error.line, str(error).partition(": ")[2])]
    spoken = {*_ALWAYS, *known.languages([market]), *(lang for country in known.countries(market) for lang in known.languages_of(country))}
    book = Rulebook([item.rule for item in placed], tables)
    seen: dict[str, int] = {}
    for item in placed:
        if item.rule.id in seen:
            problems.append(Problem(str(path), item.lines["id"], f"{item.rule.id} stands twice, first on line {seen[item.rule.id]}"))
        seen.setdefault(item.rule.id, item.lines["id"])
        problems += (Problem(str(path), item.lines.get(key, item.line), f"{item.rule.id}: {text}") for key, text in _faults(item.rule, spoken, tables))
        problems += (Problem(str(path), item.lines["rewrite"], text) for text in _rewrites(item, book))
    problems += _lines(path, book, placed)
    return sorted(problems, key=lambda problem: problem.line)


def _faults(rule: Rule, spoken: set[str], tables: Tables) -> Iterator[tuple[str, str]]:
    """(key, what is wrong)."""
    fires = {*rule.triggers, *rule.patterns}
    for key, given, needed in (
        ("message", set(rule.message), set(_ALWAYS)), ("rewrite", set(rule.rewrite), {*_ALWAYS, *fires}), ("triggers", fires, set(_ALWAYS)),
    ):  # fmt: skip
        if missing := sorted(needed - given):
            yield key, f"{key} lacks {', '.join(missing)}"
    for key in ("triggers", "patterns", "also", "unless", "rewrite"):
        if unknown := sorted(set(getattr(rule, key)) - spoken):
            yield key, f"{key}: {', '.join(unknown)} is not spoken in this market (pack.yaml)"
    if rule.also and (without := sorted(fires - set(rule.also))):
        yield "also", f"also lacks {', '.join(without)}: there the triggers alone would fire"
    for lang, sources in rule.patterns.items():
        for source in sources:
            if re2.compile(source).match(""):
                yield "patterns", f"patterns.{lang}: {source!r} matches the empty text"
    for lang, words in rule.triggers.items():
        normalise = Normaliser(lang, tables)
        alone = Rulebook([replace(rule, category="religion", when=When(), also={}, triggers={lang: words}, patterns={})], tables)
        for word in words:
            if len(normalise(word).letters) < 2 and not rule.when.price_differs:  # 円: there the price itself decides
                yield "triggers", f"triggers.{lang}: {word!r} is too short to be safe"
            elif not alone.check(word, lang):
                yield "triggers", f"triggers.{lang}: {word!r} never fires, its own `unless` undoes it"


def _rewrites(item: Placed, book: Rulebook) -> Iterator[str]:
    for lang, text in item.rule.rewrite.items():
        for finding in book.check(text, lang, countries=item.rule.countries or None):
            if not _decided(finding.rule.when):
                yield f"{item.rule.id}: its rewrite in {lang} fires {finding.rule.id} by {finding.matched!r}"


def _decided(when: When) -> bool:
    """Whether a fact of the room decides: what a line or a rewrite may say where the fact is given."""
    return bool(when.without_certificate or when.without_permit or when.without_former_price or when.stock_above is not None or when.price_differs)


def _lines(path: Path, book: Rulebook, placed: list[Placed]) -> Iterator[Problem]:
    """The pack's own lines that a rule fires on; faults of the lines themselves are not told here."""
    where = {item.rule.id: item.lines.get("triggers", item.line) for item in placed}
    file = path.with_name("lines.yaml")
    try:
        rows = load(file) if file.is_file() else Rows()
    except InputFileError:
        return
    for row in rows if isinstance(rows, Rows) else ():
        if isinstance(row, Fields) and isinstance(row.get("text"), str) and isinstance(row.get("lang"), str):
            for finding in _breaks(row, book):
                yield Problem(str(path), where[finding.rule.id], f"{finding.rule.id} fires on the pack's own line {row.get('id')} by {finding.matched!r}")


def _breaks(row: Mapping[str, Any], book: Rulebook) -> list[Finding]:
    when = row.get("when") if isinstance(row.get("when"), dict) else {}
    countries = when.get("countries") if isinstance(when, dict) and isinstance(when.get("countries"), list) else None
    found = book.check(_SLOT.sub("1", row["text"]), row["lang"], countries=countries)
    return [finding for finding in found if not _decided(finding.rule.when) and not _elsewhere(finding.rule.when, when)]


def _elsewhere(rule: When, line: Any) -> bool:
    """Whether the line is shown for other kinds of product than the rule is about."""
    categories = line.get("categories") if isinstance(line, dict) else None
    return bool(rule.categories and isinstance(categories, list) and not rule.categories & set(map(str, categories)))
