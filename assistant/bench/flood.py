"""More comments than the service can translate, from a process of its own: an even rate, whether they are answered or not."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import Any

from assistant.bench.serving import comment_frames
from assistant.bench.texts import comments
from assistant.bench.wire import Answers, connected

TICK = 0.01
MOST = 200_000
"""Comments of one flood."""


@contextmanager
def flooding(url: str, rate: float, seconds: float) -> Iterator[dict[str, Any]]:
    """Flood a connector's socket until the block ends, at most `seconds`; what came of it is in the dictionary afterwards."""
    command = [sys.executable, "-m", "assistant.bench.flood", url, str(rate), str(seconds)]
    told: dict[str, Any] = {}
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        process.stdout.readline()  # it has made its frames and is connected
        yield told
        output, _ = process.communicate(timeout=60)
        told.update(json.loads(output))
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()


async def _flood(url: str, rate: float, seconds: float) -> dict[str, Any]:
    frames = comment_frames(comments(min(MOST, int(rate * seconds))), "flood")
    answers = Answers()
    client = await connected(url, answers.hear)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    told_to_stop = asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    begun, sent = perf_counter(), 0
    while sent < len(frames) and not told_to_stop.done() and not client.closed.done():
        due = min(len(frames), int((perf_counter() - begun) * rate))
        client.write(b"".join(frames[sent:due]))
        sent = due
        await client.drained()
        await asyncio.sleep(TICK)
    took = perf_counter() - begun
    await client.close()
    await told_to_stop
    reached = round(sent / took, 1)
    return {"sent": sent, "seconds": round(took, 2), "per_second": reached, "answered": answers.acks, "refused": answers.errors}


if __name__ == "__main__":
    outcome = asyncio.run(_flood(sys.argv[1], float(sys.argv[2]), float(sys.argv[3])))
    sys.stdout.write(json.dumps(outcome))
