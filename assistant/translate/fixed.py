"""Stretches that must come through a model: worded for it, looked for in its answer, and put in where they are missing.

A text carries such stretches as the marks ⟦0⟧ ⟦1⟧ …, each once. A model that copies marks of its own kind is sent those, any
other the plain words; from either answer every mark is won back, so that what leaves the translate stage holds each once again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import regex

from assistant.translate.request import Attention
from assistant.translate.sentences import UNSPACED

Rung = Literal["mask", "nbest", "prefix", "edit", "whole"]
"""By which means a stretch came through: copied, among the hypotheses, by a second pass, put in afterwards, without a model."""

MARK = regex.compile(r"⟦\d{1,4}⟧")
STRAY = "\ue000"
"""A mark too much in an answer."""

_BRACKET = regex.compile("[⟦⟧]+")
_PRIVATE = regex.compile(r"\p{Co}+")
_END = regex.compile(r"[\s。！？!?.…，、,؟؛;:：]*$")
_WORD_START = regex.compile(r"(?<!\S)\S")
_SPACES = regex.compile(r"[ \u3000]{2,}")


@dataclass(frozen=True, slots=True)
class Fixed:
    """One stretch."""

    mark: str
    """As it stands in the text to translate: ⟦n⟧."""
    plain: str
    """The words it stands for, for a model without marks."""
    target: str
    """What will stand for it in the translation."""
    before: frozenset[str] = frozenset()
    after: frozenset[str] = frozenset()
    """Clitics and affixes that may touch it there."""


@dataclass(frozen=True, slots=True)
class Key:
    """A stretch as one model meets it."""

    mark: str
    sent: str
    """What the model reads in its place."""
    wanted: str
    """What must come back; "" when any words may, as on the way to a hub."""
    masked: bool
    before: frozenset[str] = frozenset()
    after: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Worded:
    """A sentence for one model."""

    text: str
    keys: tuple[Key, ...]


@dataclass(frozen=True, slots=True)
class Won:
    """A model's answer with the marks won back; `lost` are missing, and `clean` says that nothing is missing or too much."""

    text: str
    lost: tuple[str, ...]
    clean: bool


def word(text: str, fixed: Mapping[str, Fixed], plains: Mapping[str, str], marks: Sequence[str], last: bool) -> Worded:
    """The sentence for a model that copies `marks`; `plains` says how the language of this hop puts a stretch, `last` that
    it translates into the final language."""
    keys: list[Key] = []
    for number, mark in enumerate(MARK.findall(text)):
        if number < len(marks):
            keys.append(Key(mark, marks[number], marks[number], True))
        elif mark in fixed:
            item = fixed[mark]
            keys.append(Key(mark, plains.get(mark, item.plain), item.target if last else "", False, item.before, item.after))
    return Worded(_named(text, {key.mark: key.sent for key in keys}), tuple(keys))


def answered(keys: Sequence[Key], text: str) -> str:
    """Our own text (of an earlier answer) as this model would have put it: what a partial is biased to."""
    return _named(text, {key.mark: key.wanted or key.sent for key in keys})


def win(keys: Sequence[Key], text: str) -> Won:
    """Find the stretches in an answer; what is too much of them (a mark that came twice) stands there as `STRAY`."""
    lost: list[str] = []
    names: dict[str, str] = {}
    text = _PRIVATE.sub("", text)
    for key in sorted(keys, key=lambda key: -len(key.wanted)):  # the longest first: one may hold another
        at = _find(text, key) if key.wanted else -1
        if at < 0:
            lost.append(key.mark)
            continue
        slot = chr(0xE001 + len(names))
        names[slot] = key.mark
        text = text[:at] + slot + text[at + len(key.wanted) :]
    for key in keys:
        if key.masked:
            text = text.replace(key.wanted, STRAY)
    text = _BRACKET.sub("", MARK.sub(STRAY, text))
    order = [key.mark for key in keys]
    return Won("".join(names.get(char, char) for char in text), tuple(sorted(lost, key=order.index)), not lost and STRAY not in text)


def unmarked(text: str) -> str:
    """An answer to a sentence without fixed stretches, less any mark that the model made up."""
    text = _PRIVATE.sub("", text)
    return _SPACES.sub(" ", _BRACKET.sub("", MARK.sub("", text))).strip() if _BRACKET.search(text) else text.strip()


def mend(worded: Worded, won: Won, lang: str, attention: Attention | None = None, answer: str = "") -> tuple[str, dict[str, str]]:
    """Put every mark where it belongs exactly once: the last rung, which never fails.

    `attention` belongs to `answer`, the text that `won` was won from, and tells the place; without it the place is the one the
    stretch has in the source, among the marks that came through or in proportion. Returns the text, and what the words were
    that a mark took the place of.
    """
    text, replaced = won.text, dict[str, str]()
    for mark in won.lost:
        key = next(key for key in worded.keys if key.mark == mark)
        span = _owed(worded, key, attention, answer) if attention is not None else None
        words = answer[span[0] : span[1]].strip() if span else ""
        once = bool(words) and not MARK.search(words) and text.count(words) == 1
        if key.masked and STRAY in text:
            text = text.replace(STRAY, mark, 1)
        elif once and not key.masked:
            replaced[mark] = words
            text = text.replace(words, mark)
        else:
            text = _insert(text, mark, text.find(words) if once else _place(worded, mark, text, lang), lang)
    return _SPACES.sub(" ", text.replace(STRAY, "")).strip(), replaced


def begun(worded: Worded, won: Won, answer: str, attention: Attention | None) -> str:
    """What a second pass must begin with to hold the first lost stretch: the answer before its place, then the stretch.

    "" when no place can be told.
    """
    if attention is None or not won.lost:
        return ""
    key = next(key for key in worded.keys if key.mark == won.lost[0])
    span = _owed(worded, key, attention, answer) if key.wanted else None
    if span is None:
        return ""
    before = answer[: span[0]].rstrip()
    if key.wanted in before:
        return ""
    return f"{before} {key.wanted}" if before and answer[len(before) : len(before) + 1].isspace() else before + key.wanted


def _owed(worded: Worded, key: Key, attention: Attention, answer: str) -> tuple[int, int] | None:
    """The stretch of an answer that owes most to a stretch of the source; None when nothing does."""
    at = worded.text.find(key.sent)
    columns = [number for number, start in enumerate(attention.source) if _within(attention.source, number, at, at + len(key.sent), len(worded.text))]
    if not columns or not attention.weights:
        return None
    shares = [sum(row[column] for column in columns if column < len(row)) for row in attention.weights[: len(attention.target)]]
    best = max(range(len(shares)), key=shares.__getitem__, default=-1)
    if best < 0 or shares[best] < 0.1:
        return None
    first = last = best
    while first > 0 and shares[first - 1] > shares[best] / 2:
        first -= 1
    while last + 1 < len(shares) and shares[last + 1] > shares[best] / 2:
        last += 1
    start = attention.target[first]
    end = attention.target[last + 1] if last + 1 < len(attention.target) else len(answer)
    while start > 0 and answer[start - 1].isalpha() and answer[start : start + 1].isalpha() and _spaced(answer[start]):
        start -= 1
    while end < len(answer) and answer[end - 1].isalpha() and answer[end].isalpha() and _spaced(answer[end]):
        end += 1
    return (start, end) if 0 <= start < end else None


def _within(starts: Sequence[int], number: int, begin: int, end: int, size: int) -> bool:
    start = starts[number]
    close = next((other for other in starts[number + 1 :] if other > start), size)
    return start >= 0 and start < end and close > begin


def _place(worded: Worded, mark: str, text: str, lang: str) -> int:
    """Where a mark belongs by its place in the source: next to the neighbour that came through, else in proportion."""
    order = [key.mark for key in worded.keys]
    at = order.index(mark)
    original = _swap(worded.text, {key.sent: key.mark for key in worded.keys})
    here = original.find(mark)
    rest = MARK.sub("", original[here + len(mark) :])
    if not MARK.sub("", original[:here]).strip(" ，、,。"):
        before = [text.find(other) + len(other) for other in order[:at] if other in text]
        return max(before, default=0)
    if not _END.sub("", rest):
        return _END.search(text).start()  # type: ignore[union-attr]
    for other, side in ((order[at - 1] if at else "", 1), (order[at + 1] if at + 1 < len(order) else "", 0)):
        if other and other in text and abs(original.find(other) - here) <= len(other) + 2:
            return text.find(other) + (len(other) if side else 0)
    share = here / max(1, len(original))
    starts = range(len(text)) if lang in UNSPACED else [match.start() for match in _WORD_START.finditer(text)]
    inside = [(match.start(), match.end()) for match in MARK.finditer(text)]
    free = [start for start in starts if not any(begin < start < end for begin, end in inside)]
    return min(free, key=lambda start: abs(start - share * len(text)), default=0)


def _insert(text: str, mark: str, place: int, lang: str) -> str:
    if lang in UNSPACED:
        return text[:place] + mark + text[place:]
    return f"{text[:place].rstrip()} {mark} {text[place:].lstrip()}".strip() if text[place:].strip(" .!?,،؟") else f"{text[:place]} {mark}{text[place:]}"


def _find(text: str, key: Key) -> int:
    """Where what must come back stands in an answer as a word of its own, -1 when it does not."""
    if key.masked:
        return text.find(key.wanted)
    at = text.find(key.wanted)
    while at >= 0:
        end = at + len(key.wanted)
        left, right = at, end
        while left and _letters(text[left - 1], text[left]):
            left -= 1
        while right < len(text) and _letters(text[right - 1], text[right]):
            right += 1
        if (left == at or text[left:at] in key.before) and (right == end or text[end:right] in key.after):
            return at
        at = text.find(key.wanted, at + 1)
    return -1


def _letters(left: str, right: str) -> bool:
    return left.isalnum() and right.isalnum() and _spaced(left) and _spaced(right)


def _spaced(char: str) -> bool:
    return not ("\u0e00" <= char <= "\u0eff" or "\u2e80" <= char <= "\ua4cf" or "\uf900" <= char <= "\ufaff")


def _named(text: str, names: Mapping[str, str]) -> str:
    """Replace marks."""
    return MARK.sub(lambda match: names.get(match[0], match[0]), text) if names else text


def _swap(text: str, names: Mapping[str, str]) -> str:
    """Replace every key of `names` in one pass, the longest first."""
    if not names:
        return text
    either = regex.compile("|".join(regex.escape(name) for name in sorted(names, key=len, reverse=True)))
    return either.sub(lambda match: names[match[0]], text)
