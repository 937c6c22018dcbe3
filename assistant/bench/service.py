"""service: unique comments through the whole service ÷ bare batches of the same comments."""

from __future__ import annotations

import asyncio
from time import perf_counter

from assistant.bench.result import Plan, Result, judged, skipped
from assistant.bench.serving import Service, comment_frames, serving
from assistant.bench.subject import Subject, bare_rate, engine_of, subjects
from assistant.bench.texts import HOST, Said, comments
from assistant.schedule import Engine

WINDOW = 512
"""Comments that wait for their ack at once; below the service's queue, so that none is shed."""
BARS = {"opus-shape": 0.9, "embedded": 0.6}
FACTS = ("decoded", "batches", "comments_shed", "record_commits")
"""Counters of `/metrics` that say what a load did."""
COUNTS = {"opus-shape": (1_500, 300), "embedded": (8_000, 1_500)}


def run(plan: Plan) -> list[Result]:
    """One ratio per model."""
    found, missing = subjects(plan)
    return [measure(subject, plan.count(*COUNTS[subject.name])) for subject in found] + [
        skipped(f"service.{name}", why) for name, why in missing.items()
    ]


def measure(subject: Subject, count: int) -> Result:
    """Bare, service, bare: the machine's drift falls on both."""
    engine = engine_of(subject)
    said = comments(count)
    with serving(subject) as service:
        warm(service, engine, subject)
        before = bare_rate(subject, engine, said, HOST)
        served, facts = through(service, said)
        after = bare_rate(subject, engine, said, HOST)
    bare = (before + after) / 2
    return judged(
        f"service.{subject.name}", served / bare, ">=", BARS.get(subject.name, 0.0), comments=count, service_per_second=round(served, 1),
        bare_per_second=[round(before, 1), round(after, 1)], **facts,
    )


def warm(service: Service, engine: Engine, subject: Subject) -> None:
    """First batches cost more: threads, memory, regular expressions."""
    said = comments(64)
    bare_rate(subject, engine, said, HOST)
    asyncio.run(_pump(service, [Said(f"99 {item.text}", item.lang) for item in said], "warm"))


def through(service: Service, said: list[Said], prefix: str = "c") -> tuple[float, dict[str, float]]:
    """Comments a second through the service, and what became of them; raises when one was refused or shed."""
    before = service.metrics()
    seconds = asyncio.run(_pump(service, said, prefix))
    after = service.metrics()
    facts = {name: after[f"liveroom_{name}_total"] - before[f"liveroom_{name}_total"] for name in FACTS}
    if facts["comments_shed"]:
        raise RuntimeError(f"the load was too great: {facts['comments_shed']:.0f} comments shed")
    return len(said) / seconds, facts


async def _pump(service: Service, said: list[Said], prefix: str) -> float:
    from assistant.bench.wire import pump

    frames = comment_frames(said, prefix)
    begun = perf_counter()
    answers = await pump(service.socket("connector"), frames, WINDOW)
    if answers.errors:
        raise RuntimeError(f"{answers.errors} comments refused: {answers.first_error}")
    return perf_counter() - begun
