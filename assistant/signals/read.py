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

from assistant.signals.clauses import clauses
from assistant.signals.plain import MAX_CHARS, plain

Sentiment = Literal["negative", "neutral", "positive"]
SENTIMENTS: tuple[Sentiment, ...] = ("negative", "neutral", "positive")
OTHER = "other"

FILE = "data/reading.npz"
SECOND = 0.25
CLAUSE = 0.5
"""Probability from which a second intent is told, of the whole comment and of one of its clauses; a comment rarely asks two things."""
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
        parts = [(index, plain(part)) for index, comment in enumerate(comments) for part in clauses(comment.text[:MAX_CHARS])]
        odds = self._odds([*pairs, *(part for _, part in parts)])
        likely = odds[:, : len(self.intents)]
        likely = np.exp(likely - likely.max(1, keepdims=True))
        likely /= likely.sum(1, keepdims=True)
        order = np.argsort(-likely, 1)[:, :MOST].tolist()
        felt = odds[:, len(self.intents) :].argmax(1).tolist()
        asked: list[list[int]] = [[] for _ in pairs]
        for index, row in enumerate(order[: len(pairs)]):
            asked[index] = [row[0], *(column for column in row[1:] if likely[index, column] >= SECOND)]
        for place, (index, _) in enumerate(parts, len(pairs)):
            if likely[place, order[place][0]] >= CLAUSE:
                asked[index].append(order[place][0])
        return [
            self._told(asked[index], round(float(likely[index, order[index][0]]), 3), SENTIMENTS[felt[index]]) if pair else NOTHING
            for index, pair in enumerate(pairs)
        ]

    def _odds(self, texts: Sequence[str]) -> NDArray[np.float32]:
        found = self._grams(texts, len(self._table) - 1)
        totals = np.add.reduceat(self._table[found.rows], found.starts, axis=0, dtype=np.int32)
        return totals / np.sqrt(found.counts)[:, None] * self._scale + self._bias

    def _told(self, columns: Sequence[int], confidence: float, sentiment: Sentiment) -> Reading:
        first, *more = dict.fromkeys(self.intents[column] for column in columns)
        return Reading((first, *(name for name in more if name != OTHER))[:MOST], sentiment, confidence)


def both(text: str, translation: str) -> str:
    """Text and translation as one string for the n-grams: apart, so that none runs over the seam."""
    return f"{text} \x01 {translation}" if translation else text
