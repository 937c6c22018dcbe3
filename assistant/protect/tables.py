"""The tables under `data/`: rows as dictionaries, and alternations built from their words."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import resources

import regex

from assistant.errors import InputFileError

LANGUAGES = ("zh", "en", "ja", "ar", "id", "th", "vi", "ms")
"""The languages whose number words, units and currencies the tables know; others get digits, signs and symbols."""

LETTER_AFTER = r"(?![\p{L}\p{M}\p{Nd}])"
"""Ends a word of a language that puts spaces between words."""

UNSPACED = frozenset({"zh", "ja", "th"})


def rows(name: str) -> list[dict[str, str]]:
    """The rows of a table by column name; raises `InputFileError` for a row with another number of columns."""
    found: list[dict[str, str]] = []
    head: list[str] = []
    text = resources.files("assistant.protect").joinpath("data", name).read_text(encoding="utf-8")
    for number, line in enumerate(text.splitlines(), 1):
        if not line or line.startswith("#"):
            continue
        cells = line.split("\t")
        if not head:
            head = cells
        elif len(cells) != len(head):
            raise InputFileError(name, number, f"{len(cells)} columns instead of {len(head)}")
        else:
            found.append(dict(zip(head, cells, strict=True)))
    return found


def words(cell: str) -> list[str]:
    """The words of a cell."""
    return [word for word in cell.split("|") if word]


def phrases(items: Iterable[str]) -> str:
    """Like `any_of`, for items that may name what must not follow them: `十分+钟`; one word may have several such items."""
    unless: dict[str, list[str]] = {}
    for item in items:
        word, _, follower = item.partition("+")
        unless.setdefault(word, []).extend([follower] if follower else [])
    ordered = sorted(unless, key=lambda word: (-len(word), word))
    escaped = [regex.escape(word, special_only=True) + (f"(?!{any_of(unless[word])})" if unless[word] else "") for word in ordered]
    return f"(?:{'|'.join(escaped)})" if escaped else "(?!)"


def any_of(items: Iterable[str]) -> str:
    """A group that matches any of the words, the longest first; never matches when there are none."""
    escaped = [regex.escape(item, special_only=True) for item in sorted(set(items), key=lambda item: (-len(item), item))]
    return f"(?:{'|'.join(escaped)})" if escaped else "(?!)"
