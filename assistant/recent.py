"""What was worked out lately: a live chat repeats itself, the same greeting comes a hundred times a minute."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Mapping, Sequence
from typing import Generic, TypeVar

from assistant.detect import Detection, Detector

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

KEPT = 5_000
"""Answers kept; the one asked for least lately goes first."""


class Recent(Generic[K, V]):
    """Answers by question, at most `size`."""

    def __init__(self, size: int = KEPT) -> None:
        self._size = size
        self._answers: OrderedDict[K, V] = OrderedDict()

    def get(self, question: K) -> V | None:
        """The answer, None when it is not known (any more)."""
        answer = self._answers.get(question)
        if answer is not None:
            self._answers.move_to_end(question)
        return answer

    def clear(self) -> None:
        """Forget every answer."""
        self._answers.clear()

    def put(self, question: K, answer: V) -> V:
        """Keep an answer and give it back."""
        self._answers[question] = answer
        if len(self._answers) > self._size:
            self._answers.popitem(last=False)
        return answer


class RecentDetector:
    """A detector that remembers: detection is pure, so equal questions have equal answers."""

    def __init__(self, detector: Detector) -> None:
        self._detector = detector
        self.languages_of = detector.languages_of
        self._recent: Recent[tuple[Hashable, ...], Detection] = Recent()
        self.clear = self._recent.clear

    def detect(
        self, text: str, *, priors: Sequence[str] = (), market_langs: Sequence[str] = (), history: Mapping[str, int] | None = None
    ) -> Detection:
        """As `Detector.detect`."""
        question = (text, tuple(priors), tuple(market_langs), tuple(history.items()) if history else ())
        if (known := self._recent.get(question)) is not None:
            return known
        return self._recent.put(question, self._detector.detect(text, priors=priors, market_langs=market_langs, history=history))
