"""Keeps numbers and Latin names in reading order inside right-to-left text (UAX #9 isolates).

Wrapped in FSI … PDI are: words in Latin letters with what belongs to them (iPhone 15 Pro, @name, SAVE20, 500ml), and
numbers with neutral characters inside that would be turned round (5–8, 20:30, +966 50 123, 8/2). A bare number needs none.
"""

from __future__ import annotations

import regex

RTL = frozenset({"ar", "he", "fa", "ur"})
FSI, PDI = "\u2068", "\u2069"

_CORE = r"[\p{Latin}\p{Nd}]"
_WORD = rf"[@#+$€£¥₫฿₱]?{_CORE}(?:[\p{{Latin}}\p{{M}}\p{{Nd}}]|[._:/@&%+$€£¥₫฿'’×,–—~=?-]{{1,3}}(?={_CORE})){{0,200}}[%+$€£¥₫฿]?"
_RUN = regex.compile(rf"[\u2066-\u2068][^\u2066-\u2069]{{0,400}}\u2069|{_WORD}(?:[ \u00a0]{_WORD}){{0,7}}")
_NEEDED = regex.compile(r"\p{Latin}|\p{Nd}[^\p{Nd}.,]+\p{Nd}|[@#+$€£¥₫฿]\p{Nd}")
_RTL_CHAR = regex.compile(r"[\p{Arabic}\p{Hebrew}]")


def isolate(text: str, lang: str) -> str:
    """The text with isolates where a right-to-left language needs them; unchanged in others. Doing it twice changes nothing."""
    if lang not in RTL or not _RTL_CHAR.search(text):
        return text
    return _RUN.sub(_wrap, text)


def _wrap(match: regex.Match[str]) -> str:
    run = match[0]
    if run[0] in "\u2066\u2067\u2068" or not _NEEDED.search(run):
        return run
    return f"{FSI}{run}{PDI}"
