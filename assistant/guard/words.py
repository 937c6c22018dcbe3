"""Where a phrase stands as words of its own, and whether what it claims is denied right there. Works on normalised letters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from assistant.guard.normal import COMMA, HARD, NONE, SPACE, Normal, Normaliser, Tables


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase of a rule, normalised."""

    letters: str
    breaks: frozenset[int]
    """Letters before which its writer put a space or a sign."""


def phrase(text: str, normalise: Normaliser) -> Phrase:
    """Normalise a phrase of a rule."""
    return Phrase(*normalise.words(text))


@dataclass(frozen=True, slots=True)
class Affixes:
    """What a word may carry beside a trigger, normalised."""

    before: frozenset[str] = frozenset()
    after: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Denials:
    """The words that deny a claim, normalised letters."""

    before: tuple[str, ...] = ()
    between: frozenset[str] = frozenset()
    after: tuple[str, ...] = ()


def affixes_of(lang: str, normalise: Normaliser, tables: Tables) -> Affixes:
    """The affixes of a language from data/affixes.tsv."""
    found = {side: frozenset(normalise(item).letters for item in items.split()) for code, side, items in tables.affixes if code == lang}
    return Affixes(found.get("before", frozenset()), found.get("after", frozenset()))


def denials_of(lang: str, normalise: Normaliser, tables: Tables) -> Denials:
    """The denials of a language from data/denials.tsv, the longest first."""
    found: Mapping[str, list[str]] = {
        side: sorted((normalise(item).letters for item in items.split("|")), key=len, reverse=True)
        for code, side, items in tables.denials if code == lang
    }  # fmt: skip
    return Denials(tuple(found.get("before", ())), frozenset(found.get("between", ())), tuple(found.get("after", ())))


WHOLE = 5
"""Letters of a trigger that takes affixes of one letter: كبيرة (big) is no beer (بيرة)."""


def spaced(char: str) -> bool:
    """Whether a letter belongs to a script that puts spaces between words: Latin, Arabic, Cyrillic and their like."""
    return char.isalpha() and (char < "\u0e00" or "\u1e00" <= char <= "\u1fff")


def standing(normal: Normal, start: int, end: int, breaks: frozenset[int], affixes: Affixes) -> tuple[int, int] | None:
    """The letters of the words at `start` to `end` if they are words of their own, with what hangs on behind; else None.

    Words end at gaps in scripts with spaces; figures are whole everywhere; Han, kana and Thai may stand inside a run.
    """
    letters, gaps = normal.letters, normal.gaps
    for index in range(start + 1, end):
        gap = gaps[index]
        if gap == HARD:
            return None
        if gap == NONE or not (spaced(letters[index]) and spaced(letters[index - 1])):
            continue
        if gap == COMMA or (gap == SPACE and index - start not in breaks and not _spelt(gaps, start, end, index - start, breaks)):
            return None
    if start > 0 and gaps[start] == NONE and _same_word(letters[start - 1], letters[start]):
        head = start
        while head > 0 and gaps[head] == NONE and _same_word(letters[head - 1], letters[head]):
            head -= 1
        if letters[head:start] not in affixes.before or (start - head == 1 and end - start < WHOLE):
            return None
    tail = end
    while tail < len(letters) and gaps[tail] == NONE and _same_word(letters[tail - 1], letters[tail]):
        tail += 1
        if tail - end > 4:
            return None
    return (start, tail) if tail == end or letters[end:tail] in affixes.after else None


def _same_word(before: str, after: str) -> bool:
    """Whether two neighbours with nothing between them belong to one word or figure."""
    if before.isdecimal() and after.isdecimal():
        return True
    if spaced(before) and spaced(after):
        return True
    return not after.isalnum() and after not in "%$€£¥₫฿₹₩₱.,:/-"


def _spelt(gaps: list[int], start: int, end: int, at: int, breaks: frozenset[int]) -> bool:
    """Whether the word around a break that its writer didn't put is spelt out letter by letter (b e s t)."""
    first = max((item for item in breaks if item < at), default=0)
    last = min((item for item in breaks if item > at), default=end - start)
    return last - first > 2 and all(gaps[start + index] != NONE for index in range(first + 1, last))


REACH = 24
"""Letters between a denial and what it denies, at most."""


def denied(normal: Normal, start: int, end: int, denials: Denials) -> bool:
    """Whether the claim at letters `start` to `end` is denied by the words around it."""
    letters, gaps = normal.letters, normal.gaps
    first = start
    while first > 0 and start - first < REACH and gaps[first] < COMMA:
        first -= 1
    ahead = letters[first:start]
    for word in denials.before:
        at = ahead.rfind(word)
        if at >= 0 and _denies(normal, first + at, first + at + len(word), start, denials.between):
            return True
    behind = end
    while behind < len(letters) and behind - end < REACH and gaps[behind] < COMMA:
        behind += 1
    after = letters[end:behind]
    return any(0 <= after.find(word) <= 6 for word in denials.after)


def _denies(normal: Normal, start: int, end: int, claim: int, between: frozenset[str]) -> bool:
    letters, gaps = normal.letters, normal.gaps
    if spaced(letters[start]):
        if (start > 0 and gaps[start] == NONE and spaced(letters[start - 1])) or (end < len(letters) and gaps[end] == NONE and spaced(letters[end])):
            return False
        edges = [end, *(index for index in range(end + 1, claim) if gaps[index] != NONE), claim]
        return all(letters[a:b] in between for a, b in pairwise(edges) if b > a)
    if start > 0 and letters[start - 1] in (letters[end - 1], letters[end]):  # 是不是, 能不能: a question
        return False
    left = letters[end:claim]
    while left:
        word = next((word for word in sorted(between, key=len, reverse=True) if left.startswith(word)), None)
        if word is None:
            return False
        left = left[len(word) :]
    return True
