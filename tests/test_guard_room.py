"""Warnings in the room: of what the host says, of its subtitles, of what she is still saying; comments masked before the record."""

from __future__ import annotations

import json
from pathlib import Path

from assistant.guard import Rule, When
from assistant.publish import MASK
from tests.flow import flowing

NO1 = Rule(
    "me-no1", "superlative", "block", "middle_east", ("SA",), triggers={"zh": ("全网第一",), "ar": ("ثلاثة أربعة",)}, basis="law 1",
    message={"zh": "没有依据。", "en": "No proof."}, rewrite={"zh": "请看屏幕。", "ar": "انظر الشاشة."},
)
LEFT = Rule("jp-hand", "gesture", "info", "japan", ("JP",), triggers={"zh": ("左手",), "en": ("one two",)}, message={"zh": "用右手。", "en": "Right."})
DRAW = Rule("me-draw", "lottery", "block", "middle_east", ("SA", "AE"), triggers={"zh": ("抽奖",)}, when=When(without_permit="lottery"))
HALAL = Rule("me-halal", "halal", "block", "middle_east", ("SA",), triggers={"zh": ("清真",)}, when=When(without_certificate="halal"))
RULES = {"middle_east": [NO1, DRAW, HALAL], "japan": [LEFT]}


async def test_a_final_is_warned_of_after_it_with_all_fields(tmp_path: Path) -> None:
    async with flowing(tmp_path, rules=RULES, subtitle_languages=["zh"]) as flow:
        seq = await flow.speech("s1", 0, "左手拿着全网 第一", final=True)
        await flow.settled()
        grave, custom = flow.of("warning")
        assert seq is not None and grave["seq"] > seq and custom["seq"] > grave["seq"]
        assert {name: value for name, value in grave.items() if name not in ("seq", "at")} == {
            "type": "warning", "segment": "s1", "lang": "zh", "market": "middle_east", "country": "SA", "rule": "me-no1", "category": "superlative",
            "severity": "block", "span": [4, 9], "matched": "全网 第一", "message": "没有依据。", "rewrite": "请看屏幕。", "basis": "law 1",
        }  # fmt: skip
        assert (custom["market"], custom["rule"], custom["severity"]) == ("japan", "jp-hand", "info")


async def test_a_translation_is_checked_by_the_markets_that_use_its_language(tmp_path: Path) -> None:
    async with flowing(tmp_path, rules=RULES) as flow:  # en belongs to middle_east, not to japan
        await flow.speech("s1", 0, "大家晚上好呀欢迎你们", final=True)
        await flow.settled()
        [warning] = flow.of("warning")
        assert (warning["lang"], warning["rule"], warning["rewrite"]) == ("ar", "me-no1", "انظر الشاشة.")
        [subtitle] = flow.of("subtitle", lang="ar")
        start, end = warning["span"]
        assert subtitle["text"][start:end] == warning["matched"] and warning["message"] == "没有依据。"


async def test_a_partial_is_warned_of_once_as_soon_as_the_trigger_is_whole_and_unrecorded(tmp_path: Path) -> None:
    async with flowing(tmp_path, rules=RULES, subtitle_languages=["zh"]) as flow:
        for rev, text in enumerate(["我们全网第", "我们全网第一", "我们全网第一的面膜", "我们全网第一的面膜好用"]):
            await flow.speech("s1", rev, text)
            assert len(flow.of("warning")) == (rev >= 2)
        [early] = flow.of("warning")
        assert early["seq"] is None and early["segment"] == "s1"
        await flow.speech("s1", 9, "我们全网第一的面膜好用", final=True)
        await flow.settled()
        _, last = flow.of("warning")
        assert last["seq"] and (last["segment"], last["rule"], last["span"]) == (early["segment"], early["rule"], early["span"])
        assert [row.type for row in await flow.kept()].count("warning") == 1


async def test_the_product_on_the_table_and_the_room_s_permits_decide(tmp_path: Path) -> None:
    products = [
        {"sku": "A", "names": {"zh": "茶"}, "certificates": [{"type": "halal", "countries": ["SA"]}]}, {"sku": "B", "names": {"zh": "糖"}},
    ]  # fmt: skip
    permits = [{"type": "lottery", "country": "SA", "number": "1"}]
    async with flowing(tmp_path, rules=RULES, subtitle_languages=["zh"], products=products, permits=permits) as flow:
        await flow.say(type="product", sku="A")
        await flow.speech("s1", 0, "这是清真的，还有抽奖", final=True)
        await flow.settled()
        [draw] = flow.of("warning")
        assert (draw["rule"], draw["country"]) == ("me-draw", "AE")
        await flow.say(type="product", sku="B")
        await flow.speech("s2", 0, "这是清真的", final=True)
        await flow.settled()
        assert flow.of("warning")[-1]["rule"] == "me-halal"
    async with flowing(tmp_path, rules=RULES, subtitle_languages=["zh"], products=products) as flow:
        await flow.speech("s3", 0, "也是清真的", final=True)
        await flow.settled()
        assert [event["rule"] for event in flow.of("warning")] == ["me-halal"], "the product on the table is known after a restart"


async def test_a_repeated_final_is_not_warned_of_again(tmp_path: Path) -> None:
    async with flowing(tmp_path, rules=RULES, subtitle_languages=["zh"]) as flow:
        for _ in range(2):
            await flow.speech("s1", 0, "全网第一", final=True)
            await flow.settled()
        assert len(flow.of("warning")) == 1


async def test_a_comment_is_masked_before_it_is_kept_and_flagged(tmp_path: Path) -> None:
    async with flowing(tmp_path, rules=RULES, moderator_language="zh") as flow:
        await flow.comment("c1", "call me +966 50 123 4567 fuck you", country="SA")
        await flow.settled()
        [event] = flow.of("comment")
        assert event["text"] == f"call me {MASK} fuck you" and {"pii_masked", "offensive"} <= set(event["flags"])
        kept = [row for row in await flow.kept() if row.type == "comment"]
        assert "123 4567" not in kept[0].body and json.loads(kept[0].body)["flags"].count("pii_masked") == 1
        await flow.say(type="comment", id="c2", user={"id": "u2", "name": "me@mail.example"}, text="how much is it")
        await flow.settled()
        assert flow.of("comment")[-1]["user"]["name"] == MASK and "pii_masked" not in flow.of("comment")[-1]["flags"]
