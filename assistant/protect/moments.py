"""Dates and times of day: their patterns, and what they mean.

A date's value is yyyymmdd with zeros for what is not said; a time's is minutes since midnight. `8/2` may be either order:
its value stays None and it is kept as typed.
"""

from __future__ import annotations

from decimal import Decimal
from functools import cache

import regex

from assistant.protect import numerals, tables
from assistant.protect.value import Value

CLOCK = (
    r"(?<![\p{Nd}:.,])(?:[01]?\p{Nd}|2[0-4])[:：][0-5]\p{Nd}(?![\p{Nd}:])(?:\s?(?:[aApP]\.?[mM]\b\.?))?"
    r"|(?<![\p{Nd}:.,])(?:1[0-2]|0?[1-9])\s?(?:[aApP]\.?[mM]\b\.?)"
    r"|(?<![\p{Nd}:.,])(?:[01]?[0-9]|2[0-4])[hH][0-5][0-9](?![\p{Nd}\p{Latin}])"
)
_CLOCK_PARTS = regex.compile(r"(?P<h>\d{1,2})(?:[:hH](?P<m>\d\d))?\s?(?P<half>[aApP])?")
_DIGIT_DATE = (
    r"(?<![\p{Nd}./,-])(?:\p{Nd}{4}[-/.]\p{Nd}{1,2}[-/.]\p{Nd}{1,2}|\p{Nd}{1,2}[/.-]\p{Nd}{1,2}[/.-](?:\p{Nd}{4}|\p{Nd}{2})|"
    r"(?:0?[1-9]|[12]\p{Nd}|3[01])/(?:0?[1-9]|[12]\p{Nd}|3[01]))(?![\p{Nd}/-]|[.,]\p{Nd})"
)
_HAN = "一二三四五六七八九十"
_HAN_DATE = (
    rf"(?:(?:\p{{Nd}}{{4}}|[零〇{_HAN}]{{4}})\s?年\s?)?(?:\p{{Nd}}{{1,2}}|(?<![{_HAN}几])[{_HAN}]{{1,3}})\s?月(?![饼亮光子嫂经])"
    rf"(?:\s?(?:\p{{Nd}}{{1,2}}|[{_HAN}]{{1,3}})\s?[日号])?"
)
_DAYPART = {
    "zh": regex.compile(r"(?:凌晨|清晨|早上|早晨|上午|(?P<noon>中午)|(?P<late>下午|傍晚|晚上|夜里)|[今明]早|(?P<eve>[今明昨当后]晚))\s?$"),
    "ja": regex.compile(r"(?:午前|朝の?|(?P<noon>正午)|(?P<late>午後|夜の?|夕方の?)|(?P<eve>今夜|今晩))\s?$"),
}
_INCLUDED = regex.compile(r"(?:凌晨|清晨|早上|早晨|上午|中午|下午|傍晚|晚上|夜里|午前|午後)\s?$")
_OCLOCK = {
    "zh": regex.compile(rf"[点點](?:(?P<half>半)|(?P<quarter>[一三])刻|(?P<minute>\p{{Nd}}{{1,2}}|[{_HAN}零]{{1,3}})分?(?![{_HAN}百千万])|(?P<sure>钟|整))?"),
    "ja": regex.compile(r"時(?!間|点|短|計|代|期|々)(?:(?P<half>半)|(?P<minute>\p{Nd}{1,2})分)?"),
}
_TIME_FOLLOWER = regex.compile(r"[前后之以开到准见上]|左右|直播|下播|截")


def date_pattern(lang: str) -> str:
    """A pattern for the dates of a language."""
    parts = [_DIGIT_DATE]
    if lang in ("zh", "ja"):
        parts.insert(0, _HAN_DATE)
    names = tables.any_of(name for month in months(lang) for name in (month, month.title(), month.upper()) if name != "may")
    if lang == "en":
        parts.append(rf"\b{names}\.?\s\p{{Nd}}{{1,2}}(?:st|nd|rd|th)?\b(?!\s?[%:])(?:,?\s\p{{Nd}}{{4}})?")
        parts.append(rf"(?<![\p{{Nd}}.,])\p{{Nd}}{{1,2}}(?:st|nd|rd|th)?\s(?:of\s)?{names}\b(?:,?\s\p{{Nd}}{{4}})?")
    elif lang == "vi":
        parts.append(r"(?:(?<![\p{Nd}.,])\p{Nd}{1,2}\s)?tháng\s\p{Nd}{1,2}(?!\p{Nd})(?:(?:,|\snăm)\s\p{Nd}{4})?")
    elif names != "(?!)" and lang not in ("zh", "ja"):
        parts.append(rf"(?<![\p{{Nd}}.,])\p{{Nd}}{{1,2}}\s?{names}(?![\p{{L}}\p{{M}}])(?:\s\p{{Nd}}{{4}})?")
    return "|".join(parts)


@cache
def months(lang: str) -> dict[str, int]:
    """Month names in lower case and their numbers."""
    return {name.lower(): int(row["month"]) for row in tables.rows("months.tsv") for name in tables.words(row.get(lang, ""))}


def date(text: str, start: int, end: int, lang: str) -> Value | None:
    """The date at a match of `date_pattern`; None when it cannot be one (month 13)."""
    piece = numerals.digits(text[start:end])
    figures = [int(part) for part in regex.findall(r"\d+", piece)]
    if regex.fullmatch(r"\d{1,4}[-/.]\d{1,2}(?:[-/.]\d{1,4})?", piece):
        if len(figures) == 3 and figures[0] > 31:
            year, month, day = figures
            if not (1 <= month <= 12 and 1 <= day <= 31):
                return None
            return _date(text, start, end, year, month, day, plain=True)
        first, second = figures[:2]
        if max(first, second) > 31 or min(first, second) > 12 or min(first, second) < 1:
            return None
        return Value(start, end, "date", text[start:end], figures=(piece,), plain=True)
    if lang in ("zh", "ja"):
        match = regex.match(r"(?:(\S{4})\s?年\s?)?(\S{1,3}?)\s?月(?:\s?(\S{1,3}?)\s?[日号])?", piece)
        if match is None:
            return None
        year, month, day = (_han(part) if part else 0 for part in match.groups())
    else:
        month, year, day = 0, 0, 0
        rest = [value for value in figures if value < 1000]
        year = next((value for value in figures if value >= 1000), 0)
        if lang == "vi":
            month = rest[-1]
            day = rest[0] if len(rest) > 1 else 0
        else:
            low = piece.lower()
            month = next((number for name, number in sorted(months(lang).items(), key=lambda item: -len(item[0])) if name in low), 0)
            day = rest[0] if rest else 0
    if not 1 <= month <= 12 or not 0 <= day <= 31:
        return None
    return _date(text, start, end, year, month, day, plain=False)


def _date(text: str, start: int, end: int, year: int, month: int, day: int, *, plain: bool) -> Value:
    value = Decimal(year * 10000 + month * 100 + day)
    return Value(start, end, "date", text[start:end], value, figures=(text[start:end],) if plain else (), plain=plain)


def _han(piece: str) -> int:
    if piece.isdigit():
        return int(piece)
    if len(piece) == 4:
        return int("".join(str("零一二三四五六七八九".index(char)) for char in piece.replace("〇", "零") if char in "零一二三四五六七八九") or "0")
    numeral = numerals.read(piece, 0, "zh")
    return int(numeral.value) if numeral and numeral.end == len(piece) else 99


def clock(text: str, start: int, end: int) -> Value | None:
    """The time at a match of `CLOCK`."""
    parts = _CLOCK_PARTS.match(numerals.digits(text[start:end]))
    if parts is None:
        return None
    hour, minute = int(parts["h"]), int(parts["m"] or 0)
    half = (parts["half"] or "").lower()
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    plain = not half and ":" in numerals.digits(text[start:end])
    known = "24h" if half or hour > 12 else ""
    return Value(start, end, "time", text[start:end], Decimal(hour % 24 * 60 + minute), unit=known, figures=(text[start:end],) if plain else (), plain=plain)


def oclock(text: str, start: int, numeral: numerals.Numeral, lang: str) -> Value | None:
    """The time that a number with 点 or 時 says (晚上八点半, 午後8時); None when it is no time (一点, 3点意见)."""
    tail = _OCLOCK[lang].match(text, numeral.end) if lang in _OCLOCK else None
    if tail is None or numeral.value != int(numeral.value) or not 0 <= numeral.value <= 24:
        return None
    hour, minute = int(numeral.value), 0
    part = _DAYPART[lang].search(text, max(0, start - 5), start)
    sure = part is not None or tail["half"] or lang == "ja" or (lang == "zh" and (tail["quarter"] or tail["sure"]))
    if tail["half"]:
        minute = 30
    elif lang == "zh" and tail["quarter"]:
        minute = 15 if tail["quarter"] == "一" else 45
    elif tail["minute"]:
        minute = _han(numerals.digits(tail["minute"]).lstrip("零0") or "0")
        sure = sure or tail[0][-1] == "分" or len(tail["minute"]) > 1
        if minute > 59:
            return None
    if not sure and not (numeral.value >= 2 and _TIME_FOLLOWER.match(text, tail.end())) and (numeral.worded or numeral.value < 6):
        return None
    if part is not None and hour <= 12:
        groups = part.groupdict()
        if (groups.get("late") or groups.get("eve")) and hour < 12:
            hour += 12
        elif (groups.get("late") or groups.get("eve")) and hour == 12:
            hour = 0
        elif groups.get("noon") and hour < 6:
            hour += 12
    inside = _INCLUDED.search(text, max(0, start - 5), start)
    begin = inside.start() if inside else start
    return Value(begin, tail.end(), "time", text[begin : tail.end()], Decimal(hour % 24 * 60 + minute), unit="24h" if part is not None else "")
