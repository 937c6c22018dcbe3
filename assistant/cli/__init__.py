"""The command `liveroom`.

Exit codes: 0 done, 2 wrong usage or a bad input file, 3 a model, a route or an extra is missing.
"""

from __future__ import annotations

from typing import Any

import typer
from typer.core import TyperGroup

from assistant import __version__
from assistant.cli import bench, glossary, guard, memory, models, record, rooms, scripts, text
from assistant.errors import LiveroomError, MissingExtra, ModelError, NoRoute


class _Commands(TyperGroup):
    """Turns this project's errors into a sentence on standard error and an exit code."""

    def invoke(self, ctx: typer.Context) -> Any:
        try:
            return super().invoke(ctx)
        except LiveroomError as error:
            typer.secho(f"liveroom: {error}", err=True, fg="red")
            raise typer.Exit(3 if isinstance(error, ModelError | NoRoute | MissingExtra) else 2) from None


app = typer.Typer(
    name="liveroom", cls=_Commands, no_args_is_help=True, add_completion=False, rich_markup_mode=None,
    help="The assistant of a cross-border live-selling room: subtitles and translated chat, in real time, on local models.",
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"liveroom {__version__}")
        raise typer.Exit


@app.callback()
def _main(version: bool = typer.Option(False, "--version", callback=_version, is_eager=True, help="Print the version and exit.")) -> None:
    pass


rooms.register(app)
record.register(app)
text.register(app)
guard.register(app)
bench.register(app)
app.add_typer(models.app, name="models")
app.add_typer(glossary.app, name="glossary")
app.add_typer(memory.app, name="memory")
app.add_typer(scripts.app, name="scripts")
