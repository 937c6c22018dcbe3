"""Fits a linear model over hashed n-grams: softmax over groups of columns, noise on the n-grams, result in bytes.

A table of `buckets` rows (and one of zeros) times the columns is learnt with Adam; for use it is rounded to int8 with one
scale a column, so that a comment costs the sum of some hundred short rows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.detect.grams import grams, summed

Targets = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Recipe:
    """What fitting depends on."""

    buckets: int = 1 << 16
    epochs: int = 12
    batch: int = 256
    rate: float = 0.05
    drop: float = 0.3
    """Share of the n-grams of a text that a step does not see."""
    smooth: float = 0.05
    """Share of the target spread over all columns of a group."""
    seed: int = 7


@dataclass(frozen=True, slots=True)
class Fitted:
    """A table as it is shipped."""

    table: NDArray[np.int8]
    scale: NDArray[np.float32]
    bias: NDArray[np.float32]

    def scores(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Shape (texts, columns): unnormalised log odds."""
        return summed(self.table, grams(texts, len(self.table) - 1)) * self.scale + self.bias


def fit(
    texts: Sequence[str], targets: Targets, groups: Sequence[slice], recipe: Recipe, *, weights: NDArray[np.float32] | None = None,
    told: Callable[[str], None] = lambda line: None,
) -> Fitted:
    """`targets` has shape (texts, columns) and sums to 1 (or 0: not labelled) within each group; `weights` is per text."""
    import torch

    torch.set_num_threads(1)
    torch.manual_seed(recipe.seed)
    dice = np.random.default_rng(recipe.seed)
    found = grams(texts, recipe.buckets)
    bounds = np.append(found.starts, len(found.rows))
    wanted = torch.from_numpy(targets.astype(np.float32))
    heavy = torch.from_numpy(weights if weights is not None else np.ones(len(texts), np.float32))
    table = torch.nn.EmbeddingBag(recipe.buckets + 1, targets.shape[1], mode="sum", padding_idx=recipe.buckets)
    torch.nn.init.zeros_(table.weight)
    bias = torch.nn.Parameter(torch.zeros(targets.shape[1]))
    steps = recipe.epochs * -(-len(texts) // recipe.batch)
    optimiser = torch.optim.Adam([*table.parameters(), bias], lr=recipe.rate, betas=(0.9, 0.99))
    plan = torch.optim.lr_scheduler.LinearLR(optimiser, 1.0, 0.02, steps)
    for epoch in range(recipe.epochs):
        order = dice.permutation(len(texts))
        total = 0.0
        for start in range(0, len(order), recipe.batch):
            chosen = order[start : start + recipe.batch]
            pieces = [found.rows[bounds[index] : bounds[index + 1]] for index in chosen]
            pieces = [piece[piece < recipe.buckets] for piece in pieces]
            kept = [piece[dice.random(len(piece)) >= recipe.drop] if len(piece) > 3 else piece for piece in pieces]
            offsets = np.cumsum([0, *map(len, kept[:-1])])
            length = torch.tensor([max(1.0, len(piece)) for piece in kept]).sqrt()[:, None]
            logits = table(torch.from_numpy(np.concatenate(kept)), torch.from_numpy(offsets)) / length + bias
            loss = logits.new_zeros(())
            for group in groups:
                target = wanted[chosen, group]
                labelled = target.sum(1)
                smooth = target * (1 - recipe.smooth) + labelled[:, None] * recipe.smooth / target.shape[1]
                loss = loss - (heavy[chosen] * (smooth * torch.log_softmax(logits[:, group], 1)).sum(1)).mean()
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            plan.step()
            total += float(loss.detach()) * len(chosen)
        told(f"epoch {epoch + 1}: loss {total / len(texts):.4f}")
    return rounded(table.weight.detach().numpy(), bias.detach().numpy())


def rounded(table: NDArray[np.float32], bias: NDArray[np.float32]) -> Fitted:
    """The table in bytes: one scale a column, the few largest weights clipped."""
    reach = np.maximum(np.quantile(np.abs(table), 0.9999, axis=0), 1e-6).astype(np.float32)
    scale = reach / 127
    small = np.clip(np.rint(table / scale), -127, 127).astype(np.int8)
    small[-1] = 0
    return Fitted(small, scale, bias.astype(np.float32))


def save(path: Path, fitted: Fitted, names: Sequence[str]) -> None:
    """Write a model as a compressed npz without pickle."""
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(path, table=fitted.table, scale=fitted.scale, bias=fitted.bias, names=np.array(names))
