"""Mishearings proposed from what moderators corrected: only what sounds like the term and stands where it now stands."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.glossary.heard import likeness, proposals
from assistant.protect.terms import Term

TERMS = [
    Term({"zh": "精华液", "en": "serum"}, heard=("精华夜",), origin="common.csv:2"),
    Term({"zh": "面霜", "en": "face cream"}, origin="common.csv:3"),
    Term({"zh": "宝宝", "en": "baby"}, origin="common.csv:4"),
    Term({"zh": "包包", "en": "bag"}, origin="common.csv:5"),
    Term({"ja": "美容液"}, origin="common.csv:6"),
]


def found(*corrections: tuple[str, str], host: str = "zh") -> list[tuple[str, str, int]]:
    return [(each.right, each.heard, each.times) for each in proposals(corrections, TERMS, host)]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("这款精滑液很好用", "这款精华液很好用", ("精华液", "精滑液")),
        ("这个金华叶今天打折", "这个精华液今天打折哦", ("精华液", "金华叶")),
        ("棉双来了", "面霜来了", ("面霜", "棉双")),
        ("来看看免爽吧姐妹们", "姐妹们来看看面霜吧", ("面霜", "免爽")),
        ("精滑液", "精华液", ("精华液", "精滑液")),
    ],
)
def test_a_sound_that_was_repaired_is_proposed(old: str, new: str, expected: tuple[str, str]) -> None:
    assert found((old, new)) == [(*expected, 1)]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("大家看那个东西", "大家看精华液"),  # reworded, not misheard
        ("把它擦脸上", "把面霜擦脸上"),
        ("这款精华液好用", "这款精华液很好用"),  # the term was right
        ("这款精华夜好用", "这款精华液好用"),  # known already
        ("给包包买一个", "给宝宝买一个"),  # sounds alike, but is a term itself
        ("精滑液", "今天没有了"),
        ("", "面霜"),
    ],
)
def test_other_corrections_propose_nothing(old: str, new: str) -> None:
    assert found((old, new)) == []


def test_what_was_repaired_often_comes_first() -> None:
    assert found(("棉双好", "面霜好"), ("精滑液好", "精华液好"), ("这瓶精滑液", "这瓶精华液")) == [("精华液", "精滑液", 2), ("面霜", "棉双", 1)]


def test_english_hosts() -> None:
    assert found(("this sirum is great", "this serum is great"), host="en") == [("serum", "sirum", 1)]
    assert found(("The Fase Cream is here", "The face cream is here"), host="en") == [("face cream", "fase cream", 1)]
    assert found(("the test is great", "the serum is great"), ("a serumm", "a cerumen serums"), host="en") == []


def test_likeness_of_sounds() -> None:
    assert likeness("精滑液", "精华液") == 1 and likeness("四十", "事实") == 1 and likeness("精油", "精华液") < 0.7 and likeness("serem", "serum") == 0.8


@given(st.lists(st.tuples(st.text(max_size=60), st.text(max_size=60)), max_size=4))
def test_any_correction_is_read(corrections: list[tuple[str, str]]) -> None:
    for each in proposals([*corrections, *((new, f"{old}精华液{new}") for old, new in corrections)], TERMS, "zh"):
        assert each.heard and each.likeness >= 0.7
