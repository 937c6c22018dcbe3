"""What waits in front of a model, and which of the waiting comments share a batch."""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from dataclasses import dataclass
from enum import IntEnum
from itertools import islice

from assistant.translate.request import Decoded, Request

CHOICE = 4
"""Waiting comments looked at for each place in a batch."""


class Lane(IntEnum):
    """Who goes first."""

    FINAL = 0
    PARTIAL = 1
    COMMENT = 2
    RETRY = 3
    """Guarded retries of comments: they take other decoding options, so they are decoded apart, a batch at a time."""


@dataclass(slots=True, eq=False)
class Job:
    """A request that waits or runs, and who waits for its answer."""

    request: Request
    lane: Lane
    room: str
    key: str | None
    future: asyncio.Future[Decoded]
    waiters: int = 1


def alike(rooms: OrderedDict[str, deque[Job]], size: int) -> list[Job]:
    """Take up to `size` jobs out of the rooms' queues, sorted by length.

    The rooms take turns. The first is the oldest of the room whose turn it is, so that nobody waits for ever; the others are those
    nearest to it in length among the oldest of their rooms: padding costs a model as much as text.
    """
    turn = next(iter(rooms))
    pivot = length(rooms[turn][0])
    asked = list(islice(rooms, size))
    share = -(-CHOICE * size // len(asked))
    # Nearest last, since they are popped; of equally near ones the older goes first.
    near = [sorted(islice(rooms[room], share), key=lambda job: abs(length(job) - pivot))[::-1] for room in asked]
    near[0].remove(rooms[turn][0])
    near[0].append(rooms[turn][0])
    chosen: list[Job] = []
    while len(chosen) < size and any(near):
        chosen += [jobs.pop() for jobs in near if jobs][: size - len(chosen)]
    taken = set(chosen)
    for room in asked:
        queue = rooms.pop(room)
        left = [job for job in (queue.popleft() for _ in range(min(share, len(queue)))) if job not in taken]
        queue.extendleft(reversed(left))
        if queue:
            rooms[room] = queue  # behind the others: their turn is next
    return sorted(chosen, key=length)


def length(job: Job) -> int:
    """Characters of the job's sentence."""
    return len(job.request.text)
