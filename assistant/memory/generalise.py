"""Sentences with their values taken out: 'ships in 3 days' is stored once and serves 'ships in 5 days'.

A stored pair serves other values only when every value of its source stands in its target too, one to one: the same kind, unit
and value, equally often. The new values are then written where the old ones stood, and the result is read again: it must hold
the new values and nothing else. Whatever could come out wrong is no hit: a value that stands twice and would become two
different ones, another plural form ('3 days' does not serve 1), an ordinal's ending ('2nd'), 'a' or 'an' before a number.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from babel import Locale, UnknownLocaleError

from assistant.memory.spelling import CLOSE, OPEN
from assistant.protect.values import Value, find, render

_ARTICLE = re.compile(r"\b(?:a|an)\s$", re.IGNORECASE)

_Identity = tuple[str, str, Decimal | str, Decimal | None]
"""Kind, unit, value (text of what is kept as typed) and upper end: what two values share that are the same."""


@dataclass(frozen=True, slots=True)
class Generalised:
    """A text with its values in order and a placeholder of their kind where each stood."""

    text: str
    values: tuple[Value, ...]


def generalise(text: str, lang: str) -> Generalised | None:
    """The text with placeholders; None when it holds no value, or characters that would pass for a placeholder."""
    if OPEN in text or CLOSE in text:
        return None
    values = tuple(find(text, lang))
    if not values:
        return None
    pieces, last = [], 0
    for value in values:
        pieces += [text[last : value.start], f"{OPEN}{value.kind} {value.unit}{CLOSE}"]
        last = value.end
    return Generalised("".join([*pieces, text[last:]]), values)


def rewritten(stored: Sequence[Value], target: str, wanted: Sequence[Value], source_lang: str, target_lang: str) -> str | None:
    """`target` with the `wanted` values where those of the `stored` source stood; None when that is not certain to be right.

    `stored` and `wanted` are the values of two sources that differ in nothing else, in order.
    """
    placed = find(target, target_lang)
    if Counter(map(_identity, stored)) != Counter(map(_identity, placed)):
        return None
    becomes: dict[_Identity, Value] = {}
    was: dict[_Identity, Value] = {}
    for old, new in zip(stored, wanted, strict=True):
        if _identity(becomes.setdefault(_identity(old), new)) != _identity(new):
            return None
        if old.kind == "number" and _identity(old) != _identity(new) and any(_plural(old, lang) != _plural(new, lang) for lang in (source_lang, target_lang)):
            return None
        was.setdefault(_identity(old), old)
    pieces, last = [], 0
    for place in placed:
        old, new = was[_identity(place)], becomes[_identity(place)]
        text = place.text if _identity(old) == _identity(new) else _written(old, place, new, target, target_lang)
        if text is None:
            return None
        pieces += [target[last : place.start], text]
        last = place.end
    result = "".join([*pieces, target[last:]])
    expected = [_identity(becomes[_identity(place)]) for place in placed]
    return result if [_identity(value) for value in find(result, target_lang)] == expected else None


def _identity(value: Value) -> _Identity:
    if value.value is None:
        return value.kind, value.unit, value.text, None
    return "%" if value.unit == "%" else value.kind, value.unit, value.value, value.upper


def _written(old: Value, place: Value, new: Value, target: str, lang: str) -> str | None:
    """How the new value is written at a place: as `render` does if the old one was, else as typed if the old one was."""
    after = target[place.end : place.end + 1]
    if place.kind == "number" and ((after.isalpha() and after < "\u0250") or after in ("º", "ª", "°")):
        return None
    if lang == "en" and _ARTICLE.search(target[max(0, place.start - 4) : place.start]):
        return None
    if render(old, lang) == place.text:
        return render(new, lang)
    return new.text if old.plain and new.plain and old.text == place.text else None


def _plural(value: Value, lang: str) -> str:
    """The plural form a number asks of the words beside it."""
    try:
        return Locale.parse(lang, sep="-").plural_form(value.upper or value.value or 0)
    except (UnknownLocaleError, ValueError):
        return "other"
