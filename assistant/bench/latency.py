"""latency: how long a host's final line takes to its subtitles, socket to socket, idle and under twice the comments that fit."""

from __future__ import annotations

import asyncio
import json
from time import perf_counter

from assistant.bench.flood import flooding
from assistant.bench.result import Plan, Result, judged, percentile, skipped
from assistant.bench.service import COUNTS, through, warm
from assistant.bench.serving import Service, serving
from assistant.bench.subject import Subject, engine_of, subjects
from assistant.bench.texts import HOST, LANGUAGES, comments, host_lines
from assistant.bench.wire import connected, masked

RATIO = 2.5
SLACK_MS = 50.0
LAG = 0.02
"""Seconds the event loop may be late, at the 99th percentile."""
GAP_SECONDS = 0.9
"""Between two finals: about as fast as a host speaks."""
FLOOD = 2.0
SETTLE_SECONDS = 2.0
LINE_SECONDS = 30.0


def run(plan: Plan) -> list[Result]:
    """Latency and event-loop lag per model."""
    found, missing = subjects(plan)
    results = [result for subject in found for result in measure(subject, plan.count(50, 8), plan.count(*COUNTS[subject.name]))]
    return results + [skipped(f"latency.{name}", why) for name, why in missing.items()]


def measure(subject: Subject, lines: int, count: int) -> list[Result]:
    """Idle, flooded, idle."""
    texts = host_lines(lines * 2)
    with serving(subject) as service:
        warm(service, engine_of(subject), subject)
        capacity, _ = through(service, comments(count))
        idle = asyncio.run(_speak(service, texts[: lines // 2], "i"))
        with flooding(service.socket("connector"), FLOOD * capacity, SETTLE_SECONDS + lines * (GAP_SECONDS + 2.0)) as flood:
            asyncio.run(asyncio.sleep(SETTLE_SECONDS))
            before = service.metrics()
            busy = asyncio.run(_speak(service, texts[lines // 2 : lines // 2 + lines], "f"))
            after = service.metrics()
        idle += asyncio.run(_speak(service, texts[lines // 2 + lines :], "j"))
    calm, pressed = percentile(idle, 0.95) * 1000, percentile(busy, 0.95) * 1000
    details = {
        "idle_ms": {"p50": round(percentile(idle, 0.5) * 1000, 1), "p95": round(calm, 1)},
        "flooded_ms": {"p50": round(percentile(busy, 0.5) * 1000, 1), "p95": round(pressed, 1)},
        "capacity_per_second": round(capacity, 1), "flood": flood, "subtitles": len(busy),
        "shed": after["liveroom_comments_shed_total"] - before["liveroom_comments_shed_total"],
    }  # fmt: skip
    name = f"latency.{subject.name}"
    if subject.name == "embedded":
        first = judged(name, pressed - calm, "<=", SLACK_MS, "ms over idle", **details)
    else:
        first = judged(name, pressed / calm, "<=", RATIO, **details)
    late, observed = lag(before, after)
    note = "upper end of the histogram's bucket"
    return [first, judged(f"lag.{subject.name}", late * 1000, "<=", LAG * 1000, "ms", samples=int(observed), note=note)]


async def _speak(service: Service, texts: list[str], prefix: str) -> list[float]:
    """Seconds from each final sent to each of its subtitles received."""
    sent: dict[str, float] = {}
    took: list[float] = []
    complete = asyncio.Event()

    def hear(payload: bytes) -> None:
        now = perf_counter()
        event = json.loads(payload)
        if event["final"] and event["segment"] in sent:
            took.append(now - sent[event["segment"]])
            if len(took) == len(texts) * len(LANGUAGES):
                complete.set()

    viewer = await connected(service.socket("viewer", streams="subtitle"), hear)
    host = await connected(service.socket("host", streams="none"), lambda payload: None)
    for number, text in enumerate(texts):
        segment = f"{prefix}{number}"
        line = {"type": "speech", "segment": segment, "rev": 0, "final": True, "text": text, "lang": HOST}
        frame = masked(json.dumps(line, ensure_ascii=False).encode())
        sent[segment] = perf_counter()
        host.write(frame)
        await asyncio.sleep(GAP_SECONDS)
    async with asyncio.timeout(LINE_SECONDS):
        await complete.wait()
    await viewer.close()
    await host.close()
    return took


def lag(before: dict[str, float], after: dict[str, float]) -> tuple[float, float]:
    """The event loop's lag between two readings: the bucket bound in seconds that 99 % stay below, and how often it was measured."""
    name = "liveroom_event_loop_lag_seconds"
    count = after[f"{name}_count"] - before[f"{name}_count"]
    bounds = sorted((float(key.split('"')[1]), key) for key in after if key.startswith(f"{name}_bucket"))
    for bound, key in bounds:
        if after[key] - before.get(key, 0.0) >= 0.99 * count:
            return bound, count
    return float("inf"), count
