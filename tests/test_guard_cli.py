"""`liveroom guard` as a seller runs it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from typer.testing import CliRunner

from assistant.cli import app

RULES = (Path(__file__).parent / "data" / "guard_rules.yaml").read_text(encoding="utf-8")


def folder(tmp_path: Path) -> Path:
    """A data folder whose rules override the shipped ones of the Middle East."""
    market = tmp_path / "data" / "talk_scripts" / "middle_east"
    market.mkdir(parents=True)
    (market / "rules.yaml").write_text(RULES, encoding="utf-8")
    return tmp_path / "data"


def guard(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["guard", *arguments])
    return result.exit_code, result.output


def test_warnings_are_told_with_the_event_s_fields_and_are_no_failure(tmp_path: Path) -> None:
    code, out = guard("--market", "middle_east", "--lang", "zh", "--json", "--data", str(folder(tmp_path)), "这款全网 第一")
    [warning] = json.loads(out)["warnings"]
    assert code == 0 and (warning["rule"], warning["span"], warning["matched"]) == ("t-no1", [2, 7], "全网 第一")
    assert warning["market"] == "middle_east" and warning["country"] is None and warning["message"].startswith("没有")
    code, out = guard("--market", "middle_east", "--data", str(tmp_path / "data"), "this serum is the best")
    assert code == 0 and "t-no1" in out and "We sold" in out, "the language is detected"


def test_each_line_has_an_answer_in_its_place(tmp_path: Path) -> None:
    arguments = ("--market", "middle_east", "--lang", "zh", "--country", "SA", "--json", "--data", str(folder(tmp_path)))
    done = subprocess.run(
        [sys.executable, "-m", "assistant", "guard", *arguments], input="全网第一\n\n你好\n清真的".encode(), capture_output=True, check=True, timeout=100
    )
    answers = [json.loads(line)["warnings"] for line in done.stdout.decode().splitlines()]
    assert [[item["rule"] for item in found] for found in answers] == [["t-no1"], [], [], ["t-halal"]]
    assert answers[3][0]["country"] == "SA"


def test_a_room_s_facts_decide(tmp_path: Path) -> None:
    room = tmp_path / "ROOM.toml"
    room.write_text(
        'id = "r"\nhost_language = "zh"\nmarkets = ["middle_east"]\npermits = [{type = "lottery", country = "SA", number = "1"}, '
        '{type = "lottery", country = "AE", number = "2"}]\n[[products]]\nsku = "A"\nnames = {zh = "面霜"}\nstock = 5\nprice = {SAR = 89}\n'
        "former_price = {SAR = 120, from = 2020-01-01, to = 2099-01-01}\n",
        encoding="utf-8",
    )
    arguments = ("--market", "middle_east", "--lang", "zh", "--json", "--data", str(folder(tmp_path)))
    for text in ("原价120，现在89", "最后几件", "下单抽奖"):
        assert json.loads(guard(*arguments, text)[1])["warnings"]
        assert json.loads(guard(*arguments, "--room", str(room), text)[1])["warnings"] == []
    assert [item["rule"] for item in json.loads(guard(*arguments, "--room", str(room), "只要79里亚尔")[1])["warnings"]] == ["t-price"]


def test_what_is_wrong_is_said_with_exit_code_2(tmp_path: Path) -> None:
    assert guard("--market", "atlantis", "x")[0] == 2
    assert guard("--market", "japan", "--country", "FR", "x")[0] == 2
    data = folder(tmp_path)
    (data / "talk_scripts" / "middle_east" / "rules.yaml").write_text(RULES.replace("severity: block", "severity: big", 1), encoding="utf-8")
    code, out = guard("--market", "middle_east", "--data", str(data), "x")
    assert code == 2 and "rules.yaml:4" in out.replace("\n", "")
