"""`liveroom bench`: measure this machine against the project's bars."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

import typer

from assistant.bench import BENCHMARKS, Plan, Result, running
from assistant.models.folder import scan
from assistant.shipped import layers

_DATA = typer.Option(Path("liveroom-data"), "--data", help="The data folder; random checkpoints are kept in its folder bench.")


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command("bench", epilog="Example: liveroom bench service latency --quick")
    def bench_command(
        names: list[str] | None = typer.Argument(None, metavar="[NAME]...", help=f"Which: {', '.join(BENCHMARKS)}; all by default."),
        as_json: bool = typer.Option(False, "--json", help="One JSON object a line: name, value, unit, bar, met, details."),
        quick: bool = typer.Option(False, "--quick", help="Small counts, about a minute; noisier."),
        out: Path | None = typer.Option(None, "--out", help="Also write the JSON lines to this file."),
        data: Path = _DATA,
    ) -> None:
        """Measure the bars on this machine, each as a ratio within one run. Exit code 1 when one is missed."""
        if unknown := [name for name in names or () if name not in BENCHMARKS]:
            raise typer.BadParameter(f"no benchmark {unknown[0]!r}; there are {', '.join(BENCHMARKS)}")
        plan = Plan(quick, _work(data), _embedded(data))
        results: list[Result] = []
        for result in running(names or (), plan, _announce):
            results.append(result)
            if as_json:
                sys.stdout.write(json.dumps(result.as_json(), ensure_ascii=False) + "\n")
                sys.stdout.flush()
        if out is not None:
            out.write_text("".join(json.dumps(result.as_json(), ensure_ascii=False) + "\n" for result in results), encoding="utf-8")
        if not as_json:
            _table(results)
        if any(result.met is False for result in results):
            raise typer.Exit(1)


def _work(data: Path) -> Path:
    """Where the random checkpoint is kept: the data folder if there is one, else a folder for temporary files."""
    work = (data if data.is_dir() else Path(tempfile.gettempdir()) / "liveroom") / "bench"
    work.mkdir(parents=True, exist_ok=True)
    return work


def _embedded(data: Path) -> Path | None:
    """The shipped model: the first one that is not the user's own."""
    found, _ = scan(layers(data, "models")[1:])
    return next((folder.path for folder in found), None)


def _announce(name: str) -> None:
    """Progress on standard error, so that standard output stays JSON or a table."""
    sys.stderr.write(f"{name}: {BENCHMARKS[name]} …\n")
    sys.stderr.flush()


def _table(results: list[Result]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("benchmark", "value", "unit", "bar", "met", "how it came about")
    for result in results:
        met = {True: "yes", False: "[red]no[/red]", None: ""}[result.met]
        facts = ", ".join(f"{name} {value}" for name, value in result.details.items())
        table.add_row(result.name, "–" if result.value is None else f"{result.value:g}", result.unit, result.bar or "", met, facts)
    Console().print(table)
