"""A line of talk and the moment it is for. The words are those of `talk_scripts/<market>/lines.yaml` (README, "Talk tracks")."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

STAGES = (
    "opening", "warm_up", "hook", "look", "story", "value", "demo", "price", "urgency", "objection", "question", "interaction", "payment",
    "logistics", "after_sales", "call_to_action", "thanks", "closing", "mishap",
)  # fmt: skip
"""The stages of a sale, in the order a host goes through them; question to mishap come when something happens."""

SLOTS = frozenset({
    "product", "price", "former_price", "discount", "size", "sizes", "stock", "delivery_days", "shipping_fee", "payment", "viewer", "count",
    "material", "origin", "certificate", "country", "time", "volume", "weight", "warranty", "minutes",
})  # fmt: skip
CATEGORIES = frozenset({
    "fashion", "modest_wear", "beauty", "kitchen", "home", "electronics", "tea_snacks", "mother_baby", "jewellery", "shoes", "bags",
})  # fmt: skip
"""Of products, as `category` in ROOM.toml; a room may have others."""
SIGNALS = frozenset({
    "join", "like", "follow", "share", "click", "cart", "order", "gift", "viewers_up", "viewers_down", "comments_up", "quiet",
})  # fmt: skip
SENTIMENTS = ("positive", "neutral", "negative")
GLOSSES = ("zh", "en")
"""Languages of hosts: every line says in these what it means."""

SLOT = re.compile(r"\{([^{}]*)\}")


def slots_of(text: str) -> tuple[str, ...]:
    """The slots a text names, in order, each once."""
    return tuple(dict.fromkeys(SLOT.findall(text)))


@dataclass(frozen=True, slots=True)
class When:
    """What must hold for a line to be said; what is left empty does not matter."""

    intents: frozenset[str] = frozenset()
    """A fresh question of one of these."""
    countries: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()
    """The product on the table is of one of these."""
    certificate: str = ""
    """The product has one of this type, valid now in the country."""
    permit: str = ""
    """The room has one of this type for the country."""
    seasons: frozenset[str] = frozenset()
    hours: tuple[int, int] | None = None
    """Local hour h with from <= h < to; from > to runs over midnight."""
    signals: frozenset[str] = frozenset()
    sentiment: str = ""
    stock_below: int | None = None
    former_price: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One line in one language."""

    id: str
    market: str
    stage: str
    lang: str
    text: str
    glosses: Mapping[str, str]
    """Per host language what it means, with the same slots."""
    when: When = field(default_factory=When)
    slots: tuple[str, ...] = ()
    origin: str = ""
    """`file:line` it was read from."""

    @property
    def urgent(self) -> bool:
        """Whether it presses: such a line needs stock or time behind it."""
        return self.stage == "urgency" or self.when.stock_below is not None or "minutes" in self.slots
