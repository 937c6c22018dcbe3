"""Translates one text along a route: gate, split, decode hop by hop, check, retry once, put together.

`translate` is a generator so that it stays pure: it yields the requests it wants decoded and is sent the answers. The room
drives it through the scheduler, the command line and replay straight with engines (`run`).
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, replace

from assistant.events import Flag
from assistant.translate import check
from assistant.translate.gate import gate
from assistant.translate.request import Decoded, Request
from assistant.translate.routes import Hop, Routes
from assistant.translate.sentences import Sentence, join, split

Steps = Generator[list[Request], Sequence[Decoded], "Translation"]


@dataclass(frozen=True, slots=True)
class Translation:
    """A translated text; with a flag `untranslated` (alone or beside the reason) `text` holds source text."""

    text: str
    flags: tuple[Flag, ...] = ()
    route: tuple[str, ...] = ()
    sentences: tuple[str, ...] = ()
    """The translated sentences in order: what the next partial of the same segment is biased to."""
    done: int = 0
    """How many of them come from sentences that were finished in the source."""


def translate(text: str, source: str, target: str, routes: Routes, *, shown: Sequence[str] = (), partial: bool = False) -> Steps:
    """Translate `text`; raises `NoRoute` on the first step when there is no path.

    With `partial`, the last unfinished sentence is decoded with a bias to the sentence at its place in `shown` (the previous
    revision's `sentences`); finished sentences are decoded exactly as in a final, so that they do not change any more.
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
    flags: dict[int, Flag] = {}
    for hop in route.hops:
        live = [index for index in range(len(texts)) if index not in flags]
        last_hop = hop is route.hops[-1]
        requests = [
            Request(hop.model, texts[index], hop.source, hop.target, shown=_bias(index, sentences, shown, partial and last_hop))
            for index in live
        ]
        for index, answer in zip(live, (yield from _decode(requests, hop)), strict=True):
            if isinstance(answer, str):
                texts[index] = answer
            else:
                flags[index] = answer.flag
                texts[index] = sentences[index].text
    kept: list[Flag] = list(dict.fromkeys(flags.values()))
    if kept and "untranslated" not in kept:
        kept.append("untranslated")
    return Translation(
        text=parts.head + join(texts, target) + parts.tail,
        flags=tuple(kept),
        route=tuple(route.explain()),
        sentences=tuple(texts),
        done=sum(sentence.done for sentence in sentences),
    )


def run(steps: Steps, decode: Callable[[list[Request]], Sequence[Decoded]]) -> Translation:
    """Drive `translate` with a blocking decoder."""
    try:
        requests = next(steps)
        while True:
            requests = steps.send(decode(requests))
    except StopIteration as stop:
        return stop.value


@dataclass(frozen=True, slots=True)
class _Failed:
    flag: Flag


def _bias(index: int, sentences: Sequence[Sentence], shown: Sequence[str], wanted: bool) -> str:
    return shown[index] if wanted and index < len(shown) and not sentences[index].done else ""


def _decode(requests: list[Request], hop: Hop) -> Generator[list[Request], Sequence[Decoded], list[str | _Failed]]:
    """Decode and check; what fails is tried once more with guards and without bias."""
    answers: list[str | _Failed] = []
    again: list[int] = []
    if not requests:
        return answers
    for index, (request, decoded) in enumerate(zip(requests, (yield requests), strict=True)):
        bad = check.fault(request.text, hop.source, hop.target, decoded)
        answers.append(_Failed(bad) if bad else decoded.text.strip())
        if bad:
            again.append(index)
    if again:
        retries = [replace(requests[index], guarded=True, shown="") for index in again]
        for index, request, decoded in zip(again, retries, (yield retries), strict=True):
            bad = check.fault(request.text, hop.source, hop.target, decoded)
            answers[index] = _Failed(bad) if bad else decoded.text.strip()
    return answers
