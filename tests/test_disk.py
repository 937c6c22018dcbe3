"""The service while the record's disk refuses: said to senders and to `/readyz`, live for everybody, and good again afterwards."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from functools import partial
from typing import Any

import pytest

from assistant.record import Record
from assistant.record.schema import connect
from tests.edge import Reply, fetch


class Disk:
    """Opens the record's connections; while `broken`, the ones that write get a read-only file."""

    def __init__(self) -> None:
        self.broken = False
        self.writers: list[sqlite3.Connection] = []

    def connect(self, uri: str) -> sqlite3.Connection:
        db = connect(uri)
        if "mode=rw" in uri:
            self.writers.append(db)
            if self.broken:
                db.execute("PRAGMA query_only = ON")
        return db

    def fail(self) -> None:
        self.broken = True
        with contextlib.suppress(sqlite3.ProgrammingError):  # closed: the next one opened fails
            self.writers[-1].execute("PRAGMA query_only = ON")

    def recover(self) -> None:
        """A failed transaction closes its connection, so the next one opened is well."""
        self.broken = False


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    disk = Disk()
    monkeypatch.setattr("assistant.web.app.Record", partial(Record, connect=disk.connect))
    return disk


async def ready(service) -> Reply:
    return await asyncio.to_thread(fetch, service.url + "/readyz")


FINAL = {"type": "speech", "segment": "s2", "rev": 4, "final": True, "text": "今天包邮。"}
COMMENT = {"type": "comment", "id": "c2", "user": {"id": "u1"}, "text": "berapa harganya kak"}


async def lost(client: Any, message: dict[str, Any]) -> None:
    answer = await client.say(**message)
    assert (answer["type"], answer["code"]) == ("error", "recording_lost") and answer["message"], answer


async def test_a_failing_disk_is_told_and_the_room_goes_on(service_on, sample_room, disk) -> None:
    languages = set(sample_room.subtitle_languages)
    async with service_on() as service, service.client("admin") as admin, service.client("admin", streams="none") as sender:
        first = await sender.say(**{**FINAL, "segment": "s1"})
        assert first["seq"] == 2
        await admin.events(9, "stream", "speech", "subtitle")
        assert (await ready(service)).status == 200

        disk.fail()
        await lost(sender, FINAL)
        await lost(sender, COMMENT)
        await lost(sender, {"type": "signal", "name": "viewers", "value": 7})
        live = await admin.events(1 + 7 + 1 + 1, "speech", "subtitle", "comment", "signal")
        assert all(event["seq"] is None and event["at"] for event in live)
        assert {event["lang"] for event in live if event["type"] == "subtitle" and event["final"] and event["text"]} == languages
        state = await ready(service)
        assert state.status == 503 and [reason["code"] for reason in state.json["reasons"]] == ["recording_lost"]
        assert b"liveroom_recording_lost 1.0" in (await asyncio.to_thread(fetch, service.url + "/metrics")).body
        await lost(sender, FINAL)  # a retry while it still fails is no repetition

        disk.recover()
        again = await sender.say(**FINAL)
        assert again["type"] == "ack" and again["seq"] == 2 + 7 + 1, "numbering goes on"
        assert (await sender.say(**COMMENT))["type"] == "ack"
        assert (await sender.say(**FINAL))["seq"] == again["seq"]
        assert (await ready(service)).status == 200
        kept: list[dict[str, Any]] = []
        while len(kept) < 9:
            kept += [event for event in await admin.events(1, "speech", "subtitle", "comment") if event["seq"] is not None]

        async with service.client("admin", after="0") as back:
            events = await back.events(1 + 8 + 1 + 7 + 1, "stream", "speech", "subtitle", "comment", "signal")
    assert [event["seq"] for event in events] == list(range(1, 19))
    assert [event["segment"] for event in events if event["type"] == "speech"] == ["s1", "s2"]
    for segment in ("s1", "s2"):
        after = next(event["seq"] for event in events if event["type"] == "speech" and event["segment"] == segment)
        made = [event for event in events if event["type"] == "subtitle" and event["segment"] == segment]
        assert {event["lang"] for event in made} == languages and all(event["seq"] > after for event in made)
    assert [event["id"] for event in events if event["type"] == "comment"] == ["c2"]
    assert not [event for event in events if event["type"] == "signal"]


async def test_subtitles_of_a_final_that_was_lost_are_not_recorded_without_it(service_on, disk) -> None:
    # Two sockets: `say` passes over the events that come before its answer.
    async with service_on() as service, service.client("admin") as admin, service.client("admin", streams="none") as sender:
        await sender.say(type="signal", name="like")
        disk.fail()
        await lost(sender, FINAL)
        disk.recover()
        assert (await sender.say(type="signal", name="like"))["type"] == "ack"
        assert all(event["seq"] is None for event in await admin.events(7, "subtitle"))
        last = (await sender.say(type="signal", name="like"))["seq"]
        async with service.client("admin", after="0") as back:
            events = [event for event in await back.events(last) if event["seq"] is not None]
    assert [event["seq"] for event in events] == list(range(1, last + 1))
    assert [event["type"] for event in events if event["type"] != "suggestion"] == ["stream", "signal", "signal", "signal"]


async def test_a_stream_that_began_while_the_disk_failed_is_in_the_record_once_it_works(service_on, disk) -> None:
    async with service_on() as service, service.client("admin") as admin, service.client("admin", streams="none") as sender:
        disk.fail()
        await lost(sender, {"type": "signal", "name": "like"})
        began = (await admin.events(1, "stream"))[0]
        assert began["state"] == "started" and began["seq"] is None
        await lost(sender, {"type": "signal", "name": "like"})
        disk.recover()
        assert (await sender.say(type="signal", name="like"))["seq"] == 2
        async with service.client("admin", after="0") as back:
            events = await back.events(2, "stream", "signal")
    assert [(event["seq"], event["type"]) for event in events] == [(1, "stream"), (2, "signal")]
    assert events[0]["id"] == began["id"]


async def test_a_quiet_service_is_ready_again_by_itself(service_on, disk) -> None:
    async with service_on() as service, service.client("admin") as admin:
        await admin.say(type="signal", name="like")
        disk.fail()
        await lost(admin, {"type": "signal", "name": "like"})
        assert (await ready(service)).status == 503
        disk.recover()
        async with asyncio.timeout(10):
            while (await ready(service)).status != 200:
                await asyncio.sleep(0.1)


@pytest.fixture
def service_on(run_service, disk):
    """The service, on the disk that can fail."""
    return run_service
