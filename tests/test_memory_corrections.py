"""Moderators' corrections: learned at once, kept over a restart, gone with what is erased, exported as sentence pairs."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from assistant.errors import InputFileError
from assistant.memory import Memory
from assistant.memory.corrections import learned, recorded
from assistant.memory.loading import Loading
from assistant.record import Stored
from tests.flow import flowing
from tests.test_memory_files import HEADER, file, liveroom


def stored(seq: int, type_: str, **body: object) -> Stored:
    return Stored(seq, type_, 0, json.dumps(body), "s", False)


CORRECTION = stored(9, "correct", target=4, lang="ar", text="شحن مجاني")


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (stored(4, "subtitle", lang="ar", text="x", source={"lang": "zh", "text": "包邮"}), ("zh", "ar", "包邮")),
        (stored(4, "reply", lang="ar", text="x", source={"lang": "zh", "text": "包邮"}), ("zh", "ar", "包邮")),
        (stored(4, "comment", lang="en", text="free?", translation={"lang": "zh", "text": "x"}), ("en", "ar", "free?")),
        (stored(4, "speech", lang="zh-CN", text="包邮"), ("zh", "ar", "包邮")),
        (stored(4, "speech", text="包邮"), ("zh", "ar", "包邮")),
        (stored(4, "speech", lang="ar", text="شحن"), None),
        (stored(4, "comment", lang="ar", text="شحن", translation=None), None),
        (stored(4, "comment", lang="und", text="???", translation=None), None),
        (stored(4, "signal", name="like"), None),
        (stored(4, "erased"), None),
    ],
)
def test_what_a_correction_teaches(event: Stored, expected: tuple[str, str, str] | None) -> None:
    entry = learned(CORRECTION, event, "zh")
    assert (entry and (entry.source_lang, entry.target_lang, entry.source)) == expected
    assert entry is None or (entry.target == "شحن مجاني" and entry.origin == "correction 9 of 4")


async def test_a_correction_serves_from_then_on_though_the_sentence_was_translated_before(tmp_path: Path) -> None:
    async with flowing(tmp_path) as flow:
        await flow.speech("s1", 0, "下单后3天发货。", final=True)
        await flow.settled()
        (wrong,) = flow.of("subtitle", lang="en")
        await flow.say(type="correct", seq=wrong["seq"], lang="en", text="Ships within 3 days of your order.")
        asked = len(flow.engine.asked)
        await flow.speech("s2", 0, "下单后3天发货。", final=True)
        await flow.speech("s3", 0, "下单后5天发货", final=True)
        await flow.settled()
        assert [event["text"] for event in flow.of("subtitle", lang="en")][1:] == ["Ships within 3 days of your order.", "Ships within 5 days of your order."]
        assert all(event["flags"] == [] for event in flow.of("subtitle", lang="en"))
        assert not [request for request in flow.engine.asked[asked:] if request.target == "en"]
        result = await flow.room.translated("下单后7天发货", "zh", "en", 0)
        assert result.route == ("memory",) and result.flags == ()


async def test_a_comments_correction_serves_the_next_viewer_and_survives_a_restart(tmp_path: Path) -> None:
    async with flowing(tmp_path) as flow:
        seq = await flow.comment("c1", "كم السعر؟")
        await flow.say(type="correct", seq=seq, lang="zh", text="怎么卖？")
        await flow.say(type="correct", seq=seq, lang="zh", text="多少钱？")
        await flow.comment("c2", "كم السعر", user="u2")
        assert flow.of("comment", id="c2")[0]["translation"] == {"lang": "zh", "text": "多少钱？"}
    async with flowing(tmp_path) as flow:
        await flow.comment("c3", "كم السعر؟؟", user="u3")
        assert flow.of("comment", id="c3")[0]["translation"] == {"lang": "zh", "text": "多少钱？"}
        (entry,) = await recorded(tmp_path)
        assert (entry.source_lang, entry.target_lang, entry.source, entry.target) == ("ar", "zh", "كم السعر؟", "多少钱？")


async def test_what_is_erased_is_forgotten(tmp_path: Path) -> None:
    async with flowing(tmp_path) as flow:
        seq = await flow.comment("c1", "كم السعر؟")
        await flow.say(type="correct", seq=seq, lang="zh", text="多少钱？")
        await flow.record.erase("r", [seq])
        assert flow.room.memory.forget([seq]) == 1
        assert flow.room.memory.lookup("كم السعر؟", "ar", "zh") is None
        assert await recorded(tmp_path) == []
    async with flowing(tmp_path) as flow:
        assert flow.room.memory.lookup("كم السعر؟", "ar", "zh") is None


async def test_the_sellers_files_serve_under_the_rooms_own_corrections(run_service, tmp_path: Path) -> None:
    data = tmp_path / "data"
    (data / "memory").mkdir(parents=True)
    file(data / "memory", "shop.tsv", HEADER + "zh\tar\t下单后3天发货\tيُشحن خلال 3 أيام\n")
    file(data / "memory", "broken.tsv", "no header\n")
    async with run_service(data) as running, running.client("admin") as admin, running.client("host") as host:
        await host.say(type="speech", segment="s1", rev=0, final=True, text="下单后5天发货！", lang="zh")
        event = await admin.until(lambda event: event["type"] == "subtitle" and event["lang"] == "ar" and event["final"])
        assert event["text"] == "يُشحن خلال 5 أيام" and event["flags"] == []


async def test_a_start_does_not_wait_for_a_large_memory_and_an_end_stops_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assistant.memory.loading.PATIENCE", 0.0)
    file(tmp_path, "large.tsv", HEADER + "".join(f"en\tzh\tsentence number {number} of many\t第{number}句\n" for number in range(20_000)))
    memory = Memory()
    loading = Loading(memory, tmp_path)
    await loading.start()
    while len(memory) < 10:
        await asyncio.sleep(0.01)
    await loading.stop()
    assert 10 <= len(memory) < 20_000


async def test_export_writes_the_pairs_that_training_takes(tmp_path: Path) -> None:
    async with flowing(tmp_path) as flow:
        await flow.speech("s1", 0, "今天包邮。", final=True)
        await flow.settled()
        (wrong,) = flow.of("subtitle", lang="en")
        await flow.say(type="correct", seq=wrong["seq"], lang="en", text="Free\tshipping\ntoday.")
    done = await asyncio.to_thread(liveroom, "memory", "export", "--data", tmp_path)
    assert (done.returncode, done.stdout) == (0, HEADER + "zh\ten\t今天包邮。\tFree shipping today.\n")
    done = await asyncio.to_thread(liveroom, "memory", "export", "--data", tmp_path, "--room", "r", "--out", tmp_path / "pairs.tsv")
    assert done.returncode == 0 and (tmp_path / "pairs.tsv").read_text(encoding="utf-8") == HEADER + "zh\ten\t今天包邮。\tFree shipping today.\n"
    with pytest.raises(InputFileError, match="no events of room x; there are r"):
        await recorded(tmp_path, ["x"])
