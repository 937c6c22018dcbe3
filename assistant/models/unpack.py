"""Unpacks a model archive without trusting it: no paths outside the folder, no links, bounded size and number of files."""

from __future__ import annotations

import stat
import zipfile
from pathlib import Path, PurePosixPath

from assistant.errors import InputFileError

MOST_BYTES = 4_000_000_000
MOST_FILES = 200
_PIECE = 1 << 20


def unpack(archive: Path, folder: Path, most_bytes: int = MOST_BYTES, most_files: int = MOST_FILES) -> None:
    """Unpack a zip into `folder`, which must be empty. Raises `InputFileError`; what was written by then stays."""
    try:
        with zipfile.ZipFile(archive) as source:
            members = [member for member in source.infolist() if not member.is_dir()]
            if len(members) > most_files:
                raise InputFileError(str(archive), 0, f"holds {len(members)} files, {most_files} at most are taken")
            left = most_bytes
            for member in members:
                left -= _member(archive, source, member, folder, left)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError) as error:
        raise InputFileError(str(archive), 0, f"cannot be unpacked: {error}") from None


def _member(archive: Path, source: zipfile.ZipFile, member: zipfile.ZipInfo, folder: Path, most: int) -> int:
    """Write one file; returns its bytes, counted as they come, since the archive may lie about them."""
    name = PurePosixPath(member.filename)
    if name.is_absolute() or ".." in name.parts or any(mark in member.filename for mark in "\\:\0") or not name.parts:
        raise InputFileError(str(archive), 0, f"holds a file outside its folder: {member.filename!r}")
    if stat.S_ISLNK(member.external_attr >> 16):
        raise InputFileError(str(archive), 0, f"holds a link: {member.filename!r}")
    target = folder / name
    target.parent.mkdir(parents=True, exist_ok=True)
    written = 0
    with source.open(member) as packed, target.open("xb") as file:
        while piece := packed.read(_PIECE):
            written += len(piece)
            if written > most:
                raise InputFileError(str(archive), 0, "unpacks to more than is taken; it is no model")
            file.write(piece)
    return written
