"""Spikes and drops: found in simulated rooms, seldom where there are none, tied to what was said and shown."""

from __future__ import annotations

import pytest

from assistant.events import Change
from assistant.signals.changes import Changes
from assistant.signals.tables import watching
from tests.rooms import NAMES, Simulated, simulated

AFTER = 30
"""Seconds after its end in which a planted change may still be told."""
BACK = 120
"""Seconds after its end in which the way back to the usual may be told as a change of its own."""


def watched(room: Simulated) -> list[Change]:
    changes, found = Changes(watching()), []
    for second, viewers in enumerate(room.viewers.tolist()):
        now = second * 1_000
        if second % 2 == 0:
            found += changes.count("viewers", viewers, now)
        for name, counts in room.counts.items():
            if counts[second]:
                found += changes.count(name, float(counts[second]), now)
        found += changes.advance(now + 999)
    return found


def judged(room: Simulated) -> tuple[int, int]:
    """How many planted changes were found, and how many were told that nobody planted."""
    found, hits, fair = watched(room), 0, set()
    for planted in room.planted:
        hit = False
        for index, change in enumerate(found):
            at = change.at / 1_000
            if change.name == NAMES[planted.series, planted.up] and planted.start <= at <= planted.end + AFTER:
                hit = True
                fair.add(index)
            elif change.name == NAMES[planted.series, not planted.up] and planted.end <= at <= planted.end + BACK:
                fair.add(index)
        hits += hit
    return hits, len(found) - len(fair)


@pytest.mark.parametrize(("per_minute", "bursts"), [(48, True), (48, False), (150, True), (25, True), (1_500, True)])
def test_planted_peaks_and_drops_are_found(per_minute: float, bursts: bool) -> None:
    rooms = [simulated(seed, plant=True, per_minute=per_minute, bursts=bursts) for seed in range(900, 910)]
    hits, false = (sum(column) for column in zip(*map(judged, rooms), strict=True))
    planted = sum(len(room.planted) for room in rooms)
    assert hits / planted >= 0.9, f"{hits} of {planted}"
    assert false / len(rooms) <= 1, f"{false} in {len(rooms)} hours"


def test_a_room_without_any_is_left_alone() -> None:
    told = [change.name for seed in range(950, 960) for change in watched(simulated(seed, plant=False))]
    assert len(told) <= 10, told


def test_a_change_is_tied_to_what_was_said_and_shown() -> None:
    changes = Changes(watching())
    for second in range(400):
        now = second * 1_000
        if second == 250:
            changes.shown("SERUM-30", now)
        if second % 50 == 0:
            changes.said(f"s{second}", now)
        changes.count("comment", 12 if second >= 300 else 1, now)
    (change,) = changes.recent
    assert change.name == "comments_up" and 300_000 <= change.at <= 320_000 and 290_000 <= change.since <= 305_000
    assert change.sku == "SERUM-30" and change.segments == ["s300"]
    assert change.before == pytest.approx(60, abs=5) and change.after == pytest.approx(720, rel=0.2)
    assert changes.conditions(change.at + 59_000) == {"comments_up"} and changes.conditions(change.at + 61_000) == frozenset()


def test_a_single_odd_second_is_no_spike() -> None:
    changes = Changes(watching())
    for second in range(600):
        changes.count("comment", 40 if second == 300 else 1, second * 1_000)
    assert not changes.recent


def test_what_lasts_is_told_once() -> None:
    changes = Changes(watching())
    for second in range(3_000):
        changes.count("viewers", 500 if second < 600 else 1_200, second * 1_000)
    assert [change.name for change in changes.recent] == ["viewers_up"]


def test_silence_costs_little_and_odd_values_break_nothing() -> None:
    changes = Changes(watching())
    for now, value in ((0, 5.0), (1_000, 1e15), (2_000, -1e15), (10**13, 3.0), (10**13 - 5_000, 1.0)):
        for name in ("viewers", "comment", "unheard of"):
            changes.count(name, value, now)
    assert len(changes.recent) <= 100
