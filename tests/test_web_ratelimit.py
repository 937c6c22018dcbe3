"""The token bucket against a model of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.web.ratelimit import Bucket


def test_a_second_holds_as_many_as_the_rate() -> None:
    bucket = Bucket(20)
    assert [bucket.take(5.0) for _ in range(21)] == [True] * 20 + [False]
    assert [bucket.take(5.125) for _ in range(3)] == [True, True, False]


def test_it_fills_up_no_further_than_the_burst() -> None:
    bucket = Bucket(10, burst=3)
    bucket.take(0.0)
    assert [bucket.take(3600.0) for _ in range(4)] == [True, True, True, False]


def test_a_slow_rate_still_lets_one_pass() -> None:
    bucket = Bucket(0.5)
    assert bucket.take(0.0) and not bucket.take(1.0) and bucket.take(2.0)


def test_a_clock_that_goes_back_gives_nothing() -> None:
    bucket = Bucket(1)
    assert bucket.take(100.0)
    assert not bucket.take(0.0) and not bucket.take(100.5) and bucket.take(101.0)


@pytest.mark.parametrize("rate", [0, -1])
def test_a_rate_is_positive(rate: float) -> None:
    with pytest.raises(ValueError, match="more than 0"):
        Bucket(rate)


@given(st.floats(0.5, 1000), st.lists(st.floats(0, 2), max_size=200))
def test_never_more_than_burst_plus_rate_times_time(rate: float, gaps: list[float]) -> None:
    bucket, now, passed = Bucket(rate), 0.0, 0
    for gap in gaps:
        now += gap
        passed += bucket.take(now)
    assert passed <= max(1.0, rate) + rate * now + 1e-6
