"""The tables of `data/flow.toml`: when which stage is due, what weighs how much, how long things rest, how a reason reads."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any

Names = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Due:
    """Stages that fit a stretch of time, seconds from <= t < to."""

    stages: tuple[str, ...]
    begins: float
    ends: float
    weight: float


@dataclass(frozen=True, slots=True)
class Call:
    """What a signal calls for."""

    stages: tuple[str, ...]
    score: float


@dataclass(frozen=True, slots=True)
class Flow:
    """All of it."""

    score: Mapping[str, float]
    rest: Mapping[str, int]
    """Milliseconds, but `asked_again`: viewers."""
    expires: Mapping[str, int]
    """Milliseconds."""
    low_stock: int
    open: int
    stream: tuple[Due, ...]
    product: tuple[Due, ...]
    signals: Mapping[str, Call]
    related: Mapping[str, tuple[str, ...]]
    told: tuple[str, ...]
    """Beginnings of intents that say something rather than ask."""
    reasons: Names
    names: Mapping[str, Names]
    """`signals`, `stages` and `intents`, each name in zh and en."""

    def due(self, stream_s: float, product_s: float | None) -> dict[str, float]:
        """The stages due now and how much (0..1), by seconds since the stream began and since the product came (None: no product)."""
        rows = [(row, stream_s) for row in self.stream] if product_s is None else [(row, product_s) for row in self.product]
        found: dict[str, float] = {}
        for row, seconds in rows:
            if row.begins <= seconds < row.ends:
                for stage in row.stages:
                    found[stage] = max(found.get(stage, 0.0), row.weight)
        return found

    def related_to(self, intent: str) -> tuple[str, ...]:
        """The stages whose lines help with a question although they don't name it."""
        return self.related.get(intent) or self.related.get(f"{intent.partition('.')[0]}.", ())

    def reason(self, kind: str, host: str, table: str, name: str, n: int = 0) -> str:
        """Why a card is shown, in the host's language (English where there is no other)."""
        what = self.names.get(table, {}).get(name, {})
        text = self.reasons[kind].get(host) or self.reasons[kind]["en"]
        return text.replace("{n}", str(n)).replace("{what}", what.get(host) or what.get("en") or name.replace("_", " "))


def read_flow() -> Flow:
    """The shipped tables; raises `KeyError` where one is missing."""
    data: dict[str, Any] = tomllib.loads(resources.files("assistant.suggest").joinpath("data", "flow.toml").read_text(encoding="utf-8"))
    rest = {key: int(value if key == "asked_again" else value * 1000) for key, value in data["rest"].items()}
    return Flow(
        score=data["score"], rest=rest, expires={key: int(value * 1000) for key, value in data["expires"].items()},
        low_stock=data["limits"]["low_stock"], open=data["limits"]["open"], stream=_dues(data["stream"]), product=_dues(data["product"]),
        signals={name: Call(tuple(row["stages"]), row["score"]) for name, row in data["signals"].items()},
        related={name: tuple(stages) for name, stages in data["related"].items()}, told=tuple(data["told"]["prefixes"]),
        reasons=data["reasons"], names=data["names"],
    )  # fmt: skip


def _dues(rows: list[dict[str, Any]]) -> tuple[Due, ...]:
    return tuple(Due(tuple(row["stages"]), row["from"], row["to"], row["weight"]) for row in rows)
