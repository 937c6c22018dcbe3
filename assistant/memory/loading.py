"""Reads the memory files beside the event loop: a large memory takes a while, and a room does not wait for it."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

from assistant.memory.files import load
from assistant.memory.store import Memory

PATIENCE = 5.0
"""Seconds that a start waits for the files; what is not read by then goes on being read while the room serves."""


class Loading:
    """Fills a memory from a folder in a thread. A bad file is named in the log, the others serve."""

    def __init__(self, memory: Memory, folder: Path) -> None:
        self._memory, self._folder, self._stopped = memory, folder, False
        self._work: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin, and wait for the end for `PATIENCE` seconds at most."""
        self._work = asyncio.create_task(self._read())
        await asyncio.wait({self._work}, timeout=PATIENCE)

    async def stop(self) -> None:
        """Leave off and wait until it is left off."""
        self._stopped = True
        if self._work is not None:
            await self._work

    async def _read(self) -> None:
        log = logging.getLogger(__name__)
        problems = await asyncio.to_thread(load, self._memory, self._folder, lambda: not self._stopped)
        for problem in problems:
            log.error("memory file: %s", problem)
        if len(self._memory):
            log.info("translation memory: %d sentences", len(self._memory))
