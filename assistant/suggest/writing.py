"""How a language writes money, numbers and units in a country: CLDR (Babel) and the pack's own patterns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from babel import Locale
from babel.lists import format_list
from babel.numbers import format_currency, format_decimal, format_percent
from babel.units import format_unit

_ARABIC_DIGITS = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")


@dataclass(frozen=True, slots=True)
class Form:
    """How one language writes things in one country; read from the pack."""

    lang: str
    country: str
    locale: Locale
    """Of CLDR."""
    currency: str
    """ISO 4217; empty when the pack has none: then no price can be said."""
    money: str = ""
    """CLDR number pattern; empty is CLDR's own for the locale."""
    arabic_digits: bool = False
    clock: str = ""
    """CLDR time pattern; empty is CLDR's short form."""
    payment: tuple[str, ...] = ()
    """The ways to pay, in the order to name them."""
    cash: str = ""
    """What cash on delivery is called; named only where the product's shipping has it."""
    free: str = ""
    """What a fee of nothing is called."""


def digits(text: str, form: Form) -> str:
    return text.translate(_ARABIC_DIGITS).replace("%", "٪") if form.arabic_digits else text


def system(form: Form) -> str:
    return "arab" if form.arabic_digits else "latn"


def money(amount: Decimal, currency: str, form: Form) -> str:
    """An amount as the country writes it: no decimals that say nothing (SAR 189), no separator of another country."""
    pattern = form.money if currency == form.currency or "¤" in form.money else ""
    if not pattern:
        text = format_currency(amount, currency, locale=form.locale, numbering_system=system(form))
        return digits(text, form)
    if amount == amount.to_integral_value():
        head, point, tail = pattern.partition("0.0")
        pattern = f"{head}0{tail.lstrip('0')}" if point else pattern
    text = format_currency(amount, currency, pattern, locale=form.locale, currency_digits=False, numbering_system=system(form))
    return digits(text, form)


def number(value: int | Decimal, form: Form) -> str:
    """A number with the country's separators and digits."""
    return digits(format_decimal(value, locale=form.locale, numbering_system=system(form)), form)


def listed(items: Sequence[str], form: Form, style: str = "standard") -> str:
    """Several things in one sentence: a, b and c (style `or`: a, b or c)."""
    return format_list(list(items), style=style, locale=form.locale)  # type: ignore[arg-type]


def percent(share: Decimal, form: Form) -> str | None:
    """A share as whole percent, rounded down: a discount must not be said greater than it is. None for less than one."""
    whole = Decimal(int(share * 100)) / 100
    return digits(format_percent(whole, locale=form.locale, numbering_system=system(form)), form) if whole > 0 else None


def unit(amount: Decimal, name: str, form: Form, length: str = "short") -> str:
    """An amount of a CLDR unit such as mass-gram, with at most two decimals."""
    rounded = amount.quantize(Decimal("0.01"), ROUND_HALF_UP)
    plain = rounded.quantize(Decimal(1)) if rounded == rounded.to_integral_value() else rounded.normalize()
    lengths = [length, *(each for each in ("short", "long", "narrow") if each != length)]
    # Where CLDR has a length by inheritance only, Babel writes the unit's own name.
    texts = [format_unit(plain, name, each, locale=form.locale, numbering_system=system(form)) for each in lengths]  # type: ignore[arg-type]
    return digits(next((text for text in texts if name not in text), texts[0]), form)


def territory(country: str, form: Form) -> str | None:
    """A country's name."""
    name = form.locale.territories.get(country)
    return str(name) if name else None
