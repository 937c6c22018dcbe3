"""Watches one room: the host's words, their translations and viewers' comments, by the rules of the room's markets.

Warnings of a final and of its subtitles are recorded events. A partial's is shown as soon as a whole trigger stands in it, once per
segment, unrecorded; the final's then carries the same segment and rule, so that a page shows it in the same place.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Coroutine, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, Protocol

from assistant.events import Comment, Event, Flag, Speech, Subtitle, WarningEvent, body
from assistant.facts import facts_of, said
from assistant.guard import Facts, Finding, Rulebook
from assistant.guard.comments import Comments
from assistant.markets import Markets
from assistant.publish import Hub
from assistant.roomfile import RoomFile

OPEN = 50
"""Segments remembered for what their partials were warned of."""
REGIONS = 12
"""Countries whose phone numbers are looked for in one comment."""


class Spawn(Protocol):
    """Runs work in the background."""

    def __call__(self, work: Coroutine[Any, Any, None]) -> None: ...


class Note(Protocol):
    """Records events of a stream; none with a key that is in the record already."""

    async def __call__(self, recorded: Sequence[Event], now: int, key: str | None = None, stream: str | None = None) -> None: ...


@dataclass(frozen=True, slots=True)
class Shown:
    """A comment as it may be kept and seen."""

    name: str
    text: str
    translation: str | None
    flags: list[Flag] = field(default_factory=list)


class Watch:
    """The guard of one room. Built once; `book` holds the rules of the room's markets, `comments` is shared by all rooms."""

    def __init__(self, file: RoomFile, book: Rulebook | None, markets: Markets, comments: Comments | None = None) -> None:
        self._file, self._markets, self._comments = file, markets, comments or Comments()
        self._rules = book or Rulebook([])
        self._facts: Facts = facts_of(file, None)
        self._shown: dict[str | None, Facts] = {}
        self._warned: OrderedDict[str, set[tuple[str, str, str]]] = OrderedDict()
        self._rules.ready({file.host_language, *(file.subtitle_languages or markets.languages(file.markets))})

    def product(self, sku: str) -> None:
        """Another product is on the table."""
        self._facts = facts_of(self._file, sku)

    def spoken(self, segment: str, text: str, lang: str, now: int) -> list[WarningEvent]:
        """The warnings of what the host said, by the rules of every market of the room."""
        self._warned.pop(segment, None)
        return self._warnings(None, segment, text, lang, now)

    def speaking(self, segment: str, text: str, lang: str, now: int) -> list[WarningEvent]:
        """The new warnings of what she is still saying."""
        warned = self._warned.setdefault(segment, set())
        while len(self._warned) > OPEN:
            self._warned.popitem(last=False)
        fresh: list[WarningEvent] = []
        for event in self._warnings(None, segment, text, lang, now, partial=True):
            key = (event.market, event.rule, event.matched.casefold())
            if key not in warned:
                warned.add(key)
                fresh.append(event)
        return fresh

    def subtitled(self, segment: str, text: str, lang: str, now: int) -> list[WarningEvent]:
        """The warnings of a subtitle, by the rules of every market of the room that uses its language."""
        using = {name for name in self._file.markets if lang in self._markets.languages([name])} | {self._file.subtitle_markets.get(lang, "")}
        return self._warnings(using, segment, text, lang, now)

    def suggested(self, market: str, country: str | None, text: str, lang: str, sku: str | None, now: int) -> list[Finding]:
        """What a line that is about to be suggested breaks while a product is on the table; empty when it may be shown."""
        facts = self._shown.get(sku) or self._shown.setdefault(sku, facts_of(self._file, sku))
        prices = said(text, lang) if facts.prices else ()
        return self._rules.check(text, lang, facts, now, markets=(market,), countries=[country] if country else None, said=prices)

    def comment(
        self, name: str, comment: Comment, lang: str, translation: str | None = None, to: str = "", intents: Sequence[str] = ()
    ) -> Shown:
        """A comment and its translation into `to` without what is personal, and the flags that this brings."""
        text, regions = comment.text, self._regions(lang, comment.country)
        masked = self._comments.masked(text, (lang, "en"), regions)
        meant = translation and self._comments.masked(translation, (to,), regions)
        flags: list[Flag] = ["pii_masked"] if masked != text or meant != translation else []
        if self._comments.offensive(text, lang, intents):
            flags.append("offensive")
        return Shown(self._comments.masked(name, (), regions), masked, meant, flags)

    def _regions(self, lang: str, country: str | None) -> tuple[str, ...]:
        """Whose numbers a viewer may have typed: her country's, else those where her language is typed, then the other markets'."""
        if country is not None:
            return (country,)
        ours = [code for name in self._file.markets for code in self._markets.countries(name)]
        likely = [code for code in ours if lang in self._markets.languages_of(code)]
        return tuple(dict.fromkeys(chain(likely, ["CN"] if lang == "zh" else [], ours)))[:REGIONS]

    def _warnings(
        self, markets: Collection[str] | None, segment: str, text: str, lang: str, now: int, partial: bool = False
    ) -> list[WarningEvent]:
        prices = said(text, lang) if self._facts.prices else ()
        found = self._rules.check(text, lang, self._facts, now, markets=markets, said=prices, partial=partial)
        return [warning(item, item.rule.market, lang, self._file.host_language, segment, now) for item in found]


class Alarm:
    """Tells a room's warnings: records those of finals and subtitles, shows those of partials."""

    def __init__(self, watch: Watch, hub: Hub, spawn: Spawn, note: Note) -> None:
        self.watch, self._hub, self._spawn, self._note = watch, hub, spawn, note

    def final(self, speech: Speech, lang: str, stream: str, now: int, kept: bool = True) -> None:
        """Check a final; warnings that are in the record already are not told again."""
        self._spawn(self._tell(self.watch.spoken(speech.segment, speech.text, lang, now), stream, kept))

    def partial(self, speech: Speech, lang: str, now: int) -> None:
        """Check what is being said, if anybody is there to be warned."""
        if len(self._hub):
            for event in self.watch.speaking(speech.segment, speech.text, lang, now):
                self._hub.show(event.type, None, now, body(event))

    async def subtitle(self, event: Subtitle, stream: str, kept: bool = True) -> None:
        """Check a subtitle; the source text of one that could not be translated was checked as the host's."""
        if "untranslated" not in event.flags:
            await self._tell(self.watch.subtitled(event.segment, event.text, event.lang, event.at), stream, kept)

    async def _tell(self, warnings: Sequence[WarningEvent], stream: str, kept: bool) -> None:
        for event in warnings:
            if kept:
                key = f"warning:{stream}:{event.segment}:{event.lang}:{event.market}:{event.rule}:{event.span[0]}"
                await self._note([event], event.at, key=key, stream=stream)
            else:
                self._hub.show(event.type, None, event.at, body(event))


def warning(finding: Finding, market: str, lang: str, host: str, segment: str | None = None, at: int = 0) -> WarningEvent:
    """A finding as the event that says so; the message is in the language of the `host`."""
    rule = finding.rule
    country = finding.countries[0] if len(finding.countries) == 1 and finding.countries[0] else None
    return WarningEvent(
        at=at, segment=segment, lang=lang, market=market, country=country, rule=rule.id, category=rule.category, severity=rule.severity,
        span=(finding.start, finding.end), matched=finding.matched, message=rule.told(host), rewrite=rule.rewrite.get(lang) or rule.rewrite.get("en", ""),
        basis=rule.basis,
    )
