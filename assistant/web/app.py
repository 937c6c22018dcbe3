"""Builds the service in one place: settings and rooms in, a FastAPI application out."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from time import perf_counter, time

from fastapi import FastAPI, WebSocket

from assistant import __version__
from assistant.detect import Detector
from assistant.detect.grams import grams
from assistant.erasure import KEY
from assistant.errors import LiveroomError
from assistant.forgetting import watch
from assistant.glossary.layers import Glossaries, Shelf, product_terms
from assistant.guard.comments import Comments
from assistant.limits import Limits
from assistant.memory import Memory
from assistant.memory.loading import Loading
from assistant.packs.library import Library, read_library
from assistant.publish import Hub
from assistant.record import Record, Stored
from assistant.room import Room
from assistant.roomfile import RoomFile
from assistant.schedule import Engine, Scheduler
from assistant.settings import Settings
from assistant.shipped import layers
from assistant.signals.read import Reader
from assistant.talk import Talk, guarded
from assistant.translate.routes import Installed, Routes
from assistant.understanding import Understanding
from assistant.watch import Watch
from assistant.web import api, asyncapi, glossaries, libretranslate, operations, pages, sockets
from assistant.web.speak import Speaker
from assistant.web.tokens import secret_for

STATS_SECONDS = 0.5
LAG_SECONDS = 0.05


def create_app(
    settings: Settings, rooms: Sequence[RoomFile], engines: Mapping[str, Engine], installed: Sequence[Installed],
    refused: Mapping[str, str] | None = None, library: Library | None = None,
) -> FastAPI:
    """The service over loaded engines. `refused` says which models do not serve and why (for `/readyz`); `library` are the packs, if read already.

    Nothing runs until the application's lifespan starts; the data folder is made then.
    """
    routes = Routes(installed)
    metrics = operations.Metrics()
    data = Path(settings.data)
    data.mkdir(parents=True, exist_ok=True)
    record = Record(data)
    scheduler = Scheduler(engines, _limits(settings))
    secret = secret_for(settings.secret, data, settings.host)
    gate = sockets.Gate({}, record, metrics, secret, settings.rates, settings.socket_buffer_bytes)
    library = library or read_library(layers(data, "talk_scripts"))
    markets, comments = library.markets, Comments()
    detector, reader = Detector(), Reader(grams)
    shelf = Shelf(layers(data, "glossaries"))
    memory = Memory()
    loading = Loading(memory, data / "memory")
    for file in rooms:
        unknown = sorted(set(file.markets) - set(markets.names()))
        if unknown:
            raise LiveroomError(f"room {file.id}: no pack for market {unknown[0]}; there are {', '.join(markets.names())}")
    watches = {file.id: Watch(file, library.book(file.markets), markets, comments) for file in rooms}
    served = {
        file.id: Room(
            file, markets=markets, routes=routes, scheduler=scheduler, record=record, detector=detector, hub=Hub(gate.drop),
            meter=metrics, key=_key(data), clock=_now, glossaries=Glossaries(shelf, product_terms(file.products)), memory=memory,
            reader=reader,
            watch=watches[file.id], understanding=Understanding(file, markets, Talk(file, library.packs, library.lines, markets, guarded(watches[file.id]))),
        )
        for file in rooms
    }
    gate.rooms = served

    def committed(room: str, rows: Sequence[Stored]) -> None:
        if room in served:
            served[room].committed(rows)

    @contextlib.asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        record.start(asyncio.get_running_loop(), on_commit=committed)
        await loading.start()
        for room in served.values():
            _keep(room.file, data)
            await room.start()
        works = (_beat(served, metrics, scheduler), glossaries.watch(shelf, metrics), watch(record, served))
        beats = [asyncio.create_task(work) for work in works]
        try:
            yield
        finally:
            gate.draining = True
            await loading.stop()
            for beat in beats:
                beat.cancel()
            for room in served.values():
                await room.drain()
            await scheduler.close()
            await record.close()

    app = FastAPI(title="liveroom", version=__version__, lifespan=lifespan)
    speaker = Speaker(routes, scheduler, detector)
    status = operations.Status(
        models=lambda: sorted(engines), refused=dict(refused or {}), record=record, scheduler=scheduler, draining=lambda: gate.draining,
        glossaries=lambda: shelf.faults,
    )
    app.include_router(operations.router(metrics, status, secret))
    app.include_router(libretranslate.router(speaker, routes, secret, open_api=settings.open_api, shelf=shelf, markets=markets.names()))
    app.include_router(api.router(served, record, secret))
    app.include_router(glossaries.router(served, shelf, markets.names(), secret))
    app.include_router(pages.router())
    app.include_router(asyncapi.router())

    @app.websocket("/ws/rooms/{room}")
    async def live(socket: WebSocket, room: str) -> None:
        await sockets.serve(socket, room, gate)

    return app


async def _beat(rooms: Mapping[str, Room], metrics: operations.Metrics, scheduler: Scheduler) -> None:
    """Twice a second the rooms' numbers; between them the event loop's lag."""
    due = perf_counter() + STATS_SECONDS
    while True:
        asked = perf_counter()
        await asyncio.sleep(LAG_SECONDS)
        metrics.loop_lag(max(0.0, perf_counter() - asked - LAG_SECONDS))
        if perf_counter() >= due:
            due = perf_counter() + STATS_SECONDS
            for room in rooms.values():
                room.stats()


def _limits(settings: Settings) -> Limits:
    return Limits(
        cache=settings.cache_entries, comments=settings.comment_queue, comment_batch_seconds=settings.comment_batch_seconds,
        workers=settings.workers,
    )


def _now() -> int:
    return int(time() * 1000)


def _key(data: Path) -> bytes:
    """The key of the viewers' pseudonyms: made once, kept in the data folder, never the token secret."""
    file = data / KEY
    if not file.exists():
        file.write_bytes(secrets.token_bytes(32))
    return file.read_bytes()


def _keep(file: RoomFile, data: Path) -> None:
    """Keep the room as served, for the commands that read the data folder later."""
    folder = data / "rooms"
    folder.mkdir(exist_ok=True)
    (folder / f"{file.id}.json").write_text(file.model_dump_json(indent=1, by_alias=True), encoding="utf-8")


