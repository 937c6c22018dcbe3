"""One glossary term, as its row in a glossary file says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Match = Literal["word", "exact", "prefix"]


@dataclass(frozen=True, slots=True)
class Term:
    """A row: one term in every language it has."""

    cells: Mapping[str, str]
    """Language (BCP 47) to the term; a language that is absent means 'any translation'."""
    match: Match = "word"
    avoid: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Language to words that must not appear in a translation where this term stood."""
    heard: tuple[str, ...] = ()
    """What speech recognition makes of the host-language cell; corrected before translation."""
    sku: str = ""
    category: str = ""
    note: str = ""
    origin: str = ""
    """`file:line`, for messages."""
