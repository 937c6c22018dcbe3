"""The room file's products as the suggest stage needs them."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from decimal import Decimal
from zoneinfo import ZoneInfo

from assistant.packs.pack import Pack
from assistant.roomfile import RoomFile, RoomProduct
from assistant.suggest.goods import Certificate, Delivery, Goods


def goods_of(file: RoomFile, packs: Iterable[Pack]) -> dict[str, Goods]:
    """Per sku what is known of it; former prices end per country as the packs say."""
    days = {country: (form.former_price_days, form.timezone) for pack in packs for country, form in pack.formats.items()}
    return {product.sku: _goods(product, file, days) for product in file.products}


def permits_of(file: RoomFile) -> frozenset[tuple[str, str]]:
    """The room's permits: (type in lower case, country)."""
    return frozenset((permit.type.casefold(), permit.country) for permit in file.permits)


def _goods(product: RoomProduct, file: RoomFile, days: Mapping[str, tuple[int, str]]) -> Goods:
    former = product.former_price
    extra = former.model_extra or {} if former else {}
    return Goods(
        sku=product.sku, names=dict(product.names), category=product.category,
        prices={currency: Decimal(str(amount)) for currency, amount in product.price.items()},
        former={currency: Decimal(str(amount)) for currency, amount in extra.items() if isinstance(amount, int | float)},
        former_from=_midnight(former.from_, 0, file.timezone) if former else 0,
        former_to={country: _midnight(former.until, rest + 1, zone) for country, (rest, zone) in days.items()} if former else {},
        stock=product.stock, sizes=tuple(product.sizes), facts=dict(product.facts),
        certificates=tuple(
            Certificate(item.type, item.number, item.authority, tuple(item.countries), _midnight(item.until, 1, file.timezone) if item.until else None)
            for item in product.certificates
        ),
        origin=product.country_of_origin, delivery={country: _delivery(way.model_extra or {}) for country, way in product.shipping.items()},
        ends=_moment(product.facts.get("offer_ends"), file.timezone),
    )  # fmt: skip


def _delivery(fields: Mapping[str, object]) -> Delivery:
    """`days`, `fee`, `currency`, `cod` of a country's shipping; what is missing or of another kind is not known."""
    days, fee, currency = fields.get("days"), fields.get("fee"), fields.get("currency")
    span = [days] if isinstance(days, int) else days if isinstance(days, list) else []
    return Delivery(
        days=tuple(day for day in span[:2] if isinstance(day, int) and not isinstance(day, bool) and day >= 0),
        fee=Decimal(str(fee)) if isinstance(fee, int | float) and not isinstance(fee, bool) else None,
        currency=currency if isinstance(currency, str) else "", cash=fields.get("cod") is True,
    )  # fmt: skip


def _zone(name: str) -> datetime.tzinfo:
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError):
        return datetime.UTC


def _midnight(day: datetime.date, plus: int, zone: str) -> int:
    """The epoch ms at which a day begins, `plus` days later."""
    try:
        return int(datetime.datetime.combine(day + datetime.timedelta(days=plus), datetime.time(), _zone(zone)).timestamp() * 1000)
    except OverflowError:
        return 2**53


def _moment(text: object, zone: str) -> int | None:
    """The epoch ms of an ISO 8601 moment, in the room's zone where it names none; None for anything else."""
    try:
        found = datetime.datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return int((found if found.tzinfo else found.replace(tzinfo=_zone(zone))).timestamp() * 1000) if found else None
