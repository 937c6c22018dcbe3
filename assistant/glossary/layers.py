"""The glossaries in force: `Shelf` reads the folders and notices edits, `Glossaries` says what a room's market uses.

Rules:
- A file that `liveroom glossary check` faults does not take effect: what served before goes on serving, and `faults` says
  why. A faulty file that was never good gives way to the shipped one of the same name.
- An edit counts once the file has stood still for one look, so that a half-written file is not read.
- Looking and reading happen in whatever thread calls `refresh`; those who translate read one dictionary that is replaced
  as a whole, so they never wait and never see half an edit.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant.glossary.check import check
from assistant.glossary.read import MAX_BYTES, Problem, parse
from assistant.protect.terms import Term
from assistant.roomfile import RoomProduct

COMMON = "common"
"""The layer under every market's."""

Stamp = tuple[int, int, int]
"""Modification time (ns), size and inode: what changes when a file does."""


@dataclass(frozen=True, slots=True)
class Faulty:
    """A file that does not serve."""

    path: Path
    problems: tuple[Problem, ...]

    def told(self) -> dict[str, str | int]:
        """The first problem, without the folder: for whoever asks from outside."""
        first = self.problems[0]
        return {"file": self.path.name, "line": first.line, "message": first.message, "problems": len(self.problems)}

    def __str__(self) -> str:
        first = self.problems[0]
        more = f" (and {len(self.problems) - 1} more)" if len(self.problems) > 1 else ""
        return f"{self.path}{f':{first.line}' if first.line else ''}: {first.message}{more}"


@dataclass(slots=True)
class _Book:
    """One file as last looked at."""

    stamp: Stamp | None = None
    """Of what was last read."""
    seen: Stamp | None = None
    """At the last look."""
    terms: tuple[Term, ...] | None = None
    """Of the last good reading."""
    problems: tuple[Problem, ...] = ()
    """Of the last reading."""


class Shelf:
    """All glossary files of some folders, an earlier folder's file overriding a later one's of the same name."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self.folders = tuple(folders)
        self.version = 0
        """Rises whenever other terms serve than before."""
        self._books: dict[Path, _Book] = {}
        self._serving: Mapping[str, tuple[Term, ...]] = {}
        self._faults: tuple[Faulty, ...] = ()
        self._lock = threading.Lock()
        self.refresh()
        self.refresh()  # the second look finds the files as the first saw them

    def path(self, name: str) -> Path | None:
        """The file of a name that counts (the first folder's that has it), whether it is faulty or not."""
        return next((path for folder in self.folders if (path := folder / f"{name}.csv") in self._books), None)

    @property
    def faults(self) -> tuple[Faulty, ...]:
        """The files that don't serve as they stand, with every problem."""
        return self._faults

    def terms(self, name: str) -> tuple[Term, ...]:
        """What serves under a name (`common` or a market); empty when there is none. The same object until it changes."""
        return self._serving.get(name, ())

    def names(self) -> list[str]:
        """What serves, sorted."""
        return sorted(self._serving)

    def refresh(self, whole: Path | None = None) -> list[Faulty]:
        """Look for edits and take them up; `whole` is a file known to be written to its end. Blocks on the disk.

        Returns the files found faulty at this look.
        """
        with self._lock:
            stamps = {path: stamp for folder in self.folders for path in _files(folder) if (stamp := _stamp(path))}
            fresh = [faulty for path, stamp in stamps.items() if (faulty := self._look(path, stamp, path == whole))]
            for path in self._books.keys() - stamps.keys():
                book = self._books[path]
                if book.seen is None:
                    del self._books[path]
                book.seen = None
            self._put()
            return fresh

    def _look(self, path: Path, stamp: Stamp, whole: bool) -> Faulty | None:
        book = self._books.setdefault(path, _Book())
        settled, book.seen = whole or book.seen == stamp, stamp
        if book.stamp == stamp or not settled:
            return None
        try:
            with path.open("rb") as file:
                sheet = parse(file.read(MAX_BYTES + 1), path.name)
        except OSError as error:
            problems: tuple[Problem, ...] = (Problem(0, error.strerror or str(error)),)
        else:
            if _stamp(path) != stamp:
                return None  # written to while it was read: next time
            problems = tuple(check(sheet))
            if not problems:
                book.terms = sheet.terms
        book.stamp, book.problems = stamp, problems
        return Faulty(path, problems) if problems else None

    def _put(self) -> None:
        serving: dict[str, tuple[Term, ...]] = {}
        for folder in self.folders:
            for path, book in self._books.items():
                if path.parent == folder and book.terms is not None:
                    serving.setdefault(path.stem, book.terms)
        self._faults = tuple(Faulty(path, book.problems) for path, book in sorted(self._books.items()) if book.problems)
        if serving.keys() != self._serving.keys() or any(self._serving[name] is not terms for name, terms in serving.items()):
            self._serving = serving
            self.version += 1


class Glossaries:
    """What one room translates by: its own terms above the shelf's."""

    def __init__(self, shelf: Shelf | None = None, own: Sequence[Term] = ()) -> None:
        self._shelf, self._own = shelf, tuple(own)

    @property
    def version(self) -> int:
        """Rises whenever `layers` may answer otherwise than before."""
        return self._shelf.version if self._shelf else 0

    def layers(self, market: str | None) -> tuple[tuple[Term, ...], ...]:
        """The layers for a market (None: no market), the highest first, empty ones left out."""
        shelf = [self._shelf.terms(name) for name in (market, COMMON) if name is not None] if self._shelf else []
        return tuple(layer for layer in (self._own, *shelf) if layer)


def product_terms(products: Sequence[RoomProduct]) -> tuple[Term, ...]:
    """The products' own names as terms, as ROOM.toml gives them."""
    return tuple(
        Term(dict(product.names), sku=product.sku, category=product.category, origin=f"ROOM.toml {product.sku}") for product in products
    )


def _files(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if path.suffix == ".csv" and not path.name.startswith("."))
    except OSError:  # no such folder, or for the moment none
        return []


def _stamp(path: Path) -> Stamp | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
