"""One value found in a text: a number, price, size, code, link … that must come out of a translation unchanged."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

Kind = Literal[
    "number", "price", "percent", "discount", "size", "measure", "date", "time",
    "sku", "url", "email", "mention", "hashtag", "emoji", "kaomoji", "shortcode",
]  # fmt: skip

TYPED = frozenset({"size", "sku", "url", "email", "mention", "hashtag", "emoji", "kaomoji", "shortcode"})
"""Kinds that stand in every language as they were typed."""


@dataclass(frozen=True, slots=True)
class Value:
    """What stands at `text[start:end]` (code points, end exclusive) and what it means."""

    start: int
    end: int
    kind: Kind
    text: str
    """As it stands in the source."""
    value: Decimal | None = None
    """The amount; percent points for percent and discount (八折 is 20), minutes since midnight for a time, yyyymmdd with
    zeros for what is not said for a date. None for kinds kept as typed and for dates whose order of day and month is open."""
    upper: Decimal | None = None
    """The upper end of a range (38–40), else None."""
    unit: str = ""
    """Unit as the tables name it (`kg`, `mAh`), ISO currency, `$` or `¥` where the sign leaves it open, "%" for percent, `24h` for a time whose
    part of the day is known."""
    figures: tuple[str, ...] = ()
    """The amount (and the upper end) as typed, in ASCII digits; empty when it was read from words."""
    joint: str = "–"
    """What stands between the ends of a range."""
    before: str = ""
    """A sign typed before the figures, with its space."""
    after: str = ""
    """A unit or sign typed after the figures, with its space."""
    plain: bool = False
    """Whether all of it (digits and international symbols) may stand in any language as typed."""
