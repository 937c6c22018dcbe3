"""The East Asian lunisolar calendar for any zone: new moons and the Sun's place, after Jean Meeus, Astronomical Algorithms.

China counts at UTC+8, Vietnam at UTC+7, Korea at UTC+9, so that Tết and Lunar New Year fall a day apart in some years (2007, 2030).
A table of one zone (the usual libraries) can't say that; the method is Hồ Ngọc Đức's: month 11 holds the winter solstice, and of
thirteen months between two of those the first without a major solar term is the leap month.
"""

from __future__ import annotations

from datetime import date
from math import floor, pi, sin

YEARS = range(1900, 2200)
"""Where the series are exact enough to name a day."""
_EPOCH = 2_415_021
"""Julian day number at which lunation 0 is counted from (1900 January 1)."""
_MONTH = 29.530588853
_NOON_JDN_TO_ORDINAL = 1_721_425


def lunar(month: int, day: int, year: int, hours: int = 8) -> date:
    """The date of a (not leap) lunar month and day in the lunar year that begins in `year`, counted at UTC+`hours`.

    Raises `ValueError` for a year out of `YEARS` or a day that month 1..12 hasn't got.
    """
    if year not in YEARS or not 1 <= month <= 12 or not 1 <= day <= 30:
        raise ValueError(f"lunar {month}-{day} of {year} is no date that can be computed")
    begins, ends = _eleventh(year - 1, hours), _eleventh(year, hours)
    if month >= 11:
        begins, ends = ends, _eleventh(year + 1, hours)
    first = floor((begins - _EPOCH) / _MONTH + 0.5)
    place = (month - 11) % 12
    if ends - begins > 365 and place >= _leap(begins, hours):
        place += 1
    return date.fromordinal(_new_moon(first + place, hours) + day - 1 - _NOON_JDN_TO_ORDINAL)


def _new_moon(lunation: int, hours: int) -> int:
    """The Julian day number of the day, in the zone, on which new moon `lunation` falls."""
    t = lunation / 1236.85
    rad = pi / 180
    mean = 2_415_020.75933 + 29.53058868 * lunation + 0.0001178 * t**2 - 0.000000155 * t**3 + 0.00033 * sin((166.56 + 132.87 * t - 0.009173 * t**2) * rad)
    sun = (359.2242 + 29.10535608 * lunation - 0.0000333 * t**2 - 0.00000347 * t**3) * rad
    moon = (306.0253 + 385.81691806 * lunation + 0.0107306 * t**2 + 0.00001236 * t**3) * rad
    node = (21.2964 + 390.67050646 * lunation - 0.0016528 * t**2 - 0.00000239 * t**3) * rad
    shift = (
        (0.1734 - 0.000393 * t) * sin(sun) + 0.0021 * sin(2 * sun) - 0.4068 * sin(moon) + 0.0161 * sin(2 * moon) - 0.0004 * sin(3 * moon)
        + 0.0104 * sin(2 * node) - 0.0051 * sin(sun + moon) - 0.0074 * sin(sun - moon) + 0.0004 * sin(2 * node + sun)
        - 0.0004 * sin(2 * node - sun) - 0.0006 * sin(2 * node + moon) + 0.0010 * sin(2 * node - moon) + 0.0005 * sin(sun + 2 * moon)
    )
    drift = -0.000278 + 0.000265 * t + 0.000262 * t**2  # dynamical minus universal time, days
    return floor(mean + shift - drift + 0.5 + hours / 24)


def _term(day: int, hours: int) -> int:
    """Which twelfth of the ecliptic (0 from the March equinox) the Sun stands in at the midnight that begins a Julian day."""
    t = (day - 0.5 - hours / 24 - 2_451_545.0) / 36_525
    rad = pi / 180
    mean = 357.52910 + 35_999.05030 * t - 0.0001559 * t**2 - 0.00000048 * t**3
    shift = (
        (1.914600 - 0.004817 * t - 0.000014 * t**2) * sin(mean * rad) + (0.019993 - 0.000101 * t) * sin(2 * mean * rad) + 0.000290 * sin(3 * mean * rad)
    )
    # Aberration and nutation, without which a day is wrong where a term falls near midnight.
    node = (125.04 - 1934.136 * t) * rad
    longitude = 280.46645 + 36_000.76983 * t + 0.0003032 * t**2 + shift - 0.00569 - 0.00478 * sin(node)
    return floor(longitude % 360 / 30)


def _eleventh(year: int, hours: int) -> int:
    """The first day of the month that holds the winter solstice of a year."""
    days = date(year, 12, 31).toordinal() + _NOON_JDN_TO_ORDINAL - _EPOCH
    lunation = floor(days / _MONTH)
    day = _new_moon(lunation, hours)
    return _new_moon(lunation - 1, hours) if _term(day, hours) >= 9 else day


def _leap(eleventh: int, hours: int) -> int:
    """How many months after month 11 the leap month stands."""
    lunation = floor((eleventh - 2_415_021.076998695) / _MONTH + 0.5)
    before, place = -1, 1
    now = _term(_new_moon(lunation + place, hours), hours)
    while now != before and place < 14:
        before, place = now, place + 1
        now = _term(_new_moon(lunation + place, hours), hours)
    return place - 1


