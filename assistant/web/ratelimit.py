"""A token bucket: how many messages a second a connection may send."""

from __future__ import annotations


class Bucket:
    """Allows `rate` messages a second on average and `burst` at once (default: one second's worth, at least one).

    Time (seconds, from any monotonic clock) is an argument; going backwards neither gives nor takes.
    """

    __slots__ = ("_burst", "_level", "_rate", "_seen")

    def __init__(self, rate: float, burst: float | None = None) -> None:
        if rate <= 0:
            raise ValueError("a rate is more than 0")
        self._rate = rate
        self._burst = max(1.0, rate if burst is None else burst)
        self._level = self._burst
        self._seen: float | None = None

    def take(self, now: float, cost: float = 1.0) -> bool:
        """Whether a message of this cost may pass now; a refused one costs nothing."""
        if self._seen is not None and now > self._seen:
            self._level = min(self._burst, self._level + (now - self._seen) * self._rate)
        if self._seen is None or now > self._seen:
            self._seen = now
        if self._level < cost:
            return False
        self._level -= cost
        return True
