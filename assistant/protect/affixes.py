"""What may touch a term inside a word: the rows of `affixes.tsv`, and whether a span's two ends are where a word may end."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources

from assistant.errors import InputFileError

FILE = "affixes.tsv"
_BEFORE_ITS_CONSONANT = frozenset("เแโใไ")
"""Thai vowels written before the consonant they follow in speech: nothing begins right behind one."""
_LONGEST = 8
SHORT, LONG = 3, 4
"""Letters a term must have: to take a form of one letter before it; to take the forms of the `+` rows."""
_SIDES = {"before": "before", "after": "after", "before+": "before_long", "after+": "after_long"}


@dataclass(frozen=True, slots=True)
class Affixes:
    """Forms that may stand right before and right after a term, for one language."""

    before: frozenset[str] = frozenset()
    after: frozenset[str] = frozenset()
    before_long: frozenset[str] = frozenset()
    after_long: frozenset[str] = frozenset()
    """Those that only a term of `LONG` letters or more takes."""

    def ends(self, text: str, start: int, end: int) -> tuple[int, int] | None:
        """Where the word round `text[start:end]` begins and ends, when that is the term with no more than affixes; else None.

        `text` is normalised. In scripts without spaces a word may begin and end anywhere between letters.
        """
        if not _whole_letters(text, start, end):
            return None
        left = start
        while left > 0 and start - left <= _LONGEST and _joined(text, left):
            left -= 1
        long = end - start >= LONG
        if left < start:
            form = text[left:start]
            plain = form in self.before and (len(form) > 1 or end - start >= SHORT)
            if not plain and not (long and form in self.before_long):
                return None
        right = end
        while right < len(text) and right - end <= _LONGEST and _joined(text, right):
            right += 1
        if right > end and (form := text[end:right]) not in self.after and not (long and form in self.after_long):
            return None
        return left, right


def word(text: str, start: int, end: int) -> bool:
    """Whether a word begins at `start` and one ends at `end` (of any text)."""
    return _whole_letters(text, start, end) and not _joined(text, start) and not _joined(text, end)


def begins(text: str, start: int, end: int) -> int | None:
    """Where the word that begins at `start` ends; None when none begins there. Without spaces between words: at `end`."""
    if _joined(text, start):
        return None
    while end < len(text) and (_joined(text, end) or unicodedata.category(text[end]) == "Mn"):
        end += 1
    return end


def read_affixes() -> Mapping[str, Affixes]:
    """The affixes of every language that has rows; raises `InputFileError`."""
    found: dict[str, dict[str, frozenset[str]]] = {}
    lines = resources.files("assistant.protect").joinpath(FILE).read_text(encoding="utf-8").split("\n")
    rows = [(number, line.split("\t")) for number, line in enumerate(lines, 1) if line and not line.startswith("#")]
    for number, row in rows[1:]:
        if len(row) != 3 or row[1] not in _SIDES or _SIDES[row[1]] in found.setdefault(row[0], {}):
            raise InputFileError(FILE, number, f"a row is lang, one of {' '.join(_SIDES)} (once each), forms")
        found[row[0]][_SIDES[row[1]]] = frozenset(row[2].split())
    return {lang: Affixes(**sides) for lang, sides in found.items()}


def _whole_letters(text: str, start: int, end: int) -> bool:
    """Whether no letter is torn apart: vowel signs stay with their consonant."""
    if end < len(text) and unicodedata.category(text[end]) in ("Mn", "Mc"):
        return False
    return not (start > 0 and text[start - 1] in _BEFORE_ITS_CONSONANT and "ก" <= text[start] <= "ฮ")


def _joined(text: str, at: int) -> bool:
    """Whether the characters before and at `at` are of one written word."""
    return 0 < at < len(text) and _inner(text, at - 1) and _inner(text, at)


def _inner(text: str, at: int) -> bool:
    """Whether a character makes up a word: a letter or digit of a script with spaces, or an apostrophe between two of them."""
    if text[at] in "'’":
        return 0 < at < len(text) - 1 and _spaced(text[at - 1]) and _spaced(text[at + 1])
    return _spaced(text[at])


def _spaced(char: str) -> bool:
    """Whether a character makes up words that stand between spaces."""
    if char.isascii():
        return char.isalnum() or char == "_"
    if char < "\u0e00":
        return char.isalnum() or unicodedata.combining(char) != 0
    return (char.isalnum() or unicodedata.combining(char) != 0) and not _unspaced(char)


def _unspaced(char: str) -> bool:
    return (
        "\u0e00" <= char <= "\u0eff" or "\u1000" <= char <= "\u109f" or "\u1780" <= char <= "\u17ff"
        or "\u2e80" <= char <= "\ua4cf" or "\uf900" <= char <= "\ufaff" or "\uff66" <= char <= "\uff9f" or char >= "\U00020000"
    )  # fmt: skip
