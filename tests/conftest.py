"""The real service for tests: a real server on a free port, real SQLite, real engines."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect

from assistant.engines import load
from assistant.models.folder import scan
from assistant.packs.library import Library, read_library
from assistant.roomfile import RoomFile, read_room
from assistant.schedule import Engine
from assistant.settings import read_settings
from assistant.shipped import SAMPLE, shipped
from assistant.translate.routes import Installed
from assistant.web.app import create_app
from assistant.web.server import server
from assistant.web.tokens import issue, secret_for


@dataclass(frozen=True)
class Embedded:
    """The shipped models, loaded once for all tests."""

    engines: Mapping[str, Engine]
    installed: Sequence[Installed]


@pytest.fixture(scope="session")
def embedded() -> Embedded:
    folders, broken = scan([shipped("models")])
    assert folders and not broken
    return Embedded({folder.name: load(folder) for folder in folders}, [folder.routing() for folder in folders])


@dataclass
class Client:
    """A socket that speaks JSON."""

    socket: ClientConnection

    async def say(self, **message: Any) -> dict[str, Any]:
        """Send a message and wait for its answer."""
        ref = message.setdefault("ref", f"t{time.monotonic_ns()}")
        await self.socket.send(json.dumps(message, ensure_ascii=False))
        return await self.until(lambda event: event.get("ref") == ref)

    async def raw(self, frame: str | bytes) -> None:
        await self.socket.send(frame)

    async def next(self, seconds: float = 5.0) -> dict[str, Any]:
        return json.loads(await asyncio.wait_for(self.socket.recv(), seconds))

    async def until(self, wanted: Callable[[dict[str, Any]], bool], seconds: float = 10.0) -> dict[str, Any]:
        """The first event that is wanted; others are passed over."""
        async with asyncio.timeout(seconds):
            while not wanted(event := await self.next(seconds)):
                pass
        return event

    async def events(self, count: int, *types: str, seconds: float = 20.0) -> list[dict[str, Any]]:
        """The next `count` events of some types."""
        found: list[dict[str, Any]] = []
        async with asyncio.timeout(seconds):
            while len(found) < count:
                event = await self.next(seconds)
                if not types or event["type"] in types:
                    found.append(event)
        return found

    async def quiet(self, seconds: float = 0.3) -> list[dict[str, Any]]:
        """What comes until nothing but stats came for a while."""
        found = []
        while True:
            try:
                event = await self.next(seconds)
            except TimeoutError:
                return found
            if event["type"] == "stats" and len(found) and found[-1]["type"] == "stats":
                return [event for event in found if event["type"] != "stats"]
            found.append(event)


@dataclass
class Running:
    """A running service."""

    url: str
    secret: str
    data: Path
    app: Any
    stop: Callable[[], None]

    def token(self, role: str, room: str = "sample", ttl: float = 600, chat: bool = False) -> str:
        return issue(self.secret, room, role, ttl, chat=chat, now=time.time())

    def address(self, role: str, room: str = "sample", **query: str) -> str:
        extra = "".join(f"&{name}={value}" for name, value in query.items())
        return f"{self.url.replace('http', 'ws', 1)}/ws/rooms/{room}?token={self.token(role, room)}{extra}"

    @asynccontextmanager
    async def client(self, role: str, room: str = "sample", **query: str) -> AsyncIterator[Client]:
        async with connect(self.address(role, room, **query), max_size=2**22, max_queue=2**16) as socket:
            yield Client(socket)


@pytest.fixture
def sample_room() -> RoomFile:
    return read_room(SAMPLE / "ROOM.toml")


@pytest.fixture(scope="session")
def library() -> Library:
    """The shipped packs, read and compiled once: they are what a service start spends most of its time on."""
    return read_library([shipped("talk_scripts")])


@pytest.fixture
def run_service(embedded: Embedded, library: Library, sample_room: RoomFile, tmp_path: Path):
    """Start the real service: `async with run_service() as running`. Settings go by name, engines can be replaced."""

    @asynccontextmanager
    async def run(
        data: Path | None = None, rooms: Sequence[RoomFile] | None = None, engines: Mapping[str, Engine] | None = None,
        installed: Sequence[Installed] | None = None, **settings: Any,
    ) -> AsyncIterator[Running]:
        folder = data or tmp_path / "data"
        chosen = read_settings(None, {"data": folder, "port": 0, "log_level": "error", **settings})
        packs = None if (folder / "talk_scripts").is_dir() else library
        app = create_app(chosen, rooms or [sample_room], engines or embedded.engines, installed or embedded.installed, library=packs)
        ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        service = server(chosen, app, ready.set_result)
        service.install_signal_handlers = lambda: None
        serving = asyncio.create_task(service.serve())
        await asyncio.wait({serving, ready}, return_when=asyncio.FIRST_COMPLETED)
        if not ready.done():
            await serving

        def stop() -> None:
            service.should_exit = True

        try:
            yield Running(await ready, secret_for(chosen.secret, folder, chosen.host), folder, app, stop)
        finally:
            stop()
            await asyncio.wait_for(serving, 30)

    return run


@pytest.fixture
async def service(run_service) -> AsyncIterator[Running]:
    async with run_service() as running:
        yield running
