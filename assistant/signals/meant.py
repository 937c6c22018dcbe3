"""Which product a comment means: its name or number, or the one on the table when the comment points at it."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from importlib import resources

import regex

from assistant.signals.plain import MAX_CHARS

FILE = "data/pointing.tsv"
UNSPACED = frozenset({"zh", "ja", "th", "ko"})
"""Languages whose words touch: a phrase may stand anywhere."""
_CHINESE = {"一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "十": 10}
_FIGURE = rf"(?P<figure>\d{{1,3}}(?!\d)|[{''.join(_CHINESE)}])"
_HAMZA = str.maketrans("أإآىة", "ااايه")
_LATIN = regex.compile(r"[\p{Latin}\d]")


class Pointing:
    """The words that point, of every language; built once. `product_of` is pure."""

    def __init__(self) -> None:
        phrases: dict[tuple[str, str], list[str]] = defaultdict(list)
        for line in resources.files("assistant.signals").joinpath(FILE).read_text(encoding="utf-8").splitlines():
            if line and not line.startswith("#"):
                lang, kind, items = line.split("\t")
                phrases[lang, kind] += items.split("|")
        self._numbers = {lang: _pattern(lang, items) for (lang, kind), items in phrases.items() if kind == "number"}
        self._this = {lang: _pattern(lang, items) for (lang, kind), items in phrases.items() if kind == "this"}

    def product_of(self, text: str, lang: str, names: Mapping[str, Iterable[str]], on_table: str | None, listed: Sequence[str]) -> str | None:
        """The sku meant by a comment in `lang`: by its name, then by its number, then by pointing; None when it tells none.

        `names` are what each sku may be called, in any language (its names, terms of the glossary, the sku itself); the longest
        that stands in the text counts. `listed` are the skus in the order in which the room numbers them from 1.
        """
        written = spelt(text)
        named: dict[str, int] = {}
        for sku, called in names.items():
            named[sku] = max((len(name) for name in map(_spelt_name, (sku, *called)) if _stands(name, written)), default=0)
        longest = [sku for sku, length in named.items() if length and length == max(named.values())]
        if len(longest) == 1:
            return longest[0]
        for numbered in (self._numbers.get(lang), self._numbers["en"]):
            for found in numbered.finditer(written) if numbered else ():
                figure = found["figure"]
                place = _CHINESE.get(figure) or int(figure)
                if 1 <= place <= len(listed):
                    return listed[place - 1]
        pointing = self._this.get(lang)
        return on_table if on_table is not None and pointing is not None and pointing.search(written) else None


def spelt(text: str) -> str:
    """Width, case and hamza levelled, spaces single."""
    text = unicodedata.normalize("NFKC", text[:MAX_CHARS]).casefold()
    return " ".join(text.translate(_HAMZA).split())


_spelt_name = lru_cache(maxsize=4_096)(spelt)
"""Names come again with every comment."""


def _stands(name: str, text: str) -> bool:
    """Whether a name stands in the text, in Latin letters as whole words."""
    if len(name) < 2 or name not in text:
        return False
    if not (_LATIN.match(name[0]) or _LATIN.match(name[-1])):
        return True
    return regex.search(rf"(?<![\p{{Latin}}\d]){regex.escape(name)}(?:e?s)?(?![\p{{Latin}}\d])", text) is not None


def _phrase(phrase: str) -> str:
    """A row's phrase as an expression: N is a figure, spaces may lack."""
    parts = [spelt(part) + " " * part.endswith(" ") for part in phrase.split("N")]
    return _FIGURE.join(regex.escape(part, literal_spaces=True).replace(" ", r"\s*") for part in parts)


def _pattern(lang: str, phrases: Sequence[str]) -> regex.Pattern[str]:
    parts = "|".join(map(_phrase, sorted(phrases, key=len, reverse=True)))
    return regex.compile(parts if lang in UNSPACED else rf"(?<![\p{{L}}\d])(?:{parts})(?![\p{{L}}])")
