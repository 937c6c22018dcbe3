"""Checkpoints of a training run: written atomically, the last two kept, and the curve file beside them."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

import torch

_KEPT = 2


@dataclass(slots=True)
class State:
    """Where a run stands."""

    step: int = 0
    seconds: float = 0.0
    position: tuple[int, int] = (0, 0)
    """(chunk, batches used of it) of the data stream."""


def found(folder: Path) -> list[Path]:
    """Checkpoints, oldest first."""
    return sorted(folder.glob("step-*.pt"), key=lambda path: int(path.stem.split("-")[1]))


def save(folder: Path, state: State, model: torch.nn.Module, average: torch.nn.Module,
         optimizer: torch.optim.Optimizer) -> Path:
    """Write `step-N.pt` (through a temporary file) and delete all but the newest two."""
    path = folder / f"step-{state.step}.pt"
    partial = path.with_suffix(".partial")
    torch.save({
        "step": state.step, "seconds": state.seconds, "position": list(state.position), "model": model.state_dict(),
        "average": average.state_dict(), "optimizer": optimizer.state_dict(), "random": torch.get_rng_state(),
    }, partial)
    os.replace(partial, path)
    for old in found(folder)[:-_KEPT]:
        old.unlink()
    return path


def load_latest(folder: Path, model: torch.nn.Module, average: torch.nn.Module,
                optimizer: torch.optim.Optimizer) -> State:
    """Restore everything from the newest checkpoint; a fresh State where there is none."""
    paths = found(folder)
    if not paths:
        return State()
    saved = torch.load(paths[-1], map_location="cpu", weights_only=True)
    model.load_state_dict(saved["model"])
    average.load_state_dict(saved["average"])
    optimizer.load_state_dict(saved["optimizer"])
    torch.set_rng_state(saved["random"])
    return State(saved["step"], saved["seconds"], tuple(saved["position"]))


def append_curve(path: Path, line: dict) -> None:
    """Add one JSON line to the curve file."""
    with path.open("a", encoding="utf-8") as sink:
        sink.write(json.dumps(line, ensure_ascii=False) + "\n")
