"""One viewer taken out of the record's file: which events tell of them, and their erasure down to the bytes.

Rules:
- Erased is what is theirs (comments, signals), what points at it (replies, moderation, questions with their comment as the
  example, corrections of any of these) and what staff or the room wrote that quotes them.
- The host's words, their subtitles and warnings, and other viewers' comments stay; the viewer's name and platform id in them
  are covered, sign by sign, so that spans hold. A name that another viewer bears too, or that is a common word in this room,
  says nothing about anybody and stays there.
- Numbers, times and streams of erased events stay (`ledger`). A row of `erasures` tells a running service what to forget; it
  holds numbers and a digest, nothing of the viewer's.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import regex

from assistant.errors import LiveroomError
from assistant.record.ledger import ERASE
from assistant.record.schema import connect, open_to_write, prepare

QUOTE = 8
"""Code points from which a text is taken for a quotation when it stands in another's words; shorter ones many people write."""
NAME, UNSPACED_NAME = 3, 2
"""Code points from which a name or platform id is looked for in others' words."""
COMMON = 500
"""Events of a room from which a name that stands in them is taken for a common word."""
KEPT_DAYS = 7
"""How long a row of `erasures` stays; a service that runs has seen it within seconds."""
VACUUM_BYTES = 64 * 2**20
"""Files up to this size are written anew as a whole, which takes a second or two; in larger ones, only the indexes are: a service
that runs waits for `schema.BUSY_MS`, then its recording is lost."""
LOG_SECONDS = 10.0
"""How long emptying the log waits for readers."""

_OWN = "SELECT seq, type, body FROM entries WHERE room = ? AND seq > ? AND type <> 'erased' AND (user = ? OR instr(body, ?) > 0)"
_ALL = """SELECT seq, type, body FROM entries
    WHERE room = ? AND seq > ? AND type NOT IN ('erased', 'stream', 'signal', 'product', 'feedback') ORDER BY seq"""
_POINTS = {"reply": "comment", "moderate": "target", "question": "example", "correct": "target"}
"""The field by which an event points at another: a comment's id, for `correct` a number."""
_QUOTES = frozenset({"reply", "suggestion", "question", "correct", "cue", "overlay"})
_COVERED = frozenset({"text", "matched", "message", "rewrite", "reason", "source", "target"})
"""Fields of words, as against ids."""
_UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}"


@dataclass(slots=True)
class Gone:
    """What became of a viewer in one room."""

    room: str
    types: Counter[str] = field(default_factory=Counter)
    """Erased events by type."""
    seqs: list[int] = field(default_factory=list)
    """Their numbers, in order."""
    covered: int = 0
    """Events of others in which the name was covered."""
    pairs: set[tuple[str, str]] = field(default_factory=set)
    """(text, correction) of erased corrections, which may have been exported as approved sentences."""
    words: set[str] = field(default_factory=set)
    """Names and longer texts that were theirs."""


def digest(pseudonym: str) -> str:
    """What `erasures` names a viewer by."""
    return hashlib.sha256(pseudonym.encode()).hexdigest()


def erase_viewer(folder: Path, rooms: Iterable[str], pseudonym: str, user_id: str, common: Callable[[str], str] = lambda room: "") -> list[Gone]:
    """Erase a viewer from rooms, file and log; works while a service has the file open. `common(room)` gives words that are never a name.

    Raises `LiveroomError` when the file can't be written, or while readers keep the log from being emptied.
    """
    path = prepare(folder, connect)
    try:
        db = open_to_write(path, connect)
        try:
            gone = [_erase(db, room, pseudonym, user_id, common(room)) for room in rooms]
            _rewrite(db, path)
        finally:
            db.close()
    except (OSError, sqlite3.Error) as error:
        raise LiveroomError(f"the viewer is not erased from {path}: {error}; run the command again") from error
    return gone


def _erase(db: sqlite3.Connection, room: str, pseudonym: str, user_id: str, common: str) -> Gone:
    """One room: searched while others may write, then what they wrote meanwhile is searched and all is erased in one transaction."""
    search = _Search(db, room, pseudonym, user_id, common)
    search.go_on()
    db.execute("BEGIN IMMEDIATE")
    try:
        search.go_on()
        gone, covered = search.found()
        for seq in gone.seqs:
            db.execute(ERASE, (room, seq))
        for seq, body in covered:
            db.execute("UPDATE entries SET body = ? WHERE room = ? AND seq = ?", (body, room, seq))
        now = int(time.time() * 1000)
        db.execute("DELETE FROM erasures WHERE at < ?", (now - KEPT_DAYS * 86_400_000,))
        db.execute("INSERT INTO erasures (room, at, who, seqs) VALUES (?,?,?,?)", (room, now, digest(pseudonym), json.dumps(gone.seqs)))
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise
    return gone


class _Search:
    """Finds what tells of a viewer in one room; may be told to go on when more was written."""

    def __init__(self, db: sqlite3.Connection, room: str, pseudonym: str, user_id: str, common: str) -> None:
        self._db, self._room, self._pseudonym, self._common = db, room, pseudonym, common
        self._upto = 0
        self._ids, self._texts, self._taken = set[str](), set[str](), dict[int, str]()
        self._names: dict[str, bool] = {user_id: self._telling(user_id)}
        """The viewer's names and platform id, and whether they tell of nobody else."""
        self._user_id = user_id
        self._corrections: list[tuple[int, int]] = []
        self._named: list[tuple[int, str, str]] = []
        """Number, type and covered body of what names the viewer."""

    def go_on(self) -> None:
        """Search what was written since the last time."""
        (last,) = self._db.execute("SELECT coalesce(max(seq), 0) FROM entries WHERE room = ?", (self._room,)).fetchone()
        for seq, type_, body in self._db.execute(_OWN, (self._room, self._upto, self._pseudonym, self._pseudonym)).fetchall():
            self._taken[seq] = type_
            if type_ == "comment":
                self._learn(json.loads(body))
        name, quote = _words(name for name, telling in self._names.items() if telling), _any(text for text in self._texts if len(text) >= QUOTE)
        for seq, type_, body in self._db.execute(_ALL, (self._room, self._upto)):
            if seq in self._taken:
                continue
            if type_ == "correct":
                self._corrections.append((seq, json.loads(body)["target"]))
            elif type_ in _POINTS and json.loads(body)[_POINTS[type_]] in self._ids:
                self._taken[seq] = type_
                continue
            if type_ in _QUOTES and quote and any(quote.search(text) for text in _strings(json.loads(body))):
                self._taken[seq] = type_
            elif name and ("\\" in body or name.search(body)) and (covered := _covered(body, name)) != body:
                self._named.append((seq, type_, covered))
        self._upto = last

    def found(self) -> tuple[Gone, list[tuple[int, str]]]:
        """What is to be erased, and the new bodies of what is to be covered."""
        named, taken = self._named if len(self._named) <= COMMON else [], dict(self._taken)
        taken |= {seq: type_ for seq, type_, _ in named if type_ in _QUOTES}
        while more := {seq: "correct" for seq, target in self._corrections if target in taken and seq not in taken}:
            taken |= more
        words = {*self._names, *(text for text in self._texts if len(text) >= QUOTE)} - {self._user_id, ""}
        pairs = set(_pairs(self._db, self._room, [(seq, target) for seq, target in self._corrections if seq in taken]))
        bodies = {seq: body for seq, _, body in named if seq not in taken}
        return Gone(self._room, Counter(taken.values()), sorted(taken), len(bodies), pairs, words), list(bodies.items())

    def _learn(self, comment: dict[str, Any]) -> None:
        """A comment of the viewer's."""
        self._ids.add(comment["id"])
        self._texts |= {comment["text"], (comment.get("translation") or {}).get("text", "")}
        name = comment["user"].get("name") or ""
        if name and name not in self._names:
            self._names[name] = self._telling(name) and not _borne(self._db, self._room, name, self._pseudonym)

    def _telling(self, word: str) -> bool:
        """Whether a name is long enough to be looked for, and no word of the room."""
        whole = _words([word]) if len(word) >= (UNSPACED_NAME if _unspaced(word) else NAME) else None
        return whole is not None and not whole.search(self._common)


def _pairs(db: sqlite3.Connection, room: str, corrections: Iterable[tuple[int, int]]) -> Iterator[tuple[str, str]]:
    """What each correction approved: the words and their translation."""
    one = "SELECT body FROM entries WHERE room = ? AND seq = ?"
    for seq, target in corrections:
        right, of = (db.execute(one, (room, number)).fetchone() for number in (seq, target))
        event = json.loads(of[0]) if of else {}
        source = (event.get("source") or {}).get("text") or event.get("text", "")
        yield " ".join(source.split()), " ".join(json.loads(right[0])["text"].split())


def _borne(db: sqlite3.Connection, room: str, name: str, pseudonym: str) -> bool:
    """Whether another viewer of the room goes by this name."""
    found = "SELECT 1 FROM entries WHERE room = ? AND type = 'comment' AND user <> ? AND json_extract(body, '$.user.name') = ? LIMIT 1"
    return db.execute(found, (room, pseudonym, name)).fetchone() is not None


def _unspaced(word: str) -> bool:
    return bool(regex.match(rf"[{_UNSPACED}]", word))


def _words(words: Iterable[str]) -> regex.Pattern[str] | None:
    """Finds any of the words as a whole; in scripts without spaces anywhere."""
    letter = rf"[[\p{{L}}\p{{M}}\p{{N}}]--[{_UNSPACED}]]"
    each = [
        (f"(?<!{letter})" if not _unspaced(word) else "") + regex.escape(word) + (f"(?!{letter})" if not _unspaced(word[-1:]) else "")
        for word in sorted(words, key=lambda word: (-len(word), word))
    ]
    return regex.compile("|".join(each), regex.V1 | regex.IGNORECASE) if each else None


def _any(texts: Iterable[str]) -> regex.Pattern[str] | None:
    each = [regex.escape(text) for text in sorted(texts, key=lambda text: (-len(text), text))]
    return regex.compile("|".join(each)) if each else None


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _strings(part)


def _covered(body: str, name: regex.Pattern[str]) -> str:
    """A body with the name covered wherever words stand."""

    def cover(value: Any, words: bool) -> Any:
        if isinstance(value, str):
            return name.sub(lambda match: "•" * len(match[0]), value) if words else value
        if isinstance(value, list):
            return [cover(part, words) for part in value]
        if isinstance(value, dict):
            return {key: cover(part, key in _COVERED) for key, part in value.items()}
        return value

    return json.dumps(cover(json.loads(body), False), ensure_ascii=False, separators=(",", ":"))


def _rewrite(db: sqlite3.Connection, path: Path) -> None:
    """Leave no copy in free space, indexes or the log: SQLite may keep stale copies of index cells it moved, even with `secure_delete`."""
    _checkpoint(db)
    if path.stat().st_size <= VACUUM_BYTES:
        db.execute("VACUUM")
    else:
        db.execute("REINDEX entries_key")
        db.execute("REINDEX entries_user")
    _checkpoint(db)


def _checkpoint(db: sqlite3.Connection) -> None:
    until = time.monotonic() + LOG_SECONDS
    while True:
        (busy, _, _) = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if not busy:
            return
        if time.monotonic() > until:
            raise sqlite3.OperationalError("erased in the file, but readers keep its log from being emptied")
        time.sleep(0.05)


def seen_in(content: bytes, words: Collection[str]) -> bool:
    """Whether a file's bytes hold any of the words."""
    return any(word.encode("utf-8", "surrogatepass") in content for word in words)
