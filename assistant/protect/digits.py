"""Numbers in digits of any script: `39.9`, `1.299,50`, `١٬٢٩٩٫٥٠`, `３９`, and what they are worth in a language."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from unicodedata import decimal

import regex

DOT_GROUPS = frozenset({"id", "vi", "de", "es", "it", "pt", "nl", "tr", "fr", "pl", "ru"})
"""Languages that write 1.299,50 (or 1 299,50)."""

_POINT_GROUPS = r"\p{Nd}{1,3}(?:[.]\p{Nd}{3}){%s,6}(?!\.?\p{Nd})(?:,\p{Nd}{1,8})?"
_COMMA_GROUPS = r"\p{Nd}{1,3}(?:[,٬’']\p{Nd}{3}){1,6}(?!\p{Nd})(?:[.٫]\p{Nd}{1,8})?"
_SPACE_GROUPS = r"\p{Nd}{1,3}(?:[\u00a0\u202f]\p{Nd}{3}){1,6}(?!\p{Nd})(?:,\p{Nd}{1,8})?"
_ENGLISH = regex.compile(rf"{_COMMA_GROUPS}|{_POINT_GROUPS % 2}|{_SPACE_GROUPS}|\p{{Nd}}{{1,20}}(?:[.٫．]\p{{Nd}}{{1,8}}(?!\p{{Nd}}))?")
_CONTINENTAL = regex.compile(
    rf"{_POINT_GROUPS % 1}|{_COMMA_GROUPS}|{_SPACE_GROUPS}|\p{{Nd}}{{1,20}}(?:[.٫．]\p{{Nd}}{{1,8}}(?!\p{{Nd}})|,\p{{Nd}}{{1,8}}(?![,\p{{Nd}}]))?"
)


@dataclass(frozen=True, slots=True)
class Numeral:
    """A number read at a place."""

    value: Decimal
    end: int
    """Where it ends in the text (code points, exclusive)."""
    figures: str
    """The digits as typed, in ASCII digits; "" when words or a multiplier were read."""
    tokens: int
    """How many digit groups and words it took."""
    worded: bool = False
    """Whether it began with a word."""


def digits(text: str) -> str:
    """The text with the digits of every script, Arabic and full-width marks in ASCII."""
    if text.isascii():
        return text
    return "".join(_ascii(char) for char in text)


def _ascii(char: str) -> str:
    number = decimal(char, None)
    if number is not None:
        return str(number)
    return {"٫": ".", "٬": ",", "．": ".", "％": "%", "٪": "%", "－": "-", "：": ":", "￥": "¥", "＄": "$"}.get(char, char)


def figures(text: str, pos: int, lang: str) -> Numeral | None:
    """The number in digits that begins at `pos`."""
    match = (_CONTINENTAL if lang in DOT_GROUPS else _ENGLISH).match(text, pos)
    if match is None:
        return None
    typed = digits(match[0])
    return Numeral(_amount(typed, lang in DOT_GROUPS), match.end(), typed, 1)


def _amount(typed: str, continental: bool) -> Decimal:
    """The value of a typed number whose marks are well placed."""
    marks = [char for char in typed if not char.isdigit()]
    if not marks:
        return Decimal(typed)
    last = typed.rfind(marks[-1])
    tail = len(typed) - last - 1
    groups = tail == 3 and (len(set(marks)) == 1) and (len(marks) > 1 or marks[-1] in ",’'\u00a0\u202f" or (continental and marks[-1] == "."))
    if groups and last <= 3 + 4 * (len(marks) - 1):
        return Decimal("".join(char for char in typed if char.isdigit()))
    whole = "".join(char for char in typed[:last] if char.isdigit())
    return Decimal(f"{whole}.{typed[last + 1 :]}")


def tidy(amount: Decimal) -> Decimal:
    """A reckoned amount without idle zeros behind the point."""
    return amount.quantize(Decimal(1)) if amount == amount.to_integral_value() else amount.normalize()
