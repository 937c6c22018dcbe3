"""Language codes as clients write them."""

from __future__ import annotations

import pytest

from assistant.web.codes import inward, name, outward

KNOWN = ("zh", "en", "ar", "pt", "tl")


@pytest.mark.parametrize(
    ("code", "ours"),
    [("zh", "zh"), ("zh-Hans", "zh"), ("zh-CN", "zh"), ("ZH_cn", "zh"), ("en-US", "en"), ("pt-BR", "pt"), ("pb", "pt"), ("fil", "tl")],
)
def test_what_clients_write(code: str, ours: str) -> None:
    assert inward(code, KNOWN, source=True) == ours
    assert inward(code, KNOWN, source=False) == ours


@pytest.mark.parametrize("code", ["zh-Hant", "zh-TW", "zt"])
def test_traditional_is_read_but_not_written(code: str) -> None:
    assert inward(code, KNOWN, source=True) == "zh"
    assert inward(code, KNOWN, source=False) is None


@pytest.mark.parametrize("code", ["xx", "", "-", "zhx", "auto"])
def test_what_nobody_knows(code: str) -> None:
    assert inward(code, KNOWN, source=True) is None


def test_outward() -> None:
    assert (outward("zh"), outward("ar"), name("ar"), name("xx")) == ("zh-Hans", "ar", "Arabic", "xx")
