"""The translation memory: approved sentences, found exactly or by a match that is certain to say the same.

Four ways lead to an entry, tried in this order, each one look-up in a dictionary however many entries there are: the text as typed; the
text in its loose spelling (`spelling`); the loose spelling with values taken out (`generalise`); and all three again for the
text without the emoji, links and mentions at its ends, which then come back where they were.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import regex
from rapidfuzz.distance import Indel

from assistant.events import MAX_TEXT
from assistant.ingest import language
from assistant.memory import spelling
from assistant.memory.generalise import generalise, rewritten
from assistant.memory.words import read_words
from assistant.translate.gate import gate

LIMIT = 200_000
"""Entries a memory keeps; beyond it the oldest goes."""

SAFE = 0.6
"""The least similarity of a fuzzy hit, on texts in one case and with placeholders for values."""

CANDIDATES = 4
"""Entries kept under one generalised spelling, the newest: the first whose values can be put in serves."""

_WORD = regex.compile(rf"{spelling.OPEN}[^{spelling.CLOSE}]*{spelling.CLOSE}(*SKIP)(*FAIL)|\p{{L}}")

_BESIDE = regex.compile(r"@|://|www\.|[\p{Extended_Pictographic}\p{Regional_Indicator}]")
"""What `gate` takes away at the ends; looked for first, because most lines have none of it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An approved sentence and its translation. Languages as `assistant.ingest.language` names them."""

    source_lang: str
    target_lang: str
    source: str
    target: str
    origin: str = ""
    """Where it comes from, for people: a file and line, or a correction's number."""


@dataclass(frozen=True, slots=True)
class Hit:
    """What the memory answers."""

    text: str
    """The translation."""
    similarity: float
    """1.0 for an exact hit, at least `SAFE` and below 1 for a fuzzy one."""
    kind: Literal["exact", "fuzzy"]
    origin: str


_Key = tuple[str, str, str]
"""Source language, target language, spelling."""


class Memory:
    """Entries in memory; newest win, at most `limit`. What it does not know it asks the memory `under` it."""

    def __init__(self, *, limit: int = LIMIT, under: Memory | None = None) -> None:
        self._limit, self._under = limit, under
        self._spelling: spelling.Spelling = under._spelling if under else spelling.Spelling(read_words())
        self._exact: dict[_Key, Entry] = {}
        self._loose: dict[_Key, Entry] = {}
        self._general: dict[_Key, tuple[Entry, ...]] = {}

    def __len__(self) -> int:
        return len(self._exact)

    def add(self, source_lang: str, target_lang: str, source: str, target: str, origin: str = "") -> bool:
        """Keep a sentence and its translation, in place of an older one for the same text.

        False, and nothing kept, for an empty or overlong text, for one language twice and for what holds no letter.
        """
        entry = Entry(language(source_lang), language(target_lang), spelling.exact(source), target.strip(), origin)
        if entry.source_lang == entry.target_lang or not entry.target or max(len(entry.source), len(entry.target)) > MAX_TEXT:
            return False
        if not _WORD.search(entry.source):
            return False
        key = (entry.source_lang, entry.target_lang, entry.source)
        if (old := self._exact.get(key)) is not None:
            self._drop(old)
        self._exact[key] = entry
        loose, general = self._keys(entry)
        self._loose[loose] = entry
        if general is not None:
            self._general[general] = (entry, *self._general.get(general, ()))[:CANDIDATES]
        while len(self._exact) > self._limit:
            self._drop(next(iter(self._exact.values())))
        return True

    def forget(self, unwanted: Callable[[Entry], bool]) -> int:
        """Drop the entries that are `unwanted`, as when a viewer's words are erased; returns how many."""
        gone = [entry for entry in self._exact.values() if unwanted(entry)]
        for entry in gone:
            self._drop(entry)
        return len(gone)

    def lookup(self, text: str, source: str, target: str) -> Hit | None:
        """The translation of `text`, None unless it is certain. Languages as the room names them."""
        if source == target or len(text) > MAX_TEXT or not len(self):
            found = None
        else:
            found = self._found(text, source, target)
        if found is not None and found.kind == "exact":
            return found
        below = self._under.lookup(text, source, target) if self._under is not None else None
        return below if below is not None and (found is None or below.kind == "exact") else found

    def _found(self, text: str, source: str, target: str) -> Hit | None:
        if hit := self._whole(text, source, target):
            return hit
        if not _BESIDE.search(text):
            return None
        parts = gate(text)
        if not parts.core or not (parts.head or parts.tail) or parts.core not in spelling.exact(text):
            return None  # something stood between the words, where it may have been one of them
        if hit := self._whole(parts.core, source, target):
            return Hit(parts.head + hit.text + parts.tail, min(hit.similarity, 0.99), "fuzzy", hit.origin)
        return None

    def _whole(self, text: str, source: str, target: str) -> Hit | None:
        if entry := self._exact.get((source, target, spelling.exact(text))):
            return Hit(entry.target, 1.0, "exact", entry.origin)
        loose = self._spelling.loose(text, source)
        if entry := self._loose.get((source, target, loose)):
            return self._fuzzy(text, entry.source, entry.target, entry)
        general = generalise(text, source)
        if general is None:
            return None
        for entry in self._general.get((source, target, self._spelling.loose(general.text, source)), ()):
            stored = generalise(entry.source, source)
            if stored is not None and (result := rewritten(stored.values, entry.target, general.values, source, target)) is not None:
                return self._fuzzy(general.text, stored.text, result, entry)
        return None

    def _fuzzy(self, text: str, stored: str, result: str, entry: Entry) -> Hit | None:
        words = self._spelling.words(entry.source_lang)
        similarity = Indel.normalized_similarity(spelling.plain(text, words), spelling.plain(stored, words), score_cutoff=SAFE)
        return Hit(result, min(similarity, 0.99), "fuzzy", entry.origin) if similarity >= SAFE else None

    def _keys(self, entry: Entry) -> tuple[_Key, _Key | None]:
        """The keys of the loose and of the generalised spelling; no generalised one when nothing but values is left."""
        loose = (entry.source_lang, entry.target_lang, self._spelling.loose(entry.source, entry.source_lang))
        general = generalise(entry.source, entry.source_lang)
        if general is None or not _WORD.search(general.text):
            return loose, None
        return loose, (entry.source_lang, entry.target_lang, self._spelling.loose(general.text, entry.source_lang))

    def _drop(self, entry: Entry) -> None:
        del self._exact[entry.source_lang, entry.target_lang, entry.source]
        loose, general = self._keys(entry)
        if self._loose.get(loose) is entry:
            del self._loose[loose]
        if general is not None:
            left = tuple(other for other in self._general.get(general, ()) if other is not entry)
            if left:
                self._general[general] = left
            else:
                self._general.pop(general, None)
