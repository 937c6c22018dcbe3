"""Reads a room's comments in batches on a thread, so that the event loop pays for none of them.

One batch is under way at a time; what comes meanwhile is the next. A lone comment waits for nothing but the hop to the thread.
"""

from __future__ import annotations

import asyncio
import logging

from assistant.signals.read import Reader, Reading, Written

MOST = 256
"""Comments of one batch: some 20 ms of a core."""

UNREAD = Reading((), None, 0.0)
"""Of a comment in a room that has no reader, or that could not be read."""


class Readings:
    """Built in the room; `read` may be awaited by many comments at once and answers them in their order."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._waiting: list[tuple[Written, asyncio.Future[Reading]]] = []
        self._task: asyncio.Task[None] | None = None

    async def read(self, text: str, translation: str = "") -> Reading:
        """What a comment means; `translation` is "" where there is none."""
        answer: asyncio.Future[Reading] = asyncio.get_running_loop().create_future()
        self._waiting.append((Written(text, translation), answer))
        if self._task is None:
            self._task = asyncio.create_task(self._work())
        return await answer

    async def _work(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
                try:
                    readings = await asyncio.to_thread(self._reader.read_many, [written for written, _ in batch])
                except Exception:  # a comment that was not read is still shown; the next batch goes on
                    logging.getLogger(__name__).exception("comments were not read")
                    readings = [UNREAD] * len(batch)
                for (_, answer), reading in zip(batch, readings, strict=True):
                    if not answer.done():  # its comment may have been given up
                        answer.set_result(reading)
        finally:
            self._task = None
