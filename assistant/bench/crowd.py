"""Many viewers in a process of their own, and a bare broadcast server to hold the service against.

`python -m assistant.bench.crowd viewers URL COUNT` prints `ready`, then, when its input ends, the seconds each frame took to
each viewer. `python -m assistant.bench.crowd broadcast` prints `ready URL` and sends whatever one client says to all others.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from time import time_ns

from websockets import ConnectionClosed
from websockets.asyncio.server import ServerConnection, broadcast, serve

from assistant.bench.stamp import age, stamped
from assistant.bench.wire import connected

AT_ONCE = 20
"""Handshakes under way at the same time."""


async def viewers(url: str, count: int) -> None:
    """Connect, listen until told to stop, report."""
    took: list[float] = []

    def hear(payload: bytes) -> None:
        seconds = age(payload, time_ns())
        if seconds is not None:
            took.append(seconds)

    crowd = []
    for start in range(0, count, AT_ONCE):
        crowd += await asyncio.gather(*(connected(url, hear) for _ in range(min(AT_ONCE, count - start))))
    print("ready", flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    lost = sum(viewer.closed.done() for viewer in crowd)
    for viewer in crowd:
        await viewer.close()
    print(json.dumps({"took": took, "lost": lost}), flush=True)


async def bare() -> None:
    """A broadcast server with nothing else in it."""

    async def handle(connection: ServerConnection) -> None:
        with contextlib.suppress(ConnectionClosed):
            async for message in connection:
                assert isinstance(message, str)
                broadcast(server.connections - {connection}, stamped(message.encode()).decode())

    async with serve(handle, "127.0.0.1", 0, compression=None) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        print(f"ready ws://127.0.0.1:{port}/?", flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(viewers(sys.argv[2], int(sys.argv[3])) if sys.argv[1] == "viewers" else bare())
