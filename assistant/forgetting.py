"""A service that runs while `liveroom erase` takes a viewer out of its record: the rooms forget them too, and tell who watches."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from assistant import events
from assistant.audience import Audience
from assistant.errors import WireError
from assistant.memory import Learned
from assistant.publish import Hub
from assistant.record import Erasure, Record
from assistant.record.viewer import digest
from assistant.understanding import Understanding

LOOK_SECONDS = 1.0
"""How often the record is looked at for erasures by another process."""


class Forgetting:
    """What one room holds of its viewers in memory, and how to be rid of it."""

    def __init__(self, audience: Audience, understanding: Understanding, memory: Learned, caches: Sequence[Callable[[], None]], hub: Hub) -> None:
        """`caches` empty what remembers texts without knowing whose they are."""
        self._audience, self._understanding, self._memory, self._caches, self._hub = audience, understanding, memory, caches, hub

    def forget(self, erasure: Erasure) -> None:
        """Leave nothing of an erased viewer in memory; their events are `erased` for everybody who watches."""

        def gone(user: str) -> bool:
            return digest(user) == erasure.who

        comments = self._audience.forget(frozenset(erasure.seqs), gone)
        self._understanding.forget(comments, gone)
        self._memory.forget(erasure.seqs)
        for clear in self._caches:
            clear()
        for seq in erasure.seqs:
            self._hub.publish("erased", None, events.dump(events.Erased(seq=seq)).encode())


class Remembering(Protocol):
    """A room."""

    forget: Callable[[Erasure], None]


async def watch(record: Record, rooms: Mapping[str, Remembering]) -> None:
    """Let the rooms forget whom another process erases from now on; runs until cancelled. Rooms start from a record without them."""
    seen: int | None = None
    while True:
        with contextlib.suppress(WireError):  # the disk fails, which `/readyz` tells; what was missed is read when it works again
            found = await record.erasures(-1 if seen is None else seen)
            for erasure in found if seen is not None else ():
                if erasure.room in rooms:
                    rooms[erasure.room].forget(erasure)
            seen = found[-1].id if found else seen or 0
        await asyncio.sleep(LOOK_SECONDS)
