"""The room in numbers: what the live counters say now (`stats`).

Sums are those of the running stream; `…_per_min` slide over a minute, the funnel over ten. Everything here is bounded: slices
of fixed length, people as sketches, a handful of currencies.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from assistant.events import Funnel, FunnelStep, Signal, Stats
from assistant.signals.sliding import Sliding, SlidingPeople
from assistant.signals.tables import Usual

CURRENCIES = 20
"""Currencies summed per room; a hostile connector may invent more, a room needs a handful."""
MOST = 1e12
"""What one signal may add: larger values are a fault of the connector."""

_STEPS = ("commenters", "clicks", "carts", "orders")
_STEP_OF = {"click": "clicks", "cart": "carts", "order": "orders"}


@dataclass(slots=True)
class Counters:
    """Running numbers of one stream."""

    viewers: int = 0
    peak: int = 0
    sums: dict[str, float] = field(default_factory=dict)
    """Signal name to its sum over the stream; orders and gifts are counted, not their amounts."""
    revenue: dict[str, float] = field(default_factory=dict)
    gifts: dict[str, float] = field(default_factory=dict)
    minute: Sliding = field(default_factory=lambda: Sliding(1_000, 60))
    commenters: SlidingPeople = field(default_factory=lambda: SlidingPeople(5_000, 12))
    levels: Sliding = field(default_factory=lambda: Sliding(30_000, 20))
    """Viewers over the funnel's ten minutes: their sum and how many readings."""
    steps: dict[str, SlidingPeople] = field(default_factory=lambda: {name: SlidingPeople(30_000, 20) for name in _STEPS})

    def comment(self, now: int, user: str | None = None) -> None:
        """Count a comment at `now` (epoch ms) by a viewer's pseudonym."""
        self.minute.add("comment", 1, now)
        self.commenters.add(user, now)
        self.steps["commenters"].add(user, now)

    def signal(self, signal: Signal, now: int = 0) -> None:
        """Take a signal in."""
        value = 1.0 if signal.value is None else max(-MOST, min(MOST, signal.value))
        if signal.name == "viewers":
            self.viewers = max(0, int(value))
            self.peak = max(self.peak, self.viewers)
            self.levels.add("sum", self.viewers, now)
            self.levels.add("readings", 1, now)
            return
        amount = signal.name in ("order", "gift")
        times = 1.0 if amount else value
        self.sums[signal.name] = self.sums.get(signal.name, 0.0) + times
        self.minute.add(signal.name, times, now)
        if signal.name == "dwell":
            self.minute.add("dwells", 1, now)
        if amount and signal.currency:
            _earn(self.revenue if signal.name == "order" else self.gifts, signal.currency, value)
        if step := _STEP_OF.get(signal.name):
            self.steps[step].add(signal.user, now, max(0.0, times))

    def stats(self, now: int, usual: Usual | None = None) -> Stats:
        """The numbers as an event; without `usual` shares the funnel says nothing of leaks."""
        dwells = self.minute.total("dwells", now)
        return Stats(
            at=now,
            viewers=self.viewers,
            comments_per_min=int(self.minute.total("comment", now)),
            likes=int(self.sums.get("like", 0)),
            orders=int(self.sums.get("order", 0)),
            revenue=dict(self.revenue),
            viewers_peak=self.peak,
            joins_per_min=int(self.minute.total("join", now)),
            leaves_per_min=int(self.minute.total("leave", now)),
            commenters_per_min=self.commenters.count(now),
            likes_per_min=int(self.minute.total("like", now)),
            clicks_per_min=int(self.minute.total("click", now)),
            dwell_seconds=round(self.minute.total("dwell", now) / dwells, 1) if dwells else None,
            follows=int(self.sums.get("follow", 0)),
            shares=int(self.sums.get("share", 0)),
            clicks=int(self.sums.get("click", 0)),
            carts=int(self.sums.get("cart", 0)),
            gifts=dict(self.gifts),
            funnel=self.funnel(now, usual),
        )

    def funnel(self, now: int, usual: Usual | None = None) -> Funnel:
        """The way from viewer to order over the last ten minutes, and the step that loses most against its usual share."""
        readings = self.levels.total("readings", now)
        before = round(self.levels.total("sum", now) / readings) if readings else self.viewers
        steps = [FunnelStep(step="viewers", count=before)]
        worst: tuple[float, str] | None = None
        for name in _STEPS:
            count = self.steps[name].count(now)
            steps.append(FunnelStep(step=name, count=count, share=round(count / before, 4) if before else None))
            if usual is not None and before >= usual.least:
                part = count / before / usual.shares[name]
                if part < usual.leak and (worst is None or part < worst[0]):
                    worst = part, name
            before = count
        return Funnel(steps=steps, leak=worst[1] if worst else None)


def _earn(sums: dict[str, float], currency: str, value: float) -> None:
    if currency in sums or len(sums) < CURRENCIES:
        sums[currency] = round(sums.get(currency, 0.0) + value, 2)
