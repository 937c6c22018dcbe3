"""Units, currencies and percent words of a language: what may stand beside a number, and how the language writes it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Literal

import regex

from assistant.protect import tables

_LATIN_AFTER = r"(?![\p{Latin}\p{Nd}])"
_ARABIC_SIGN = regex.compile(r"\p{Arabic}")


@dataclass(frozen=True, slots=True)
class Unit:
    """What a word or symbol beside a number means."""

    kind: Literal["measure", "price", "percent"]
    name: str
    times: Decimal | None = None
    """What the amount is multiplied with to be in `name` (斤: 0.5 kg); None: nothing."""
    weak: bool = False
    """Too ambiguous after a single number word."""
    symbol: bool = False
    """Understood in every language."""


@dataclass(frozen=True, slots=True)
class Beside:
    """What may stand before and after the numbers of a language."""

    after: regex.Pattern[str]
    """Group `gap`, then a unit; the unit is looked up in `units`."""
    units: dict[str, Unit]
    near: dict[str, tuple[tuple[str, str], ...]]
    """Ambiguous word to (place, currency) pairs."""

    def match(self, text: str, at: int) -> tuple[Unit, int, str] | None:
        """The unit that stands at `at`: itself, where it ends, and the word."""
        found = self.after.match(text, at)
        if found is None:
            return None
        word = found["unit"]
        unit = self.units.get(word) or self.units[word.lower()]
        return unit, found.end(), word

    def currency(self, unit: Unit, word: str, text: str, start: int) -> str:
        """The currency meant by a word: that of the last place named before it, where the word is shared."""
        best, name = -1, unit.name
        for place, code in self.near.get(word, ()):
            at = text.rfind(place, 0, start)
            if at > best:
                best, name = at, code
        return name


@cache
def signs() -> dict[str, str]:
    """Currency sign or code to the currency's name in the table (`¥` and `$` stay open)."""
    return {sign: row["code"] for row in tables.rows("currencies.tsv") for sign in tables.words(row["signs"])}


@cache
def sign_pattern() -> str:
    """A pattern for a currency sign before a number."""
    letters = [sign for sign in signs() if sign[0].isalpha()]
    others = [sign for sign in signs() if not sign[0].isalpha()]
    return rf"(?:(?<![\p{{L}}\p{{M}}\p{{Nd}}]){tables.any_of(letters)}|{tables.any_of(others)})"


@cache
def beside(lang: str) -> Beside:
    """The units of a language, from the tables; of an unknown language only symbols and signs."""
    units: dict[str, Unit] = {}
    words: list[str] = []
    near: dict[str, list[tuple[str, str]]] = {}

    def add(cell: str, kind: Literal["measure", "price", "percent"], name: str, times: str) -> None:
        factor = Decimal(times) if times else None
        for word in tables.words(cell):
            bare = word.replace("{v}", "").strip()
            weak = bare.startswith("!")
            bare = bare.removeprefix("!")
            if bare and bare not in units:
                units[bare] = Unit(kind, name, factor, weak)
                words.append(bare)

    for sign in ("%", "％", "٪"):
        units[sign] = Unit("percent", "%", symbol=True)
    for row in tables.rows("units.tsv"):
        for symbol in tables.words(row["symbols"]):
            units[symbol] = Unit("measure", row["unit"], symbol=True)
    for sign, code in signs().items():
        units[sign] = Unit("price", code, symbol=not _ARABIC_SIGN.search(sign))
    symbols = list(units)
    for row in tables.rows("units.tsv"):
        add(row.get(lang, ""), "measure", row["unit"], row["times"])
    for row in tables.rows("currencies.tsv"):
        add(row.get(lang, ""), "price", row["code"], row["times"])
        for item in tables.words(row["near"]):
            word, _, place = item.partition("@")
            near.setdefault(word, []).append((place, row["code"]))
    for row in tables.rows("percent.tsv"):
        if row["kind"] == "percent":
            add(row.get(lang, ""), "percent", "%", "")
    pattern = rf"(?P<gap>[ \u00a0]?)(?P<unit>{tables.any_of(symbols)}(?!\p{{Latin}}|(?<=[^ckm]m|[VWLgwv])\p{{Nd}})|{_words(words, lang)})"
    return Beside(regex.compile(pattern), units, {word: tuple(pairs) for word, pairs in near.items()})


def _words(words: list[str], lang: str) -> str:
    unless = [item for row in tables.rows("counters.tsv") if row["lang"] == lang and row["kind"] == "unless" for item in tables.words(row["words"])]
    if lang not in tables.UNSPACED:
        guarded = [item for item in unless if item.partition("+")[0] in words]
        return rf"(?i:{tables.phrases([*words, *guarded])}){tables.LETTER_AFTER}"
    ordered = sorted(set(words), key=lambda word: (-len(word), word))
    return f"(?:{'|'.join(_guarded(word, [item for item in unless if item.startswith(f'{word}+')], lang) for word in ordered)})"


def _guarded(word: str, unless: list[str], lang: str) -> str:
    """A word of a language without spaces, with what must not follow it."""
    escaped = regex.escape(word, special_only=True)
    if word.isascii():
        return escaped + _LATIN_AFTER
    if lang == "th" and not unless:  # a short Thai word may begin a longer one
        return escaped + (r"(?!\p{Thai})" if len(word) <= 3 and "." not in word else r"(?!\p{M})")
    return tables.phrases(unless) if unless else escaped


@cache
def written(lang: str, name: str, kind: str) -> str:
    """How a language writes a unit or an amount of a currency: a pattern with {v}, with the language's spacing."""
    column = lang if lang in tables.LANGUAGES else "en"
    table, key = ("units.tsv", "unit") if kind == "measure" else ("currencies.tsv", "code")
    for row in tables.rows(table):
        if row[key] == name and not row["times"]:
            forms = tables.words(row[column]) or tables.words(row.get("symbols", "")) or [name]
            form = forms[0].lstrip("!")
            if kind == "price":
                return form if "{v}" in form else f"{form} {{v}}"
            tight = column in ("zh", "ja") or form.startswith("°")
            return f"{{v}}{form}" if tight else f"{{v}} {form}"
    return f"{{v}} {name}"


@cache
def discounts(lang: str) -> tuple[str, ...]:
    """The patterns of a discount in a language, the one to write first; `{v}` is the percentage."""
    for row in tables.rows("percent.tsv"):
        if row["kind"] == "off":
            return tuple(tables.words(row[lang if lang in tables.LANGUAGES else "en"]))
    return ()


@cache
def counted(lang: str, kind: str) -> tuple[str, ...]:
    """The words of `counters.tsv` of one kind for a language, the longest first."""
    found = [word for row in tables.rows("counters.tsv") if row["lang"] == lang and row["kind"] == kind for word in tables.words(row["words"])]
    return tuple(sorted(found, key=len, reverse=True))
