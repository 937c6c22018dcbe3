"""A room's flow without a socket: a real record and scheduler, a scripted engine, a clock that the test moves."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from assistant import events
from assistant.detect import Detector
from assistant.guard import Rule, Rulebook
from assistant.guard.comments import Comments
from assistant.limits import Limits
from assistant.markets import read_markets
from assistant.publish import Hub, Subscriber, visible
from assistant.record import Record, Stored
from assistant.room import Room
from assistant.roomfile import RoomFile
from assistant.schedule import Scheduler
from assistant.shipped import shipped
from assistant.signals.read import Reader
from assistant.translate.request import Decoded, Request
from assistant.translate.routes import Installed, Routes
from assistant.watch import Watch

NOON = 1_790_000_000_000
MINUTE = 60_000
LANGUAGES = frozenset({"zh", "en", "ar", "ja", "id", "th", "vi", "ms"})
WORDS = {
    "ar": "واحد اثنان ثلاثة أربعة خمسة ستة سبعة ثمانية",
    "th": "หนึ่ง สอง สาม สี่ ห้า หก เจ็ด แปด",
    "ja": "あ い う え お か き く",
    "zh": "甲 乙 丙 丁 戊 己 庚 辛",
}
DETECTOR = Detector()
COMMENTS = Comments()


def rendered(text: str, target: str) -> str:
    """What the engine makes of a text: the longer it is the more words, always with the stop that models like to invent."""
    words = WORDS.get(target, "one two three four five six seven eight").split()[: max(1, len(text) // 2)]
    return ("" if target in ("zh", "ja") else " ").join(words) + "."


class Scripted:
    """Answers when `go` is set; notes what it was asked; breaks when told to."""

    def __init__(self) -> None:
        self.go, self.asked, self.broken = threading.Event(), list[Request](), False
        self.taken = threading.Semaphore(0)
        """Counts the batches taken up."""
        self.go.set()

    def translate(self, batch: Sequence[Request]) -> list[Decoded]:
        self.asked += batch
        self.taken.release()
        assert self.go.wait(10)
        if self.broken:
            raise RuntimeError("the model broke")
        return [Decoded(rendered(request.text, request.target)) for request in batch]

    async def busy(self) -> None:
        """Wait until a batch was taken up."""
        assert await asyncio.to_thread(self.taken.acquire, timeout=10)

    def texts(self, target: str) -> list[str]:
        return [request.text for request in self.asked if request.target == target]


@dataclass
class Meter:
    """Notes what the room reports."""

    failures: list[BaseException] = field(default_factory=list)
    erasures: list[tuple[str, int, int]] = field(default_factory=list)

    def stage(self, name: str, seconds: float) -> None: ...

    def erasure(self, mode: str, erased_units: int, final_units: int) -> None:
        self.erasures.append((mode, erased_units, final_units))

    def failed(self, error: BaseException) -> None:
        self.failures.append(error)


@dataclass
class Flow:
    """A running room and what an admin sees of it."""

    room: Room
    record: Record
    engine: Scripted
    meter: Meter
    now: int = NOON
    seen: list[dict[str, Any]] = field(default_factory=list)

    async def say(self, **message: Any) -> int | None:
        return await self.room.receive(events.parse(json.dumps(message)))

    async def speech(self, segment: str, rev: int, text: str, final: bool = False, **more: Any) -> int | None:
        return await self.say(type="speech", segment=segment, rev=rev, final=final, text=text, **more)

    async def comment(self, id_: str, text: str, user: str = "u1", **more: Any) -> int | None:
        return await self.say(type="comment", id=id_, user={"id": user}, text=text, **more)

    async def settled(self) -> None:
        """Everything that was under way is done and published."""
        await self.room.drain(10)
        await asyncio.sleep(0)

    def watch(self, lang: str, stability: events.Stability) -> list[dict[str, Any]]:
        """What a viewer of one language and mode sees from now on."""
        found: list[dict[str, Any]] = []
        self.room.hub.add(_subscriber(found, "viewer", stability, frozenset({lang})))
        return found

    def of(self, type_: str, **fields: Any) -> list[dict[str, Any]]:
        """The events seen of a type, with these fields."""
        return [event for event in self.seen if event["type"] == type_ and all(event[name] == value for name, value in fields.items())]

    async def kept(self) -> list[Stored]:
        return await self.record.after(self.room.file.id, 0, 20_000)


def _subscriber(found: list[dict[str, Any]], role: events.Role, stability: events.Stability, langs: frozenset[str] | None) -> Subscriber:
    def send(frame: bytes) -> bool:
        found.append(json.loads(frame))
        return True

    return Subscriber(role=role, send=send, types=visible(role, False, None), langs=langs, stability=stability)


def room_file(**more: Any) -> RoomFile:
    return RoomFile(**{"id": "r", "host_language": "zh", "markets": ["middle_east", "japan"], "subtitle_languages": ["en", "ar", "zh"], **more})


@asynccontextmanager
async def flowing(
    folder: Path, *, admin: bool = True, limits: Limits | None = None, now: int = NOON, rules: Mapping[str, Sequence[Rule]] | None = None,
    reader: Reader | None = None, **file: Any,
) -> AsyncIterator[Flow]:
    """Run a room over the record in `folder`; `admin` adds a watcher of everything in mode `fast`, `rules` are the guard's."""
    engine, meter, record = Scripted(), Meter(), Record(folder)
    scheduler = Scheduler({"m": engine}, limits or Limits(workers=1))
    book = Rulebook([rule for name in room_file(**file).markets for rule in (rules or {}).get(name, ())])
    room = Room(
        room_file(**file), markets=read_markets([shipped("talk_scripts")]), routes=Routes([Installed("m", LANGUAGES, LANGUAGES)]), scheduler=scheduler,
        record=record, detector=DETECTOR, hub=Hub(lambda subscriber: None), meter=meter, key=b"key", clock=lambda: flow.now,
        watch=Watch(room_file(**file), book, read_markets([shipped("talk_scripts")]), COMMENTS), reader=reader,
    )
    flow = Flow(room, record, engine, meter, now)
    if admin:
        room.hub.add(_subscriber(flow.seen, "admin", "fast", None))
    record.start(asyncio.get_running_loop(), on_commit=lambda _, rows: room.committed(rows))
    try:
        await room.start()
        yield flow
    finally:
        engine.go.set()
        await flow.settled()
        await scheduler.close()
        await record.close()
