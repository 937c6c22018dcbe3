"""Before the model: what must survive translation is taken out and marked.

    terms.py     one glossary row            matching.py  the automaton that finds rows in a text
    normal.py    one spelling for matching   affixes.py   what may touch a term inside a word
    values.py    numbers, prices, codes …    (both kinds of stretch become marks ⟦0⟧ ⟦1⟧ … here, put back by `restore`)
"""

from __future__ import annotations

from dataclasses import dataclass

import regex

from assistant.protect.bidi import RTL, isolate
from assistant.protect.matching import Found, Index
from assistant.protect.values import Format, Value, find, render

MARK = regex.compile(r"⟦\d{1,4}⟧")
_BRACKETS = str.maketrans("⟦⟧", "[]")
_PRIVATE = regex.compile(r"\p{Co}")
_GATED = frozenset({"emoji", "url", "email"})
"""Kinds that the translate stage keeps outside by itself."""
_WHOLE = frozenset({"url", "email", "mention", "hashtag", "shortcode"})
"""Kinds that no term inside breaks up."""
_APART = frozenset({"mention", "hashtag", "kaomoji"})
_LEADING = regex.compile(r"(?:\s*@[\w.]+)+")


@dataclass(frozen=True, slots=True)
class Stretch:
    """One protected stretch of a text."""

    mark: str
    """What stands for it in `Protected.text`."""
    plain: str
    """As it was typed."""
    target: str
    """What must stand for it in the translation."""
    term: Found | None = None
    """The glossary term; None for a value."""
    apart: bool = False
    """A name with @ or #, a face: letters that touch it would become part of it."""


@dataclass(frozen=True, slots=True)
class Protected:
    """A text ready for the model: its stretches as marks, each mark once, no bracket or private character of the viewer's own."""

    text: str
    stretches: tuple[Stretch, ...] = ()
    outside: tuple[str, ...] = ()
    """Values without a mark: links, which the translate stage keeps outside by itself."""


def protect(text: str, source: str, target: str, index: Index | None = None, form: Format | None = None) -> Protected:
    """Mark the terms of `index` and the values of a text in `source`; `form` is how the target market writes values.

    A term wins over a value, but not inside a link, an address or a name with @ or #. Marks that a viewer typed are defused.
    """
    text = defused(text)
    terms = index.find(text, target) if index else []
    values = find(text, source)
    if not terms and not values:
        return Protected(text)
    lead = _LEADING.match(text)
    begin = lead.end() if lead else 0
    chosen: list[tuple[int, int, Found | None, Value | None]] = []
    gated = [(value.start, value.end) for value in values if value.kind in _WHOLE]
    for found in terms:
        if not any(start < found.end and found.start < end for start, end in gated):
            chosen.append((found.start, found.end, found, None))
    for value in values:
        if value.kind in _GATED or (value.kind == "mention" and value.end <= begin):
            continue
        if not any(start < value.end and value.start < end for start, end, found, _ in chosen if found):
            chosen.append((value.start, value.end, None, value))
    stretches: list[Stretch] = []
    out, at = list[str](), 0
    for start, end, found, value in sorted(chosen, key=lambda item: item[0]):
        mark = f"⟦{len(stretches)}⟧"
        words = found.target if found else render(value, target, form) if value else ""
        stretches.append(Stretch(mark, text[start:end], words, found, value is not None and value.kind in _APART))
        out += [text[at:start], mark]
        at = end
    return Protected("".join([*out, text[at:]]), tuple(stretches), tuple(text[start:end] for start, end in gated))


def defused(text: str) -> str:
    """A text without the brackets of our marks and without private characters: one for one, so that spans stay."""
    if text.isascii():
        return text
    return _PRIVATE.sub("\N{REPLACEMENT CHARACTER}", text.translate(_BRACKETS))


__all__ = ["MARK", "RTL", "Format", "Found", "Index", "Protected", "Stretch", "defused", "isolate", "protect"]
