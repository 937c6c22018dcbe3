"""The write connection on its own."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from assistant.record import Entry
from assistant.record.ledger import Ledger
from assistant.record.schema import connect, prepare


def entry(name: int, key: bool = True) -> Entry:
    return Entry("comment", name, "s", f'{{"n":{name}}}', key=f"k{name}" if key else None)


@pytest.mark.parametrize("size", [0, 1, 7, 8, 9, 63, 64, 65, 200])
def test_any_number_of_rows_against_a_plain_model(tmp_path: Path, size: int) -> None:
    rng = random.Random(size)
    ledger = Ledger(prepare(tmp_path, connect), connect)
    model: dict[str, list[int]] = {"a": [], "b": []}
    for _ in range(4):
        appends = [
            (rng.choice("ab"), [entry(rng.randrange(2 * size + 1), rng.random() < 0.8) for _ in range(count)])
            for count in _split(size, rng)
        ]
        results = ledger.write(appends)
        for (room, entries), stored in zip(appends, results, strict=True):
            for sent, got in zip(entries, stored, strict=True):
                known = model[room]
                if sent.key is not None and sent.at in known:
                    assert (got.seq, got.new) == (known.index(sent.at) + 1, False)
                else:
                    known.append(sent.at if sent.key is not None else -1)
                    assert (got.seq, got.new) == (len(known), True)
                assert got.body == sent.body
    ledger.abandon()
    with closing(sqlite3.connect(tmp_path / "record.sqlite")) as db:
        for room, known in model.items():
            rows = db.execute("SELECT seq, CASE WHEN key IS NULL THEN -1 ELSE at END FROM entries WHERE room = ? ORDER BY seq", room)
            assert rows.fetchall() == list(enumerate(known, 1))


def _split(size: int, rng: random.Random) -> list[int]:
    parts = []
    while size:
        parts.append(rng.randint(1, size))
        size -= parts[-1]
    return parts


def test_a_failed_transaction_leaves_nothing_and_takes_no_number(tmp_path: Path) -> None:
    ledger = Ledger(prepare(tmp_path, connect), connect)
    ledger.write([("a", [entry(1)])])
    with pytest.raises(UnicodeEncodeError):
        ledger.write([("a", [entry(n) for n in range(2, 100)]), ("b", [Entry("x", 1, "s", "\ud800")])])
    ((stored,), (other,)) = ledger.write([("a", [entry(2)]), ("b", [entry(2)])])
    assert (stored.seq, stored.new, other.seq) == (2, True, 1)
    ledger.abandon()


class CommitsAndFails(sqlite3.Connection):
    """As when the last fsync fails: the error comes, yet the transaction may be there."""

    armed = False

    def execute(self, sql: str, *args: object) -> sqlite3.Cursor:
        done = super().execute(sql, *args)  # type: ignore[arg-type]
        if sql == "COMMIT" and type(self).armed:
            type(self).armed = False
            raise sqlite3.OperationalError("disk I/O error")
        return done


def test_a_commit_that_failed_but_is_there_is_counted(tmp_path: Path) -> None:
    path = prepare(tmp_path, connect)
    ledger = Ledger(path, lambda uri: sqlite3.connect(uri, uri=True, isolation_level=None, factory=CommitsAndFails))
    ledger.write([("a", [entry(0)])])
    CommitsAndFails.armed = True
    with pytest.raises(sqlite3.OperationalError):
        ledger.write([("a", [entry(1), entry(2)])])
    ((again, fresh),) = ledger.write([("a", [entry(2), entry(3)])])
    assert (again.seq, again.new, fresh.seq, fresh.new) == (3, False, 4, True)
    ledger.abandon()


def test_a_removed_file_is_not_made_again(tmp_path: Path) -> None:
    path = prepare(tmp_path, connect)
    ledger = Ledger(path, connect)
    ledger.write([("a", [entry(1)])])
    for file in tmp_path.iterdir():
        file.rename(file.with_name("kept-" + file.name))
    for _ in range(2):
        with pytest.raises(sqlite3.OperationalError, match="unable to open"):
            ledger.write([("a", [entry(2)])])
    assert not path.exists()
    for file in tmp_path.iterdir():
        file.rename(file.with_name(file.name.removeprefix("kept-")))
    assert ledger.write([("a", [entry(2)])])[0][0].seq == 2
    ledger.abandon()
