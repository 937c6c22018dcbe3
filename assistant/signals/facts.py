"""What the room knows of a product, as this stage needs it; read from the room file outside of it."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

Fact = str | float | int | bool | Sequence[str]


@dataclass(frozen=True, slots=True)
class Proof:
    """A certificate."""

    type: str
    number: str = ""
    authority: str = ""
    countries: tuple[str, ...] = ()
    """Where it holds; empty is everywhere."""
    until: datetime.date | None = None

    def holds(self, country: str | None, today: datetime.date) -> bool:
        """Whether it is valid in a country today; one of some countries is not where the country is unknown."""
        return (self.until is None or today <= self.until) and (not self.countries or country in self.countries)


@dataclass(frozen=True, slots=True)
class Delivery:
    """How a product reaches one country; None is what the room does not know."""

    days: tuple[int, int] | None = None
    fee: float | None = None
    currency: str | None = None
    cash: bool | None = None
    """Paid on delivery."""


@dataclass(frozen=True, slots=True)
class Facts:
    """One product."""

    sku: str
    names: Mapping[str, str]
    category: str = ""
    price: Mapping[str, float] = field(default_factory=dict)
    cost: Mapping[str, float] = field(default_factory=dict)
    stock: int | None = None
    sizes: tuple[str, ...] = ()
    facts: Mapping[str, Fact] = field(default_factory=dict)
    proofs: tuple[Proof, ...] = ()
    origin: str | None = None
    delivery: Mapping[str, Delivery] = field(default_factory=dict)

    def name(self, lang: str) -> str | None:
        """Its name in a language, the English one where there is none."""
        return self.names.get(lang) or self.names.get("en")

    def with_stock(self, stock: int | None) -> Facts:
        """The same with what is left now."""
        return replace(self, stock=stock)

    @property
    def margin(self) -> float | None:
        """Share of the price that is left over its cost, in a currency that has both; None where that is not known."""
        for currency, cost in self.cost.items():
            if price := self.price.get(currency):
                return max(-1.0, min(1.0, (price - cost) / price))
        return None
