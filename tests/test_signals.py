"""The live numbers."""

from __future__ import annotations

from assistant.events import Signal
from assistant.signals import Counters


def test_levels_increments_and_amounts() -> None:
    counters = Counters()
    for name, value in (("viewers", 100), ("like", None), ("like", 5), ("viewers", 80), ("join", None)):
        counters.signal(Signal(name=name, value=value))
    counters.signal(Signal(name="order", value=89.5, currency="SAR"))
    counters.signal(Signal(name="order", value=0.6, currency="SAR"))
    stats = counters.stats(0)
    assert (stats.viewers, stats.likes, stats.orders, stats.revenue) == (80, 6, 2, {"SAR": 90.1})


def test_comments_per_minute_slide_and_stay_bounded() -> None:
    counters = Counters()
    for now in range(0, 600_000, 100):
        counters.comment(now)
    assert counters.stats(599_900).comments_per_min == 600
    assert len(counters.seconds) <= 61
    assert counters.stats(10_000_000).comments_per_min == 0


def test_invented_currencies_are_bounded() -> None:
    counters = Counters()
    for first in "ABCDEFGH":
        for second in "ABCDEFGH":
            counters.signal(Signal(name="order", value=1, currency=f"X{first}{second}"))
    assert len(counters.revenue) == 20 and counters.orders == 64
