"""The ladder for one text with protected stretches: translate with marks, verify, and climb on where something is missing.

A segment that is nothing but stretches needs no model. What `translate` gives back holds every mark once (by mask, another
hypothesis, a second pass or an edit). Here the words go in, and what must not stand there (an avoided word, a term once more
than it was said) is banned in another try, then taken out. A sentence that no model takes with marks is tried with plain words,
then piece by piece. The verdict is passed on the finished words themselves.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import regex

from assistant.events import Flag, TermUse
from assistant.protect import Protected, Stretch
from assistant.protect.affixes import Affixes
from assistant.protect.matching import standing
from assistant.restore import MARK, Fill, fill, punctuated, without
from assistant.translate import Steps, Translation, translate
from assistant.translate.fixed import Fixed
from assistant.translate.gate import words
from assistant.translate.request import Decoded, Request
from assistant.translate.routes import Routes

EDITS = 4
"""Words taken out of one sentence at most."""

_SPACES = regex.compile(r" {2,}")


@dataclass(slots=True)
class _Sentence:
    """A sentence on its way back."""

    source: str
    """With marks."""
    text: str
    """The translation, with marks; the source where `flag` says why there is none."""
    flag: Flag | None = None
    by: dict[str, str] = field(default_factory=dict)
    """Mark to the rung that won; a mark that is missing is lost."""
    final: str = ""


class Ladder:
    """One text with stretches on its way from `source` to `target`."""

    def __init__(self, ready: Protected, source: str, target: str, routes: Routes, affixes: Mapping[str, Affixes]) -> None:
        """`affixes` say what may touch a term, per language."""
        self._ready, self._source, self._target, self._routes, self._affixes = ready, source, target, routes, affixes
        self._stretches: dict[str, Stretch] = {item.mark: item for item in ready.stretches}
        own = affixes.get(target, Affixes())
        self._fills: dict[str, Fill] = {}
        self._fixed: list[Fixed] = []
        for item in ready.stretches:
            touching = (own.before | own.before_long, own.after | own.after_long) if item.term else (own.before, frozenset[str]())
            self._fills[item.mark] = Fill(item.target, *touching, apart=item.apart)
            self._fixed.append(Fixed(item.mark, item.plain, item.target, *touching))

    def climb(self, shown: Sequence[str], partial: bool) -> Steps:
        """Translate, then finish each sentence."""
        result = yield from self._translate(self._ready.text, shown=shown, partial=partial)
        if not result.sources:  # no word beside the marks: no model
            only = _Sentence(result.text, punctuated(result.text, self._target), by=dict.fromkeys(self._stretches, "whole"))
            self._fill(only)
            return replace(result, text=only.final, sentences=(only.final,), decoded=(only.text,), **self._verdict([only], []))
        sentences = [
            self._sentence(source, text, result.failed.get(index), result.won)
            for index, (source, text) in enumerate(zip(result.sources, result.sentences, strict=True))
        ]
        for sentence in sentences:
            if sentence.flag and not partial and MARK.search(sentence.source):
                yield from self._rescue(sentence)
            self._fill(sentence)
            if not sentence.flag and not partial:
                yield from self._purge(sentence)
        final = [sentence.final for sentence in sentences]
        return replace(
            result, text=self._outside(result, final), sentences=tuple(final), decoded=tuple(sentence.text for sentence in sentences),
            **self._verdict(sentences, [result.head, result.tail]),
        )

    def _translate(self, text: str, **options: object) -> Steps:
        return translate(text, self._source, self._target, self._routes, fixed=self._fixed, **options)  # type: ignore[arg-type]

    def _sentence(self, source: str, text: str, flag: Flag | None, won: Mapping[str, str]) -> _Sentence:
        marks = MARK.findall(source)
        if not flag and not words(source):
            return _Sentence(source, punctuated(text, self._target), None, dict.fromkeys(marks, "whole"))
        return _Sentence(source, text, flag, {} if flag else {mark: won[mark] for mark in marks if mark in won})

    def _rescue(self, sentence: _Sentence) -> Generator[list[Request], Sequence[Decoded], None]:
        """A sentence that no model took with marks: with plain words, then the pieces between the stretches each for itself."""
        again = yield from self._translate(sentence.source, masked=False)
        if not again.failed and again.sources:
            sentence.text, sentence.flag, sentence.by = again.text, None, dict(again.won)
            return
        marks, between = MARK.findall(sentence.source), MARK.split(sentence.source)
        out = list[str]()
        for piece in between:
            if not words(piece):
                out.append(punctuated(piece, self._target))
                continue
            part = yield from translate(piece.strip(" ，,、،"), self._source, self._target, self._routes)
            if part.failed or "untranslated" in part.flags:
                return
            out.append(part.text)
        gap = "" if self._target in ("zh", "ja") else " "
        text = out[0]
        for mark, piece in zip(marks, out[1:], strict=True):
            text = f"{text.rstrip(' .。')}{gap}{mark}{gap}{piece}".strip()
        sentence.text, sentence.flag, sentence.by = _SPACES.sub(" ", text), None, dict.fromkeys(marks, "edit")

    def _fill(self, sentence: _Sentence) -> None:
        if sentence.flag:
            sentence.final = MARK.sub(lambda match: self._stretches[match[0]].plain if match[0] in self._stretches else "", sentence.text)
        else:
            sentence.final = fill(sentence.text, self._fills, self._target).text

    def _purge(self, sentence: _Sentence) -> Generator[list[Request], Sequence[Decoded], None]:
        """No avoided and no doubled word stays: another try that may not say them, then they are taken out."""
        if not self._offending(sentence):
            return
        banned = list(dict.fromkeys(sentence.final[start:end] for start, end in self._offending(sentence)))
        again = yield from self._translate(sentence.source, suppress=tuple(banned))
        if not again.failed and again.sources:
            other = self._sentence(sentence.source, again.text, None, again.won)
            self._fill(other)
            if len(self._offending(other)) < len(self._offending(sentence)):
                sentence.text, sentence.final = other.text, other.final
                sentence.by = {mark: "suppress" if self._concerned(mark, banned) else by for mark, by in other.by.items()}
        for _ in range(EDITS):
            spans = self._offending(sentence)
            if not spans:
                return
            start, end = spans[-1]
            left = without(sentence.final, start, end, self._target)
            if not left or left == sentence.final:
                return
            gone, sentence.final = sentence.final[start:end], left
            sentence.by |= {mark: "edit" for mark in sentence.by if self._concerned(mark, [gone])}

    def _concerned(self, mark: str, banned: Sequence[str]) -> bool:
        term = self._stretches[mark].term
        return term is not None and any(word.casefold() in (term.target.casefold(), *(bad.casefold() for bad in term.avoid)) for word in banned)

    def _offending(self, sentence: _Sentence) -> list[tuple[int, int]]:
        """Where an avoided word stands, or a term once more than it was said, outside of what was filled in."""
        filled = fill(sentence.text, self._fills, self._target)
        terms = [item.term for mark in MARK.findall(sentence.source) if (item := self._stretches.get(mark)) and item.term]
        if not terms:
            return []
        bad = list(dict.fromkeys([term.target for term in terms] + [word for term in terms for word in term.avoid]))
        # In an edited sentence the wanted words are the first ones that stand.
        kept = list(filled.spans.values()) if filled.text == sentence.final else self._kept(sentence)
        return [span for span in standing(sentence.final, bad, self._target, self._affixes) if not any(a < span[1] and span[0] < b for a, b in kept)]

    def _kept(self, sentence: _Sentence) -> list[tuple[int, int]]:
        """Where the wanted words stand in an edited sentence, each as often as it was said."""
        text, found = sentence.final, list[tuple[int, int]]()
        for mark in sorted(MARK.findall(sentence.text), key=lambda mark: -len(self._fills[mark].text) if mark in self._fills else 0):
            wanted = self._fills[mark].text if mark in self._fills else ""
            at = text.find(wanted) if wanted else -1
            while at >= 0 and any(a < at + len(wanted) and at < b for a, b in found):
                at = text.find(wanted, at + 1)
            if at >= 0:
                found.append((at, at + len(wanted)))
        return found

    def _outside(self, result: Translation, sentences: Sequence[str]) -> str:
        """The whole text; a mark that stands before or behind the sentences (a mention) is what was typed."""
        text = result.whole(sentences, self._target)
        return fill(text, self._fills, self._target).text if MARK.search(text) else text

    def _verdict(self, sentences: Sequence[_Sentence], outside: Sequence[str]) -> dict[str, object]:
        """`terms` and `flags`: what stands in the final sentences, checked once more on the words themselves."""
        terms: list[TermUse] = []
        lost = False
        for sentence in sentences:
            counts: dict[str, int] = {}
            for mark in MARK.findall(sentence.source):
                item = self._stretches[mark]
                counts[item.target] = counts.get(item.target, 0) + 1
                kept = not sentence.flag and sentence.final.count(item.target) >= counts[item.target]
                lost = lost or not kept
                if item.term:
                    terms.append(TermUse(source=item.term.source, target=item.target, kept=kept, by=sentence.by.get(mark, "edit")))  # type: ignore[arg-type]
        flags: list[Flag] = list(dict.fromkeys(sentence.flag for sentence in sentences if sentence.flag))
        flags += ["untranslated"] if flags and "untranslated" not in flags else []
        return {"terms": tuple(terms), "flags": (*flags, *(("term_lost",) if lost else ()))}
