"""The first stage: what a room accepts, segment by segment, before anything is translated.

A segment is a run of speech revisions: `rev` rises, stale ones are acknowledged and ignored, a final closes the segment.
Platform ids of viewers become pseudonyms here, so that nothing behind this stage ever sees them.
"""

from __future__ import annotations

import datetime
import hmac
from collections import OrderedDict
from dataclasses import dataclass
from typing import Literal

from assistant.errors import WireError
from assistant.events import Event, Speech, StreamEvent

REMEMBERED = 5_000
"""Segments remembered per stream; older closed ones are found in the record by their key."""

IDLE_MS = 30 * 60 * 1000
"""Silence after which the next event begins a new stream."""

Verdict = Literal["partial", "final", "stale", "repeated"]


@dataclass(slots=True)
class _Segment:
    rev: int
    closed: str | None = None
    """The final text once there is one."""


class Segments:
    """The open and recent segments of one stream."""

    def __init__(self) -> None:
        self._segments: OrderedDict[str, _Segment] = OrderedDict()

    def accept(self, speech: Speech) -> Verdict:
        """What to do with a revision. Raises `WireError` `unknown_segment` for other words after the final."""
        segment = self._segments.get(speech.segment)
        if segment is None:
            segment = self._segments[speech.segment] = _Segment(-1)
            self._forget()
        if segment.closed is not None:
            if speech.final and speech.text == segment.closed:
                return "repeated"
            if not speech.final and speech.rev <= segment.rev:
                return "stale"
            raise WireError("unknown_segment", f"segment {speech.segment} is closed")
        if speech.rev <= segment.rev:
            return "stale"
        segment.rev = speech.rev
        if speech.final:
            segment.closed = speech.text
            return "final"
        return "partial"

    def reopen(self, segment_id: str) -> None:
        """Undo an accepted final that could not be kept, so that the client may send it again."""
        self._segments.pop(segment_id, None)

    def close(self, segment_id: str, rev: int, text: str) -> None:
        """Remember a final found in the record, as after a restart."""
        self._segments[segment_id] = _Segment(rev, text)
        self._forget()

    def _forget(self) -> None:
        while len(self._segments) > REMEMBERED:
            self._segments.popitem(last=False)


class Broadcast:
    """Which stream is on air: begun by the first event after `IDLE_MS` of none, or by hand."""

    def __init__(self) -> None:
        self.id = ""
        self._on = False
        self._last = 0

    def begun_by(self, now: int) -> list[Event]:
        """The stream events an input at `now` (epoch ms) brings about: none while a stream runs."""
        fresh = not self._on or now - self._last > IDLE_MS
        self._last = now
        return self._start(now, None) if fresh else []

    def told(self, state: Literal["started", "ended"], id_: str | None, now: int) -> list[Event]:
        """What a moderator's word brings about; nothing when an end is asked for and no stream runs."""
        self._last = now
        if state == "started":
            return self._start(now, id_)
        return self._end(now)

    def on_air(self, now: int) -> bool:
        """Whether a stream runs: what the passing of time brings about belongs to one."""
        return self._on and now - self._last <= IDLE_MS

    def restore(self, id_: str, state: Literal["started", "ended"]) -> None:
        """Take up a recorded stream event."""
        self.id, self._on = id_, state == "started"

    def touch(self, at: int) -> None:
        """Take up a recorded event's time."""
        self._last = max(self._last, at)

    def _start(self, now: int, id_: str | None) -> list[Event]:
        ended = self._end(now)
        begun = datetime.datetime.fromtimestamp(now / 1000, datetime.UTC)
        self.id, self._on = id_ or begun.strftime("%Y%m%d-%H%M%S-") + f"{now % 1000:03d}", True
        return [*ended, StreamEvent(id=self.id, state="started", at=now)]

    def _end(self, now: int) -> list[Event]:
        if not self._on:
            return []
        self._on = False
        return [StreamEvent(id=self.id, state="ended", at=now)]


_SAME = {"cmn": "zh", "in": "id", "fil": "tl"}
"""Other codes that browsers and platforms write for a language."""


def language(tag: str) -> str:
    """A BCP 47 tag as models and packs name the language: `zh-CN`, `zh-Hans` and `cmn-Hans-CN` are `zh`."""
    code = tag.split("-")[0].lower()
    return _SAME.get(code, code)


def pseudonym(user_id: str, key: bytes) -> str:
    """The name a viewer's platform id goes by in this data folder: keyed, so that it can't be guessed back."""
    return f"p-{hmac.digest(key, user_id.encode(), 'sha256').hex()[:16]}"
