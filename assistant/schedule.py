"""One queue in front of the models, for all rooms.

Rules:
- Final speech goes before partial speech, partial speech before comments; within a lane the rooms take turns.
- A request equal to one in flight waits for that one; finished answers are kept in an LRU cache.
- A newer partial (same `key`) takes the place of a waiting older one.
- Comments beyond the bound push the oldest waiting comment out (`Shed`); host lines are never shed. Final lines beyond
  their own, far bound are refused (`overloaded`), so nothing here grows without limit.
- Comments of like length share a batch, since padding costs a model as much as text; the oldest always goes.
- A model's batches run on threads that model owns, so the event loop never waits for one. What waits is shared out among
  its free threads: a line's seven languages are decoded side by side. While a host speaks, comments leave one thread free
  and their batches are kept to about `comment_batch_seconds`, since a line that arrives now competes with the batch that
  runs; else to `quiet_batch_seconds`, since longer batches cost less a comment.

Everything runs on one event loop; only `Engine.translate` runs elsewhere.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from time import perf_counter
from typing import Protocol

from assistant.errors import LiveroomError, WireError
from assistant.limits import Counters, Limits
from assistant.recent import Recent
from assistant.translate import Steps, Translation
from assistant.translate.request import Decoded, Request
from assistant.waiting import Job, Lane, alike, length

TURN = 4
"""Answers handed out before the event loop turns to something else."""


class Engine(Protocol):
    """A loaded model. `translate` blocks and is called only from the model's own threads."""

    def translate(self, batch: Sequence[Request]) -> list[Decoded]: ...


class Shed(LiveroomError):
    """The request was pushed out: by newer comments under overload, or by a newer revision of the same partial."""


@dataclass(slots=True)
class _Model:
    """One model's engine, threads and waiting jobs: per lane, per room, first in first out."""

    engine: Engine
    threads: ThreadPoolExecutor
    lanes: list[OrderedDict[str, deque[Job]]] = field(default_factory=lambda: [OrderedDict() for _ in Lane])
    busy: int = 0
    due: bool = False  # whether `_pump` is about to run
    item_seconds: float = 0.005  # moving average of decode time per request


class Scheduler:
    """Decodes requests for everybody; see the module's rules."""

    def __init__(self, engines: Mapping[str, Engine], limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self.counters = Counters()
        self._models = {
            name: _Model(engine, ThreadPoolExecutor(self.limits.workers, thread_name_prefix=f"model-{name}"))
            for name, engine in engines.items()
        }
        self._cache: Recent[Request, Decoded] = Recent(self.limits.cache)
        self._flying: dict[Request, Job] = {}
        self._keyed: dict[tuple[str, str], Job] = {}
        self._waiting = [0] * len(Lane)
        self._spoken = float("-inf")
        """When a host was last heard (`perf_counter`)."""

    def clear(self) -> None:
        """Forget the finished answers."""
        self._cache.clear()

    async def decode(self, requests: Sequence[Request], lane: Lane, room: str, key: str | None = None) -> list[Decoded]:
        """The answers, in order. Raises `Shed`, or `WireError` `overloaded` when even final lines pile up.

        `key` (with its position in `requests`) names what a newer call replaces while this one still waits.
        """
        jobs: list[asyncio.Future[Decoded] | Decoded] = []
        for index, request in enumerate(requests):
            lane = Lane.RETRY if request.again and lane >= Lane.COMMENT else lane
            if (known := self._cache.get(request)) is not None:
                self.counters.hits += 1
                jobs.append(known)
            else:
                jobs.append(self._submit(request, lane, room, f"{key}/{index}" if key else None))
        answers: list[Decoded] = []
        try:
            for job in jobs:
                answers.append(job if isinstance(job, Decoded) else await asyncio.shield(job))
        finally:
            for job in jobs[len(answers) :]:
                if isinstance(job, asyncio.Future):
                    job.add_done_callback(_retrieve)
        return answers

    async def drive(self, steps: Steps, lane: Lane, room: str, key: str | None = None) -> Translation:
        """Run a translation's steps with `decode`; raises what that raises, and `NoRoute`."""
        try:
            requests = next(steps)
            while True:
                requests = steps.send(await self.decode(requests, lane, room, key))
        except StopIteration as stop:
            return stop.value

    def depth(self) -> dict[str, int]:
        """Waiting requests per lane."""
        return {lane.name.lower(): self._waiting[lane] for lane in Lane}

    async def close(self) -> None:
        """Let the running batches end and free the threads; whatever still waits is shed."""
        for model in self._models.values():
            for rooms in model.lanes:
                for queue in rooms.values():
                    for job in queue:
                        self._end(job, Shed("the service is stopping"))
                rooms.clear()
        self._waiting = [0] * len(Lane)
        for model in self._models.values():
            await asyncio.get_running_loop().run_in_executor(None, partial(model.threads.shutdown, wait=True))

    def _submit(self, request: Request, lane: Lane, room: str, key: str | None) -> asyncio.Future[Decoded]:
        model = self._models[request.model]
        older = self._keyed.get((room, key)) if key is not None else None
        place = self._place(older) if older is not None and older.request != request and older.waiters == 1 else None
        if (flying := self._flying.get(request)) is not None:
            self.counters.joined += 1
            flying.waiters += 1
            if lane < flying.lane and self._withdraw(flying):
                flying.lane = lane
                self._enqueue(model, flying)
            return flying.future
        self.counters.misses += 1
        if lane is Lane.FINAL and self._waiting[lane] >= self.limits.finals + self.limits.workers - model.busy:
            raise WireError("overloaded", "the host's lines arrive faster than they can be translated")
        job = Job(request, lane, room, key, asyncio.get_running_loop().create_future())
        if older is not None and place is not None:  # in its very place: a line that keeps growing must not starve
            place[place.index(older)] = job
            self.counters.superseded += 1
            self._end(older, Shed("a newer revision took its place"))
        else:
            self._enqueue(model, job)
        self._flying[request] = job
        if key is not None:
            self._keyed[room, key] = job
        if lane < Lane.COMMENT:
            self._spoken = perf_counter()
        elif self._waiting[lane] > self.limits.comments:
            self._shed_oldest(lane)
        if not model.due and model.busy < self.limits.workers:  # when whoever else asks now has asked: one batch for all
            model.due = True
            asyncio.get_running_loop().call_soon(self._pump, model)
        return job.future

    def _enqueue(self, model: _Model, job: Job) -> None:
        model.lanes[job.lane].setdefault(job.room, deque()).append(job)
        self._waiting[job.lane] += 1

    def _place(self, job: Job) -> deque[Job] | None:
        """The queue a job waits in; None when it runs already."""
        queue = self._models[job.request.model].lanes[job.lane].get(job.room)
        return queue if queue is not None and job in queue else None

    def _withdraw(self, job: Job) -> bool:
        """Take a job out of its queue; False when it runs already."""
        if (queue := self._place(job)) is None:
            return False
        queue.remove(job)
        if not queue:
            del self._models[job.request.model].lanes[job.lane][job.room]
        self._waiting[job.lane] -= 1
        return True

    def _shed_oldest(self, lane: Lane) -> None:
        """Drop the oldest comment of the room that has most waiting, so that a flood drowns its own room first."""
        longest = max((queue for model in self._models.values() for queue in model.lanes[lane].values()), key=len)
        job = longest[0]
        self._withdraw(job)
        self.counters.shed += job.waiters
        self._end(job, Shed("too many comments wait"))

    def _pump(self, model: _Model) -> None:
        """Start batches while the model has a free thread and something waits."""
        model.due = False
        while model.busy < self.limits.workers and (batch := self._take(model)):
            model.busy += 1
            work = asyncio.get_running_loop().run_in_executor(
                model.threads, _timed, model.engine.translate, [job.request for job in batch]
            )
            work.add_done_callback(partial(self._finish, model, batch))

    def _take(self, model: _Model) -> list[Job]:
        """The next batch: one lane only, a job per room in turn, sorted by length."""
        retries = sum(map(len, model.lanes[Lane.RETRY].values())) >= 2 * self.limits.smallest_batch
        for lane in (Lane.FINAL, Lane.PARTIAL, *((Lane.RETRY, Lane.COMMENT) if retries else (Lane.COMMENT, Lane.RETRY))):
            rooms = model.lanes[lane]
            if not rooms:
                continue
            size, free = self.limits.batch, self.limits.workers - model.busy
            if lane >= Lane.COMMENT:
                quiet = perf_counter() - self._spoken > self.limits.quiet_after_seconds
                if not quiet and self.limits.workers > 1:
                    free -= 1  # a thread stays free for what the host says next
                    if free < 1:
                        continue
                fits = (self.limits.quiet_batch_seconds if quiet else self.limits.comment_batch_seconds) / model.item_seconds
                size = min(size, max(self.limits.smallest_batch * (2 if quiet else 1), int(fits)))
            size = min(size, -(-sum(map(len, rooms.values())) // free))
            if lane >= Lane.COMMENT:
                batch = alike(rooms, size)
                self._waiting[lane] -= len(batch)
                return batch
            batch: list[Job] = []
            while rooms and len(batch) < size:
                room, queue = rooms.popitem(last=False)
                batch.append(queue.popleft())
                if queue:
                    rooms[room] = queue
            self._waiting[lane] -= len(batch)
            return sorted(batch, key=length)
        return []

    def _finish(self, model: _Model, batch: list[Job], work: asyncio.Future[tuple[list[Decoded], float]]) -> None:
        model.busy -= 1
        if (error := work.exception()) is not None:
            for job in batch:
                self._end(job, error)
        else:
            answers, seconds = work.result()
            self.counters.batches += 1
            self.counters.decoded += len(batch)
            self.counters.decode_seconds += seconds
            model.item_seconds += 0.1 * (seconds / len(batch) - model.item_seconds)
            self._pump(model)  # first: the model works while the answers are taken on
            self._answer(list(zip(batch, answers, strict=True)))
        self._pump(model)

    def _answer(self, answers: list[tuple[Job, Decoded]]) -> None:
        """Wake those who wait, `TURN` at a time, so that what each does next never holds the event loop for a whole batch."""
        for job, answer in answers[:TURN]:
            self._end(job, answer)
        if len(answers) > TURN:
            asyncio.get_running_loop().call_soon(self._answer, answers[TURN:])

    def _end(self, job: Job, outcome: Decoded | BaseException) -> None:
        if self._flying.get(job.request) is job:
            del self._flying[job.request]
        if job.key is not None and self._keyed.get((job.room, job.key)) is job:
            del self._keyed[job.room, job.key]
        if job.future.done():
            return
        if isinstance(outcome, BaseException):
            job.future.set_exception(outcome)
            job.future.add_done_callback(_retrieve)
        else:
            job.future.set_result(outcome)
            if not job.request.shown:
                self._cache.put(job.request, outcome)


def _timed(work: Callable[[Sequence[Request]], list[Decoded]], batch: list[Request]) -> tuple[list[Decoded], float]:
    start = perf_counter()
    return work(batch), perf_counter() - start


def _retrieve(future: asyncio.Future[Decoded]) -> None:
    """Mark an exception as seen: a joined request may have nobody left who waits for it."""
    if not future.cancelled():
        future.exception()
