"""Reads a market's pack.yaml: countries, register, address, how money and times are written, payment, logistics, calendar.

Only `countries` and `languages` are required, so that a new market begins with two lines. Faults name file and line.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.numbers import parse_pattern
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from assistant.errors import InputFileError
from assistant.events import Country, Currency, Lang
from assistant.packs.calendar import Season, dates, parse_rule
from assistant.packs.marked import Fields, Rows, load
from assistant.suggest.writing import Form

FILE = "pack.yaml"
Text = Annotated[str, Field(min_length=1, max_length=1000)]
Word = Annotated[str, Field(min_length=1, max_length=80)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Address(_Part):
    """How viewers are called in a language."""

    room: Word = ""
    viewers: list[Word] = []
    avoid: list[Word] = []


class Format(_Part):
    """How one country writes money and times."""

    currency: Currency
    timezone: str = "UTC"
    digits: Literal["latn", "arab"] = "latn"
    """`arab` writes Arabic-Indic digits in the languages that have them."""
    former_price_days: Annotated[int, Field(ge=0, le=365)] = 30
    """How many days after it was last charged a former price may still be named."""
    money: dict[Lang, Word] = {}
    """CLDR number pattern per language, such as "#,##0.00 €"; without one CLDR's own. Whole amounts drop their decimals."""
    spoken: dict[Lang, Word] = {}
    """The same for a host's gloss: the currency in the words of her language; without one CLDR's name of it."""
    clock: dict[Lang, Word] = {}
    """CLDR time pattern per language, such as "H:mm"; without one CLDR's short form."""

    @field_validator("timezone")
    @classmethod
    def _zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (OSError, ValueError, KeyError):
            raise ValueError(f"{name} is no time zone such as Asia/Riyadh") from None
        return name

    @field_validator("money", "spoken")
    @classmethod
    def _patterns(cls, patterns: dict[str, str]) -> dict[str, str]:
        for pattern in patterns.values():
            if "0" not in pattern:
                raise ValueError(f"{pattern!r} has no place for digits")
            parse_pattern(pattern)
        return patterns


class Logistics(_Part):
    """What a host may lean on about delivery and returns in a country, and how sure it is."""

    days: Annotated[list[Annotated[int, Field(ge=0, le=365)]], Field(min_length=1, max_length=2)]
    """Usual working days from order to door, from and to; what a room promises stands in its own products."""
    returns: dict[Lang, Text] = {}
    duty: dict[Lang, Text] = {}
    confidence: Literal["seen", "known", "native", "verify"] = "verify"
    basis: str = ""


class _Season(_Part):
    season: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,40}$")]
    rule: str
    countries: list[Country] = []
    days: Annotated[int, Field(ge=1, le=366)] = 1
    before: Annotated[int, Field(ge=0, le=200)] = 0
    dates: dict[int, date] = {}

    @field_validator("rule", mode="before")
    @classmethod
    def _computes(cls, text: Any) -> str:
        for year in (2026, 2027, 2028):
            dates(parse_rule(str(text)), year)
        return str(text)


class _File(_Part):
    languages: Annotated[list[Lang], Field(min_length=1)]
    countries: Annotated[dict[Country, list[Lang]], Field(min_length=1)]
    register_: dict[Lang, Text] = Field({}, alias="register")
    address: dict[Lang, Address] = {}
    formats: dict[Country, Format] = {}
    free: dict[Lang, Word] = {}
    cash_on_delivery: dict[Lang, Word] = {}
    payment: dict[Country, list[Word | dict[Lang, Word]]] = {}
    logistics: dict[Country, Logistics] = {}
    calendar: list[_Season] = []


class Pack:
    """One market as its pack.yaml says."""

    def __init__(self, name: str, file: _File) -> None:
        self.name = name
        """The folder's name."""
        self.languages: tuple[str, ...] = tuple(file.languages)
        """The subtitle languages, the most spoken first."""
        self.countries: dict[str, tuple[str, ...]] = {country: tuple(langs) for country, langs in file.countries.items()}
        """Country to the languages typed there."""
        self.register, self.address = file.register_, file.address
        self.formats, self.logistics = file.formats, file.logistics
        self.seasons = tuple(
            Season(item.season, parse_rule(item.rule), tuple(item.countries), item.days, item.before, item.dates) for item in file.calendar
        )
        self._free, self._cash, self._payment = file.free, file.cash_on_delivery, file.payment
        self._forms: dict[tuple[str, str, bool], Form] = {}
        self._zones = {country: ZoneInfo(form.timezone) for country, form in file.formats.items()}

    def spoken_in(self, lang: str) -> list[str]:
        """The countries where a language is typed, those first where it comes first."""
        typed = [country for country, langs in self.countries.items() if lang in langs]
        return sorted(typed, key=lambda country: self.countries[country].index(lang))

    def local(self, country: str, now: int) -> datetime:
        """The local time in a country at `now` (epoch ms); UTC where the pack has no zone."""
        return datetime.fromtimestamp(now / 1000, self._zones.get(country, ZoneInfo("UTC")))

    def form(self, lang: str, country: str, *, gloss: bool = False) -> Form:
        """How slots are written in a language for a country; a `gloss` for the host names the currency in words."""
        key = (lang, country, gloss)
        if key not in self._forms:
            self._forms[key] = self._form(*key)
        return self._forms[key]

    def _form(self, lang: str, country: str, gloss: bool) -> Form:
        known, spelt = self.formats.get(country), "#,##0.00 ¤¤¤" if gloss else ""
        return Form(
            lang=lang, country=country, locale=_locale(lang, country), currency=known.currency if known else "",
            money=(known.spoken if gloss else known.money).get(lang, spelt) if known else spelt,
            arabic_digits=bool(known and known.digits == "arab" and not gloss and lang in ("ar", "fa", "ur")),
            clock="HH:mm" if gloss else (known.clock.get(lang, "") if known else ""),
            payment=tuple(name for item in self._payment.get(country, ()) if (name := item if isinstance(item, str) else item.get(lang, ""))),
            cash=self._cash.get(lang, ""), free=self._free.get(lang, ""),
        )


def _locale(lang: str, country: str) -> Locale:
    """The CLDR locale nearest to a language in a country; English where CLDR has neither."""
    for name in (f"{lang}_{country}", lang, {"tl": "fil"}.get(lang, "en")):
        try:
            return Locale.parse(name)
        except (UnknownLocaleError, ValueError):
            continue
    return Locale.parse("en")


def read_pack(path: Path) -> Pack:
    """The pack in a file; raises `InputFileError` with the line of the first fault."""
    data = load(path)
    if not isinstance(data, Fields):
        raise InputFileError(str(path), 0, "a pack needs `countries` and `languages`")
    try:
        file = _File.model_validate(data)
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in fault["loc"])
        raise InputFileError(str(path), _line(data, fault["loc"]), f"{where}: {fault['msg'].removeprefix('Value error, ')}") from None
    for name in ("formats", "payment", "logistics"):
        for country in getattr(file, name):
            if country not in file.countries:
                raise InputFileError(str(path), _line(data, (name, country)), f"{name}.{country}: {country} is none of this pack's countries")
    for index, item in enumerate(file.calendar):
        if strange := sorted(set(item.countries) - set(file.countries)):
            raise InputFileError(str(path), _line(data, ("calendar", index)), f"season {item.season}: {strange[0]} is none of this pack's countries")
    return Pack(path.parent.name, file)


def read_packs(folders: Sequence[Path]) -> dict[str, Pack]:
    """Per market its pack; an earlier folder's overrides a later one's. Raises `InputFileError`."""
    found: dict[str, Pack] = {}
    for folder in folders:
        for path in sorted(folder.glob(f"*/{FILE}")):
            if path.parent.name not in found:
                found[path.parent.name] = read_pack(path)
    return dict(sorted(found.items()))


def _line(data: Any, location: Sequence[int | str]) -> int:
    """The line of the deepest part of a fault's place that stands in the file."""
    line = 1
    for part in location:
        if isinstance(data, Fields) and str(part) in data:
            line, data = data.lines[str(part)], data[str(part)]
        elif isinstance(data, Rows) and isinstance(part, int) and part < len(data):
            line, data = data.lines[part], data[part]
        else:
            break
    return line
