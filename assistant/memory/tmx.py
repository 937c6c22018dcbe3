"""Reads TMX 1.4, the exchange format of translation memories, as a stream.

A unit with variants in several languages gives the pairs from its source language (`srclang` of the unit or the header) into each of the
others; with `*all*`, or where the source language has no variant, every pair. Inline codes (`ph bpt ept it ut`) are left out, `hi` keeps
its text. The parser takes no entity definitions, so that a small file can't grow into a large one, and never opens another file.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations
from pathlib import Path
from xml.parsers import expat

from assistant.errors import InputFileError
from assistant.memory.store import LIMIT, Entry

CHUNK = 64 * 1024
MAX_VARIANTS = 40
"""Languages of one unit."""
MAX_SEGMENT = 20_000
"""Characters kept of one segment; what is longer than a message is refused later, with its line."""

_CODES = frozenset({"ph", "bpt", "ept", "it", "ut"})


def read_tmx(path: Path) -> Iterator[tuple[int, Entry]]:
    """The pairs of a file with the lines of their units; raises `InputFileError`."""
    units = _Units(path)
    with path.open("rb") as file:
        while True:
            chunk = file.read(CHUNK)
            units.feed(chunk)
            for pair in units.pairs:
                units.count += 1
                if units.count > LIMIT:
                    raise InputFileError(str(path), pair[0], f"holds more than {LIMIT} pairs")
                yield pair
            units.pairs.clear()
            if not chunk:
                return


class _Units:
    """Collects the units that the parser meets."""

    def __init__(self, path: Path) -> None:
        self.pairs: list[tuple[int, Entry]] = []
        self.count = 0
        self._path, self._depth = path, 0
        self._default = self._srclang = self._lang = ""
        self._line = self._skipping = 0
        self._variants: dict[str, str] = {}
        self._text: list[str] | None = None
        self._size = 0
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters
        self._parser.EntityDeclHandler = self._entity

    def feed(self, chunk: bytes) -> None:
        """Take in a piece of the file, the empty one at its end."""
        try:
            self._parser.Parse(chunk, not chunk)
        except expat.ExpatError as error:
            raise InputFileError(str(self._path), error.lineno, f"is no well-formed XML: {expat.ErrorString(error.code)}") from None
        except (ValueError, LookupError) as error:  # an encoding that nobody knows
            raise InputFileError(str(self._path), self._parser.CurrentLineNumber, str(error)) from None

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth == 1 and name != "tmx":
            self._refuse(f"is no TMX: it begins with <{name[:40]}>")
        if self._depth > 100:
            self._refuse("is nested more than 100 deep")
        if name == "header":
            self._default = attributes.get("srclang", "")
        elif name == "tu":
            self._line, self._variants = self._parser.CurrentLineNumber, {}
            self._srclang = attributes.get("srclang") or self._default
        elif name == "tuv":
            self._lang = attributes.get("xml:lang") or attributes.get("lang") or ""
        elif name == "seg":
            self._text, self._size, self._skipping = [], 0, 0
        elif self._text is not None and name in _CODES:
            self._skipping += 1

    def _end(self, name: str) -> None:
        self._depth -= 1
        if name == "seg" and self._text is not None:
            if len(self._variants) < MAX_VARIANTS:
                self._variants[self._lang] = " ".join("".join(self._text).split())
            self._text = None
        elif self._text is not None and name in _CODES:
            self._skipping -= 1
        elif name == "tu":
            self._close()

    def _characters(self, text: str) -> None:
        if self._text is not None and not self._skipping and self._size < MAX_SEGMENT:
            self._text.append(text)
            self._size += len(text)

    def _close(self) -> None:
        sources = [lang for lang in self._variants if lang.lower() == self._srclang.lower()] or list(self._variants)
        for source, target in permutations(self._variants, 2):
            if source in sources:
                origin = f"{self._path.name}:{self._line}"
                self.pairs.append((self._line, Entry(source, target, self._variants[source], self._variants[target], origin)))

    def _entity(self, *_: object) -> None:
        self._refuse("defines an entity, which a TMX has no need of")

    def _refuse(self, message: str) -> None:
        raise InputFileError(str(self._path), self._parser.CurrentLineNumber, message)
