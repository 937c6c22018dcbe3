"""Every market pack as read, for a whole service: the parts that its rooms share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from assistant.guard.match import Rulebook
from assistant.guard.rules import Rule
from assistant.markets import Markets, read_markets
from assistant.packs.lines import read_talk
from assistant.packs.pack import Pack, read_packs
from assistant.packs.rules import read_all_rules
from assistant.suggest.lines import Line


@dataclass(frozen=True, slots=True)
class Library:
    """All packs. Rulebooks are compiled once for all rooms with the same markets; there are as many as the rooms' files ask for."""

    markets: Markets
    packs: Mapping[str, Pack]
    lines: Sequence[Line]
    rules: Mapping[str, Sequence[Rule]]
    _books: dict[tuple[str, ...], Rulebook] = field(default_factory=dict)

    def book(self, markets: Sequence[str]) -> Rulebook:
        """The rules of some markets."""
        key = tuple(markets)
        if key not in self._books:
            self._books[key] = Rulebook([rule for name in key for rule in self.rules.get(name, ())])
        return self._books[key]


def read_library(folders: Sequence[Path]) -> Library:
    """The packs under `folders`; an earlier folder's file overrides a later one's. Raises `InputFileError` with file and line."""
    packs, markets = read_packs(folders), read_markets(folders)
    return Library(markets, packs, read_talk(folders, packs), read_all_rules(folders, markets))
