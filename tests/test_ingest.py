"""Segments, streams and pseudonyms."""

from __future__ import annotations

import pytest

from assistant.errors import WireError
from assistant.events import Speech
from assistant.ingest import IDLE_MS, REMEMBERED, Broadcast, Segments, pseudonym


def say(rev: int, final: bool = False, text: str = "你好", segment: str = "s1") -> Speech:
    return Speech(segment=segment, rev=rev, final=final, text=text)


def test_revisions_rise_and_stale_ones_are_told() -> None:
    segments = Segments()
    assert [segments.accept(say(rev)) for rev in (0, 1, 1, 0, 5)] == ["partial", "partial", "stale", "stale", "partial"]
    assert segments.accept(say(4, final=True)) == "stale"
    assert segments.accept(say(6, final=True)) == "final"


def test_a_closed_segment_takes_only_its_own_final_again() -> None:
    segments = Segments()
    segments.accept(say(3, final=True))
    assert segments.accept(say(3, final=True)) == "repeated"
    assert segments.accept(say(9, final=True)) == "repeated"
    assert segments.accept(say(2)) == "stale"
    for late in (say(4), say(4, final=True, text="另一句")):
        with pytest.raises(WireError) as caught:
            segments.accept(late)
        assert caught.value.code == "unknown_segment"


def test_segments_are_bounded() -> None:
    segments = Segments()
    for number in range(REMEMBERED + 100):
        segments.accept(say(0, segment=f"s{number}"))
    assert len(segments._segments) == REMEMBERED


def test_a_stream_begins_with_the_first_event_and_after_silence() -> None:
    stream = Broadcast()
    (begun,) = stream.begun_by(1_000_000)
    assert begun.state == "started" and begun.id == stream.id
    assert stream.begun_by(1_000_000 + IDLE_MS) == []
    ended, again = stream.begun_by(1_000_000 + 2 * IDLE_MS + 1)
    assert (ended.state, ended.id) == ("ended", begun.id)
    assert again.state == "started" and again.id != begun.id


def test_a_moderator_begins_and_ends_a_stream() -> None:
    stream = Broadcast()
    assert stream.told("ended", None, 5) == []
    (begun,) = stream.told("started", "evening", 10)
    assert begun.id == "evening" and stream.begun_by(20) == []
    (ended,) = stream.told("ended", None, 30)
    assert ended.id == "evening"
    assert [event.state for event in stream.begun_by(40)] == ["started"]


def test_pseudonyms_are_stable_keyed_and_hide_the_id() -> None:
    assert pseudonym("u7", b"k1") == pseudonym("u7", b"k1")
    assert pseudonym("u7", b"k1") != pseudonym("u7", b"k2") != pseudonym("u8", b"k2")
    assert "u7" not in pseudonym("u7", b"k1") and pseudonym("u7", b"k1").startswith("p-")
