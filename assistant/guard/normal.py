"""One spelling for what a reader takes as the same words, with the way back to the code points that were typed.

Two views of a text come out of one pass:
- `letters`: letters and figures alone, for triggers. Spaces, punctuation, symbols and invisible characters are gone and noted as
  gaps, so that 最 佳, 全网*第一 and N0.1 read as 最佳, 全网第一 and no1 while the matcher still knows where words end.
- `line`: for patterns. Languages with spaces keep one space and their punctuation; the others lose spaces and symbols and keep
  commas and the ends of sentences.

Both are NFKC, case folded, in plain digits, without Arabic vowel signs and with one alef, ya and ha; Latin letters without accents
but in Vietnamese, where they make other words; Traditional Chinese simplified (`zh`); Cyrillic and Greek
letters that look Latin are Latin; figures between Latin letters are the letters they imitate; and data/evasions.tsv.
A character that normalises to several stands for each of them. Linear in the text.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from dataclasses import dataclass
from importlib import resources
from itertools import accumulate
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick, MatchKind

LETTER, SOFT, SPACE, COMMA, HARD = range(5)
"""What a character is; as a gap between two letters: none, signs, white space, a comma or dash, the end of a sentence."""
NONE = LETTER

DENSE = frozenset({"zh", "ja", "th", "lo", "km", "my"})
"""Languages written without spaces between words."""

_MARKS = frozenset("%$€£¥₫฿₹₩₱")
"""Signs that are words: a rule may be about 100% or about $1."""
_HARD = frozenset("。!?;؟؛।｡\n")
_COMMAS = frozenset(",、،:—–")
_JOINS = frozenset(".,:/-")
"""Belong to a figure where they stand between two digits: 39.9, 1:1, 11/11."""
_JOINED = frozenset("\uff9e\uff9f")
"""Half-width voicing marks: not combining characters, but one letter with the one before."""
_ARABIC = {
    "أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ی": "ي", "ې": "ي", "ة": "ه", "ک": "ك", "ۀ": "ه", "ہ": "ه", "ھ": "ه", "ـ": "",
}  # fmt: skip
_LOOKS_LATIN = {
    "а": "a", "е": "e", "о": "o", "р": "p", "с": "c", "у": "y", "х": "x", "і": "i", "ј": "j", "ѕ": "s", "һ": "h", "к": "k", "м": "m", "т": "t",
    "н": "h", "в": "b", "ԁ": "d", "ɡ": "g", "ο": "o", "α": "a", "ρ": "p", "τ": "t", "υ": "u", "κ": "k", "ν": "v", "ι": "i", "χ": "x", "ı": "i",
}  # fmt: skip
_CYRILLIC = frozenset({"ru", "uk", "be", "bg", "sr", "mk", "kk", "ky", "mn", "el"})
_FIGURES = {"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t"}
"""The letter a figure between two Latin letters imitates: b3st, h1ghest."""
_TONES = {
    "oà": "òa", "oá": "óa", "oả": "ỏa", "oã": "õa", "oạ": "ọa", "oè": "òe", "oé": "óe", "oẻ": "ỏe", "oẽ": "õe", "oẹ": "ọe", "uỳ": "ùy",
    "uý": "úy", "uỷ": "ủy", "uỹ": "ũy", "uỵ": "ụy",
}  # fmt: skip
"""Vietnamese: the new place of a tone mark and the old one."""


class Tables(NamedTuple):
    """The data files of this folder that matching needs, read once."""

    simplified: dict[str, str]
    evasions: dict[str, tuple[tuple[str, str], ...]]
    """Per language, (written, means)."""
    affixes: list[list[str]]
    denials: list[list[str]]
    """Rows of those files, for words.py."""


def rows(name: str) -> list[list[str]]:
    """The tab-separated rows of a data file of this stage; `#` lines are comments."""
    text = resources.files("assistant.guard").joinpath("data", name).read_text(encoding="utf-8")
    return [line.split("\t") for line in text.split("\n") if line and not line.startswith("#")]


def read_tables() -> Tables:
    """Read the data files; a broken one raises `ValueError`."""
    evasions: dict[str, tuple[tuple[str, str], ...]] = {}
    for lang, written, means in rows("evasions.tsv"):
        evasions[lang] = (*evasions.get(lang, ()), (written, means))
    simplified = {pair[0]: pair[1] for row in rows("simplified.txt") for pair in row[0].split()}
    return Tables(simplified, evasions, rows("affixes.tsv"), rows("denials.tsv"))


@dataclass(frozen=True, slots=True)
class Normal:
    """A normalised text. Character `i` of a view stands for the typed code points `starts[i]` to `ends[i]` (exclusive)."""

    letters: str
    starts: list[int]
    ends: list[int]
    gaps: list[int]
    """What stood before letter `i`; one more entry than there are letters: what stands at the end."""
    stops: list[int]
    """The letters that begin a sentence after another."""
    line: str
    line_starts: list[int]
    line_ends: list[int]

    def sentence(self, at: int) -> tuple[int, int]:
        """The letters of the sentence that letter `at` is in: start, end (exclusive)."""
        place = bisect_right(self.stops, at)
        return self.stops[place - 1] if place else 0, self.stops[place] if place < len(self.stops) else len(self.letters)


class Normaliser:
    """Normalises texts of one language and remembers single characters: a room's few thousand make up nearly all of what is said."""

    def __init__(self, lang: str, tables: Tables) -> None:
        self._lang, self._dense = lang, lang in DENSE
        self._simplified = tables.simplified if lang == "zh" else {}
        given = tables.evasions.get(lang, ())
        self._known: dict[str, str] = {written: means for written, means in given if len(written) == 1}
        self._kind: dict[str, int] = {}
        longer = [(written, means) for written, means in given if len(written) > 1]
        self._written = AhoCorasick([written for written, _ in longer], matchkind=MatchKind.LeftmostLongest) if longer else None
        self._means = [means for _, means in longer]

    def __call__(self, text: str) -> Normal:
        """Normalise a text of any length."""
        chars, starts, ends = self._imitated(*self._plain(text))
        chars, starts, ends, kinds = self._undone(chars, starts, ends, self._kinds(chars))
        letters, from_, to, gaps = list[str](), list[int](), list[int](), [NONE]
        line, line_from, line_to = list[str](), list[int](), list[int]()
        for char, start, end, kind in zip(chars, starts, ends, kinds, strict=True):
            if kind == LETTER:
                letters.append(char)
                from_.append(start)
                to.append(end)
                gaps.append(NONE)
            else:
                gaps[-1] = max(gaps[-1], kind)
                if (self._dense and kind < COMMA) or (kind == SPACE and (not line or line[-1] == " ")):
                    continue
            line.append(char)
            line_from.append(start)
            line_to.append(end)
        stops = [index for index in range(1, len(letters)) if gaps[index] == HARD]
        return Normal("".join(letters), from_, to, gaps, stops, "".join(line), line_from, line_to)

    def words(self, text: str) -> tuple[str, frozenset[int]]:
        """The letters of a phrase and those before which a space or a sign stood; quick for what is letters and spaces alone."""
        if self._lang != "vi" and text.replace(" ", "").isalpha():
            parts = ["".join(self._known.get(char) or self._remember(char) for char in part) for part in text.split()]
            letters = "".join(parts)
            if self._written is None or not self._written.find_matches_as_indexes(letters):
                return letters, frozenset(accumulate(len(part) for part in parts[:-1]))
        normal = self(text)
        return normal.letters, frozenset(index for index in range(1, len(normal.letters)) if normal.gaps[index] != NONE)

    def pattern(self, source: str) -> str:
        """A pattern with its letters in the spelling of `line`; what is ASCII is syntax and stays."""
        return "".join(char if char.isascii() else self._character(char) or "" for char in source)

    def _plain(self, text: str) -> tuple[list[str], list[int], list[int]]:
        """The plain characters, and where what each stands for begins and ends."""
        chars, starts, ends = list[str](), list[int](), list[int]()
        at, size, known, combining = 0, len(text), self._known, unicodedata.combining
        while at < size:
            end = at + 1
            while end < size and text[end] > "\u02ff" and (combining(text[end]) or text[end] in _JOINED):
                end += 1
            if end == at + 1:
                plain = known.get(text[at])
                if plain is None:
                    plain = self._remember(text[at])
            else:
                plain = "".join(self._character(char) for char in unicodedata.normalize("NFKC", text[at:end]))
            for char in plain:
                chars.append(char)
                starts.append(at)
                ends.append(end)
            at = end
        return chars, starts, ends

    def _remember(self, char: str) -> str:
        plain = self._character(char)
        if len(self._known) < 50_000:
            self._known[char] = plain
        return plain

    def _character(self, char: str) -> str:
        if char.isspace():
            return "\n" if char in "\n\r\u2028\u2029\x0b\x0c\x85" else " "
        if char in self._known:
            return self._known[char]
        if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co"):
            return ""
        plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", self._simplified.get(char, char)).casefold())
        return "".join(self._same(part) for part in plain)

    def _same(self, char: str) -> str:
        if char.isascii():
            return char
        if char in _ARABIC:
            return _ARABIC[char]
        if unicodedata.combining(char) and unicodedata.bidirectional(char) == "NSM" and ("\u0600" <= char <= "\u08ff" or char < "\u0370"):
            return char if self._lang == "vi" and char < "\u0370" else ""
        if char.isdecimal():
            return str(unicodedata.decimal(char))
        if self._lang not in _CYRILLIC and char in _LOOKS_LATIN:
            return _LOOKS_LATIN[char]
        if self._lang != "vi" and (bare := unicodedata.normalize("NFD", char)[0]).isascii() and bare.isalpha():
            return bare
        return " " if char.isspace() else char

    def _imitated(self, chars: list[str], starts: list[int], ends: list[int]) -> tuple[list[str], list[int], list[int]]:
        """Figures that stand for letters read as those, and Vietnamese tone marks stand in one place."""
        for index in range(1, len(chars)):
            char = chars[index]
            if char in _FIGURES:
                after = chars[index + 1] if index + 1 < len(chars) else ""
                if _latin(chars[index - 1]) and (_latin(after) or (char == "0" and not after.isdecimal())):
                    chars[index] = _FIGURES[char]
            elif self._lang == "vi" and (moved := _TONES.get(chars[index - 1] + char)):
                chars[index - 1], chars[index] = moved
        return chars, starts, ends

    def _kinds(self, chars: list[str]) -> list[int]:
        """What each character is; a full stop and what stands within figures show it by their neighbours."""
        found: list[int] = []
        for index, char in enumerate(chars):
            if char in _JOINS:
                before = chars[index - 1] if index else ""
                after = chars[index + 1] if index + 1 < len(chars) else ""
                if before.isdecimal() and after.isdecimal():
                    kind = LETTER
                elif char == ".":
                    kind = self._stop(chars, index, after)
                else:
                    kind = COMMA if char in _COMMAS else SOFT
            elif char == "#":  # the mark of "#1", not of a hashtag
                kind = LETTER if index + 1 < len(chars) and chars[index + 1].isdecimal() else SOFT
            else:
                known = self._kind.get(char)
                kind = self._kind.setdefault(char, _kind(char)) if known is None else known
            found.append(kind)
        return found

    def _stop(self, chars: list[str], index: int, after: str) -> int:
        """A full stop ends a sentence before white space, unless it spells (b. e. s. t.) or a figure follows (No. 1)."""
        if self._lang == "th" or (after and after not in " \n"):  # Thai sentences end without one: it abbreviates (อย. รับรอง)
            return SOFT
        beyond = chars[index + 2] if index + 2 < len(chars) else ""
        single = index > 0 and (index == 1 or not chars[index - 2].isalnum())
        return SPACE if beyond and (beyond.isdecimal() or single) else HARD

    def _undone(
        self, chars: list[str], starts: list[int], ends: list[int], kinds: list[int]
    ) -> tuple[list[str], list[int], list[int], list[int]]:
        """What an evasion means, in its place."""
        if self._written is None:
            return chars, starts, ends, kinds
        places = [index for index, kind in enumerate(kinds) if kind == LETTER]
        text = "".join(chars[index] for index in places)
        found = [match for match in self._written.find_matches_as_indexes(text) if not _goes_on(text, match[1], match[2])]
        for which, begin, stop in reversed(found):
            first, last, means = places[begin], places[stop - 1] + 1, self._means[which]
            span = starts[first], ends[last - 1]
            chars[first:last], kinds[first:last] = means, [LETTER] * len(means)
            starts[first:last], ends[first:last] = [span[0]] * len(means), [span[1]] * len(means)
        return chars, starts, ends, kinds


def _kind(char: str) -> int:
    if char.isalnum() or char in _MARKS:
        return LETTER
    if char == " ":
        return SPACE
    if char in _HARD:
        return HARD
    if char in _COMMAS:
        return COMMA
    return LETTER if unicodedata.category(char)[0] == "M" else SOFT


def _latin(char: str) -> bool:
    return char.isascii() and char.isalpha()


def _goes_on(text: str, start: int, end: int) -> bool:
    """Whether a figure or a Latin word at either end goes on outside."""
    return any(
        0 <= outside < len(text) and ((text[inside].isdecimal() and text[outside].isdecimal()) or (_latin(text[inside]) and _latin(text[outside])))
        for inside, outside in ((start, start - 1), (end - 1, end))
    )
