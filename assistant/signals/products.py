"""What to show next: the product that viewers ask for, click and buy, or that goes with the one on the table, and why.

Interest in each product of the room is counted over a sliding window; what goes together is mined from past orders as
association rules with support, confidence and lift (Agrawal 1993, by `efficient-apriori`). A sold-out product and the one on the table
are never suggested. Weights and words: `data/products.toml`. Times are epoch milliseconds and given from outside.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from efficient_apriori import apriori

from assistant.signals.facts import Facts
from assistant.signals.sliding import Sliding
from assistant.signals.tables import table

BASKETS = 2_000
"""Buyers whose orders are remembered."""
BASKET = 20
"""Products remembered of one buyer."""
_SLICES = 30


@dataclass(frozen=True, slots=True)
class Pair:
    """Who buys `given` often buys `other` too."""

    given: str
    other: str
    support: float
    """Share of baskets with both."""
    confidence: float
    """Share of the baskets with `given` that have `other`."""
    lift: float
    """How many times more often than by chance."""


@dataclass(frozen=True, slots=True)
class Pick:
    """A product to show next."""

    sku: str
    score: float
    """0..1."""
    sign: str
    """The sign that weighs most: question click cart order pair."""
    count: int = 0
    pair: Pair | None = None


def pairs(baskets: Iterable[Sequence[str]], *, support: float, confidence: float, lift: float) -> list[Pair]:
    """The rules of two products among baskets that reach these shares, the highest lift first."""
    _, rules = apriori([tuple(sorted(set(basket))) for basket in baskets], min_support=support, min_confidence=confidence, max_length=2)
    found = [
        Pair(rule.lhs[0], rule.rhs[0], round(rule.support, 4), round(rule.confidence, 4), round(rule.lift, 3)) for rule in rules if rule.lift >= lift
    ]
    return sorted(found, key=lambda pair: (-pair.lift, pair.given, pair.other))


class Products:
    """Interest in the products of one room, and the baskets of its buyers."""

    def __init__(self, products: Sequence[Facts], data: Mapping[str, Any] | None = None) -> None:
        self._data = table("products.toml") if data is None else data
        self._products = {product.sku: product for product in products}
        self._signs = Sliding(self._data["window_seconds"] * 1000 // _SLICES, _SLICES)
        self._sold: dict[str, int] = {}
        self._baskets: OrderedDict[str, list[str]] = OrderedDict()
        self._pairs: list[Pair] | None = None
        self._last = -(1 << 60)
        self._suggested: dict[str, int] = {}
        self.on_table: str | None = None

    def sign(self, kind: str, sku: str | None, now: int, user: str | None = None, value: float = 1.0) -> None:
        """A viewer asked for, clicked, put into the cart or ordered a product; unknown products and kinds are passed over."""
        if sku not in self._products or sku is None or kind not in self._data["points"]:
            return
        times = 1.0 if kind == "order" else max(0.0, min(1e6, value))
        self._signs.add(f"{kind}:{sku}", times, now)
        if kind == "order":
            self._sold[sku] = self._sold.get(sku, 0) + 1
            if user is not None:
                self._buy(user, sku)

    def forget(self, gone: Callable[[str], bool]) -> None:
        """Drop the baskets of buyers that are `gone`; what was sold stays sold."""
        for user in [user for user in self._baskets if gone(user)]:
            del self._baskets[user]
            self._pairs = None

    def shown(self, sku: str, now: int) -> None:
        """A product came on the table."""
        self.on_table = sku
        self._suggested[sku] = now

    def left(self, sku: str) -> int | None:
        """What is left of the stock the room file told, less what was ordered since; None where it told none."""
        stock = self._products[sku].stock
        return None if stock is None else max(0, stock - self._sold.get(sku, 0))

    def pairs(self) -> list[Pair]:
        """What goes together, mined again when somebody bought."""
        if self._pairs is None:
            rules = self._data["rules"]
            enough = len(self._baskets) >= rules["baskets"]
            shares = {name: rules[name] for name in ("support", "confidence", "lift")}
            self._pairs = pairs(self._baskets.values(), **shares) if enough else []
        return self._pairs

    def next(self, now: int) -> Pick | None:
        """The product to show next; None when it is too soon or nothing speaks for one."""
        if now - self._last < self._data["every_seconds"] * 1000:
            return None
        again = self._data["again_seconds"] * 1000
        fresh = [
            sku for sku in self._products
            if sku != self.on_table and self.left(sku) != 0 and now - self._suggested.get(sku, -again) >= again
        ]  # fmt: skip
        signs = {sku: {kind: self._signs.total(f"{kind}:{sku}", now) for kind in self._data["points"]} for sku in fresh}
        if not any(total for of_sku in signs.values() for total in of_sku.values()) and self.on_table is None:
            return None
        picks = [pick for sku in fresh if (pick := self._judge(sku, signs[sku])) is not None]
        best = max(picks, key=lambda pick: (pick.score, pick.sku), default=None)
        if best is not None:
            self._last = self._suggested[best.sku] = now
        return best

    def reason(self, pick: Pick, lang: str) -> str:
        """Why, in the host's language or else in English."""
        words = self._data["reasons"][pick.sign]
        slots: dict[str, object] = {"count": pick.count}
        if pick.pair is not None:
            given = self._products[pick.pair.given]
            slots |= {"other": given.name(lang) or given.sku, "percent": round(pick.pair.confidence * 100), "lift": f"{pick.pair.lift:.1f}"}
        return str(words.get(lang, words["en"])).format_map(slots)

    def _judge(self, sku: str, signs: Mapping[str, float]) -> Pick | None:
        points = {kind: total * self._data["points"][kind] for kind, total in signs.items()}
        interest = sum(points.values())
        pair = max((pair for pair in self.pairs() if pair.given == self.on_table and pair.other == sku), key=lambda pair: pair.confidence, default=None)
        if not interest and pair is None:
            return None
        weights = self._data["weights"]
        liked = weights["interest"] * interest / (interest + self._data["half"])
        paired = weights["pair"] * pair.confidence ** 0.5 if pair is not None else 0.0
        score = liked + paired + weights["margin"] * max(0.0, self._products[sku].margin or 0.0)
        if score < self._data["least_score"]:
            return None
        if pair is not None and paired >= liked:
            return Pick(sku, round(score, 3), "pair", pair=pair)
        sign = max(points, key=lambda kind: (points[kind], kind))
        return Pick(sku, round(score, 3), sign, int(signs[sign]))

    def _buy(self, user: str, sku: str) -> None:
        basket = self._baskets.setdefault(user, [])
        self._baskets.move_to_end(user)
        if sku not in basket and len(basket) < BASKET:
            basket.append(sku)
        while len(self._baskets) > BASKETS:
            self._baskets.popitem(last=False)
        self._pairs = None
