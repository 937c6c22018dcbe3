"""What the translate stage asks of a model and what it gets back."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Request:
    """One sentence for one model. Equal requests have equal answers, so a request is also its cache key."""

    model: str
    """Name of the installed model (its folder's name)."""
    text: str
    """One sentence, without emoji or URLs at its ends, never empty."""
    source: str
    target: str
    """Languages (BCP 47, first-class codes as in the contract)."""
    shown: str = ""
    """What a partial subtitle already shows: decoding keeps to it while the source allows (biased decoding)."""
    guarded: bool = False
    """The one retry after a bad output: decode with repetition penalties and a beam."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """A model's answer."""

    text: str
    """Plain text, special tokens removed."""
    cut: bool = False
    """The length limit ended it, not the model."""
