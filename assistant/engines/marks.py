"""Which placeholders a loaded model copies: proven by trial, since no two models agree on that.

Trained marks (model.toml's `marks`) are tried mark by mark; a model without any is tried with the kinds that programs mask with,
and the kind that comes through most often is chosen, or none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from assistant.engines.selftest import rows
from assistant.errors import ModelError
from assistant.models.folder import ModelFolder, SelfTest
from assistant.schedule import Engine
from assistant.translate import check
from assistant.translate.request import Request
from assistant.translate.routes import Installed

KINDS: tuple[tuple[str, ...], ...] = tuple(
    tuple(kind.replace("0", str(number)) for number in range(8)) for kind in ("⟦0⟧", "[0]", "{0}", "<0>", "#0#", "XX0XX", "§0§", "__0__", "Q0Q")
)
"""Kinds tried on a model that was trained on none, the one least likely to stand in chat first."""
PROVEN = 0.8
"""Share of trials a kind must survive. A sentence that loses a mark is caught and mended; marks that fail often cost time."""
TRIALS = 16
"""Sentences per trained set and per kind."""


def routing(folder: ModelFolder, engine: Engine) -> Installed:
    """What routing needs to know of a loaded model, with the marks it was seen to copy."""
    return replace(folder.routing(), marks=proven(folder, engine))


def proven(folder: ModelFolder, engine: Engine) -> tuple[str, ...]:
    """The marks that a model copies in its self-test's sentences, the one to use first first; () for none."""
    tests = rows(folder)
    if not tests:
        return ()
    if folder.marks:
        copied, share = _tried(folder, engine, tests, folder.marks)
        return copied if share >= PROVEN / 2 else ()  # a weak model's trained marks still beat any other's
    best: tuple[float, tuple[str, ...]] = (0.0, ())
    for kind in KINDS:
        copied, share = _tried(folder, engine, tests, kind)
        if share >= PROVEN and share > best[0]:
            best = share, copied
        if share == 1.0:
            break
    return best[1]


def _tried(folder: ModelFolder, engine: Engine, tests: Sequence[SelfTest], marks: Sequence[str]) -> tuple[tuple[str, ...], float]:
    """The marks that came through at least once where they were tried, and the share of trials that did."""
    trials = max(TRIALS, len(marks))
    requests: list[Request] = []
    for number in range(trials):
        row = tests[number * len(tests) // trials % len(tests)]
        mark = marks[number % len(marks)]
        gap = "" if row.source in ("zh", "ja", "th") else " "
        text = f"{mark}{gap}{row.text}" if number % 2 else f"{row.text.rstrip('.!?。！？؟')}{gap}{mark}"
        requests.append(Request(folder.name, text, row.source, row.target))
    try:
        answers = engine.translate(requests)
    except ModelError:
        return (), 0.0
    good = [
        answer.text.count(marks[number % len(marks)]) == 1 and check.fault(request.text, request.source, request.target, answer) is None
        for number, (request, answer) in enumerate(zip(requests, answers, strict=True))
    ]
    copied = tuple(mark for place, mark in enumerate(marks) if any(good[place :: len(marks)]))
    return copied, sum(good) / len(good)
