"""Which product a comment means."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.signals.meant import Pointing

NAMES = {
    "SERUM-30": ["补水精华液", "hydrating serum", "سيروم الترطيب", "serum", "セラム"],
    "SERUM-50": ["补水精华液大瓶", "hydrating serum xl"],
    "PAN-28": ["不粘锅", "non-stick pan", "wajan", "مقلاة", "กระทะ"],
    "HIJAB-1": ["头巾", "hijab", "حجاب", "ฮิญาบ", "khăn trùm"],
}
LISTED = ("PAN-28", "SERUM-30", "HIJAB-1")


@pytest.fixture(scope="module")
def pointing() -> Pointing:
    return Pointing()


@pytest.mark.parametrize(
    ("text", "lang", "sku"),
    [
        ("3号多少钱", "zh", "HIJAB-1"), ("三号链接还有吗", "zh", "HIJAB-1"), ("讲讲第2款", "zh", "SERUM-30"), ("no. 3 pls", "en", "HIJAB-1"),
        ("NUMBER 1 price??", "en", "PAN-28"), ("#2 how much", "en", "SERUM-30"), ("3番見せて", "ja", "HIJAB-1"), ("３番いくら", "ja", "HIJAB-1"),
        ("كم سعر رقم ٣", "ar", "HIJAB-1"), ("رقم 2 متوفر؟", "ar", "SERUM-30"), ("nomor 3 brp kak", "id", "HIJAB-1"), ("etalase 1 dong", "id", "PAN-28"),
        ("รหัส 3 เท่าไหร่", "th", "HIJAB-1"), ("รหัส3 ยังมีมั้ย", "th", "HIJAB-1"), ("số 2 bao nhiêu", "vi", "SERUM-30"), ("nombor 2 ada lagi?", "ms", "SERUM-30"),
        ("3번 얼마예요", "ko", "HIJAB-1"), ("no. 9 pls", "en", None), ("number 300", "en", None), ("no. 0", "en", None),
    ],
)  # fmt: skip
def test_a_number_is_a_place_in_the_list(pointing: Pointing, text: str, lang: str, sku: str | None) -> None:
    assert pointing.product_of(text, lang, NAMES, None, LISTED) == sku


@pytest.mark.parametrize(
    ("text", "lang", "sku"),
    [
        ("补水精华液多少钱", "zh", "SERUM-30"), ("补水精华液大瓶多少钱", "zh", "SERUM-50"), ("Hydrating SERUM xl??", "en", "SERUM-50"),
        ("how much are the hijabs", "en", "HIJAB-1"), ("pan-28 still there?", "en", "PAN-28"), ("wajan nya brp kak", "id", "PAN-28"),
        ("كم المقلاة", "ar", "PAN-28"), ("กระทะเท่าไหร่คะ", "th", "PAN-28"), ("serumnya", "id", None), ("panda cute", "en", None),
    ],
)  # fmt: skip
def test_a_name_is_a_product(pointing: Pointing, text: str, lang: str, sku: str | None) -> None:
    assert pointing.product_of(text, lang, NAMES, None, LISTED) == sku


@pytest.mark.parametrize(
    ("text", "lang"),
    [("这个多少钱", "zh"), ("how much is this", "en"), ("これいくら", "ja"), ("بكم هذا", "ar"), ("ini brp kak", "id"), ("อันนี้เท่าไหร่", "th"),
     ("cái này nhiu shop", "vi"), ("yg ni brp", "ms"), ("이거 얼마예요", "ko")],
)  # fmt: skip
def test_pointing_means_the_product_on_the_table(pointing: Pointing, text: str, lang: str) -> None:
    assert pointing.product_of(text, lang, NAMES, "SERUM-50", LISTED) == "SERUM-50"
    assert pointing.product_of(text, lang, NAMES, None, LISTED) is None


def test_a_name_or_a_number_outweighs_pointing(pointing: Pointing) -> None:
    assert pointing.product_of("is this hijab cotton", "en", NAMES, "PAN-28", LISTED) == "HIJAB-1"
    assert pointing.product_of("这个3号多少钱", "zh", NAMES, "PAN-28", LISTED) == "HIJAB-1"


def test_what_names_nothing_means_nothing(pointing: Pointing) -> None:
    assert pointing.product_of("how much", "en", NAMES, "PAN-28", LISTED) is None
    assert pointing.product_of("hello everyone", "xx", NAMES, "PAN-28", LISTED) is None


@given(st.text(max_size=80), st.sampled_from(["zh", "en", "ar", "th", "xx"]), st.lists(st.text(max_size=8), max_size=4))
def test_hostile_text_and_names(text: str, lang: str, names: list[str]) -> None:
    assert Pointing().product_of(text, lang, {"A": names, "B": []}, "B", ("A", "B")) in ("A", "B", None)
