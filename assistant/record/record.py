"""What the event loop sees of the record: it awaits, threads do the work.

Everything here runs on one event loop. A committed group reaches it in one call: first the numbers advance, then `on_commit`
hears of the new entries in the order of their numbers, then those who wait get their answer.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import cast

from assistant.errors import RecordingLost, WireError
from assistant.record import reader
from assistant.record.entries import Counters, Entry, Erasure, Stored, StreamSpan
from assistant.record.ledger import Ledger
from assistant.record.schema import Connect, connect, open_to_read, prepare
from assistant.record.writer import Append, Erase, Outcome, Writer

OnCommit = Callable[[str, Sequence[Stored]], None]
"""Called with a room and its new entries of one committed group, in the order of their numbers."""


class Record:
    """The numbered logs of all rooms in `folder`.

    `queue` bounds the entries that wait to be written. `connect` opens every connection (see `schema.connect`).
    """

    def __init__(self, folder: Path, *, queue: int = 10_000, connect: Connect = connect) -> None:
        """Create or migrate the file; raises `LiveroomError` when that cannot be done."""
        self.path = prepare(Path(folder), connect)
        self.healthy = True
        """Whether the last write succeeded."""
        self.lost_since: float | None = None
        """Epoch seconds since when nothing could be written; None while healthy."""
        self.lost_reason: str | None = None
        """What SQLite says about it."""
        self.waiting = 0
        """Entries queued or being written."""
        self.counters = Counters()
        self._queue = queue
        self._connect = connect
        self._readers = reader.Readers(self.path, connect)
        with closing(open_to_read(self.path, connect)) as db:
            self._last = reader.last_seqs(db)
        self._writer: Writer | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._on_commit: OnCommit | None = None
        self._log = logging.getLogger(__name__)

    def start(self, loop: asyncio.AbstractEventLoop, *, on_commit: OnCommit | None = None) -> None:
        """Begin to record; reading works without."""
        self._loop = loop
        self._on_commit = on_commit
        self._writer = Writer(Ledger(self.path, self._connect), loop, self._settle, self._log)
        self._writer.start()

    async def close(self) -> None:
        """Refuse new calls, write what is queued, answer those who wait, close the file."""
        writer, self._writer = self._writer, None
        await self._readers.close()  # before the writer: the last to close, if it may write, folds the WAL into the file
        if writer is not None:
            await writer.stop()

    async def append(self, room: str, entries: Sequence[Entry]) -> list[Stored]:
        """Record the entries with consecutive numbers, all or none; durable when this returns.

        One result per entry. Raises `RecordingLost` when the disk refuses, `WireError("overloaded")` when too much waits and
        `WireError("bad_message")` for text that is no Unicode. Cancelling the wait does not take the entries back.
        """
        if not entries:
            return []
        writer = self._accept(len(entries))
        future: asyncio.Future[list[Stored]] = writer.loop.create_future()
        writer.put(Append(room, entries, future))
        return await future

    async def erase(self, room: str, seqs: Sequence[int] = (), *, user: str | None = None) -> list[int]:
        """Erase entries by number and by pseudonym; returns the numbers that were erased now, in order.

        Number, time and stream stay; type becomes `erased`, the body `{}`; key and user are gone, from the disk too. Appends
        asked for earlier are written before, so they are found. Raises like `append`.
        """
        writer = self._accept(1)
        future: asyncio.Future[list[int]] = writer.loop.create_future()
        writer.put(Erase(room, tuple(seqs), user, future))
        return await future

    def last_seq(self, room: str) -> int:
        """The number of the room's last event, 0 without any."""
        return self._last.get(room, 0)

    def rooms(self) -> list[str]:
        """The rooms that have events."""
        return sorted(self._last)

    async def after(self, room: str, seq: int, limit: int = 1000, *, stream: str | None = None) -> list[Stored]:
        """The events with a higher number, in order, at most `limit`; of one stream only when it is given."""
        return await self._readers.read(partial(reader.after, room=room, seq=seq, limit=limit, stream=stream))

    async def get(self, room: str, seq: int) -> Stored | None:
        """The event with this number."""
        return await self._readers.read(partial(reader.get, room=room, seq=seq))

    async def find(self, room: str, key: str) -> Stored | None:
        """The event recorded under this key; one that still waits to be written is not found."""
        return await self._readers.read(partial(reader.find, room=room, key=key))

    async def corrections(self, room: str, limit: int) -> list[tuple[Stored, Stored]]:
        """The newest `limit` corrections, oldest first, each with the event that it corrects; without erased ones."""
        return await self._readers.read(partial(reader.corrections, room=room, limit=limit))

    async def answers(self, room: str, until: int, limit: int = 50_000) -> list[Stored]:
        """The newest `limit` suggestions and feedbacks up to number `until`, oldest first."""
        return await self._readers.read(partial(reader.answers, room=room, until=until, limit=limit))

    async def erasures(self, after: int) -> list[Erasure]:
        """The viewers that another process erased after erasure number `after`, at most 100; with -1 only the newest."""
        return await self._readers.read(partial(reader.erasures, after=after))

    async def streams(self, room: str) -> list[StreamSpan]:
        """The room's broadcasts, oldest first."""
        return await self._readers.read(partial(reader.streams, room=room))

    def _accept(self, size: int) -> Writer:
        if self._writer is None:
            raise RecordingLost("the record is not open for writing")
        if self.waiting + size > self._queue:
            self.counters.refused += size
            raise WireError("overloaded", "too many events wait to be recorded")
        self.waiting += size
        return self._writer

    def _settle(self, outcome: Outcome) -> None:
        """Take over how a group went."""
        self._note(outcome)
        for job in outcome.jobs:
            self.waiting -= job.size
        if outcome.failure is not None:
            for job in outcome.jobs:
                if not job.future.done():
                    job.future.set_exception(outcome.failure())
            return
        for room, stored in self._new(outcome).items():
            self._last[room] = stored[-1].seq
            self._announce(room, stored)
        for job, result in zip(outcome.jobs, outcome.results, strict=True):
            if not job.future.done():
                job.future.set_result(result)  # type: ignore[arg-type]

    def _new(self, outcome: Outcome) -> dict[str, list[Stored]]:
        """What a group wrote, by room."""
        new: dict[str, list[Stored]] = {}
        for job, result in zip(outcome.jobs, outcome.results, strict=True):
            if isinstance(job, Append):
                written = [stored for stored in cast(list[Stored], result) if stored.new]
                self.counters.entries += len(written)
                self.counters.repeated += len(result) - len(written)
                if written:
                    new.setdefault(job.room, []).extend(written)
        return new

    def _announce(self, room: str, stored: Sequence[Stored]) -> None:
        if self._on_commit is None:
            return
        try:
            self._on_commit(room, stored)
        except Exception as error:  # the events are recorded; their senders must hear so whatever the listener does
            assert self._loop is not None
            self._loop.call_exception_handler({"message": "on_commit of the record failed", "exception": error})

    def _note(self, outcome: Outcome) -> None:
        """Health, counters and the log."""
        self.counters.seconds += outcome.seconds
        if outcome.failure is None:
            self.counters.groups += bool(outcome.jobs)
        elif outcome.lost is not None:
            self.counters.lost += sum(job.size for job in outcome.jobs)
        if outcome.lost is not None and self.healthy:
            self.lost_since = time.time()
            self._log.error("recording lost: %s", outcome.lost)
        elif outcome.lost is None and not self.healthy:
            self.lost_since = None
            self._log.warning("recording works again")
        self.healthy = outcome.lost is None
        self.lost_reason = outcome.lost
