"""Two spellings of a text: as typed but tidy (`exact`), and without what makes no difference (`loose`).

Two texts whose loose spellings are equal say the same and may share a translation, so the fuzzy match of the memory is one look-up
in a dictionary and not a search for what is merely near: one letter off is another product, another day or a "not". Dropped are
case (but of `cased` words), punctuation and spaces that carry nothing, tatweel and tanwin, and the words of the closed class in
`words.tsv`. Kept are question marks (unless the words ask already), the comma beside a yes or no, the space or comma between words
of scripts without spaces (不，能退 is not 不能退), apostrophes, hyphens, brackets and every symbol.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from itertools import pairwise

import regex

from assistant.memory.words import LanguageWords

OPEN, CLOSE = "\ue000", "\ue001"
"""Private characters round a placeholder; a text that has them itself is never generalised (see `generalise`)."""

_SPACE = re.compile(r"\s+")
_INVISIBLE = regex.compile(r"[[\p{Cc}\p{Cf}]--[\s\u200d\U000e0020-\U000e007f]]", regex.V1)
_PLAIN = str.maketrans({
    "،": ",", "、": ",", "؛": ",", ";": ",", "؟": "?", "。": "!", "｡": "!", "·": ",", "’": "'", "‘": "'", "ʼ": "'", "`": "'", "´": "'", "‐": "-",
    "‑": "-", "–": "-", "—": "-", "〜": "~", "“": None, "”": None, "„": None, "«": None, "»": None, '"': None, "「": None, "」": None,
    "『": None, "』": None, "¡": None, "¿": None, "\u064b": None, "\u0640": None,
})  # fmt: skip
_ENDS = "!.~,:? "
_STARTS = "!.~,: "
_PAUSE = re.compile(r"\s*(?:!|(?<!\d),|,(?!\d)|\.(?!\w)|:(?=\s))[,!.:\s]*")
_ASK = re.compile(r"\s*\?[?!,.\s]*")
_TOKEN = regex.compile(r"\b[A-Z]{2,}\b")
_UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}ー々"
_BESIDE = regex.compile(rf"(?<=[{_UNSPACED}]) (?=[^{_UNSPACED}\s,?])|(?<=[^{_UNSPACED}\s,?]) (?=[{_UNSPACED}])")
_BETWEEN = regex.compile(rf"(?<=[{_UNSPACED}]) (?=[{_UNSPACED}])")
_NO_SPACES = frozenset({"zh", "ja", "th", "lo", "km", "my", "yue"})
_ROUNDS = 3
"""How many endings or openings in a row are taken off: นะคะ after ไหม, ya after kak."""

_NONE = LanguageWords()


def exact(text: str) -> str:
    """The text as typed, without invisible characters and with single spaces; composed (NFC)."""
    return _SPACE.sub(" ", _INVISIBLE.sub("", unicodedata.normalize("NFC", text))).strip()


def plain(text: str, words: LanguageWords = _NONE) -> str:
    """The text in one width, one case and one kind of each mark, with nothing left out but quotes: what similarity is measured on."""
    flat = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).translate(_PLAIN)
    low = _lower(flat, words.cased)
    return _SPACE.sub(" ", re.sub(r"([!.~?,])\1+", r"\1", low)).strip()


class Spelling:
    """Makes loose spellings with the closed class of each language."""

    def __init__(self, words: Mapping[str, LanguageWords]) -> None:
        self._words = words

    def words(self, lang: str) -> LanguageWords:
        """The closed class of a language; empty for one without rows."""
        return self._words.get(lang, _NONE)

    def loose(self, text: str, lang: str) -> str:
        """What two spellings of the same sentence share; linear in the text. May be "" (nothing but particles and marks)."""
        words, unspaced = self.words(lang), lang in _NO_SPACES
        line = plain(text, words)
        asks = "?" in line[len(line.rstrip(_ENDS)) :]
        line = _PAUSE.sub(", ", _ASK.sub("? ", line.rstrip(_ENDS).lstrip(_STARTS)))
        if unspaced:  # a space beside Latin or a number is looks; between the script's own words it is a pause
            line = _BETWEEN.sub(", ", _BESIDE.sub("", line))
        line = _without(line, words, unspaced)
        if not unspaced:
            line = _commas(line, words.negations)
        return line + "?" if asks and not _says_so(line, words, unspaced) else line


def _lower(text: str, cased: set[str]) -> str:
    if not cased:
        return text.lower()
    parts, last = [], 0
    for match in _TOKEN.finditer(text):
        if match[0] in cased:
            parts += [text[last : match.start()].lower(), match[0]]
            last = match.end()
    return "".join([*parts, text[last:].lower()])


def _without(line: str, words: LanguageWords, unspaced: bool) -> str:
    """The line without openings, endings and forms of address; never without everything."""
    for _ in range(_ROUNDS):
        before = line
        line = _unopened(line, words, unspaced)
        line = _unended(line, words, unspaced)
        head, comma, rest = line.partition(", ")
        if comma and rest and head in words.address:
            line = rest
        rest, comma, tail = line.rpartition(", ")
        if comma and rest and tail in words.address:
            line = rest
        if line == before:
            break
    return line


def _unopened(line: str, words: LanguageWords, unspaced: bool) -> str:
    head, comma, rest = line.partition(", ")
    if comma and rest and head in words.openings:
        return rest
    if not unspaced:
        for size in (2, 1):
            parts = line.split(" ", size)
            head = " ".join(parts[:size])
            if len(parts) > size and head in words.openings and parts[size]:
                return parts[size]
    return line


def _unended(line: str, words: LanguageWords, unspaced: bool) -> str:
    """The line without its longest ending; one right after a number stays, it may be its unit."""
    for size in range(min(12, len(line) - 1), 0, -1):
        ending = line[-size:]
        if ending in words.endings:
            rest = line[:-size]
            if not unspaced and not rest.endswith(" "):
                continue
            bare = rest.rstrip(" ,") if not words.endings[ending] else rest
            if not bare or (not unspaced and (bare[-1].isdecimal() or bare[-1] == CLOSE)):
                continue
            return bare + words.endings[ending]
    return line


def _says_so(line: str, words: LanguageWords, unspaced: bool) -> bool:
    """Whether the words alone make it a question."""
    for form in words.asks_last:
        if line.endswith(form) and (line not in words.negations if line == form else unspaced or line[: -len(form)].endswith(" ")):
            return True
    return any(line.startswith(form) and (unspaced or line[len(form) :][:1] in ("", " ", ",")) for form in words.asks_first)


def _commas(line: str, negations: set[str]) -> str:
    """Commas gone but beside a yes or no, where they are meaning; a language without such rows keeps them all."""
    if not negations or "," not in line:
        return line
    pieces = line.split(", ")
    out = [pieces[0]]
    for before, piece in pairwise(pieces):
        last, first = before.rpartition(" ")[2], piece.partition(" ")[0]
        out += [", " if last in negations or first in negations else " ", piece]
    return "".join(out)
