"""The record's file: how it is opened, its tables and their migrations.

WAL, so that readers never wait for the writer; `synchronous=FULL`, so that a commit is on the disk and not only in its cache;
`secure_delete`, so that erased text is overwritten and not only unlinked.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

from assistant.errors import LiveroomError

Connect = Callable[[str], sqlite3.Connection]
"""Opens a connection for an SQLite URI. The seam where tests put a failing disk."""

FILE = "record.sqlite"

BUSY_MS = 5_000
"""How long a transaction waits for another process (`liveroom erase` while serving)."""

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        """CREATE TABLE entries (
            room TEXT NOT NULL,
            seq INTEGER NOT NULL,
            type TEXT NOT NULL,
            at INTEGER NOT NULL,
            stream TEXT NOT NULL,
            body TEXT NOT NULL,
            key TEXT,
            user TEXT,
            PRIMARY KEY (room, seq)
        )""",
        "CREATE UNIQUE INDEX entries_key ON entries (room, key) WHERE key IS NOT NULL",
        "CREATE INDEX entries_stream ON entries (room, stream, seq)",
        "CREATE INDEX entries_user ON entries (room, user) WHERE user IS NOT NULL",
        "CREATE INDEX entries_marks ON entries (room, stream, seq) WHERE type = 'stream'",
    ),
    ("CREATE INDEX entries_corrections ON entries (room, seq) WHERE type = 'correct'",),
    ("CREATE INDEX entries_answers ON entries (room, seq) WHERE type IN ('suggestion', 'feedback')",),
    (
        """CREATE TABLE erasures (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            room TEXT NOT NULL,
            at INTEGER NOT NULL,
            who TEXT NOT NULL,
            seqs TEXT NOT NULL
        )""",
    ),
)
"""`MIGRATIONS[n]` leads from `user_version` n to n + 1."""


def connect(uri: str) -> sqlite3.Connection:
    """A connection whose transactions are begun by hand; used by one thread at a time, but not by the one that made it."""
    return sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False, timeout=BUSY_MS / 1000)


def prepare(folder: Path, connect: Connect) -> Path:
    """Create the file or bring it up to date; returns its path. Raises `LiveroomError` that says what to do about it."""
    path = folder / FILE
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)  # viewers' words: for the owner only, the WAL inherits it
        db = connect(_uri(path, "rw"))
        try:
            _configure(db)
            _migrate(db, path)
        finally:
            db.close()
    except (OSError, sqlite3.Error) as error:
        raise LiveroomError(f"the record {path} cannot be opened: {error}; check the folder given with --data") from error
    return path


def open_to_write(path: Path, connect: Connect) -> sqlite3.Connection:
    """The write connection of an existing file: one that was removed while serving must fail, not start again at 1."""
    db = connect(_uri(path, "rw"))
    try:
        _configure(db)
    except BaseException:
        db.close()
        raise
    return db


def open_to_read(path: Path, connect: Connect) -> sqlite3.Connection:
    """A connection that cannot write."""
    return connect(_uri(path, "ro"))


def _uri(path: Path, mode: str) -> str:
    return f"{path.resolve().as_uri()}?mode={mode}"


def _configure(db: sqlite3.Connection) -> None:
    (mode,) = db.execute("PRAGMA journal_mode = WAL").fetchone()
    if mode != "wal":
        raise sqlite3.OperationalError(f"no write-ahead log on this file system (journal mode {mode})")
    db.execute("PRAGMA synchronous = FULL")
    db.execute("PRAGMA fullfsync = ON")  # macOS: plain fsync leaves the data in the drive's cache
    db.execute("PRAGMA secure_delete = ON").fetchone()
    db.execute("PRAGMA journal_size_limit = 67108864").fetchone()  # bytes a burst may leave in the WAL file


def _migrate(db: sqlite3.Connection, path: Path) -> None:
    db.execute("BEGIN IMMEDIATE")  # a second process starting now waits here and then finds nothing to do
    try:
        (version,) = db.execute("PRAGMA user_version").fetchone()
        if version > len(MIGRATIONS):
            raise LiveroomError(
                f"the record {path} was written by a newer liveroom (version {version} of the file, this one knows "
                f"{len(MIGRATIONS)}); install that version or use another folder with --data"
            )
        for number in range(version, len(MIGRATIONS)):
            for statement in MIGRATIONS[number]:
                db.execute(statement)
            db.execute(f"PRAGMA user_version = {number + 1}")
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise
