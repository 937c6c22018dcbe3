"""The writing thread when the disk is full, read-only, broken or gone."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from assistant.errors import RecordingLost
from assistant.record import Entry, Record
from assistant.record.schema import connect

BIG = 50_000


def entry(n: int, size: int = 10) -> Entry:
    return Entry("comment", n, "s", '{"text":"' + "x" * size + '"}', key=f"comment:test:{n}")


class Disk:
    """Opens connections on a disk that can be made to fail by a PRAGMA, which every new connection gets too."""

    def __init__(self) -> None:
        self.fault = ""
        self.opened: list[sqlite3.Connection] = []

    def connect(self, uri: str) -> sqlite3.Connection:
        db = connect(uri)
        if self.fault and "mode=rw" in uri:
            db.execute(self.fault).fetchone()
        self.opened.append(db)
        return db

    def fail(self, fault: str) -> None:
        self.fault = fault
        self.opened[-1].execute(fault).fetchone()


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [("PRAGMA max_page_count = 1", "database or disk is full"), ("PRAGMA query_only = ON", "attempt to write a readonly database")],
)
async def test_a_failing_disk_loses_its_group_and_no_number(tmp_path: Path, fault: str, sentence: str) -> None:
    disk, heard = Disk(), []
    record = Record(tmp_path, connect=disk.connect)
    record.start(asyncio.get_running_loop(), on_commit=lambda _room, rows: heard.extend(row.seq for row in rows))
    await record.append("main", [entry(1), entry(2)])
    disk.fail(fault)
    before = time.time()
    for _ in range(2):
        lost = await asyncio.gather(*(record.append("main", [entry(n, BIG)]) for n in range(3, 6)), return_exceptions=True)
        assert all(isinstance(error, RecordingLost) and sentence in error.message for error in lost), lost
        assert len({id(error) for error in lost}) == 3
    assert not record.healthy and record.lost_reason == sentence
    assert record.lost_since is not None and before <= record.lost_since <= time.time()
    assert record.last_seq("main") == 2 and record.counters.lost == 6 and record.waiting == 0
    assert [row.seq for row in await record.after("main", 0)] == [1, 2]  # what is there stays readable
    disk.fault = ""
    stored = await record.append("main", [entry(2), entry(4), entry(5)])
    assert [(row.seq, row.new) for row in stored] == [(2, False), (3, True), (4, True)]
    assert record.healthy and record.lost_since is None and record.lost_reason is None
    assert heard == [1, 2, 3, 4]
    await record.close()


async def test_a_quiet_room_learns_that_the_disk_is_well_again(tmp_path: Path) -> None:
    disk = Disk()
    record = Record(tmp_path, connect=disk.connect)
    record.start(asyncio.get_running_loop())
    await record.append("main", [entry(1)])
    disk.fail("PRAGMA query_only = ON")
    with pytest.raises(RecordingLost):
        await record.append("main", [entry(2)])
    with pytest.raises(RecordingLost):
        await record.erase("main", [1])
    disk.fault = ""
    async with asyncio.timeout(5):
        while not record.healthy:
            await asyncio.sleep(0.02)
    assert record.lost_since is None and record.last_seq("main") == 1
    await record.close()


async def test_closing_on_a_failing_disk_ends(tmp_path: Path) -> None:
    disk = Disk()
    record = Record(tmp_path, connect=disk.connect)
    record.start(asyncio.get_running_loop())
    await record.append("main", [entry(1)])
    disk.fail("PRAGMA query_only = ON")
    task = asyncio.create_task(record.append("main", [entry(2)]))
    await asyncio.sleep(0)
    async with asyncio.timeout(10):
        await record.close()
    assert isinstance(task.exception(), RecordingLost)


LIMITED = """
import asyncio, resource, sys
from pathlib import Path
from assistant.errors import RecordingLost
from assistant.record import Entry, Record

def limit(size):
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))

async def main():
    record = Record(Path(sys.argv[1]))
    record.start(asyncio.get_running_loop())
    taken = lost = 0
    for turn in range(150):
        if turn in (30, 100):
            limit(400_000)
        if turn in (70, 130):
            limit(resource.getrlimit(resource.RLIMIT_FSIZE)[1])
        try:
            (row,) = await record.append("main", [Entry("x", turn, "s", "x" * 9_000)])
        except RecordingLost as error:
            assert not record.healthy, error
            lost += 1
        else:
            taken += 1
            assert row.seq == taken == record.last_seq("main") and record.healthy
    rows = await record.after("main", 0)
    assert [row.seq for row in rows] == list(range(1, taken + 1))
    await record.close()
    again = Record(Path(sys.argv[1]))
    assert again.last_seq("main") == taken
    print(lost)

asyncio.run(main())
"""


@pytest.mark.skipif(os.name == "nt", reason="no file size limit to make write() fail with")
def test_writes_that_the_system_refuses(tmp_path: Path) -> None:
    """The system's own write() fails here, in the middle of the log."""
    root = str(Path(__file__).parent.parent)
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(tmp_path)], env={**os.environ, "PYTHONPATH": root}, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert 35 <= int(done.stdout) <= 70


async def test_group_commit_shares_the_wait_for_the_disk(tmp_path: Path) -> None:
    record = Record(tmp_path)
    record.start(asyncio.get_running_loop())
    await asyncio.gather(*(record.append("main", [entry(n)]) for n in range(5_000)))
    assert record.counters.groups <= 20 and record.last_seq("main") == 5_000
    await record.close()


async def test_a_loop_that_ended_first_leaves_what_was_committed(tmp_path: Path) -> None:
    def leave() -> None:
        async def main() -> None:
            record = Record(tmp_path)
            record.start(asyncio.get_running_loop())
            await record.append("main", [entry(1)])

        asyncio.run(main())

    await asyncio.to_thread(leave)
    assert Record(tmp_path).last_seq("main") == 1
