"""What partial subtitles show in each mode, and how erasure is counted."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from assistant.translate.stability import MINIMUM_SHOWN_MS, Shown, erased, offer


def test_fast_shows_each_translation_without_invented_end_punctuation() -> None:
    shown = Shown()
    assert offer(shown, "fast", ("Hello every.",), 0, "en", 0) == "Hello every"
    assert offer(shown, "fast", ("Hello everyone, welcome!",), 0, "en", 10) == "Hello everyone, welcome"
    assert offer(shown, "fast", ("Hello everyone, welcome.",), 0, "en", 20) is None


def test_fast_keeps_the_punctuation_of_finished_sentences() -> None:
    assert offer(Shown(), "fast", ("你好！", "今天有。"), 1, "zh", 0) == "你好！今天有"


def test_reading_shows_finished_sentences_only() -> None:
    shown = Shown()
    assert offer(shown, "reading", ("Hello every",), 0, "en", 0) is None
    assert offer(shown, "reading", ("Hello everyone!", "Today we"), 1, "en", 1) == "Hello everyone!"
    assert offer(shown, "reading", ("Hello everyone!", "Today we have"), 1, "en", 2) is None


def test_balanced_shows_what_two_revisions_agree_on_less_the_tail() -> None:
    shown = Shown()
    now = MINIMUM_SHOWN_MS
    assert offer(shown, "balanced", ("This serum is very light",), 0, "en", now) is None
    assert offer(shown, "balanced", ("This serum is very good for",), 0, "en", 2 * now) == "This"
    assert offer(shown, "balanced", ("This serum is very good for skin",), 0, "en", 2 * now + 1) is None, "it stands for a while"
    assert offer(shown, "balanced", ("This serum is very good for skin",), 0, "en", 4 * now) == "This serum is very"


def test_balanced_never_takes_back() -> None:
    shown = Shown()
    for step, text in enumerate(("a b c d e f", "a b c d e f g", "x y z", "x y z w v u t")):
        offer(shown, "balanced", (text,), 0, "en", step * 10_000)
    assert shown.text == "a b c"


@given(st.lists(st.text(alphabet="ab c", max_size=30), max_size=8))
def test_balanced_only_grows(texts: list[str]) -> None:
    shown = Shown()
    last = ""
    for step, text in enumerate(texts):
        given = offer(shown, "balanced", (text,), 0, "en", step * 10_000)
        if given is not None:
            assert given.startswith(last)
            last = given


def test_erasure_counts_words_or_characters_behind_the_common_beginning() -> None:
    assert erased("Hello to all", "Hello everyone", "en") == 2
    assert erased("Hello", "Hello everyone", "en") == 0
    assert erased("今天有三款", "今天有五款好物", "zh") == 2
    assert erased("", "anything", "en") == 0
