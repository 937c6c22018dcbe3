"""What `liveroom models list` shows of the installed models."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from assistant.models.folder import scan

_SHOWN_PAIRS = 4


@dataclass(frozen=True, slots=True)
class Row:
    """One model folder; `problem` is "" when it can be read."""

    name: str
    pairs: str
    origin: str = ""
    licence: str = ""
    megabytes: float = 0.0
    forms: str = ""
    scores: str = ""
    problem: str = ""


def rows(roots: Iterable[Path]) -> list[Row]:
    """The models under the roots (the overriding one first) and, last, the folders that cannot be read."""
    models, broken = scan(roots)
    shown = []
    for model in models:
        pairs = model.pairs
        few = " ".join(pairs) if len(pairs) <= _SHOWN_PAIRS else f"{' '.join(model.source)} → {' '.join(model.target)}"
        shown.append(
            Row(
                name=model.name,
                pairs=few,
                origin=model.origin,
                licence=model.licence,
                megabytes=round(model.size_bytes / 1e6, 1),
                forms=", ".join(sorted(model.forms)) or "none",
                scores="; ".join(_scores(name, table) for name, table in model.scores.items() if table),
            )
        )
    return shown + [Row(name, "", problem=reason) for name, reason in broken.items()]


def _scores(name: str, table: Mapping[str, float]) -> str:
    """A test set's chrF: each direction when there are few, else the range and the mean."""
    if len(table) <= _SHOWN_PAIRS:
        return f"{name} " + ", ".join(f"{pair} {score:.1f}" for pair, score in table.items())
    mean = sum(table.values()) / len(table)
    return f"{name} mean {mean:.1f} ({min(table.values()):.1f}–{max(table.values()):.1f}, {len(table)} directions)"
