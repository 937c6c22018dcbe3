"""What moderators corrected: each `correct` event of a translation is an approved sentence from then on.

The record is where they are kept: nothing is stored twice, and what is erased there (a viewer's comment) is gone from the memory at
the next start, and at once through `Learned.forget`.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from assistant.errors import InputFileError
from assistant.ingest import language
from assistant.memory.names import Names
from assistant.memory.store import LIMIT, Entry, Hit, Memory
from assistant.record import Record, Stored
from assistant.record.schema import FILE

TRANSLATED = ("subtitle", "comment", "reply", "speech")
"""Events that a correction can be learned from."""


def learned(correction: Stored, event: Stored, host_language: str) -> Entry | None:
    """The pair that a correction approves; None when it is none: of another kind of event, or of the words in their own language."""
    if event.type not in TRANSLATED:
        return None
    right, of = json.loads(correction.body), json.loads(event.body)
    source, text = _said(event.type, of, host_language)
    target = language(right["lang"])
    if source in ("und", target) or not text.strip() or not right["text"].strip():
        return None
    return Entry(source, target, text, right["text"], f"correction {correction.seq} of {event.seq}")


def corrected(rows: Iterable[tuple[Stored, Stored]], host_language: str) -> list[Entry]:
    """The pairs of a room's corrections and the events they correct, in order; the last word on a sentence counts."""
    found: dict[tuple[str, str, str], Entry] = {}
    for correction, event in rows:
        if entry := learned(correction, event, host_language):
            key = (entry.source_lang, entry.target_lang, entry.source)
            found.pop(key, None)
            found[key] = entry
    return list(found.values())


class Learned:
    """One room's memory: its moderators' corrections over the seller's files."""

    def __init__(self, room: str, record: Record, host_language: str, files: Memory, names: Names = ()) -> None:
        """`names` are the room's products' by language."""
        self._room, self._record, self._host, self._names = room, record, host_language, names
        self._memory = Memory(under=files)

    async def start(self) -> None:
        """Learn what the record holds."""
        for entry in corrected(await self._record.corrections(self._room, LIMIT), self._host):
            self._add(entry)

    async def learn(self, seq: int) -> None:
        """Learn from the correction recorded with this number: the very next lookup answers with it."""
        correction = await self._record.get(self._room, seq)
        event = correction and await self._record.get(self._room, json.loads(correction.body)["target"])
        if correction and event and (entry := learned(correction, event, self._host)):
            self._add(entry)

    def lookup(self, text: str, source: str, target: str) -> Hit | None:
        """As `Memory.lookup`."""
        return self._memory.lookup(text, source, target, self._names)

    def forget(self, seqs: Collection[int]) -> int:
        """Drop what was learned from events or corrections with these numbers, as when they are erased; returns how many."""
        gone = set(map(str, seqs))
        return self._memory.forget(lambda entry: not gone.isdisjoint(entry.origin.split()))

    def _add(self, entry: Entry) -> None:
        self._memory.add(entry.source_lang, entry.target_lang, entry.source, entry.target, entry.origin)


async def recorded(data: Path, rooms: Sequence[str] = ()) -> list[Entry]:
    """The corrections in the record of a data folder, of these rooms or of all; raises `InputFileError` where none is kept."""
    if not (data / FILE).is_file():
        raise InputFileError(str(data), 0, "holds no record; give the folder that serve was given with --data")
    record = Record(data)
    try:
        if unknown := sorted(set(rooms) - set(record.rooms())):
            raise InputFileError(str(data), 0, f"has no events of room {unknown[0]}; there are {', '.join(record.rooms()) or 'none'}")
        return [entry for room in rooms or record.rooms() for entry in corrected(await record.corrections(room, LIMIT), _host_language(data, room))]
    finally:
        await record.close()


def _host_language(data: Path, room: str) -> str:
    """What the room's host speaks, as the room was last served."""
    kept = data / "rooms" / f"{room}.json"
    return json.loads(kept.read_text(encoding="utf-8"))["host_language"] if kept.is_file() else "und"


def _said(kind: str, event: Mapping[str, Any], host_language: str) -> tuple[str, str]:
    """Language and words of what was translated."""
    if kind in ("subtitle", "reply"):
        return language(event["source"]["lang"]), event["source"]["text"]
    lang = event.get("lang") or host_language
    return language(lang) if lang != "und" else "und", event["text"]

