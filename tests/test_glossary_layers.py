"""Layers and hot reload: who wins, when an edit counts, what a bad file does."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from assistant.glossary import Glossaries, Shelf
from assistant.glossary.edit import Desk, Outdated, Refused
from assistant.glossary.layers import product_terms
from assistant.protect.terms import Term

SERUM = "zh,ar\n精华液,سيروم\n"
CREAM = "zh,ar\n面霜,كريم\n"
BAD = "zh,ar\n精华液,سيروم\n精华液,مصل\n"


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    data, shipped = tmp_path / "data", tmp_path / "shipped"
    data.mkdir()
    shipped.mkdir()
    return data, shipped


def write(file: Path, text: str, age: int = 0) -> None:
    """Write a file; `age` seconds old, so that two writes within a clock tick differ."""
    file.write_text(text, encoding="utf-8")
    stat = file.stat()
    os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns - age * 1_000_000_000))


def words(layers: tuple[tuple[Term, ...], ...]) -> list[list[str]]:
    return [[term.cells["zh"] for term in layer] for layer in layers]


def test_the_room_s_own_terms_are_above_the_market_s_above_the_common_ones(folders, sample_room) -> None:
    data, shipped = folders
    write(shipped / "common.csv", SERUM)
    write(shipped / "japan.csv", "zh,ja\n包邮,送料無料\n")
    own = Term({"zh": "自己", "ar": "نفسي"})
    glossaries = Glossaries(Shelf([data, shipped]), [own])
    assert words(glossaries.layers("japan")) == [["自己"], ["包邮"], ["精华液"]]
    assert words(glossaries.layers("europe")) == words(glossaries.layers(None)) == [["自己"], ["精华液"]]
    assert Glossaries(own=[own]).layers("japan") == ((own,),) and Glossaries().layers(None) == ()
    names = product_terms(sample_room.products)
    assert names[0].sku == "ABAYA-01" and names[0].cells["ja"] == "タリムー クレープ地アバヤ" and "ABAYA-01" in names[0].origin


def test_a_file_of_the_data_folder_overrides_the_shipped_one_and_only_it(folders) -> None:
    data, shipped = folders
    write(shipped / "common.csv", SERUM)
    write(shipped / "japan.csv", SERUM)
    write(data / "japan.csv", CREAM)
    shelf = Shelf([data, shipped])
    assert [term.cells["zh"] for term in shelf.terms("japan")] == ["面霜"] and [term.cells["zh"] for term in shelf.terms("common")] == ["精华液"]
    assert shelf.path("japan") == data / "japan.csv" and shelf.names() == ["common", "japan"]
    (data / "japan.csv").unlink()
    shelf.refresh()
    shelf.refresh()
    assert [term.cells["zh"] for term in shelf.terms("japan")] == ["精华液"]


def test_an_edit_counts_once_the_file_stands_still(folders) -> None:
    data, _ = folders
    write(data / "common.csv", SERUM, age=9)
    shelf = Shelf([data])
    before, version = shelf.terms("common"), shelf.version
    write(data / "common.csv", "zh,ar\n面霜,", age=6)  # half written
    assert shelf.refresh() == [] and shelf.terms("common") is before
    write(data / "common.csv", CREAM, age=3)
    assert shelf.refresh() == [] and shelf.terms("common") is before and shelf.version == version
    assert shelf.refresh() == [] and shelf.terms("common")[0].cells["zh"] == "面霜" and shelf.version == version + 1
    same = shelf.terms("common")
    shelf.refresh()
    assert shelf.terms("common") is same and shelf.version == version + 1, "nothing is rebuilt without an edit"


def test_a_bad_file_keeps_the_old_one_serving_and_says_why(folders) -> None:
    data, shipped = folders
    write(shipped / "common.csv", CREAM)
    write(data / "common.csv", SERUM, age=9)
    shelf = Shelf([data, shipped])
    version = shelf.version
    write(data / "common.csv", BAD, age=6)
    shelf.refresh()
    (faulty,) = shelf.refresh()
    assert str(faulty).startswith(f"{data / 'common.csv'}:3: conflict") and shelf.faults == (faulty,)
    assert shelf.terms("common")[0].cells["zh"] == "精华液" and shelf.version == version
    assert shelf.refresh() == [] and shelf.faults == (faulty,), "told once, known as long as it lasts"
    write(data / "common.csv", CREAM, age=3)
    shelf.refresh()
    shelf.refresh()
    assert shelf.faults == () and shelf.terms("common")[0].cells["zh"] == "面霜" and shelf.version == version + 1


def test_a_file_that_was_never_good_gives_way_to_the_shipped_one(folders) -> None:
    data, shipped = folders
    write(shipped / "common.csv", CREAM)
    write(data / "common.csv", BAD)
    write(data / "japan.csv", "\x00")
    shelf = Shelf([data, shipped])
    assert shelf.terms("common")[0].cells["zh"] == "面霜" and shelf.terms("japan") == () and len(shelf.faults) == 2


def test_folders_may_come_and_go(tmp_path: Path) -> None:
    shelf = Shelf([tmp_path / "later"])
    assert shelf.names() == [] and shelf.version == 0
    (tmp_path / "later").mkdir()
    write(tmp_path / "later" / "common.csv", SERUM)
    write(tmp_path / "later" / ".hidden.csv", SERUM)
    shelf.refresh()
    shelf.refresh()
    assert shelf.names() == ["common"]


def test_an_edit_through_the_desk_counts_at_once(folders) -> None:
    data, shipped = folders
    write(shipped / "common.csv", SERUM)
    shelf = Shelf([data / "new", shipped])
    desk = Desk(shelf)
    seen = desk.read("common")
    assert seen is not None and seen.content == SERUM.encode() and desk.read("japan") is None
    page = desk.write("common", CREAM.encode(), lambda now: now is not None and now.tag == seen.tag)
    assert shelf.terms("common")[0].cells["zh"] == "面霜" and desk.read("common") == page and page.tag != seen.tag
    with pytest.raises(Outdated):
        desk.write("common", SERUM.encode(), lambda now: now is not None and now.tag == seen.tag)
    with pytest.raises(Refused) as refused:
        desk.write("common", BAD.encode(), lambda now: True)
    assert [problem.line for problem in refused.value.problems] == [3]
    assert [file.name for file in (data / "new").iterdir()] == ["common.csv"] and desk.read("common") == page
    assert (shipped / "common.csv").read_text(encoding="utf-8") == SERUM
