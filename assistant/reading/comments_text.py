"""What the reader of comments learns from: every labelled comment as it may reach a room, with and without its translation.

The text alone, with its Chinese and its English translation, the translations alone (so that languages lend each other their
examples), and noisy copies: typing mistakes, stretched letters, lost emoji, Traditional Chinese, two comments in one.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import regex

from assistant.models.corpus.noise import roughen
from assistant.reading.corpus import OTHER, PARALLEL, Row
from assistant.reading.translations import TARGETS, Translations
from assistant.signals.plain import plain
from assistant.signals.read import both

SWAPPED = ("product", "color", "place", "name")
"""Slots whose values a comment may name: another in its place leaves the intent as it is."""
_EMOJI = regex.compile(r"[\p{Extended_Pictographic}\ufe0f\p{Emoji_Modifier}]+")
_LETTER = regex.compile(r"\p{L}{2}")


@dataclass(frozen=True, slots=True)
class Example:
    """One text as the model sees it."""

    text: str
    """Levelled by `plain`, with its translation."""
    intents: tuple[str, ...]
    sentiment: str | None
    """None where it is not known, as for a comment that only another label was told of."""
    weight: float


def examples(
    rows: Sequence[Row], translations: Translations, rng: random.Random, traditional: Callable[[str], str], slots: Mapping[str, Sequence[Mapping[str, str]]],
) -> list[Example]:
    """Every way that `rows` are learnt in; `slots` are the values of the live-room corpus' slots in eight languages."""
    swaps = {lang: _Swap(slots, lang) for lang in {row.lang for row in rows}}
    out: list[Example] = []
    for row in rows:
        out += _ways(row, translations, rng, traditional)
        if (other := swaps[row.lang].swapped(row.text, rng)) != row.text:
            out.append(Example(plain(other), row.intents, row.sentiment, 0.5))
    out += _joined(rows, rng, len(rows) // 3)
    return out


class _Swap:
    """Puts other products, colours, places and names in the place of those that a comment names."""

    def __init__(self, slots: Mapping[str, Sequence[Mapping[str, str]]], lang: str) -> None:
        self._values = {slot: [entry[lang] for entry in slots.get(slot, ()) if lang in entry] for slot in SWAPPED}
        self._slot = {text.casefold(): slot for slot, values in self._values.items() for text in values if len(text) >= 2}
        words = "|".join(map(regex.escape, sorted(self._slot, key=len, reverse=True)))
        edge = r"(?<![\p{Latin}\d])(?:%s)(?![\p{Latin}\d])"
        self._pattern = regex.compile(edge % words, regex.IGNORECASE) if words else None

    def swapped(self, text: str, rng: random.Random) -> str:
        """The text with every one of them exchanged."""
        return self._pattern.sub(lambda found: rng.choice(self._values[self._slot[found[0].casefold()]]), text) if self._pattern else text


def _ways(row: Row, translations: Translations, rng: random.Random, traditional: Callable[[str], str]) -> Iterator[Example]:
    heavy = 0.5 if row.note == PARALLEL else 1.0
    told = {target: translations.of(row.lang, row.text, target) for target in TARGETS if not row.romanised}
    told = {target: text for target, text in told.items() if text}
    yield Example(plain(row.text), row.intents, row.sentiment, heavy)
    for text in told.values():
        yield Example(both(plain(row.text), plain(text)), row.intents, row.sentiment, heavy)
        yield Example(plain(text), row.intents, None, 0.15 * heavy)
    for _ in range(2):
        text = roughen(row.text, rng) if rng.random() < 0.7 else _EMOJI.sub("", row.text)
        if row.lang == "zh" and rng.random() < 0.4:
            text = traditional(text)
        if _LETTER.search(text):
            beside = rng.choice(["", *told.values()])
            felt = row.sentiment if text == row.text or not _EMOJI.search(row.text) else None
            yield Example(both(plain(text), plain(beside)), row.intents, felt, 0.5 * heavy)


def _joined(rows: Sequence[Row], rng: random.Random, count: int) -> Iterator[Example]:
    """Two questions of one language in one comment."""
    by_language: dict[str, list[Row]] = {}
    for row in rows:
        if len(row.intents) == 1 and row.intents[0] != OTHER and len(row.text) < 60:
            by_language.setdefault(row.lang, []).append(row)
    groups = [group for group in by_language.values() if len(group) > 20]
    for _ in range(count if groups else 0):
        one, other = rng.sample(rng.choice(groups), 2)
        if one.intents != other.intents:
            joint = rng.choice((" ", ", ", "? ", " … "))
            felt = one.sentiment if one.sentiment == other.sentiment else None
            yield Example(plain(one.text.rstrip("?？!！. ") + joint + other.text), (*one.intents, *other.intents), felt, 0.6)


def shares(intents: Sequence[str], names: Sequence[str]) -> list[float]:
    """The target over the intents' columns: the first counts a little more."""
    wanted = [0.0] * len(names)
    weights = [0.6, 0.4] if len(intents) == 2 else [1.0 / len(intents)] * len(intents)
    for name, weight in zip(intents, weights, strict=True):
        wanted[names.index(name)] += weight
    return wanted
