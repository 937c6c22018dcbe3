"""What the room remembers of viewers, and that it forgets."""

from __future__ import annotations

from assistant import audience
from assistant.audience import Audience


def test_comments_and_languages_are_remembered() -> None:
    people = Audience()
    people.known("tiktok", "c1", 7, "ar", "p-1")
    people.typed("p-1", "ar", 0.95)
    people.typed("p-1", "id", 0.3)
    assert people.seq_of("tiktok", "c1") == 7 and people.seq_of("shopee", "c1") is None
    assert people.lang_of("c1") == "ar" and people.lang_of("c2") is None
    assert people.history("p-1") == {"ar": 1} and people.history("p-2") == {}
    assert people.knows("c1") and people.knows("p-1") and not people.knows("x")


def test_memory_is_bounded(monkeypatch) -> None:
    monkeypatch.setattr(audience, "COMMENTS", 10)
    monkeypatch.setattr(audience, "VIEWERS", 10)
    people = Audience()
    for number in range(100):
        people.known("p", f"c{number}", number, "ar", f"u{number}")
        people.typed(f"u{number}", "ar", 0.9)
    assert people.seq_of("p", "c99") == 99 and people.seq_of("p", "c0") is None and people.lang_of("c0") is None
    assert not people.knows("u0") and people.knows("u99")
