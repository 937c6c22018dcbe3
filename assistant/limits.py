"""What bounds the scheduler, and what it counts."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of the queue; all counts are requests (sentences)."""

    cache: int = 10_000
    comments: int = 1_000
    finals: int = 2_000
    batch: int = 64
    smallest_batch: int = 8
    """Of comments, where as many wait; twice that while the hosts are silent."""
    comment_batch_seconds: float = 0.03
    quiet_batch_seconds: float = 1.0
    quiet_after_seconds: float = 3.0
    """How long after a host's last line or partial the hosts count as silent."""
    workers: int = 2
    """Threads per model, one batch each at a time."""


@dataclass(slots=True)
class Counters:
    """What `/metrics` reads."""

    hits: int = 0
    misses: int = 0
    joined: int = 0
    shed: int = 0
    superseded: int = 0
    batches: int = 0
    decoded: int = 0
    decode_seconds: float = 0.0
