"""Cuts a comment where it may ask a second thing: at punctuation, at "and", at a space where words touch."""

from __future__ import annotations

import regex

MOST = 4
"""Clauses looked at."""

_TOUCHING = r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}]"
_BETWEEN = regex.compile(
    r"[?？!！,，;；。、،؟\n…]+"
    rf"|(?<={_TOUCHING})\s+(?={_TOUCHING})"
    r"|\s(?:and|n|dan|và|va|trus|terus|sama|y|e)\s|\sو\s*"
)
_LETTERS = regex.compile(r"\p{L}.*?\p{L}", regex.DOTALL)


def clauses(text: str, most: int = MOST) -> list[str]:
    """The clauses of a comment that have two letters or more; [] when it has only one."""
    parts = [part.strip() for part in _BETWEEN.split(text) if _LETTERS.search(part)]
    return parts[:most] if len(parts) > 1 else []
