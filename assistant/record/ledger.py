"""The write connection: gives numbers, knows repeated keys, erases; every call is one transaction, all or nothing.

Rules:
- A number exists only after its commit. The last number per room is kept here for speed and read again from the file
  after any failure and after any other process wrote.
- A failed transaction closes the connection; the next call opens a new one. So whatever the disk does, the next try starts
  from what is really in the file.
- A file that was removed or replaced while serving is noticed before the next commit, and not created again: that would
  start the numbers at 1.
- Many rows go in one statement: each statement gives up the interpreter's lock once and must win it back from a busy
  event loop, which one statement a row would do two thousand times a group.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from assistant.record.entries import Entry, Stored
from assistant.record.schema import BUSY_MS, Connect, open_to_write

CHUNKS = (64, 8, 1)
"""Rows or keys a statement takes: few different statements, so that all stay prepared, and below 999 parameters."""

SCRUB_BUSY_MS = 100

_ROW = "(?,?,?,?,?,?,?,?)"
_INSERT = {n: f"INSERT INTO entries (room,seq,type,at,stream,body,key,user) VALUES {','.join([_ROW] * n)}" for n in CHUNKS}
_KNOWN = {
    n: f"SELECT key,seq,type,at,body,stream FROM entries WHERE room = ? AND key IN ({','.join('?' * n)})" for n in CHUNKS
}

_ERASABLE = "SELECT 1 FROM entries WHERE room = ? AND seq = ? AND type <> 'erased'"
ERASE = "UPDATE entries SET type = 'erased', body = '{}', key = NULL, user = NULL WHERE room = ? AND seq = ?"

T = TypeVar("T")


class Ledger:
    """The one writer of the file; used by one thread at a time."""

    def __init__(self, path: Path, connect: Connect) -> None:
        self._path = path
        self._connect = connect
        self._db: sqlite3.Connection | None = None
        self._file: tuple[int, int] | None = None
        self._version: int | None = None
        self._last: dict[str, int] = {}

    def write(self, appends: Sequence[tuple[str, Sequence[Entry]]]) -> list[list[Stored]]:
        """Record all appends or none, in their order; the result has their shape. Raises what SQLite raises."""
        db = self._begin()
        try:
            last = dict(self._last)
            known = self._known(db, appends)
            rows: list[tuple[object, ...]] = []
            results = [self._number(db, room, entries, last, known, rows) for room, entries in appends]
            for chunk in _chunks(rows):
                db.execute(_INSERT[len(chunk)], [value for row in chunk for value in row])
            db.execute("COMMIT")
        except BaseException:
            self.abandon()
            raise
        self._last = last
        return results

    def erase(self, room: str, seqs: Sequence[int], user: str | None) -> list[int]:
        """Empty the entries with these numbers and all of this user; returns the numbers that held something."""
        db = self._begin()
        try:
            found = {seq for seq in seqs if db.execute(_ERASABLE, (room, seq)).fetchone()}
            if user is not None:
                found.update(seq for (seq,) in db.execute("SELECT seq FROM entries WHERE room = ? AND user = ?", (room, user)))
            erased = sorted(found)
            for seq in erased:
                db.execute(ERASE, (room, seq))
            db.execute("COMMIT")
        except BaseException:
            self.abandon()
            raise
        return erased

    def scrub(self) -> bool:
        """Write the log back into the file and empty it, so that erased text is in neither; False: readers are in the way."""
        db = self._begin()
        try:
            db.execute("ROLLBACK")
            db.execute(f"PRAGMA busy_timeout = {SCRUB_BUSY_MS}").fetchone()
            (busy, _, _) = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            db.execute(f"PRAGMA busy_timeout = {BUSY_MS}").fetchone()
        except BaseException:
            self.abandon()
            raise
        return not busy

    def probe(self) -> None:
        """Write a little, to learn whether the disk takes it; raises what SQLite raises."""
        db = self._begin()
        try:
            (version,) = db.execute("PRAGMA user_version").fetchone()
            db.execute(f"PRAGMA user_version = {version}")
            db.execute("COMMIT")
        except BaseException:
            self.abandon()
            raise

    def abandon(self) -> None:
        """Close the connection, which rolls back; the next call opens another."""
        db, self._db = self._db, None
        self._last = {}
        self._version = None
        if db is not None:
            with suppress(sqlite3.Error):  # a broken disk: whatever closing wanted to write is recovered from the WAL
                db.close()

    def _begin(self) -> sqlite3.Connection:
        if self._db is not None and self._file != _identity(self._path):
            self.abandon()  # writing would go on "successfully" into a file that no name leads to
        if self._db is None:
            self._db = open_to_write(self._path, self._connect)
            self._file = _identity(self._path)
        try:
            self._db.execute("BEGIN IMMEDIATE")
            (version,) = self._db.execute("PRAGMA data_version").fetchone()
        except BaseException:
            self.abandon()
            raise
        if version != self._version:  # another process wrote
            self._last = {}
            self._version = version
        assert self._db is not None
        return self._db

    def _known(
        self, db: sqlite3.Connection, appends: Sequence[tuple[str, Sequence[Entry]]]
    ) -> dict[tuple[str, str], Stored]:
        """What is already recorded under the keys of these appends."""
        keys: dict[str, dict[str, None]] = {}
        for room, entries in appends:
            for entry in entries:
                if entry.key is not None:
                    keys.setdefault(room, {})[entry.key] = None
        known = {}
        for room, wanted in keys.items():
            for chunk in _chunks(list(wanted)):
                for key, *stored in db.execute(_KNOWN[len(chunk)], [room, *chunk]).fetchall():
                    known[room, key] = Stored(*stored, new=False)
        return known

    def _number(
        self,
        db: sqlite3.Connection,
        room: str,
        entries: Sequence[Entry],
        last: dict[str, int],
        known: dict[tuple[str, str], Stored],
        rows: list[tuple[object, ...]],
    ) -> list[Stored]:
        """Give one append its numbers: extends `rows`, `known` and `last`."""
        if room not in last:
            (last[room],) = db.execute("SELECT coalesce(max(seq), 0) FROM entries WHERE room = ?", (room,)).fetchone()
        seq = last[room]
        result = []
        for entry in entries:
            key = entry.key
            if key is not None and (first := known.get((room, key))) is not None:
                result.append(replace(first, new=False) if first.new else first)  # new: from this very transaction
                continue
            seq += 1
            stored = Stored(seq, entry.type, entry.at, entry.body, entry.stream, True)
            result.append(stored)
            rows.append((room, seq, entry.type, entry.at, entry.stream, entry.body, key, entry.user))
            if key is not None:
                known[room, key] = stored
        last[room] = seq
        return result


def _chunks(items: list[T]) -> Iterator[list[T]]:
    start = 0
    for size in CHUNKS:
        while len(items) - start >= size:
            yield items[start : start + size]
            start += size


def _identity(path: Path) -> tuple[int, int] | None:
    """Which file the path leads to; None: to none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
