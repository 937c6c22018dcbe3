"""Reads one number at a place in a text: digits of any script, number words, and both mixed (3万5, 1,2 juta, 50 ألف).

Rule 1: `39.9` and `199.000` are read by what the language uses as decimal mark, but three digits after a lone dot or comma
group thousands only where that mark groups there (`3,000` in English, `3.000` and `3,000` in Indonesian).
Rule 2: words must form a number as the language builds it; reading stops before the first word that does not fit.
Rule 3: a single digit after hundreds or more is short for the next place where people say so (两百六 = 260, 三万五 = 35,000,
1tr2 = 1.2 million); 零 or lẻ in between forbids that.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cache

import regex

from assistant.protect import tables
from assistant.protect.digits import DOT_GROUPS, Numeral, digits, figures, tidy

__all__ = ["DOT_GROUPS", "Grammar", "Numeral", "digits", "figures", "grammar", "read", "tidy"]

_SHORT_FROM = {"zh": 100, "th": 1000, "vi": 100}
"""From which multiplier on a trailing single digit stands for the next place (rule 3)."""

_LEADS = {"vi": "năm"}
"""A word that is a number only first or before a multiplier: after one it means something else (mười năm: ten years)."""

_LIMIT = 20


@dataclass(frozen=True, slots=True)
class _Word:
    kind: str
    value: int
    bare: bool = False
    """A multiplier that may stand without a number before it."""
    after: str = ""
    """"!" directly after digits only, "?" after digits with or without a space, "" anywhere."""


@dataclass(frozen=True, slots=True)
class Grammar:
    """The number words of a language."""

    lang: str
    words: dict[str, _Word]
    token: regex.Pattern[str]
    """One word, with what may stand between it and the token before."""
    spaced: bool
    """Whether spaces part its words."""
    start: str
    """A pattern for where a number in words may begin; it matches nothing for languages without words."""


@cache
def grammar(lang: str) -> Grammar:
    """The number words of `lang` from `numbers.tsv`; a language without rows has none."""
    found: dict[str, _Word] = {}
    starts: list[str] = []
    for row in tables.rows("numbers.tsv"):
        if row["lang"] != lang:
            continue
        for cell in tables.words(row["words"]):
            after = cell[0] if cell[0] in "!?" else ""
            bare = row["value"].startswith("~")
            word = _Word(row["kind"], int(row["value"].lstrip("~")), bare, after)
            found[cell.removeprefix(after)] = word
            if not after and (word.kind == "one" or bare):
                starts.append(cell)
    if not found:
        return Grammar(lang, {}, regex.compile("(?!)"), True, "(?!)")
    if lang in tables.UNSPACED:
        never = [word for row in tables.rows("counters.tsv") if row["lang"] == lang == "th" and row["kind"] == "never" for word in tables.words(row["words"])]
        token = rf"(?P<gap>\s?)(?!{tables.phrases(never)})(?P<word>{tables.any_of(found)})(?!(?<=[A-Za-z])\p{{Latin}})"  # ห้าม begins like ห้า
        return Grammar(lang, found, regex.compile(token), False, tables.any_of(starts))
    joint = r"(?P<gap>[\s\u00a0-]{0,2}" + ("و?" if lang == "ar" else "") + ")"
    token = regex.compile(rf"{joint}(?P<word>{tables.any_of(found)})(?![\p{{L}}\p{{M}}])", regex.IGNORECASE)
    return Grammar(lang, found, token, True, rf"(?<![\p{{L}}\p{{M}}\p{{Nd}}])(?i:{tables.any_of(starts)})(?![\p{{L}}\p{{M}}\p{{Nd}}])")


@dataclass(slots=True)
class _State:
    """A number under construction: finished groups, the section before the next group word, and the pending digit."""

    total: Decimal = Decimal(0)
    section: Decimal = Decimal(0)
    pending: Decimal | None = None
    last: int = 0
    """The multiplier read last within the section (0: none)."""
    group: int = 0
    """The group word read last."""
    unit: int = 0
    """The multiplier or group that a short trailing digit belongs to."""
    filler: bool = False

    def value(self) -> Decimal:
        return self.total + self.section + (self.pending or 0)


def read(text: str, pos: int, lang: str) -> Numeral | None:
    """The longest number that begins at `pos`, or None."""
    g = grammar(lang)
    state = _State()
    first = figures(text, pos, lang)
    digit_last = first is not None
    at, count = pos, 0
    if first is not None:
        state.pending, at, count = first.value, first.end, 1
    good: Numeral | None = first
    while count < _LIMIT:
        match = g.token.match(text, at)
        if match is None:
            more = _more_digits(text, at, lang, state, digit_last)
            if more is None:
                break
            at, count, digit_last = more.end, count + 1, True
            good = Numeral(state.value(), at, "", count, first is None)
            continue
        word = g.words.get(match["word"]) or g.words.get(match["word"].lower())
        if word is None or not _fits_after(word, match["gap"], digit_last) or (count == 0 and match["gap"]):
            break
        if match["gap"] and lang in tables.UNSPACED and (lang != "th" or not digit_last):
            break
        if word.kind in ("and", "zero"):
            if not count or digit_last:
                break
            state.filler = state.filler or word.kind == "zero"
            at = match.end()
            continue
        if word.kind == "point":
            if count and not digit_last:
                good = _decimals(text, match.end(), lang, state, count) or good
            break
        if match["word"].lower() == _LEADS.get(lang) and count and not state.filler and not _multiplied(g, text, match.end()):
            break
        if not _add(state, word, lang, digit_last, "و" in match["gap"], count):
            break
        digit_last = False
        at, count = match.end(), count + 1
        good = Numeral(_short(state, lang, word), at, "", count, first is None)
    return good


def _multiplied(g: Grammar, text: str, at: int) -> bool:
    match = g.token.match(text, at)
    return match is not None and g.words[match["word"].lower()].kind in ("times", "group")


def _fits_after(word: _Word, gap: str, digit_last: bool) -> bool:
    return not word.after or (digit_last and (word.after == "?" or not gap))


def _more_digits(text: str, at: int, lang: str, state: _State, digit_last: bool) -> Numeral | None:
    """Digits directly after a multiplier word: 3万5, 1亿2000万, 1tr2; added to the state."""
    if digit_last or not state.unit or state.pending is not None:
        return None
    more = figures(text, at, lang)
    if more is None or not more.figures.isdigit() or len(more.figures) > 6:
        return None
    size = len(more.figures)
    if lang == "vi" or (lang == "zh" and size == 1):
        state.section += more.value * state.unit / (10**size)
    elif more.value < state.unit:
        state.pending = more.value
    else:
        return None
    return more


def _add(state: _State, word: _Word, lang: str, digit_last: bool, joined: bool, count: int) -> bool:
    """Take a word into the number; False when it does not fit."""
    if word.kind == "one":
        return _add_one(state, word.value, lang, digit_last, joined)
    if word.kind == "teen":
        if state.pending is None or state.pending >= 10 or digit_last:
            return False
        state.pending += 10
        return True
    if word.kind == "half":
        if not state.unit and not digit_last:
            return False
        state.section += Decimal(state.unit or 1) / 2
        if not state.unit:
            state.section += state.pending or 0
            state.pending = None
        state.unit = 0
        return True
    bare = word.bare and (not count or state.last == 0 or lang in ("ja", "ar", "th"))
    if state.pending is None and not bare and (word.kind != "group" or state.section == 0):
        return False
    if word.kind == "times":
        if state.last and word.value >= state.last:
            return False
        state.section += (Decimal(1) if state.pending is None else state.pending) * word.value
        state.last = word.value
    else:
        if state.group and word.value >= state.group:
            return False
        section = state.section + (state.pending or 0)
        state.total += (section or Decimal(1)) * word.value
        state.section, state.last, state.group = Decimal(0), 0, word.value
    state.pending, state.unit, state.filler = None, word.value, False
    return True


def _add_one(state: _State, value: int, lang: str, digit_last: bool, joined: bool) -> bool:
    if value >= 100:  # one word with its own multiplier: seratus, ميتين, ألفين
        if state.pending is not None or state.last or (state.group and value >= state.group):
            return False
        if value < 1000:
            state.section, state.last, state.unit = state.section + value, 100, 100
        else:
            state.total, state.group, state.unit = state.total + value, 10 ** (len(str(value)) - 1), 1000
        return True
    if state.pending is None:
        if value == 0 and lang in ("zh", "ja", "th"):
            state.filler = True
            return bool(state.unit)
        if state.last and value >= state.last:
            return False
        state.pending = Decimal(value)
        return True
    if digit_last:
        return False
    tens_then_one = state.pending % 10 == 0 and 0 < value < 10 and (state.pending >= 20 or lang == "vi") and lang in ("en", "vi", "ar")
    one_then_tens = lang == "ar" and joined and state.pending < 10 <= value < 100
    hundreds = lang == "ar" and joined and state.pending >= 100 and value < 100
    if not (tens_then_one or one_then_tens or hundreds) or (state.pending % 10 and not one_then_tens):
        return False
    state.pending += value
    return True


def _short(state: _State, lang: str, word: _Word) -> Decimal:
    """The value so far; a trailing digit counts as the next place where the language speaks so (rule 3)."""
    floor = _SHORT_FROM.get(lang)
    if word.kind == "one" and floor and state.unit >= floor and not state.filler and state.pending is not None and 0 < state.pending < 10:
        return state.total + state.section + state.pending * state.unit / 10
    return state.value()


def _decimals(text: str, at: int, lang: str, state: _State, count: int) -> Numeral | None:
    """Digits in words after a decimal point: 一点二, one point five; None when there are none or a ten follows (八点二十 is a time)."""
    g = grammar(lang)
    places = ""
    while len(places) < 8 and (match := g.token.match(text, at)):
        word = g.words.get(match["word"]) or g.words.get(match["word"].lower())
        if word is None or word.kind != "one" or word.value > 9:
            break
        places += str(word.value)
        at = match.end()
    following = g.token.match(text, at)
    value = state.value()
    if not places or text[at : at + 1] in ("分", "刻"):
        return None
    if following and not following["gap"]:
        word = g.words.get(following["word"])
        if word and word.kind == "group":
            return Numeral(Decimal(f"{value}.{places}") * word.value, following.end(), "", count + 3, True)
        if word and word.kind in ("times", "point"):
            return None
    return Numeral(Decimal(f"{value}.{places}"), at, "", count + 2, True)
