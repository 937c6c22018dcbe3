"""Proposes mishearings: what speech recognition wrote where moderators put a glossary's term.

A moderator who corrects a line also rewords it, so a proposal must lie where the term now stands and sound like it: Chinese
is compared by pinyin without tones, with the finals and initials that recognisers (and southern speakers) confuse made
equal; other languages by their letters. Proposals are for a person to review.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path

import regex

from assistant.errors import InputFileError
from assistant.glossary.check import fold, too_short
from assistant.ingest import language
from assistant.protect.terms import Term
from assistant.record import Record
from assistant.record.schema import FILE

LIKE = 0.7
"""Likeness from which a replaced piece counts as the same sound; 1 is equal. 精滑液 is 1.0 like 精华液, 精油 0.62."""
MOST = 100_000
"""Corrections looked at, the newest."""
LONGEST = 500
"""Characters of a line that are compared."""
EXAMPLES = 80
"""Characters of an example that are kept."""

_HAN = regex.compile(r"\p{Han}")
_WORD = regex.compile(r"\w")
_ALIKE = ((r"zh", "z"), (r"ch", "c"), (r"sh", "s"), (r"ng\b", "n"), (r"\bl", "n"), (r"\bhu", "f"))


@dataclass(frozen=True, slots=True)
class Proposal:
    """A mishearing to review."""

    term: Term
    right: str
    """The term as its cell says."""
    heard: str
    times: int
    """Corrections that repaired it."""
    likeness: float
    example: str
    """A line as it was recognised."""


async def repaired(data: Path, room: str, host: str) -> list[tuple[str, str]]:
    """What the host was heard to say and what moderators made of it, oldest first. Raises `InputFileError`."""
    if not (data / FILE).is_file():
        raise InputFileError(str(data), 0, "holds no record; give the folder that serve was given with --data")
    record = Record(data)
    try:
        if room not in record.rooms():
            raise InputFileError(str(data), 0, f"has no events of room {room}; there are {', '.join(record.rooms()) or 'none'}")
        found: list[tuple[str, str]] = []
        for correction, event in await record.corrections(room, MOST):
            right, said = json.loads(correction.body), json.loads(event.body)
            if event.type == "subtitle":
                said = said["source"]
            if event.type in ("speech", "subtitle") and language(right["lang"]) == language(said.get("lang") or host) == host:
                found.append((said["text"], right["text"]))
        return found
    finally:
        await record.close()


def proposals(corrections: Iterable[tuple[str, str]], terms: Sequence[Term], host: str) -> list[Proposal]:
    """Mishearings in pairs of (heard, corrected) lines, the most frequent first; none that is known, a term or too short."""
    cells = {fold(term.cells[host]): term for term in reversed(terms) if host in term.cells}
    known = {fold(word) for term in terms for word in term.heard} | set(cells)
    times: Counter[tuple[str, str]] = Counter()
    best: dict[tuple[str, str], tuple[float, str]] = {}
    for old, new in corrections:
        heard, right = fold(old[:LONGEST]), fold(new[:LONGEST])
        if heard == right:
            continue
        for cell in cells:
            if right.count(cell) <= heard.count(cell) or not _whole(right, right.find(cell), cell):
                continue
            piece, likeness = _in_place(heard, right, cell)
            if likeness >= LIKE and piece not in known and not too_short(piece):
                times[cell, piece] += 1
                best.setdefault((cell, piece), (likeness, old[:EXAMPLES]))
    found = [Proposal(cells[cell], cells[cell].cells[host], piece, count, *best[cell, piece]) for (cell, piece), count in times.items()]
    return sorted(found, key=lambda each: (-each.times, -each.likeness, each.right))


def likeness(one: str, other: str) -> float:
    """How alike two pieces sound, 0 to 1."""
    return SequenceMatcher(None, _sound(one), _sound(other), autojunk=False).ratio()


def _in_place(old: str, new: str, cell: str) -> tuple[str, float]:
    """What stood in `old` where `new` has the term, and how alike it sounds; the best cut of the changed place."""
    start = new.find(cell)
    end = start + len(cell)
    low, high = len(old), 0
    for _, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if j2 > start and j1 < end:  # an equal run gives its part of the term, a changed one all it has
            same = i2 - i1 == j2 - j1
            low = min(low, i1 + max(0, start - j1) if same else i1)
            high = max(high, i2 - max(0, j2 - end) if same else i2)
    longest = 2 * len(cell) + 2
    choices = [
        (likeness(old[i:j], cell), old[i:j])
        for i in range(low, min(high, low + longest))
        for j in range(i + 1, min(high, i + longest) + 1)
        if _whole(old, i, old[i:j])
    ]
    score, piece = max(choices, default=(0.0, ""), key=lambda choice: (choice[0], -abs(len(choice[1]) - len(cell))))
    return piece.strip(), score


def _whole(text: str, at: int, piece: str) -> bool:
    """Whether a piece begins and ends at words, in scripts that have spaces."""
    if not piece or piece != piece.strip() or _HAN.search(piece) or not piece.isascii():
        return bool(piece) and piece == piece.strip()
    before, after = text[at - 1 : at] if at else "", text[at + len(piece) : at + len(piece) + 1]
    return not (_WORD.match(before) or _WORD.match(after))


def _sound(text: str) -> str:
    """A text as it sounds, roughly."""
    if not _HAN.search(text):
        return text
    from pypinyin import lazy_pinyin

    syllables = lazy_pinyin(text)
    for pattern, plain in _ALIKE:
        syllables = [regex.sub(pattern, plain, syllable) for syllable in syllables]
    return " ".join(syllables)
