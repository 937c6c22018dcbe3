"""Batches of token ids, cut by length from an endless, seeded stream of training pairs."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import sentencepiece
import torch

from assistant.models.corpus.mix import Mixture
from assistant.models.corpus.read import Pair
from assistant.models.train.vocabulary import target_token

COPYING = (0.3, 0.3, 0.2, 0.1)
"""Share of copying pairs in the first chunks."""


@dataclass(slots=True)
class Encoder:
    """Text to ids. `</s>` is 0, `<pad>` the id after the last piece."""

    processor: sentencepiece.SentencePieceProcessor

    @classmethod
    def load(cls, model: Path) -> Encoder:
        return cls(sentencepiece.SentencePieceProcessor(model_file=str(model)))

    @property
    def pad(self) -> int:
        return self.processor.get_piece_size()

    def source(self, text: str, target_language: str) -> list[int]:
        return [self.processor.piece_to_id(target_token(target_language)), *self.processor.encode(text), 0]

    def target(self, text: str) -> list[int]:
        return [*self.processor.encode(text), 0]

    def pair(self, pair: Pair) -> tuple[list[int], list[int]]:
        return self.source(pair.source, pair.target_language), self.target(pair.target)

    def padded(self, rows: list[list[int]]) -> torch.Tensor:
        """(batch, longest) ids."""
        longest = max(map(len, rows))
        return torch.tensor([row + [self.pad] * (longest - len(row)) for row in rows])


Batch = tuple[torch.Tensor, torch.Tensor]


def cut(encoded: list[tuple[list[int], list[int]]], budget: int) -> list[list[tuple[list[int], list[int]]]]:
    """Groups of similar length whose padded source + target tokens stay within `budget`."""
    # Bands of target length, source length rising and falling in turn: neighbours then differ little on both sides.
    encoded = sorted(encoded, key=lambda pair: (len(pair[1]) // 2, len(pair[0]) * (1 if len(pair[1]) // 2 % 2 else -1)))
    groups: list[list[tuple[list[int], list[int]]]] = []
    group: list[tuple[list[int], list[int]]] = []
    longest = [0, 0]
    for pair in encoded:
        wider = [max(longest[0], len(pair[0])), max(longest[1], len(pair[1]))]
        if group and sum(wider) * (len(group) + 1) > budget:
            groups.append(group)
            group, wider = [], [len(pair[0]), len(pair[1])]
        group.append(pair)
        longest = wider
    return [*groups, group] if group else groups


@dataclass(frozen=True, slots=True)
class Cut:
    """How batches are made."""

    seed: int
    pairs: int
    """Pairs drawn, sorted by length and cut into batches at a time: a chunk."""
    budget: int
    """Padded source + target tokens of a batch."""
    longest: int
    """Pieces; pairs with a longer side are left out."""


def chunk(mix: Mixture, encoder: Encoder, number: int, settings: Cut) -> list[Batch]:
    """The batches of one chunk: the same for the same arguments, whatever was drawn before."""
    rng = random.Random(f"{settings.seed}/{number}")
    copying = COPYING[number] if number < len(COPYING) else 0.0
    encoded = [encoder.pair(mix.draw(rng, copying)) for _ in range(settings.pairs)]
    encoded = [pair for pair in encoded if max(len(pair[0]), len(pair[1])) <= settings.longest]
    groups = cut(encoded, settings.budget)
    rng.shuffle(groups)
    return [(encoder.padded([s for s, _ in group]), encoder.padded([t for _, t in group])) for group in groups]


def stream(
    mix: Mixture, encoder: Encoder, settings: Cut, start: tuple[int, int] = (0, 0)
) -> Iterator[tuple[tuple[int, int], Batch]]:
    """Endless (position after this batch, batch); a position is (chunk number, batches used of it)."""
    number, used = start
    while True:
        batches = chunk(mix, encoder, number, settings)
        for index in range(used, len(batches)):
            yield (number, index + 1), batches[index]
        number, used = number + 1, 0
