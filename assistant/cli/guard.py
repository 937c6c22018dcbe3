"""`liveroom guard`: checks one text, or standard input line by line, against the rules of a market."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import typer

from assistant.cli.text import each_line
from assistant.detect import Detector
from assistant.events import WarningEvent
from assistant.facts import facts_of, product_in, said
from assistant.guard import Facts, Rulebook
from assistant.ingest import language
from assistant.markets import read_markets
from assistant.packs.rules import read_rules, rules_file
from assistant.roomfile import read_room
from assistant.shipped import layers
from assistant.watch import warning

_DATA = typer.Option(Path("liveroom-data"), "--data", help="The data folder; its talk_scripts override the shipped ones.")


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command("guard", epilog="Example: liveroom guard --market japan 这款面膜全网第一")
    def guard_command(
        text: list[str] | None = typer.Argument(None, help="The text; without it standard input is read, one text a line."),
        market: str = typer.Option(..., "--market", help="Whose rules, such as japan."),
        country: str | None = typer.Option(None, "--country", help="Only rules of this country (such as JP); all of the market's by default."),
        lang: str | None = typer.Option(None, "--lang", help="Language of the text; detected by default."),
        room: Path | None = typer.Option(None, "--room", help="ROOM.toml: stock, certificates, permits and former prices are taken from it."),
        as_json: bool = typer.Option(False, "--json", help='One JSON object a line: {"warnings": [...]}.'),
        data: Path = _DATA,
    ) -> None:
        """Say what a market's rules forbid in a text, why, and what to say instead. Warnings are no failure: exit code 0."""
        folders = layers(data, "talk_scripts")
        markets = read_markets(folders)
        if market not in markets.names():
            raise typer.BadParameter(f"no market {market!r}; there are {', '.join(markets.names())}")
        if country is not None and country not in markets.countries(market):
            raise typer.BadParameter(f"{market} has no country {country!r}; there are {', '.join(markets.countries(market))}")
        path = rules_file(folders, market)
        book = Rulebook(read_rules(path, markets.countries(market)) if path else [])
        file = read_room(room, markets.names()) if room else None
        tell = _detected((*markets.languages([market]), "zh", "en")) if lang is None else _given(lang)

        def warnings(line: str) -> list[WarningEvent]:
            if not line.strip():
                return []
            spoken = tell(line)
            facts = facts_of(file, product_in(file, line)) if file else Facts()
            found = book.check(
                line, spoken, facts, int(time.time() * 1000), countries=[country] if country else None, said=said(line, spoken) if facts.prices else (),
            )
            return [warning(item, market, spoken, file.host_language if file else spoken) for item in found]

        def answer(lines: list[str]) -> list[str]:
            return [_shown(warnings(line), as_json) for line in lines]

        each_line(text, answer)


def _given(lang: str) -> Callable[[str], str]:
    return lambda line: language(lang)


def _detected(likely: Sequence[str]) -> Callable[[str], str]:
    detector = Detector()
    return lambda line: detector.detect(line, priors=likely).lang


def _shown(warnings: list[WarningEvent], as_json: bool) -> str:
    if as_json:
        return json.dumps({"warnings": [item.model_dump() for item in warnings]}, ensure_ascii=False)
    return "\n".join(
        f"{item.severity}\t{item.rule}\t{item.span[0]}-{item.span[1]}\t{item.matched}\n\t{item.message}\n\t→ {item.rewrite}\n\t{item.basis}"
        for item in warnings
    ) or "ok"
