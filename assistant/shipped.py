"""Where the data that ships with the program lies: at the top of a checkout, inside the package once installed."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def shipped(name: str) -> Path:
    """The folder `models`, `glossaries` or `talk_scripts`."""
    installed = _PACKAGE / "data" / name
    return installed if installed.is_dir() else _PACKAGE.parent / name


SAMPLE = _PACKAGE / "sample"
"""The sample room: `ROOM.toml` and `session.jsonl`."""


def layers(data: Path, name: str) -> list[Path]:
    """Where to look for `name`, the overriding folder first: the data folder's, then the shipped one."""
    return [data / name, shipped(name)]
