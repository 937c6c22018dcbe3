"""The judge of `liveroom bench talk`: what it counts as money written wrong."""

from __future__ import annotations

import pytest

from assistant.bench.talk import well_written


@pytest.mark.parametrize(
    ("text", "currency", "right"),
    [
        ("سعره \u2068189 ر.س\u2069 اليوم", "SAR", True),
        ("SAR 1,299.50 today", "SAR", True),
        ("SAR 1299.50 today", "SAR", False),
        ("7,480円です、日本円で", "JPY", True),
        ("7480円です", "JPY", False),
        ("7,480.00円です", "JPY", False),
        ("Rp199.000 aja", "IDR", True),
        ("Rp199,000 aja", "IDR", False),
        ("Rp199.000,00 aja", "IDR", False),
        ("1.290.000 ₫ ạ", "VND", True),
        ("RM219 je", "MYR", True),
        ("$49.90 today", "MYR", False),
        ("1\u202f299,50 € aujourd'hui", "EUR", True),
        ("no money at all in 30 days", "EUR", True),
    ],
)
def test_money_in_the_wrong_form_is_seen(text: str, currency: str, right: bool) -> None:
    assert well_written(text, currency) is right
