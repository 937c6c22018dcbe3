"""`liveroom demo serve replay token`: what runs a room."""

from __future__ import annotations

import asyncio
import contextlib
import re
import signal
import sys
from pathlib import Path
from time import time
from typing import Any

import typer

from assistant.demo import demo
from assistant.errors import InputFileError, LiveroomError
from assistant.markets import read_markets
from assistant.replay import play, read_session
from assistant.roomfile import read_room
from assistant.settings import read_settings
from assistant.shipped import layers
from assistant.web.server import application, server
from assistant.web.tokens import issue, secret_for

_DATA = typer.Option(None, "--data", help="The data folder [default: liveroom-data].")
_CONFIG = typer.Option(None, "--config", help="A TOML file with settings.")


def say(line: str) -> None:
    """Print a line at once, whatever the console's encoding makes of it."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def register(app: typer.Typer) -> None:
    """Add the commands."""

    @app.command("demo", epilog="Example: liveroom demo --once --speed 4")
    def demo_command(
        once: bool = typer.Option(False, "--once", help="End after the session, with a summary."),
        speed: float = typer.Option(1.0, min=0.1, max=100.0, help="How many times faster than life."),
    ) -> None:
        """Play the sample room live on the embedded models and print the pages to open."""
        _utf8()
        _stoppable()
        with contextlib.suppress(KeyboardInterrupt):
            asyncio.run(demo(once, speed, say))

    @app.command("serve", epilog="Example: liveroom serve --room my-room.toml --data ./liveroom-data")
    def serve_command(
        room: list[Path] = typer.Option(..., "--room", help="A room file; may be given several times."),
        host: str | None = typer.Option(None, help="Address to listen on [default: 127.0.0.1]."),
        port: int | None = typer.Option(None, min=0, max=65_535, help="Port, 0 for any free one [default: 8765]."),
        data: Path | None = _DATA,
        config: Path | None = _CONFIG,
        engine: str | None = typer.Option(None, help="ctranslate2 or transformers (needs the extra [marian])."),
        open_api: bool | None = typer.Option(None, "--open-api", help="Let programs on this machine translate over HTTP without a token."),
    ) -> None:
        """Serve one or more rooms until interrupted. Prints `ready http://HOST:PORT` once connections are accepted."""
        _utf8()
        _stoppable()
        given: dict[str, Any] = {"host": host, "port": port, "data": data, "engine": engine, "open_api": open_api or None}
        settings = read_settings(config, {name: value for name, value in given.items() if value is not None})
        packs = read_markets(layers(Path(settings.data), "talk_scripts")).names()
        rooms = [read_room(file, packs) for file in room]
        ids = [file.id for file in rooms]
        if repeated := next((each for each in ids if ids.count(each) > 1), None):
            raise InputFileError(str(room[ids.index(repeated)]), 0, f"room id {repeated} is given twice")
        service = server(settings, application(settings, rooms), lambda url: say(f"ready {url}"))
        with contextlib.suppress(KeyboardInterrupt):
            service.run()
        if not service.started:
            raise LiveroomError(f"the service could not start on {settings.host}:{settings.port}; see the messages above")

    @app.command("replay", epilog="Example: liveroom replay session.jsonl --room room.toml --out events.jsonl")
    def replay_command(
        session: Path = typer.Argument(help="The session: client messages with `t`, one JSON object a line."),
        room: Path = typer.Option(..., "--room", help="The room file."),
        url: str | None = typer.Option(None, help="A running room's socket with its token: ws://…/ws/rooms/ID?token=…"),
        out: Path | None = typer.Option(None, help="Run the whole flow offline and write every event here."),
        speed: float = typer.Option(1.0, min=0.0, help="With --url: times faster than life; 0 as fast as it goes."),
        data: Path | None = _DATA,
    ) -> None:
        """Play a recorded session into a running room, or run it offline."""
        _utf8()
        if (url is None) == (out is None):
            raise typer.BadParameter("give either --url or --out")
        packs = read_markets(layers(data or Path("liveroom-data"), "talk_scripts")).names()
        file, steps = read_room(room, packs), read_session(session)
        if url is not None:
            try:
                played = asyncio.run(play(steps, url, speed, _counting(len(steps))))
            except ConnectionError as error:
                raise LiveroomError(str(error)) from None
            first = f" (first: {played.first_error})" if played.first_error else ""
            say(f"sent {played.sent}, acknowledged {played.acked}, refused {played.refused}{first}")
        else:
            from assistant.offline import run_offline

            assert out is not None
            count = asyncio.run(run_offline(file, steps, out, data or Path("liveroom-data"), _counting(len(steps))))
            say(f"{count} events in {out}")

    @app.command("token", epilog="Example: liveroom token --room shop1 --role moderator")
    def token_command(
        room: str = typer.Option(..., "--room", help="The room's id."),
        role: str = typer.Option(..., "--role", help="host, moderator, connector, viewer or admin."),
        chat: bool = typer.Option(False, "--chat", help="A viewer's token that also shows the translated chat."),
        ttl: str = typer.Option("90d", "--ttl", help="How long it is valid: 12h, 90d, or seconds."),
        data: Path | None = _DATA,
        config: Path | None = _CONFIG,
    ) -> None:
        """Print a token for a room's socket and pages."""
        if role not in ("host", "moderator", "connector", "viewer", "admin"):
            raise typer.BadParameter("role is host, moderator, connector, viewer or admin")
        settings = read_settings(config, {} if data is None else {"data": data})
        secret = secret_for(settings.secret, Path(settings.data), settings.host)
        say(issue(secret, room, role, _seconds(ttl), chat=chat, now=time()))


def _seconds(ttl: str) -> int:
    given = re.fullmatch(r"([0-9]{1,9})([smhd]?)", ttl)
    seconds = int(given[1]) * {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86_400}[given[2]] if given else 0
    if not 0 < seconds <= 10 * 365 * 86_400:
        raise typer.BadParameter("ttl is a number of seconds, or 30m, 12h, 90d; ten years at most")
    return seconds


def _counting(total: int):
    """Progress on standard error where a person looks on."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    bar = Progress(TextColumn("{task.completed}/{task.total}"), BarColumn(), TimeRemainingColumn(), console=Console(stderr=True))
    task = bar.add_task("replay", total=total)
    if bar.console.is_terminal:
        bar.start()

    def step(sent: int) -> None:
        bar.update(task, completed=sent)
        if sent >= total:
            bar.stop()

    return step


def _stoppable() -> None:
    """Let whoever stops the process politely (a service manager, Ctrl+Break) be answered like Ctrl+C: drained, exit 0."""
    for name in ("SIGTERM", "SIGBREAK"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.default_int_handler)


def _utf8() -> None:
    """Consoles on Windows may default to a code page that lacks most scripts."""
    sys.stdout.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
