"""memory: the service's resident memory after many comments ÷ after a tenth of them."""

from __future__ import annotations

import asyncio

from assistant.bench.result import Plan, Result, judged, skipped
from assistant.bench.service import WINDOW
from assistant.bench.serving import comment_frames, serving
from assistant.bench.subject import Subject, subjects
from assistant.bench.texts import comments, zipf
from assistant.bench.wire import connected, pump

BAR = 1.1
STEP = 5_000
TEXTS = 2_000
"""Distinct texts for a model that is too slow for a hundred thousand."""


def run(plan: Plan) -> list[Result]:
    """One figure, with the fastest model there is."""
    try:
        import psutil  # noqa: F401
    except ImportError:
        return [skipped("memory", 'psutil is not installed; get it with: pip install "liveroom-assistant[dev]"')]
    found, missing = subjects(plan)
    if not found:
        return [skipped("memory", "; ".join(missing.values()))]
    if plan.quick:  # the caches are still filling then: a figure to look at, not to hold against the bar
        return [measure(found[-1], 4_000, 2_000, judge=False)]
    return [measure(found[-1], 100_000, 10_000)]


def measure(subject: Subject, count: int, first: int, judge: bool = True) -> Result:
    """Every comment has a viewer of its own; the shipped model also gets a text of its own each time."""
    import psutil

    if subject.forced:
        pool = comments(min(TEXTS, count // 10))
        said = [pool[index] for index in zipf(count, len(pool), 1.1)]
    else:
        said = comments(count)
    curve: dict[int, float] = {}
    with serving(subject) as service:
        process = psutil.Process(service.pid)

        async def read_along() -> None:
            reader = await connected(service.socket("moderator"), lambda payload: None)
            step = min(STEP, first)
            for start in range(0, count, step):
                answers = await pump(service.socket("connector"), comment_frames(said[start : start + step], f"m{start}-"), WINDOW)
                if answers.errors:
                    raise RuntimeError(answers.first_error)
                curve[start + step] = process.memory_info().rss / 2**20
            await reader.close()

        asyncio.run(read_along())
    last = max(curve)
    return judged(
        "memory", curve[last] / curve[first], "<=" if judge else None, BAR, model=subject.name, comments=[first, last],
        mib={str(done): round(size, 1) for done, size in curve.items() if done in (min(curve), first, last // 2, last)},
    )  # fmt: skip
