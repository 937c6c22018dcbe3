"""Answers kept: bounded, the least lately asked for goes first; detection remembered only for the very same question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from assistant.detect import Detection
from assistant.recent import Recent, RecentDetector


def test_the_answer_asked_for_least_lately_goes_first() -> None:
    recent: Recent[str, int] = Recent(size=2)
    assert recent.put("a", 1) == 1 and recent.put("b", 2) == 2
    assert recent.get("a") == 1
    recent.put("c", 3)
    assert (recent.get("a"), recent.get("b"), recent.get("c")) == (1, None, 3)
    recent.put("a", 4)
    assert (recent.get("a"), recent.get("c")) == (4, 3), "a new answer to a known question pushes nothing out"


def test_falsy_answers_are_answers() -> None:
    recent: Recent[str, tuple[str, ...]] = Recent()
    recent.put("a", ())
    assert recent.get("a") == () and recent.get("b") is None


class Counting:
    """Notes what it is asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[object, ...]] = []

    def languages_of(self, country: str | None) -> tuple[str, ...]:
        return ("ar",) if country == "SA" else ()

    def detect(
        self, text: str, *, priors: Sequence[str] = (), market_langs: Sequence[str] = (), history: Mapping[str, int] | None = None
    ) -> Detection:
        self.asked.append((text, tuple(priors), tuple(market_langs), dict(history or {})))
        return Detection("ar", len(self.asked) / 100)


def test_equal_questions_are_asked_once_and_others_anew() -> None:
    counting = Counting()
    detector = RecentDetector(counting)  # type: ignore[arg-type]
    assert detector.languages_of("SA") == ("ar",)
    first = detector.detect("hala", priors=["ar", "en"])
    assert detector.detect("hala", priors=("ar", "en"), history={}) is first and len(counting.asked) == 1
    others = [
        detector.detect("hala", priors=["en", "ar"]),
        detector.detect("hala", priors=["ar", "en"], market_langs=["ar"]),
        detector.detect("hala", priors=["ar", "en"], history={"ar": 1}),
        detector.detect("hala", priors=["ar", "en"], history={"ar": 2}),
        detector.detect("Hala", priors=["ar", "en"]),
    ]
    assert len({each.confidence for each in (first, *others)}) == 6


def test_a_history_that_grows_later_does_not_change_what_was_asked() -> None:
    counting, history = Counting(), {"ar": 1}
    detector = RecentDetector(counting)  # type: ignore[arg-type]
    first = detector.detect("hala", history=history)
    history["ar"] = 2
    assert detector.detect("hala", history=history) is not first
    assert detector.detect("hala", history={"ar": 1}) is first
