"""Simulated rooms with planted peaks and drops, seeded."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

STRENGTH = {"comment": (3.0, 0.15), "viewers": (1.6, 0.6), "click": (3.5, 0.1)}
"""How a planted peak and a planted drop change a series."""
NAMES = {
    ("comment", True): "comments_up", ("comment", False): "quiet", ("viewers", True): "viewers_up", ("viewers", False): "viewers_down",
    ("click", True): "clicks_up", ("click", False): "clicks_down",
}  # fmt: skip


@dataclass(frozen=True)
class Planted:
    """A peak (`up`) or a drop of a series from `start` to `end`, in seconds."""

    series: str
    up: bool
    start: int
    end: int


@dataclass(frozen=True)
class Simulated:
    """An hour of a room, by the second."""

    viewers: NDArray[np.float64]
    counts: dict[str, NDArray[np.int64]]
    planted: list[Planted]


def simulated(seed: int, *, plant: bool, per_minute: float = 48, bursts: bool = True, seconds: int = 3_600) -> Simulated:
    """A room whose pace drifts by a quarter each way and whose chat bursts: Poisson counts with gamma rates of ten seconds."""
    dice = np.random.default_rng(seed)
    time = np.arange(seconds)
    drift = np.exp(0.25 * np.sin(2 * np.pi * time / 5_400 + dice.uniform(0, 6)))
    times = {name: np.ones(seconds) for name in STRENGTH}
    planted: list[Planted] = []
    at = 300
    while plant and at < seconds - 300:
        series, up, lasts = str(dice.choice(list(STRENGTH))), bool(dice.random() < 0.6), int(dice.integers(60, 120))
        times[series][at : at + lasts] *= STRENGTH[series][0 if up else 1]
        planted.append(Planted(series, up, at, at + lasts))
        at += int(dice.integers(420, 700))

    def burst(shape: float) -> NDArray[np.float64]:
        return np.repeat(dice.gamma(shape, 1 / shape, seconds // 10 + 1), 10)[:seconds] if bursts else np.ones(seconds)

    level = np.exp(np.cumsum(dice.normal(0, 0.002, seconds))) * 800 * drift * times["viewers"] * np.exp(dice.normal(0, 0.01, seconds))
    counts = {
        "comment": dice.poisson(per_minute / 60 * drift * times["comment"] * burst(8)),
        "join": dice.poisson(0.5 * drift * burst(10)),
        "leave": dice.poisson(0.47 * drift * burst(10)),
        "click": dice.poisson(0.42 * drift * times["click"] * burst(10)),
        "order": dice.poisson(0.05 * drift),
    }
    return Simulated(np.round(np.maximum(5, level)), counts, planted)
