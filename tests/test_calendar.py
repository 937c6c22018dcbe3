"""The shopping calendar: rules computed to dates that were read elsewhere, and which seasons are on."""

from __future__ import annotations

import contextlib
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.packs.calendar import Season, dates, easter, first_days, on, parse_rule
from assistant.packs.moon import lunar
from assistant.packs.pack import read_packs
from assistant.shipped import shipped

PACKS = read_packs([shipped("talk_scripts")])


def begins(market: str, season: str, country: str, year: int) -> list[date]:
    rows = [row for row in PACKS[market].seasons if row.id == season and (not row.countries or country in row.countries)]
    return [day for row in rows for day in first_days(row, year)]


@pytest.mark.parametrize(
    ("market", "season", "country", "day"),
    [
        ("middle_east", "ramadan", "SA", date(2027, 2, 8)),  # Umm al-Qura
        ("middle_east", "eid_al_fitr", "SA", date(2027, 3, 9)),
        ("middle_east", "eid_al_adha", "AE", date(2027, 5, 16)),
        ("middle_east", "ramadan", "SA", date(2028, 1, 28)),
        ("middle_east", "eid_al_adha", "SA", date(2029, 4, 24)),
        ("middle_east", "white_friday", "SA", date(2026, 11, 27)),
        ("middle_east", "saudi_national_day", "SA", date(2030, 9, 23)),
        ("middle_east", "founding_day", "SA", date(2030, 2, 22)),
        ("middle_east", "uae_national_day", "AE", date(2030, 12, 2)),
        ("middle_east", "mothers_day", "SA", date(2027, 3, 21)),
        ("southeast_asia", "eid_al_fitr", "ID", date(2027, 3, 10)),  # MABIMS: the moon is below the horizon the evening before
        ("southeast_asia", "eid_al_fitr", "MY", date(2026, 3, 21)),
        ("southeast_asia", "eid_al_fitr", "ID", date(2028, 2, 26)),  # not announced: Umm al-Qura
        ("southeast_asia", "tet", "VN", date(2030, 2, 2)),  # a day before China
        ("southeast_asia", "lunar_new_year", "SG", date(2030, 2, 3)),
        ("southeast_asia", "tet", "VN", date(2027, 2, 6)),
        ("southeast_asia", "mid_autumn", "VN", date(2028, 10, 3)),
        ("southeast_asia", "songkran", "TH", date(2027, 4, 13)),
        ("southeast_asia", "harbolnas", "ID", date(2026, 12, 12)),
        ("southeast_asia", "mothers_day", "TH", date(2027, 8, 12)),
        ("southeast_asia", "mothers_day", "PH", date(2027, 5, 9)),
        ("southeast_asia", "double_twelve", "MY", date(2026, 12, 12)),
        ("japan", "golden_week", "JP", date(2027, 4, 29)),
        ("japan", "obon", "JP", date(2027, 8, 13)),
        ("japan", "respect_for_aged", "JP", date(2027, 9, 20)),
        ("japan", "mothers_day", "JP", date(2027, 5, 9)),
        ("europe", "mothers_day", "GB", date(2027, 3, 7)),
        ("europe", "mothers_day", "FR", date(2026, 5, 31)),
        ("europe", "mothers_day", "FR", date(2042, 6, 1)),  # Pentecost falls on the last Sunday of May
        ("europe", "fathers_day", "DE", date(2027, 5, 6)),  # Ascension
        ("north_america", "black_friday", "US", date(2026, 11, 27)),
        ("north_america", "cyber_monday", "US", date(2027, 11, 29)),
        ("north_america", "thanksgiving", "CA", date(2026, 10, 12)),
        ("north_america", "easter", "US", date(2027, 3, 28)),
    ],
)
def test_known_dates(market: str, season: str, country: str, day: date) -> None:
    assert begins(market, season, country, day.year) == [day]


def test_some_years_have_two_eids_or_two_ramadans() -> None:
    assert dates(parse_rule("hijri 10-1"), 2000) == [date(2000, 1, 8), date(2000, 12, 27)]
    assert len(dates(parse_rule("hijri 9-1"), 2030)) == 2
    assert dates(parse_rule("monthly 30"), 2027)[:2] == [date(2027, 1, 30), date(2027, 2, 28)]


def test_only_dates_by_the_moons_sighting_are_not_sure() -> None:
    assert not parse_rule("hijri 9-1").sure and parse_rule("lunar 1-1 +7").sure and parse_rule("11-11").sure


def test_every_shipped_season_computes_for_half_a_century() -> None:
    for pack in PACKS.values():
        assert len({season.id for season in pack.seasons}) >= 15
        for season in pack.seasons:
            for year in range(2020, 2070):
                days = first_days(season, year)
                assert all(day.year == year or abs((day - date(year, 7, 1)).days) < 190 for day in days)
                assert len(days) >= 1 or season.rule.kind == "hijri"


@pytest.mark.parametrize(
    "text",
    ["13-01", "02-30", "6th monday of may", "2nd funday of may", "2nd sunday of mayo", "easter+1", "lunar 13-1 +8", "lunar 1-31 +8", "lunar 1-1", "hijri 13-1",
     "hijri 9-31", "tomorrow", "", "5th friday of february", "11-11 unless x then +1", "a" * 10_000, "11-11" + " unless 11-11 then +1" * 50],
)  # fmt: skip
def test_what_is_no_date_is_an_error(text: str) -> None:
    with pytest.raises(ValueError):
        for year in range(2026, 2030):
            dates(parse_rule(text), year)


def test_out_of_a_calendars_reach_is_an_error_and_no_season() -> None:
    with pytest.raises(ValueError):
        dates(parse_rule("hijri 9-1"), 2090)
    assert on([Season("ramadan", parse_rule("hijri 9-1"), days=30)], "SA", date(2090, 1, 1)) == frozenset()


def test_a_season_is_on_from_its_lead_to_its_last_day_in_its_countries() -> None:
    season = Season("tet", parse_rule("01-02"), ("VN",), days=3, before=5)
    begin = date(2027, 1, 2)
    days = [begin + timedelta(days=shift) for shift in range(-8, 6)]
    assert [day for day in days if on([season], "VN", day)] == [begin + timedelta(days=shift) for shift in range(-5, 3)]
    assert not on([season], "TH", begin) and not on([season], None, begin)


def test_announced_days_override_the_rule() -> None:
    season = Season("eid_al_fitr", parse_rule("hijri 10-1"), dates={2027: date(2027, 3, 10)})
    assert first_days(season, 2027) == [date(2027, 3, 10)] and first_days(season, 2028) == [date(2028, 2, 26)]


@given(st.integers(1900, 2199), st.sampled_from([7, 8, 9]))
def test_the_lunar_year_begins_between_january_20_and_february_22(year: int, hours: int) -> None:
    assert date(year, 1, 20) <= lunar(1, 1, year, hours) <= date(year, 2, 22)
    assert 28 <= (lunar(8, 15, year, hours) - lunar(7, 15, year, hours)).days <= 60


@given(st.integers(1900, 2199))
def test_easter_is_a_sunday_in_spring(year: int) -> None:
    assert easter(year).weekday() == 6 and date(year, 3, 22) <= easter(year) <= date(year, 4, 25)


@given(st.text(max_size=300))
def test_no_text_breaks_the_rule_parser(text: str) -> None:
    with contextlib.suppress(ValueError):
        parse_rule(text)
