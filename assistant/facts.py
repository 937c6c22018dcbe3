"""What the room file says of the product on the table, as the guard needs it."""

from __future__ import annotations

import datetime
import zoneinfo
from collections.abc import Sequence
from decimal import Decimal

from assistant.guard import Certificate, Facts, FormerPrice, Permit, Said
from assistant.protect.values import find
from assistant.roomfile import RoomFile, RoomProduct

FORMER_DAYS = 56
"""Days after its last day on which a former price may still be leant on: eight weeks, as Japan's guideline on double pricing
(価格表示ガイドライン) has it; the European Union's 30 days are the shop's own to keep by its file."""


def facts_of(file: RoomFile, sku: str | None) -> Facts:
    """The facts of one product; without a `sku` those of the room alone (its permits)."""
    permits = tuple(Permit(item.type, item.country) for item in file.permits)
    product = next((item for item in file.products if item.sku == sku), None)
    if product is None:
        return Facts(permits=permits)
    here = zone(file.timezone)
    certificates = tuple(
        Certificate(item.type, tuple(item.countries), _midnight(item.until, 1, here) if item.until else None) for item in product.certificates
    )
    former = product.former_price
    return Facts(
        category=product.category or None, certificates=certificates, permits=permits, stock=product.stock, prices=_prices(product),
        former_price=FormerPrice(_midnight(former.from_, 0, here), _midnight(former.until, FORMER_DAYS + 1, here)) if former else None,
    )


def product_in(file: RoomFile, text: str) -> str | None:
    """The sku of the product that a text names, or of the room's only one; None when that can't be told."""
    folded = text.casefold()
    named = [item.sku for item in file.products if any(name.casefold() in folded for name in item.names.values())]
    skus = named or [item.sku for item in file.products]
    return skus[0] if len(skus) == 1 else None


def said(text: str, lang: str) -> Sequence[Said]:
    """The prices in a text, for the rules about prices that differ."""
    return [
        Said(value.start, value.end, value.value, value.unit) for value in find(text, lang) if value.kind == "price" and value.value is not None
    ]


def _prices(product: RoomProduct) -> dict[str, tuple[Decimal, ...]]:
    former = product.former_price.model_extra or {} if product.former_price else {}
    found: dict[str, tuple[Decimal, ...]] = {currency: (Decimal(str(amount)),) for currency, amount in product.price.items()}
    for currency, amount in former.items():
        if isinstance(amount, int | float):
            found[currency] = (*found.get(currency, ()), Decimal(str(amount)))
    return found


def zone(name: str) -> datetime.tzinfo:
    """The room's time zone; UTC where the machine doesn't know it."""
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return datetime.UTC


def _midnight(day: datetime.date, plus: int, zone: datetime.tzinfo) -> int:
    """The epoch ms at which a day begins, `plus` days later."""
    try:
        return int(datetime.datetime.combine(day + datetime.timedelta(days=plus), datetime.time(), zone).timestamp() * 1000)
    except OverflowError:
        return 2**53
