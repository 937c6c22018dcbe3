"""Who is watching from where and what they ask: the recent comments and signals of a stream, by market, language and country."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from assistant.events import CommentEvent
from assistant.markets import Markets
from assistant.packs.pack import Pack
from assistant.roomfile import RoomFile
from assistant.suggest.moment import Asked

Key = tuple[str, str, str]
"""Market, language, country."""
ACTIVE_MS = 600_000
"""How long a comment says that somebody watches in its language."""
MOOD_MS = 60_000
ASKS = 200
"""Askers of one question kept while it is fresh."""
MOODS = 100
NAMES = 5_000
"""Viewers whose names are remembered for thanks."""
_NEGATIVE, _POSITIVE, _LEAST = 0.35, 0.6, 3
"""Shares of recent comments that make a mood, and how many comments it takes."""


@dataclass(slots=True)
class _Question:
    askers: deque[tuple[int, str]] = field(default_factory=lambda: deque(maxlen=ASKS))
    """(epoch ms, viewer)."""
    total: int = 0
    name: str = ""
    size: str = ""
    from_country: str = ""


@dataclass(slots=True)
class _Place:
    last: int = 0
    questions: dict[str, _Question] = field(default_factory=dict)
    moods: deque[tuple[int, str]] = field(default_factory=lambda: deque(maxlen=MOODS))


class Crowd:
    """The audience of one stream."""

    def __init__(self, file: RoomFile, packs: Mapping[str, Pack], markets: Markets) -> None:
        self._file, self._packs, self._markets = file, packs, markets
        self._places: dict[Key, _Place] = {}
        self._names: dict[str, str] = {}
        self._signals: dict[tuple[str, str], tuple[int, str]] = {}
        """Per signal and country ("" where unknown): when and who."""

    def comment(self, event: CommentEvent, now: int, sizes: tuple[str, ...], fresh: int) -> Key | None:
        """Take a comment in; returns where a card for it would go, None when none would. `fresh` is ms a question stays so."""
        key = self._place_of(event.lang, event.country)
        self._named(event.user.id, event.user.name)
        if key is None or "offensive" in event.flags or (event.intent or "").startswith(("troll.", "spam.")):
            return None
        place = self._places.setdefault(key, _Place())
        place.last = now
        place.moods.append((now, event.sentiment or "neutral"))
        for intent in dict.fromkeys((*([event.intent] if event.intent else []), *event.intents)):
            question = place.questions.setdefault(intent, _Question())
            while question.askers and question.askers[0][0] <= now - fresh:
                question.askers.popleft()
            if all(viewer != event.user.id for _, viewer in question.askers):
                question.askers.append((now, event.user.id))
                question.total += 1
            question.name, question.from_country, question.size = event.user.name, event.country or "", _size(event.text, sizes)
        return key

    def signal(self, name: str, country: str | None, user: str | None, now: int) -> None:
        """Take a signal in: a viewer's act, or a change of the numbers."""
        where = country if country and any(country in pack.countries for pack in self._packs.values()) else ""
        self._signals[name, where] = (now, self._names.get(user or "", ""))

    def settled(self, intent: str, market: str | None = None, lang: str | None = None) -> None:
        """A question is answered, everywhere or in one market's language."""
        for (name, spoken, _), place in self._places.items():
            if market in (None, name) and lang in (None, spoken):
                place.questions.pop(intent, None)

    def forget(self, gone: Callable[[str], bool]) -> set[str]:
        """Drop viewers that are `gone`; returns the names they went by."""
        users = [user for user in self._names if gone(user)]
        names = {self._names.pop(user) for user in users} - {""}
        for place in self._places.values():
            for question in place.questions.values():
                for asker in [asker for asker in question.askers if gone(asker[1])]:
                    question.askers.remove(asker)
                question.name = "" if question.name in names else question.name
        self._signals = {key: (at, "" if name in names else name) for key, (at, name) in self._signals.items()}
        return names

    def keys(self, market: str, languages: set[str], now: int) -> list[Key]:
        """Where a market's viewers are now, in the pack's order; its first language while nobody typed yet."""
        found = [key for key, place in self._places.items() if key[0] == market and now - place.last < ACTIVE_MS and key[1] in languages]
        if found:
            return sorted(found)
        pack = self._packs[market]
        lang = next((lang for lang in pack.languages if lang in languages), None)
        country = next(iter(pack.spoken_in(lang)), None) if lang else None
        return [(market, lang, country)] if lang and country else []

    def asked(self, key: Key, now: int, fresh: int) -> dict[str, Asked]:
        """The fresh questions of a place by intent."""
        place, found = self._places.get(key), dict[str, Asked]()
        for intent, question in place.questions.items() if place else ():
            recent = [at for at, _ in question.askers if at > now - fresh]
            if recent:
                found[intent] = Asked(intent, len(recent), recent[-1], question.total, question.name, question.from_country, question.size)
        return found

    def mood(self, key: Key, now: int) -> str:
        """How the place's comments of the last minute sound: positive, neutral or negative."""
        place = self._places.get(key)
        recent = [mood for at, mood in place.moods if at > now - MOOD_MS] if place else []
        if len(recent) >= _LEAST and recent.count("negative") >= _NEGATIVE * len(recent):
            return "negative"
        return "positive" if len(recent) >= _LEAST and recent.count("positive") >= _POSITIVE * len(recent) else "neutral"

    def signals(self, country: str, now: int, fresh: int) -> dict[str, str]:
        """The fresh signals of a country or of nobody knows where, each with a viewer's name if known."""
        found: dict[str, str] = {}
        for (name, where), (at, viewer) in self._signals.items():
            if where in ("", country) and at > now - fresh:
                found[name] = viewer or found.get(name, "")
        return found

    def _named(self, user: str, name: str) -> None:
        self._names.pop(user, None)
        self._names[user] = name
        if len(self._names) > NAMES:
            del self._names[next(iter(self._names))]

    def _place_of(self, lang: str, country: str | None) -> Key | None:
        """Market, language and country of a comment: its country's market, else its language's."""
        market = self._markets.market_of(country, self._file.markets)
        if market is None:
            market, country = self._file.subtitle_markets.get(lang) or self._markets.first_with(lang, self._file.markets), None
        pack = self._packs.get(market or "")
        if pack is None or market is None:
            return None
        if lang not in pack.languages:
            lang = next((each for each in pack.countries.get(country or "", ()) if each in pack.languages), "")
        typed = pack.spoken_in(lang)
        if country not in typed:
            country = max(typed, key=lambda each: self._last(market, lang, each), default=None)
        return (market, lang, country) if lang and country else None

    def _last(self, market: str, lang: str, country: str) -> int:
        place = self._places.get((market, lang, country))
        return place.last if place else -1


def _size(text: str, sizes: tuple[str, ...]) -> str:
    """The one size of the product that a comment names; empty when it names none or several."""
    words = {word.strip(".,;:!?()[]/،؟").casefold() for word in text[:400].split()}
    named = [size for size in sizes if size.casefold() in words]
    return named[0] if len(named) == 1 else ""
