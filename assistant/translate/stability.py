"""What a partial subtitle shows, per stability mode, so that lines do not flicker.

`fast` shows every re-translation as it comes. `balanced` shows only what two successive translations agree on, less a few
held-back tail units, never takes anything back, and lets a line stand for a moment before it grows. `reading` shows
finished sentences only. Finals pass untouched, the same in every mode. End punctuation that the model invents for an
unfinished sentence is never shown.

Erasure is measured as in re-translation research (Arivazhagan et al. 2020, "normalized erasure"): units that were shown and
then taken back, divided by the units of the final text; the step from the last partial to the final counts.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import regex

from assistant.events import Stability
from assistant.translate.sentences import UNSPACED, join

HOLD_BACK = 3
"""Words `balanced` keeps back at the end of what is agreed."""
HOLD_BACK_CHARACTERS = 6
"""The same in scripts without spaces."""
MINIMUM_SHOWN_MS = 600
"""How long `balanced` lets a line stand before it grows."""

_END = regex.compile(r"[\s。！？!?.…，、,؟؛;:：]+$")
_WORD = regex.compile(r"\S+\s*")


@dataclass(slots=True)
class Shown:
    """What one segment shows in one language and mode."""

    text: str = ""
    at: int = -(10**12)
    previous: list[str] = field(default_factory=list)
    """Units of the last translation, for `balanced` to compare with."""


def units(text: str, lang: str) -> list[str]:
    """Characters in scripts without spaces, words (with the space after them) elsewhere."""
    return list(text) if lang in UNSPACED else _WORD.findall(text)


def offer(shown: Shown, mode: Stability, sentences: tuple[str, ...], done: int, lang: str, now: int) -> str | None:
    """The text to show now, or None when nothing changes.

    `sentences` are the translated sentences so far, the first `done` of which are finished in the source; `now` is epoch
    milliseconds. Changes `shown`.
    """
    finished = join(list(sentences[:done]), lang)
    if mode == "reading":
        text = finished
    elif mode == "fast":
        text = join([finished, without_end(join(list(sentences[done:]), lang))], lang)
    else:
        text = _agreed(shown, sentences, done, finished, lang)
        if not text.startswith(shown.text) or now - shown.at < MINIMUM_SHOWN_MS:
            return None
    if not text or text == shown.text:
        return None
    shown.text, shown.at = text, now
    return text


def without_end(text: str) -> str:
    """The text less its end punctuation."""
    return _END.sub("", text)


def erased(before: str, after: str, lang: str) -> int:
    """Units of `before` that `after` takes back (those behind the common beginning)."""
    return len(units(before, lang)) - _common(units(before, lang), units(after, lang))


def _agreed(shown: Shown, sentences: tuple[str, ...], done: int, finished: str, lang: str) -> str:
    """What this translation and the one before agree on, less the held-back tail; finished sentences always count whole."""
    now = units(without_end(join(list(sentences), lang)), lang)
    agreed = _common(shown.previous, now)
    shown.previous = now
    keep = agreed - (HOLD_BACK_CHARACTERS if lang in UNSPACED else HOLD_BACK)
    sure = without_end("".join(now[: max(0, keep)]))
    return sure if len(sure) > len(finished) else finished


def _common(left: list[str], right: list[str]) -> int:
    count = 0
    for one, other in zip(left, right, strict=False):
        if one.strip() != other.strip():
            break
        count += 1
    return count
