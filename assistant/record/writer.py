"""The one writing thread: takes everything that waits, one transaction, one wake-up of the event loop (group commit).

Rules:
- Jobs are done in the order they came, so the order of `put` is the order of the numbers.
- A failing disk fails the group it met and nothing else: the next group is tried like any other, and while nothing comes
  the disk is tried every `PROBE_SECONDS`, so that a quiet room learns that it is well again.
- An append that SQLite cannot take for what is in it (not for the disk) fails alone: its group is halved until it is found.
- After an erasure the WAL is emptied too, at once or as soon as no reader is in the way.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from logging import Logger
from queue import Empty, SimpleQueue
from time import perf_counter, sleep

from assistant.errors import RecordingLost, WireError
from assistant.record.entries import Entry, Stored
from assistant.record.ledger import Ledger

GROUP = 2_000
"""Entries after which a group takes no further append."""

LINGER_SECONDS = 0.006
"""How long a group waits for more while appends come thick; a lone append never waits."""
PROBE_SECONDS = 1.0
SCRUB_SECONDS = 0.2


@dataclass(slots=True, eq=False)
class Append:
    """Entries of one room to record."""

    room: str
    entries: Sequence[Entry]
    future: asyncio.Future[list[Stored]]

    @property
    def size(self) -> int:
        return len(self.entries)


@dataclass(slots=True, eq=False)
class Erase:
    """Numbers and a user of one room to erase."""

    room: str
    seqs: Sequence[int]
    user: str | None
    future: asyncio.Future[list[int]]
    size: int = 1


Job = Append | Erase


@dataclass(slots=True)
class Outcome:
    """How a group went; what the writing thread hands to the event loop."""

    jobs: Sequence[Job] = ()
    results: Sequence[list[Stored] | list[int]] = ()
    """One per job, when it succeeded."""
    failure: Callable[[], WireError] | None = None
    """Makes the error for each job, when it failed."""
    lost: str | None = None
    """What the disk says; None: it is well."""
    seconds: float = 0.0


@dataclass(slots=True, eq=False)
class Writer:
    """Owns the ledger from `start` until `stop` is done. `settle` is called on the event loop, once per group, in order."""

    ledger: Ledger
    loop: asyncio.AbstractEventLoop
    settle: Callable[[Outcome], None]
    log: Logger
    _jobs: SimpleQueue[Job | None] = field(default_factory=SimpleQueue)
    _lost: str | None = None
    _held: list[Job | None] = field(default_factory=list)
    """At most one: what `_gather` took from the queue and may not put into its group."""
    _scrub_at: float | None = None
    """When to try again to empty the log (`perf_counter`); None: it holds nothing erased."""
    _thick: bool = False
    """Whether the last group held more than one append."""
    _stopped: asyncio.Future[None] | None = None

    def start(self) -> None:
        """Begin taking jobs."""
        self._stopped = self.loop.create_future()
        threading.Thread(target=self._run, name="liveroom-record", daemon=True).start()

    def put(self, job: Job) -> None:
        """Queue a job; the caller bounds how many."""
        self._jobs.put(job)

    async def stop(self) -> None:
        """Finish what was queued, close the file and end the thread."""
        assert self._stopped is not None
        self._jobs.put(None)
        await self._stopped

    def _run(self) -> None:
        try:
            while (job := self._next()) is not None:
                if isinstance(job, Erase):
                    self._erase(job)
                else:
                    self._commit(self._gather(job))
        finally:
            self.ledger.abandon()
            self._tell(self._end)

    def _next(self) -> Job | None:
        """The next job, None at the end; meanwhile sees to what is due."""
        if self._held:
            return self._held.pop()
        while True:
            if self._scrub_at is not None and perf_counter() >= self._scrub_at:
                self._empty_log()
            due = SCRUB_SECONDS if self._scrub_at is not None else PROBE_SECONDS if self._lost else None
            try:
                return self._jobs.get(timeout=due)
            except Empty:
                if self._lost:
                    self._probe()

    def _gather(self, first: Append) -> list[Append]:
        """A group: the appends that wait, up to an erasure or the end, which are held back for the next turn.

        While appends come thick, it waits a moment for more: each transaction costs a sync of the disk and a turn of the loop.
        """
        group, size = [first], first.size
        if self._thick:
            sleep(LINGER_SECONDS)
        while size < GROUP:
            try:
                job = self._jobs.get_nowait()
            except Empty:
                break
            if not isinstance(job, Append):
                self._held.append(job)
                break
            group.append(job)
            size += job.size
        self._thick = len(group) > 1
        return group

    def _commit(self, group: list[Append]) -> None:
        begun = perf_counter()
        try:
            results = self.ledger.write([(job.room, job.entries) for job in group])
        except Exception as error:  # every one is told to those who wait
            if _is_content(error) and len(group) > 1:
                middle = len(group) // 2
                self._commit(group[:middle])
                self._commit(group[middle:])
            else:
                self._fail(group, error, perf_counter() - begun)
        else:
            self._lost = None
            self._report(Outcome(group, results, seconds=perf_counter() - begun))

    def _erase(self, job: Erase) -> None:
        begun = perf_counter()
        try:
            erased = self.ledger.erase(job.room, job.seqs, job.user)
        except Exception as error:  # told to the one who waits
            self._fail([job], error, perf_counter() - begun)
            return
        self._lost = None
        if erased:
            self._empty_log()
        self._report(Outcome([job], [erased], seconds=perf_counter() - begun))

    def _empty_log(self) -> None:
        try:
            done = self.ledger.scrub()
        except (sqlite3.Error, OSError) as error:  # the erasure itself is durable; the log is emptied as soon as that works
            self.log.warning("erased text is still in the record's log: %s", error)
            done = False
        self._scrub_at = None if done else perf_counter() + SCRUB_SECONDS

    def _probe(self) -> None:
        begun = perf_counter()
        try:
            self.ledger.probe()
        except (sqlite3.Error, OSError) as error:
            self._lost = str(error)
        else:
            self._lost = None
        self._report(Outcome(lost=self._lost, seconds=perf_counter() - begun))

    def _fail(self, jobs: Sequence[Job], error: Exception, seconds: float) -> None:
        if _is_content(error):
            self.log.warning("an event could not be recorded: %s", type(error).__name__)
            failure = partial(WireError, "bad_message", f"this cannot be recorded: {_sentence(error)}")
        else:
            self._lost = str(error)
            failure = partial(RecordingLost, f"the event could not be recorded: {error}")
            if not isinstance(error, sqlite3.Error | OSError):
                self.log.error("writing the record failed unexpectedly", exc_info=error)
        self._report(Outcome(jobs, failure=failure, lost=self._lost, seconds=seconds))

    def _report(self, outcome: Outcome) -> None:
        self._tell(partial(self.settle, outcome))

    def _tell(self, callback: Callable[[], None]) -> None:
        try:
            self.loop.call_soon_threadsafe(callback)
        except RuntimeError:  # the loop was closed before `stop`: what was committed is safe, nobody is left to tell
            self.log.warning("the event loop ended before the record was closed")

    def _end(self) -> None:
        assert self._stopped is not None
        if not self._stopped.done():
            self._stopped.set_result(None)


def _is_content(error: Exception) -> bool:
    """Whether it was the entry's own fault: text that is no Unicode, a number too large, a wrong type."""
    kinds = (sqlite3.DataError, sqlite3.IntegrityError, sqlite3.InterfaceError, sqlite3.ProgrammingError)
    return isinstance(error, (*kinds, ValueError, TypeError, OverflowError))


def _sentence(error: Exception) -> str:
    """The reason without the text itself, which `UnicodeEncodeError` would quote."""
    return error.reason if isinstance(error, UnicodeEncodeError) else str(error)
