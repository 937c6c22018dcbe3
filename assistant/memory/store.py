"""The translation memory: approved sentences, found exactly or by a match that is certain to say the same.

These ways lead to an entry, in this order, each by look-ups in a dictionary however many entries there are: the text as typed; the text
in its loose spelling (`spelling`); the loose spelling with values taken out (`generalise`); the last two under the name of another
product (`names`); and all again for the text without the emoji, links and mentions at its ends, which then come back there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import regex
from rapidfuzz.distance import Indel

from assistant.events import MAX_TEXT
from assistant.ingest import language
from assistant.memory import spelling
from assistant.memory.generalise import Generalised, generalise, rewritten
from assistant.memory.names import Names, named, others, swapped
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


class _Asked:
    """A text that is looked up, its spellings worked out when they are first needed."""

    def __init__(self, text: str, source: str, target: str, spell: spelling.Spelling) -> None:
        self.text, self.source, self.target, self._spelling = text, source, target, spell
        self.loose = spell.loose(text, source)

    @cached_property
    def general(self) -> tuple[Generalised | None, str]:
        """The text with placeholders and its loose spelling; None and "" when it holds no value."""
        found = generalise(self.text, self.source)
        return found, self._spelling.loose(found.text, self.source) if found else ""


_Key = tuple[str, str, str]
"""Source language, target language, spelling."""


class Memory:
    """Entries in memory; newest win, at most `limit`. What it does not know it asks the memory `under` it."""

    def __init__(self, *, limit: int = LIMIT, under: Memory | None = None) -> None:
        self._limit, self._under = limit, under
        self._spelling: spelling.Spelling = under._spelling if under is not None else spelling.Spelling(read_words())
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

    def lookup(self, text: str, source: str, target: str, names: Names = ()) -> Hit | None:
        """The translation of `text`, None unless it is certain. Languages as the room names them, `names` its products'."""
        if source == target or len(text) > MAX_TEXT:
            return None
        found = self._found(text, source, target, names) if self._exact else None
        if found is not None and found.kind == "exact":
            return found
        below = self._under.lookup(text, source, target, names) if self._under is not None else None
        return below if below is not None and (found is None or below.kind == "exact") else found

    def _found(self, text: str, source: str, target: str, names: Names) -> Hit | None:
        if hit := self._whole(text, source, target, names):
            return hit
        if not _BESIDE.search(text):
            return None
        parts = gate(text)
        if not parts.core or not (parts.head or parts.tail) or parts.core not in spelling.exact(text):
            return None  # something stood between the words, where it may have been one of them
        if hit := self._whole(parts.core, source, target, names):
            return Hit(parts.head + hit.text + parts.tail, min(hit.similarity, 0.99), "fuzzy", hit.origin)
        return None

    def _whole(self, text: str, source: str, target: str, names: Names) -> Hit | None:
        if entry := self._exact.get((source, target, spelling.exact(text))):
            return Hit(entry.target, 1.0, "exact", entry.origin)
        asked = _Asked(text, source, target, self._spelling)
        if hit := self._spelt(asked, asked.loose, text):
            return hit
        name = named(asked.loose, source, target, names)
        if name is None:
            return None
        for other in others(name, source, target, names):
            as_other = asked.loose.replace(name[source].lower(), other[source].lower())
            hit = self._spelt(asked, as_other, as_other, name[source], other[source])
            if hit is not None and (result := swapped(hit.text, other[target], name[target], target)) is not None:
                return Hit(result, hit.similarity, "fuzzy", hit.origin)
        return None

    def _spelt(self, asked: _Asked, loose: str, text: str, name: str = "", other: str = "") -> Hit | None:
        """The entry of a loose spelling, or of the generalised one with the product's name put in for the `other`'s."""
        if entry := self._loose.get((asked.source, asked.target, loose)):
            return self._fuzzy(text, entry.source, entry.target, entry)
        general, key = asked.general
        if general is None:
            return None
        key = key.replace(name.lower(), other.lower()) if name else key
        for entry in self._general.get((asked.source, asked.target, key), ()):
            stored = generalise(entry.source, asked.source)
            if stored is None:
                continue
            result = rewritten(stored.values, entry.target, general.values, asked.source, asked.target)
            if result is not None:
                return self._fuzzy(key if name else general.text, stored.text, result, entry)
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
