"""Source-side noise: what speech-to-text leaves out and what typing viewers get wrong; marks are never touched."""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Callable

from assistant.models.corpus.marks import MARK

_FULL_WIDTH = {ord("0") + digit: ord("０") + digit for digit in range(10)}
_FINAL = re.compile(r"[\s.。!！?？،؟…~～]+$")


def _is_punctuation(character: str) -> bool:
    return unicodedata.category(character) in ("Po", "Ps", "Pe", "Pi", "Pf", "Pd")


def _no_punctuation(text: str, rng: random.Random) -> str:
    """Without punctuation, except inside numbers, words and codes."""
    kept = []
    for index, character in enumerate(text):
        inside = 0 < index < len(text) - 1 and text[index - 1].isascii() and text[index + 1].isascii() and (
            text[index - 1].isalnum() and text[index + 1].isalnum())
        if _is_punctuation(character) and not inside and character not in "%@#":
            character = " " if character.isascii() is False and index < len(text) - 1 else ""
        kept.append(character)
    return " ".join("".join(kept).split())


def _typo(text: str, rng: random.Random) -> str:
    """Two neighbours swapped, or one letter lost or doubled."""
    places = [index for index in range(1, len(text) - 1) if text[index].isalpha() and text[index + 1].isalpha()]
    if not places:
        return text
    index = rng.choice(places)
    kind = rng.random()
    if kind < 0.4:
        return text[:index] + text[index + 1] + text[index] + text[index + 2:]
    if kind < 0.8:
        return text[:index] + text[index + 1:]
    return text[:index] + text[index] + text[index:]


def _stretched(text: str, rng: random.Random) -> str:
    """The last letter of one word said long: `soooo`."""
    ends = [match.end() for match in re.finditer(r"[^\W\d_]{2,}", text)]
    if not ends:
        return text
    end = rng.choice(ends)
    return text[:end] + text[end - 1] * rng.randint(2, 4) + text[end:]


def _outside_marks(text: str, change: Callable[[str, random.Random], str], rng: random.Random) -> str:
    """`change` applied to the longest stretch between marks."""
    pieces = re.split(f"({MARK.pattern})", text)
    longest = max(range(0, len(pieces), 2), key=lambda index: len(pieces[index]))
    stretch = pieces[longest]
    lead = stretch[: len(stretch) - len(stretch.lstrip())]
    trail = stretch[len(stretch.rstrip()):] if stretch.strip() else ""
    pieces[longest] = lead + change(stretch.strip(), rng) + trail if stretch.strip() else stretch
    return "".join(pieces)


def roughen(text: str, rng: random.Random) -> str:
    """`text` with at most two kinds of noise, most often none."""
    if rng.random() < 0.12:
        text = _FINAL.sub("", text) or text
    elif rng.random() < 0.08:
        text = _outside_marks(text, _no_punctuation, rng) or text
    roll = rng.random()
    if roll < 0.06:
        text = text.lower()
    elif roll < 0.09:
        text = _outside_marks(text, _typo, rng)
    elif roll < 0.105:
        text = _outside_marks(text, _stretched, rng)
    elif roll < 0.115:
        text = _outside_marks(text, lambda stretch, _: stretch.translate(_FULL_WIDTH), rng)
    return text
