"""Which languages a glossary's columns may be, and the scripts those languages are written in.

The list is the detector's own (`detect/languages.tsv`), so that a language the room can tell apart can have a column.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from assistant.detect.words import rows
from assistant.ingest import language

_TRADITIONAL = frozenset({"zh-hant", "zh-tw", "zh-hk", "zh-mo"})


@cache
def scripts() -> Mapping[str, frozenset[str]]:
    """Language to the names of its scripts (Unicode's, with `Kana` for both syllabaries)."""
    return {lang: frozenset(written.split()) for lang, _, written, *alias in rows("languages.tsv") if lang != "*" and not alias}


def column(name: str) -> str | None:
    """The language a column's header names (`zh-CN`, `ZH_hans`, `en-US` and `fil` are taken); None when it names none.

    Traditional Chinese is none: `zh` means Simplified, and one cell can't be both.
    """
    tag = name.strip().replace("_", "-").lower()
    if tag in _TRADITIONAL:
        return None
    lang = language(tag)
    return lang if lang in scripts() else None
