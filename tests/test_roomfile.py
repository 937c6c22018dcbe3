"""Room files: what is read, and that every fault names its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.errors import InputFileError
from assistant.roomfile import read_room

GOOD = """\
id = "shop"
host_language = "zh"
markets = ["japan"]

[[products]]
sku = "A"
names = { zh = "杯子", ja = "カップ" }
price = { JPY = 980 }

[[products]]
sku = "B"
names = { zh = "壶" }
former_price = { JPY = 1200, from = 2026-01-01, to = 2026-03-01 }
certificates = [{ type = "PSE", number = "1", authority = "x", countries = ["JP"], until = 2027-01-01 }]
"""


def write(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "ROOM.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_a_room(tmp_path: Path) -> None:
    room = read_room(write(tmp_path, GOOD))
    assert (room.id, room.moderators, [product.sku for product in room.products]) == ("shop", "zh", ["A", "B"])


def test_the_least_a_room_needs(tmp_path: Path) -> None:
    assert read_room(write(tmp_path, 'id = "r"\nhost_language = "zh"\nmarkets = ["japan"]\n')).subtitle_languages == []


@pytest.mark.parametrize(
    ("change", "line", "word"),
    [
        (('markets = ["japan"]', "markets = []"), 3, "markets"),
        (('host_language = "zh"', 'host_language = "Chinese!"'), 2, "host_language"),
        (('id = "shop"', 'id = "../x"'), 1, "id"),
        (('markets = ["japan"]', 'markets = ["japan"]\nnonsense = 3'), 4, "nonsense"),
        (("price = { JPY = 980 }", "price = { JPY = -1 }"), 8, "price"),
        (('sku = "B"', 'sku = "A"'), 11, "stands twice"),
        (('id = "shop"', "id = shop"), 1, "Invalid value"),
    ],
)
def test_faults_name_file_and_line(tmp_path: Path, change: tuple[str, str], line: int, word: str) -> None:
    file = write(tmp_path, GOOD.replace(*change))
    with pytest.raises(InputFileError) as caught:
        read_room(file)
    assert caught.value.file == str(file) and caught.value.line == line and word in str(caught.value)


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(InputFileError):
        read_room(tmp_path / "none.toml")
