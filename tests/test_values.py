"""Values: what is found in a text, how a target writes it, that every value survives, and that no text makes it slow."""

from __future__ import annotations

import doctest
import time
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.bench.values_text import LANGUAGES, generated
from assistant.errors import InputFileError
from assistant.protect import tables, values
from assistant.protect.values import Format, Value, find, isolate, lost, render, same, values_of

ROWS = [line.split("\t") for line in (Path(__file__).parent / "data" / "values.tsv").read_text(encoding="utf-8").split("\n") if line and line[0] != "#"][1:]
ALL = (*LANGUAGES, "de", "und")


def shown(value: Value) -> str:
    """A value as `values.tsv` writes it."""
    if value.value is None:
        return f"{value.kind}:{value.text}"
    amount = str(value.value) if value.upper is None else f"{value.value}..{value.upper}"
    unit = "" if value.kind in ("date", "time") else value.unit
    return f"{value.kind}:{amount} {unit}".strip()


@pytest.mark.parametrize(("lang", "text", "expected"), ROWS, ids=[f"{row[0]}-{row[1]}" for row in ROWS])
def test_found(lang: str, text: str, expected: str) -> None:
    assert " | ".join(shown(value) for value in find(text, lang)) == ("" if expected == "-" else expected)


def test_table_covers_the_languages() -> None:
    assert len(ROWS) >= 200
    for lang in LANGUAGES:
        assert sum(row[0] == lang for row in ROWS) >= 15, lang


RENDERED = [
    ("zh", "十八万九千盾", "id", None, "Rp189.000"),
    ("zh", "十八万九千盾", "en", None, "Rp189,000"),
    ("zh", "十八万九千盾", "th", None, "189,000 รูเปียห์"),
    ("zh", "八折", "en", None, "20% off"),
    ("zh", "八折", "ja", None, "20%オフ"),
    ("zh", "八折", "ar", None, "خصم 20%"),
    ("zh", "八折", "vi", None, "giảm 20%"),
    ("en", "15% off", "zh", None, "8.5折"),
    ("zh", "一万毫安", "en", None, "10,000 mAh"),
    ("zh", "一万毫安", "ja", None, "10,000mAh"),
    ("zh", "一万毫安", "id", None, "10.000 mAh"),
    ("zh", "两百六", "en", None, "260"),
    ("zh", "110斤", "ja", None, "55kg"),
    ("zh", "三块五", "en", None, "3.5 yuan"),
    ("zh", "三块五", "vi", None, "3,5 tệ"),
    ("zh", "39.9", "ar", None, "39.9"),
    ("zh", "39.9", "id", None, "39.9"),
    ("zh", "3,000", "id", None, "3,000"),
    ("id", "199.000", "en", None, "199,000"),
    ("id", "99rb", "en", None, "99,000"),
    ("id", "24,5cm", "en", None, "24.5cm"),
    ("vi", "1tr2", "zh", None, "1,200,000"),
    ("vi", "299.000đ", "zh", None, "299.000越南盾"),
    ("ja", "3万円", "en", None, "30,000 yen"),
    ("ja", "￥3980", "zh", None, "3980日元"),
    ("ja", "￥3980", "en", None, "¥3980"),
    ("ar", "٣٩٫٩ ريال", "en", None, "39.9 riyals"),
    ("ar", "٢٠٪", "zh", None, "20%"),
    ("th", "๕๐๐ มล.", "en", None, "500 ml"),
    ("zh", "２XL", "en", None, "２XL"),
    ("zh", "220到240伏", "en", None, "220–240 V"),
    ("zh", "晚上八点半", "en", None, "8:30 PM"),
    ("zh", "晚上八点半", "ar", None, "20:30"),
    ("en", "8pm", "ja", None, "20:00"),
    ("en", "20:30", "ja", None, "20:30"),
    ("zh", "2月8日", "en", None, "February 8"),
    ("zh", "2月8日", "vi", None, "8 tháng 2"),
    ("zh", "2027年2月8日", "id", None, "8 Februari 2027"),
    ("zh", "2027年2月8日", "th", None, "8 กุมภาพันธ์ 2027"),
    ("zh", "九月", "ar", None, "سبتمبر"),
    ("zh", "2027-02-08", "en", None, "2027-02-08"),
    ("en", "8/2/2027", "ja", Format("JP"), "8/2/2027"),
    ("zh", "$39.9", "ar", None, "$39.9"),
    ("zh", "SAVE20", "ar", Format("SA", digits="arab"), "SAVE20"),
    ("zh", "199000盾", "id", Format("ID"), "Rp199.000"),
    ("zh", "39.9令吉", "ms", Format("MY"), "RM39.90"),
    ("zh", "39令吉", "ms", Format("MY"), "RM39"),
    ("zh", "1690铢", "th", Format("TH"), "฿1,690"),
    ("zh", "一百二十九万越南盾", "vi", Format("VN"), "1.290.000 ₫"),
    ("zh", "7480日元", "ja", Format("JP"), "7,480円"),
    ("zh", "7480日元", "en", Format("JP"), "¥7,480"),
    ("zh", "189里亚尔", "ar", Format("SA"), "189 ر.س"),
    ("zh", "1299.5里亚尔", "ar", Format("SA", digits="arab"), "١٬٢٩٩٫٥٠ ر.س"),
    ("zh", "189里亚尔", "en", Format("SA"), "SAR 189"),
    ("zh", "189迪拉姆", "en", Format("AE"), "AED 189"),
    ("zh", "189迪拉姆", "ar", Format("AE"), "189 د.إ"),
    ("zh", "1299.5欧元", "de", Format("DE"), "1.299,50 €"),
    ("zh", "百分之二十五", "de", Format("DE"), "25\u00a0%"),
    ("zh", "39.9元", "ms", Format("MY"), "39.9 yuan"),
    ("zh", "39.9元", "ar", Format("SA", digits="arab"), "٣٩٫٩ يوان"),
    ("zh", "1299元", "id", Format("ID"), "1.299 yuan"),
    ("zh", "39.9里亚尔", "ar", Format("SA", price="{v} SAR"), "39.90 SAR"),
    ("zh", "1299里亚尔", "en", Format("ZZ"), "1,299 riyals"),
    ("zh", "十八万九千盾", "ko", None, "Rp189,000"),
]


@pytest.mark.parametrize(("lang", "text", "target", "market", "expected"), RENDERED)
def test_rendered(lang: str, text: str, target: str, market: Format | None, expected: str) -> None:
    [value] = find(text, lang)
    assert render(value, target, market) == expected


@pytest.mark.parametrize(("lang", "text", "expected"), [row for row in ROWS if row[2] != "-"], ids=[f"{row[0]}-{row[1]}" for row in ROWS if row[2] != "-"])
@pytest.mark.parametrize("target", LANGUAGES)
def test_rendered_is_read_back_as_the_same_value(lang: str, text: str, expected: str, target: str) -> None:
    for value in find(text, lang):
        if value.kind in values.TYPED:
            assert render(value, target) == value.text
        else:
            assert not lost([value], render(value, target), target), (value, render(value, target))


def test_same() -> None:
    assert same("٣٩٫٩", "39.9")
    assert same("๓๙.๙", "39.9")
    assert same("３９．９", "39.9")
    assert not same("39.9", "399")
    assert not same("39.9元", "39.9日元", "zh")
    assert same("199.000", "199,000", "id", "en")
    assert same("十八万九千盾", "Rp189.000", "zh", "id")
    assert same("¥39.9", "39.9 yuan", "zh", "en")
    assert not same("八折", "80% off", "zh", "en")
    assert values_of("２０％", "zh") == values_of("٢٠٪", "ar")


def test_lost_counts_each_value_once() -> None:
    found = find("39元 39元 SAVE20", "zh")
    assert lost(found, "39 yuan, 39 yuan, SAVE20", "en") == []
    assert lost(found, "39 yuan, SAVE20", "en") == [found[1]]
    assert lost(found, "39 yuan, 39 yuan, SAVE 20", "en") == [found[2]]


ISOLATED = [
    ("كود SAVE20 الآن", "كود \u2068SAVE20\u2069 الآن"),
    ("جهاز iPhone 15 Pro جديد", "جهاز \u2068iPhone 15 Pro\u2069 جديد"),
    ("السعر 189 ريال", "السعر 189 ريال"),
    ("السعر 1,299.50 ريال", "السعر 1,299.50 ريال"),
    ("المقاسات S/M/L.", "المقاسات \u2068S/M/L\u2069."),
    ("من 5–8 أيام", "من \u20685–8\u2069 أيام"),
    ("الساعة 20:30", "الساعة \u206820:30\u2069"),
    ("شكرا @aisha_q!", "شكرا \u2068@aisha_q\u2069!"),
    ("السعر SAR 89", "السعر \u2068SAR 89\u2069"),
    ("سعة 500ml فقط", "سعة \u2068500ml\u2069 فقط"),
    ("خصم 20%", "خصم 20%"),
    ("انظر https://shop.com/a?b=1", "انظر \u2068https://shop.com/a?b=1\u2069"),
    ("only latin 20", "only latin 20"),
]


@pytest.mark.parametrize(("text", "expected"), ISOLATED)
def test_isolate(text: str, expected: str) -> None:
    assert isolate(text, "ar") == expected
    assert isolate(expected, "ar") == expected
    assert isolate(text, "en") == text


HOSTILE = st.text(
    st.sampled_from("0123456789٣๓３.,:/-–~%٪$¥₫@#()^;_ 一二两十百千万亿点半块毛折斤月日年分之Rpkmlx元A1⟦⟧\u2068\u2069😀👨‍بريالสิบหมื่น\n"), max_size=120
)
ANY = st.one_of(st.text(max_size=200), HOSTILE)


@settings(max_examples=300, deadline=None)
@given(ANY, st.sampled_from(ALL))
def test_spans_of_any_text(text: str, lang: str) -> None:
    end = 0
    for value in find(text, lang):
        assert end <= value.start < value.end <= len(text)
        assert text[value.start : value.end] == value.text
        end = value.end
        for target in ("en", "ar", "vi"):
            assert render(value, target)
            assert render(value, target, Format("SA", digits="arab"))


@settings(max_examples=200, deadline=None)
@given(ANY)
def test_isolate_twice_is_once(text: str) -> None:
    once = isolate(text, "ar")
    assert isolate(once, "ar") == once
    assert once.replace("\u2068", "").replace("\u2069", "") == text.replace("\u2068", "").replace("\u2069", "")


@settings(max_examples=200, deadline=None)
@given(st.decimals(min_value=0, max_value=10**9, places=2), st.sampled_from(LANGUAGES), st.sampled_from([None, "SA", "ID", "MY", "JP", "VN", "TH", "US"]))
def test_amounts_survive(amount: Decimal, target: str, country: str | None) -> None:
    [value] = find(f"{amount}元", "zh")
    written = render(value, target, Format(country) if country else None)
    assert not lost([value], written, target), written


UNITS = [
    "1", "1,", "1.", "(", "(;", "$", "一", "一百十", "一万", "@a.", "a1-", ":a", "👨‍👩‍👧", "http://", "a.", "lima puluh ", "2027-", "A", "1 ", "0-", "+0 1",
    "^", "A1@a.b", "S/", "百分之", "打八折", "十月", "size ", "Rp", "\u2068a", "⟦1⟧", "٣٫", "หนึ่งร้อย", "hai trăm ", "خمسة و", "twenty-", "=)", "[a", "#",
]  # fmt: skip


@pytest.mark.parametrize("lang", LANGUAGES)
def test_time_is_linear_on_hostile_text(lang: str) -> None:
    find("1 元", lang)
    for unit in UNITS:
        text = (unit * 2000)[:2000]
        best = min(_seconds(text, lang) for _ in range(2))
        assert best < 0.3, (unit, best)
        if best > 0.03:
            assert best < 6 * min(_seconds(text[:1000], lang) for _ in range(2)), unit


def _seconds(text: str, lang: str) -> float:
    begin = time.perf_counter()
    find(text, lang)
    isolate(text, "ar")
    return time.perf_counter() - begin


def test_generated_is_the_same_for_a_seed() -> None:
    assert generated(7, 20) == generated(7, 20) != generated(8, 20)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_generated_value_is_found_and_survives(lang: str) -> None:
    samples = [sample for sample in generated(4, 1000) if sample.lang == lang]
    assert len(samples) == 1000
    for sample in samples:
        found = find(sample.text, lang)
        texts = [value.text for value in found]
        assert not [wanted for wanted in sample.values if wanted not in texts], (sample, texts)
        for target in ("en", "ar", "id") if lang == "zh" else ("zh",):
            assert not lost(found, " ، ".join(render(value, target) for value in found), target), sample


def test_examples_of_the_module_head() -> None:
    assert doctest.testmod(values).attempted >= 9
    assert doctest.testmod(values).failed == 0


def test_table_errors_name_file_and_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "bad.tsv").write_text("a\tb\nonly one\n", encoding="utf-8")
    monkeypatch.setattr(tables.resources, "files", lambda _: tmp_path)
    with pytest.raises(InputFileError, match=r"bad\.tsv"):
        tables.rows("bad.tsv")
