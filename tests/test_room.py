"""A room's flow: streams, finals, comments, what has no route, what is shed, what breaks, what a restart makes good."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from assistant.errors import WireError
from assistant.limits import Limits
from assistant.record import Entry
from tests.flow import DETECTOR, MINUTE, NOON, flowing, rendered


@contextmanager
def refused(code: str) -> Iterator[None]:
    with pytest.raises(WireError) as fault:
        yield
    assert fault.value.code == code


async def test_the_first_event_begins_a_stream_and_half_an_hour_of_silence_the_next(tmp_path: Path) -> None:
    async with flowing(tmp_path) as flow:
        assert await flow.say(type="signal", name="like") == 2
        flow.now += 30 * MINUTE
        assert await flow.say(type="signal", name="like") == 3, "exactly half an hour is no silence of half an hour"
        flow.now += 30 * MINUTE + 1
        assert await flow.say(type="signal", name="like") == 6
        first, ended, second = flow.of("stream")
        assert (first["state"], ended["state"], second["state"]) == ("started", "ended", "started")
        assert ended["id"] == first["id"] != second["id"]
        spans = await flow.record.streams("r")
        assert [(span.id, span.first, span.last, span.ended) for span in spans] == [(first["id"], 1, 4, flow.now), (second["id"], 5, 6, None)]
        assert flow.room.understanding.counters.sums["like"] == 1, "numbers are the running stream's"


async def test_a_partial_begins_a_stream_too(tmp_path: Path) -> None:
    async with flowing(tmp_path) as flow:
        assert await flow.speech("s1", 0, "大家好") is None
        assert [event["seq"] for event in flow.of("stream")] == [1]
        await flow.speech("s1", 1, "大家好。", final=True)
        await flow.settled()
        assert len(flow.of("stream")) == 1


async def test_a_moderator_begins_and_ends_streams_and_ids_are_free_again(tmp_path: Path) -> None:
    async with flowing(tmp_path) as flow:
        with refused("unknown_target"):
            await flow.say(type="stream", state="ended")
        await flow.say(type="stream", state="started", id="morning")
        first = await flow.speech("s1", 5, "早上好。", final=True)
        await flow.settled()
        await flow.say(type="stream", state="ended")
        assert await flow.speech("s1", 0, "晚上好。", final=True) != first
        await flow.settled()
        assert [(event["id"] == "morning", event["state"]) for event in flow.of("stream")] == [(True, "started"), (True, "ended"), (False, "started")]
        assert len(flow.of("subtitle", segment="s1", final=True)) == 6


async def test_a_final_has_a_subtitle_in_every_language_the_hosts_own_included(tmp_path: Path) -> None:
    async with flowing(tmp_path) as flow:
        seq = await flow.speech("s1", 0, "今天包邮，欢迎大家。", final=True)
        await flow.settled()
        subtitles = flow.of("subtitle")
        assert sorted(event["seq"] for event in subtitles) == [seq + 1, seq + 2, seq + 3]
        shown = {event["lang"]: event for event in subtitles}
        assert set(shown) == {"en", "ar", "zh"}
        assert shown["zh"]["text"] == "今天包邮，欢迎大家。" and shown["en"]["text"] == rendered("今天包邮，欢迎大家。", "en")
        assert shown["ar"]["market"] == "middle_east" and all(event["flags"] == [] for event in subtitles)
        assert all(event["source"] == {"lang": "zh", "text": "今天包邮，欢迎大家。"} for event in subtitles)


@pytest.mark.parametrize("tag", ["zh-CN", "zh-Hans", "cmn-Hans-CN", "ZH"])
async def test_speech_to_text_may_spell_the_language_its_own_way(tmp_path: Path, tag: str) -> None:
    async with flowing(tmp_path) as flow:
        await flow.speech("s1", 0, "今天包邮。", final=True, lang=tag)
        await flow.settled()
        (english,) = flow.of("subtitle", lang="en")
        assert english["flags"] == [] and english["source"]["lang"] == "zh"
        assert flow.of("speech")[0]["lang"] == tag, "recorded inputs go out as they came"


async def test_the_same_final_twice_at_once_is_one_event(tmp_path: Path) -> None:
    async with flowing(tmp_path) as flow:
        numbers = await asyncio.gather(*(flow.speech("s1", 0, "你好。", final=True) for _ in range(3)))
        await flow.settled()
        assert len(set(numbers)) == 1 and len(flow.of("speech")) == 1 and len(flow.of("subtitle")) == 3


async def test_what_has_no_route_goes_out_as_it_came_and_says_so(tmp_path: Path) -> None:
    async with flowing(tmp_path, subtitle_languages=["en", "ko"]) as flow:
        await flow.speech("s1", 0, "今天包邮。", final=True)
        assert await flow.comment("c1", "이거 얼마예요?", country="KR")
        await flow.settled()
        (korean,) = flow.of("subtitle", lang="ko")
        assert korean["text"] == "今天包邮。" and korean["flags"] == ["untranslated"]
        (comment,) = flow.of("comment")
        assert comment["text"] == "이거 얼마예요?" and comment["lang"] == "ko" and comment["translation"] is None
        assert comment["flags"] == ["untranslated"]


async def test_a_romanised_comment_is_flagged_and_never_sent_to_a_model(tmp_path: Path) -> None:
    text = "kam el se3r habibi"
    assert DETECTOR.detect(text, market_langs=("ar",)).romanised
    async with flowing(tmp_path) as flow:
        await flow.comment("c1", text, country="SA")
        (comment,) = flow.of("comment")
        assert "romanised" in comment["flags"] and "untranslated" not in comment["flags"]
        assert comment["lang"] == "ar" and comment["translation"] is None and comment["text"] == text
        assert flow.engine.asked == []


async def test_comments_in_the_moderators_language_need_no_model(tmp_path: Path) -> None:
    async with flowing(tmp_path) as flow:
        await flow.comment("c1", "这个多少钱呀")
        await flow.comment("c2", "😍😍")
        assert [(event["lang"], event["translation"], event["flags"]) for event in flow.of("comment")] == [("zh", None, []), ("und", None, [])]
        assert flow.engine.asked == []


async def test_overload_sheds_the_oldest_comments_and_delivers_them_all(tmp_path: Path) -> None:
    async with flowing(tmp_path, limits=Limits(workers=1, comments=2, smallest_batch=1)) as flow:
        flow.engine.go.clear()
        texts = ["كم السعر؟", "هل يوجد شحن؟", "أين المقاس الكبير؟", "متى يصل الطلب؟", "هل هو أصلي؟"]
        acks = [asyncio.create_task(flow.comment(f"c{n}", text)) for n, text in enumerate(texts[:1])]
        await flow.engine.busy()
        acks += [asyncio.create_task(flow.comment(f"c{n}", text)) for n, text in enumerate(texts[1:], 1)]
        final = await flow.speech("s1", 0, "今天包邮。", final=True)
        assert final is not None, "a final is recorded while the model is busy"
        flow.engine.go.set()
        assert len(set(await asyncio.gather(*acks))) == 5
        await flow.settled()
        comments = {event["id"]: event for event in flow.of("comment")}
        assert [comments[f"c{n}"]["flags"] for n in range(5)] == [[], ["untranslated"], ["untranslated"], [], []]
        assert [comments[f"c{n}"]["text"] for n in range(5)] == texts
        assert comments["c1"]["translation"] is None and comments["c4"]["translation"]["lang"] == "zh"
        assert all(event["flags"] == [] for event in flow.of("subtitle")) and len(flow.of("subtitle")) == 3


async def test_a_model_that_breaks_silences_nobody(tmp_path: Path) -> None:
    async with flowing(tmp_path) as flow:
        flow.engine.broken = True
        assert await flow.comment("c1", "كم السعر؟")
        await flow.speech("s1", 0, "今天包邮。", final=True)
        await flow.settled()
        assert flow.of("comment")[0]["flags"] == ["untranslated"]
        assert {event["lang"]: event["flags"] for event in flow.of("subtitle")} == {"en": ["untranslated"], "ar": ["untranslated"], "zh": []}
        assert flow.meter.failures and all(str(error) == "the model broke" for error in flow.meter.failures)
        flow.engine.broken = False
        await flow.speech("s2", 0, "今天包邮。", final=True)
        await flow.settled()
        assert flow.of("subtitle", segment="s2", lang="en")[0]["flags"] == [], "a failure is not remembered as an answer"


async def test_a_corrected_event_must_exist(tmp_path: Path) -> None:
    async with flowing(tmp_path) as flow:
        seq = await flow.comment("c1", "كم السعر؟")
        assert await flow.say(type="correct", seq=seq, lang="zh", text="多少钱？") == seq + 1
        (correction,) = flow.of("correct")
        assert (correction["seq"], correction["target"], correction["lang"], correction["text"]) == (seq + 1, seq, "zh", "多少钱？")
        with refused("unknown_target"):
            await flow.say(type="correct", seq=seq + 2, lang="zh", text="x")


async def test_moderation_points_at_comments_and_viewers_also_after_a_restart(tmp_path: Path) -> None:
    async with flowing(tmp_path) as flow:
        await flow.comment("c1", "كم السعر؟", user="tt-77")
        viewer = flow.of("comment")[0]["user"]["id"]
        await flow.say(type="moderate", action="pin", target="c1")
    async with flowing(tmp_path) as flow:
        for action, target in (("hide", "c1"), ("mute", viewer), ("unmute", viewer)):
            assert await flow.say(type="moderate", action=action, target=target)
        for target in ("tt-77", "c2", "s1"):
            with refused("unknown_target"):
                await flow.say(type="moderate", action="mute", target=target)
        assert "tt-77" not in "".join(row.body for row in await flow.kept()), "platform ids stay outside"


async def test_replies_go_out_in_the_askers_language_or_the_moderators_own(tmp_path: Path) -> None:
    async with flowing(tmp_path) as flow:
        await flow.comment("c1", "كم السعر؟")
        await flow.comment("c2", "😍😍")
        await flow.say(type="reply", comment="c1", text="今天还有货")
        await flow.say(type="reply", comment="c2", text="谢谢")
        assert [(event["lang"], event["text"]) for event in flow.of("reply")] == [("ar", rendered("今天还有货", "ar")), ("zh", "谢谢")]


async def test_a_restart_makes_the_subtitles_that_a_crash_left_out(tmp_path: Path) -> None:
    """Also of the stream before the one that runs; nothing is made twice."""
    async with flowing(tmp_path) as flow:
        await flow.say(type="stream", state="started", id="one")
        await flow.speech("s0", 0, "你好。", final=True)
        await flow.settled()
        body = {"segment": "s1", "rev": 2, "final": True, "text": "今天包邮。"}
        made = {"segment": "s1", "rev": 2, "final": True, "lang": "en", "text": "Free.", "source": {"lang": "zh", "text": "今天包邮。"}}
        await flow.record.append("r", [Entry("speech", NOON, "one", json.dumps(body), key="speech:one:s1")])
        await flow.record.append("r", [Entry("subtitle", NOON, "one", json.dumps(made), key="subtitle:one:s1:en")])
        await flow.say(type="stream", state="started", id="two")
    async with flowing(tmp_path, now=NOON + MINUTE) as flow:
        await flow.settled()
        rows = [(row.stream, json.loads(row.body)) for row in await flow.kept() if row.type == "subtitle"]
        assert {stream for stream, _ in rows} == {"one"}
        assert sorted((data["segment"], data["lang"]) for _, data in rows) == [(segment, lang) for segment in ("s0", "s1") for lang in ("ar", "en", "zh")]
        assert {event["lang"] for event in flow.seen} == {"ar", "zh"}, "what was made is published"
    async with flowing(tmp_path) as flow:
        await flow.settled()
        assert flow.seen == []


async def test_a_restart_goes_on_in_the_running_stream_however_long_it_is(tmp_path: Path) -> None:
    async with flowing(tmp_path) as flow:
        final = await flow.speech("s1", 3, "你好。", final=True)
        await flow.settled()
        likes = [Entry("signal", NOON, flow.of("stream")[0]["id"], '{"name":"like"}') for _ in range(10_100)]
        for start in range(0, len(likes), 2_000):
            await flow.record.append("r", likes[start : start + 2_000])
    async with flowing(tmp_path, now=NOON + 29 * MINUTE) as flow:
        await flow.say(type="signal", name="like")
        assert flow.of("stream") == []
        assert await flow.speech("s1", 3, "你好。", final=True) == final, "a final from before is still known"
        await flow.settled()
        assert flow.of("subtitle") == []


async def test_an_event_of_a_room_without_subtitle_languages_uses_its_markets(tmp_path: Path) -> None:
    async with flowing(tmp_path, subtitle_languages=[], markets=["japan"]) as flow:
        assert flow.room.languages == ("ja",)


async def test_nothing_is_suggested_while_nobody_streams(run_service) -> None:
    async with run_service() as service, service.client("admin") as admin:
        assert not [event for event in await admin.quiet(2.5) if event["type"] != "stats"], "no stream, no card"
        await admin.say(type="signal", name="like")
        async with service.client("admin", after="0") as back:
            assert (await back.events(1))[0]["type"] == "stream"
