"""Personal data in comments is masked, what only looks like it stays; abuse and adverts are told."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.guard.comments import Comments
from assistant.guard.identity import card, document, luhn
from assistant.guard.privacy import MASK, Privacy

PRIVACY = Privacy()
COMMENTS = Comments()
REGIONS = ("SA", "AE", "JP", "ID", "MY", "TH", "VN", "PH", "SG", "CN")


@pytest.mark.parametrize(
    ("text", "lang", "masked", "kind"),
    [
        ("call me +971 50 123 4567 now", "en", f"call me {MASK} now", "phone"),
        ("رقمي ٠٥٠١٢٣٤٥٦٧ شكرا", "ar", f"رقمي {MASK} شكرا", "phone"),
        ("電話は０８０-１２３４-５６７８です", "ja", f"電話は{MASK}です", "phone"),
        ("wa 0813-8123-4567 ya kak", "id", f"wa {MASK} ya kak", "phone"),
        ("โทร 081 234 5678 ค่ะ", "th", f"โทร {MASK} ค่ะ", "phone"),
        ("打13812345678给我", "zh", f"打{MASK}给我", "phone"),
        ("mail nam.le@shop.example please", "en", f"mail {MASK} please", "email"),
        ("x at gmail dot com", "en", MASK, "email"),
        ("card 4111 1111 1111 1111 ok?", "en", f"card {MASK} ok?", "card"),
        ("身份证11010519491231002X", "zh", f"身份证{MASK}", "identity"),
        ("NRIC S1234567D", "en", f"NRIC {MASK}", "identity"),
        ("寄到朝阳区建国路88号3栋502室，谢谢", "zh", f"{MASK}，谢谢", "address"),
        ("〒150-0001 東京都渋谷区神宮前1-2-3", "ja", MASK, "address"),
        ("kirim ke jl. melati indah no. 5 rt 02", "id", f"kirim ke {MASK}", "address"),
        ("ship to 24 Rose Garden Street", "en", f"ship to {MASK}", "address"),
        ("nach Lindenstraße 12 bitte", "de", f"nach {MASK} bitte", "address"),
        ("12 rue de la Paix", "fr", MASK, "address"),
    ],
)
def test_what_is_personal_is_masked(text: str, lang: str, masked: str, kind: str) -> None:
    assert PRIVACY.masked(text, [lang], REGIONS) == masked
    assert kind in [item.kind for item in PRIVACY.find(text, [lang], REGIONS)]


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("order 293847293847293 kapan sampai", "id"), ("harga 1.299.000", "id"), ("99.000 x 3 = 297.000", "id"), ("158 55 kg size?", "en"),
        ("3号链接多少钱", "zh"), ("看看建国路88号链接", "zh"), ("2026-11-22 20:00", "en"), ("look at amazon.com", "en"), ("hi @shop.official", "en"),
        ("jalan kaki 5 menit", "id"), ("5'3 and 120 lbs", "en"), ("2XL 还有吗 20000mAh", "zh"), ("1,290,000 189", "en"), ("", "zh"),
    ],
)  # fmt: skip
def test_numbers_that_are_nobody_s_stay(text: str, lang: str) -> None:
    assert PRIVACY.masked(text, [lang], REGIONS) == text


def test_check_digits_decide() -> None:
    assert luhn("79927398713") and not luhn("79927398714")
    assert card("4111111111111111") and not card("4111111111111112") and not card("9111111111111111")
    good = ("11010519491231002X", "S1234567D", "12345678Z", "GB82WEST12345698765432", "3174014107900001")
    assert all(document(item) for item in good)
    assert not any(document(item) for item in ("110105194912310021", "S1234567A", "12345678A", "GB82WEST12345698765433", "3174019907900001", "12345"))


@pytest.mark.parametrize(
    ("text", "lang"),
    [("f u c k  you", "en"), ("F.U.C.K you", "en"), ("傻 逼主播", "zh"), ("dasar anjing", "id"), ("show ur feet lol", "en"), ("互粉互粉", "zh"),
     ("F4F anyone", "vi"),
     ("đm mày", "vi"), ("eres una puta", "es"), ("死ね", "ja"), ("يا حمار", "ar"), ("อีดอก", "th")],
)  # fmt: skip
def test_abuse_and_adverts_are_offensive(text: str, lang: str) -> None:
    assert COMMENTS.offensive(text, lang)


@pytest.mark.parametrize(
    ("text", "lang"),
    [("scunthorpe class assess", "en"), ("去死皮好用吗", "zh"), ("anjing lucu banget", "id"), ("กล่องหีบห่อ", "th"), ("la computadora", "es"), ("ไม่เหี้ยมเลย", "th"),
     ("how much for two", "en"), ("クズ粉ありますか", "ja"), ("", "und")],
)  # fmt: skip
def test_innocent_words_are_not(text: str, lang: str) -> None:
    assert not COMMENTS.offensive(text, lang)


def test_what_a_comment_was_read_as_counts_too() -> None:
    assert COMMENTS.offensive("u r fake", "en", ["troll.accusation"]) and COMMENTS.offensive("visit us", "en", ["other", "spam.advert"])
    assert not COMMENTS.offensive("how much", "en", ["price.ask"])


@given(st.text(max_size=200), st.sampled_from(["zh", "en", "ar", "xx"]))
@settings(max_examples=150, deadline=None)
def test_any_text_is_masked_and_spans_are_apart(text: str, lang: str) -> None:
    end = 0
    for item in PRIVACY.find(text, [lang], ("SA",)):
        assert end <= item.start < item.end <= len(text)
        end = item.end
    PRIVACY.masked(text, [lang], ("SA",))


@given(st.text("0123456789+-() .", max_size=400))
@settings(max_examples=60, deadline=None)
def test_any_run_of_figures_is_read(text: str) -> None:
    PRIVACY.masked(text, ["en"], ("SA", "ID"))
