"""`liveroom glossary`: messages with file and line, exit codes, and files that other tools take."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from assistant.cli import app
from assistant.glossary import read_glossary
from assistant.roomfile import RoomFile


@pytest.fixture
def call(tmp_path: Path):
    def run(*arguments: str | Path) -> Result:
        return CliRunner().invoke(app, ["glossary", *map(str, arguments), "--data", str(tmp_path / "data")])

    return run


def test_check_names_file_and_line(call, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_text("zh,ar\n精华液,سيروم\n", encoding="utf-8")
    bad.write_text("zh,ar\n精华液,سيروم\n精华液,مصل\n茶,شاي\n", encoding="utf-8")
    assert call("check", good).exit_code == 0
    for paths in ([bad], [tmp_path], [good, bad]):
        result = call("check", *paths)
        assert result.exit_code == 2
        lines = result.stdout.splitlines()
        assert [line.partition(": ")[0] for line in lines] == [f"{bad}:3", f"{bad}:4"] and "conflict" in lines[0]
    assert call("check").exit_code == 0, "what ships has no fault"
    missing = call("check", tmp_path / "none.csv")
    assert missing.exit_code == 2 and "none.csv" in missing.stderr
    (tmp_path / "empty").mkdir()
    assert call("check", tmp_path / "empty").exit_code == 2


def test_import_and_export(call, tmp_path: Path) -> None:
    file, out = tmp_path / "deepl.csv", tmp_path / "out.tmx"
    file.write_text("精华液,سيروم\n面霜,كريم\n", encoding="utf-8-sig")
    assert call("import", file, "--market", "middle_east").exit_code == 2, "it does not say its languages"
    result = call("import", file, "--market", "middle_east", "--from", "zh", "--to", "ar")
    assert result.exit_code == 0 and "2 terms added" in result.stdout
    terms = {term.cells["zh"]: term.cells["ar"] for term in read_glossary(tmp_path / "data" / "glossaries" / "middle_east.csv") if "ar" in term.cells}
    assert terms["精华液"] == "سيروم" and terms["面霜"] == "كريم"
    assert "nothing new" in call("import", file, "--market", "middle_east", "--from", "zh", "--to", "ar").stdout
    exported = call("export", "--market", "middle_east", "--format", "tmx", "--from", "zh", "--to", "ar", "--out", out)
    assert exported.exit_code == 0 and "سيروم" in out.read_text(encoding="utf-8")
    back = call("import", out, "--market", "japan")
    assert back.exit_code == 0 and "terms added" in back.stdout
    tabbed = call("export", "--market", "middle_east", "--format", "deepl-tsv", "--from", "zh", "--to", "ar")
    assert "面霜\tكريم\n" in tabbed.stdout


def test_a_faulty_import_writes_nothing_unless_told(call, tmp_path: Path) -> None:
    file, written = tmp_path / "terms.csv", tmp_path / "data" / "glossaries" / "europe.csv"
    file.write_text("zh,de\n荧光夹趾鞋,Neonzehentrenner\n荧,x\n", encoding="utf-8")
    refused = call("import", file, "--market", "europe")
    assert refused.exit_code == 2 and f"{file}:3: " in refused.stderr and not written.exists()
    taken = call("import", file, "--market", "europe", "--skip")
    assert taken.exit_code == 0 and "1 terms added" in taken.stdout
    assert any(term.cells.get("de") == "Neonzehentrenner" for term in read_glossary(written))
    assert call("import", file, "--market", "atlantis").exit_code == 2
    assert call("import", tmp_path / "none.csv", "--market", "europe").exit_code == 2
    assert call("export", "--market", "europe", "--format", "deepl", "--to", "de", "--to", "fr").exit_code == 2


def test_a_faulty_glossary_is_mended_before_it_is_changed(call, tmp_path: Path) -> None:
    (tmp_path / "data" / "glossaries").mkdir(parents=True)
    (tmp_path / "data" / "glossaries" / "europe.csv").write_text("zh,de\n精华液,Serum\n精华液,Essenz\n", encoding="utf-8")
    file = tmp_path / "terms.csv"
    file.write_text("zh,de\n面霜,Creme\n", encoding="utf-8")
    result = call("import", file, "--market", "europe", "--skip")
    assert result.exit_code == 2 and "europe.csv:3" in result.stderr


def test_without_the_extra_exit_is_3(call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "translate.storage.tmx", None)
    file = tmp_path / "x.tmx"
    file.write_text("<tmx/>", encoding="utf-8")
    result = call("import", file, "--market", "europe")
    assert result.exit_code == 3 and 'pip install "liveroom-assistant[tmx]"' in result.stderr


async def test_heard_from_a_real_room(run_service, sample_room: RoomFile, call, tmp_path: Path) -> None:
    glossary = tmp_path / "data" / "glossaries" / "middle_east.csv"
    glossary.parent.mkdir(parents=True)
    glossary.write_text("zh,ar\n精华液,سيروم\n面霜,كريم\n", encoding="utf-8")
    async with run_service(data=tmp_path / "data") as service, service.client("host") as host, service.client("moderator") as moderator:
        for number, text in enumerate(("这款精滑液很好用", "大家看精滑液", "栖路娜保湿精华今天打折")):
            ack = await host.say(type="speech", segment=f"s{number}", rev=0, final=True, text=text)
            right = text.replace("精滑液", "精华液").replace("栖路娜", "栖露娜")
            assert (await moderator.say(type="correct", seq=ack["seq"], lang="zh", text=right))["type"] == "ack"

    async def asked(*arguments: str) -> Result:
        return await asyncio.to_thread(call, *arguments)

    before = glossary.read_text(encoding="utf-8")
    shown = await asked("heard", "sample")
    assert shown.exit_code == 0 and "精滑液" in shown.stdout and "栖路娜保湿精华" in shown.stdout and "middle_east.csv:2" in shown.stdout
    assert glossary.read_text(encoding="utf-8") == before, "nothing is written unasked"
    often = await asked("heard", "sample", "--times", "2")
    assert "精滑液" in often.stdout and "栖路娜" not in often.stdout
    written = await asked("heard", "sample", "--write")
    assert written.exit_code == 0 and "1 mishearings written" in written.stdout and "product's name" in written.stderr
    assert read_glossary(glossary)[0].heard == ("精滑液",)
    assert "精滑液" not in (await asked("heard", "sample")).stdout, "what is known is not proposed again"
    assert (await asked("heard", "other")).exit_code == 2 and (await asked("heard", "../sample")).exit_code == 2
    assert json.loads((tmp_path / "data" / "rooms" / "sample.json").read_text(encoding="utf-8"))["id"] == "sample"
