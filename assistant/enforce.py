"""Translates so that terms and values hold: memory → protect → translate → restore, each step verified, as one generator.

First an approved sentence of the memory, else the ladder (`assistant.ladder`). In the end every wanted word stands as often as it
was said, none of `avoid` does, no mark is left; what fails all the same is flagged `term_lost` and told in `terms`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import regex

from assistant.events import TermUse
from assistant.ladder import Ladder
from assistant.protect import RTL, Format, Protected, isolate, protect
from assistant.protect.affixes import read_affixes
from assistant.protect.matching import Index
from assistant.protect.terms import Term
from assistant.translate import Steps, Translation, translate
from assistant.translate.routes import Routes


class Hit(Protocol):
    """What a translation memory answers."""

    @property
    def text(self) -> str: ...


class Layers(Protocol):
    """The glossaries in force (`assistant.glossary.Glossaries`)."""

    @property
    def version(self) -> int: ...

    def layers(self, market: str | None) -> Sequence[Sequence[Term]]: ...


Lookup = Callable[[str, str, str], Hit | None]
"""Text, source and target language to an approved translation."""

Forms = Callable[[str | None, str], Format | None]
"""Market and language to how values are written there; None: as typed."""


@dataclass(frozen=True, slots=True)
class Own:
    """Terms for one call, such as a `glossary` field: layers of their own and nothing else."""

    terms: Sequence[Sequence[Term]] = ()
    version: int = 0

    def layers(self, market: str | None) -> Sequence[Sequence[Term]]:
        """The same for every market."""
        return self.terms


class Enforcer:
    """Translates with the glossaries of one room, or of the command line. Keeps an index per market and language."""

    def __init__(
        self, routes: Routes, glossaries: Layers, memory: Lookup | None = None, forms: Forms = lambda market, lang: None
    ) -> None:
        self.routes, self._glossaries, self._memory, self._forms = routes, glossaries, memory, forms
        self._affixes = read_affixes()
        self._indexes: dict[tuple[str | None, str], tuple[int, Index]] = {}

    @property
    def version(self) -> int:
        """Rises when equal questions may have other answers."""
        return self._glossaries.version

    def remembers(self, text: str, source: str, target: str) -> bool:
        """Whether the translation memory answers, which learns while the room runs."""
        return self._memory is not None and self._memory(text, source, target) is not None

    def translate(
        self, text: str, source: str, target: str, market: str | None = None, *, spoken: bool = False, shown: Sequence[str] = (), partial: bool = False
    ) -> Steps:
        """The steps of one translation, as `translate.translate`'s. `spoken`: by the host, so mishearings are put right first."""
        if source == target:
            return (yield from translate(text, source, target, self.routes, shown=shown, partial=partial))
        index = self._index(market, source)
        heard = index.heard(text) if spoken else text
        ready = protect(heard, source, target, index, self._forms(market, target))
        if not partial and self._memory is not None and (hit := self._memory(heard, source, target)) is not None:
            return Translation(hit.text, route=("memory",), sentences=(hit.text,), done=1, terms=self._remembered(hit.text, ready))
        if ready.stretches:
            result = yield from Ladder(ready, source, target, self.routes, self._affixes).climb(shown, partial)
        else:
            result = yield from translate(ready.text, source, target, self.routes, shown=shown, partial=partial)
        return _isolated(result, target, ready)

    def _index(self, market: str | None, source: str) -> Index:
        version = self._glossaries.version
        known = self._indexes.get((market, source))
        if known is None or known[0] != version:
            known = version, Index(self._glossaries.layers(market), source, self._affixes)
            self._indexes[market, source] = known
        return known[1]

    def _remembered(self, text: str, ready: Protected) -> tuple[TermUse, ...]:
        """The terms of a sentence that somebody approved: those that stand in it; another wording was approved as well."""
        return tuple(
            TermUse(source=item.term.source, target=item.target, kept=True, by="memory")
            for item in ready.stretches
            if item.term is not None and item.target in text
        )


def _isolated(result: Translation, target: str, ready: Protected) -> Translation:
    """The translation with numbers and Latin names in reading order; each kept word and link is isolated whole."""
    if target not in RTL:
        return result
    kept = [word for word in (*(item.target for item in ready.stretches), *ready.outside) if isolate(f"ا {word}", target) != f"ا {word}"]
    either = regex.compile("|".join(regex.escape(word) for word in sorted(set(kept), key=len, reverse=True))) if kept else None

    def one(text: str) -> str:
        return isolate(either.sub(lambda match: f"\u2068{match[0]}\u2069", text) if either else text, target)

    return replace(result, text=one(result.text), sentences=tuple(one(sentence) for sentence in result.sentences))
