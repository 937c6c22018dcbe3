"""What the room file says of its products, as the signals stage needs it for drafts, answers heard and what to show next."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from assistant.events import Country
from assistant.markets import Markets
from assistant.roomfile import RoomFile, RoomProduct, Shipping
from assistant.signals.facts import Delivery, Facts, Proof


def catalogue(file: RoomFile) -> dict[str, Facts]:
    """The room's products by sku, in the order of the file."""
    return {product.sku: _facts(product) for product in file.products}


def called(file: RoomFile) -> dict[str, tuple[str, ...]]:
    """What each product may be called: its names in every language and its sku."""
    return {product.sku: (*product.names.values(), product.sku) for product in file.products}


def _facts(product: RoomProduct) -> Facts:
    proofs = tuple(Proof(item.type, item.number, item.authority, tuple(item.countries), item.until) for item in product.certificates)
    return Facts(
        sku=product.sku, names=product.names, category=product.category, price=product.price, cost=product.cost, stock=product.stock,
        sizes=tuple(product.sizes), facts=product.facts, proofs=proofs, origin=product.country_of_origin, delivery=_deliveries(product.shipping),
    )


def _deliveries(shipping: Mapping[Country, Shipping]) -> dict[str, Delivery]:
    return {country: _delivery(item.model_extra or {}) for country, item in shipping.items()}


def _delivery(data: Mapping[str, Any]) -> Delivery:
    """`{days = [5, 8], fee = 0, currency = "SAR", cod = true}`; what is absent or of another form is unknown."""
    days, fee, currency, cash = data.get("days"), data.get("fee"), data.get("currency"), data.get("cod")
    if isinstance(days, int) and not isinstance(days, bool):
        days = [days, days]
    known = isinstance(days, list) and len(days) == 2 and all(isinstance(day, int) and not isinstance(day, bool) for day in days)
    return Delivery(
        days=(min(days), max(days)) if known and days else None,
        fee=float(fee) if isinstance(fee, int | float) and not isinstance(fee, bool) else None,
        currency=currency if isinstance(currency, str) else None,
        cash=cash if isinstance(cash, bool) else None,
    )


def homes(file: RoomFile, markets: Markets) -> dict[str, str]:
    """For each language the first country of the room's markets in which it is typed."""
    found: dict[str, str] = {}
    for name in file.markets:
        for country in markets.countries(name):
            for lang in markets.languages_of(country)[:1]:
                found.setdefault(lang, country)
    return found
