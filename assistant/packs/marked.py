"""YAML whose mappings and lists know the line they stand on, so that every fault of a pack can be named by file and line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from assistant.errors import InputFileError

MAX_BYTES = 8 * 2**20
"""A pack's file is text somebody wrote by hand; more is none."""
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The C loader is about ten times faster; both are safe."""


class Rows(list[Any]):
    """A YAML list; `lines[i]` is the 1-based line of item i."""

    lines: list[int]


class Fields(dict[str, Any]):
    """A YAML mapping; `lines[key]` is the 1-based line of a key, `line` that of the mapping."""

    line: int
    lines: dict[str, int]


class _Marked(_Loader):  # type: ignore[misc]
    pass


def _mapping(loader: Any, node: yaml.MappingNode) -> Any:
    found = Fields()
    found.line, found.lines = node.start_mark.line + 1, {}
    yield found
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        # YAML reads NO (Norway) and ON as truth values; a pack's keys are words.
        name = key_node.value if isinstance(key_node, yaml.ScalarNode) else str(key)
        if name in found:
            raise yaml.constructor.ConstructorError(None, None, f"{name} stands twice", key_node.start_mark)
        found[name] = loader.construct_object(value_node, deep=True)
        found.lines[name] = key_node.start_mark.line + 1


def _sequence(loader: Any, node: yaml.SequenceNode) -> Any:
    found = Rows()
    found.lines = [item.start_mark.line + 1 for item in node.value]
    yield found
    found.extend(loader.construct_object(item, deep=True) for item in node.value)


_Marked.add_constructor("tag:yaml.org,2002:map", _mapping)
_Marked.add_constructor("tag:yaml.org,2002:seq", _sequence)


def load(path: Path) -> Any:
    """A file's content: `Fields`, `Rows` or a plain value. Raises `InputFileError` with the line of a syntax fault or repeated key."""
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
        if len(content) > MAX_BYTES:
            raise InputFileError(str(path), 0, f"is larger than {MAX_BYTES >> 20} MiB")
        return yaml.load(content.decode("utf-8-sig"), _Marked)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise InputFileError(str(path), mark.line + 1 if mark else 0, str(getattr(error, "problem", None) or error)) from None
    except OSError as error:
        raise InputFileError(str(path), 0, error.strerror or str(error)) from None
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise InputFileError(str(path), 0, f"is no YAML in UTF-8 ({error})") from None
