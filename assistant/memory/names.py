"""Product names swapped: a sentence approved for one product of the room serves the others.

Only whole names that a room's file gives in both languages are swapped, and only into languages whose words do not bend to a
name's gender; not beside "a" or "an", nor where the name is joined to other letters. Glossary words are never swapped: a
common noun has its own counters and classifiers, which would come out wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

Names = Sequence[Mapping[str, str]]
"""The names of each product by language."""

STIFF = frozenset({"zh", "en", "ja", "th", "vi", "id", "ms"})
"""Target languages in which a name changes nothing around it."""

MOST = 500
"""Products tried for one sentence."""

_ARTICLE = re.compile(r"\ban?\s$", re.IGNORECASE)
_SPACED = re.compile(r"[^\W_]")


def named(text: str, source: str, target: str, names: Names) -> Mapping[str, str] | None:
    """The one product whose name stands once in the text (in one case with the names); None for none, several or a language that bends."""
    if target not in STIFF:
        return None
    found = [name for name in names if source in name and target in name and name[source].lower() in text]
    longest = max(found, key=lambda name: len(name[source]), default=None)
    if longest is None or text.count(longest[source].lower()) != 1:
        return None
    return longest if all(name[source].lower() in longest[source].lower() for name in found) else None


def others(name: Mapping[str, str], source: str, target: str, names: Names) -> Iterator[Mapping[str, str]]:
    """The other products with a name in both languages."""
    return (other for other in names[:MOST] if other is not name and source in other and target in other)


def swapped(text: str, old: str, new: str, lang: str) -> str | None:
    """A translation with another product's name; None where the old one does not stand in it just once and by itself."""
    start = text.find(old)
    if start < 0 or text.find(old, start + 1) >= 0 or new in text:
        return None
    before, after = text[:start], text[start + len(old) :]
    if lang in ("en", "id", "ms", "vi") and (_SPACED.match(before[-1:]) or _SPACED.match(after)):
        return None
    if lang == "en" and (_ARTICLE.search(before) or _plural(old) != _plural(new)):
        return None
    return before + new + after


def _plural(name: str) -> bool:
    """Whether an English name asks for a verb in the plural (earrings), as far as its end tells."""
    return name.lower().endswith("s") and not name.lower().endswith("ss")
