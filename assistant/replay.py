"""Plays a recorded session: live over a socket at its own pace, or through the whole flow offline."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import websockets
from websockets.asyncio.client import connect

from assistant import events
from assistant.errors import InputFileError, WireError

DATED = 9e8
"""Seconds from which `t` is a date; no stream lasts so long."""
RETRIES = 20
"""Reconnections before a replay gives up."""


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a session: when (seconds from its start, or since 1970: then offline runs have the recording's dates) and what."""

    t: float
    message: events.ClientMessage


def read_session(path: Path) -> list[Step]:
    """The steps of a session file in order of time; raises `InputFileError` with file and line."""
    steps: list[Step] = []
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputFileError(str(path), 0, str(error)) from None
    for number, line in enumerate(content.split(b"\n"), 1):
        if not line.strip():
            continue
        try:
            data = json.loads(line)
            t = float(data.pop("t"))
            if not 0 <= t < 1e10:
                raise ValueError("t is seconds from the start, or since 1970 where a recording keeps its dates")
            steps.append(Step(t, events.parse(json.dumps(data))))
        except WireError as error:
            raise InputFileError(str(path), number, error.message) from None
        except KeyError:
            raise InputFileError(str(path), number, "not a session line: `t` is missing") from None
        except (ValueError, TypeError, AttributeError, RecursionError) as error:
            raise InputFileError(str(path), number, f"not a session line: {error}") from None
    return sorted(steps, key=lambda step: step.t)


@dataclass(slots=True)
class Played:
    """What came of a replay."""

    sent: int = 0
    acked: int = 0
    refused: int = 0
    first_error: str = ""


async def play(steps: Sequence[Step], url: str, speed: float = 1.0, progress: Callable[[int], None] = lambda sent: None) -> Played:
    """Send the steps to a room's socket at their times (divided by `speed`; 0 is as fast as answers come).

    A lost connection is made anew and what was not yet answered is sent again; the room knows repeated messages.
    Raises `ConnectionError` when the room can't be reached at all.
    """
    played = Played()
    waiting: dict[str, str] = {}
    loop = asyncio.get_running_loop()
    since = steps[0].t if steps and steps[0].t >= DATED else 0.0
    begun = loop.time()
    queue = iter(enumerate(steps))
    address = url + ("&" if "?" in url else "?") + "streams=none"
    due: tuple[int, Step] | None = next(queue, None)
    # A stream PC often has a proxy for the whole system, which can't lead to the PC itself.
    proxy = None if urlsplit(url).hostname in ("127.0.0.1", "localhost", "::1") else True
    for attempt in range(RETRIES):
        try:
            async with connect(address, max_size=2**20, proxy=proxy) as socket:
                for frame in list(waiting.values()):
                    await socket.send(frame)
                hearing = asyncio.create_task(_hear(socket, waiting, played))
                try:
                    while due is not None:
                        index, step = due
                        if speed > 0:
                            await asyncio.sleep(max(0.0, begun + (step.t - since) / speed - loop.time()))
                        while len(waiting) >= 500 and not hearing.done():
                            await asyncio.sleep(0.01)
                        if hearing.done():
                            await hearing
                        ref = f"r{index}"
                        waiting[ref] = json.dumps({**json.loads(step.message.model_dump_json(exclude_none=True)), "ref": ref}, ensure_ascii=False)
                        played.sent += 1
                        due = next(queue, None)
                        await socket.send(waiting[ref])
                        progress(played.sent)
                    while waiting and not hearing.done():
                        await asyncio.sleep(0.02)
                    if not waiting:
                        return played
                    await hearing
                finally:
                    hearing.cancel()
                    await asyncio.gather(hearing, return_exceptions=True)
        except (OSError, websockets.ConnectionClosed, websockets.InvalidHandshake) as error:
            if isinstance(error, websockets.ConnectionClosed) and error.rcvd is not None and error.rcvd.code == 1008:
                raise ConnectionError(f"the room refused the connection: {played.first_error or error.rcvd.reason}") from None
            if attempt == RETRIES - 1 or (played.sent == 0 and attempt >= 3):
                raise ConnectionError(f"the room can't be reached: {error}") from None
            await asyncio.sleep(min(5.0, 0.2 * 2**attempt))
    raise ConnectionError("the room closed the connection again and again")


async def _hear(socket: websockets.ClientConnection, waiting: dict[str, str], played: Played) -> None:
    async for text in socket:
        answer = json.loads(text)
        if answer["type"] == "ack":
            played.acked += 1
        elif answer["type"] == "error":
            played.refused += 1
            played.first_error = played.first_error or f"{answer['code']}: {answer['message']}"
        waiting.pop(answer.get("ref") or "", None)


def only(steps: Iterable[Step], *types: str) -> list[Step]:
    """The steps of some message types."""
    return [step for step in steps if step.message.type in types]
