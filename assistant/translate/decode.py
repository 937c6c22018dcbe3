"""One hop: decode, check, and try again what failed, a rung at a time.

A bad output is decoded once more with guards. A good one that lost a fixed stretch climbs on: the other hypotheses of a beam,
a second pass that begins with the answer up to the stretch's place and the stretch itself, at last an edit.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from assistant.events import Flag
from assistant.translate import check
from assistant.translate.fixed import Rung, Won, Worded, begun, mend, unmarked, win
from assistant.translate.request import Decoded, Request
from assistant.translate.routes import Hop

BEAM = 4
"""Hypotheses that the second rung chooses from."""
FEW = 6
"""Letters beside the stretches (の, of, dari) that may come to nothing in an answer."""
PASSES = 2
"""Stretches that are put in by a second pass, a pass each."""

Asking = Generator[list[Request], Sequence[Decoded], "list[Answer | Failed]"]


@dataclass(frozen=True, slots=True)
class Sent:
    """A sentence on its way to a model."""

    request: Request
    worded: Worded


@dataclass(frozen=True, slots=True)
class Answer:
    """A good answer, with its fixed stretches as marks."""

    text: str
    won: Mapping[str, Rung] = field(default_factory=dict)
    plains: Mapping[str, str] = field(default_factory=dict)
    """What the words were that a mark took the place of."""


@dataclass(frozen=True, slots=True)
class Failed:
    """No good answer."""

    flag: Flag


@dataclass(slots=True)
class _Try:
    """The best so far for one sentence that lost something."""

    sent: Sent
    decoded: Decoded
    won: Won
    rungs: dict[str, Rung]

    def take(self, decoded: Decoded, won: Won, rung: Rung) -> None:
        """Go on with a better answer."""
        self.rungs = {key.mark: self.rungs.get(key.mark, rung) for key in self.sent.worded.keys if key.mark not in won.lost}
        self.decoded, self.won = decoded, won


def decode(sent: Sequence[Sent], hop: Hop, *, quick: bool = False) -> Asking:
    """The answers in order; with `quick` (a partial, which is gone in a moment) nothing is decoded twice for a stretch's sake."""
    if not sent:
        return []
    requests = [item.request for item in sent]
    decoded = list((yield requests))
    flags = [_fault(item, hop, answer) for item, answer in zip(sent, decoded, strict=True)]
    if again := [index for index, flag in enumerate(flags) if flag]:
        retries = [replace(requests[index], guarded=True, shown="") for index in again]
        for index, answer in zip(again, (yield retries), strict=True):
            decoded[index], flags[index] = answer, _fault(sent[index], hop, answer)
    answers: list[Answer | Failed] = []
    tries: dict[int, _Try] = {}
    for index, (item, answer, flag) in enumerate(zip(sent, decoded, flags, strict=True)):
        if flag:
            answers.append(Failed(flag))
        elif not item.worded.keys:
            answers.append(Answer(unmarked(answer.text)))
        else:
            won = win(item.worded.keys, answer.text)
            rungs: dict[str, Rung] = {key.mark: "mask" if key.masked else "nbest" for key in item.worded.keys if key.mark not in won.lost}
            answers.append(Answer(won.text.strip(), rungs))
            if not won.clean:
                tries[index] = _Try(item, answer, won, rungs)
    if tries and not quick:
        yield from _climb(list(tries.values()), hop)
    for index, work in tries.items():
        text, replaced = mend(work.sent.worded, work.won, hop.target, work.decoded.attention, work.decoded.text)
        rungs = {key.mark: work.rungs.get(key.mark, "edit") for key in work.sent.worded.keys}
        answers[index] = Answer(text, rungs, replaced)
    return answers


def _climb(tries: list[_Try], hop: Hop) -> Generator[list[Request], Sequence[Decoded], None]:
    """The rungs that decode again: the other hypotheses, then second passes."""
    requests = [replace(work.sent.request, nbest=BEAM, shown="", guarded=False) for work in tries]
    for work, answer in zip(tries, (yield requests), strict=True):
        for text in (answer.text, *answer.others):
            won = win(work.sent.worded.keys, text)
            if won.clean and not _fault(work.sent, hop, Decoded(text)):
                work.take(Decoded(text), won, "nbest")
                break
        else:
            won = win(work.sent.worded.keys, answer.text)
            if not _fault(work.sent, hop, answer) and len(won.lost) <= len(work.won.lost):
                work.take(answer, won, "nbest")
    for _ in range(PASSES):
        prefixes = [(work, begun(work.sent.worded, work.won, work.decoded.text, work.decoded.attention)) for work in tries if work.won.lost]
        if not (wanted := [(work, prefix) for work, prefix in prefixes if prefix]):
            return
        requests = [replace(work.sent.request, prefix=prefix, shown="") for work, prefix in wanted]
        for (work, _prefix), answer in zip(wanted, (yield requests), strict=True):
            won = win(work.sent.worded.keys, answer.text)
            if len(won.lost) < len(work.won.lost) and not _fault(work.sent, hop, answer):
                work.take(answer, won, "prefix")


def _fault(sent: Sent, hop: Hop, decoded: Decoded) -> Flag | None:
    flag = check.fault(sent.request.text, hop.source, hop.target, decoded)
    if flag == "untranslated" and sent.worded.keys and win(sent.worded.keys, decoded.text).clean:
        rest = sent.worded.text
        for key in sent.worded.keys:
            rest = rest.replace(key.sent, "")
        if sum(map(str.isalpha, rest)) <= FEW:
            return None
    return flag
