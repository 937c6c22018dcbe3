"""Sums and people of the last minutes, in slices of fixed length that fall out one after the other."""

from __future__ import annotations

from collections import Counter, deque

from assistant.signals.distinct import Distinct, together


class Sliding:
    """Sums by name over the last `slices` slices of `slice_ms` milliseconds.

    Times are epoch milliseconds. One that lies before the newest slice counts in the newest: events may arrive a little late.
    """

    def __init__(self, slice_ms: int, slices: int) -> None:
        self._slice_ms, self._slices = slice_ms, slices
        self._parts: deque[tuple[int, Counter[str]]] = deque()
        self._sums: Counter[str] = Counter()

    def add(self, name: str, value: float, now: int) -> None:
        """Count `value` under a name."""
        self._forget(now)
        index = now // self._slice_ms
        if not self._parts or self._parts[-1][0] < index:
            self._parts.append((index, Counter()))
        self._parts[-1][1][name] += value  # type: ignore[assignment]
        self._sums[name] += value  # type: ignore[assignment]

    def total(self, name: str, now: int) -> float:
        """The sum of a name over the window that ends at `now`."""
        self._forget(now)
        return round(self._sums[name], 6)

    def __len__(self) -> int:
        return len(self._parts)

    def _forget(self, now: int) -> None:
        oldest = now // self._slice_ms - self._slices
        while self._parts and self._parts[0][0] <= oldest:
            self._sums.subtract(self._parts.popleft()[1])
        if not self._parts:
            self._sums.clear()


class SlidingPeople:
    """How many different people did something within the last `slices` slices; acts without a name count one each."""

    def __init__(self, slice_ms: int, slices: int) -> None:
        self._slice_ms, self._slices = slice_ms, slices
        self._parts: deque[tuple[int, Distinct]] = deque()
        self._nameless = Sliding(slice_ms, slices)

    def add(self, name: str | None, now: int, times: float = 1) -> None:
        """Count somebody, once in the window; a nameless act `times`."""
        if name is None:
            self._nameless.add("", times, now)
            return
        self._forget(now)
        index = now // self._slice_ms
        if not self._parts or self._parts[-1][0] < index:
            self._parts.append((index, Distinct()))
        self._parts[-1][1].add(name)

    def count(self, now: int) -> int:
        """How many, in the window that ends at `now`."""
        self._forget(now)
        return together(part for _, part in self._parts) + max(0, int(self._nameless.total("", now)))

    def _forget(self, now: int) -> None:
        oldest = now // self._slice_ms - self._slices
        while self._parts and self._parts[0][0] <= oldest:
            self._parts.popleft()
