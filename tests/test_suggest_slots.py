"""Slots filled from the room's facts, as each country writes them; what can't be filled is no line."""

from __future__ import annotations

import datetime
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.packs.goods import goods_of
from assistant.packs.pack import read_packs
from assistant.roomfile import read_room
from assistant.shipped import SAMPLE, shipped
from assistant.suggest.goods import Goods
from assistant.suggest.lines import SLOTS
from assistant.suggest.slots import _SLOTS, FSI, PDI, Scene, fill, spoken_name

PACKS = read_packs([shipped("talk_scripts")])
ROOM = read_room(SAMPLE / "ROOM.toml")
GOODS = goods_of(ROOM, PACKS.values())
NOVEMBER = int(datetime.datetime(2026, 11, 5, 18, tzinfo=datetime.UTC).timestamp() * 1000)


def filled(text: str, market: str, lang: str, country: str, sku: str = "ABAYA-01", **scene: Any) -> str | None:
    form = PACKS[market].form(lang, country)
    given = {"now": NOVEMBER, "country": country, "clock": datetime.time(21, 5), "goods": GOODS.get(sku)}
    found = fill(text, Scene(**{**given, **scene}), form)
    return found and found.replace(FSI, "").replace(PDI, "")


def test_every_slot_of_the_schema_can_be_filled() -> None:
    assert set(_SLOTS) == SLOTS


@pytest.mark.parametrize(
    ("market", "lang", "country", "price"),
    [
        ("middle_east", "ar", "SA", "189 ر.س"),
        ("middle_east", "en", "SA", "SAR 189"),
        ("middle_east", "ar", "AE", "189 د.إ"),
        ("japan", "ja", "JP", "7,480円"),
        ("southeast_asia", "id", "ID", "Rp799.000"),
        ("southeast_asia", "ms", "MY", "RM219"),
        ("southeast_asia", "th", "TH", "฿1,690"),
        ("southeast_asia", "vi", "VN", "1.290.000 ₫"),
        ("north_america", "en", "US", "$49.90"),
        ("north_america", "es", "US", "$49.90"),
    ],
)
def test_prices_are_written_as_the_country_writes_them(market: str, lang: str, country: str, price: str) -> None:
    assert filled("{price}", market, lang, country) == price


@pytest.mark.parametrize(
    ("lang", "country", "price"),
    [("de", "DE", "1.299,50 €"), ("fr", "FR", "1\u202f299,50 €"), ("es", "ES", "1299,50 €"), ("en", "GB", None)],
)
def test_european_prices(lang: str, country: str, price: str | None) -> None:
    goods = Goods("X", {}, prices={"EUR": Decimal("1299.5")})
    found = filled("{price}", "europe", lang, country, goods=goods)
    assert found == price or (lang == "es" and found in ("1299,50 €", "1.299,50 €")), found


@pytest.mark.parametrize(
    ("market", "country", "lang", "price"),
    [("southeast_asia", "ID", "zh", "799,000印尼盾"), ("middle_east", "SA", "zh", "189里亚尔"), ("middle_east", "SA", "en", "189 Saudi riyals")],
)
def test_a_hosts_gloss_names_the_currency_in_her_words(market: str, country: str, lang: str, price: str) -> None:
    form = PACKS[market].form(lang, country, gloss=True)
    assert fill("{price}", Scene(NOVEMBER, country, None, GOODS["ABAYA-01"]), form) == price


def test_no_price_is_ever_converted() -> None:
    assert filled("{price}", "europe", "de", "DE") is None and filled("{price}", "southeast_asia", "en", "PH") is None
    assert filled("{price}", "middle_east", "ar", "SA", sku="none") is None


def test_arabic_indic_digits_are_the_packs_choice() -> None:
    form = replace(PACKS["middle_east"].form("ar", "SA"), arabic_digits=True)
    scene = Scene(NOVEMBER, "SA", datetime.time(21, 5), Goods("X", {}, prices={"SAR": Decimal("1299.5")}, stock=120))
    assert fill("{price} {stock} {time}", scene, form) == f"{FSI}١٬٢٩٩٫٥٠ ر.س{PDI} {FSI}١٢٠{PDI} {FSI}٩:٠٥ م{PDI}"


def test_right_to_left_text_isolates_values_and_left_to_right_text_only_foreign_ones() -> None:
    scene = Scene(NOVEMBER, "SA", None, GOODS["ABAYA-01"], viewer="أم سعود")
    assert fill("السعر {price}", scene, PACKS["middle_east"].form("ar", "SA")) == f"السعر {FSI}189 ر.س{PDI}"
    assert fill("{viewer}, {price}", scene, PACKS["middle_east"].form("en", "SA")) == f"{FSI}أم سعود{PDI}, SAR 189"


def test_a_former_price_counts_only_while_the_country_lets_it() -> None:
    text = "{former_price} {discount}"
    assert filled(text, "middle_east", "ar", "SA") == "229 ر.س 17%"
    day = 86_400_000
    assert filled(text, "middle_east", "ar", "SA", now=NOVEMBER + 60 * day) is None, "charged too long ago"
    assert filled(text, "middle_east", "ar", "SA", now=NOVEMBER - 90 * day) is None, "not charged yet"
    assert filled(text, "middle_east", "ar", "SA", now=60_000) == "229 ر.س 17%", "a recording's clock says no date"
    assert filled("{former_price}", "japan", "ja", "JP", sku="SERUM-30") == "2,980円"
    assert filled("{former_price}", "japan", "ja", "JP", sku="SERUM-30", now=NOVEMBER + 12 * day) is None, "two weeks in Japan"
    same = Goods("X", {}, prices={"SAR": Decimal(100)}, former={"SAR": Decimal(100)}, former_to={"SA": 2**60})
    assert filled("{former_price}", "middle_east", "ar", "SA", goods=same) is None


def test_the_discount_is_never_rounded_up() -> None:
    goods = Goods("X", {}, prices={"SAR": Decimal("80.5")}, former={"SAR": Decimal(100)}, former_to={"SA": 2**60})
    assert filled("{discount}", "middle_east", "en", "SA", goods=goods) == "19%"


def test_facts_of_the_sample_room() -> None:
    assert filled("{delivery_days} {shipping_fee}", "southeast_asia", "th", "TH") == "5–8 ฿50"
    assert filled("{shipping_fee}", "middle_east", "ar", "SA") == "مجاني"
    assert filled("{payment}", "middle_east", "en", "SA") == "mada, Apple Pay, STC Bank, or cash on delivery"
    assert "代金引換" not in (filled("{payment}", "japan", "ja", "JP") or ""), "the shipping has no cash on delivery"
    assert filled("{sizes} {origin}", "japan", "ja", "JP") == "52–60 中国"
    assert filled("{volume} {weight}", "southeast_asia", "id", "ID", sku="KETTLE-12") == "1,2 L 1,05 kg"
    assert filled("{warranty}", "southeast_asia", "vi", "VN", sku="KETTLE-12") == "1 năm"
    assert filled("{size}", "japan", "ja", "JP") is None and filled("{size}", "japan", "ja", "JP", size="54") == "54"
    assert filled("{material}", "middle_east", "ar", "SA") is None, "the fact is in English"
    assert (filled("{material}", "middle_east", "en", "SA") or "").startswith("crepe")
    assert filled("{certificate}", "southeast_asia", "id", "ID", sku="SERUM-30") == "BPOM SAMPLE-NA-0201"
    assert filled("{certificate}", "southeast_asia", "id", "ID", sku="SERUM-30", certificate="halal") is None
    assert filled("{delivery_days}", "japan", "ja", "JP", sku="KETTLE-12") is None, "not shipped there"


def test_minutes_and_time_need_a_clock_and_an_end() -> None:
    assert filled("{minutes}", "japan", "ja", "JP") is None and filled("{time}", "japan", "ja", "JP", clock=None) is None
    goods = replace(GOODS["ABAYA-01"], ends=NOVEMBER + 12 * 60_000 + 500)
    assert filled("{minutes} {time}", "japan", "ja", "JP", goods=goods) == "12 21:05"
    assert filled("{minutes}", "japan", "ja", "JP", goods=replace(goods, ends=NOVEMBER + 59_000)) is None


@pytest.mark.parametrize(
    ("name", "said"),
    [("Sari Wulandari", "Sari Wulandari"), ("أم سعود 🌹", "أم سعود"), ("ゆき", "ゆき"), ("a@b.com", ""), ("WA 0812 3456 7890", ""), ("https://x.y", ""),
     ("<b>Li</b>", "b Li b"), ("\u202eevil", "evil"), ("", ""), ("🌹🌹", ""), ("x" * 300, "x" * 24), ("O’Neil-Ray", "O’Neil-Ray")],
)  # fmt: skip
def test_names_are_read_out_without_what_is_no_name(name: str, said: str) -> None:
    assert spoken_name(name) == said


@given(st.text(max_size=400))
def test_hostile_names_never_bring_marks_braces_or_controls(name: str) -> None:
    found = filled("{viewer}!", "middle_east", "ar", "SA", viewer=name)
    assert found is None or (len(found) <= 25 and not set(found) & set("{}<>@\u202e\u2066\n\x00"))


@given(st.text(alphabet="{}abc_priceviewr ", max_size=60))
def test_no_template_leaves_a_brace(text: str) -> None:
    found = filled(text, "middle_east", "en", "SA")
    assert found is None or "{" not in found
