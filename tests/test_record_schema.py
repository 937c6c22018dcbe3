"""The record's file: settings, migrations, and what it says when it cannot be opened."""

from __future__ import annotations

import os
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from assistant.errors import LiveroomError
from assistant.record.schema import MIGRATIONS, connect, open_to_read, open_to_write, prepare


def test_the_write_connection_is_durable_and_overwrites(tmp_path: Path) -> None:
    with closing(open_to_write(prepare(tmp_path / "a" / "b c#?%", connect), connect)) as db:
        values = {name: db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous", "secure_delete")}
        assert values == {"journal_mode": "wal", "synchronous": 2, "secure_delete": 1}
        assert db.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)


def test_opening_again_changes_nothing(tmp_path: Path) -> None:
    path = prepare(tmp_path, connect)
    before = path.read_bytes()
    assert prepare(tmp_path, connect) == path and path.read_bytes() == before


@pytest.mark.skipif(os.name == "nt", reason="Windows has no mode bits")
def test_only_the_owner_may_read(tmp_path: Path) -> None:
    assert stat.S_IMODE(prepare(tmp_path, connect).stat().st_mode) == 0o600


def test_a_reader_cannot_write(tmp_path: Path) -> None:
    path = prepare(tmp_path, connect)
    with closing(open_to_read(path, connect)) as db, pytest.raises(sqlite3.OperationalError):
        db.execute("DELETE FROM entries")


def test_every_look_up_has_its_index(tmp_path: Path) -> None:
    with closing(connect(prepare(tmp_path, connect).as_uri())) as db:
        for where, index in {
            "seq > 5 ORDER BY seq": "sqlite_autoindex_entries_1",
            "key = 'k'": "entries_key",
            "stream = 's' AND seq > 5 ORDER BY seq": "entries_stream",
            "user = 'u'": "entries_user",
            "stream = 's' AND type = 'stream' ORDER BY seq DESC LIMIT 1": "entries_marks",
        }.items():
            plan = db.execute(f"EXPLAIN QUERY PLAN SELECT body FROM entries WHERE room = 'r' AND {where}").fetchall()
            assert [index in step[3] for step in plan] == [True], plan


def test_a_failed_migration_leaves_the_file_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = prepare(tmp_path, connect)
    monkeypatch.setattr("assistant.record.schema.MIGRATIONS", (*MIGRATIONS, ("CREATE TABLE half (a)", "NO SUCH STATEMENT")))
    with pytest.raises(LiveroomError, match="NO"):
        prepare(tmp_path, connect)
    with closing(connect(path.as_uri())) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)
        assert db.execute("SELECT count(*) FROM sqlite_schema WHERE name = 'half'").fetchone() == (0,)


def test_a_newer_file_is_refused(tmp_path: Path) -> None:
    with closing(connect(prepare(tmp_path, connect).as_uri())) as db:
        db.execute("PRAGMA user_version = 99")
    with pytest.raises(LiveroomError, match="newer liveroom"):
        prepare(tmp_path, connect)


def test_says_which_file_cannot_be_opened(tmp_path: Path) -> None:
    (tmp_path / "record.sqlite").write_bytes(b"not a database, but long enough to look at" * 100)
    with pytest.raises(LiveroomError, match=r"record\.sqlite cannot be opened: file is not a database"):
        prepare(tmp_path, connect)
    (tmp_path / "file").touch()
    with pytest.raises(LiveroomError, match="--data"):
        prepare(tmp_path / "file", connect)
