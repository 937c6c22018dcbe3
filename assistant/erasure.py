"""`liveroom erase`: one viewer out of a whole data folder: the record, its log, and approved sentences made of their words."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from assistant.errors import InputFileError, LiveroomError
from assistant.ingest import pseudonym
from assistant.record import reader
from assistant.record.schema import FILE, connect, open_to_read, prepare
from assistant.record.viewer import Gone, erase_viewer, seen_in

KEY = "pseudonym.key"
"""The file of the viewers' pseudonyms' key."""
MAX_BYTES = 256 * 2**20
"""Larger files of the data folder are not searched."""


@dataclass(slots=True)
class Erased:
    """What became of a viewer in a data folder."""

    rooms: list[Gone]
    sentences: int = 0
    """Approved sentences dropped from `memory/*.tsv`."""
    left: list[Path] = field(default_factory=list)
    """Files, not the record's, that still hold the viewer's id, name or a longer text: only their owner can tell whether it is theirs."""


def erase(data: Path, user_id: str, room: str | None = None) -> Erased:
    """Erase the viewer with this platform id from a room or from all; a service may be running on the folder.

    Raises `InputFileError` when the folder holds no record or no such room, `LiveroomError` when a file can't be written.
    """
    if not (data / FILE).is_file():
        raise InputFileError(str(data), 0, "holds no record; give the folder that serve was given with --data")
    with closing(open_to_read(prepare(data, connect), connect)) as db:
        known = sorted(reader.last_seqs(db))
    if room is not None and room not in known:
        raise InputFileError(str(data), 0, f"has no events of room {room}; there are {', '.join(known) or 'none'}")
    if not (data / KEY).is_file():
        raise InputFileError(str(data), 0, f"has no {KEY}, without which nobody can tell who is who in its record")
    name = pseudonym(user_id, (data / KEY).read_bytes())
    gone = erase_viewer(data, [room] if room else known, name, user_id, lambda each: _words(data, each))
    erased = Erased(gone, _forget_sentences(data / "memory", set[tuple[str, str]]().union(*(each.pairs for each in gone))))
    words = {name, *(word for each in gone for word in each.words)} | ({user_id} if len(user_id) > 3 else set())
    erased.left = list(_holding(data, words))
    return erased


def _words(data: Path, room: str) -> str:
    """The room as last served: a word that stands in it (a product's name) is not taken for a viewer's."""
    kept = data / "rooms" / f"{room}.json"
    return kept.read_text(encoding="utf-8") if kept.is_file() else ""


def _forget_sentences(folder: Path, pairs: Collection[tuple[str, str]]) -> int:
    """Drop these pairs from the seller's memory files, where `memory export` and `import` may have brought them; returns how many."""
    dropped = 0
    for path in sorted(folder.glob("*.tsv")) if pairs and folder.is_dir() else ():
        try:
            lines = path.read_text(encoding="utf-8").split("\n")
            kept = [line for line in lines if tuple(" ".join(cell.split()) for cell in line.split("\t")[2:4]) not in pairs]
            if len(kept) < len(lines):
                draft = path.with_name(path.name + ".new")
                draft.write_text("\n".join(kept), encoding="utf-8", newline="\n")
                draft.replace(path)
        except (OSError, UnicodeDecodeError) as error:
            raise LiveroomError(f"approved sentences of the viewer may be left in {path}: {error}") from None
        dropped += len(lines) - len(kept)
    return dropped


def _holding(data: Path, words: Collection[str]) -> Iterator[Path]:
    """The other files of the folder, models left out, that hold any of the words."""
    for path in sorted(data.rglob("*")):
        inside = path.relative_to(data).parts
        if inside[0] == "models" or path.name.startswith(FILE) or inside[0] == "rooms":
            continue
        with contextlib.suppress(OSError):
            if path.is_file() and path.stat().st_size <= MAX_BYTES and seen_in(path.read_bytes(), words):
                yield path
