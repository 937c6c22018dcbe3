"""Fills a line's slots with the room's facts, written as the country writes them. A slot that can't be filled is no line.

Money, numbers, units and names of countries come from CLDR (Babel) and the pack's patterns; a price is the catalogue's in the
country's currency, never converted. In right-to-left text every value stands in isolates (FSI … PDI, Unicode UAX #9), else prices
and sizes flip. What viewers typed (names) is hostile: only letters of it come through.
"""

from __future__ import annotations

import datetime
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from babel.dates import format_time

from assistant.suggest.goods import Delivery, Goods, minutes_left
from assistant.suggest.lines import SLOT
from assistant.suggest.writing import Form, digits, listed, money, number, percent, territory, unit

FSI, PDI = "\u2068", "\u2069"
RTL = frozenset({"ar", "fa", "he", "ur"})
METHODS = 4
"""Ways to pay that fit into one breath."""
NAME = 24
"""Code points of a viewer's name that are read out."""
LONGEST = 600
"""Code points of a filled line; a longer one is no line for one breath."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What the slots may be filled from."""

    now: int
    country: str
    clock: datetime.time | None
    """Local time in the country; None when it is not known."""
    goods: Goods | None = None
    viewer: str = ""
    """Who asked last, as the platform shows the name."""
    count: int = 0
    """How many asked."""
    size: str = ""
    """The size that was asked about, one of the product's."""
    from_country: str = ""
    """Where the viewer who asked is; empty when unknown."""
    certificate: str = ""
    """The type of certificate the line is about; empty is any."""


def fill(text: str, scene: Scene, form: Form, other: Form | None = None) -> str | None:
    """The text with its slots filled; None when one can't be.

    A gloss may give `other`, the form of the line's own language: what the gloss's language has no word for is written so.
    """
    missing = False

    def value(match: object) -> str:
        nonlocal missing
        name = match.group(1)  # type: ignore[attr-defined]
        make = _SLOTS.get(name)
        found = make(scene, form) if make else None
        if found is None and make and other is not None:
            found = make(scene, other)
        if not found:
            missing = True
            return ""
        return _isolated(found, form.lang)

    filled = SLOT.sub(value, text)
    return None if missing or "{" in filled or len(filled) > LONGEST else filled


def _isolated(value: str, lang: str) -> str:
    """In right-to-left text every value, elsewhere those with right-to-left letters, stand apart from what surrounds them."""
    if lang in RTL or any(unicodedata.bidirectional(char) in ("R", "AL") for char in value):
        return f"{FSI}{value}{PDI}"
    return value


def _product(scene: Scene, form: Form) -> str | None:
    return scene.goods.names.get(form.lang) if scene.goods else None


def _price(scene: Scene, form: Form) -> str | None:
    amount = scene.goods.prices.get(form.currency) if scene.goods else None
    return None if amount is None else money(amount, form.currency, form)


def _former(scene: Scene, form: Form) -> Decimal | None:
    return scene.goods.former_price(scene.country, form.currency, scene.now) if scene.goods else None


def _former_price(scene: Scene, form: Form) -> str | None:
    former = _former(scene, form)
    return None if former is None else money(former, form.currency, form)


def _discount(scene: Scene, form: Form) -> str | None:
    former = _former(scene, form)
    if former is None or scene.goods is None:
        return None
    return percent((former - scene.goods.prices[form.currency]) / former, form)


def _size(scene: Scene, form: Form) -> str | None:
    sizes = scene.goods.sizes if scene.goods else ()
    return scene.size or (sizes[0] if len(sizes) == 1 else None)


def _sizes(scene: Scene, form: Form) -> str | None:
    sizes = scene.goods.sizes if scene.goods else ()
    if len(sizes) > 2:
        return f"{sizes[0]}–{sizes[-1]}"
    return listed(sizes, form) if sizes else None


def _stock(scene: Scene, form: Form) -> str | None:
    stock = scene.goods.stock if scene.goods else None
    return number(stock, form) if stock else None


def _delivery(scene: Scene) -> Delivery | None:
    return scene.goods.delivery.get(scene.country) if scene.goods else None


def _delivery_days(scene: Scene, form: Form) -> str | None:
    days = delivery.days if (delivery := _delivery(scene)) else ()
    if not days:
        return None
    return number(days[0], form) if len(set(days)) == 1 else f"{number(days[0], form)}–{number(days[-1], form)}"


def _shipping_fee(scene: Scene, form: Form) -> str | None:
    delivery = _delivery(scene)
    if delivery is None or delivery.fee is None:
        return None
    if delivery.fee == 0:
        return form.free or None
    return money(delivery.fee, delivery.currency, form) if delivery.currency == form.currency else None


def _payment(scene: Scene, form: Form) -> str | None:
    delivery = _delivery(scene)
    cash = [form.cash] if delivery and delivery.cash and form.cash else []
    methods = [*form.payment[: METHODS - len(cash)], *cash]
    return listed(methods, form, "or") if methods else None


def _viewer(scene: Scene, form: Form) -> str | None:
    return spoken_name(scene.viewer) or None


def spoken_name(name: str) -> str:
    """A viewer's name as a host may say it; empty when it holds an address, a link, a long number or no letter at all."""
    text = unicodedata.normalize("NFC", name[:200])
    kept = "".join(char if unicodedata.category(char)[0] in "LM" or char in " '’.-·" or char.isdecimal() else " " for char in text)
    shown = " ".join(kept.split()).strip(" '’.-·")[:NAME].rstrip()
    hostile = "@" in text or "://" in text or "www." in text.lower() or sum(char.isdecimal() for char in shown) > 4
    return "" if hostile or not any(unicodedata.category(char)[0] == "L" for char in shown) else shown


def _count(scene: Scene, form: Form) -> str | None:
    return number(scene.count, form) if scene.count > 1 else None


def _material(scene: Scene, form: Form) -> str | None:
    """`material_<lang>` of the product's facts; a plain `material` is English."""
    facts = scene.goods.facts if scene.goods else {}
    found = facts.get(f"material_{form.lang}") or (facts.get("material") if form.lang == "en" else None)
    return found if isinstance(found, str) else None


def _origin(scene: Scene, form: Form) -> str | None:
    return territory(scene.goods.origin, form) if scene.goods and scene.goods.origin else None


def _certificate(scene: Scene, form: Form) -> str | None:
    """Authority and number: names that stand in every language."""
    for item in scene.goods.certificates if scene.goods else ():
        wanted = not scene.certificate or scene.certificate.casefold() in item.type.casefold()
        if wanted and item.number and item.authority and item.counts(scene.country, scene.now):
            return f"{item.authority} {item.number}"
    return None


def _country(scene: Scene, form: Form) -> str | None:
    return territory(scene.from_country or scene.country, form)


def _time(scene: Scene, form: Form) -> str | None:
    return None if scene.clock is None else digits(format_time(scene.clock, form.clock or "short", locale=form.locale), form)


def _minutes(scene: Scene, form: Form) -> str | None:
    left = minutes_left(scene.goods, scene.now)
    return None if left is None else number(left, form)


def _measure(scene: Scene, form: Form, fact: str, small: str, great: str) -> str | None:
    amount = scene.goods.facts.get(fact) if scene.goods else None
    if not isinstance(amount, int | float) or isinstance(amount, bool) or amount <= 0:
        return None
    exact = Decimal(str(amount))
    return unit(exact, small, form) if exact < 1000 else unit(exact / 1000, great, form)


def _warranty(scene: Scene, form: Form) -> str | None:
    months = scene.goods.facts.get("warranty_months") if scene.goods else None
    if not isinstance(months, int) or isinstance(months, bool) or months <= 0:
        return None
    years, rest = divmod(months, 12)
    return unit(Decimal(months), "duration-month", form, "long") if rest else unit(Decimal(years), "duration-year", form, "long")


_SLOTS: dict[str, Callable[[Scene, Form], str | None]] = {
    "product": _product, "price": _price, "former_price": _former_price, "discount": _discount, "size": _size, "sizes": _sizes, "stock": _stock,
    "delivery_days": _delivery_days, "shipping_fee": _shipping_fee, "payment": _payment, "viewer": _viewer, "count": _count,
    "material": _material, "origin": _origin, "certificate": _certificate, "country": _country, "time": _time, "minutes": _minutes,
    "volume": lambda scene, form: _measure(scene, form, "volume_ml", "volume-milliliter", "volume-liter"),
    "weight": lambda scene, form: _measure(scene, form, "weight_g", "mass-gram", "mass-kilogram"),
    "warranty": _warranty,
}  # fmt: skip
