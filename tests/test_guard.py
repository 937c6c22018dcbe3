"""What the guard finds in a text, and what it leaves alone."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from time import perf_counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.guard import Certificate, Facts, FormerPrice, Permit, Rule, Rulebook, Said, When
from assistant.guard.normal import Normaliser, read_tables
from assistant.packs.rules import read_rules

RULES = read_rules(Path(__file__).parent / "data" / "guard_rules.yaml", ["SA", "AE"])
BOOK = Rulebook(RULES)
TABLES = read_tables()
DAY = 86_400_000
NOW = 1_790_000_000_000


def fired(text: str, lang: str, facts: Facts | None = None, **more: object) -> list[tuple[str, str]]:
    """(rule, words) of every finding; the span is the words."""
    found = BOOK.check(text, lang, facts, NOW, **more)  # type: ignore[arg-type]
    assert all(text[item.start : item.end] == item.matched for item in found)
    return [(item.rule.id, item.matched) for item in found]


@pytest.mark.parametrize(
    ("text", "lang", "words"),
    [
        ("这款全网第一的面膜", "zh", "全网第一"),
        ("最 佳选择", "zh", "最 佳"),
        ("全网*第一", "zh", "全网*第一"),
        ("全網第一", "zh", "全網第一"),
        ("我们是No.1哦", "zh", "No.1"),
        ("我们是N0.1哦", "zh", "N0.1"),
        ("ＮＯ．１品牌", "zh", "ＮＯ．１"),
        ("销量第1", "zh", "第1"),
        ("销量第①", "zh", "第①"),
        ("全网🔥第\u200b一", "zh", "全网🔥第\u200b一"),
        ("zui佳", "zh", "zui佳"),
        ("the BEST one", "en", "the BEST"),
        ("the b.e.s.t one", "en", "the b.e.s.t"),
        ("the b3st one", "en", "the b3st"),
        ("the b e s t one", "en", "the b e s t"),
        ("we are No. 1 here", "en", "No. 1"),
        ("#NumberOne serum", "en", "NumberOne"),
        ("thе bеst one", "en", "thе bеst"),  # Cyrillic е
        ("هذا أفضل… الأَفْضَـل في السوق", "ar", "الأَفْضَـل"),
        ("والأفضل هنا", "ar", "الأفضل"),
        ("満足度ﾅﾝﾊﾞｰﾜﾝ", "ja", "ﾅﾝﾊﾞｰﾜﾝ"),
    ],
)
def test_spelling_does_not_get_a_trigger_through_and_spans_are_as_typed(text: str, lang: str, words: str) -> None:
    assert fired(text, lang) == [("t-no1", words)]


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("这是我第一次来", "zh"), ("第一步先洗脸", "zh"), ("第11名", "zh"), ("best regards", "en"),
        ("the bestseller list", "en"), ("asbestos", "en"), ("casino 1", "en"), ("No.10 please", "en"), ("the number. One more", "en"),
        ("secure checkout", "en"), ("it does not cure acne", "en"), ("这个不能治疗痘痘", "zh"), ("我们不是全网第一", "zh"),
        ("علبة كبيرة", "ar"), ("ليس الأفضل", "ar"), ("现在下单", "zh"), ("原价", "zh"), ("it was late", "en"),
    ],
)  # fmt: skip
def test_look_alikes_exceptions_and_denials_are_fine(text: str, lang: str) -> None:
    assert fired(text, lang) == []


def test_a_sentence_end_parts_words_but_not_what_follows() -> None:
    assert fired("卖遍全网。第一", "zh") == [("t-no1", "第一")]


def test_an_exception_near_the_trigger_leaves_the_others_alone() -> None:
    assert fired("第一次来的宝宝，我们全网第一", "zh") == [("t-no1", "全网第一")]
    assert fired("调查显示我们第一。真的第一", "zh") == [("t-no1", "第一")], "an exception of another kind undoes its sentence"


def test_a_denied_claim_is_none_but_a_question_or_a_taboo_is() -> None:
    assert fired("是不是全网第一", "zh") and fired("不能左手递东西", "zh")
    assert fired("不能错过的全网第一", "zh") == [("t-no1", "全网第一")]


def test_a_pattern_cuts_no_figure_in_two() -> None:
    book = Rulebook([Rule("r", "price_reference", "warn", patterns={"es": ("antes (?:\\$ ?)?\\d",)})], TABLES)
    assert [item.matched for item in book.check("Antes $99, ahora $39", "es")] == ["Antes $99"]


def test_a_number_sign_is_part_of_its_figure() -> None:
    book = Rulebook([Rule("r", "superlative", "warn", triggers={"en": ("#1 in",)})], TABLES)
    assert book.check("type 1 in the comments", "en") == [] and book.check("the #1 in Japan", "en") and book.check("#best", "en") == []


def test_a_combination_needs_its_other_word_in_the_same_sentence() -> None:
    assert fired("原价99，现在59", "zh") == [("t-was", "原价")]
    assert fired("原价99。现在59", "zh") == []
    assert fired("was 99, now 59", "en") == [("t-was", "was")]


def test_patterns_run_on_the_normalised_text_and_point_into_the_typed_one() -> None:
    assert fired("用７天 美白", "zh") == [("t-cure", "７天 美白")]
    assert fired("Whiter  in 7 days", "en") == [("t-cure", "Whiter  in 7 days")]
    assert fired("النتيجة خلال ٧ أيام", "ar") == [("t-cure", "خلال ٧ أيام")]


def test_a_former_price_must_be_valid_now() -> None:
    text = "原价99，现在59"
    assert fired(text, "zh", Facts(former_price=FormerPrice(NOW - DAY, NOW + DAY))) == []
    assert fired(text, "zh", Facts(former_price=FormerPrice(NOW - 9 * DAY, NOW - DAY)))
    assert BOOK.check(text, "zh", Facts(former_price=FormerPrice(5, 6)), 1_000) == [], "a recording's clock says no date"


def test_a_certificate_must_be_valid_and_of_the_country() -> None:
    assert fired("清真的", "zh", Facts(category="tea_snacks"))
    assert fired("清真的", "zh", Facts(category="shoes")) == []
    assert fired("清真的", "zh"), "a product that isn't known may be of any category"
    assert fired("清真的", "zh", Facts(certificates=(Certificate("Halal"),))) == []
    assert fired("清真的", "zh", Facts(certificates=(Certificate("halal", ("MY",)),)))
    assert fired("清真的", "zh", Facts(certificates=(Certificate("halal", ("SA",), NOW - 1),)))


def test_a_permit_covers_its_own_country() -> None:
    [finding] = BOOK.check("下单抽奖", "zh", Facts(permits=(Permit("lottery", "SA"),)), NOW)
    assert finding.countries == ("AE",)
    assert BOOK.check("下单抽奖", "zh", Facts(permits=(Permit("lottery", "SA"),)), NOW, countries=["SA"]) == []


def test_scarcity_is_true_when_stock_is_low() -> None:
    assert fired("最后几件了", "zh", Facts(stock=20)) == []
    assert fired("最后几件了", "zh", Facts(stock=21)) and fired("最后几件了", "zh")


def test_a_price_that_the_catalogue_has_not_is_told() -> None:
    facts = Facts(prices={"SAR": (Decimal(89), Decimal(99))})
    text = "只要79里亚尔"
    assert fired(text, "zh", facts, said=[Said(2, 7, Decimal(79), "SAR")]) == [("t-price", "只要")]
    assert fired("只要89里亚尔", "zh", facts, said=[Said(2, 7, Decimal("89.00"), "SAR")]) == []
    assert fired(text, "zh", facts, said=[Said(2, 7, Decimal(79), "USD")]) == [], "no price in that currency to compare with"
    assert fired(text, "zh", said=[Said(2, 7, Decimal(79), "SAR")]) == []


def test_countries_narrow_the_rules() -> None:
    assert fired("全网第一", "zh", countries=["JP"]) == []
    assert fired("halal", "en", countries=["AE"]) == []


def test_english_words_in_other_languages_count() -> None:
    assert fired("全系列都是 number one 哦", "zh") == [("t-no1", "number one")]


def test_the_gravest_comes_first_and_a_place_is_told_once() -> None:
    assert fired("左手递全网第一", "zh") == [("t-no1", "全网第一"), ("t-left-hand", "左手递")]


def test_of_a_partial_only_what_no_next_word_can_undo_is_told() -> None:
    assert fired("销量第一", "zh", partial=True) == []
    assert fired("销量第一，", "zh", partial=True) == [("t-no1", "第一")]
    assert fired("销量第一次", "zh", partial=True) == []


def test_a_rewrite_and_a_message_are_told_in_the_right_language() -> None:
    rule = RULES[0]
    assert rule.told("zh").startswith("没有") and rule.told("ja").startswith("A superlative")


@given(st.text(max_size=300), st.sampled_from(["zh", "en", "ar", "ja", "th", "vi", "id", "xx"]))
@settings(max_examples=150, deadline=None)
def test_any_text_is_checked_and_spans_lie_in_it(text: str, lang: str) -> None:
    for finding in BOOK.check(text, lang):
        assert 0 <= finding.start < finding.end <= len(text) and text[finding.start : finding.end] == finding.matched


@given(st.text(max_size=200), st.sampled_from(["zh", "en", "ar", "ja", "vi"]))
@settings(max_examples=150, deadline=None)
def test_normalisation_points_back_in_order(text: str, lang: str) -> None:
    normal = Normaliser(lang, TABLES)(text)
    assert len(normal.letters) == len(normal.starts) == len(normal.ends) == len(normal.gaps) - 1
    assert normal.starts == sorted(normal.starts) and all(0 <= a < b <= len(text) for a, b in zip(normal.starts, normal.ends, strict=True))


NOISE = st.lists(st.sampled_from(["", " ", "*", "·", "\u200b", "🔥", "-"]), min_size=4, max_size=4)


@given(st.text(max_size=30), st.sampled_from(["zh", "en", "ar", "ja", "de"]))
@settings(max_examples=200, deadline=None)
def test_a_phrase_reads_as_its_text_does(text: str, lang: str) -> None:
    normalise = Normaliser(lang, TABLES)
    normal = normalise(text)
    assert normalise.words(text) == (normal.letters, {index for index in range(1, len(normal.letters)) if normal.gaps[index]})


@given(st.sampled_from(["全网第一", "最佳"]), NOISE, st.text("好看呀", max_size=5))
@settings(max_examples=100, deadline=None)
def test_noise_between_letters_hides_nothing(trigger: str, noise: list[str], around: str) -> None:
    typed = "".join(char + gap for char, gap in zip(trigger, noise, strict=False))
    [finding] = BOOK.check(around + typed + around, "zh")
    assert finding.start == len(around) and finding.matched.startswith(trigger[0]) and finding.matched.endswith(trigger[-1])


@pytest.mark.parametrize(
    "text", ["a" * 50_000, "第1" * 5_000, "最 " * 5_000, "1." * 10_000, "全网第一" * 2_000, "\u0301" * 20_000, "not " * 5_000 + "the best"],
    ids=["letters", "evasions", "spaces", "figures", "triggers", "marks", "denials"],
)  # fmt: skip
def test_hostile_length_takes_linear_time(text: str) -> None:
    begun = perf_counter()
    for lang in ("zh", "en"):
        assert len(BOOK.check(text, lang)) <= 50
    assert perf_counter() - begun < 5


def test_thousands_of_rules_cost_a_line_little() -> None:
    letters = [chr(0x4E00 + number) for number in range(2_000)]
    rules = [
        Rule(
            f"r{number}", "superlative", "warn", triggers={"zh": ("".join(letters[number * step % 2_000] for step in (1, 7, 31)),)},
            patterns={"zh": (f"现价{number}元起?",)} if number % 5 == 0 else {}, when=When(),
        )
        for number in range(5_000)
    ]
    book = Rulebook(rules, TABLES)
    text = "今天给大家带来的这款面膜真的很好用，现价4995元，" * 8
    book.check(text, "zh")
    best = 1.0
    for _ in range(20):
        begun = perf_counter()
        assert book.check(text[:200], "zh")
        best = min(best, perf_counter() - begun)
    assert best < 0.002
