"""Translates one text along a route: gate, split, decode hop by hop, check, retry, put together.

`translate` is a generator so that it stays pure: it yields the requests it wants decoded and is sent the answers. The room
drives it through the scheduler, the command line and replay straight with engines (`run`).
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field

from assistant.events import Flag, TermUse
from assistant.translate.decode import Failed, Sent, decode
from assistant.translate.fixed import Fixed, Rung, answered, word
from assistant.translate.gate import gate, words
from assistant.translate.request import Decoded, Request
from assistant.translate.routes import Routes
from assistant.translate.sentences import Sentence, join, split

Steps = Generator[list[Request], Sequence[Decoded], "Translation"]


@dataclass(frozen=True, slots=True)
class Translation:
    """A translated text; with a flag `untranslated` (alone or beside the reason) `text` holds source text."""

    text: str
    flags: tuple[Flag, ...] = ()
    route: tuple[str, ...] = ()
    sentences: tuple[str, ...] = ()
    """The translated sentences in order."""
    done: int = 0
    """How many of them come from sentences that were finished in the source."""
    terms: tuple[TermUse, ...] = ()
    """How each glossary term fared; `enforce` fills it in."""
    decoded: tuple[str, ...] = ()
    """The sentences as the models gave them, marks and all: what the next partial of the same segment is biased to."""
    sources: tuple[str, ...] = ()
    """The sentences that were translated."""
    failed: Mapping[int, Flag] = field(default_factory=dict)
    """Which of them no model translated, and why; they stand in `sentences` as they were."""
    won: Mapping[str, Rung] = field(default_factory=dict)
    """Mark to the means by which it came through, for every `fixed` stretch of a sentence that did not fail."""
    head: str = ""
    tail: str = ""
    """What stands round the sentences."""

    def whole(self, sentences: Sequence[str], target: str) -> str:
        """The text with other words for its sentences."""
        return self.head + join(list(sentences), target) + self.tail


def translate(
    text: str, source: str, target: str, routes: Routes, *, shown: Sequence[str] = (), partial: bool = False,
    fixed: Sequence[Fixed] = (), suppress: Sequence[str] = (), masked: bool = True,
) -> Steps:
    """Translate `text`; raises `NoRoute` on the first step when there is no path.

    With `partial`, the last unfinished sentence is decoded with a bias to the sentence at its place in `shown` (the previous
    revision's `decoded`); finished sentences are decoded exactly as in a final, so that they do not change any more.

    `fixed` are the stretches that stand in `text` as marks; each is in the translation exactly once, again as its mark.
    `suppress` are words that the last model must not say. Without `masked` the models read the plain words of the stretches.
    """
    parts = gate(text)
    if source == target:  # the host's own words: unfinished ones are no more finished for needing no translation
        own = split(text, source)
        return Translation(text, sentences=tuple(sentence.text for sentence in own), done=sum(sentence.done for sentence in own))
    if not parts.core:
        return Translation(text, sentences=(text,), done=int(not partial))
    route = routes.find(source, target)
    sentences = split(parts.core, source)
    texts: list[str] = [sentence.text for sentence in sentences]
    stretches = {item.mark: item for item in fixed}
    plains: dict[str, str] = {}
    won: dict[str, Rung] = {}
    bare = frozenset(index for index, sentence in enumerate(sentences) if fixed and not words(sentence.text))
    failed: dict[int, Flag] = {}
    for hop in route.hops:
        live = [index for index in range(len(texts)) if index not in failed and index not in bare]
        last = hop is route.hops[-1]
        asked: list[Sent] = []
        for index in live:
            worded = word(texts[index], stretches, plains, hop.marks if masked else (), last)
            bias = answered(worded.keys, _bias(index, sentences, shown, partial and last))
            refused = tuple(suppress) if last else ()
            asked.append(Sent(Request(hop.model, worded.text, hop.source, hop.target, shown=bias, suppress=refused), worded))
        for index, answer in zip(live, (yield from decode(asked, hop, quick=partial)), strict=True):
            if isinstance(answer, Failed):
                failed[index] = answer.flag
                texts[index] = sentences[index].text
            else:
                texts[index] = answer.text
                plains |= answer.plains
                won |= {mark: _worse(won.get(mark), rung) for mark, rung in answer.won.items()}
    kept: list[Flag] = list(dict.fromkeys(failed.values()))
    if kept and "untranslated" not in kept:
        kept.append("untranslated")
    return Translation(
        text=parts.head + join(texts, target) + parts.tail,
        flags=tuple(kept),
        route=tuple(route.explain()),
        sentences=tuple(texts),
        done=sum(sentence.done for sentence in sentences),
        decoded=tuple(texts),
        sources=tuple(sentence.text for sentence in sentences),
        failed=failed,
        won=won,
        head=parts.head,
        tail=parts.tail,
    )


def run(steps: Steps, decode: Callable[[list[Request]], Sequence[Decoded]]) -> Translation:
    """Drive `translate` with a blocking decoder."""
    try:
        requests = next(steps)
        while True:
            requests = steps.send(decode(requests))
    except StopIteration as stop:
        return stop.value


_ORDER: tuple[Rung, ...] = ("whole", "mask", "nbest", "prefix", "edit")


def _worse(left: Rung | None, right: Rung) -> Rung:
    """Of two hops' means the one that took more."""
    return right if left is None else max(left, right, key=_ORDER.index)


def _bias(index: int, sentences: Sequence[Sentence], shown: Sequence[str], wanted: bool) -> str:
    return shown[index] if wanted and index < len(shown) and not sentences[index].done else ""
