"""Subtitles of what the host is still saying: revisions re-translated as they grow, shown per stability mode.

A newer revision takes the place of an older one that still waits in the scheduler; one that is being decoded already is
finished and shown if nothing newer was.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from assistant import events
from assistant.events import Rendering, Speech, Stability
from assistant.schedule import Lane
from assistant.translate import Translation
from assistant.translate.stability import Shown, erased, offer, units

if TYPE_CHECKING:
    from assistant.room import Room

OPEN = 50
"""Segments followed at once in a room; the oldest is given up beyond that."""


class Meter(Protocol):
    """What the room reports of itself; `web.operations.Metrics` shows it."""

    def stage(self, name: str, seconds: float) -> None: ...
    def erasure(self, mode: str, erased_units: int, final_units: int) -> None: ...
    def failed(self, error: BaseException) -> None: ...


@dataclass(slots=True)
class _Segment:
    closed: bool = False
    newest: dict[str, int] = field(default_factory=dict)
    """Per language, the newest revision whose translation came."""
    decoded: dict[str, tuple[str, ...]] = field(default_factory=dict)
    shown: dict[tuple[str, Stability], Shown] = field(default_factory=dict)
    erased: dict[tuple[str, Stability], int] = field(default_factory=dict)


class Partials:
    """The open segments of one room."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._open: dict[str, _Segment] = {}

    def revise(self, speech: Speech) -> None:
        """Follow a new revision in every language somebody watches."""
        if (known := self._open.get(speech.segment)) is not None and known.closed:  # the last stream's: ids are free again
            del self._open[speech.segment]
        segment = self._open.setdefault(speech.segment, _Segment())
        while len(self._open) > OPEN:
            self._open.pop(next(iter(self._open))).closed = True
        self._room.hub.speaking(events.SpeechEvent(**{**speech.model_dump(), "ref": None}, at=self._room.clock()))
        for lang in self._room.languages:
            if self._room.hub.modes(lang):
                self._room.spawn(self._translate(segment, speech, lang))

    def close(self, segment_id: str) -> None:
        """The final is there: show no partial of this segment any more."""
        if (segment := self._open.get(segment_id)) is not None:
            segment.closed = True

    def finished(self, segment_id: str, lang: str, text: str) -> None:
        """Count what the final takes back of the last partial, as the erasure metric does."""
        segment = self._open.get(segment_id)
        if segment is None:
            return
        for (shown_lang, mode), shown in segment.shown.items():
            if shown_lang == lang:
                taken = segment.erased.get((lang, mode), 0) + erased(shown.text, text, lang)
                self._room.meter.erasure(mode, taken, len(units(text, lang)))

    async def _translate(self, segment: _Segment, speech: Speech, lang: str) -> None:
        room, since = self._room, self._room.clock()
        result = await room.translated(
            speech.text, room.spoken(speech), lang, Lane.PARTIAL, room.market(lang), spoken=True,
            shown=segment.decoded.get(lang, ()), key=f"{speech.segment}/{lang}",
        )
        if segment.closed or result.flags or not result.sentences or speech.rev <= segment.newest.get(lang, -1):
            return
        segment.newest[lang] = speech.rev
        segment.decoded[lang] = result.decoded
        self._show(segment, speech, lang, result, since)

    def _show(self, segment: _Segment, speech: Speech, lang: str, result: Translation, since: int) -> None:
        room = self._room
        now = room.clock()
        for mode in room.hub.modes(lang):
            shown = segment.shown.setdefault((lang, mode), Shown())
            before = shown.text
            text = offer(shown, mode, result.sentences, result.done, lang, now)
            if text is None:
                continue
            segment.erased[lang, mode] = segment.erased.get((lang, mode), 0) + erased(before, text, lang)
            event = events.Subtitle(
                at=now, segment=speech.segment, rev=speech.rev, final=False, lang=lang, market=room.market(lang), text=text,
                source=Rendering(lang=room.spoken(speech), text=speech.text), latency_ms=max(0, now - since),
            )
            frame = events.dump(event).encode()
            room.hub.publish("subtitle", None, frame, lang, only=mode)
