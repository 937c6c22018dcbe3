"""The reading threads."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from pathlib import Path

import pytest

from assistant.errors import LiveroomError, WireError
from assistant.record import Entry, Record, reader
from assistant.record.schema import connect, prepare


async def test_a_file_that_cannot_be_read_is_an_error_and_the_next_read_tries_again(tmp_path: Path) -> None:
    readers = reader.Readers(prepare(tmp_path, connect), connect)

    def broken(db: sqlite3.Connection) -> None:
        db.execute("SELECT * FROM nothing_here")

    for _ in range(5):
        with pytest.raises(WireError, match="could not be read: no such table") as error:
            await readers.read(broken)
        assert error.value.code == "internal"
    assert await readers.read(reader.last_seqs) == {}
    await readers.close()
    with pytest.raises(LiveroomError):
        await readers.read(reader.last_seqs)


async def test_reads_beyond_the_bound_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "WAITING", 5)
    readers = reader.Readers(prepare(tmp_path, connect), connect)
    gate = threading.Event()
    held = [asyncio.create_task(readers.read(lambda _db: gate.wait(10))) for _ in range(5)]
    await asyncio.sleep(0)
    with pytest.raises(WireError) as refused:
        await readers.read(reader.last_seqs)
    assert refused.value.code == "overloaded"
    gate.set()
    await asyncio.gather(*held)
    assert await readers.read(reader.last_seqs) == {}
    await readers.close()


async def test_finds_all_rooms_and_streams_whatever_their_names(tmp_path: Path) -> None:
    record = Record(tmp_path)
    record.start(asyncio.get_running_loop())
    names = ["", " ", "a", "A", "a'b", "直播", "😀", "zz", "%"]
    for count, name in enumerate(names, 1):
        await record.append(name, [Entry("x", n, f"{name}{n % 2}", "{}") for n in range(count)])
        await record.append("all", [Entry("x", 1, name, "{}")])
    expected = {name: count for count, name in enumerate(names, 1)} | {"all": len(names)}
    await record.close()
    again = Record(tmp_path)
    assert {name: again.last_seq(name) for name in again.rooms()} == expected
    assert [span.id for span in await again.streams("all")] == names
    assert [(span.first, span.last) for span in await again.streams("zz")] == [(1, 7), (2, 8)]
    await again.close()


async def test_pages_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "PAGE", 3)
    record = Record(tmp_path)
    record.start(asyncio.get_running_loop())
    await record.append("main", [Entry("x", n, "s", "{}") for n in range(5)])
    assert [row.seq for row in await record.after("main", 0, 10**9)] == [1, 2, 3]
    await record.close()
