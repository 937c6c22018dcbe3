"""After the model: what `protect` took out is put back, and checked. Without marks the text passes unchanged."""

from __future__ import annotations

from assistant.events import TermUse


def restore(text: str) -> tuple[str, list[TermUse]]:
    """The finished text and how each term fared; no terms are marked yet."""
    return text, []
