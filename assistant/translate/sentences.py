"""Splits a long text into sentences, also where speech-to-text gave no punctuation.

Small Marian models are trained on short sentences and lose the end of long ones, so a final is translated sentence by
sentence. Sentences that are done are also what the `reading` mode may show early.
"""

from __future__ import annotations

from dataclasses import dataclass

import regex

UNSPACED = frozenset({"zh", "ja", "th"})
"""Languages written without spaces between words; lengths count characters there, words elsewhere."""

_LIMIT = {"zh": 36, "ja": 44, "th": 70}
_WORD_LIMIT = 26

# A stop belongs to a sentence end unless it stands in a number or an abbreviation such as "3.5" or "U.S.".
_END = regex.compile(r"(?:[。！？!?؟…۔]+|(?<![\p{Lu}\d])\.(?!\d)(?=\s|$)|(?<=\d)\.(?=\s|$))[\"'”’」』）)]*\s*|\n+")
_CLAUSE = regex.compile(r"[，、,;；：،]\s*")
# Where a speaker starts anew: the words before which an unpunctuated stretch may be cut.
_OPENER = {
    "zh": regex.compile(r"(?=然后|所以|但是|不过|而且|接下来|那么|如果|因为|大家|宝宝们|家人们|咱们|我们|我跟|再来|还有)"),
    "ja": regex.compile(r"(?<=です|ます|ました|でした|ません|ください|ね|よ)(?=[^ねよかがのでけと])"),
    "th": regex.compile(r"(?<=นะคะ|นะครับ|ค่ะ|ครับ|เลย)|\s+"),
}
_SPACED_OPENER = regex.compile(
    r"\s+(?=(?:and|but|so|then|because|if|when|now|okay|jadi|tapi|terus|karena|kalau|sekarang|"
    r"và|nhưng|nên|vì|nếu|thì|bây giờ|و\p{L}+|لكن|لأن|إذا|ثم)\b)|\s+"
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A stretch translated on its own."""

    text: str
    done: bool
    """Whether it ended by itself (a stop, or another sentence begins after it)."""


def split(text: str, lang: str) -> list[Sentence]:
    """The sentences of a text in order, none empty; joined they are the text but for spaces at the seams."""
    pieces: list[Sentence] = []
    start = 0
    for match in _END.finditer(text):
        if piece := text[start : match.end()].strip():
            pieces += _shorten(piece, lang, done=True)
        start = match.end()
    if rest := text[start:].strip():
        pieces += _shorten(rest, lang, done=False)
    return pieces


def length(text: str, lang: str) -> int:
    """Characters in languages without spaces, words elsewhere."""
    return len(text) if lang in UNSPACED else text.count(" ") + 1


def join(parts: list[str], lang: str) -> str:
    """Put translated sentences together as the language writes them."""
    return ("" if lang in ("zh", "ja") else " ").join(part for part in parts if part)


def _shorten(piece: str, lang: str, *, done: bool) -> list[Sentence]:
    limit = _LIMIT.get(lang, _WORD_LIMIT)
    parts: list[Sentence] = []
    while length(piece, lang) > limit:
        cut = _cut(piece, lang, limit)
        parts.append(Sentence(piece[:cut].strip(), True))
        piece = piece[cut:].strip()
    if piece:
        parts.append(Sentence(piece, done))
    return [part for part in parts if part.text]


def _cut(piece: str, lang: str, limit: int) -> int:
    """Where to part an overlong piece: at a clause mark, else before a word that opens a clause, else at the limit."""
    bound = limit if lang in UNSPACED else _offset_of_word(piece, limit)
    window = piece[:bound]
    floor = bound // 3
    for pattern in (_CLAUSE, _OPENER.get(lang, _SPACED_OPENER)):
        cuts = [match.end() for match in pattern.finditer(window) if floor < match.end() < len(piece)]
        if cuts:
            return cuts[-1]
    return bound


def _offset_of_word(piece: str, count: int) -> int:
    offset = -1
    for _ in range(count):
        offset = piece.find(" ", offset + 1)
        if offset < 0:
            return len(piece) // 2 or 1
    return min(offset + 1, 400)
