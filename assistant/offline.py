"""Runs a recorded session through the whole flow in virtual time, without a service and without shedding.

Time is the session's own (`t` seconds from the epoch), each message is finished before the next begins, so the same session
gives the same events on every run.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TextIO

from assistant import events
from assistant.detect import Detector
from assistant.detect.grams import grams
from assistant.engines.direct import Direct
from assistant.errors import InputFileError, NoRoute, WireError
from assistant.glossary.layers import Glossaries, Shelf, product_terms
from assistant.guard.comments import Comments
from assistant.limits import Limits
from assistant.markets import Markets
from assistant.memory import Memory
from assistant.memory.files import load
from assistant.packs.library import read_library
from assistant.publish import Hub
from assistant.record import Record
from assistant.replay import Step
from assistant.room import Room
from assistant.roomfile import RoomFile
from assistant.schedule import Scheduler
from assistant.shipped import layers
from assistant.signals.read import Reader
from assistant.talk import Talk, guarded
from assistant.understanding import Understanding
from assistant.watch import Watch

PAGE = 1_000
SETTLING_MS = 2_000
"""Time that passes after the last message, so that what waits for time is told."""


class _Silent:
    """Nobody reads an offline run's meters."""

    def stage(self, name: str, seconds: float) -> None: ...

    def erasure(self, mode: str, erased_units: int, final_units: int) -> None: ...

    def failed(self, error: BaseException) -> None:
        logging.getLogger(__name__).error("a translation failed", exc_info=error)


async def run_offline(file: RoomFile, steps: Sequence[Step], out: Path, data: Path, progress: Callable[[int], None] = lambda done: None) -> int:
    """Write every recorded event to `out`, one JSON object a line as an admin's socket receives it; returns how many.

    Raises `InputFileError` when `out` can't be written, before the run that would be lost.
    """
    try:
        stream = out.open("w", encoding="utf-8", newline="\n")
    except OSError as error:
        raise InputFileError(str(out), 0, str(error)) from None
    with stream:
        return await _run(file, steps, stream, data, progress)


async def _run(file: RoomFile, steps: Sequence[Step], stream: TextIO, data: Path, progress: Callable[[int], None]) -> int:
    direct = Direct(layers(data, "models"))
    scripts = layers(data, "talk_scripts")
    library = read_library(scripts)
    markets = library.markets
    watch = Watch(file, library.book(file.markets), markets, Comments())
    now = 0

    class _Engine:
        def translate(self, batch):
            return direct.decode(batch)

    _prove(direct, file, markets)
    names = {hop.model for source, targets in direct.routes.languages().items() for target in targets for hop in direct.routes.find(source, target).hops}
    scheduler = Scheduler({name: _Engine() for name in names}, Limits(workers=1, comments=1_000_000))
    with tempfile.TemporaryDirectory(prefix="liveroom-replay-", ignore_cleanup_errors=True) as folder:
        record, memory = Record(Path(folder)), Memory()
        for problem in load(memory, data / "memory"):
            logging.getLogger(__name__).error("memory file: %s", problem)
        room = Room(
            file, markets=markets, routes=direct.routes, scheduler=scheduler, record=record,
            detector=Detector(), reader=Reader(grams), hub=Hub(lambda subscriber: None), meter=_Silent(), key=_key(data), clock=lambda: now,
            glossaries=Glossaries(Shelf(layers(data, "glossaries")), product_terms(file.products)), memory=memory,
            watch=watch, understanding=Understanding(file, markets, Talk(file, library.packs, library.lines, markets, guarded(watch))),
        )
        record.start(asyncio.get_running_loop(), on_commit=lambda _, rows: room.committed(rows))
        try:
            await room.start()
            for done, step in enumerate(steps, 1):
                now = int(step.t * 1000)
                with contextlib.suppress(WireError):  # refused live as well: no event
                    await room.receive(step.message)
                await room.drain(600)
                progress(done)
            now += SETTLING_MS
            room.stats()
            await room.drain(600)
            return await _write(record, file.id, stream)
        finally:
            await scheduler.close()
            await record.close()


def _prove(direct: Direct, file: RoomFile, markets: Markets) -> None:
    """Try the marks of the models that the room's own languages take, as the service does at its start."""
    langs = {*(file.subtitle_languages or markets.languages(file.markets)), *markets.languages(file.markets), file.host_language, file.moderators}
    for lang in sorted(langs):
        for pair in ((file.host_language, lang), (lang, file.moderators), (file.moderators, lang)):
            with contextlib.suppress(NoRoute):
                direct.prove(*pair)


def _key(data: Path) -> bytes:
    """The data folder's key for pseudonyms, so that viewers are called as in the room; without one a fixed key."""
    file = data / "pseudonym.key"
    return file.read_bytes() if file.is_file() else b"offline"


async def _write(record: Record, room: str, stream: TextIO) -> int:
    seq = 0
    while rows := await record.after(room, seq, PAGE):
        for row in rows:
            stream.write(events.recorded(row.type, row.seq, row.at, row.body) + "\n")
        seq = rows[-1].seq
    return seq
