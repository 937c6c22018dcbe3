"""`liveroom export erase`: what the data folder holds of a room, given out or taken away."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterable
from pathlib import Path

import typer

from assistant.erasure import erase
from assistant.errors import InputFileError
from assistant.export import FORMATS, languages, read_stream, written
from assistant.settings import read_settings

_DATA = typer.Option(None, "--data", help="The data folder of the service [default: liveroom-data].")


def register(app: typer.Typer) -> None:
    """Add the commands."""

    @app.command("export", epilog="Example: liveroom export shop1 --format srt --lang ar --out show.ar.srt")
    def export_command(
        room: str = typer.Argument(help="The room's id."),
        format_: str = typer.Option(..., "--format", help="srt, vtt, jsonl or csv."),
        stream: str | None = typer.Option(None, "--stream", help="A stream's id [default: the latest]."),
        lang: str | None = typer.Option(None, "--lang", help="Subtitles of this language only."),
        out: Path | None = typer.Option(None, "--out", help="A file, or a folder for one subtitle file per language [default: standard output]."),
        data: Path | None = _DATA,
    ) -> None:
        """Write one stream's subtitles, events, or table of comments and subtitles."""
        if format_ not in FORMATS:
            raise typer.BadParameter(f"format is one of {', '.join(FORMATS)}")
        found = read_stream(_folder(data), room, stream)
        if out is None:
            with contextlib.suppress(BrokenPipeError):
                for piece in written(found, format_, lang):
                    sys.stdout.buffer.write(piece.encode("utf-8", "surrogatepass"))
                sys.stdout.buffer.flush()
            return
        if not out.is_dir():
            _write(out, written(found, format_, lang))
            typer.echo(str(out), err=True)
            return
        split = [lang] if lang else languages(found) if format_ in ("srt", "vtt") else [None]
        for each in split:
            file = out / (f"{room}.{each}.{format_}" if each else f"{room}.{format_}")
            _write(file, written(found, format_, each))
            typer.echo(str(file), err=True)

    @app.command("erase", epilog="Example: liveroom erase --user 7061234567 --data ./liveroom-data")
    def erase_command(
        user: str = typer.Option(..., "--user", help="The viewer's id on the platform."),
        room: str | None = typer.Option(None, "--room", help="Only in this room [default: in all]."),
        data: Path | None = _DATA,
    ) -> None:
        """Remove a viewer from the record, in a running service too: comments, signals, answers and corrections, down to the bytes."""
        if not user:
            raise typer.BadParameter("give the viewer's id on the platform")
        folder = _folder(data)
        erased = erase(folder, user, room)
        for gone in erased.rooms:
            what = ", ".join(f"{number} {type_}" for type_, number in sorted(gone.types.items()))
            covered = f"; the name is covered in {gone.covered} events of others" if gone.covered else ""
            typer.echo(f"room {gone.room}: {len(gone.seqs)} events erased{f' ({what})' if what else ''}{covered}")
        if erased.sentences:
            typer.echo(f"{erased.sentences} approved sentences dropped from {folder / 'memory'}; a running service forgets them at its next start")
        typer.echo(f"{sum(len(gone.seqs) for gone in erased.rooms)} events erased in all")
        for path in erased.left:
            typer.echo(f"look into {path}: it holds the viewer's id, name or words, which may be somebody else's there", err=True)


def _folder(data: Path | None) -> Path:
    return Path(read_settings(None, {} if data is None else {"data": data}).data)


def _write(path: Path, pieces: Iterable[str]) -> None:
    """Write a file that is there only once it is whole. Raises `InputFileError`."""
    draft = path.with_name(path.name + ".new")
    try:
        with draft.open("w", encoding="utf-8", errors="surrogatepass", newline="\n") as file:
            file.writelines(pieces)
        draft.replace(path)
    except OSError as error:
        raise InputFileError(str(path), 0, str(error)) from None
