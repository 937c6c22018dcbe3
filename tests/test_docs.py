"""The README knows every setting, with its default."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from assistant.settings import PREFIX, Settings

README = Path(__file__).parents[1] / "README.md"


def shown(default: object) -> str:
    """A default as the table writes it."""
    return {None: "", True: "true", False: "false"}.get(default, str(default))  # type: ignore[arg-type]


def rows() -> dict[str, tuple[str, ...]]:
    """The settings table: the cells of each row by its variable."""
    pattern = re.compile(rf"^\| `({PREFIX}\w+)` \|(.*)\|$", re.MULTILINE)
    text = README.read_text(encoding="utf-8")
    return {match[1]: tuple(cell.strip().strip("`") for cell in match[2].split(" | ")) for match in pattern.finditer(text)}


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_stands_in_the_readme(name: str) -> None:
    row = rows().get(PREFIX + name.upper())
    assert row is not None, f"{name} is missing from README.md's table"
    default = Settings.model_fields[name].default
    if isinstance(default, float) or type(default) is int:
        assert float(row[0].replace(",", "")) == default
    else:
        assert row[0] == shown(default)


def test_the_readme_has_no_setting_that_is_gone() -> None:
    known = {PREFIX + name.upper() for name in Settings.model_fields} | {PREFIX + "CONFIG"}
    assert set(rows()) <= known
