"""Before the model: what must survive translation is taken out and marked.

Glossary terms, numbers and codes will be marked here (and put back by `restore`); until the glossary exists the text passes
unchanged and no term is reported.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Protected:
    """A text ready for the model; `restore` needs the same object back."""

    text: str


def protect(text: str) -> Protected:
    """Mark what must survive; today nothing is marked."""
    return Protected(text)
