"""`liveroom glossary`: check, import and export term lists, and propose mishearings."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import typer
from rich.console import Console
from rich.table import Table

from assistant.errors import InputFileError
from assistant.glossary.check import check, check_file
from assistant.glossary.edit import Desk
from assistant.glossary.exchange import formats
from assistant.glossary.exchange.merge import merge
from assistant.glossary.exchange.units import MAX_FILE, units_of
from assistant.glossary.heard import Proposal, proposals, repaired
from assistant.glossary.languages import column
from assistant.glossary.layers import COMMON, Glossaries, Shelf, product_terms
from assistant.glossary.read import Problem, Sheet, parse
from assistant.glossary.write import write_glossary
from assistant.ingest import language
from assistant.markets import read_markets
from assistant.roomfile import RoomFile
from assistant.shipped import layers

app = typer.Typer(no_args_is_help=True, help="Check, import and export glossaries, and find what speech recognition mishears.", rich_markup_mode=None)

_DATA = typer.Option(Path("liveroom-data"), "--data", help="The data folder; its glossaries/ override the shipped ones.")


@app.command("check", epilog="Example: liveroom glossary check glossaries/japan.csv")
def check_command(
    paths: list[Path] | None = typer.Argument(None, metavar="[FILE|DIR]...", help="CSV files or folders of them [default: what the rooms use]."),
    data: Path = _DATA,
) -> None:
    """Print every fault with file and line: duplicates, conflicts, terms too short to be safe, invisible characters and more."""
    _utf8()
    shelf = [path for folder in layers(data, "glossaries") for path in _csv(folder)]
    files = [file for path in paths or [] for file in (_csv(path, needed=True) if path.is_dir() else [path])] if paths else shelf
    faults = 0
    for file in files:
        problems = check_file(file)
        faults += len(problems)
        _print(str(file), problems)
    typer.echo(f"{len(files)} files, {faults or 'no'} problems", err=bool(faults))
    if faults:
        raise typer.Exit(2)


@app.command("import", epilog="Example: liveroom glossary import deepl-export.csv --market middle_east --from zh --to ar")
def import_command(
    file: Path = typer.Argument(help="DeepL, Google or AWS as CSV or TSV, TMX, or TBX."),
    market: str = typer.Option(..., "--market", help="The market whose glossary takes the terms, or common."),
    source: str | None = typer.Option(None, "--from", help="Language of the first column, where the file does not say."),
    target: str | None = typer.Option(None, "--to", help="Language of the second column, where the file does not say."),
    kind: str = typer.Option("auto", "--format", help=f"auto, {', '.join(formats.READ)}."),
    skip: bool = typer.Option(False, "--skip", help="Import the rest when some entries can't be taken."),
    data: Path = _DATA,
) -> None:
    """Add another tool's terms to a market's glossary; what stands there already is never overwritten."""
    _utf8()
    desk, name = Desk(Shelf(layers(data, "glossaries"))), _market(market, data)
    pair = (_lang(source), _lang(target)) if source and target else None
    if pair is None and (source or target):
        raise typer.BadParameter("--from and --to go together")
    found = formats.read(_content(file), file.name, kind, pair)
    merged = merge(_sheet(desk, name), found.units, pair[0] if pair else None)
    problems = sorted([*found.problems, *merged.problems], key=lambda problem: problem.line)
    _print(str(file), problems, err=True)
    if problems and not skip:
        raise InputFileError(str(file), 0, f"{len(problems)} entries can't be taken, nothing was imported; --skip imports the rest")
    if not merged.added and not merged.filled:
        typer.echo(f"nothing new: {merged.same} terms stand there already")
        return
    desk.write(name, merged.content, lambda page: True)
    where = data / "glossaries" / f"{name}.csv"
    typer.echo(f"{where}: {merged.added} terms added, {merged.filled} given another language, {merged.same} there already, {len(problems)} left out")


@app.command("export", epilog="Example: liveroom glossary export --market japan --format deepl --from zh --to ja --out deepl.csv")
def export_command(
    market: str = typer.Option(..., "--market", help="The market whose glossary is written, or common."),
    kind: str = typer.Option(..., "--format", help=f"One of {', '.join(formats.WRITE)}."),
    source: str | None = typer.Option(None, "--from", help="Source language [default: the file's first column]."),
    target: list[str] | None = typer.Option(None, "--to", help="Target language; may be given several times [default: all]."),
    out: Path | None = typer.Option(None, "--out", help="The file to write [default: standard output]."),
    data: Path = _DATA,
) -> None:
    """Write a market's glossary for another tool."""
    _utf8()
    name = _market(market, data)
    sheet = _sheet(Desk(Shelf(layers(data, "glossaries"))), name)
    if not sheet.rows:
        raise InputFileError(f"{name}.csv", 0, "there is no such glossary, or it is empty")
    first = _lang(source) if source else sheet.languages[0]
    wanted = [_lang(each) for each in target] if target else [lang for lang in sheet.languages if lang != first]
    unknown = [lang for lang in (first, *wanted) if lang not in sheet.languages]
    if unknown:
        raise typer.BadParameter(f"{name}.csv has no {unknown[0]}; it has {' '.join(sheet.languages)}")
    units = units_of(sheet.terms, (first, *wanted))
    content, left_out = formats.write(units, (first, *wanted), kind)
    _print(f"{name}.csv", left_out, err=True)
    try:
        sys.stdout.buffer.write(content) if out is None else out.write_bytes(content)
    except OSError as error:
        raise InputFileError(str(out), 0, error.strerror or str(error)) from None
    typer.echo(f"{len(units) - len(left_out)} terms written", err=True)


@app.command("heard", epilog="Example: liveroom glossary heard my-room --data ./liveroom-data")
def heard_command(
    room: str = typer.Argument(help="The room's id."),
    times: int = typer.Option(1, "--times", min=1, help="Only what moderators repaired at least so often."),
    write: bool = typer.Option(False, "--write", help="Put the rows into the `heard` column of the glossaries in the data folder."),
    data: Path = _DATA,
) -> None:
    """Propose mishearings of terms from what moderators corrected in the host's speech; prints them for review."""
    _utf8()
    kept = data / "rooms" / f"{room}.json"
    if not kept.is_file() or kept.parent != data / "rooms":
        raise InputFileError(str(data), 0, f"no room {room} was ever served with this folder")
    file = RoomFile.model_validate_json(kept.read_text(encoding="utf-8"))
    host, shelf = language(file.host_language), Shelf(layers(data, "glossaries"))
    glossaries = Glossaries(shelf, product_terms(file.products))
    terms = [term for market in (*file.markets, None) for layer in glossaries.layers(market) for term in layer]
    found = [each for each in proposals(asyncio.run(repaired(data, room, host)), terms, host) if each.times >= times]
    table = Table("term", "heard", "times", "like", "in", "example", box=None, pad_edge=False)
    for each in found:
        table.add_row(each.right, each.heard, str(each.times), f"{each.likeness:.2f}", each.term.origin, each.example)
    Console(width=None if sys.stdout.isatty() else 240, markup=False, highlight=False).print(table) if found else typer.echo("nothing to propose")
    if write and found:
        _write_heard(Desk(shelf), found)


def _write_heard(desk: Desk, found: Sequence[Proposal]) -> None:
    """Add the proposals to the rows they belong to; products' names stand in ROOM.toml and have no such column."""
    by_file: dict[str, dict[int, list[str]]] = {}
    for each in found:
        name, _, line = each.term.origin.rpartition(":")
        if name.endswith(".csv"):
            by_file.setdefault(name.removesuffix(".csv"), {}).setdefault(int(line), []).append(each.heard)
        else:
            typer.echo(f"{each.right}: a product's name has no mishearings; add it to a glossary first", err=True)
    for name, lines in by_file.items():
        sheet = _sheet(desk, name)
        terms = [replace(row.term, heard=(*row.term.heard, *lines.get(row.line, ()))) for row in sheet.rows]
        content = write_glossary(sheet.columns, terms)
        if faults := check(parse(content, f"{name}.csv")):
            raise InputFileError(f"{name}.csv", 0, faults[0].message)
        desk.write(name, content, lambda page: True)
        typer.echo(f"{name}.csv: {sum(map(len, lines.values()))} mishearings written")


def _sheet(desk: Desk, name: str) -> Sheet:
    """The file in force, empty when there is none. Raises `InputFileError` for a faulty one: mending it comes first."""
    page = desk.read(name)
    if page is None:
        return Sheet((), (), ())
    sheet = parse(page.content, f"{name}.csv")
    if faults := check(sheet):
        raise InputFileError(f"{name}.csv", faults[0].line, f"{faults[0].message}; `liveroom glossary check` tells all")
    return sheet


def _market(name: str, data: Path) -> str:
    names = (COMMON, *read_markets(layers(data, "talk_scripts")).names())
    if name not in names:
        raise typer.BadParameter(f"no market {name}; there are {', '.join(names)}")
    return name


def _lang(code: str) -> str:
    lang = column(code)
    if lang is None:
        raise typer.BadParameter(f"{code} is no language that a glossary can have")
    return lang


def _content(file: Path) -> bytes:
    try:
        with file.open("rb") as stream:
            content = stream.read(MAX_FILE + 1)
    except OSError as error:
        raise InputFileError(str(file), 0, error.strerror or str(error)) from None
    if len(content) > MAX_FILE:
        raise InputFileError(str(file), 0, f"is larger than {MAX_FILE >> 20} MiB")
    return content


def _csv(folder: Path, needed: bool = False) -> list[Path]:
    files = sorted(path for path in folder.glob("*.csv") if not path.name.startswith("."))
    if needed and not files:
        raise InputFileError(str(folder), 0, "holds no *.csv")
    return files


def _print(name: str, problems: Iterable[Problem], err: bool = False) -> None:
    for problem in problems:
        typer.echo(f"{name}{f':{problem.line}' if problem.line else ''}: {problem.message}", err=err)


def _utf8() -> None:
    """Consoles on Windows may default to a code page that lacks most scripts."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
