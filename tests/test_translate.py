"""The translate stage without a model: gate, sentences, checks, routes, and the generator that ties them."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.errors import NoRoute
from assistant.translate import Translation, check, run, translate
from assistant.translate.gate import gate, words
from assistant.translate.request import Decoded, Request
from assistant.translate.routes import Installed, Routes
from assistant.translate.sentences import split

LANGS = frozenset({"zh", "en", "ar"})
ROUTES = Routes([Installed("tiny", LANGS, LANGS, 7_000_000)])


@pytest.mark.parametrize(
    "text",
    ["", " ", "...", "😍😍", "555", "39.9", "https://a.b/c", "@aisha", "#sale", "(^o^)", ":rose::rose:",
     "SALE50", "👨‍👩‍👧", "🇸🇦", "\u202e\u200b", "⟦0⟧", "???!!", "3️⃣"],
)
def test_wordless_text_never_reaches_a_model(text: str) -> None:
    def nobody(requests: Sequence[Request]) -> list[Decoded]:
        raise AssertionError(f"{requests} reached a model")

    assert run(translate(text, "ar", "zh", ROUTES), nobody) == Translation(text, sentences=(text,), done=1)


@pytest.mark.parametrize(
    ("text", "head", "core", "tail"),
    [
        ("bagus bgt 😍 kak 😍", "", "bagus bgt kak", " 😍😍"),
        ("@aisha كم السعر؟ 😍", "@aisha ", "كم السعر؟", " 😍"),
        ("3️⃣ 号链接", "", "3 号链接", ""),
        ("ok \u202eevil\u0007", "", "ok evil", ""),
        ("hi  there", "", "hi there", ""),
        ("see https://x.example/y?z=1 now 😍", "", "see now", " https://x.example/y?z=1 😍"),
        ("write me@shop.example @aisha", "", "write @aisha", " me@shop.example"),
        ("© 2026 shop", "", "© 2026 shop", ""),
    ],
)
def test_gate(text: str, head: str, core: str, tail: str) -> None:
    parts = gate(text)
    assert (parts.head, parts.core, parts.tail) == (head, core, tail)


@given(st.text(max_size=200))
def test_gate_takes_any_text(text: str) -> None:
    parts = gate(text)
    assert not parts.core or words(parts.core)


def test_emoji_come_back_after_the_translation() -> None:
    result = run(translate("hello 😍", "en", "zh", ROUTES), lambda requests: [Decoded("你好") for _ in requests])
    assert result.text == "你好 😍"


@pytest.mark.parametrize(
    ("text", "lang", "sentences"),
    [
        ("大家好！这款3.5升。好用", "zh", ["大家好！", "这款3.5升。", "好用"]),
        ("It costs 3.5 dollars. Really? Yes", "en", ["It costs 3.5 dollars.", "Really?", "Yes"]),
        ("السعر ٨٩ ريال. هل تريدون؟", "ar", ["السعر ٨٩ ريال.", "هل تريدون؟"]),
    ],
)
def test_sentences(text: str, lang: str, sentences: list[str]) -> None:
    assert [sentence.text for sentence in split(text, lang)] == sentences


def test_an_unpunctuated_stretch_is_cut_before_a_clause() -> None:
    text = "这个锅底很厚受热特别均匀煎牛排不会糊然后它的手柄是防烫的所以家里有小朋友也可以放心用大家看一下"
    parts = split(text, "zh")
    assert len(parts) > 1 and all(len(part.text) <= 36 for part in parts)
    assert "".join(part.text for part in parts) == text
    assert parts[1].text.startswith(("然后", "所以"))


@given(st.text(max_size=2000), st.sampled_from(["zh", "en", "th", "ja"]))
def test_splitting_loses_nothing(text: str, lang: str) -> None:
    parts = split(text, lang)
    assert "".join("".join(part.text for part in parts).split()) == "".join(text.split())
    assert all(part.text for part in parts)


@pytest.mark.parametrize(
    ("source", "langs", "output", "flag"),
    [
        ("多少钱", ("zh", "en"), "", "untranslated"),
        ("多少钱", ("zh", "en"), "...", "untranslated"),
        ("多少钱", ("zh", "en"), "how much how much how much how much how much", "repetition_cut"),
        ("多少钱", ("zh", "ar"), "how much is it", "wrong_script"),
        ("how much", ("en", "zh"), "これはいくらですか", "wrong_script"),
        ("how much is this one", ("en", "id"), "how much is this one", "copied"),
        ("多少钱", ("zh", "en"), "word " * 40 + "x", "repetition_cut"),
        ("berapa harganya kak", ("id", "ms"), "berapa harganya kak", None),
        ("多少钱", ("zh", "en"), "How much?", None),
        ("哈哈哈哈哈哈", ("zh", "en"), "hahahahahaha", None),
        ("这款 ANESSA 防晒", ("zh", "ar"), "واقي الشمس ANESSA", None),
        ("九十九", ("zh", "ar"), "السعر 九九 ريال فقط اليوم", "wrong_script"),
        ("ok", ("en", "zh"), "在一位上是是是是是是是好的那个今天的衣服真的很好看很多人都喜欢", "repetition_cut"),
        ("wkwkwk lucu banget", ("id", "zh"), "哈哈哈哈哈哈 好搞笑", None),
        ("เสื้อ OEM", ("th", "ja"), "OEMのシャツ", None),
    ],
)
def test_what_never_leaves_a_model(source: str, langs: tuple[str, str], output: str, flag: str | None) -> None:
    assert check.fault(source, *langs, Decoded(output)) == flag


def test_a_cut_output_is_truncated() -> None:
    assert check.fault("多少钱", "zh", "en", Decoded("how much", cut=True)) == "truncated"


def test_one_guarded_retry_then_the_original() -> None:
    asked: list[Request] = []

    def loops(requests: Sequence[Request]) -> list[Decoded]:
        asked.extend(requests)
        return [Decoded("no no no no no no no no") for _ in requests]

    result = run(translate("多少钱 😍", "zh", "en", ROUTES), loops)
    assert [request.guarded for request in asked] == [False, True]
    assert result.text == "多少钱 😍" and result.flags == ("repetition_cut", "untranslated")


def test_a_good_retry_is_taken() -> None:
    result = run(translate("多少钱", "zh", "en", ROUTES), lambda requests: [Decoded("How much?" if request.guarded else "") for request in requests])
    assert result.text == "How much?" and not result.flags


def test_only_the_failed_sentence_stays_in_the_original() -> None:
    result = run(translate("你好。多少钱", "zh", "en", ROUTES), lambda requests: [Decoded("" if "钱" in request.text else "Hello.") for request in requests])
    assert result.text == "Hello. 多少钱" and result.flags == ("untranslated",)


def test_direct_beats_pivot_unless_the_pivot_is_better() -> None:
    weak = Installed("weak", frozenset({"zh"}), frozenset({"ar"}), 7_000_000, {"zh-ar": 15.0})
    first = Installed("zh-en", frozenset({"zh"}), frozenset({"en"}), 75_000_000, {"zh-en": 55.0})
    second = Installed("en-ar", frozenset({"en"}), frozenset({"ar"}), 75_000_000, {"en-ar": 58.0})
    assert [hop.model for hop in Routes([weak, first, second]).find("zh", "ar").hops] == ["zh-en", "en-ar"]
    strong = Installed("strong", frozenset({"zh"}), frozenset({"ar"}), 7_000_000, {"zh-ar": 40.0})
    assert [hop.model for hop in Routes([strong, first, second]).find("zh", "ar").hops] == ["strong"]


def test_cheapest_of_equally_good_models() -> None:
    big = Installed("big", LANGS, LANGS, 75_000_000, {"zh-en": 40.0})
    small = Installed("small", LANGS, LANGS, 7_000_000, {"zh-en": 39.0})
    assert Routes([big, small]).find("zh", "en").hops[0].model == "small"


def test_another_hub_than_english() -> None:
    models = [Installed("a", frozenset({"th"}), frozenset({"fr"})), Installed("b", frozenset({"fr"}), frozenset({"zh"}))]
    route = Routes(models).find("th", "zh")
    assert [hop.model for hop in route.hops] == ["a", "b"]
    assert route.explain()[:2] == ["th-fr a", "fr-zh b"]


def test_no_route_names_the_command() -> None:
    with pytest.raises(NoRoute, match="liveroom models pull zh-en en-th"):
        run(translate("你好", "zh", "th", Routes([])), lambda requests: [])


def test_pivot_decodes_hop_by_hop_and_biases_only_the_last() -> None:
    models = [Installed("a", frozenset({"zh"}), frozenset({"en"})), Installed("b", frozenset({"en"}), frozenset({"ar"}))]
    asked: list[Request] = []

    def decode(requests: Sequence[Request]) -> list[Decoded]:
        asked.extend(requests)
        return [Decoded("hello" if request.model == "a" else "مرحبا") for request in requests]

    result = run(translate("你好啊", "zh", "ar", Routes(models), shown=("مرح",), partial=True), decode)
    assert result.text == "مرحبا"
    assert [(request.model, request.text, request.shown) for request in asked] == [("a", "你好啊", ""), ("b", "hello", "مرح")]


def test_finished_sentences_of_a_partial_are_decoded_as_in_a_final() -> None:
    asked: list[Request] = []

    def decode(requests: Sequence[Request]) -> list[Decoded]:
        asked.extend(requests)
        return [Decoded("text") for _ in requests]

    run(translate("你好啊。多少", "zh", "en", ROUTES, shown=("Hello.", "How"), partial=True), decode)
    assert [request.shown for request in asked] == ["", "How"]
