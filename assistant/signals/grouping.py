"""When two comments ask the same: what a comment's question is called, over all languages.

A question is told apart by its intent, by the product it means (where the intent is one of a product) and by the part it asks
for (a colour, a property: words of `data/intents.toml`, looked for in the comment and in its translation together). The same
words give the same name in every language, on every machine and in every replay.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import regex

from assistant.signals.plain import MAX_CHARS
from assistant.signals.tables import table

Key = tuple[str, str | None, str]
"""Intent, sku, part."""

_SPACED = regex.compile(r"[\p{Latin}\p{Arabic}\d][\p{Latin}\p{Arabic}\d\s'-]*")
_LETTERS = str.maketrans("đøłıةى", "dolıهي") | {ord("ı"): "i", 0x640: None}
_SHORT = 3
"""Letters of a word that means too much without its accents."""
_VOICED = {"\u3099", "\u309a"}
_STRETCHED = regex.compile(r"(\p{L})\1{2,}")
_SIZE_WORD = r"(?:size|sz|saiz|ukuran|uk|ไซส์|ไซซ์|ไซ|مقاس|سايز|cỡ|co|サイズ|码|號|号)"
_LETTER_SIZE = r"(?:[2-6]?x{0,3}[sml]|\d{2,3})"
_SIZE = regex.compile(
    rf"(?<![a-z\d])(?:{_SIZE_WORD}\s?(?P<after>{_LETTER_SIZE})(?![a-z\d])|(?P<before>{_LETTER_SIZE})\s?(?:码|号|サイズ|size)|(?P<alone>x{{1,3}}l|[2-6]x{{0,2}}l|xs)(?![a-z\d]))"
)
_NUMBER = regex.compile(
    r"(?:no|number|num|nomor|nombor|nmr|link|etalase|keranjang|item|رقم|หมายเลข|เบอร์|รหัส|ตัวที่|số|so|mã|ma|番号|链接|连接|编号)\.?\s?(?P<after>\d{1,3})(?!\d)"
    r"|(?<!\d)(?P<before>\d{1,3})\s?(?:号|番|번)"
)


def folded(text: str) -> str:
    """A text for looking words up: width, case, accents, vowel marks and stretched letters levelled; Thai keeps its signs."""
    text = unicodedata.normalize("NFKD", text[:MAX_CHARS]).casefold().translate(_LETTERS)
    kept = (_digit(sign) for sign in text if sign in _VOICED or "\u0e00" <= sign <= "\u0e7f" or unicodedata.category(sign) != "Mn")
    return _STRETCHED.sub(r"\1", unicodedata.normalize("NFC", "".join(kept)))


def _digit(sign: str) -> str:
    return str(unicodedata.decimal(sign)) if sign.isdecimal() else sign


def words_pattern(words: Iterable[str]) -> regex.Pattern[str]:
    """Finds any of some words in a text made by `both_ways`: Latin and Arabic ones whole, others anywhere; the longest first."""
    whole: list[str] = []
    inside: list[str] = []
    for word in sorted({_sought(word) for word in words}, key=lambda word: (-len(word), word)):
        (whole if _SPACED.fullmatch(word) else inside).append(regex.escape(word))
    parts = [rf"(?<![\p{{Latin}}\p{{Arabic}}])(?:(?:وال|بال|لل|ال|و|ب|ل)?(?:{'|'.join(whole)}))(?![\p{{Latin}}\p{{Arabic}}])"] if whole else []
    return regex.compile("|".join([*parts, *inside]) or r"(?!)")


def _sought(word: str) -> str:
    """The form in which a word is looked for: folded, unless that makes a short word of another language of it (đỏ, do)."""
    plain, marked = folded(word).strip(), _levelled(word).strip()
    return marked if len(plain) <= _SHORT and plain.isascii() else plain


def both_ways(text: str) -> str:
    """A text folded, and behind it the same with its accents: what `words_pattern` finds words in."""
    plain, marked = folded(text), _levelled(text)
    return plain if plain == marked else f"{plain}\n{marked}"


def _levelled(text: str) -> str:
    return _STRETCHED.sub(r"\1", "".join(map(_digit, unicodedata.normalize("NFKC", text[:MAX_CHARS]).casefold())))


@dataclass(frozen=True, slots=True)
class Grouping:
    """The rules of `data/intents.toml`, ready to use."""

    product: frozenset[str]
    room: frozenset[str]
    same: Mapping[str, str]
    parts: Mapping[str, Sequence[str]]
    aspects: Mapping[str, Mapping[str, regex.Pattern[str]]]

    def asked(self, intents: Sequence[str]) -> list[str]:
        """The intents of a comment that are questions, in their order, each once."""
        named = (self.same.get(intent, intent) for intent in intents)
        return list(dict.fromkeys(intent for intent in named if intent in self.product or intent in self.room))

    def key(self, intent: str, sku: str | None, text: str, translation: str = "") -> Key:
        """What the question of a comment is called; `sku` is the product it means or the one on the table."""
        return intent, sku if intent in self.product else None, self._part(intent, text, translation)

    def _part(self, intent: str, text: str, translation: str) -> str:
        names = self.parts.get(intent, ())
        if not names:
            return ""
        written = both_ways(f"{text} \n {translation}")
        found: list[str] = []
        for name in names:
            if name == "size":
                found += sorted({_first(match) for match in _SIZE.finditer(written)})
            elif name == "number":
                found += sorted({_first(match) for match in _NUMBER.finditer(written)})
            else:
                found += [aspect for aspect, pattern in self.aspects[name].items() if pattern.search(written)]
        return "+".join(found[:3])


def _first(match: regex.Match[str]) -> str:
    return next(value for value in match.groups() if value is not None)


def grouping(data: Mapping[str, Any] | None = None) -> Grouping:
    """The rules as shipped, or from a table of the same form."""
    data = table("intents.toml") if data is None else data
    return Grouping(
        frozenset(data["product"]), frozenset(data["room"]), data["same"], data["parts"],
        {name: {aspect: words_pattern(words) for aspect, words in rows.items()} for name, rows in data["aspects"].items()},
    )
