"""zipf: a chat that repeats itself, through the service ÷ bare, where every comment is translated."""

from __future__ import annotations

import asyncio
from time import perf_counter

from assistant.bench.result import Plan, Result, judged, skipped
from assistant.bench.service import WINDOW, warm
from assistant.bench.serving import Service, comment_frames, serving
from assistant.bench.subject import Subject, bare_rate, engine_of, subjects
from assistant.bench.texts import HOST, Said, comments, zipf
from assistant.bench.wire import connected, pump

EXPONENT = 1.1
COUNT, TEXTS = 20_000, 2_000
QUICK = {"opus-shape": (1_500, 150), "embedded": (4_000, 400)}
BARE = {"opus-shape": (600, 200), "embedded": (6_000, 1_500)}
"""Comments that bare translates: enough for its rate, which does not change."""
BARS = {"opus-shape": 3.0, "embedded": 1.5}
READ_SECONDS = 60.0


def run(plan: Plan) -> list[Result]:
    """One ratio per model."""
    found, missing = subjects(plan)
    results = []
    for subject in found:
        count, texts = QUICK[subject.name] if plan.quick else (COUNT, TEXTS)
        results.append(measure(subject, count, texts, plan.count(*BARE[subject.name])))
    return results + [skipped(f"zipf.{name}", why) for name, why in missing.items()]


def measure(subject: Subject, count: int, texts: int, bare: int) -> Result:
    """One connector sends, one moderator reads everything."""
    engine = engine_of(subject)
    pool = comments(texts)
    said = [pool[index] for index in zipf(count, texts, EXPONENT)]
    with serving(subject) as service:
        warm(service, engine, subject)
        before = bare_rate(subject, engine, said[:bare], HOST, sort=False)
        seconds, read = asyncio.run(_chat(service, said))
        after = bare_rate(subject, engine, said[-bare:], HOST, sort=False)
        decoded = service.metrics()["liveroom_decoded_total"]
    rate = (before + after) / 2
    return judged(
        f"zipf.{subject.name}", count / seconds / rate, ">=", BARS.get(subject.name, 0.0), comments=count, texts=texts,
        exponent=EXPONENT, read=read, service_per_second=round(count / seconds, 1), bare_per_second=[round(before, 1), round(after, 1)],
        decoded=decoded,
    )  # fmt: skip


async def _chat(service: Service, said: list[Said]) -> tuple[float, int]:
    """Seconds until everything is acknowledged and read, and how many comments the reader got."""
    read = 0
    complete = asyncio.Event()

    def hear(payload: bytes) -> None:
        nonlocal read
        read += 1
        if read == len(said):
            complete.set()

    reader = await connected(service.socket("moderator", streams="comment"), hear)
    frames = comment_frames(said, "z")
    begun = perf_counter()
    answers = await pump(service.socket("connector"), frames, WINDOW)
    async with asyncio.timeout(READ_SECONDS):
        await complete.wait()
    seconds = perf_counter() - begun
    await reader.close()
    if answers.errors:
        raise RuntimeError(f"{answers.errors} comments refused: {answers.first_error}")
    return seconds, read
