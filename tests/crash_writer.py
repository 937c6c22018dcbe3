"""Records about 500 entries a second until it is killed; prints a line for every entry the record has acknowledged.

    python crash_writer.py FOLDER BEGIN

`BEGIN` makes the keys of this run its own. A line is: room, number, SHA-256 of the body, key (or -).
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import random
import sys
from pathlib import Path

from assistant.record import Entry, Record

TICK = 0.01
APPENDS = 3
"""Appends a tick, of 1 to 3 entries (2 in the mean): 600 entries/s."""


def entry(name: str, of: int, rng: random.Random) -> Entry:
    text = "".join(rng.choices("大家好欢迎来到直播间كم السعر؟ราคาเท่าไหร่ \n\"\\😀", k=rng.randint(1, 1500)))
    body = json.dumps({"id": name, "of": of, "text": text}, ensure_ascii=False)
    if rng.random() < 0.2:
        return Entry("signal", 1, "s1", body)
    return Entry("comment", 1, "s1", body, key=f"comment:test:{name}", user=f"p-{rng.randint(0, 9)}")


async def send(record: Record, room: str, entries: list[Entry]) -> None:
    stored = await record.append(room, entries)
    lines = []
    for got, sent in zip(stored, entries, strict=True):
        assert got.new and got.body == sent.body
        lines.append(f"{room} {got.seq} {hashlib.sha256(got.body.encode()).hexdigest()} {sent.key or '-'}\n")
    os.write(1, "".join(lines).encode())


async def main(folder: Path, begin: str) -> None:
    rng = random.Random(begin)
    record = Record(folder)
    record.start(asyncio.get_running_loop())
    async with asyncio.TaskGroup() as tasks:
        for tick in range(10_000):
            for number in range(APPENDS):
                name = f"{begin}-{tick}-{number}"
                of = rng.randint(1, 3)
                entries = [entry(f"{name}-{part}", of, rng) for part in range(of)]
                tasks.create_task(send(record, rng.choice(["main", "other"]), entries))
            await asyncio.sleep(TICK)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
