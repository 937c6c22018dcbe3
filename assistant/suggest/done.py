"""Notices that the host is saying a card's line, so that she need not tick it off."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

import regex
from rapidfuzz import fuzz

NEAR = 74.0
"""Likeness (0..100) from which a line counts as said; freely reworded lines of the sample room reach 75 to 95, others stay below 60."""
LEAST = 6
"""Letters a line must have to be recognised."""
HEARD = 3
"""Finals that are read together: a line is often said in several breaths."""
_PLAIN = regex.compile(r"[^\p{L}\p{N}]+")
_DENSE = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}]")


def plain(text: str) -> str:
    """A text as it is compared: case, punctuation and spacing aside (words stay apart in scripts that part them)."""
    bare = _PLAIN.sub(" ", text.casefold()).strip()
    return bare.replace(" ", "") if _DENSE.search(bare) else bare


class Heard:
    """The host's last finals, by language."""

    def __init__(self) -> None:
        self._finals: dict[str, deque[str]] = {}

    def add(self, lang: str, text: str) -> None:
        """Take a final in."""
        if lang in self._finals or len(self._finals) < 8:
            self._finals.setdefault(lang, deque(maxlen=HEARD)).append(plain(text)[:400])

    def says(self, lines: Iterable[tuple[str, str]]) -> bool:
        """Whether one of a card's renderings, (language, text), was just said."""
        return any(self._said(lang, text) for lang, text in lines)

    def _said(self, lang: str, text: str) -> bool:
        finals, wanted = self._finals.get(lang), plain(text)
        if not finals or len(wanted) < LEAST:
            return False
        # The last final must be part of it: what was said before the card came must not tick it off.
        windows = ["".join(list(finals)[-count:]) for count in range(1, len(finals) + 1)]
        return any(len(window) >= 0.6 * len(wanted) and _alike(wanted, window) >= NEAR for window in windows)


def _alike(wanted: str, window: str) -> float:
    return fuzz.partial_ratio(wanted, window) if len(window) >= len(wanted) else fuzz.ratio(wanted, window)
