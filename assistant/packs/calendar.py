"""The shopping calendar: rules of `pack.yaml` computed to dates, for any year a rule's calendar reaches.

A rule is a sentence a seller can write:

    11-11                            a fixed day
    2nd sunday of may                also 1st … 5th, last; with "+1" or "-3" days behind it
    4th thursday of november +1      Black Friday and White Friday
    easter -21                       Western Easter
    hijri 10-1                       Umm al-Qura: Saudi Arabia's table. Sighting of the moon may move it a day, so `sure` is False
    lunar 1-1 +8                     East Asian lunisolar calendar at UTC+8 (China), +7 (Vietnam), +9 (Korea)
    monthly 25                       every month
    last sunday of may unless easter +49 then +7

Dates that an authority has announced override what is computed (`dates` of a season in `pack.yaml`).
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from hijridate import Gregorian, Hijri

from assistant.packs.moon import lunar

MONTHS = {name.lower(): number for number, name in enumerate(calendar.month_name) if name}
WEEKDAYS = {name.lower(): number for number, name in enumerate(calendar.day_name)}
_NTH = {"1st": 1, "2nd": 2, "3rd": 3, "4th": 4, "5th": 5, "last": -1}
_RULE = re.compile(
    r"(?:(?P<month>\d{1,2})-(?P<day>\d{1,2})"
    r"|(?P<nth>1st|2nd|3rd|4th|5th|last) (?P<weekday>[a-z]+) of (?P<of>[a-z]+)"
    r"|(?P<easter>easter)|hijri (?P<hijri>\d{1,2}-\d{1,2})|lunar (?P<lunar>\d{1,2}-\d{1,2}) \+(?P<zone>\d{1,2})|monthly (?P<monthly>\d{1,2}))"
    r"(?: (?P<shift>[+-]\d{1,3}))?(?: unless (?P<unless>.+) then (?P<then>[+-]\d{1,3}))?"
)


MAX_RULE = 200
"""Characters of a rule."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One way to compute a day of the year."""

    kind: str
    """fixed, weekday, easter, hijri, lunar or monthly."""
    numbers: tuple[int, ...]
    """fixed (month, day); weekday (nth, weekday, month), nth -1 is the last; hijri (month, day); lunar (month, day, hours); monthly (day,)."""
    shift: int = 0
    """Days behind (or before) what is computed."""
    unless: Rule | None = None
    """Falls it on this day, it moves by `then` days."""
    then: int = 0

    @property
    def sure(self) -> bool:
        """Whether the day is certain; a sighting of the moon may move a Hijri date by one."""
        return self.kind != "hijri"


@dataclass(frozen=True, slots=True)
class Season:
    """A time of the year with talk lines of its own."""

    id: str
    rule: Rule
    countries: tuple[str, ...] = ()
    """Where it is kept; empty is everywhere in the market."""
    days: int = 1
    """How many days it lasts."""
    before: int = 0
    """How many days earlier its lines begin, as for presents bought ahead."""
    dates: Mapping[int, date] = field(default_factory=dict)
    """Announced first days by year; they override the rule."""


def parse_rule(text: str) -> Rule:
    """The rule a sentence says; raises `ValueError` with what is wrong."""
    found = _RULE.fullmatch(" ".join(text.lower().split())) if len(text) <= MAX_RULE else None
    if found is None:
        raise ValueError(f"{text!r} is no rule for a date")
    part = found.groupdict()
    if part["month"]:
        kind, numbers = "fixed", (int(part["month"]), int(part["day"]))
    elif part["nth"]:
        if part["weekday"] not in WEEKDAYS or part["of"] not in MONTHS:
            raise ValueError(f"{text!r} names no weekday of a month")
        kind, numbers = "weekday", (_NTH[part["nth"]], WEEKDAYS[part["weekday"]], MONTHS[part["of"]])
    elif part["easter"]:
        kind, numbers = "easter", ()
    elif part["monthly"]:
        kind, numbers = "monthly", (int(part["monthly"]),)
    else:
        kind = "hijri" if part["hijri"] else "lunar"
        numbers = tuple(int(number) for number in part[kind].split("-"))
        numbers += (int(part["zone"]),) if kind == "lunar" else ()
    unless = parse_rule(part["unless"]) if part["unless"] else None
    return Rule(kind, numbers, int(part["shift"] or 0), unless, int(part["then"] or 0))


def dates(rule: Rule, year: int) -> list[date]:
    """The days of a year (CE) that the rule names: one mostly; twelve for `monthly`; none or two for some Hijri days.

    Raises `ValueError` when the year is out of the calendar's reach (Umm al-Qura 1925–2076) or the day can't be.
    """
    moved = [day + timedelta(days=rule.shift) for day in _plain(rule, year)]
    clashes = set(dates(rule.unless, year)) if rule.unless else set[date]()
    return [day + timedelta(days=rule.then) if day in clashes else day for day in moved]


def _plain(rule: Rule, year: int) -> list[date]:
    numbers = rule.numbers
    if rule.kind == "fixed":
        month, day = numbers
        if (month, day) == (2, 29):
            return [date(year, 2, 29)] if calendar.isleap(year) else []
        return [date(year, month, day)]
    if rule.kind == "monthly":
        return [date(year, month, min(numbers[0], calendar.monthrange(year, month)[1])) for month in range(1, 13)]
    if rule.kind == "weekday":
        return [_nth(year, *numbers)]
    if rule.kind == "easter":
        return [easter(year)]
    if rule.kind == "lunar":
        month, day, zone = numbers
        # Months 11 and 12 of a lunar year mostly end in the next year of ours.
        return [found for begun in (year - 1, year) if (found := lunar(month, day, begun, zone)).year == year]
    return _hijri(year, *numbers)


def _nth(year: int, nth: int, weekday: int, month: int) -> date:
    first, length = date(year, month, 1), calendar.monthrange(year, month)[1]
    days = [number for number in range(1, length + 1) if (first.weekday() + number - 1) % 7 == weekday]
    if nth > len(days):
        raise ValueError(f"month {month} of {year} has no such weekday")
    return date(year, month, days[nth - 1 if nth > 0 else -1])


def _hijri(year: int, month: int, day: int) -> list[date]:
    try:
        begin, end = Gregorian(year, 1, 1).to_hijri().year, Gregorian(year, 12, 31).to_hijri().year
        found = [Hijri(each, month, day).to_gregorian() for each in range(begin, end + 1)]
    except (OverflowError, ValueError) as error:
        raise ValueError(f"hijri {month}-{day} of {year}: {error}") from None
    return [date(each.year, each.month, each.day) for each in found if each.year == year]


def easter(year: int) -> date:
    """Western Easter Sunday (anonymous Gregorian algorithm, Meeus, Astronomical Algorithms, chapter 8)."""
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    j = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 19 * j) // 433
    month = (h + j - 7 * m + 90) // 25
    return date(year, month, (h + j - 7 * m + 33 * month + 19) % 32)


def first_days(season: Season, year: int) -> list[date]:
    """The days of a year on which a season begins; announced ones before computed ones. Raises `ValueError` like `dates`."""
    return [season.dates[year]] if year in season.dates else dates(season.rule, year)


def on(seasons: Iterable[Season], country: str | None, day: date) -> frozenset[str]:
    """The ids of the seasons whose lines fit a day in a country, the days `before` included.

    Without a country only seasons of the whole market count. A season that can't be computed for the year is not on.
    """
    found: set[str] = set()
    for season in seasons:
        if season.countries and country not in season.countries:
            continue
        for year in {day.year - 1, day.year, (day + timedelta(days=season.before)).year}:
            try:
                begins = first_days(season, year)
            except ValueError:
                continue
            if any(begin - timedelta(days=season.before) <= day < begin + timedelta(days=season.days) for begin in begins):
                found.add(season.id)
    return frozenset(found)
