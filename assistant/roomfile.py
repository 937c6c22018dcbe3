"""Reads ROOM.toml: the room's languages, markets and products. Faults name file and line."""

from __future__ import annotations

import datetime
import re
import tomllib
from collections.abc import Collection
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from assistant.errors import InputFileError
from assistant.events import Country, Currency, Lang

_Name = Annotated[str, Field(min_length=1, max_length=200)]
_Amount = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class FormerPrice(_Part):
    """A price the product was really sold at, and when: what a 'was' price may lean on."""

    model_config = ConfigDict(extra="allow", frozen=True)

    from_: Annotated[datetime.date, Field(alias="from")]
    until: Annotated[datetime.date, Field(alias="to")]


class Certificate(_Part):
    """A certificate of a product."""

    type: _Name
    number: str = ""
    authority: str = ""
    countries: list[Country] = []
    until: datetime.date | None = None


class Permit(_Part):
    """A permit of the seller's, such as for a lucky draw."""

    type: _Name
    country: Country
    number: _Name


class Shipping(_Part):
    """How a product reaches one country."""

    model_config = ConfigDict(extra="allow", frozen=True)


class RoomProduct(_Part):
    """One product on sale."""

    sku: _Name
    names: dict[Lang, _Name]
    category: str = ""
    price: dict[Currency, _Amount] = {}
    former_price: FormerPrice | None = None
    cost: dict[Currency, _Amount] = {}
    stock: Annotated[int, Field(ge=0)] | None = None
    sizes: list[str] = []
    facts: dict[str, str | float | int | bool | list[str]] = {}
    certificates: list[Certificate] = []
    country_of_origin: Country | None = None
    shipping: dict[Country, Shipping] = {}


class RoomFile(_Part):
    """A room as its file says."""

    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
    host_language: Lang
    markets: Annotated[list[_Name], Field(min_length=1)]
    moderator_language: Lang | None = None
    subtitle_languages: list[Lang] = []
    subtitle_markets: dict[Lang, _Name] = {}
    timezone: str = "UTC"
    permits: list[Permit] = []
    products: list[RoomProduct] = []

    @property
    def moderators(self) -> str:
        """The moderators' language, the host's where none is given."""
        return self.moderator_language or self.host_language


def read_room(path: Path, packs: Collection[str] | None = None) -> RoomFile:
    """The room in a file; raises `InputFileError` with file and line, also for a market that is none of `packs`."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputFileError(str(path), 0, str(error)) from None
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"at line (\d+)", str(error))
        raise InputFileError(str(path), int(line[1]) if line else 0, str(error)) from None
    try:
        room = RoomFile.model_validate(data)
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in fault["loc"])
        raise InputFileError(str(path), _line_of(text, fault["loc"]), f"{where}: {fault['msg']}") from None
    if packs is not None and (unknown := next((name for name in room.markets if name not in packs), None)):
        raise InputFileError(str(path), _line_of(text, ("markets",)), f"no pack for market {unknown}; there are {', '.join(sorted(packs))}")
    skus = [product.sku for product in room.products]
    for sku in skus:
        if skus.count(sku) > 1:
            raise InputFileError(str(path), _line_of(text, ("products", len(skus) - 1 - skus[::-1].index(sku), "sku")), f"sku {sku} stands twice")
    return room


def _line_of(text: str, location: tuple[int | str, ...]) -> int:
    """The line a fault points at, as well as a search for its keys finds it; 0 when it is not there."""
    line = 0
    lines = text.split("\n")
    for part in location:
        if isinstance(part, int):
            heads = [number for number, content in enumerate(lines) if re.match(r"\s*\[\[", content) and number >= line]
            line = heads[part] if part < len(heads) else line
            continue
        key = re.compile(rf"(^|[\[{{,\s.]){re.escape(part)}(\s*=|\]|\.|\")")
        line = next((number for number in range(line, len(lines)) if key.search(lines[number])), line)
    return line + 1
