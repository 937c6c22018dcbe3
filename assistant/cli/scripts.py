"""`liveroom scripts`: check market packs, and show a market's calendar."""

from __future__ import annotations

import datetime
import sys
from collections.abc import Sequence
from pathlib import Path

import typer

from assistant.errors import InputFileError
from assistant.markets import Market, Markets
from assistant.packs.calendar import first_days
from assistant.packs.check_lines import check_lines
from assistant.packs.check_rules import check_rules
from assistant.packs.lines import FILE as LINES
from assistant.packs.lines import lines_file
from assistant.packs.pack import FILE as PACK
from assistant.packs.pack import read_pack, read_packs
from assistant.packs.rules import FILE as RULES
from assistant.packs.rules import Problem, rules_file
from assistant.shipped import layers

app = typer.Typer(no_args_is_help=True, help="Check market packs (talk tracks and rules), and show their calendars.", rich_markup_mode=None)

_DATA = typer.Option(Path("liveroom-data"), "--data", help="The data folder; its talk_scripts/ override the shipped ones.")


@app.command("check", epilog="Example: liveroom scripts check liveroom-data/talk_scripts/korea")
def check_command(
    folder: Path | None = typer.Argument(None, metavar="[DIR]", help="A market's folder, or one of several markets [default: what the rooms use]."),
    data: Path = _DATA,
) -> None:
    """Print every fault of packs, lines and rules with file and line. Exit code 2 when there is one."""
    _utf8()
    folders = layers(data, "talk_scripts")
    if folder:
        names = _markets(folder)
        one = any((folder / name).is_file() for name in (PACK, LINES, RULES))
        folders = [folder.parent if one else folder, *folders]
    else:
        names = sorted({name for each in folders for name in _markets(each, needed=False)})
    problems = [problem for name in names for problem in check_market(folders, name)]
    for problem in problems:
        typer.echo(str(problem))
    typer.echo(f"{len(names)} markets, {len(problems) or 'no'} problems", err=bool(problems))
    if problems:
        raise typer.Exit(2)


@app.command("calendar", epilog="Example: liveroom scripts calendar --market middle_east --country SA --year 2027")
def calendar_command(
    market: str = typer.Option(..., "--market", help="The market."),
    country: str | None = typer.Option(None, "--country", help="Only what is kept in this country."),
    year: int | None = typer.Option(None, "--year", help="The year [default: this one]."),
    data: Path = _DATA,
) -> None:
    """Print when a market's seasons begin. Dates by the sighting of the moon are marked: they may move by one day."""
    _utf8()
    packs = read_packs(layers(data, "talk_scripts"))
    if market not in packs:
        raise typer.BadParameter(f"no market {market}; there are {', '.join(packs)}")
    wanted = year or datetime.date.today().year
    for season in packs[market].seasons:
        if country and season.countries and country.upper() not in season.countries:
            continue
        try:
            days = first_days(season, wanted)
        except ValueError as error:
            raise InputFileError(PACK, 0, f"{season.id}: {error}") from None
        for day in days:
            moved = "" if season.rule.sure or wanted in season.dates else " ±1 day"
            typer.echo(f"{day.isoformat()} {season.id}{moved} {','.join(season.countries)}".rstrip())


def check_market(folders: Sequence[Path], name: str) -> list[Problem]:
    """The problems of one market's files, each the first of its kind in `folders`; of pack.yaml alone when that is faulty."""
    path = next((path for folder in folders if (path := folder / name / PACK).is_file()), folders[0] / name / PACK)
    try:
        pack = read_pack(path)
    except InputFileError as error:
        return [Problem(error.file, error.line, str(error).partition(": ")[2])]
    lines, rules = lines_file(folders, name), rules_file(folders, name)
    problems = check_lines(lines, pack, rules) if lines else []
    return problems + (check_rules(rules, Markets([Market(name, pack.languages, pack.countries)])) if rules else [])


def _markets(folder: Path, needed: bool = True) -> list[str]:
    """The names of the markets in a folder, or of the folder itself when it is one."""
    if needed and any((folder / name).is_file() for name in (PACK, LINES, RULES)):
        return [folder.name]
    found = sorted({path.parent.name for name in (PACK, LINES, RULES) for path in folder.glob(f"*/{name}")})
    if needed and not found:
        raise InputFileError(str(folder), 0, f"holds no market: a folder with {PACK}, {LINES} or {RULES}")
    return found


def _utf8() -> None:
    """Consoles on Windows may default to a code page that lacks most scripts."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
