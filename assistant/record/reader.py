"""Two reading threads, each with its own connection that cannot write, and the queries they run."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from assistant.errors import LiveroomError, WireError
from assistant.record.entries import Erasure, Stored, StreamSpan
from assistant.record.schema import Connect, open_to_read

THREADS = 2
WAITING = 1_000
"""Reads that may wait; beyond it they are refused (`overloaded`)."""

PAGE = 10_000
"""The most entries one read returns."""

T = TypeVar("T")


class Readers:
    """Runs queries beside the writer and the event loop."""

    def __init__(self, path: Path, connect: Connect) -> None:
        self._path = path
        self._connect = connect
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="liveroom-record-read")
        self._mine = threading.local()
        self._open: set[sqlite3.Connection] = set()
        self._lock = threading.Lock()
        self._waiting = 0
        self._closed = False

    async def read(self, query: Callable[[sqlite3.Connection], T]) -> T:
        """The query's answer. Raises `WireError`: `overloaded`, or `internal` when the file cannot be read."""
        if self._closed:
            raise LiveroomError("the record is closed")
        if self._waiting >= WAITING:
            raise WireError("overloaded", "too many reads of the record are waiting")
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, self._run, query)
        except (sqlite3.Error, OSError) as error:
            raise WireError("internal", f"the record could not be read: {error}") from error
        finally:
            self._waiting -= 1

    async def close(self) -> None:
        """Let the running queries end, then close the connections."""
        self._closed = True
        await asyncio.to_thread(self._pool.shutdown)
        while self._open:
            self._open.pop().close()

    def _run(self, query: Callable[[sqlite3.Connection], T]) -> T:
        db: sqlite3.Connection | None = getattr(self._mine, "db", None)
        if db is None:
            db = self._mine.db = open_to_read(self._path, self._connect)
            with self._lock:
                self._open.add(db)
        try:
            return query(db)
        except sqlite3.Error:
            self._mine.db = None  # the next query starts from a fresh connection
            with self._lock:
                self._open.discard(db)
            with suppress(sqlite3.Error):
                db.close()
            raise


_COLUMNS = "seq, type, at, body, stream"


def after(db: sqlite3.Connection, room: str, seq: int, limit: int, stream: str | None) -> list[Stored]:
    """The entries of a room (of one stream) with a number above `seq`, in order, at most `limit`."""
    where, values = ("", ()) if stream is None else ("stream = ? AND ", (stream,))
    query = f"SELECT {_COLUMNS} FROM entries WHERE room = ? AND {where}seq > ? ORDER BY seq LIMIT ?"
    rows = db.execute(query, (room, *values, seq, max(1, min(limit, PAGE)))).fetchall()
    return [Stored(*row, new=False) for row in rows]


def get(db: sqlite3.Connection, room: str, seq: int) -> Stored | None:
    """The entry with this number."""
    row = db.execute(f"SELECT {_COLUMNS} FROM entries WHERE room = ? AND seq = ?", (room, seq)).fetchone()
    return row and Stored(*row, new=False)


def find(db: sqlite3.Connection, room: str, key: str) -> Stored | None:
    """The entry recorded under this key."""
    row = db.execute(f"SELECT {_COLUMNS} FROM entries WHERE room = ? AND key = ?", (room, key)).fetchone()
    return row and Stored(*row, new=False)


def corrections(db: sqlite3.Connection, room: str, limit: int) -> list[tuple[Stored, Stored]]:
    """The newest `limit` corrections of a room, oldest first, each with the event that it corrects; erased ones are left out."""
    pairs = f"""
        SELECT {_of("made")}, {_of("event")} FROM entries made
            JOIN entries event ON event.room = made.room AND event.seq = json_extract(made.body, '$.target')
        WHERE made.room = ? AND made.type = 'correct' AND event.type <> 'erased' ORDER BY made.seq DESC LIMIT ?"""
    rows = db.execute(pairs, (room, limit)).fetchall()
    return [(Stored(*row[:5], new=False), Stored(*row[5:], new=False)) for row in reversed(rows)]


def answers(db: sqlite3.Connection, room: str, until: int, limit: int) -> list[Stored]:
    """The newest `limit` suggestions and feedbacks of a room up to number `until`, oldest first."""
    found = f"SELECT {_COLUMNS} FROM entries WHERE room = ? AND seq <= ? AND type IN ('suggestion', 'feedback') ORDER BY seq DESC LIMIT ?"
    return [Stored(*row, new=False) for row in reversed(db.execute(found, (room, until, limit)).fetchall())]


def erasures(db: sqlite3.Connection, after: int) -> list[Erasure]:
    """The viewers that were erased after erasure number `after`, in order; with -1 only the newest."""
    newest = "ORDER BY id DESC LIMIT 1" if after < 0 else "ORDER BY id LIMIT 100"
    found = db.execute(f"SELECT id, room, who, seqs FROM erasures WHERE id > ? {newest}", (after,)).fetchall()
    return [Erasure(id_, room, who, tuple(json.loads(seqs))) for id_, room, who, seqs in found]


def _of(table: str) -> str:
    return ", ".join(f"{table}.{column}" for column in _COLUMNS.split(", "))


def last_seqs(db: sqlite3.Connection) -> dict[str, int]:
    """Every room in the file and its last number; one index look-up per room, however long the rooms are."""
    rooms = """
        WITH RECURSIVE rooms (room) AS (
            SELECT min(room) FROM entries
            UNION ALL SELECT (SELECT min(room) FROM entries WHERE entries.room > rooms.room) FROM rooms WHERE room IS NOT NULL
        )
        SELECT room, (SELECT max(seq) FROM entries WHERE entries.room = rooms.room) FROM rooms WHERE room IS NOT NULL"""
    return dict(db.execute(rooms).fetchall())


def streams(db: sqlite3.Connection, room: str) -> list[StreamSpan]:
    """The broadcasts of a room, oldest first; a few index look-ups per stream."""
    spans = """
        WITH RECURSIVE names (id) AS (
            SELECT min(stream) FROM entries WHERE room = :room
            UNION ALL SELECT (SELECT min(stream) FROM entries WHERE room = :room AND stream > id) FROM names
                WHERE id IS NOT NULL
        ), spans (id, first, last, mark) AS (
            SELECT id,
                (SELECT min(seq) FROM entries WHERE room = :room AND stream = id),
                (SELECT max(seq) FROM entries WHERE room = :room AND stream = id),
                (SELECT max(seq) FROM entries WHERE room = :room AND stream = id AND type = 'stream')
            FROM names WHERE id IS NOT NULL
        )
        SELECT spans.id, first, last, begun.at, mark.at, mark.body FROM spans
            JOIN entries begun ON begun.room = :room AND begun.seq = first
            LEFT JOIN entries mark ON mark.room = :room AND mark.seq = spans.mark
        ORDER BY first"""
    return [
        StreamSpan(id_, first, last, started, at if body and _ended(body) else None)
        for id_, first, last, started, at, body in db.execute(spans, {"room": room}).fetchall()
    ]


def _ended(body: str) -> bool:
    return json.loads(body).get("state") == "ended"
