"""One measured figure and its bar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

Comparison = Literal[">=", "<="]


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run measures with."""

    quick: bool
    """The version that CI runs: small counts, the same figures, more noise."""
    work: Path
    """Where random checkpoints are kept between runs."""
    embedded: Path | None
    """The folder of the shipped model; None when there is none."""

    def count(self, full: int, quick: int) -> int:
        """The size of a load."""
        return quick if self.quick else full


@dataclass(frozen=True, slots=True)
class Result:
    """A figure, mostly a ratio of two measurements of the same run."""

    name: str
    value: float | None
    """None when it could not be measured; `details` says why."""
    unit: str = "ratio"
    bar: str | None = None
    """Such as ">= 0.9"; None for figures without a bar."""
    met: bool | None = None
    """Whether the bar is met; None without a bar or a value."""
    details: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The fields as `liveroom bench --json` prints them."""
        return asdict(self)


def judged(name: str, value: float, comparison: Comparison | None = None, bar: float = 0.0, unit: str = "ratio", **details: Any) -> Result:
    """A result held against its bar, rounded for reading only after the comparison."""
    if comparison is None:
        return Result(name, round(value, 3), unit, None, None, details)
    met = value >= bar if comparison == ">=" else value <= bar
    return Result(name, round(value, 3), unit, f"{comparison} {bar:g}", met, details)


def skipped(name: str, why: str) -> Result:
    """A figure that cannot be measured here."""
    return Result(name, None, details={"skipped": why})


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` (0..1) of the values do not exceed; raises `ValueError` without values."""
    if not values:
        raise ValueError("nothing was measured")
    ordered = sorted(values)
    return ordered[max(0, min(len(ordered), -int(-share * len(ordered) // 1)) - 1)]
