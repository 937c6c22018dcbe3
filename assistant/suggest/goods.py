"""What is on the table: the product's facts as the slots and the conditions of lines need them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

DATED = 946_684_800_000
"""A clock before the year 2000 (epoch ms) is a recording's own and says no date: then every dated fact counts as valid."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate of the product."""

    type: str
    number: str = ""
    authority: str = ""
    countries: tuple[str, ...] = ()
    """Where it counts; empty is everywhere."""
    until: int | None = None
    """Epoch ms after which it counts no more."""

    def counts(self, country: str, now: int) -> bool:
        """Whether it is valid in a country at `now` (epoch ms)."""
        return (not self.countries or country in self.countries) and (self.until is None or now < DATED or now < self.until)


@dataclass(frozen=True, slots=True)
class Delivery:
    """How a product reaches a country, as the room promises it."""

    days: tuple[int, ...] = ()
    """From and to, or one number."""
    fee: Decimal | None = None
    currency: str = ""
    cash: bool = False
    """Whether it may be paid on delivery."""


@dataclass(frozen=True, slots=True)
class Goods:
    """The product on the table."""

    sku: str
    names: Mapping[str, str]
    category: str = ""
    prices: Mapping[str, Decimal] = field(default_factory=dict)
    former: Mapping[str, Decimal] = field(default_factory=dict)
    former_from: int = 0
    """Epoch ms since when the former price was charged."""
    former_to: Mapping[str, int] = field(default_factory=dict)
    """Per country, epoch ms until which it may be named."""
    stock: int | None = None
    sizes: tuple[str, ...] = ()
    facts: Mapping[str, object] = field(default_factory=dict)
    certificates: tuple[Certificate, ...] = ()
    origin: str | None = None
    """Country of origin."""
    delivery: Mapping[str, Delivery] = field(default_factory=dict)
    ends: int | None = None
    """Epoch ms when the offer ends (`offer_ends` in the product's facts)."""

    def certified(self, type_: str, country: str, now: int) -> bool:
        """Whether it has a certificate of a type, valid in a country at `now` (epoch ms)."""
        return any(type_.casefold() in item.type.casefold() and item.counts(country, now) for item in self.certificates)

    def former_price(self, country: str, currency: str, now: int) -> Decimal | None:
        """The former price that may be named in a country now: really charged, above today's price and not too long ago."""
        former, price = self.former.get(currency), self.prices.get(currency)
        if former is None or price is None or former <= price:
            return None
        valid = now < DATED or self.former_from <= now < self.former_to.get(country, 0)
        return former if valid else None


def minutes_left(goods: Goods | None, now: int) -> int | None:
    """Whole minutes until the product's offer ends; None without an end, or when it is not within three hours."""
    left = (goods.ends - now) // 60_000 if goods and goods.ends else 0
    return left if 1 <= left <= 180 else None
