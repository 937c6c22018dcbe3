"""A comment as the trained model reads it: one spelling for what viewers type in many."""

from __future__ import annotations

import unicodedata

import regex

MAX_CHARS = 400
"""Code points that are read."""
STRETCHED = " ≈"
"""Put behind a text that had stretched letters: they tell impatience and delight."""


def _folding() -> dict[int, str | None]:
    """Latin letters without accents (half of Vietnam types without), Arabic letters as typed in haste, no skin tones."""
    table: dict[int, str | None] = {}
    for code in (*range(0xC0, 0x250), *range(0x1E00, 0x1F00)):
        plain = unicodedata.normalize("NFD", chr(code))[0]
        if plain.isascii():
            table[code] = plain
    table |= {ord("đ"): "d", ord("ø"): "o", ord("ł"): "l", ord("ı"): "i"}
    table |= {ord(written): meant for written, meant in zip("أإآٱىةؤئ", "اااايهوي", strict=True)}
    table |= dict.fromkeys((0x640, 0x670, *range(0x64B, 0x653)))  # tatweel and vowel marks
    table |= dict.fromkeys((0xFE0E, 0xFE0F, *range(0x1F3FB, 0x1F400)))
    return table


_FOLDING = _folding()
_INVISIBLE = regex.compile(r"[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Cn}--\u200d]+", regex.V1)
_ADDRESS = regex.compile(r"(?:https?://|www\.)\S+|\b[\w-]{2,40}\.(?:com|net|org|me|io|ly|shop|store|link)\b\S*")
_NAMED = regex.compile(r"(?<!\w)@[\w.]+")
_STRETCHED = regex.compile(r"(\p{L})\1{2,}")
_INSISTING = regex.compile(r"([^\p{L}\d\s])\1{2,}")
_NUMBER = regex.compile(r"(?<!\d)(?!555+(?!\d))\d{2,}")
_SPACE = regex.compile(r"\s+")


def plain(text: str) -> str:
    """Compatibility forms, case, accents, stretched letters (three or more become one) and long numbers levelled; links are `<url>`.

    A number of n digits becomes n zeros, at most three; single digits (sizes, Arabizi) and 555 (laughter in Thai) stay.
    """
    text = unicodedata.normalize("NFKC", text[:MAX_CHARS])
    text = _INVISIBLE.sub(" ", text).casefold().translate(_FOLDING)
    if "." in text:
        text = _ADDRESS.sub(" <url> ", text)
    if "@" in text:
        text = _NAMED.sub(" @ ", text)
    text = _INSISTING.sub(r"\1\1", text)
    text, stretched = _STRETCHED.subn(r"\1", text)
    text = _NUMBER.sub(lambda found: "000"[: len(found[0])], text)
    return _SPACE.sub(" ", text).strip()[:MAX_CHARS] + (STRETCHED if stretched else "")
