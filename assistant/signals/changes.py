"""Spikes and drops of the live numbers, tied to what was said and shown when they began.

Each series is cut into bins of five seconds and watched by a two-sided CUSUM (Page 1954) of standardised residuals:

- The usual value is an exponentially weighted mean (its half-life is in the table); a residual is clipped before it moves the
  mean, so a spike hardly lifts it, and while a sum is on the rise the mean learns at a quarter of its pace.
- A count's residual is 2(√(x+⅜) − √(b+⅜)) (Anscombe 1948: about normal with variance 1 for Poisson counts), divided by
  the square root of its own running variance in the long run (with its lag-1 covariance) where that is above 1: chats burst.
- A level's residual is ln x − ln b over its noise (the table's relative noise and counting noise 1/√b together).
- Residuals beyond `slack` add up; at `threshold` the change is told, begun where the sum left zero. Then the sum is held there:
  the same direction is told again only after it fell to zero, because the value came back or has become the usual one.

Parameters: `data/changes.toml`. Times are epoch milliseconds and given from outside.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field

from assistant.events import Change
from assistant.signals.tables import Series, Watching

_MOST_BINS = 720
"""Empty bins made up for after a silence; an hour of them settles every mean."""
_KEPT = 100
"""Changes and segments remembered."""
_PER_MINUTE = 60_000


@dataclass(slots=True)
class _Side:
    """One direction of a CUSUM."""

    total: float = 0.0
    bins: int = 0
    """Bins since the sum left zero."""
    reached: float = 0.0
    """Sum of the values in those bins."""
    told: bool = False
    """Within an episode: told, and the sum has not been back at zero."""

    def step(self, excess: float, value: float) -> None:
        self.total = max(0.0, self.total + excess)
        if self.total > 0:
            self.bins, self.reached = self.bins + 1, self.reached + value
        else:
            self.bins, self.reached = 0, 0.0


class _Watch:
    """One series."""

    def __init__(self, series: Series, watching: Watching) -> None:
        self.series, self._watching = series, watching
        self._pace = 1 - 0.5 ** (1 / series.half_life_bins)
        self._usual: float | None = None
        self._variance, self._together, self._last, self._bins = 1.0, 0.0, 0.0, 0
        self._sides = {1: _Side(), -1: _Side()}
        self.pending = 0.0
        """The count of the running bin, or the last level."""
        self.seen = False

    def close(self) -> list[tuple[int, float, float, int]]:
        """End a bin: (direction, before, after, bins since it began) of each change found."""
        value = self.pending
        if self.series.kind == "count":
            self.pending = 0.0
        if not self.seen:
            return []
        self._bins += 1
        if self._usual is None:
            self._usual = value
            return []
        warming = self._bins <= self._watching.warmup_bins
        residual = self._residual(value, self._usual)
        clipped = max(-self._watching.clip, min(self._watching.clip, residual))
        found: list[tuple[int, float, float, int]] = []
        if not warming:
            found = [told for direction in (1, -1) if (told := self._judge(direction, clipped, value)) is not None]
        self._learn(value, residual, clipped, warming)
        return found

    def _residual(self, value: float, usual: float) -> float:
        if self.series.kind == "level":
            noise = math.hypot(self.series.noise, 1 / math.sqrt(max(1.0, usual)))
            return (math.log(max(1.0, value)) - math.log(max(1.0, usual))) / noise
        raw = 2 * (math.sqrt(value + 0.375) - math.sqrt(usual + 0.375))
        return raw / self._noise()

    def _noise(self) -> float:
        """Standard deviation of a count's residuals in the long run: bursts outlast a bin, so neighbours vary together."""
        return math.sqrt(max(1.0, self._variance + 2 * max(0.0, self._together)))

    def _judge(self, direction: int, clipped: float, value: float) -> tuple[int, float, float, int] | None:
        side, usual, threshold = self._sides[direction], self._usual or 0.0, self.series.threshold
        side.step(direction * clipped - self.series.slack, value)
        if side.told:
            side.told, side.total = side.total > 0, min(side.total, threshold)
            return None
        if side.total < threshold:
            return None
        reached = side.reached / side.bins
        if max(usual, reached) < self.series.least:
            return None
        side.told, side.total = True, threshold
        return direction, usual, reached, side.bins

    def _learn(self, value: float, residual: float, clipped: float, warming: bool) -> None:
        assert self._usual is not None
        if warming:  # a plain mean of what was seen so far
            self._usual += (value - self._usual) / self._bins
        else:
            rising = any(side.total > self.series.threshold / 3 for side in self._sides.values())
            pace = self._pace / 4 if rising else self._pace
            shown = value if residual == clipped else self._at(clipped)
            self._usual += pace * (shown - self._usual)
        if self.series.kind == "count" and not any(side.told for side in self._sides.values()):
            raw, pace = max(-2.5, min(2.5, residual)) * self._noise(), max(self._pace, 1 / self._bins)
            self._variance += pace * (raw * raw - self._variance)
            self._together += pace * (raw * self._last - self._together)
            self._last = raw

    def _at(self, residual: float) -> float:
        """The value that has this residual."""
        usual = self._usual or 0.0
        if self.series.kind == "level":
            noise = math.hypot(self.series.noise, 1 / math.sqrt(max(1.0, usual)))
            return max(1.0, usual) * math.exp(residual * noise)
        root = math.sqrt(usual + 0.375) + residual * self._noise() / 2
        return max(0.0, root * root - 0.375) if root > 0 else 0.0


@dataclass(slots=True)
class Changes:
    """The detector of one stream."""

    watching: Watching
    recent: deque[Change] = field(default_factory=lambda: deque(maxlen=_KEPT))
    """What was found, oldest first."""
    _series: dict[str, _Watch] = field(default_factory=dict)
    _said: deque[tuple[int, str]] = field(default_factory=lambda: deque(maxlen=_KEPT))
    _shown: deque[tuple[int, str]] = field(default_factory=lambda: deque(maxlen=_KEPT))
    _bin: int | None = None

    def __post_init__(self) -> None:
        self._series = {series.name: _Watch(series, self.watching) for series in self.watching.series}

    def count(self, name: str, value: float, now: int) -> list[Change]:
        """Add to a count, or set the level, of a series; other names only move the time on."""
        found = self.advance(now)
        if (watch := self._series.get(name)) is not None:
            watch.seen = True
            watch.pending = value if watch.series.kind == "level" else watch.pending + max(0.0, value)
        return found

    def said(self, segment: str, now: int) -> None:
        """The host ended a segment."""
        self._said.append((now, segment))

    def shown(self, sku: str, now: int) -> None:
        """A product came on the table."""
        self._shown.append((now, sku))

    def advance(self, now: int) -> list[Change]:
        """Close every bin that ended by `now`; returns what they showed."""
        current = now // self.watching.bin_ms
        if self._bin is None:
            self._bin = current
        begun = max(self._bin, current - _MOST_BINS)
        found: list[Change] = []
        for index in range(begun, current):
            end = (index + 1) * self.watching.bin_ms
            for watch in self._series.values():
                for direction, before, after, bins in watch.close():
                    if name := watch.series.up if direction > 0 else watch.series.down:
                        found.append(self._change(name, watch.series, before, after, end, end - bins * self.watching.bin_ms))
        self._bin = max(self._bin, current)
        self.recent.extend(found)
        return found

    def told(self, now: int) -> list[Change]:
        """The changes found lately, oldest first."""
        return [change for change in self.recent if now - change.at <= self.watching.told_ms]

    def conditions(self, now: int) -> frozenset[str]:
        """Their names: what a talk-track line may name under `signals`."""
        return frozenset(change.name for change in self.told(now))

    def _change(self, name: str, series: Series, before: float, after: float, at: int, since: int) -> Change:
        scale = _PER_MINUTE / self.watching.bin_ms if series.kind == "count" else 1.0
        segments = [segment for when, segment in self._said if since - self.watching.said_ms <= when <= at]
        shown = [sku for when, sku in self._shown if when <= at]
        return Change(
            name=name, at=at, since=since, before=round(before * scale, 1), after=round(after * scale, 1), segments=segments[-20:],
            sku=shown[-1] if shown else None,
        )
