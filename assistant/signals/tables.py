"""The tables under `data/` as the dataclasses that this stage works with."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Usual:
    """What share of each step the next one usually has."""

    least: int
    leak: float
    shares: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Series:
    """How one live number is watched; the fields are explained in `data/changes.toml`."""

    name: str
    kind: Literal["level", "count"]
    up: str
    half_life_bins: float
    slack: float
    threshold: float
    least: float
    down: str = ""
    """Name of its drops; "" when they are not told."""
    noise: float = 0.0


@dataclass(frozen=True, slots=True)
class Watching:
    """The change detector's table."""

    bin_ms: int
    warmup_bins: int
    clip: float
    told_ms: int
    said_ms: int
    series: tuple[Series, ...]


@cache
def usual() -> Usual:
    """`funnel.toml`."""
    data = table("funnel.toml")
    return Usual(data["least"], data["leak"], data["usual"])


@cache
def watching() -> Watching:
    """`changes.toml`."""
    data = table("changes.toml")
    return Watching(
        data["bin_seconds"] * 1000, data["warmup_bins"], data["clip"], data["told_seconds"] * 1000, data["said_seconds"] * 1000,
        tuple(Series(**row) for row in data["series"]),
    )


def table(name: str) -> dict[str, Any]:
    """A table as it stands in its file."""
    return tomllib.loads(resources.files("assistant.signals").joinpath("data", name).read_text(encoding="utf-8"))
