"""`kill -9` in the middle of the load: what was acknowledged is there, numbered without gap, whole."""

from __future__ import annotations

import hashlib
import json
import os
import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from assistant.record import Record, Stored

WRITER = Path(__file__).with_name("crash_writer.py")
ROOT = WRITER.parent.parent


def run_and_kill(folder: Path, begin: str, seconds: float) -> list[list[str]]:
    """Let the writer work for about `seconds` after its first acknowledgement, kill it; returns what it acknowledged."""
    told = folder / f"told-{begin}"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with told.open("wb") as out:
        process = subprocess.Popen([sys.executable, str(WRITER), str(folder), begin], stdout=out, env=environment, cwd=ROOT)
        try:
            deadline = time.monotonic() + 30
            while not told.stat().st_size:
                assert process.poll() is None and time.monotonic() < deadline, "the writer did not begin"
                time.sleep(0.005)
            time.sleep(seconds)
            assert process.poll() is None, "the writer ended by itself"
        finally:
            process.kill()
            process.wait()
    return [line.split(" ") for line in told.read_text().split("\n")[:-1]]  # the last line may be cut


async def everything(record: Record, room: str) -> list[Stored]:
    rows: list[Stored] = []
    while page := await record.after(room, rows[-1].seq if rows else 0, 500):
        rows += page
    return rows


async def kill_series(folder: Path, kills: int) -> None:
    rng = random.Random(20_260_101)
    acknowledged: dict[str, dict[int, tuple[str, str]]] = {"main": {}, "other": {}}
    for kill in range(kills):
        told = run_and_kill(folder, f"run{kill}", rng.uniform(0.2, 0.7))
        assert len(told) > 20
        for room, seq, digest, key in told:
            assert int(seq) not in acknowledged[room], "a number was given twice"
            acknowledged[room][int(seq)] = (digest, key)
        record = Record(folder)
        try:
            for room, expected in acknowledged.items():
                rows = await everything(record, room)
                assert [row.seq for row in rows] == list(range(1, len(rows) + 1))
                assert record.last_seq(room) == len(rows) >= max(expected)
                for seq, (digest, key) in expected.items():
                    assert hashlib.sha256(rows[seq - 1].body.encode()).hexdigest() == digest
                    if key != "-":
                        found = await record.find(room, key)
                        assert found is not None and found.seq == seq
                check_order(rows)
        finally:
            await record.close()


def check_order(rows: list[Stored]) -> None:
    """The writer names entries run-tick-append-part in the order of its appends; no entry and no append is there in part."""
    bodies = [json.loads(row.body) for row in rows]
    names = [tuple(int(part) for part in body["id"][3:].split("-")) for body in bodies]
    assert names == sorted(names)
    parts = Counter(name[:3] for name in names)
    for name, body in zip(names, bodies, strict=True):
        assert parts[name[:3]] == body["of"] and body["text"]


async def test_killed_twice(tmp_path: Path) -> None:
    await kill_series(tmp_path, 2)


@pytest.mark.slow
async def test_killed_ten_times(tmp_path: Path) -> None:
    await kill_series(tmp_path, 10)
