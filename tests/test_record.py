"""The record as the event loop sees it."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from assistant.errors import RecordingLost, WireError
from assistant.record import Entry, Record, Stored


def comment(name: str, *, stream: str = "s1", user: str | None = None, text: str = "كم السعر؟") -> Entry:
    body = json.dumps({"id": name, "text": text}, ensure_ascii=False)
    return Entry("comment", 1_700_000_000_000, stream, body, key=f"comment:test:{name}", user=user)


def signal(value: int, stream: str = "s1", at: int = 5) -> Entry:
    return Entry("signal", at, stream, f'{{"name":"viewers","value":{value}}}')


def numbers(rows: list[Stored]) -> list[int]:
    return [row.seq for row in rows]


@pytest.fixture
async def record(tmp_path: Path) -> AsyncIterator[Record]:
    opened = Record(tmp_path)
    opened.start(asyncio.get_running_loop())
    yield opened
    await opened.close()


async def test_numbers_each_room_from_one_without_gap(record: Record) -> None:
    first = await record.append("main", [signal(1), signal(2)])
    other = await record.append("other", [signal(3)])
    second = await record.append("main", [signal(4)])
    assert numbers([*first, *second]) == [1, 2, 3] and numbers(other) == [1]
    assert (record.last_seq("main"), record.last_seq("other"), record.last_seq("none")) == (3, 1, 0)
    assert record.rooms() == ["main", "other"]
    assert await record.append("main", []) == []


async def test_the_order_of_appends_is_the_order_of_numbers(record: Record) -> None:
    results = await asyncio.gather(*(record.append("main", [signal(n), signal(n)]) for n in range(2_500)))
    assert [numbers(result) for result in results] == [[2 * n + 1, 2 * n + 2] for n in range(2_500)]
    rows = await record.after("main", 0, 10_000)
    assert [json.loads(row.body)["value"] for row in rows] == [n // 2 for n in range(5_000)]
    assert record.counters.groups < 100 and record.counters.entries == 5_000 and record.waiting == 0


async def test_a_repeated_key_answers_with_the_first(record: Record) -> None:
    (first,) = await record.append("main", [comment("c1")])
    assert first.new
    (again,) = await record.append("main", [comment("c1", text="changed", stream="s2")])
    assert again == Stored(1, first.type, first.at, first.body, "s1", new=False)
    (elsewhere,) = await record.append("other", [comment("c1")])
    assert elsewhere.new and elsewhere.seq == 1
    together = await asyncio.gather(*(record.append("main", [comment("c2", text=str(n))]) for n in range(5)))
    assert [(row.seq, row.new, json.loads(row.body)["text"]) for (row,) in together] == [(2, n == 0, "0") for n in range(5)]
    mixed = await record.append("main", [comment("c3"), comment("c1"), comment("c3"), signal(1)])
    assert [(row.seq, row.new) for row in mixed] == [(3, True), (1, False), (3, False), (4, True)]
    assert numbers(await record.after("main", 0)) == [1, 2, 3, 4]
    assert record.counters.repeated == 7


async def test_reads_pages_streams_numbers_and_keys(record: Record) -> None:
    for part in range(3):
        await record.append("main", [comment(f"c{part}-{n}", stream=f"s{n % 2}") for n in range(10)])
    rows: list[Stored] = []
    while page := await record.after("main", len(rows), 7):
        assert len(page) <= 7
        rows += page
    assert numbers(rows) == list(range(1, 31)) and not any(row.new for row in rows)
    assert numbers(await record.after("main", 20, stream="s1")) == [22, 24, 26, 28, 30]
    assert await record.after("main", 30) == [] and await record.after("none", 0) == []
    assert numbers(await record.after("main", 0, -5)) == [1]
    assert (await record.get("main", 30)) == rows[29] == (await record.find("main", "comment:test:c2-9"))
    assert await record.get("main", 31) is None and await record.find("other", "comment:test:c2-9") is None


async def test_listener_hears_once_in_order_and_before_the_sender(tmp_path: Path) -> None:
    heard: dict[str, list[Stored]] = {"main": [], "other": []}
    record = Record(tmp_path)
    record.start(asyncio.get_running_loop(), on_commit=lambda room, rows: heard[room].extend(rows))

    async def send(room: str, entry: Entry) -> None:
        (row,) = await record.append(room, [entry])
        assert row.seq <= len(heard[room]) and record.last_seq(room) >= row.seq

    await asyncio.gather(*(send("main" if n % 3 else "other", comment(f"c{n % 200}")) for n in range(400)))
    await record.close()
    for room, rows in heard.items():
        assert numbers(rows) == list(range(1, record.last_seq(room) + 1)) and all(row.new for row in rows)
    assert len({(room, row.body) for room, rows in heard.items() for row in rows}) == sum(map(len, heard.values()))


async def test_a_failing_listener_does_not_hide_the_answer(tmp_path: Path) -> None:
    def fail(_room: str, _rows: object) -> None:
        raise RuntimeError("listener")

    told: list[dict[str, object]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: told.append(context))
    record = Record(tmp_path)
    record.start(asyncio.get_running_loop(), on_commit=fail)
    assert numbers(await record.append("main", [signal(1)])) == [1]
    await record.close()
    assert [str(context["exception"]) for context in told] == ["listener"]


async def test_cancelling_the_wait_does_not_take_the_entry_back(tmp_path: Path) -> None:
    heard: list[int] = []
    record = Record(tmp_path)
    record.start(asyncio.get_running_loop(), on_commit=lambda _room, rows: heard.extend(row.seq for row in rows))
    task = asyncio.create_task(record.append("main", [signal(1)]))
    await asyncio.sleep(0)
    task.cancel()
    assert numbers(await record.append("main", [signal(2)])) == [2]
    assert task.cancelled() and heard == [1, 2]
    await record.close()


async def test_text_that_is_no_unicode_fails_alone(record: Record) -> None:
    secret = comment("bad", text="secret \ud800")
    sends = [record.append("main", [signal(n), secret if n == 30 else signal(n)]) for n in range(50)]
    results = await asyncio.gather(*sends, return_exceptions=True)
    error = results.pop(30)
    assert isinstance(error, WireError) and error.code == "bad_message" and "secret" not in error.message
    assert [numbers(result) for result in results] == [[2 * n + 1, 2 * n + 2] for n in range(49)]  # type: ignore[arg-type]
    assert record.healthy and record.last_seq("main") == 98 == len(await record.after("main", 0))


async def test_a_full_queue_refuses_and_recovers(tmp_path: Path) -> None:
    record = Record(tmp_path, queue=10)
    record.start(asyncio.get_running_loop())
    other = sqlite3.connect(record.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")  # another process writes: ours must wait
    waiting = asyncio.gather(*(record.append("main", [signal(n), signal(n)]) for n in range(5)))
    await asyncio.sleep(0.05)
    with pytest.raises(WireError) as refused:
        await record.append("main", [signal(9)])
    assert refused.value.code == "overloaded" and record.waiting == 10 and record.counters.refused == 1
    other.execute("ROLLBACK")
    other.close()
    assert [numbers(result) for result in await waiting] == [[1, 2], [3, 4], [5, 6], [7, 8], [9, 10]]
    assert numbers(await record.append("main", [signal(9)])) == [11] and record.waiting == 0
    await record.close()


async def test_close_writes_what_waits_and_refuses_what_comes(tmp_path: Path) -> None:
    record = Record(tmp_path)
    record.start(asyncio.get_running_loop())
    tasks = [asyncio.create_task(record.append("main", [signal(n)])) for n in range(3_000)]
    await asyncio.sleep(0)
    await record.close()
    assert [numbers(await task) for task in tasks] == [[n + 1] for n in range(3_000)]
    with pytest.raises(RecordingLost):
        await record.append("main", [signal(1)])
    await record.close()
    assert [file.name for file in tmp_path.iterdir()] == ["record.sqlite"]  # the log is folded into the file


async def test_goes_on_after_a_restart(tmp_path: Path) -> None:
    for run, before in enumerate((0, 3, 5)):
        record = Record(tmp_path)
        assert record.last_seq("main") == before
        record.start(asyncio.get_running_loop())
        rows = await record.append("main", [comment("c"), comment(f"c{run}"), signal(run)])
        assert [row.new for row in rows] == [run == 0, True, True]
        assert rows[0].seq == 1 and rows[2].seq == record.last_seq("main") == (3, 5, 7)[run]
        await record.close()


async def test_another_process_may_write_between(record: Record, tmp_path: Path) -> None:
    other = Record(tmp_path)
    other.start(asyncio.get_running_loop())
    got = [(await (record, other)[n % 2].append("main", [signal(n)]))[0].seq for n in range(6)]
    await other.close()
    assert got == [1, 2, 3, 4, 5, 6]


async def test_streams_say_when_they_began_and_ended(record: Record) -> None:
    def mark(id_: str, state: str, at: int) -> Entry:
        return Entry("stream", at, id_, json.dumps({"id": id_, "state": state}))

    await record.append("main", [mark("z", "started", 10), signal(1, "z", 20), mark("z", "ended", 30)])
    await record.append("main", [mark("a", "started", 40), signal(1, "a", 50)])
    await record.append("other", [signal(1, "lone", 60)])
    spans = await record.streams("main")
    assert [(s.id, s.first, s.last, s.started, s.ended) for s in spans] == [("z", 1, 3, 10, 30), ("a", 4, 5, 40, None)]
    assert [(s.id, s.started, s.ended) for s in await record.streams("other")] == [("lone", 60, None)]
    assert await record.streams("none") == []


def on_disk(folder: Path, text: str) -> bool:
    return any(text.encode() in file.read_bytes() for file in folder.iterdir())


async def test_erased_text_is_gone_from_the_disk(record: Record, tmp_path: Path) -> None:
    long = "a-long-secret-" + "x" * 9_000  # more than a page
    await record.append("main", [signal(1), comment("c-secret", user="p-secret", text="a-word-secret"), signal(2)])
    await record.append("main", [comment("c2", user="p-secret", text=long), comment("c3", user="p-else", text="kept")])
    assert on_disk(tmp_path, "secret")
    assert await record.erase("other", [2], user="p-secret") == []
    assert await record.erase("main", [1], user="p-secret") == [1, 2, 4]
    assert not on_disk(tmp_path, "secret") and on_disk(tmp_path, "kept")
    rows = await record.after("main", 0)
    assert [row.type for row in rows] == ["erased", "erased", "signal", "erased", "comment"]
    assert rows[1] == Stored(2, "erased", 1_700_000_000_000, "{}", "s1", new=False)
    assert await record.find("main", "comment:test:c-secret") is None
    assert await record.erase("main", [1, 2, 99], user="p-secret") == []
    (again,) = await record.append("main", [comment("c-secret")])
    assert (again.seq, again.new) == (6, True)


async def test_a_reader_in_the_way_only_delays_the_scrubbing(record: Record, tmp_path: Path) -> None:
    await record.append("main", [comment("c1", text="a-word-secret")])
    reader = sqlite3.connect(record.path, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM entries").fetchone()
    assert await record.erase("main", [1]) == [1]
    assert on_disk(tmp_path, "secret")
    reader.close()
    for n in range(100):
        await record.append("main", [signal(n)])
        if not on_disk(tmp_path, "secret"):
            break
        await asyncio.sleep(0.05)
    assert not on_disk(tmp_path, "secret")
