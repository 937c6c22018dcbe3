"""`kill -9` in the middle of a load: every acknowledged event is there after the restart, in order, none half."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import subprocess
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import websockets
from websockets.asyncio.client import connect

from assistant.shipped import SAMPLE

ROOM = SAMPLE / "ROOM.toml"
RATE = 500
TEXTS = ["كم السعر؟", "berapa kak", "😍", "几天能到", "111", "送料はいくらですか", "ราคาเท่าไหร่คะ", "còn hàng không shop"]


@asynccontextmanager
async def served(data: Path) -> AsyncIterator[tuple[subprocess.Popen, str]]:
    """`liveroom serve` as a process of its own; yields it and its socket's URL with an admin token."""
    environment = {**os.environ, "PYTHONUNBUFFERED": "1", "LIVEROOM_LOG_LEVEL": "error"}
    process = subprocess.Popen(
        [sys.executable, "-m", "assistant", "serve", "--room", str(ROOM), "--port", "0", "--data", str(data)],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment, text=True,
    )
    try:
        line = await asyncio.to_thread(process.stdout.readline)
        assert line.startswith("ready http://"), line
        token = subprocess.run(
            [sys.executable, "-m", "assistant", "token", "--room", "sample", "--role", "admin", "--data", str(data)],
            capture_output=True, text=True, check=True,
        ).stdout.strip()
        yield process, f"ws{line.split()[1][4:]}/ws/rooms/sample?token={token}"
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


async def load_until_killed(process: subprocess.Popen, url: str, start: int, seconds: float) -> dict[int, tuple[str, str]]:
    """Send ~500 messages a second and kill the service after `seconds`; returns acked number → (kind, id)."""
    acked: dict[int, tuple[str, str]] = {}
    sent: dict[str, tuple[str, str]] = {}
    killer = threading.Timer(seconds, process.kill)
    async with connect(url + "&streams=none", max_queue=2**16) as socket:

        async def hear() -> None:
            async for frame in socket:
                answer = json.loads(frame)
                assert answer["type"] == "ack", answer
                acked[answer["seq"]] = sent[answer["ref"]]

        hearing = asyncio.create_task(hear())
        killer.start()
        loop, begun = asyncio.get_running_loop(), asyncio.get_running_loop().time()
        try:
            for number in range(int(seconds * RATE * 3)):
                await asyncio.sleep(max(0, begun + number / RATE - loop.time()))
                ref = f"{start}-{number}"
                if number % 50 == 0:
                    message = {"type": "speech", "segment": f"s{ref}", "rev": 0, "final": True, "text": f"第{number}号链接，欢迎大家。"}
                    sent[ref] = ("speech", f"s{ref}")
                elif number % 10 == 0:
                    message = {"type": "signal", "name": "like", "value": number}
                    sent[ref] = ("signal", str(number))
                else:
                    message = {"type": "comment", "id": f"c{ref}", "user": {"id": f"u{number % 40}"}, "text": random.choice(TEXTS)}
                    sent[ref] = ("comment", f"c{ref}")
                await socket.send(json.dumps({**message, "ref": ref}))
        except websockets.ConnectionClosed:
            pass
        with contextlib.suppress(websockets.ConnectionClosed):
            await hearing
    return acked


def identity(event: dict) -> tuple[str, str]:
    return event["type"], str(event.get("segment") or event.get("id") or event.get("value", "")).removesuffix(".0")


async def whole_record(url: str) -> list[dict]:
    """Everything recorded, as an admin who comes back reads it."""
    events: list[dict] = []
    async with connect(url + "&after=0&streams=stream,speech,subtitle,comment,signal,suggestion,question,warning,feedback", max_queue=2**16) as socket:
        while True:
            try:
                event = json.loads(await asyncio.wait_for(socket.recv(), 1.5))
            except TimeoutError:
                return events
            events.append(event)


async def kills(data: Path, count: int) -> int:
    acked: dict[int, tuple[str, str]] = {}
    for attempt in range(count):
        async with served(data) as (process, url):
            new = await load_until_killed(process, url, attempt, random.uniform(0.7, 2.0))
            assert len(new) > 100, "the load must be real"
            assert not set(new) & set(acked), "a number is given once"
            acked |= new
    async with served(data) as (_, url):
        events = await whole_record(url)
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1)), "numbers without gap, in order, once"
    by_number = {event["seq"]: event for event in events}
    for seq, what in acked.items():
        assert identity(by_number[seq]) == what, f"event {seq} is not what was acknowledged"
    finals = {event["segment"] for event in events if event["type"] == "speech"}
    subtitles = [(event["segment"], event["lang"]) for event in events if event["type"] == "subtitle"]
    assert len(subtitles) == len(set(subtitles)) == 7 * len(finals), "every final has one subtitle a language, also those a crash left out"
    return len(acked)


async def test_two_kills(tmp_path: Path) -> None:
    assert await kills(tmp_path, 2) > 300


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_ten_kills(tmp_path: Path) -> None:
    print(await kills(tmp_path, 10), "acknowledged events checked")
