"""The markets: which countries they have and what is spoken there, read from `talk_scripts/<market>/pack.yaml`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from assistant.errors import InputFileError


@dataclass(frozen=True, slots=True)
class Market:
    """One pack folder."""

    name: str
    languages: tuple[str, ...]
    """The subtitle languages of the market, the most spoken first."""
    countries: dict[str, tuple[str, ...]]
    """Country (ISO 3166-1 alpha-2) to the languages typed there."""


class Markets:
    """All markets that have a pack."""

    def __init__(self, markets: Iterable[Market]) -> None:
        self._markets = {market.name: market for market in markets}

    def names(self) -> list[str]:
        """The markets' names, sorted."""
        return sorted(self._markets)

    def languages(self, names: Sequence[str]) -> tuple[str, ...]:
        """The subtitle languages of some markets, each once, in order."""
        return tuple(dict.fromkeys(lang for name in names if name in self._markets for lang in self._markets[name].languages))

    def countries(self, name: str) -> tuple[str, ...]:
        """The countries of a market; none for an unknown one."""
        return tuple(self._markets[name].countries) if name in self._markets else ()

    def languages_of(self, country: str | None) -> tuple[str, ...]:
        """What is typed in a country; empty when no pack has it."""
        for market in self._markets.values():
            if country in market.countries:
                return market.countries[country]
        return ()

    def market_of(self, country: str | None, names: Sequence[str]) -> str | None:
        """The first of some markets that a country belongs to."""
        return next((name for name in names if name in self._markets and country in self._markets[name].countries), None)

    def first_with(self, lang: str, names: Sequence[str]) -> str | None:
        """The first of some markets whose pack has a language."""
        return next((name for name in names if name in self._markets and lang in self._markets[name].languages), None)


def read_markets(folders: Sequence[Path]) -> Markets:
    """The packs under `folders`; an earlier folder's market overrides a later one's. Raises `InputFileError`."""
    found: dict[str, Market] = {}
    for folder in folders:
        for file in sorted(folder.glob("*/pack.yaml")):
            if file.parent.name not in found:
                found[file.parent.name] = _read(file)
    return Markets(found.values())


def _read(file: Path) -> Market:
    try:
        data = yaml.safe_load(file.read_text(encoding="utf-8"))
        countries = {str(code): tuple(langs) for code, langs in data["countries"].items()}
        return Market(file.parent.name, tuple(data["languages"]), countries)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise InputFileError(str(file), mark.line + 1 if mark else 0, str(error)) from None
    except (OSError, KeyError, TypeError, AttributeError) as error:
        raise InputFileError(str(file), 0, f"a pack needs `countries` and `languages` ({error!r})") from None
