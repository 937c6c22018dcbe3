"""`liveroom memory`: the seller's approved sentences, which are served before any model is asked."""

from __future__ import annotations

import asyncio
import sys
from itertools import islice
from pathlib import Path

import typer

from assistant.errors import InputFileError
from assistant.memory.corrections import recorded
from assistant.memory.files import SUFFIXES, Problem, check_entries, read_entries, tsv, usable, write_tsv

app = typer.Typer(no_args_is_help=True, help="Check, import and export approved translations.", rich_markup_mode=None)

_DATA = typer.Option(Path("liveroom-data"), "--data", help="The data folder; its memory/ is what the rooms serve from.")
SHOWN = 20
"""Problems that `import` prints; `check` prints all."""


@app.command("check", epilog="Example: liveroom memory check approved.tmx")
def check_command(
    files: list[Path] | None = typer.Argument(None, help="TSV or TMX files; without any those in the data folder."),
    data: Path = _DATA,
) -> None:
    """Say what is wrong in memory files, with file and line; exit 2 if anything is."""
    _utf8()
    folder = data / "memory"
    chosen = files or sorted(path for path in (folder.glob("*") if folder.is_dir() else ()) if path.suffix.lower() in SUFFIXES)
    problems = 0
    for file in chosen:
        try:
            entries = read_entries(file)
        except InputFileError as error:
            typer.echo(str(error))
            problems += 1
            continue
        found = list(check_entries(file, entries))
        problems += len(found)
        for problem in found:
            typer.echo(str(problem))
        typer.echo(f"{file}: {len(entries)} pairs, {len(found) or 'no'} problems")
    if not chosen:
        typer.echo(f"no memory files in {folder}")
    if problems:
        raise typer.Exit(2)


@app.command("import", epilog="Example: liveroom memory import approved.tmx --data ./liveroom-data")
def import_command(
    file: Path = typer.Argument(help="A TMX, or a TSV with the header source_lang target_lang source target."),
    name: str = typer.Option("", "--name", help="Name of the file in the data folder's memory/ [default: the file's own]."),
    data: Path = _DATA,
) -> None:
    """Put approved translations into the data folder; pairs with a problem are left out and named. Rooms read them when they start."""
    _utf8()
    if name and Path(name).name != name:
        raise typer.BadParameter("a name has no folders in it")
    entries = read_entries(file)
    good = usable(entries)
    _report(list(check_entries(file, entries)))
    if not good:
        raise InputFileError(str(file), 0, "holds no pair to import")
    target = data / "memory" / f"{Path(name or file.name).stem}.tsv"
    target.parent.mkdir(parents=True, exist_ok=True)
    typer.echo(f"{write_tsv(target, good)} pairs in {target}")


@app.command("export", epilog="Example: liveroom memory export --room shop1 --out pairs.tsv; then: liveroom models train --base DIR --pairs pairs.tsv")
def export_command(
    room: list[str] | None = typer.Option(None, "--room", help="Only this room; may be given several times."),
    out: Path | None = typer.Option(None, "--out", help="Write here instead of standard output."),
    data: Path = _DATA,
) -> None:
    """Write the moderators' corrections as sentence pairs, such as `models train --pairs` takes."""
    _utf8()
    entries = asyncio.run(recorded(data, tuple(room or ())))
    if out is not None:
        typer.echo(f"{write_tsv(out, entries)} pairs in {out}")
        return
    for line in tsv(entries):
        sys.stdout.write(line + "\n")


def _report(problems: list[Problem]) -> None:
    for problem in islice(problems, SHOWN):
        typer.echo(str(problem), err=True)
    if len(problems) > SHOWN:
        typer.echo(f"… and {len(problems) - SHOWN} more; `liveroom memory check` prints all", err=True)


def _utf8() -> None:
    """Consoles on Windows may default to a code page that lacks most scripts."""
    sys.stdout.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
