"""One spelling for what readers take as the same word, with the way back to the code points that were typed.

NFKC and case folding; Arabic without diacritics and tatweel, one alef, one ya, one ha (ta marbuta is `ه`); controls, bidi marks
and other invisible characters dropped; runs of white space one space; typographic apostrophes and hyphens plain.
"""

from __future__ import annotations

import unicodedata
from array import array
from dataclasses import dataclass

import regex

_SAME = {
    "أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ی": "ي", "ې": "ي", "ئ": "ئ", "ة": "ه", "ک": "ك", "ۀ": "ه", "ہ": "ه", "ھ": "ه", "ـ": "",
    "’": "'", "‘": "'", "ʼ": "'", "`": "'", "´": "'", "‐": "-", "‑": "-", "–": "-", "—": "-", "−": "-",
}  # fmt: skip
_COMBINING = regex.compile(r"[[\p{M}--\p{Thai}]\uff9e\uff9f]", regex.V1)
_JOINED = frozenset("\uff9e\uff9f")
"""Half-width voicing marks: not combining characters, but one letter with the one before."""
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co"})


@dataclass(frozen=True, slots=True)
class Normal:
    """A normalised text; character `i` of it stands for the typed characters from `starts[i]` on."""

    text: str
    starts: array[int]
    """One more entry than `text` has characters: the last is the length of the typed text."""

    def typed(self, start: int, end: int) -> tuple[int, int]:
        """The span of the typed text that a span of the normal text stands for, with whatever invisible hangs on its end."""
        return self.starts[start], self.starts[end]


class Normaliser:
    """Normalises texts and remembers single characters: a room's few thousand make up nearly all of what is said."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}

    def __call__(self, text: str) -> Normal:
        """Normalise in one pass, linear in the text."""
        known = self._known
        try:
            pieces = [known[char] for char in text]
        except KeyError:
            pieces = [self._character(char) for char in text]
        plain = "".join(pieces)
        if len(plain) == len(text) and "  " not in plain and all(pieces) and not _COMBINING.search(text):
            return Normal(plain, array("i", range(len(text) + 1)))
        return self._mapped(text)

    def _mapped(self, text: str) -> Normal:
        """The slow way, for texts where characters join, part or vanish."""
        starts, out = array("i"), list[str]()
        last, at, size = "", 0, len(text)
        while at < size:
            end = at + 1
            while end < size and (unicodedata.combining(text[end]) or text[end] in _JOINED):
                end += 1
            piece = self._character(text[at]) if end == at + 1 else self._cluster(text[at:end])
            for char in piece:
                if not (char == " " and last == " "):
                    starts.append(at)
                    out.append(char)
                    last = char
            at = end
        starts.append(size)
        return Normal("".join(out), starts)

    def _character(self, char: str) -> str:
        known = self._known.get(char)
        if known is None:
            known = _folded(char)
            if len(self._known) < 50_000:
                self._known[char] = known
        return known

    def _cluster(self, cluster: str) -> str:
        return "".join(self._character(char) for char in unicodedata.normalize("NFKC", cluster))


def normal(text: str) -> str:
    """The normalised text alone."""
    return Normaliser()(text).text


def _folded(char: str) -> str:
    if char.isspace():
        return " "
    if char == "ำ":  # NFKC would part it, and it stands in every other Thai line
        return char
    if unicodedata.category(char) in _INVISIBLE:
        return ""
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", char).casefold())
    return "".join(_same(part) for part in plain)


def _same(char: str) -> str:
    if char in _SAME:
        return _SAME[char]
    # Arabic vowel signs and the Quran's: readers write without them. Thai and Indic marks are letters and stay.
    if unicodedata.combining(char) and unicodedata.bidirectional(char) == "NSM" and "\u0600" <= char <= "\u08ff":
        return ""
    return " " if char.isspace() else char
