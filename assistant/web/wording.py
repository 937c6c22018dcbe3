"""The terms of one LibreTranslate call: its `glossary` field and the glossary of its `market`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.glossary.layers import COMMON, Shelf
from assistant.glossary.read import MAX_CELL, Problem, parse
from assistant.protect.terms import Term
from assistant.web.calls import Refused, TranslateCall

MAX_TERMS = 1_000
"""Terms in one call."""


@dataclass(frozen=True, slots=True)
class Wording:
    """What a call wants to hold. A pair of the `glossary` object holds whatever language the text turns out to be in."""

    pairs: tuple[tuple[str, str], ...] = ()
    terms: tuple[Term, ...] = ()
    market: str | None = None

    def layers(self, shelf: Shelf, source: str, target: str) -> list[Sequence[Term]]:
        """The layers for a text in `source`, the highest first."""
        own = [*self.terms, *(Term({source: left, target: right}) for left, right in self.pairs)]
        names = (self.market, COMMON) if self.market else ()
        return [layer for layer in (own, *(shelf.terms(name) for name in names)) if layer]


def wording(call: TranslateCall, markets: Sequence[str]) -> Wording | None:
    """What a call asks for, None when it names no terms. Raises `Refused`."""
    if call.market is not None and call.market not in markets:
        raise Refused(400, f"Invalid request: market parameter: there are {', '.join(markets)}")
    found = call.glossary
    if isinstance(found, str) and found.lstrip().startswith("{"):
        try:
            found = json.loads(found)
        except (ValueError, RecursionError):
            raise Refused(400, "Invalid request: glossary parameter: the JSON cannot be read") from None
    if not found:
        return Wording(market=call.market) if call.market else None
    if isinstance(found, str):
        sheet = parse(found.encode("utf-8"), "glossary")
        if sheet.problems:
            raise Refused(400, f"Invalid request: glossary parameter: {_told(sheet.problems[0])}")
        if len(sheet.terms) > MAX_TERMS:
            raise Refused(400, f"Invalid request: glossary parameter: more than {MAX_TERMS} terms")
        return Wording(terms=sheet.terms, market=call.market)
    if not isinstance(found, dict) or len(found) > MAX_TERMS:
        raise Refused(400, f"Invalid request: glossary parameter: an object of at most {MAX_TERMS} terms")
    for left, right in found.items():
        if not isinstance(right, str) or not left.strip() or not right.strip() or max(len(left), len(right)) > MAX_CELL or not (left + right).isprintable():
            raise Refused(400, f"Invalid request: glossary parameter: {left[:40]!r} is no term with a translation")
    return Wording(tuple(found.items()), market=call.market)


def _told(problem: Problem) -> str:
    return f"line {problem.line}: {problem.message}" if problem.line else problem.message
