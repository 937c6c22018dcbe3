"""Subtitles of a sentence that is still being said: newest revision only, none after the final, each mode its own."""

from __future__ import annotations

from pathlib import Path

from assistant.partials import OPEN
from tests.flow import MINUTE, Flow, flowing


def revs(events: list[dict]) -> list[int]:
    return [event["rev"] for event in events]


async def growing(flow: Flow, texts: list[str], segment: str = "s1", step: int = 700) -> None:
    """Say a growing text, each revision translated before the next comes."""
    for rev, text in enumerate(texts):
        flow.now += step
        await flow.speech(segment, rev, text)
        await flow.settled()


async def test_revisions_that_come_while_one_is_translated_leave_only_the_newest(tmp_path: Path) -> None:
    async with flowing(tmp_path, admin=False) as flow:
        seen = flow.watch("en", "fast")
        flow.engine.go.clear()
        await flow.speech("s1", 0, "大家好")
        await flow.engine.busy()
        for rev, text in enumerate(("大家好今天", "大家好今天这款", "大家好今天这款精华液"), 1):
            assert await flow.speech("s1", rev, text) is None
        flow.engine.go.set()
        await flow.settled()
        assert flow.engine.texts("en") == ["大家好", "大家好今天这款精华液"]
        assert revs(seen) == [0, 3] and all(event["seq"] is None and not event["final"] for event in seen)
        assert [row.type for row in await flow.kept()] == ["stream"], "partials are not recorded"


async def test_a_stale_revision_changes_nothing(tmp_path: Path) -> None:
    async with flowing(tmp_path, admin=False) as flow:
        seen = flow.watch("en", "fast")
        await flow.speech("s1", 4, "大家好今天")
        await flow.settled()
        for rev in (4, 3, 0):
            assert await flow.speech("s1", rev, "别的话别的话别的话") is None
        await flow.settled()
        assert revs(seen) == [4] and flow.engine.texts("en") == ["大家好今天"]


async def test_no_partial_comes_after_the_final(tmp_path: Path) -> None:
    async with flowing(tmp_path) as flow:
        flow.engine.go.clear()
        await flow.speech("s1", 0, "大家好")
        await flow.engine.busy()
        await flow.speech("s1", 1, "大家好今天这款")
        await flow.speech("s1", 2, "大家好今天这款精华液很好。", final=True)
        assert await flow.speech("s1", 1, "大家好今天这款") is None, "a late revision is stale"
        flow.engine.go.set()
        await flow.settled()
        subtitles = flow.of("subtitle")
        own = [event for event in subtitles if event["lang"] == "zh" and not event["final"]]
        assert revs([event for event in subtitles if event not in own]) == [2, 2, 2]
        assert flow.seen.index(flow.of("speech")[0]) > max((flow.seen.index(event) for event in own), default=-1)


async def test_each_mode_sees_its_own(tmp_path: Path) -> None:
    async with flowing(tmp_path, admin=False) as flow:
        fast, balanced, reading = (flow.watch("en", mode) for mode in ("fast", "balanced", "reading"))
        await growing(flow, ["今天", "今天这款精华", "今天这款精华液很好。", "今天这款精华液很好。大家", "今天这款精华液很好。大家可以看看"])
        partial = {name: [event["text"] for event in seen] for name, seen in (("fast", fast), ("balanced", balanced), ("reading", reading))}
        await flow.speech("s1", 9, "今天这款精华液很好。大家可以看看。", final=True)
        await flow.settled()
        assert partial["fast"] == [
            "one", "one two three", "one two three four five.", "one two three four five. one", "one two three four five. one two three",
        ]  # fmt: skip
        assert partial["reading"] == ["one two three four five."], "finished sentences only"
        assert all(after.startswith(before) for before, after in zip(partial["balanced"], partial["balanced"][1:], strict=False))
        assert len(partial["balanced"]) < len(partial["fast"])
        assert fast[-1] == balanced[-1] == reading[-1] and fast[-1]["final"], "finals are the same in every mode"
        assert {mode: erased for mode, erased, _ in flow.meter.erasures} == {"fast": 1, "balanced": 0, "reading": 0}, "the last word gets its stop"


async def test_no_end_punctuation_is_invented(tmp_path: Path) -> None:
    async with flowing(tmp_path, admin=False) as flow:
        seen = flow.watch("en", "fast")
        await growing(flow, ["大家好", "大家好今天"])
        assert [event["text"] for event in seen] == ["one", "one two"], "the engine puts a stop after everything"


async def test_the_hosts_own_language_keeps_to_the_mode_too(tmp_path: Path) -> None:
    async with flowing(tmp_path, admin=False) as flow:
        fast, reading = flow.watch("zh", "fast"), flow.watch("zh", "reading")
        await growing(flow, ["今天这款", "今天这款精华液很好。", "今天这款精华液很好。大家"])
        assert [event["text"] for event in fast] == ["今天这款", "今天这款精华液很好。", "今天这款精华液很好。大家"]
        assert [event["text"] for event in reading] == ["今天这款精华液很好。"]
        assert flow.engine.asked == []


async def test_numbers_alone_are_no_finished_sentence(tmp_path: Path) -> None:
    async with flowing(tmp_path, admin=False) as flow:
        fast, reading = flow.watch("en", "fast"), flow.watch("en", "reading")
        await growing(flow, ["3", "3 2 1"])
        assert [event["text"] for event in fast] == ["3", "3 2 1"] and reading == []


async def test_a_language_nobody_watches_costs_nothing_until_its_final(tmp_path: Path) -> None:
    async with flowing(tmp_path, admin=False) as flow:
        flow.watch("en", "fast")
        await growing(flow, ["大家好", "大家好今天"])
        assert flow.engine.texts("ar") == [] and len(flow.engine.texts("en")) == 2
        await flow.speech("s1", 2, "大家好今天。", final=True)
        await flow.settled()
        assert flow.engine.texts("ar") == ["大家好今天。"]


async def test_the_next_partial_is_biased_to_what_is_shown(tmp_path: Path) -> None:
    async with flowing(tmp_path, admin=False) as flow:
        flow.watch("en", "fast")
        await growing(flow, ["大家好", "大家好今天"])
        assert [request.shown for request in flow.engine.asked] == ["", "one."]
        await flow.speech("s1", 2, "大家好今天。", final=True)
        await flow.settled()
        assert all(request.shown == "" for request in flow.engine.asked[2:]), "finals are translated on their own"


async def test_what_the_final_takes_back_is_counted(tmp_path: Path) -> None:
    async with flowing(tmp_path, admin=False, subtitle_languages=["zh"]) as flow:
        flow.watch("zh", "fast")
        await growing(flow, ["今天天"])
        await flow.speech("s1", 1, "今天晴。", final=True)
        await flow.settled()
        assert flow.meter.erasures == [("fast", 1, 4)]


async def test_the_same_segment_id_in_the_next_stream_is_followed_again(tmp_path: Path) -> None:
    async with flowing(tmp_path, admin=False) as flow:
        seen = flow.watch("en", "fast")
        await growing(flow, ["大家好"])
        await flow.speech("s1", 1, "大家好。", final=True)
        await flow.settled()
        flow.now += 31 * MINUTE
        await growing(flow, ["晚上好今天"])
        assert [event["final"] for event in seen] == [False, True, False] and seen[-1]["text"] == "one two"


async def test_segments_that_never_end_are_given_up_oldest_first(tmp_path: Path) -> None:
    async with flowing(tmp_path, admin=False) as flow:
        seen = flow.watch("en", "fast")
        for number in range(OPEN + 20):
            await flow.speech(f"s{number}", 0, f"第{number}号链接")
        await flow.settled()
        assert f"s{OPEN + 19}" in {event["segment"] for event in seen}
        assert len(flow.room._partials._open) == OPEN


async def test_a_model_that_breaks_shows_no_partial_and_the_next_revision_goes_on(tmp_path: Path) -> None:
    async with flowing(tmp_path, admin=False) as flow:
        seen = flow.watch("en", "fast")
        flow.engine.broken = True
        await growing(flow, ["大家好"])
        assert seen == [] and flow.meter.failures
        flow.engine.broken = False
        await flow.speech("s1", 1, "大家好今天")
        await flow.settled()
        assert revs(seen) == [1]
