"""Glossary terms are found as people write them: inflected, accented, full-width, said twice, overlapping."""

from __future__ import annotations

from time import perf_counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.protect import MARK, defused, protect
from assistant.protect.affixes import read_affixes
from assistant.protect.matching import Index, standing
from assistant.protect.normal import Normaliser
from assistant.protect.terms import Match, Term

AFFIXES = read_affixes()


def index(lang: str, *cells: str, match: Match = "word") -> Index:
    """An index of terms whose translation is the cell in angle brackets."""
    return Index([[Term({lang: cell, "xx": f"<{cell}>"}, match) for cell in cells]], lang, AFFIXES)


def found(lang: str, text: str, *cells: str, match: Match = "word") -> list[str]:
    return [text[item.start : item.end] for item in index(lang, *cells, match=match).find(text, "xx")]


@pytest.mark.parametrize(
    ("lang", "cells", "text", "spans"),
    [
        ("en", ("serum",), "Two serums, SERUM'S cap, preserum", ["serums", "SERUM'S"]),
        ("en", ("accessory", "scarf", "knife"), "accessories, scarves and knives", ["accessories", "scarves", "knives"]),
        ("en", ("USB-C",), "usb‑c cable", ["usb‑c"]),
        ("en", ("ring",), "earring rings spring", ["rings"]),
        ("id", ("serum", "baju"), "serumnya baju-baju bajuku baju2 preserum", ["serumnya", "baju-baju", "bajuku", "baju2"]),
        ("ms", ("tudung",), "tudungnya bertudung tudunglah", ["tudungnya", "bertudung", "tudunglah"]),
        ("ar", ("سيروم",), "السيروم وبالسيروم السِّيرُوم ســيروم", ["السيروم", "السيروم", "السِّيرُوم", "ســيروم"]),
        ("ar", ("سيروم",), "للسيروم وسيروم سيرومك", ["لسيروم", "سيروم", "سيرومك"]),
        ("ar", ("عباية",), "عبايتي وعبايه وعباية", ["عبايتي", "عبايه", "عباية"]),
        ("ar", ("واقي شمس",), "واقي الشمس", ["واقي الشمس"]),
        ("ar", ("أحمر",), "احمر", ["احمر"]),
        ("ar", ("رد",), "ورد", []),
        ("ar", ("لوز",), "فستق ولوز وكاجو", ["لوز"]),
        ("zh", ("精华液", "USB"), "这款精华液和ＵＳＢ线", ["精华液", "ＵＳＢ"]),
        ("ja", ("セラム",), "ｾﾗﾑとセラム", ["ｾﾗﾑ", "セラム"]),
        ("ja", ("バッグ",), "ﾊﾞｯｸﾞです", ["ﾊﾞｯｸﾞ"]),
        ("th", ("น้ำหอม",), "น้ำหอมค่ะ", ["น้ำหอม"]),
        ("th", ("เซรั่ม", "กา"), "เซรั่มตัวนี้ เก่า", ["เซรั่ม"]),
        ("vi", ("nước hoa",), "Nước hoa nu\u031bo\u031b\u0301c hoa", ["Nước hoa", "nu\u031bo\u031b\u0301c hoa"]),
        ("fr", ("huile",), "l'huile et huiles", ["l'huile", "huiles"]),
        ("ko", ("세럼",), "세럼이 세럼은 프리세럼", ["세럼이", "세럼은"]),
        ("en", ("C++ (kit)", "[x]*"), "a c++ (KIT) and [X]*", ["c++ (KIT)", "[X]*"]),
        ("en", ("face  cream",), "face\u00a0cream face   cream", ["face\u00a0cream", "face   cream"]),
        ("en", ("serum",), "se\u200brum", ["se\u200brum"]),
    ],
)
def test_a_term_is_found_as_people_write_it(lang: str, cells: tuple[str, ...], text: str, spans: list[str]) -> None:
    assert found(lang, text, *cells) == spans


def test_match_modes() -> None:
    assert found("en", "X-Ray x-ray X-Rays", "X-Ray", match="exact") == ["X-Ray"]
    assert found("en", "serumology preserum serum", "serum", match="prefix") == ["serumology", "serum"]
    assert found("zh", "精华液精华", "精华", match="prefix") == ["精华", "精华"]


def test_a_higher_layer_wins_any_overlap_and_the_longest_within_one() -> None:
    own = [Term({"zh": "精华", "en": "essence"})]
    market = [Term({"zh": "维C精华液", "en": "vitamin C serum"}), Term({"zh": "精华液", "en": "serum"}), Term({"zh": "面膜", "en": "mask"})]
    text = "维C精华液和面膜"
    assert [item.target for item in Index([market], "zh").find(text, "en")] == ["vitamin C serum", "mask"]
    assert [item.target for item in Index([own, market], "zh").find(text, "en")] == ["essence", "mask"]


def test_only_terms_with_a_cell_in_the_target_take_part() -> None:
    layers = [[Term({"zh": "玻尿酸精华液", "en": "HA serum"})], [Term({"zh": "精华液", "ar": "سيروم", "en": "serum"})]]
    assert [item.target for item in Index(layers, "zh").find("玻尿酸精华液", "ar")] == ["سيروم"]
    assert [item.target for item in Index(layers, "zh").find("玻尿酸精华液", "en")] == ["HA serum"]
    (same,) = Index([[Term({"zh": "Huawei", "en": "Huawei"})]], "zh").find("HUAWEI手机", "en")
    assert same.kept and same.target == "Huawei"


def test_mishearings_are_put_right() -> None:
    heard = Index([[Term({"zh": "精华液", "en": "serum"}, heard=("京华液", "金华页"))]], "zh")
    assert heard.heard("这款京华液和金华页") == "这款精华液和精华液"
    assert Index([[Term({"en": "serum"}, heard=("see room",))]], "en").heard("this See Room, seesee rooms") == "this serum, seesee rooms"


def test_where_a_word_stands_in_a_translation() -> None:
    assert standing("هذا السيروم رائع", ["سيروم"], "ar", AFFIXES) == [(4, 11)]
    assert standing("essences of essential", ["essence"], "en", AFFIXES) == [(0, 8)]


def test_ten_thousand_terms_load_in_a_second_and_cost_little() -> None:
    letters = [chr(0x4E00 + number) for number in range(2_000)]
    terms = [Term({"zh": "".join(letters[number * step % 2_000] for step in (1, 7, 31)), "en": "x"}) for number in range(1, 10_001)]
    begun = perf_counter()
    built = Index([terms], "zh")
    assert perf_counter() - begun < 1
    line = "宝宝们这款精华液今天只要九十九块包邮到家喜欢的赶紧下单"
    begun = perf_counter()
    for _ in range(200):
        built.find(line, "en")
    assert (perf_counter() - begun) / 200 < 0.0005


def test_marks_a_viewer_types_are_defused() -> None:
    ready = protect("⟦0⟧ 精华液 ⟦x \ue001", "zh", "en", Index([[Term({"zh": "精华液", "en": "serum"})]], "zh"))
    assert [item.plain for item in ready.stretches] == ["0", "精华液"] and MARK.findall(ready.text) == ["⟦0⟧", "⟦1⟧"]
    assert ready.text.startswith("[⟦0⟧]") and "\ue001" not in ready.text


def test_a_term_inside_a_link_is_the_links() -> None:
    terms = Index([[Term({"en": "serum", "xx": "S"}), Term({"en": "30ml", "xx": "trente"})]], "en")
    ready = protect("see https://shop.example/serum #serum now: serum 30ml", "en", "xx", terms)
    assert [item.target for item in ready.stretches if item.term] == ["S", "trente"]
    assert "https://shop.example/serum" in ready.text


HOSTILE = st.text(
    st.sampled_from(list("精华液serum سيروم⟦⟧0123(){}[].*+?\\|^$\u202e\u200b\u0301\uff9eـ'’-\n😍ſİßﬁก่เ")) | st.characters(codec="utf-8"), max_size=60
)


@settings(max_examples=200, deadline=None)
@given(HOSTILE, st.lists(HOSTILE, max_size=6), st.sampled_from(["zh", "en", "ar", "id", "th", "ja"]))
def test_protection_can_be_undone_whatever_is_typed(text: str, cells: list[str], lang: str) -> None:
    terms = Index([[Term({lang: cell, "xx": f"<{number}>"}, match) for number, cell in enumerate(cells) for match in ("word", "exact", "prefix")]], lang)
    ready = protect(text, lang, "xx", terms)
    marks = [item.mark for item in ready.stretches]
    assert MARK.findall(ready.text) == marks and len(set(marks)) == len(marks)
    plain = {item.mark: item.plain for item in ready.stretches}
    assert MARK.sub(lambda match: plain[match[0]], ready.text) == defused(text)


@settings(max_examples=200, deadline=None)
@given(HOSTILE)
def test_the_way_back_from_normal_text_never_loses_its_place(text: str) -> None:
    plain = Normaliser()(text)
    assert len(plain.starts) == len(plain.text) + 1 and plain.starts[-1] == len(text)
    assert all(left <= right for left, right in zip(plain.starts, plain.starts[1:], strict=False))


def test_two_thousand_characters_of_one_term() -> None:
    terms = [Term({"zh": "啊" * size, "en": "a" * size}) for size in range(1, 200)]
    begun = perf_counter()
    ready = protect("啊" * 2_000, "zh", "en", Index([terms], "zh"))
    assert perf_counter() - begun < 8
    assert sum(len(item.plain) for item in ready.stretches) == 2_000
