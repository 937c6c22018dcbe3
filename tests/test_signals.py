"""The live numbers: windows, people, the funnel, and that all of it stays bounded."""

from __future__ import annotations

import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.events import Signal
from assistant.signals import Counters
from assistant.signals.distinct import EXACT, Distinct, together
from assistant.signals.sliding import Sliding, SlidingPeople
from assistant.signals.tables import usual


def test_levels_increments_and_amounts() -> None:
    counters = Counters()
    for name, value in (("viewers", 100), ("like", None), ("like", 5), ("viewers", 80), ("join", None), ("click", 2), ("follow", None)):
        counters.signal(Signal(name=name, value=value), 0)
    counters.signal(Signal(name="order", value=89.5, currency="SAR"), 0)
    counters.signal(Signal(name="order", value=0.6, currency="SAR"), 0)
    counters.signal(Signal(name="gift", value=3, currency="USD"), 0)
    stats = counters.stats(0)
    assert (stats.viewers, stats.viewers_peak, stats.likes, stats.orders, stats.revenue) == (80, 100, 6, 2, {"SAR": 90.1})
    assert (stats.clicks, stats.follows, stats.carts, stats.gifts, stats.joins_per_min) == (2, 1, 0, {"USD": 3.0}, 1)


def test_comments_and_commenters_slide_and_stay_bounded() -> None:
    counters = Counters()
    for now in range(0, 600_000, 100):
        counters.comment(now, f"p-{now // 100 % 50}")
    stats = counters.stats(599_900)
    assert (stats.comments_per_min, stats.commenters_per_min) == (600, 50)
    assert len(counters.minute) <= 61
    later = counters.stats(10_000_000)
    assert (later.comments_per_min, later.commenters_per_min) == (0, 0)


def test_dwell_is_the_mean_of_those_it_was_told_of() -> None:
    counters = Counters()
    assert counters.stats(0).dwell_seconds is None
    for seconds in (10, 50):
        counters.signal(Signal(name="dwell", value=seconds), 1_000)
    assert counters.stats(1_000).dwell_seconds == 30
    assert counters.stats(70_000).dwell_seconds is None


def test_invented_currencies_are_bounded() -> None:
    counters = Counters()
    for first in "ABCDEFGH":
        for second in "ABCDEFGH":
            counters.signal(Signal(name="order", value=1, currency=f"X{first}{second}"), 0)
    stats = counters.stats(0)
    assert len(stats.revenue) == 20 and stats.orders == 64


def test_the_funnel_names_the_step_that_leaks() -> None:
    counters = Counters()
    counters.signal(Signal(name="viewers", value=1_000), 0)
    for number in range(100):
        counters.comment(1_000, f"p{number}")
        counters.signal(Signal(name="click", user=f"p{number}"), 1_000)
        counters.signal(Signal(name="click", user=f"p{number}"), 2_000)
    for number in range(40):
        counters.signal(Signal(name="cart", user=f"p{number}"), 2_000)
    counters.signal(Signal(name="order", value=9, user="p1", currency="SAR"), 3_000)
    funnel = counters.funnel(4_000, usual())
    assert [(step.step, step.count) for step in funnel.steps] == [("viewers", 1_000), ("commenters", 100), ("clicks", 100), ("carts", 40), ("orders", 1)]
    assert funnel.leak == "orders"
    assert counters.funnel(4_000).leak is None, "without usual shares nothing is judged"
    assert counters.funnel(700_000, usual()).steps[2].count == 0, "ten minutes later nobody clicked"


def test_a_small_room_is_not_judged() -> None:
    counters = Counters()
    counters.signal(Signal(name="viewers", value=12), 0)
    assert counters.funnel(1_000, usual()).leak is None


@pytest.mark.parametrize("people", [10, EXACT, 1_000, 20_000])
def test_people_are_counted_once_and_roughly_when_many(people: int) -> None:
    crowd = Distinct()
    for number in [*range(people), *range(people)]:
        crowd.add(f"viewer {number}")
    assert len(crowd) == people if people <= EXACT else abs(len(crowd) - people) < 0.12 * people


def test_crowds_are_counted_together() -> None:
    many, few, other = Distinct(), Distinct(), Distinct()
    for number in range(2_000):
        many.add(f"a{number}")
    for number in range(50):
        few.add(f"a{number}")
        other.add(f"b{number}")
    assert together([few, other]) == 100
    assert abs(together([many, few, other]) - 2_050) < 250
    assert len(few) == 50, "counting changes nothing"


@given(st.lists(st.tuples(st.integers(0, 200_000), st.floats(0, 1e6)), max_size=60))
def test_a_sliding_sum_is_what_the_window_holds(added: list[tuple[int, float]]) -> None:
    sums, added = Sliding(1_000, 60), sorted(added)
    for now, value in added:
        sums.add("x", value, now)
    end = added[-1][0] if added else 0
    expected = sum(value for now, value in added if now // 1_000 > end // 1_000 - 60)
    assert sums.total("x", end) == pytest.approx(expected, rel=1e-6, abs=1e-3)


def test_late_events_count_in_the_newest_slice() -> None:
    sums = Sliding(1_000, 60)
    sums.add("x", 1, 100_000)
    sums.add("x", 1, 5_000)
    assert sums.total("x", 100_000) == 2
    people = SlidingPeople(1_000, 60)
    people.add("a", 100_000)
    people.add(None, 100_000, 3)
    assert people.count(100_000) == 4


def test_a_crowded_hour_keeps_flat_memory() -> None:
    counters = Counters()

    def minutes(first: int, last: int) -> int:
        for minute in range(first, last):
            for number in range(600):
                now = minute * 60_000 + number * 100
                counters.comment(now, f"p{minute}-{number}")
                counters.signal(Signal(name="click", user=f"p{minute}-{number}"), now)
            counters.stats(minute * 60_000 + 59_999)
        return tracemalloc.get_traced_memory()[0]

    tracemalloc.start()
    try:
        early = minutes(0, 12)
        assert minutes(12, 36) < 1.2 * early + 50_000
    finally:
        tracemalloc.stop()
