"""Checks a text against the rules of a market: one automaton over all triggers of a language, RE2 for patterns, then exceptions.

The order of the questions, cheap ones first: do the letters of a trigger stand there, as words of their own; do the conditions on
the room hold in some country; does a phrase of `unless` undo it, is the claim denied; does the other word of `also` stand by it.
A phrase of `unless` that shares words with a trigger (第一次 for 第一) undoes what it overlaps; any other one (a named survey)
undoes its whole sentence. 5,000 rules on a line of 200 characters take well under a millisecond: see `liveroom bench guard`.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import re2
from ahocorasick_rs import AhoCorasick

from assistant.guard.normal import COMMA, Normal, Normaliser, Tables, read_tables
from assistant.guard.rules import CLAIMS, SEVERITIES, Facts, Rule, Said, Words, holds
from assistant.guard.words import Affixes, Denials, Phrase, affixes_of, denials_of, denied, phrase, standing

MOST = 50
"""Findings in one text at most."""
CONSIDERED = 500
"""Hits in one text, and phrases of one rule around them, that are looked at: a line of speech has a handful."""
SHARE = 500
"""Patterns in one RE2 set: a set's automaton grows with what it holds."""
BORROWS = frozenset({"zh", "ja", "ar", "th", "ko", "id", "ms", "tl"})
"""Languages whose speakers mix English in: its triggers count there too (FDA approved, No.1, halal)."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule broken at one place: code points of the text, end exclusive."""

    rule: Rule
    start: int
    end: int
    matched: str
    countries: tuple[str, ...]
    """Those of the rule's where the room's facts don't allow it."""


@dataclass(frozen=True, slots=True)
class _Hit:
    rule: int
    start: int
    end: int
    """Letters."""


@dataclass(frozen=True, slots=True)
class _Clause:
    """A phrase of `also` or `unless` in the automaton."""

    rule: int
    phrase: Phrase
    harmless: bool
    """Whether it is one of `unless`."""
    near: bool = False
    """Whether it undoes only what it overlaps."""


@dataclass(slots=True)
class _Book:
    """The rules as one language needs them."""

    normalise: Normaliser
    affixes: Affixes
    denials: Denials
    triggers: AhoCorasick | None
    entries: list[list[tuple[int, Phrase]]]
    context: AhoCorasick | None
    clauses: list[list[_Clause]]
    sets: list[re2.Set]
    patterns: list[tuple[int, str]]
    needs: frozenset[int]
    """Rules that have `also` in this language."""
    compiled: dict[int, re2._Regexp] = field(default_factory=dict)


class Rulebook:
    """The rules of one market or of a room's, compiled for a language when it is first asked for."""

    def __init__(self, rules: Sequence[Rule], tables: Tables | None = None) -> None:
        self.rules = tuple(rules)
        self._tables = tables or read_tables()
        self._books: dict[str, _Book] = {}
        self._english, self._borrowed = Normaliser("en", self._tables), dict[str, Phrase]()

    def check(
        self, text: str, lang: str, facts: Facts | None = None, now: int = 0, *, markets: Collection[str] | None = None,
        countries: Collection[str] | None = None, said: Sequence[Said] = (), partial: bool = False,
    ) -> list[Finding]:
        """The findings, the gravest first, then the longest. `markets` and `countries` narrow the rules; `now` is epoch ms; `said` are
        the prices in the text; of a `partial` text only what no next word can undo is told."""
        book = self._books.get(lang) or self._compile(lang)
        normal = book.normalise(text)
        hits = _longest([*self._words(book, normal), *self._patterns(book, normal)])
        if partial:
            hits = [hit for hit in hits if _settled(normal, hit.end)]
        if not hits:
            return []
        allowed = {hit.rule: self._countries(hit.rule, markets, countries) for hit in hits}
        clauses = self._clauses(book, normal, {rule for rule, where in allowed.items() if where})
        found: list[Finding] = []
        for hit in hits:
            rule = self.rules[hit.rule]
            if not allowed[hit.rule] or self._undone(book, normal, hit, clauses.get(hit.rule, ())):
                continue
            where = self._fires(rule, allowed[hit.rule], facts or Facts(), now, _prices(normal, hit, said))
            if where:
                start, end = normal.starts[hit.start], normal.ends[hit.end - 1]
                found.append(Finding(rule, start, end, text[start:end], where))
        return _told(found)

    def ready(self, langs: Collection[str]) -> None:
        """Compile for these languages now rather than at their first text."""
        for lang in langs:
            if lang not in self._books:
                self._compile(lang)

    def _countries(self, index: int, markets: Collection[str] | None, wanted: Collection[str] | None) -> tuple[str, ...]:
        if markets is not None and self.rules[index].market not in markets:
            return ()
        countries = self.rules[index].countries or ("",)
        return countries if wanted is None else tuple(item for item in countries if not item or item in wanted)

    def _fires(self, rule: Rule, countries: Sequence[str], facts: Facts, now: int, said: tuple[Said, ...]) -> tuple[str, ...]:
        return tuple(country for country in countries if holds(rule.when, facts, country, now, said))

    def _words(self, book: _Book, normal: Normal) -> Iterator[_Hit]:
        if book.triggers is None:
            return
        for which, start, end in book.triggers.find_matches_as_indexes(normal.letters, overlapping=True):
            for rule, words in book.entries[which]:
                if place := standing(normal, start, end, words.breaks, book.affixes):
                    yield _Hit(rule, *place)

    def _patterns(self, book: _Book, normal: Normal) -> Iterator[_Hit]:
        for part, chosen in enumerate(book.sets):
            for which in chosen.Match(normal.line) or ():
                index = part * SHARE + which
                rule, source = book.patterns[index]
                if index not in book.compiled:
                    book.compiled[index] = re2.compile(source, _options())
                for match in book.compiled[index].finditer(normal.line):
                    if match.end() > match.start():
                        first = bisect_left(normal.ends, normal.line_starts[match.start()] + 1)
                        last = bisect_left(normal.starts, normal.line_ends[match.end() - 1])
                        if first < last:
                            yield _Hit(rule, *_whole(normal.letters, first, last))

    def _clauses(self, book: _Book, normal: Normal, wanted: set[int]) -> dict[int, list[tuple[_Clause, int, int]]]:
        found: dict[int, list[tuple[_Clause, int, int]]] = {}
        if book.context is None or not wanted:
            return found
        for which, start, end in book.context.find_matches_as_indexes(normal.letters, overlapping=True):
            for clause in book.clauses[which]:
                if clause.rule in wanted and (place := standing(normal, start, end, clause.phrase.breaks, book.affixes)):
                    found.setdefault(clause.rule, []).append((clause, *place))
        return {rule: clauses[:CONSIDERED] for rule, clauses in found.items()}

    def _undone(self, book: _Book, normal: Normal, hit: _Hit, clauses: Sequence[tuple[_Clause, int, int]]) -> bool:
        first, last = normal.sentence(hit.start)
        joined = hit.rule not in book.needs
        for clause, start, end in clauses:
            overlaps = start < hit.end and hit.start < end
            same = first <= start < last
            if clause.harmless and (overlaps or (same and not clause.near)):
                return True
            joined = joined or (not clause.harmless and same and not overlaps)
        return not joined or (self.rules[hit.rule].category in CLAIMS and denied(normal, hit.start, hit.end, book.denials))

    def _phrases(self, words: Words, read: Mapping[str, Normaliser]) -> list[Phrase]:
        """The phrases of some languages; English ones, which others borrow, are normalised once."""
        found: list[Phrase] = []
        for lang, normalise in read.items():
            known = self._borrowed if lang == "en" else {}
            for text in words.get(lang, ()):
                if text not in known:
                    known[text] = phrase(text, normalise)
                found.append(known[text])
        return found

    def _compile(self, lang: str) -> _Book:
        normalise = Normaliser(lang, self._tables)
        read = {lang: normalise} | ({"en": self._english} if lang in BORROWS else {})
        entries: dict[str, list[tuple[int, Phrase]]] = {}
        clauses: dict[str, list[_Clause]] = {}
        patterns: list[tuple[int, str]] = []
        needs: set[int] = set()
        for index, rule in enumerate(self.rules):
            own = [words for words in dict.fromkeys(self._phrases(rule.triggers, read)) if words.letters]
            for words in own:
                entries.setdefault(words.letters, []).append((index, words))
            joined = "\n".join(words.letters for words in own)
            patterns += [(index, normalise.pattern(source)) for source in rule.patterns.get(lang, ())]
            for words in self._phrases(rule.unless, read):
                near = _shares(words.letters, joined)
                clauses.setdefault(words.letters, []).append(_Clause(index, words, True, near))
            for words in self._phrases(rule.also, read):
                needs.add(index)
                clauses.setdefault(words.letters, []).append(_Clause(index, words, False))
        clauses.pop("", None)
        book = _Book(
            normalise, affixes_of(lang, normalise, self._tables), denials_of(lang, normalise, self._tables),
            AhoCorasick(list(entries)) if entries else None, list(entries.values()),
            AhoCorasick(list(clauses)) if clauses else None, list(clauses.values()),
            [_set([source for _, source in patterns[at : at + SHARE]]) for at in range(0, len(patterns), SHARE)], patterns, frozenset(needs),
        )
        self._books[lang] = book
        return book


def check(text: str, lang: str, rules: Rulebook, facts: Facts | None = None, now: int = 0) -> list[Finding]:
    """The findings of a text in `lang` by the rules of a market."""
    return rules.check(text, lang, facts, now)


def _shares(exception: str, triggers: str) -> bool:
    """Whether an exception is about the triggers' own words (a line each): one is in the other, or two Han, kana or Thai letters are in both."""
    if exception in triggers or any(trigger in exception for trigger in triggers.split("\n")):
        return bool(triggers)
    pairs = {exception[index : index + 2] for index in range(len(exception) - 1)}
    return any(pair in triggers for pair in pairs if pair[0] > "\u0e00" and not "\u1e00" <= pair[0] <= "\u1fff")


def _whole(letters: str, start: int, end: int) -> tuple[int, int]:
    """The letters of a pattern's match with the figures at its ends whole: a pattern says "a price follows" with one digit."""
    while start > 0 and letters[start - 1 : start + 1].isdecimal():
        start -= 1
    while end < len(letters) and letters[end - 1 : end + 1].isdecimal():
        end += 1
    return start, end


def _options() -> re2.Options:
    options = re2.Options()
    options.max_mem, options.log_errors, options.case_sensitive = 64 << 20, False, False
    return options


def _set(sources: Sequence[str]) -> re2.Set:
    chosen = re2.Set.SearchSet(_options())
    for source in sources:
        chosen.Add(source)
    chosen.Compile()
    return chosen


def _longest(hits: list[_Hit]) -> list[_Hit]:
    """The hits that lie in no longer one of the same rule."""
    kept: list[_Hit] = []
    last: dict[int, int] = {}
    for hit in sorted(hits, key=lambda hit: (hit.start, -hit.end)):
        if hit.end > last.get(hit.rule, -1):
            kept.append(hit)
            last[hit.rule] = hit.end
    return kept[:CONSIDERED]


def _settled(normal: Normal, end: int) -> bool:
    """Whether enough follows a trigger that the next words can't make it another phrase (第一 … 第一次)."""
    return len(normal.letters) - end >= 2 or (end <= len(normal.letters) and normal.gaps[end] >= COMMA)


def _prices(normal: Normal, hit: _Hit, said: Sequence[Said]) -> tuple[Said, ...]:
    """The prices said in a hit's sentence."""
    if not said:
        return ()
    first, last = normal.sentence(hit.start)
    begin, end = normal.starts[first], normal.ends[last - 1]
    return tuple(price for price in said if begin <= price.start < end)


def _told(found: list[Finding]) -> list[Finding]:
    """One finding per rule and place, and of one category that covers the same countries; the gravest first, then the longest."""
    kept: list[Finding] = []
    order = sorted(found, key=lambda item: (SEVERITIES.index(item.rule.severity), item.start - item.end, item.start, item.rule.id))
    for item in order:
        if len(kept) < MOST and not any(_same_place(item, other) for other in kept):
            kept.append(item)
    return kept


def _same_place(item: Finding, other: Finding) -> bool:
    if item.start >= other.end or other.start >= item.end or item.rule.market != other.rule.market:
        return False
    return item.rule.id == other.rule.id or (item.rule.category == other.rule.category and set(item.countries) <= set(other.countries))
