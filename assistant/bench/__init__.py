"""`liveroom bench`: what the bars promise, each a ratio of two measurements within one run.

Absolute figures belong to one machine on one day; a ratio of what runs right after each other says more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from importlib import import_module

from assistant.bench.result import Plan, Result

BENCHMARKS = {
    "engine": "CTranslate2 ÷ transformers, the same weights",
    "service": "the whole service ÷ bare batches, unique comments",
    "zipf": "the whole service ÷ bare batches, a chat that repeats itself",
    "latency": "final subtitles and event-loop lag under twice the comments that fit",
    "fanout": "one subtitle to a thousand sockets ÷ a bare broadcast",
    "memory": "resident memory after many comments ÷ after a tenth",
    "talk": "cards for the 20 most frequent questions in every market, wrong cards, replay, trigger to card",
    "terms": "what of glossaries, numbers, codes and links survives the shipped model",
    "signals": "comments read: intent, sentiment and language of held-out comments, and how many a second",
    "guard": "the guard's precision and recall on labelled sentences, and a line's time under 5,000 rules",
    "questions": "the same question in any language is one",
    "erasure": "what partial subtitles take back, and their lag, per stability mode",
}
"""Name to what it measures, in the order they run; the module of that name has `run(plan) -> list[Result]`."""


def run(names: Sequence[str], plan: Plan, begin: Callable[[str], None] = lambda name: None) -> list[Result]:
    """Run benchmarks by name, all without one; raises `KeyError` for an unknown name. `begin` hears of each as it starts."""
    return list(running(names, plan, begin))


def running(names: Sequence[str], plan: Plan, begin: Callable[[str], None] = lambda name: None) -> Iterator[Result]:
    """As `run`, each result as it is there."""
    for name in names:
        if name not in BENCHMARKS:
            raise KeyError(name)
    for name in names or BENCHMARKS:
        begin(name)
        yield from import_module(f"assistant.bench.{name}").run(plan)


__all__ = ["BENCHMARKS", "Plan", "Result", "run", "running"]
