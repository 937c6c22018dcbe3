"""What a rule is, and the facts of the room that make a claim lawful. Categories and severities are the contract's (section 6)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

Severity = Literal["block", "warn", "info"]
SEVERITIES: tuple[Severity, ...] = ("block", "warn", "info")
"""The gravest first: law that stops a sale, law, custom."""

CATEGORIES = frozenset({
    "superlative", "lowest_price", "price_reference", "urgency", "medical", "safety", "natural", "green", "halal", "endorsement", "certification",
    "brand", "lottery", "refund", "customs", "promise", "comparison", "privacy", "religion", "politics", "royalty", "modesty", "alcohol_pork",
    "number_colour", "gesture", "gender_ethnicity", "copyright",
})  # fmt: skip
CLAIMS = frozenset({
    "superlative", "lowest_price", "medical", "safety", "natural", "green", "halal", "endorsement", "certification", "promise", "comparison",
    "modesty", "alcohol_pork", "urgency", "lottery", "customs", "brand",
})  # fmt: skip
"""What is said of the goods or the sale: denied, it is said no more ("it doesn't cure acne", "not see-through", "no need to rush")."""
CONFIDENCES = frozenset({"seen", "known", "native", "verify"})

Words = Mapping[str, tuple[str, ...]]
"""Per language (BCP 47)."""


@dataclass(frozen=True, slots=True)
class When:
    """What must hold in the room for a rule to fire, each as far as it is given."""

    categories: frozenset[str] = frozenset()
    """The product on the table is of one of these; a product that isn't known may be of any."""
    without_certificate: str = ""
    """The product lacks a certificate of this type, valid now in the country."""
    without_permit: str = ""
    """The room lacks a permit of this type for the country."""
    without_former_price: bool = False
    """No former price that a 'was' may lean on now."""
    stock_above: int | None = None
    """True stock is above this, or unknown."""
    price_differs: bool = False
    """A price is said in the sentence that the catalogue does not have; never holds without a catalogue."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of a market's rules.yaml."""

    id: str
    category: str
    severity: Severity
    market: str = ""
    countries: tuple[str, ...] = ()
    """ISO 3166-1 alpha-2; the reader fills in all of the market's where the row names none."""
    triggers: Words = field(default_factory=dict)
    patterns: Words = field(default_factory=dict)
    """RE2 syntax, on the normalised text (see normal.py)."""
    also: Words = field(default_factory=dict)
    """Another of these must stand in the same sentence."""
    unless: Words = field(default_factory=dict)
    """Phrases that make it harmless."""
    when: When = When()
    message: Mapping[str, str] = field(default_factory=dict)
    rewrite: Mapping[str, str] = field(default_factory=dict)
    basis: str = ""
    confidence: str = "verify"

    def told(self, lang: str) -> str:
        """The message in a host's language: Chinese for `zh`, else English."""
        return self.message.get(lang) or self.message.get("en", "")


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate of the product."""

    type: str
    countries: tuple[str, ...] = ()
    """Where it counts; empty is everywhere."""
    until: int | None = None
    """Epoch ms after which it counts no more."""


@dataclass(frozen=True, slots=True)
class Permit:
    """A permit of the seller's in one country."""

    type: str
    country: str


@dataclass(frozen=True, slots=True)
class FormerPrice:
    """When a price was really charged and may be leant on, epoch ms, end exclusive."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of the room and of the product on the table. The default knows nothing."""

    category: str | None = None
    certificates: tuple[Certificate, ...] = ()
    permits: tuple[Permit, ...] = ()
    former_price: FormerPrice | None = None
    stock: int | None = None
    prices: Mapping[str, tuple[Decimal, ...]] = field(default_factory=dict)
    """Per currency, what may be said: the price and the valid former ones."""


@dataclass(frozen=True, slots=True)
class Said:
    """A price in the text: code points, end exclusive."""

    start: int
    end: int
    amount: Decimal
    currency: str
    """ISO 4217, "$" or "¥" where the sign leaves it open."""


DATED = 946_684_800_000
"""A clock before the year 2000 (epoch ms) is a recording's own and says no date: then every fact is taken as valid."""


def holds(when: When, facts: Facts, country: str, now: int, said: tuple[Said, ...]) -> bool:
    """Whether a rule's conditions hold in a country; `said` are the prices of the sentence, `now` is epoch ms."""
    if when.categories and facts.category is not None and facts.category not in when.categories:
        return False
    if when.without_certificate and any(_counts(item, when.without_certificate, country, now) for item in facts.certificates):
        return False
    if when.without_permit and any(when.without_permit.casefold() in item.type.casefold() and item.country == country for item in facts.permits):
        return False
    if when.without_former_price and facts.former_price and (now < DATED or facts.former_price.start <= now < facts.former_price.end):
        return False
    if when.stock_above is not None and facts.stock is not None and facts.stock <= when.stock_above:
        return False
    return not when.price_differs or any(_differs(price, facts.prices) for price in said)


def _counts(item: Certificate, wanted: str, country: str, now: int) -> bool:
    valid = item.until is None or now < DATED or now < item.until
    return valid and wanted.casefold() in item.type.casefold() and (not item.countries or country in item.countries)


_OPEN = {"¥": ("CNY", "JPY"), "$": ("USD", "SGD", "HKD", "TWD", "MXN", "CAD", "AUD")}


def _differs(price: Said, prices: Mapping[str, tuple[Decimal, ...]]) -> bool:
    """Whether a said price is none of the catalogue's in its currency; a currency without prices can't be compared."""
    known = [amount for currency in _OPEN.get(price.currency, (price.currency,)) for amount in prices.get(currency, ())]
    return bool(known) and price.amount not in known
