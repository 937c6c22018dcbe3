"""erasure: what viewers of partial subtitles see taken back, and how late words come to stay, per stability mode."""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from assistant.bench.result import Plan, Result, judged, skipped
from assistant.bench.serving import Service, serving
from assistant.bench.subject import Subject
from assistant.bench.wire import connected
from assistant.events import Speech, Stability
from assistant.replay import Step, only, play, read_session
from assistant.shipped import SAMPLE
from assistant.translate.stability import erased, units

BARS: dict[Stability, float | None] = {"fast": None, "balanced": 0.2, "reading": 0.0}
SPEED, QUICK_SPEED, QUICK_SECONDS = 1.0, 4.0, 40.0
"""Times faster than life; the quick version ends after so many seconds of the session."""
AFTER_SECONDS = 3.0


@dataclass(slots=True)
class Line:
    """What one viewer saw of one segment in one language: (when, text), the final last."""

    shown: list[tuple[float, str]] = field(default_factory=list)
    final: bool = False


def run(plan: Plan) -> list[Result]:
    """Normalised erasure per mode, over all subtitle languages of the sample room."""
    if plan.embedded is None:
        return [skipped("erasure", "no embedded model is shipped with this checkout, and a random one says nothing here")]
    steps = only(read_session(SAMPLE / "session.jsonl"), "speech", "product")
    speed = SPEED
    if plan.quick:
        speed = QUICK_SPEED
        steps = [step for step in steps if step.t <= QUICK_SECONDS]
    return measure(Subject("embedded", plan.embedded, forced=False), steps, speed)


def measure(subject: Subject, steps: Sequence[Step], speed: float) -> list[Result]:
    """Three viewers of all languages watch one session."""
    with serving(subject, room=SAMPLE / "ROOM.toml") as service:
        seen, spoken = asyncio.run(_watch(service, steps, speed))
    results = []
    for mode, bar in BARS.items():
        lines = {key: line for key, line in seen[mode].items() if line.final}
        taken, whole, waits = tally(lines, spoken)
        facts = {
            "lag_ms": round(1000 * sum(waits) / len(waits)) if waits else None, "speed": speed, "finals": len(lines),
            "partials": sum(len(line.shown) - 1 for line in lines.values()), "units": whole, "by_language": by_language(lines),
        }  # fmt: skip
        value = taken / max(1, whole)
        results.append(judged(f"erasure.{mode}", value, None if bar is None else "<=", bar or 0.0, "of final units", **facts))
    return results


def taken_back(line: Line, lang: str) -> int:
    """Units shown and then taken back, up to the step from the last partial to the final."""
    texts = [text for _, text in line.shown]
    return sum(erased(before, after, lang) for before, after in pairwise(texts))


def tally(lines: dict[tuple[str, str], Line], spoken: dict[str, list[tuple[float, int]]]) -> tuple[int, int, list[float]]:
    """(units taken back, units of the finals, seconds each final unit came to stay after its part of the source was said)."""
    taken = whole = 0
    waits: list[float] = []
    for (segment, lang), line in lines.items():
        final = units(line.shown[-1][1], lang)
        taken += taken_back(line, lang)
        whole += len(final)
        waits += lags(line, lang, spoken.get(segment, []))
    return taken, whole, waits


def lags(line: Line, lang: str, spoken: Sequence[tuple[float, int]]) -> list[float]:
    """Seconds per unit of the final; `spoken` holds (when, characters so far) of the segment's revisions.

    Unit j of J belongs to the first j/J of the source, as in re-translation research (Arivazhagan et al. 2020).
    """
    final = line.shown[-1][1]
    count = len(units(final, lang))
    stays = [line.shown[-1][0]] * count
    kept = count
    for when, text in reversed(line.shown[:-1]):  # a unit stays from here only if it also stood in all later revisions
        kept = min(kept, len(units(text, lang)) - erased(text, final, lang))
        stays[:kept] = [when] * kept
    if not spoken:
        return []
    length = max(size for _, size in spoken)
    said = [next(when for when, size in spoken if size * count >= (index + 1) * length) for index in range(count)]
    return [max(0.0, at - since) for at, since in zip(stays, said, strict=True)]


def by_language(lines: dict[tuple[str, str], Line]) -> dict[str, float]:
    """Normalised erasure per language."""
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for (_, lang), line in lines.items():
        sums[lang][0] += taken_back(line, lang)
        sums[lang][1] += len(units(line.shown[-1][1], lang))
    return {lang: round(taken / max(1, whole), 3) for lang, (taken, whole) in sorted(sums.items())}


async def _watch(
    service: Service, steps: Sequence[Step], speed: float
) -> tuple[dict[Stability, dict[tuple[str, str], Line]], dict[str, list[tuple[float, int]]]]:
    """What each mode's viewer saw per (segment, language), and when how much of each segment was said (loop seconds)."""
    loop = asyncio.get_running_loop()
    seen: dict[Stability, dict[tuple[str, str], Line]] = {mode: defaultdict(Line) for mode in BARS}

    def hearing(mode: Stability):
        def hear(payload: bytes) -> None:
            event = json.loads(payload)
            line = seen[mode][event["segment"], event["lang"]]
            if not line.final:
                line.shown.append((loop.time(), event["text"]))
                line.final = event["final"]

        return hear

    viewers = [await connected(service.socket("viewer", streams="subtitle", stability=mode), hearing(mode)) for mode in BARS]
    begun = loop.time()
    spoken: dict[str, list[tuple[float, int]]] = defaultdict(list)
    for step in steps:
        if isinstance(step.message, Speech):
            spoken[step.message.segment].append((begun + step.t / speed, len(step.message.text)))
    played = await play(steps, service.socket("host"), speed)
    if played.refused:
        raise RuntimeError(f"{played.refused} messages refused: {played.first_error}")
    await asyncio.sleep(AFTER_SECONDS)
    for viewer in viewers:
        await viewer.close()
    return seen, spoken
