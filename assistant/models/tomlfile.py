"""A TOML file of ours or the user's: every complaint names the file and, where it can be found, the line."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.errors import InputFileError

_LIMIT = 1_000_000
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*\Z")


@dataclass(frozen=True, slots=True)
class TomlFile:
    """A parsed file with checked access; every getter raises `InputFileError` for a value of the wrong kind."""

    path: Path
    text: str
    data: Mapping[str, Any]

    @classmethod
    def read(cls, path: Path) -> TomlFile:
        """Read a file of at most a megabyte; raises `InputFileError`."""
        try:
            if path.stat().st_size > _LIMIT:
                raise InputFileError(str(path), 0, "is larger than a megabyte")
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise InputFileError(str(path), 0, f"cannot be read: {error}") from None
        try:
            return cls(path, text, tomllib.loads(text))
        except tomllib.TOMLDecodeError as error:
            at = re.search(r"at line (\d+)", str(error))
            line = int(at[1]) if at else len(text.splitlines())
            raise InputFileError(str(path), line, f"is not TOML: {error}") from None

    def wrong(self, key: str, message: str) -> InputFileError:
        """The error to raise for a key, with the line where the key first stands."""
        found = re.search(rf"^\s*(?:\[+\s*)?[\"']?{re.escape(key)}(?![\w-])", self.text, re.MULTILINE)
        line = self.text.count("\n", 0, found.end()) + 1 if found else 0
        return InputFileError(str(self.path), line, f"{key} {message}")

    def string(self, table: Mapping[str, Any], key: str) -> str:
        """A string, "" when absent."""
        value = table.get(key, "")
        if not isinstance(value, str):
            raise self.wrong(key, "must be a string")
        return value

    def number(self, table: Mapping[str, Any], key: str) -> float:
        """A number of 0 or more, 0 when absent."""
        value = table.get(key, 0)
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < 1e15:
            raise self.wrong(key, "must be a number, 0 or more")
        return value

    def texts(self, table: Mapping[str, Any], key: str) -> tuple[str, ...]:
        """A list of strings, () when absent."""
        value = table.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
            raise self.wrong(key, "must be a list of strings")
        return tuple(value)

    def languages(self, table: Mapping[str, Any], key: str) -> tuple[str, ...]:
        """A list of one or more language codes."""
        value = self.texts(table, key)
        if not value or not all(_LANGUAGE.match(item) for item in value):
            raise self.wrong(key, 'must be a list of language codes, such as ["zh"]')
        return value

    def table(self, table: Mapping[str, Any], key: str) -> Mapping[str, Any]:
        """A table, empty when absent."""
        value = table.get(key, {})
        if not isinstance(value, dict):
            raise self.wrong(key, "must be a table")
        return value

    def rows(self, table: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
        """An array of tables, empty when absent."""
        value = table.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise self.wrong(key, f"must be [[{key}]] tables")
        return value

    def strings(self, table: Mapping[str, Any], key: str) -> dict[str, str]:
        """A table of strings."""
        inner = self.table(table, key)
        return {name: self.string(inner, name) for name in inner}

    def numbers(self, table: Mapping[str, Any], key: str) -> dict[str, float]:
        """A table of numbers."""
        inner = self.table(table, key)
        return {name: self.number(inner, name) for name in inner}
