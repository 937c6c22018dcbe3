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
    nbest: int = 0
    """More than 0: search with a beam of this width and answer with every hypothesis, and with the attention of the best."""
    prefix: str = ""
    """What the answer must begin with, letter for letter (the second pass of two-pass decoding)."""
    suppress: tuple[str, ...] = ()
    """Words the answer must not hold."""

    @property
    def again(self) -> bool:
        """Whether this is a second try of some kind, decoded with options of its own."""
        return self.guarded or self.nbest > 0 or bool(self.prefix) or bool(self.suppress)


@dataclass(frozen=True, slots=True)
class Attention:
    """Where a model looked: how much each piece of the answer owes to each piece of the source."""

    source: tuple[int, ...]
    """Where each source piece begins in the request's text (code points), -1 for what is not of the text (target token, end)."""
    target: tuple[int, ...]
    """Where each piece of the answer begins in its text."""
    weights: tuple[tuple[float, ...], ...]
    """(pieces of the answer, pieces of the source), 0 to 1."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """A model's answer."""

    text: str
    """Plain text, special tokens removed."""
    cut: bool = False
    """The length limit ended it, not the model."""
    others: tuple[str, ...] = ()
    """The further hypotheses of an `nbest` request, the likelier first."""
    attention: Attention | None = None
    """Of `text`, where `nbest` asked for it and the engine can tell."""
