"""Personal data in what viewers type: phone numbers, mail addresses, postal addresses, national identity and payment card numbers.

A number is masked when it is valid by its own rules (numbering plan, check digits), not for being long: order numbers and prices
stay readable. What is found is a span of code points, end exclusive. Every pattern runs on RE2, so in linear time.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import phonenumbers
import re2

from assistant.guard.identity import card, document
from assistant.guard.normal import rows

Kind = Literal["phone", "email", "address", "identity", "card"]

MASK = "•••"
MOST = 10
"""Numbers looked at in one text: each costs the numbering plans of some countries."""
_EMAIL = re2.compile(r"[\pL\pN._%+-]+[@＠][\pL\pN-]+(?:[.。．][\pL\pN-]+)+")
_SPELT_EMAIL = re2.compile(
    r"(?i)[a-z0-9._%+-]+\s?(?:\(at\)|\[at\]|\sat\s|\s?@\s?|艾特|小老鼠|圈a)\s?"
    r"(?:gmail|yahoo|hotmail|outlook|icloud|live|qq|163|126|naver|proton(?:mail)?)\s?(?:\.|\(dot\)|\[dot\]|\sdot\s|点)\s?[a-z]{2,10}"
)
_NUMBER = re2.compile(r"[+(]?\d(?:[ ()./-]{0,3}[0-9]){6,22}[0-9Xx]?")
_LETTERED = re2.compile(r"(?i)\b[a-z]{1,4}\d{5,12}[a-z]?\b|\b\d{8}[a-z]\b|\b[a-z]{2}\d{2}(?: ?[a-z0-9]{4}){2,7}(?: ?[a-z0-9]{1,3})?\b")
_GROUPED = re2.compile(r"\d{1,3}(?:[.,]\d{3})+")
_DATE = re2.compile(r"(?:19|20)\d\d[./-]\d{1,2}[./-]\d{1,2}|\d{1,2}[./-]\d{1,2}[./-](?:19|20)\d\d")
_NO_HOUSE = ("链接", "鏈接", "款", "色", "品", "码", "产品", "商品", "袋", "包")
"""After 号 these make it an item of the shop's list."""


@dataclass(frozen=True, slots=True)
class Personal:
    """Personal data at a place: code points, end exclusive."""

    start: int
    end: int
    kind: Kind


class Privacy:
    """Finds personal data; built once, since it reads and keeps the address patterns."""

    def __init__(self) -> None:
        options = re2.Options()
        options.case_sensitive, options.max_mem = False, 64 << 20
        self._options, self._sources = options, rows("addresses.tsv")
        self._compiled: dict[str, list[re2._Regexp]] = {}

    def find(self, text: str, langs: Sequence[str] = (), regions: Sequence[str] = ()) -> list[Personal]:
        """What is personal in a text, in order, none overlapping.

        `langs` are the languages whose addresses are looked for; `regions` (ISO 3166-1 alpha-2) whose numbers may be dialled without `+`.
        """
        plain = _digits(text)
        found: list[Personal] = []
        if "@" in plain or "＠" in plain or " " in plain or "[" in plain or "艾特" in plain:
            found += (Personal(*match.span(), "email") for pattern in (_EMAIL, _SPELT_EMAIL) for match in pattern.finditer(plain))
        if not any(char.isdecimal() for char in plain):
            return _apart(found)
        for number, match in enumerate(_NUMBER.finditer(plain)):
            if number == MOST:
                break
            found += _numbers(plain, *match.span(), regions)
        found += (
            Personal(*match.span(), "identity") for match, _ in zip(_LETTERED.finditer(plain), range(MOST), strict=False) if document(match.group())
        )
        for lang in dict.fromkeys(langs):
            for pattern in self._addresses(lang):
                found += (
                    Personal(*match.span(), "address") for match in pattern.finditer(plain) if not plain.startswith(_NO_HOUSE, match.end())
                )
        return _apart(found)

    def _addresses(self, lang: str) -> list[re2._Regexp]:
        """The patterns of a language, compiled when first asked for."""
        if lang not in self._compiled and len(self._compiled) < 100:
            self._compiled[lang] = [re2.compile(source, self._options) for code, source in self._sources if code == lang]
        return self._compiled.get(lang, [])

    def masked(self, text: str, langs: Sequence[str] = (), regions: Sequence[str] = ()) -> str:
        """The text with `MASK` for whatever is personal."""
        for item in reversed(self.find(text, langs, regions)):
            text = text[: item.start] + MASK + text[item.end :]
        return text


def _digits(text: str) -> str:
    """The text with plain digits and signs, code point for code point."""
    if text.isascii():
        return text
    return "".join(_plain(char) for char in text)


def _plain(char: str) -> str:
    if char.isdecimal():
        return str(unicodedata.decimal(char))
    return {"＋": "+", "－": "-", "‐": "-", "‑": "-", "–": "-", "−": "-", "（": "(", "）": ")", "\u00a0": " ", "\u3000": " ", "．": "."}.get(char, char)


def _numbers(text: str, start: int, end: int, regions: Sequence[str]) -> list[Personal]:
    """What is personal in a run of figures and the signs between them."""
    run = text[start:end]
    figures = "".join(char for char in run if char.isalnum())
    if _GROUPED.fullmatch(run) or _DATE.match(run):
        return []
    if card(figures):
        return [Personal(start, end, "card")]
    if start > 0 and text[start - 1].isascii() and text[start - 1].isalpha():
        return []  # the figures of a code
    phones = [(first, last) for first, last in _phones(run, regions) if not _GROUPED.fullmatch(run[first:last])]
    if phones != [(0, len(run))] and document(figures):
        return [Personal(start, end, "identity")]
    return [Personal(start + first, start + last, "phone") for first, last in phones]


def _phones(run: str, regions: Sequence[str]) -> list[tuple[int, int]]:
    for region in regions if "+" not in run else (None,):
        matches = phonenumbers.PhoneNumberMatcher(run, region, leniency=phonenumbers.Leniency.VALID, max_tries=10)
        if found := [(match.start, match.end) for match in matches]:
            return found
    return []


def _apart(found: list[Personal]) -> list[Personal]:
    """In order, without what overlaps something longer."""
    kept: list[Personal] = []
    for item in sorted(found, key=lambda item: item.start - item.end):
        if all(item.end <= other.start or other.end <= item.start for other in kept):
            kept.append(item)
    return sorted(kept, key=lambda item: item.start)
