"""What the benchmarks send: viewers' comments and host lines of the shipped live-room corpus."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass

from assistant.detect import Detector
from assistant.shipped import shipped
from assistant.translate.gate import gate
from assistant.translate.sentences import split

HOST = "zh"
LANGUAGES = ("ar", "ja", "id", "th", "vi", "ms", "en")
"""The viewers' languages, in the order comments take turns."""


@dataclass(frozen=True, slots=True)
class Said:
    """A text and the language the service will find it in."""

    text: str
    lang: str


def host_lines(count: int) -> list[str]:
    """Distinct Chinese host lines of one sentence, in a fixed order."""
    lines = dict.fromkeys(row[HOST] for kind, row in _rows() if kind == "host")
    return list(itertools.islice(_varied([line for line in lines if len(split(line, HOST)) == 1]), count))


def comments(count: int) -> list[Said]:
    """Distinct comments that get translated: the detector is sure of them. Beyond the corpus, numbers make them distinct."""
    detector = Detector()
    found: list[Said] = []
    for _, row in _rows():
        for lang in LANGUAGES:
            text = row[lang]
            detected = detector.detect(text, priors=LANGUAGES)
            sure = detected.lang == lang and not detected.romanised and detected.confidence >= 0.5
            # Of one sentence: sentences are what is cached, and one that comes again would not be translated again.
            if sure and len(text) < 60 and len(split(gate(text).core, lang)) == 1:
                found.append(Said(text, lang))
        if len(found) >= count:
            break
    random.Random(1).shuffle(found)
    kept = {gate(said.text).core: said for said in found}  # what a model sees: emoji do not make a text distinct
    langs = {said.text: said.lang for said in kept.values()}
    texts = itertools.islice(_varied(list(langs)), count)
    return [Said(text, langs[text] if text in langs else langs[text.partition(" ")[2]]) for text in texts]


def zipf(count: int, texts: int, exponent: float, seed: int = 1) -> list[int]:
    """Which of `texts` texts each of `count` comments repeats: the k-th most frequent has weight k^-exponent."""
    weights = [(rank + 1) ** -exponent for rank in range(texts)]
    return random.Random(seed).choices(range(texts), weights, k=count)


def _varied(texts: list[str]) -> Iterator[str]:
    """The texts, then the same behind a number, without end."""
    for turn in itertools.count():
        for text in texts:
            yield f"{turn + 1} {text}" if turn else text


def _rows() -> Iterator[tuple[str, dict[str, str]]]:
    """(kind, text per language) of the corpus rows without slots to fill, comments first."""
    kept: list[tuple[str, dict[str, str]]] = []
    for file in sorted((shipped("models") / "corpus").glob("*.tsv")):
        lines = [line for line in file.read_text(encoding="utf-8").split("\n") if line and not line.startswith("#")]
        names = lines[0].split("\t")
        if names[0] != "kind":
            continue
        for line in lines[1:]:
            row = dict(zip(names, line.split("\t"), strict=True))
            if row["kind"] in ("comment", "host") and "{" not in line:
                kept.append((row["kind"], row))
    yield from sorted(kept, key=lambda item: item[0] != "comment")
