"""Edits of a glossary file by several people at once: read with a tag, checked, replaced as a whole or not at all.

The tag says which content an editor has seen; who sends it back with a change is refused when somebody else was quicker.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from assistant.glossary.check import check
from assistant.glossary.layers import Shelf
from assistant.glossary.read import MAX_BYTES, Problem, parse


class Outdated(Exception):
    """The file isn't what the editor has seen."""


class Refused(Exception):
    """The content is faulty; nothing was written."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(problems[0].message)
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Page:
    """A file's content as it lies on the disk."""

    content: bytes
    tag: str
    """Of this content; hexadecimal."""


class Desk:
    """Where the files of a shelf are edited; one edit at a time. All methods block on the disk."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._lock = threading.Lock()

    def read(self, name: str) -> Page | None:
        """The file that counts under a name; None when there is none. Raises `OSError`."""
        for folder in self._shelf.folders:
            with contextlib.suppress(FileNotFoundError):
                with (folder / f"{name}.csv").open("rb") as file:
                    content = file.read(MAX_BYTES + 1)
                if len(content) > MAX_BYTES:
                    raise OSError(errno.EFBIG, f"larger than {MAX_BYTES} bytes")
                return Page(content, _tag(content))
        return None

    def write(self, name: str, content: bytes, agreed: Callable[[Page | None], bool]) -> Page:
        """Replace a file in the first (the overriding) folder and take it up at once.

        `agreed` says whether the present content is one that may be replaced. Raises `Refused`, `Outdated`, `OSError`.
        """
        if problems := check(parse(content, f"{name}.csv")):
            raise Refused(problems)
        with self._lock:
            if not agreed(self.read(name)):
                raise Outdated
            folder = self._shelf.folders[0]
            folder.mkdir(parents=True, exist_ok=True)
            file = folder / f"{name}.csv"
            draft = folder / f".{name}.{secrets.token_hex(6)}.tmp"
            try:
                with draft.open("xb") as stream:
                    stream.write(content)
                    stream.flush()
                    os.fsync(stream.fileno())
                _moved(draft, file)
            finally:
                draft.unlink(missing_ok=True)
            self._shelf.refresh(whole=file)
            return Page(content, _tag(content))


def _moved(draft: Path, file: Path) -> None:
    """Put the draft in the file's place; Windows refuses for the moment in which somebody reads the file."""
    for _ in range(20):
        with contextlib.suppress(PermissionError):
            draft.replace(file)
            return
        time.sleep(0.02)
    draft.replace(file)


def _tag(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:32]
