"""Placeholder marks ⟦0⟧ … ⟦15⟧: spans that both sides share are masked, so that a mark is always learnt to be copied."""

from __future__ import annotations

import random
import re
from collections import Counter

MARK_COUNT = 16
MARKS = tuple(f"⟦{index}⟧" for index in range(MARK_COUNT))
MARK = re.compile(r"⟦\d{1,2}⟧")
_SPAN = re.compile(
    r"https?://[^\s<>]+|@\w+|(?<![A-Za-z0-9])[A-Za-z][A-Za-z0-9_-]*[A-Za-z0-9](?![A-Za-z0-9])"
    r"|(?<![\d.,:])\d+(?:[.,:/-]\d+)*%?(?![\d%])"
)
_LATIN = frozenset({"en", "id", "vi", "ms"})


def draw(count: int, rng: random.Random) -> list[str]:
    """`count` different marks in ascending order; often ⟦0⟧ ⟦1⟧ …, as masking programs number them."""
    if rng.random() < 0.35:
        return list(MARKS[:count])
    return [MARKS[index] for index in sorted(rng.sample(range(MARK_COUNT), count))]


def _shared_spans(source: str, target: str, both_latin: bool) -> list[str]:
    """Numbers, Latin words, codes and addresses that stand exactly once on each side, in source order."""
    found = [match for match in _SPAN.finditer(source)]
    counts = Counter(match[0] for match in found)
    on_target = Counter(_SPAN.findall(target))
    spans = []
    for match in found:
        text = match[0]
        if counts[text] != 1 or on_target[text] != 1:
            continue
        plain_word = text.isalpha() and (text.islower() or match.start() == 0)
        if not (both_latin and plain_word):
            spans.append(text)
    return spans


def mask(source: str, target: str, languages: tuple[str, str], rng: random.Random, chance: float) -> tuple[str, str]:
    """Each shared span becomes a mark on both sides with probability `chance`; text with marks is left alone."""
    if MARK.search(source):
        return source, target
    spans = _shared_spans(source, target, languages[0] in _LATIN and languages[1] in _LATIN)
    chosen = [span for span in spans if rng.random() < chance][:4]
    if not chosen:
        return source, target
    marks = dict(zip(chosen, draw(len(chosen), rng), strict=True))

    def masked(text: str) -> str:
        return _SPAN.sub(lambda match: marks.get(match[0], match[0]), text)

    return masked(source), masked(target)


def decorate(source: str, target: str, rng: random.Random) -> tuple[str, str]:
    """A copy drill: one to four fresh marks at the ends of both sides, sometimes adjacent."""
    used = set(MARK.findall(source))
    free = [mark for mark in MARKS if mark not in used]
    count = min(len(free), rng.choice((1, 1, 2, 2, 3, 4)))
    picked = [free[index] for index in sorted(rng.sample(range(len(free)), count))]
    cut = rng.randint(0, count)
    glue, space = rng.choice(("", " ")), rng.choice(("", " "))
    head, tail = glue.join(picked[:cut]), glue.join(picked[cut:])

    def dressed(text: str) -> str:
        return (head + space if head else "") + text + (space + tail if tail else "")

    return dressed(source), dressed(target)


def bare(rng: random.Random) -> str:
    """A text of marks alone, the same on both sides."""
    return rng.choice(("", " ")).join(draw(rng.choice((1, 1, 2, 3)), rng))
