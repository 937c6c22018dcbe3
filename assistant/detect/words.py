"""Marker words: the rows of `words.tsv`, read once, and what the words of one text say for each language."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import resources

import regex

from assistant.errors import InputFileError

MAX_WORDS = 60
MAX_LETTERS = 40
_WORD = regex.compile(
    r"(?P<Latin>[\p{Latin}\p{M}\p{N}]+(?:['’_.][\p{Latin}\p{N}]+)*)|[\p{L}--\p{Latin}][[\p{L}--\p{Latin}]\p{M}\p{N}]*",
    regex.V1,
)
_LETTER = regex.compile(r"\p{L}")
_DIGIT = re.compile("[0-9]")
_STRETCHED = re.compile(r"(.)\1|2$")
_DOUBLED = regex.compile(r"(\p{L})\1+$")
_TRIPLED = regex.compile(r"(\p{L})\1{2,}")
_QUANTITY = regex.compile(
    r"\d+(?:[.,x/]\d+)*(?:h|hb|min|kg|gr?|mg|ml|l|cc|cm|mm|m|k|rb|jt|pcs?|pin|nd|rd|th|st|pm|am|x{0,3}[lsm]|gb|tb|mah|w|v|hz|d|x|pack|set)"
)
_CODE = regex.compile(r"(?=.*\d)[A-Z0-9.,-]+")


def rows(name: str) -> list[list[str]]:
    """The tab-separated rows of a data file of this folder; `#` lines are comments."""
    text = resources.files("assistant.detect").joinpath(name).read_text(encoding="utf-8")
    return [line.split("\t") for line in text.splitlines() if line and not line.startswith("#")]


@dataclass(frozen=True, slots=True)
class Reading:
    """What the words of a text say."""

    scores: Mapping[str, float]
    """Evidence for a language written as it usually is; adds up like log odds."""
    romanised: Mapping[str, float]
    """Evidence for a language of another script, written in Latin letters."""
    content: str
    """The words without quantities, codes, brands and, where others are there, shop words; "" if none is left."""
    borrowed: bool = False
    """Whether these are shop words alone, which every language borrows."""


class Words:
    """The marker words and patterns of all languages."""

    def __init__(self, written: Mapping[str, frozenset[str]]) -> None:
        """`written` tells the scripts of a language, so that a text meets only the patterns of its own script."""
        self._written = written
        self._words: dict[str, dict[str, float]] = defaultdict(dict)
        self._roman: dict[str, dict[str, float]] = defaultdict(dict)
        self._parts: list[tuple[str, float, str]] = []
        self._patterns: dict[tuple[str, str], list[tuple[str, float, re.Pattern[str]]]] = defaultdict(list)
        self._none: set[str] = set()
        self._none_patterns: list[str] = []
        self._loans: dict[str, tuple[str, float]] = {}
        for row in rows("words.tsv"):
            try:
                lang, kind, weight, items = row
                self._add(lang, kind, float(weight), items.split(" "))
            except (ValueError, KeyError, re.error) as error:
                raise InputFileError("words.tsv", 0, f"{error!r} in the row {row}") from error
        self._nothing = re.compile("|".join(f"(?:{pattern})" for pattern in self._none_patterns))

    def _add(self, lang: str, kind: str, weight: float, items: Iterable[str]) -> None:
        for item in items:
            if kind == "word":
                self._words[item][lang] = weight
                folded = fold(item)
                if folded != item and lang != "vi":  # Vietnamese without marks has rows of its own: too many meanings
                    self._words[folded].setdefault(lang, max(1.0, weight - 1))
            elif kind == "roman":
                self._roman[item][lang] = weight
            elif kind == "part":
                self._parts.append((lang, weight, item))
            elif kind in ("pattern", "markpattern"):
                for script in self._written[lang]:
                    self._patterns[script, kind].append((lang, weight, re.compile(item)))
            elif kind in ("romanpattern", "romandigits"):
                self._patterns["Latin", kind].append((lang, weight, re.compile(item)))
            elif kind == "none":
                self._none.add(item)
            elif kind == "nonepattern":
                self._none_patterns.append(item)
            elif kind == "loan":
                self._loans[item] = (lang, weight)
            else:
                raise ValueError(f"unknown kind {kind!r}")

    def parts(self, text: str) -> dict[str, float]:
        """Evidence from pieces of text without spaces (Han)."""
        scores: dict[str, float] = defaultdict(float)
        for lang, weight, part in self._parts:
            if part in text:
                scores[lang] += weight
        return scores

    def read(self, text: str, script: str) -> Reading:
        """What the words of a cleaned text in `script` say for each language; a repeated word counts once."""
        scores: dict[str, float] = defaultdict(float)
        roman: dict[str, float] = defaultdict(float)
        content: list[str] = []
        loans: list[str] = []
        kept: list[str] = []
        for match in _WORD.finditer(text):
            if len(kept) >= MAX_WORDS:
                break
            if (match["Latin"] is None) is (script == "Latin"):
                continue
            raw = match[0][:MAX_LETTERS]
            word = raw.lower().replace("’", "'")
            if not word.isalpha():
                if not _LETTER.search(word):
                    kept.append(word)
                    continue
                if _CODE.fullmatch(raw) or _QUANTITY.fullmatch(word) or word in self._none:
                    continue
            kept.append(word)
            if word in self._none or (len(set(word)) <= 3 and self._nothing.search(word)):
                continue
            word = self._lemma(word)
            (loans if word in self._loans else content).append(word)
        for word in set(content):
            for lang, weight in self._words.get(word, {}).items():
                scores[lang] += weight
            for lang, weight in self._roman.get(word, {}).items():
                roman[lang] += weight
        borrowed = bool(loans) and not content
        if borrowed:
            for word in set(loans):
                lang, weight = self._loans[word]
                scores[lang] += weight
            content = loans
        joined = " ".join(kept)
        self._match(script, "pattern", joined, scores)
        if not joined.isascii():
            self._match(script, "markpattern", joined, scores)
        if script == "Latin":
            self._match(script, "romanpattern", joined, roman)
            if _DIGIT.search(joined):
                self._match(script, "romandigits", joined, roman)
        return Reading(scores, roman, " ".join(content), borrowed)

    def _match(self, script: str, kind: str, joined: str, scores: dict[str, float]) -> None:
        for lang, weight, pattern in self._patterns.get((script, kind), ()):
            if pattern.search(joined):
                scores[lang] += weight

    def _known(self, word: str) -> bool:
        return word in self._words or word in self._roman or word in self._loans

    def _lemma(self, word: str) -> str:
        """The word as the rows spell it: without stretched letters (hargaaa, kakk) or a doubling digit (lagi2)."""
        if self._known(word) or not _STRETCHED.search(word):
            return word
        once = _TRIPLED.sub(r"\1", word)
        for form in (once, _TRIPLED.sub(r"\1\1", word), _DOUBLED.sub(r"\1", once), once.rstrip("2")):
            if form != word and self._known(form):
                return form
        return once


def fold(word: str) -> str:
    """The word without its accents."""
    return "".join(char for char in unicodedata.normalize("NFD", word) if not unicodedata.combining(char))
