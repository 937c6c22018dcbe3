"""Comments are read in the room: in batches off the event loop, and recorded with what they mean."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from assistant.detect.grams import grams
from assistant.readings import UNREAD, Readings
from assistant.signals.read import Reader, Reading, Written
from tests.flow import flowing

READER = Reader(grams)


async def test_a_comment_is_recorded_with_what_it_means(tmp_path: Path) -> None:
    async with flowing(tmp_path, reader=READER) as flow:
        await flow.say(type="comment", id="c1", user={"id": "u"}, text="do you ship to oman? is it halal?")
        await flow.say(type="comment", id="c2", user={"id": "u"}, text="骗子直播间 大家别买")
        asked, accused = flow.of("comment")
        assert {asked["intent"], *asked["intents"]} == {"shipping.destination", "halal.ask"}
        assert asked["sentiment"] == "neutral"
        assert (accused["intent"], accused["intents"], accused["sentiment"]) == ("troll.accusation", [], "negative")


async def test_comments_that_wait_share_a_batch_and_keep_their_order() -> None:
    batches: list[int] = []

    class Counting(Reader):
        def read_many(self, comments: Sequence[Written]) -> list[Reading]:
            batches.append(len(comments))
            return super().read_many(comments)

    readings = Readings(Counting(grams))
    texts = [f"how much is number {index}" if index % 2 else "包邮吗" for index in range(600)]
    told = await asyncio.gather(*(readings.read(text) for text in texts))
    assert told == [READER.read(text) for text in texts]
    assert sum(batches) == 600 and len(batches) <= 4
    assert (await readings.read("包邮吗")).intents[0] == "shipping.free"


async def test_what_cannot_be_read_is_not_lost_and_the_next_comment_is_read(caplog: pytest.LogCaptureFixture) -> None:
    class Broken(Reader):
        def read_many(self, comments: Sequence[Written]) -> list[Reading]:
            if any(comment.text == "bad" for comment in comments):
                raise RuntimeError("broken")
            return super().read_many(comments)

    readings = Readings(Broken(grams))
    assert await readings.read("bad") == UNREAD
    assert "broken" in caplog.text
    assert (await readings.read("包邮吗")).intents[0] == "shipping.free"
