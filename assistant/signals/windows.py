"""The room in numbers: what the live counters say now (`stats`).

Sums are those of the running stream; `comments_per_min` is a sliding minute. Spikes, funnels and what to do about them are
not read here yet.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from assistant.events import Signal, Stats

MINUTE_MS = 60_000


@dataclass(slots=True)
class Counters:
    """Running numbers of one stream; `seconds` holds (epoch second, comments) of the last minute."""

    viewers: int = 0
    likes: int = 0
    orders: int = 0
    revenue: dict[str, float] = field(default_factory=dict)
    seconds: deque[list[int]] = field(default_factory=deque)

    def comment(self, now: int) -> None:
        """Count a comment at `now` (epoch ms)."""
        second = now // 1000
        if self.seconds and self.seconds[-1][0] == second:
            self.seconds[-1][1] += 1
        else:
            self.seconds.append([second, 1])
        self._trim(now)

    def signal(self, signal: Signal) -> None:
        """Take a signal in."""
        value = 1.0 if signal.value is None else signal.value
        if signal.name == "viewers":
            self.viewers = max(0, int(value))
        elif signal.name == "like":
            self.likes += int(value)
        elif signal.name == "order":
            self.orders += 1
            # A hostile connector may invent currencies; a room needs a handful.
            if signal.currency and (signal.currency in self.revenue or len(self.revenue) < 20):
                self.revenue[signal.currency] = round(self.revenue.get(signal.currency, 0.0) + value, 2)

    def stats(self, now: int) -> Stats:
        """The numbers as an event."""
        self._trim(now)
        return Stats(
            at=now,
            viewers=self.viewers,
            comments_per_min=sum(count for _, count in self.seconds),
            likes=self.likes,
            orders=self.orders,
            revenue=dict(self.revenue),
        )

    def _trim(self, now: int) -> None:
        while self.seconds and self.seconds[0][0] * 1000 <= now - MINUTE_MS:
            self.seconds.popleft()
