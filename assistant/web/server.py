"""Runs the application: loads the models, opens the port, says `ready`, drains on shutdown."""

from __future__ import annotations

import gc
import logging
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import uvicorn
from fastapi import FastAPI

from assistant.engines.marks import routing
from assistant.engines.selftest import load_serving
from assistant.errors import LiveroomError
from assistant.models.folder import scan
from assistant.roomfile import RoomFile
from assistant.settings import Settings
from assistant.shipped import layers
from assistant.web.app import create_app
from assistant.web.logs import configure
from assistant.web.sockets import MAX_FRAME, WireProtocol

SWITCH_SECONDS = 0.0005
COLLECT_AFTER = (2_000, 10, 50)
"""Objects made until the youngest are collected; how often that until the middle-aged are, and that until all are."""


class Server(uvicorn.Server):
    """uvicorn that tells when it accepts connections."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[str], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list | None = None) -> None:
        try:
            await super().startup(sockets)
        except SystemExit:  # how uvicorn says, after logging why, that it could not open the port
            where = f"{self.config.host}:{self.config.port}"
            raise LiveroomError(f"cannot listen on {where}; another program may use that port: choose another with --port") from None
        if self.started:
            _steady()
            host, port = self.servers[0].sockets[0].getsockname()[:2]
            self._ready(f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}")


def _steady() -> None:
    """Settings of the whole process that keep its event loop punctual under load.

    The loop shares the interpreter with the record's and the models' threads, which wait up to an interval for their turn
    several times a batch. And a full garbage collection that walks everything loaded so far stops it for tens of
    milliseconds: what is here to stay is exempted, the rest is walked seldom.
    """
    sys.setswitchinterval(SWITCH_SECONDS)
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)


def application(settings: Settings, rooms: Sequence[RoomFile]) -> FastAPI:
    """The service over every installed model that passes its self-test."""
    configure(settings)
    folders, broken = scan(layers(Path(settings.data), "models"))
    engines, refused = load_serving(folders, settings.engine, threads=settings.engine_threads, workers=settings.workers)
    for name, reason in {**broken, **refused}.items():
        logging.getLogger("assistant.models").warning("model %s does not serve: %s", name, reason)
    serving = [routing(folder, engines[folder.name]) for folder in folders if folder.name in engines]
    if not engines:
        logging.getLogger("assistant.models").error("no model serves; every text goes out in its own language, flagged untranslated")
    return create_app(settings, rooms, engines, serving, {**broken, **refused})


def server(settings: Settings, app: FastAPI, ready: Callable[[str], None], port: int | None = None) -> Server:
    """A server for the application; `ready` gets its URL once it accepts connections."""
    config = uvicorn.Config(
        app, host=settings.host, port=settings.port if port is None else port, ws=WireProtocol, ws_max_size=MAX_FRAME,
        ws_per_message_deflate=False, access_log=False, log_config=None, lifespan="on", timeout_graceful_shutdown=15,
        server_header=False,
    )
    return Server(config, ready)
