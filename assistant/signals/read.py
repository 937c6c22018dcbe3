"""Reads a comment: what it asks (intents) and how it sounds (sentiment), from its text and its translation together.

One linear model over hashed character n-grams; the n-grams themselves are made by a function given from outside, which the
language detector shares. Shapes and training: `data/README.md`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from assistant.signals.plain import plain

Sentiment = Literal["negative", "neutral", "positive"]
SENTIMENTS: tuple[Sentiment, ...] = ("negative", "neutral", "positive")
OTHER = "other"

FILE = "data/reading.npz"
SECOND = 0.15
"""Probability from which a second intent is told; a comment rarely asks two things."""
MOST = 3
"""Intents told of one comment at most."""
BATCH = 256
"""Texts whose n-grams are in memory together (about 4 MB)."""


class Grams(Protocol):
    """Hashed n-grams of a batch, as `assistant.detect.grams.Grams`."""

    rows: NDArray[np.int64]
    starts: NDArray[np.int64]
    counts: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Written:
    """A comment to be read."""

    text: str
    translation: str = ""
    """Its translation into the moderators' language; "" when there is none."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a comment means."""

    intents: tuple[str, ...]
    """`group.detail` names, the likeliest first; (`other`,) when none fits."""
    sentiment: Sentiment | None
    """None only of a comment that was not read."""
    confidence: float
    """Probability of the first intent, 0..1."""


NOTHING = Reading((OTHER,), "neutral", 0.0)
"""The reading of text without a letter or sign that tells anything."""


class Reader:
    """The arrays of the model, loaded once; reading is pure and thread-safe."""

    def __init__(self, grams: Callable[[Sequence[str], int], Grams]) -> None:
        """`grams(texts, buckets)` gives the n-grams of texts as rows of a table of `buckets` rows."""
        self._grams = grams
        with resources.files("assistant.signals").joinpath(FILE).open("rb") as stream, np.load(stream, allow_pickle=False) as arrays:
            self._table, self._scale, self._bias = arrays["table"], arrays["scale"], arrays["bias"]
            names = arrays["names"].tolist()
        self.intents: tuple[str, ...] = tuple(names[: -len(SENTIMENTS)])
        """Every intent the model knows."""

    def read(self, text: str, translation: str = "") -> Reading:
        """What one comment means. Never raises."""
        return self.read_many([Written(text, translation)])[0]

    def read_many(self, comments: Sequence[Written]) -> list[Reading]:
        """What comments mean, in their order: several times cheaper a comment than one by one, and without a lock, so good in a thread."""
        readings: list[Reading] = []
        for start in range(0, len(comments), BATCH):
            readings += self._read(comments[start : start + BATCH])
        return readings

    def _read(self, comments: Sequence[Written]) -> list[Reading]:
        pairs = [both(plain(comment.text), plain(comment.translation)) for comment in comments]
        odds = self._odds(pairs)
        intents, sentiments = odds[:, : len(self.intents)], odds[:, len(self.intents) :]
        likely = np.exp(intents - intents.max(1, keepdims=True))
        likely /= likely.sum(1, keepdims=True)
        order = np.argsort(-likely, 1)[:, :MOST].tolist()
        felt = sentiments.argmax(1).tolist()
        return [
            self._told(row, [float(likely[index, column]) for column in row], SENTIMENTS[felt[index]]) if pairs[index] else NOTHING
            for index, row in enumerate(order)
        ]

    def _odds(self, texts: Sequence[str]) -> NDArray[np.float32]:
        found = self._grams(texts, len(self._table) - 1)
        totals = np.add.reduceat(self._table[found.rows], found.starts, axis=0, dtype=np.int32)
        return totals / np.sqrt(found.counts)[:, None] * self._scale + self._bias

    def _told(self, columns: Sequence[int], likely: Sequence[float], sentiment: Sentiment) -> Reading:
        names = [self.intents[column] for column in columns]
        more = [name for name, share in zip(names[1:], likely[1:], strict=True) if share >= SECOND and name != OTHER]
        return Reading((names[0], *(more if names[0] != OTHER else ())), sentiment, round(likely[0], 3))


def both(text: str, translation: str) -> str:
    """Text and translation as one string for the n-grams: apart, so that none runs over the seam."""
    return f"{text} \x01 {translation}" if translation else text
