"""The layout rules hold: who may import whom, module sizes, names."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "assistant"
FREE = {"events", "errors"}
STAGES = {"ingest", "detect", "protect", "translate", "restore", "signals", "suggest", "guard"}
FORBIDDEN_IN_STAGES = {"asyncio", "socket", "sqlite3", "time", "threading", "random", "subprocess"}
FORBIDDEN_NAMES = {"utils", "helpers", "manager", "base", "common"}
MODULES = sorted(PACKAGE.rglob("*.py"))


def part(path: Path) -> str:
    """The top-level piece of the package a module belongs to, such as `translate` or `room`."""
    relative = path.relative_to(PACKAGE)
    return relative.parts[0].removesuffix(".py")


def imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            found |= {node.module or ""} | ({f"assistant.{alias.name}" for alias in node.names} if node.module == "assistant" else set())
    return found


def project_parts(path: Path) -> set[str]:
    return {name.split(".")[1] for name in imports(path) if name.startswith("assistant.")}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_module(path: Path) -> None:
    own, used = part(path), project_parts(path)
    if own == "errors":
        assert not used
    if own == "events":
        assert used - {own} <= {"errors"}
    if own in STAGES:
        assert used - {own} <= FREE, "a stage imports only events and errors"
        assert not {name.split(".")[0] for name in imports(path)} & FORBIDDEN_IN_STAGES, "a stage is pure"
        assert not any(isinstance(node, ast.Await | ast.AsyncFunctionDef) for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    if own not in {"web", "connect", "cli", "demo", "bench", "replay", "offline", "__main__"}:
        assert not used & {"web", "connect", "cli"}, "web, connectors and the command line sit on top"
    assert path.stem not in FORBIDDEN_NAMES
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 300, "split it: a module is at most 300 lines"
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))), "a module says what it is"


def test_room_reads_the_stages_in_order() -> None:
    source = (PACKAGE / "room.py").read_text(encoding="utf-8")
    comment = source[source.index("async def _comment") : source.index("async def _reply")]
    steps = ["ingest.", "_detector.detect", "translated(", "_append("]
    places = [comment.index(step) for step in steps]
    assert places == sorted(places)
