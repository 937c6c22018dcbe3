"""Writes a value as the target language, and where given the target country, writes it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Literal

import regex
from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_skeleton
from babel.numbers import format_decimal

from assistant.protect import numerals, tables, units
from assistant.protect.value import TYPED, Value

_FIGURES = regex.compile(r"[0-9]+(?:[.,][0-9]+)*%?")
_ARABIC_DIGITS = str.maketrans("0123456789.,%", "٠١٢٣٤٥٦٧٨٩٫٬٪")


@dataclass(frozen=True, slots=True)
class Format:
    """How a market writes values; without one, digits stay as typed."""

    country: str
    """ISO 3166-1 alpha-2."""
    digits: Literal["latn", "arab"] = "latn"
    """Arabic-Indic digits by choice; they are used in Arabic text only."""
    price: str = ""
    """A pattern with {v} for the country's own currency; "" takes the one of `countries.tsv`."""


@dataclass(frozen=True, slots=True)
class _Money:
    currency: str
    pattern: str
    decimals: int


def render(value: Value, target: str, market: Format | None = None) -> str:
    """The text that stands for `value` in a translation into `target`. Never raises for a value that `find` made."""
    written = _written(value, target, market)
    if market is not None and market.digits == "arab" and target == "ar" and value.kind not in TYPED:
        return _arab(written)
    return written


def _arab(written: str) -> str:
    """With Arabic-Indic digits and marks; the dots of ر.س are none."""
    return _FIGURES.sub(lambda match: match[0].translate(_ARABIC_DIGITS), written)


def _written(value: Value, target: str, market: Format | None) -> str:
    if value.kind in TYPED or (value.value is None):
        return value.text if value.kind in TYPED else numerals.digits(value.text)
    if value.kind == "time":
        return numerals.digits(value.text) if value.plain else _time(value, target)
    if value.kind == "date":
        return numerals.digits(value.text) if value.plain and market is None else _date(value.value, target, market)
    amount = _amount(value, target, market)
    if value.kind == "price":
        return _price(value, amount, target, market)
    if value.kind == "number":
        return amount
    if value.kind == "measure":
        return numerals.digits(value.before) + amount + value.after if value.plain else units.written(target, value.unit, "measure").replace("{v}", amount)
    percent = _percent(amount, market)
    if value.kind == "discount":
        pattern = next(iter(units.discounts(target)), "{v} off")
        remains = (100 - value.value) / 10
        return pattern.replace("{v}", percent).replace("{r}", f"{remains.normalize():f}")
    return percent


def _amount(value: Value, target: str, market: Format | None) -> str:
    """The number (and the upper end of a range), as typed where that reads the same in the target."""
    ends = [value.value] if value.upper is None else [value.value, value.upper]
    typed = value.figures or ("",) * len(ends)
    return value.joint.join(_number(end, figure, value, target, market) for end, figure in zip(ends, typed, strict=True))


def _number(amount: Decimal | None, figure: str, value: Value, target: str, market: Format | None) -> str:
    assert amount is not None
    money = _money(market.country, target) if market and value.kind == "price" else None
    local = market is not None and (value.kind == "price" or any(char in ".,'’٬٫" for char in figure))
    if figure and not local:
        reading = numerals.figures(figure, 0, "id" if value.unit in ("IDR", "VND") and value.kind == "price" else target)
        if reading is not None and reading.end == len(figure) and reading.value == amount:
            return figure
    places = _places(amount)
    if money is not None and market is not None and _is_own(value, money) and places:
        places = max(places, money.decimals)
    elif not places and "." not in figure and "," not in figure:
        places = 0
    if places == 3 and target in numerals.DOT_GROUPS:
        places = 4  # 1,299 would read as thousands there
    locale = _locale(target, market.country if market else "")
    pattern = "#,##0" + ("." + "0" * places if places else "")
    return format_decimal(amount, format=pattern, locale=locale)


def _places(amount: Decimal) -> int:
    exponent = amount.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _price(value: Value, amount: str, target: str, market: Format | None) -> str:
    money = _money(market.country, target) if market else None
    if money is not None and market is not None and _is_own(value, money):
        return (market.price or money.pattern).replace("{v}", amount)
    sign = value.before.strip() or value.after.strip()
    if value.plain and not (sign in ("¥", "￥") and target in ("zh", "ja") and value.unit != {"zh": "CNY", "ja": "JPY"}[target]):
        return numerals.digits(value.before) + amount + value.after
    return units.written(target, value.unit, "price").replace("{v}", amount)


def _is_own(value: Value, money: _Money) -> bool:
    """Whether the price is in the country's own currency; an open $ or ¥ is taken for it."""
    return value.unit == money.currency or (value.unit == "$" and "$" in money.pattern) or (value.unit == "¥" and money.currency in ("JPY", "CNY"))


@cache
def _money(country: str, target: str) -> _Money | None:
    found: _Money | None = None
    for row in tables.rows("countries.tsv"):
        if row["country"] == country and row["lang"] in (target, "*"):
            found = _Money(row["currency"], row["pattern"], int(row["decimals"]))
            if row["lang"] == target:
                break
    return found


def _percent(amount: str, market: Format | None) -> str:
    spaced = market is not None and market.country in ("DE", "FR", "ES", "PL")
    return f"{amount}\u00a0%" if spaced else f"{amount}%"


@cache
def _locale(target: str, country: str) -> Locale:
    # The country decides where a language has no marks of its own (Spanish of Mexico). Ours have: CLDR's English and Malay of
    # Indonesia write 0,01, which their readers, and `find`, take for a list.
    own = country and target not in tables.LANGUAGES
    for name in (f"{target}_{country}" if own else "", target, "en"):
        try:
            if name:
                return Locale.parse(name)
        except (UnknownLocaleError, ValueError):
            continue
    return Locale("en")


def _time(value: Value, target: str) -> str:
    """20:00 everywhere; in English 8:00 PM where the part of the day is known."""
    assert value.value is not None
    hour, minute = divmod(int(value.value), 60)
    if target == "en" and (value.unit == "24h"):
        return f"{hour % 12 or 12}:{minute:02d} {'PM' if hour >= 12 else 'AM'}"
    return f"{hour}:{minute:02d}"


def _date(stamp: Decimal, target: str, market: Format | None) -> str:
    year, rest = divmod(int(stamp), 10000)
    month, day = divmod(rest, 100)
    locale = _locale(target, market.country if market else "")
    skeleton = ("y" if year else "") + "MMMM" + ("d" if day else "")
    try:
        moment = date(year or 2024, month, day or 1)
    except ValueError:  # 30 February: as figures
        return f"{year}-{month}-{day}" if year else f"{month}/{day}"
    if skeleton == "MMMM":
        return {"vi": f"tháng {month}", "zh": f"{month}月", "ja": f"{month}月"}.get(target) or str(locale.months["stand-alone"]["wide"][month])
    if skeleton == "yMMMMd":
        return format_date(moment, "long", locale=locale).replace("\u200f", "").replace("ค.ศ. ", "")
    return format_skeleton(skeleton, moment, locale=locale).replace("\u200f", "")
