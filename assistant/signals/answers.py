"""Draft answers in the askers' languages, made from what the room knows of a product; none where it does not know.

A draft is a sentence of `data/answers.toml` with its slots filled. Money is written by CLDR (Babel) in the currency of the
asker's country, without decimals where there are none to tell; an Arabic sentence isolates prices, codes and Latin names, so
that they stand in the right order.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import regex
from babel import Locale, UnknownLocaleError
from babel.numbers import format_currency, format_decimal, get_territory_currencies

from assistant.signals.facts import Delivery, Facts
from assistant.signals.tables import table

_LIST = {"zh": "、", "ja": "、", "ar": "، "}
_CLAUSE = {"zh": "；", "ja": "；", "ar": "؛ "}
_FSI, _PDI = "\u2068", "\u2069"
_LEFT_TO_RIGHT = regex.compile(r"[\p{Latin}\p{Nd}]")
_FRACTION = regex.compile(r"(?<=[0#])\.[0#]+")
_UNTOLD = regex.compile(r"\p{Latin}{2,}")
_PART_FACTS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "battery": (("battery_mah", "mAh"), ("capacity_mah", "mAh")),
    "power": (("power_w", "W"),),
    "volume": (("volume_ml", "ml"),),
    "weight": (("weight_g", "g"),),
}
"""Part of a question to the facts that answer it, with their units."""


@dataclass(frozen=True, slots=True)
class Answers:
    """The sentences of `data/answers.toml`."""

    intents: Mapping[str, Sequence[str]]
    sentences: Mapping[str, Mapping[str, str]]
    words: Mapping[str, Mapping[str, str]]
    """Words of facts, from English."""
    certificates: Mapping[str, Sequence[str]]
    """Sentence to words of the types of the certificates that it tells."""
    known: regex.Pattern[str] = field(init=False)
    """Finds the words of facts."""

    def __post_init__(self) -> None:
        words = sorted(self.words, key=len, reverse=True)
        object.__setattr__(self, "known", regex.compile("|".join(rf"(?<!\w){regex.escape(word)}(?!\w)" for word in words) or r"(?!)"))

    def draft(self, intent: str, part: str, facts: Facts | None, lang: str, country: str | None, today: datetime.date) -> str | None:
        """An answer in `lang` to a viewer in `country` (None: unknown); None where the room does not know or has no sentence."""
        if facts is None:
            return None
        filled = _Filled(self, facts, lang, country, today)
        for name in self.intents.get(intent, ()):
            sentence = name.removeprefix("part:")
            if sentence != name and part != sentence:
                continue
            template = self.sentences[sentence].get(lang)
            slots = filled.slots(sentence) if template is not None else None
            if template is not None and slots is not None:
                return template.format_map({slot: filled.isolated(value) for slot, value in slots.items()})
        return None


def answers(data: Mapping[str, Any] | None = None) -> Answers:
    """The sentences as shipped, or from a table of the same form."""
    data = table("answers.toml") if data is None else data
    sentences = {name: rows for name, rows in data.items() if name not in ("intents", "words", "certificates")}
    return Answers(data["intents"], sentences, data["words"], data["certificates"])


def money(amount: float, currency: str, lang: str, country: str | None) -> str:
    """An amount as a reader of `lang` in `country` is used to: `Rp199.000`, `￥7,480`, `$49.90`, `189 ر.س.`"""
    locale = _locale(lang, country)
    pattern = locale.currency_formats["standard"].pattern
    whole = float(amount).is_integer()
    written = format_currency(amount, currency, _FRACTION.sub("", pattern) if whole else pattern, locale=locale, currency_digits=not whole)
    return written.replace("\u200f", "").replace("\xa0", " ")


def place(country: str, lang: str) -> str | None:
    """The name of a country in a language."""
    return _locale(lang, None).territories.get(country)


@lru_cache(maxsize=256)
def _locale(lang: str, country: str | None) -> Locale:
    for tag in (f"{lang}_{country}", lang):
        try:
            return Locale.parse(tag)
        except (UnknownLocaleError, ValueError):
            continue
    return Locale.parse("en")


@dataclass(frozen=True, slots=True)
class _Filled:
    """The slots of one product for one reader; a method gives None where the room does not know."""

    answers: Answers
    facts: Facts
    lang: str
    country: str | None
    today: datetime.date

    def slots(self, sentence: str) -> dict[str, str] | None:
        """Every slot of a sentence, None when one can't be filled."""
        name = self.facts.name(self.lang)
        special = getattr(self, f"_{sentence}", self._measure)(*((sentence,) if sentence in _PART_FACTS else ()))
        return {"product": name, **special} if name is not None and special is not None else None

    def isolated(self, value: str) -> str:
        """Kept in its own direction inside Arabic."""
        return f"{_FSI}{value}{_PDI}" if self.lang == "ar" and _LEFT_TO_RIGHT.search(value) else value

    def _price(self) -> dict[str, str] | None:
        if self.country is None:
            return None
        currency = next((code for code in get_territory_currencies(self.country) if code in self.facts.price), None)
        return {"price": money(self.facts.price[currency], currency, self.lang, self.country)} if currency else None

    def _sizes(self) -> dict[str, str] | None:
        return {"sizes": self._list(self.facts.sizes)} if self.facts.sizes else None

    def _stock(self) -> dict[str, str] | None:
        return {"stock": self._number(self.facts.stock)} if self.facts.stock else None

    def _sold_out(self) -> dict[str, str] | None:
        return {} if self.facts.stock == 0 else None

    def _days(self) -> dict[str, str] | None:
        delivery, country = self._delivery()
        if delivery is None or delivery.days is None or country is None:
            return None
        least, most = delivery.days
        return {"country": country, "days": str(least) if least == most else f"{least}–{most}"}

    def _shipping_free(self) -> dict[str, str] | None:
        delivery, country = self._delivery()
        return {"country": country} if delivery is not None and delivery.fee == 0 and country is not None else None

    def _shipping_fee(self) -> dict[str, str] | None:
        delivery, country = self._delivery()
        if delivery is None or not delivery.fee or not delivery.currency or country is None:
            return None
        return {"country": country, "fee": money(delivery.fee, delivery.currency, self.lang, self.country)}

    def _destinations(self) -> dict[str, str] | None:
        names = [name for country in self.facts.delivery if (name := place(country, self.lang))]
        return {"countries": self._list(names)} if names else None

    def _cash(self) -> dict[str, str] | None:
        delivery, country = self._delivery()
        return {"country": country} if delivery is not None and delivery.cash is True and country is not None else None

    def _no_cash(self) -> dict[str, str] | None:
        delivery, country = self._delivery()
        return {"country": country} if delivery is not None and delivery.cash is False and country is not None else None

    def _material(self) -> dict[str, str] | None:
        told = self._told(self.facts.facts.get("material"))
        return {"material": told} if told else None

    def _colours(self) -> dict[str, str] | None:
        colours = self.facts.facts.get("colours")
        told = [self._told(colour) for colour in colours] if isinstance(colours, Sequence) and not isinstance(colours, str) else []
        return {"colours": self._list([colour for colour in told if colour])} if told and all(told) else None

    def _origin(self) -> dict[str, str] | None:
        name = place(self.facts.origin, self.lang) if self.facts.origin else None
        return {"origin": name} if name else None

    def _proofs(self) -> dict[str, str] | None:
        return self._proven("proofs")

    def _halal(self) -> dict[str, str] | None:
        return self._proven("halal")

    def _proven(self, sentence: str) -> dict[str, str] | None:
        words = self.answers.certificates[sentence]
        held = [
            proof for proof in self.facts.proofs
            if proof.number and any(word in proof.type.casefold() for word in words) and proof.holds(self.country, self.today)
        ]
        return {"proofs": self._list([f"{proof.authority} {proof.number}".strip() for proof in held])} if held else None

    def _warranty(self) -> dict[str, str] | None:
        months = self.facts.facts.get("warranty_months")
        return {"months": self._number(months)} if _is_number(months) and months else None

    def _voltage(self) -> dict[str, str] | None:
        voltage = self.facts.facts.get("voltage")
        return {"voltage": voltage} if isinstance(voltage, str) and voltage else None

    def _plug(self) -> dict[str, str] | None:
        """`plugs` are lines such as `G: SA AE MY`."""
        plugs = self.facts.facts.get("plugs")
        country = place(self.country, self.lang) if self.country else None
        for line in plugs if isinstance(plugs, Sequence) and not isinstance(plugs, str) else ():
            kind, _, countries = str(line).partition(":")
            if country and self.country in countries.split():
                return {"plug": kind.strip(), "country": country}
        return None

    def _measure(self, part: str) -> dict[str, str] | None:
        for fact, unit in _PART_FACTS[part]:
            value = self.facts.facts.get(fact)
            if _is_number(value):
                return {"value": f"{self._number(value)} {unit}"}
        return None

    def _delivery(self) -> tuple[Delivery | None, str | None]:
        """How the product reaches the asker's country, and its name."""
        delivery = self.facts.delivery.get(self.country or "")
        return delivery, place(self.country, self.lang) if delivery is not None and self.country else None

    def _told(self, fact: object) -> str | None:
        """A fact written in English, word by word in the language; None with a word that is not in the table."""
        if not isinstance(fact, str) or not fact:
            return None
        if self.lang == "en":
            return fact
        words = self.answers.words
        known = self.answers.known
        rest = known.sub("", fact.casefold())
        if _UNTOLD.search(rest) or not all(self.lang in words[found[0]] for found in known.finditer(fact.casefold())):
            return None
        told = known.sub(lambda found: words[found[0]][self.lang], fact.casefold()).replace(" %", "%")
        return told.replace(", ", _LIST.get(self.lang, ", ")).replace("; ", _CLAUSE.get(self.lang, "; "))

    def _list(self, items: Sequence[str]) -> str:
        return _LIST.get(self.lang, ", ").join(items)

    def _number(self, value: object) -> str:
        return format_decimal(value, locale=_locale(self.lang, self.country))


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
