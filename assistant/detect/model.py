"""The trained part of the detector: a linear model over hashed character n-grams, for alphabets that languages share.

It is trained by `python -m assistant.reading.train language`; its recipe and scores stand in `assistant/signals/data/README.md`.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import resources

import numpy as np

from assistant.detect.grams import grams, summed

FILE = "data/languages.npz"
LATIN = "-Latn"
"""Ends the name of a column for a language of another script in Latin letters."""

Key = tuple[str, bool]
"""A language and whether it is romanised."""


class Model:
    """The arrays of the model, loaded once; `scores` is pure."""

    def __init__(self) -> None:
        with resources.files("assistant.detect").joinpath(FILE).open("rb") as stream, np.load(stream, allow_pickle=False) as arrays:
            self._table, self._scale, self._bias = arrays["table"], arrays["scale"], arrays["bias"]
            self.keys: list[Key] = [(name.removesuffix(LATIN), name.endswith(LATIN)) for name in arrays["names"].tolist()]
        self._buckets = len(self._table) - 1

    def scores(self, text: str) -> dict[Key, float]:
        """The logarithm of the probability of every language the model knows, for one text in lower case."""
        return dict(zip(self.keys, self.many([text])[0], strict=True))

    def many(self, texts: Sequence[str]) -> list[list[float]]:
        """The same for a batch, in the order of `keys`."""
        odds = summed(self._table, grams(texts, self._buckets)) * self._scale + self._bias
        odds -= odds.max(1, keepdims=True)
        return (odds - np.log(np.exp(odds).sum(1, keepdims=True))).tolist()
