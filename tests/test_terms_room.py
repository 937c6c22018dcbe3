"""Terms hold in a room, on the command line and over partials: product names without a glossary, files with one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from flow import flowing
from typer.testing import CliRunner

from assistant.cli import app

SERUM = {"sku": "SERUM-30", "names": {"zh": "玻尿酸精华液", "en": "Hyaluron Serum", "ar": "سيروم الهيالورونيك"}}
CSV = "zh,en,ar,heard,avoid\n精华液,serum,سيروم,京华液,en:essence\nHuawei,Huawei,Huawei,,\n"


async def test_a_products_own_name_holds_both_ways(tmp_path: Path) -> None:
    async with flowing(tmp_path, products=[SERUM]) as flow:
        await flow.speech("s1", 0, "大家看这款玻尿酸精华液，很好用", final=True)
        await flow.comment("c1", "كم سعر سيروم الهيالورونيك؟")
        await flow.settled()
        (english,) = flow.of("subtitle", lang="en")
        assert "Hyaluron Serum" in english["text"] and "⟦" not in english["text"]
        assert english["terms"] == [{"source": "玻尿酸精华液", "target": "Hyaluron Serum", "kept": True, "by": "edit"}]
        assert flow.of("subtitle", lang="zh")[0]["terms"] == []
        (comment,) = flow.of("comment")
        assert "玻尿酸精华液" in comment["translation"]["text"] and comment["terms"][0]["kept"]
        await flow.say(type="reply", comment="c1", text="玻尿酸精华液")
        assert flow.of("reply")[0]["text"] == "سيروم الهيالورونيك"


async def test_a_partial_shows_terms_and_never_marks(tmp_path: Path) -> None:
    async with flowing(tmp_path, products=[SERUM]) as flow:
        seen = flow.watch("en", "fast")
        for rev, text in enumerate(("大家看", "大家看这款玻尿酸精华液", "大家看这款玻尿酸精华液很好用，真的")):
            await flow.speech("s1", rev, text)
            await flow.settled()
        assert seen and "Hyaluron Serum" in seen[-1]["text"] and not any("⟦" in event["text"] for event in seen)


def liveroom(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, [*words])
    return result.exit_code, result.output


def test_translate_takes_a_glossary_and_a_market(tmp_path: Path) -> None:
    file = tmp_path / "mine.csv"
    file.write_text(CSV, encoding="utf-8")
    data = ("--data", str(tmp_path / "data"))
    code, out = liveroom("translate", "--from", "zh", "--to", "ar", "--glossary", str(file), "--json", *data, "这款京华液多少钱")
    assert code == 0
    answer = json.loads(out)
    assert "سيروم" in answer["text"] and answer["flags"] == []
    assert [(term["source"], term["target"], term["kept"]) for term in answer["terms"]] == [("精华液", "سيروم", True)]
    code, out = liveroom("translate", "--from", "zh", "--to", "en", "--glossary", str(file), *data, "Huawei！")
    assert (code, out) == (0, "Huawei!\n")
    folder = tmp_path / "data" / "glossaries"
    folder.mkdir(parents=True)
    (folder / "japan.csv").write_text("zh,en\n精华液,market serum\n面膜,market mask\n", encoding="utf-8")
    for more, shown in (((), "market serum, market mask\n"), (("--glossary", str(file)), "serum, market mask\n")):
        assert liveroom("translate", "--from", "zh", "--to", "en", "--market", "japan", *more, *data, "精华液，面膜") == (0, shown)


@pytest.mark.parametrize(("content", "said"), [("zh,en\n精华液\x07,serum\n", "mine.csv:2"), ("nonsense\n", "mine.csv")])
def test_a_bad_glossary_is_named_with_its_line(tmp_path: Path, content: str, said: str) -> None:
    file = tmp_path / "mine.csv"
    file.write_text(content, encoding="utf-8")
    code, out = liveroom("translate", "--from", "zh", "--to", "en", "--glossary", str(file), "精华液")
    assert code == 2 and said in out


def test_an_unknown_market_is_wrong_usage() -> None:
    assert liveroom("translate", "--from", "zh", "--to", "en", "--market", "atlantis", "精华液")[0] == 2
