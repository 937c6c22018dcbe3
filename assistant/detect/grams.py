"""Character n-grams of texts as hashed numbers, made for a whole batch at once with numpy: what the trained models read.

A text is taken as it is given, with a space at either end, so that the beginning and the end of words count. The caller
normalises it. The hash is fixed: trained tables depend on it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LONGEST = 5
"""Characters of the longest n-gram."""
MAX_CHARS = 400
"""Code points of a text that are read; more is no comment, and a hostile text must not cost more."""

_STEP, _MIX1, _MIX2 = np.uint32(0x01000193), np.uint32(0x85EBCA6B), np.uint32(0xC2B2AE35)
_SEEDS = [np.uint32(0x9E3779B9 * size & 0xFFFFFFFF) for size in range(1, LONGEST + 1)]


@dataclass(frozen=True, slots=True)
class Grams:
    """The n-grams of a batch of texts."""

    rows: NDArray[np.int64]
    """Row numbers of a table, 0..buckets-1 for an n-gram and `buckets` for none, the texts one after the other."""
    starts: NDArray[np.int64]
    """Where each text begins in `rows`."""
    counts: NDArray[np.float32]
    """How many n-grams each text has; at least 1."""


def grams(texts: Sequence[str], buckets: int) -> Grams:
    """The n-grams (1..LONGEST characters) of each text as rows of a table of `buckets` rows, a power of two."""
    padded = [f" {text[:MAX_CHARS]} \0" for text in texts]
    lengths = np.fromiter(map(len, padded), np.int64, len(padded))
    codes = np.frombuffer("".join(padded).encode("utf-32-le", "surrogatepass"), np.uint32)
    # One line a position, one column a length: flattened, the texts stay in order. An n-gram over the end of a text is none.
    rows = np.full((len(codes), LONGEST), buckets, np.int64)
    hashed = np.zeros_like(codes)
    inside = np.ones(len(codes), bool)
    for size in range(1, LONGEST + 1):
        last = codes[size - 1 :]
        hashed = hashed[: len(last)] * _STEP + last
        inside = inside[: len(last)] & (last != 0)
        mixed = hashed ^ _SEEDS[size - 1]
        mixed = (mixed ^ mixed >> np.uint32(16)) * _MIX1
        mixed = (mixed ^ mixed >> np.uint32(13)) * _MIX2
        mixed ^= mixed >> np.uint32(16)
        rows[: len(last), size - 1] = np.where(inside, mixed & np.uint32(buckets - 1), buckets)
    ends = np.cumsum(lengths)
    starts = (ends - lengths) * LONGEST
    # A text of n characters with its two spaces has n+2 single characters, n+1 pairs and so on.
    counts = sum(np.maximum(lengths - size, 0) for size in range(1, LONGEST + 1))
    return Grams(rows.ravel(), starts, np.maximum(counts, 1).astype(np.float32))


def summed(table: NDArray[np.int8], found: Grams) -> NDArray[np.float32]:
    """Shape (texts, columns): the rows of `table` (buckets + 1, the last all zero) added up, over the root of the count."""
    totals = np.add.reduceat(table[found.rows], found.starts, axis=0, dtype=np.int32)
    return totals / np.sqrt(found.counts)[:, None]
