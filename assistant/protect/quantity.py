"""Reads a quantity at a place: a number with what belongs to it (sign, unit, percent, range), or nothing.

Digits are always a value. A number in words is one only with a unit or currency (三斤), as a compound (六十四) or, from two
to ten, before a counter that makes it an amount (三天); 一下, "one" and the like stay with the model.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache

import regex

from assistant.protect import numerals, tables, units
from assistant.protect.numerals import DOT_GROUPS, Numeral
from assistant.protect.value import Kind, Value

_DOTTED = frozenset({"IDR", "VND"})
"""Currencies whose amounts are written 199.000 in every language."""
_JOINT = regex.compile(r"[ \u00a0]?[-–—~～〜][ ]?|到|至|から|ถึง|[ ](?:to|sampai|hingga|đến|tới|إلى|الى)[ ]")
_HAN_DIGIT = "一二三四五六七八九"
_TENTHS = regex.compile(
    rf"(?P<digit>[{_HAN_DIGIT}]|\p{{Nd}}{{1,2}})(?:[毛角](?P<cent>[{_HAN_DIGIT}]|\p{{Nd}})?分?)?"
    rf"(?![{_HAN_DIGIT[1:]}十百千万亿点.,\p{{Nd}}折%％月号时\p{{Latin}}])"
)
_METRE_TAIL = regex.compile(rf"(?P<digit>[{_HAN_DIGIT}]{{1,2}}|\p{{Nd}}{{1,2}})(?![{_HAN_DIGIT}十百千万亿点.,\p{{Nd}}])")
_BARE_FOLLOWER = regex.compile(r"$|\P{Han}|[一啊呢吗吧了就起以多的都包钱还也]")
_HALF_UNITS = frozenset({"kg", "L", "m", "ml"})
_LETTER = regex.compile(r"[\p{Latin}]")


@dataclass(frozen=True, slots=True)
class _Amount:
    """A number with its unit, if any."""

    numeral: Numeral
    unit: units.Unit | None
    name: str
    """The unit's name, the currency resolved by what stands around."""
    end: int
    value: Decimal
    tight: bool = True
    """Nothing but the figures and the unit was read (no 块九, no half)."""


def read(text: str, start: int, lang: str, sign: str = "", figures_at: int = -1) -> Value | None:
    """The quantity that begins at `start`; with `sign`, the currency sign from `start` to `figures_at` belongs to it."""
    at = figures_at if sign else start
    dotted = "id" if units.signs().get(sign) in _DOTTED and lang not in DOT_GROUPS else lang
    low = _amount(text, at, lang, dotted, single=True)
    if low is None:
        return None
    high, joint = _upper(text, low, lang, dotted)
    last = high or low
    if not (sign or _licensed(text, last, lang, single=high is None)):
        return None
    return _value(text, start, at, sign, low, high, joint, lang)


def _amount(text: str, at: int, lang: str, dotted: str, *, single: bool) -> _Amount | None:
    if lang == "zh" and text.startswith("半", at):
        found = units.beside(lang).match(text, at + 1)
        if not single or found is None or found[0].kind != "measure" or found[0].name not in _HALF_UNITS:
            return None
        return _Amount(Numeral(Decimal("0.5"), at + 1, "", 2, True), found[0], found[0].name, found[1], Decimal("0.5"), False)
    numeral = numerals.read(text, at, lang)
    if numeral is None or (numeral.worded and _vague(text, numeral.end, lang)):
        return None
    if dotted != lang and numeral.figures:
        numeral = numerals.figures(text, at, dotted) or numeral
    found = units.beside(lang).match(text, numeral.end)
    if found is None:
        return _Amount(numeral, None, "", numeral.end, numeral.value)
    unit, end, word = found
    name = units.beside(lang).currency(unit, word, text, at) if unit.kind == "price" else unit.name
    if name in _DOTTED and numeral.figures and lang not in DOT_GROUPS:
        again = numerals.figures(text, at, "id")
        if again is not None and again.end == numeral.end:
            numeral = again
    amount = _Amount(numeral, unit, name, end, numeral.value)
    return _tail(text, amount, lang, word)


def _tail(text: str, amount: _Amount, lang: str, word: str) -> _Amount:
    """What may follow a unit: 三块五, 九块九毛, 一米五八, 1m58, 三斤半."""
    unit, value = amount.unit, amount.value
    if unit is None:
        return amount
    if lang == "zh" and text.startswith("半", amount.end) and not text.startswith(("半天", "半年", "半月"), amount.end) and value == int(value):
        return replace(amount, value=value + Decimal("0.5"), end=amount.end + 1, tight=False)
    if word in ("块", "元") and lang == "zh" and (match := _TENTHS.match(text, amount.end)) and value == int(value):
        last = match.end()
        if not _pieces().match(text, last) and (word == "块" or match[0][-1] in "毛角分"):
            cents = Decimal(_han(match["cent"])) / 100 if match["cent"] else Decimal(0)
            digit = _han(match["digit"])
            return replace(amount, value=value + Decimal(digit) / 10 ** len(digit) + cents, end=last, tight=False)
    if unit.name in ("m", "L") and value == int(value) and value < 10 and unit.kind == "measure" and word in ("m", "米", "升"):
        match = _METRE_TAIL.match(text, amount.end)
        if match and not _pieces().match(text, match.end()):
            digit = _han(match["digit"])
            return replace(amount, value=value + Decimal(digit) / 10 ** len(digit), end=match.end(), tight=False)
    return amount


def _han(piece: str) -> str:
    return "".join(str(_HAN_DIGIT.index(char) + 1) if char in _HAN_DIGIT else numerals.digits(char) for char in piece)


def _upper(text: str, low: _Amount, lang: str, dotted: str) -> tuple[_Amount | None, str]:
    """The upper end of a range that begins with `low`, and what joins them."""
    joint = _JOINT.match(text, low.end)
    if joint is None or not low.tight:
        return None, ""
    high = _amount(text, joint.end(), lang, dotted, single=False)
    if high is None or high.numeral.worded != low.numeral.worded or high.value <= low.value:
        return None, ""
    if high.unit and low.unit and (high.unit.kind, high.name) != (low.unit.kind, low.name):
        return None, ""
    if low.unit and not high.unit:
        return None, ""
    if text[high.end : high.end + 1] in ("-", "/") and text[high.end + 1 : high.end + 2].isdigit():
        return None, ""
    if not high.unit and _LETTER.match(text, high.end):
        return None, ""
    return high, joint[0]


def _licensed(text: str, amount: _Amount, lang: str, *, single: bool) -> bool:
    numeral = amount.numeral
    if not numeral.worded:
        return True
    if amount.unit is not None:
        unsure = amount.unit.weak and numeral.tokens < 2 and numeral.value < 10 and amount.tight
        return not unsure or (lang == "zh" and numeral.value > 1 and _BARE_FOLLOWER.match(text, amount.end) is not None)
    if numeral.tokens >= 2:
        return True
    if single and not 2 <= numeral.value <= 10:
        return False
    return _count_words(lang).match(text, amount.end) is not None


@cache
def _count_words(lang: str) -> regex.Pattern[str]:
    return regex.compile(tables.phrases(units.counted(lang, "count")))


@cache
def _pieces() -> regex.Pattern[str]:
    """Counters of things: 三 in 十块三个 is no part of the price."""
    return regex.compile(tables.phrases(units.counted("zh", "piece")))


@cache
def _vague_words(lang: str) -> regex.Pattern[str]:
    words = [regex.escape(word) for word in units.counted(lang, "vague")]
    return regex.compile(rf"[ -]?(?:{'|'.join(words)})") if words else regex.compile("(?!)")


def _vague(text: str, at: int, lang: str) -> bool:
    """Whether a word follows that makes the number a rough one (一百多块)."""
    return _vague_words(lang).match(text, at) is not None


def _value(text: str, start: int, at: int, sign: str, low: _Amount, high: _Amount | None, joint: str, lang: str) -> Value:
    last = high or low
    kind: Kind = last.unit.kind if last.unit else "number"
    unit = last.name
    end = last.end
    if sign:
        kind, unit = "price", _open(units.signs()[sign], lang)
        if last.unit and last.unit.kind != "price":
            end = last.numeral.end
        elif last.unit and units.signs()[sign] in "$¥":
            unit = last.name
    elif kind == "price":
        unit = _open(unit, lang)
    times = last.unit.times if last.unit and last.unit.times else None
    ends = [low.value] if high is None else [low.value, high.value]
    if times:
        ends = [numerals.tidy(_round(value * times, times)) for value in ends]
    if not all(amount.numeral.figures and amount.tight for amount in (low, last)):
        ends = [numerals.tidy(value) for value in ends]
    figures = tuple(amount.numeral.figures for amount in ((low,) if high is None else (low, high)))
    typed = all(figures) and last.tight and not times
    symbolic = (last.unit is None or last.unit.symbol or end == last.numeral.end) and (not sign or not _arabic(sign))
    return Value(
        start=start,
        end=end,
        kind=kind,
        text=text[start:end],
        value=ends[0],
        upper=ends[1] if high else None,
        unit=unit,
        figures=figures if typed else (),
        joint=joint if joint.strip() in ("-", "–", "—", "~") and joint else "–",
        before=text[start:at],
        after=text[last.numeral.end : end] if typed else "",
        plain=typed and symbolic and (joint.strip() in ("", "-", "–", "—", "~", "～", "〜")) and not (high and low.unit),
    )


def _round(value: Decimal, times: Decimal) -> Decimal:
    """Exact where the factor is short (0.5), whole units where it is a fraction without end (尺 to cm)."""
    return value.quantize(Decimal(1)) if len(times.as_tuple().digits) > 6 else value


def _open(unit: str, lang: str) -> str:
    """¥ is yuan in Chinese and yen in Japanese text; elsewhere it stays open."""
    return {"zh": "CNY", "ja": "JPY"}.get(lang, unit) if unit == "¥" else unit


def _arabic(sign: str) -> bool:
    return any("\u0600" <= char <= "\u06ff" for char in sign)
