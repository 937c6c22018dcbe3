"""One room's page of the record: makes its events durable in their stream, and shows them live while the disk fails.

A stream's beginning or end that the disk did not take is owed: it goes before whatever the disk takes next, so that the record
tells of every stream it holds events of.
"""

from __future__ import annotations

from collections.abc import Sequence

from assistant import events
from assistant.errors import RecordingLost, WireError
from assistant.events import Event
from assistant.publish import Hub
from assistant.record import Entry, Record, Stored

OWED = 100
"""Stream events kept while the disk fails."""

RECORDED: dict[str, type[Event]] = {
    "signal": events.SignalEvent,
    "product": events.ProductEvent,
    "feedback": events.FeedbackEvent,
    "moderate": events.ModerateEvent,
    "correct": events.CorrectEvent,
    "cue": events.CueEvent,
    "overlay": events.OverlayEvent,
}
"""What an input of each type is recorded as."""


class Book:
    """Writes for one room. What the record takes is published by its commit callback, what it does not take here."""

    def __init__(self, room: str, record: Record, hub: Hub) -> None:
        self._room, self._record, self._hub = room, record, hub
        self._owed: list[Entry] = []

    async def append(self, recorded: Sequence[Event], at: int, stream: str, key: str | None = None, user: str | None = None) -> list[Stored]:
        """Make events durable, all or none; key and user (a pseudonym) belong to the last, `at` is epoch milliseconds.

        Raises `WireError`; with `RecordingLost` they were published without a number.
        """
        entries = [
            Entry(event.type, at, _stream(event, stream), events.body(event), *((key, user) if event is recorded[-1] else ())) for event in recorded
        ]
        owed, self._owed = self._owed, []
        try:
            return await self._record.append(self._room, [*owed, *entries])
        except WireError as error:
            self._owed = [*owed, *(entry for entry in entries if entry.type == "stream"), *self._owed][-OWED:]
            if isinstance(error, RecordingLost):
                for entry in entries:
                    self._hub.show(entry.type, None, at, entry.body)
            raise


def _stream(event: Event, running: str) -> str:
    """Where an event is filed: the end of a stream under that one, though the next runs already."""
    return event.id or running if isinstance(event, events.StreamEvent) else running
