"""The ladder, rung by rung, on a scripted decoder; and the whole of it on the shipped model."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.bench.terms import counted, read_rows
from assistant.enforce import Enforcer, Own
from assistant.engines.direct import Direct
from assistant.protect.terms import Term
from assistant.restore import Fill, fill, punctuated, swap, without
from assistant.shipped import shipped
from assistant.translate import Translation, run
from assistant.translate.request import Attention, Decoded, Request
from assistant.translate.routes import Installed, Routes

LANGS = frozenset({"zh", "en", "ar", "id", "th"})
MARKS = tuple(f"⟦{number}⟧" for number in range(4))
TERMS = [
    Term({"zh": "精华液", "en": "serum", "ar": "سيروم"}, avoid={"en": ("essence",)}),
    Term({"zh": "面膜", "en": "sheet mask", "ar": "قناع الوجه"}),
    Term({"zh": "Huawei", "en": "Huawei", "ar": "Huawei"}),
]


class Script:
    """A decoder that answers by its rules and notes what it was asked."""

    def __init__(self, answer: Callable[[Request], Decoded | str]) -> None:
        self.answer, self.asked = answer, list[Request]()

    def __call__(self, requests: Sequence[Request]) -> list[Decoded]:
        self.asked += requests
        return [Decoded(found) if isinstance(found := self.answer(request), str) else found for request in requests]


def enforcer(terms: Sequence[Term] = TERMS, marks: tuple[str, ...] = MARKS, **more: object) -> Enforcer:
    return Enforcer(Routes([Installed("m", LANGS, LANGS, marks=marks)]), Own([terms]), **more)  # type: ignore[arg-type]


def translated(text: str, script: Script, target: str = "en", *, by: Enforcer | None = None, **more: object) -> Translation:
    return run((by or enforcer()).translate(text, "zh", target, **more), script)  # type: ignore[arg-type]


def uses(result: Translation) -> list[tuple[str, bool, str]]:
    return [(use.target, use.kept, use.by) for use in result.terms]


def nobody(request: Request) -> str:
    raise AssertionError(f"{request} reached a model")


def test_a_segment_that_is_nothing_but_terms_needs_no_model() -> None:
    for text, shown in (("精华液！", "serum!"), ("精华液，面膜", "serum, sheet mask"), ("精华液 😍", "serum 😍"), ("精华液39.9元", "serum 39.9 yuan")):
        result = translated(text, Script(nobody))
        assert result.text == shown and {use.by for use in result.terms} == {"whole"}


def test_the_same_language_is_left_alone() -> None:
    assert run(enforcer().translate("精华液 ⟦0⟧", "zh", "zh"), Script(nobody)).text == "精华液 ⟦0⟧"


def test_marks_that_the_model_copies() -> None:
    script = Script(lambda request: "this ⟦0⟧ and⟦1⟧ are good")
    result = translated("这款精华液和面膜很好", script)
    assert [request.text for request in script.asked] == ["这款⟦0⟧和⟦1⟧很好"]
    assert result.text == "this serum and sheet mask are good"
    assert uses(result) == [("serum", True, "mask"), ("sheet mask", True, "mask")] and result.flags == ()


def test_each_sentence_has_its_own_marks_and_more_terms_than_marks_go_in_plain() -> None:
    script = Script(lambda request: "one ⟦0⟧ here" if "很好" in request.text else "all ⟦0⟧⟦1⟧⟦2⟧⟦3⟧ sheet mask there")
    result = translated("这款精华液很好。精华液面膜精华液面膜面膜都有货", script)
    assert [request.text for request in script.asked] == ["这款⟦0⟧很好。", "⟦0⟧⟦1⟧⟦2⟧⟦3⟧面膜都有货"]
    assert result.text == "one serum here all serum sheet mask serum sheet mask sheet mask there"


def test_another_hypothesis() -> None:
    def answer(request: Request) -> Decoded | str:
        return Decoded("is the good", others=("that is good", "this ⟦0⟧ is good")) if request.nbest else "this is good"

    result = translated("这款精华液很好", Script(answer))
    assert result.text == "this serum is good" and uses(result) == [("serum", True, "nbest")]


def test_a_second_pass_begins_with_the_term_at_its_place() -> None:
    def answer(request: Request) -> Decoded | str:
        if request.prefix:
            return f"{request.prefix} is very good"
        attention = Attention((0, 2, 5), (0, 5, 12), ((0.9, 0.05, 0.05), (0.1, 0.8, 0.1), (0.1, 0.1, 0.8)))
        return Decoded("this liquid is good", attention=attention if request.nbest else None)

    script = Script(answer)
    result = translated("这款精华液很好", script)
    assert [request.prefix for request in script.asked if request.prefix] == ["this ⟦0⟧"]
    assert result.text == "this serum is very good" and uses(result) == [("serum", True, "prefix")]


def test_what_no_rung_brings_is_put_in_afterwards() -> None:
    result = translated("精华液很好，送面膜", Script(lambda request: "very good, a gift"))
    assert result.text == "serum very good, a gift sheet mask" and uses(result) == [("serum", True, "edit"), ("sheet mask", True, "edit")]


def test_a_doubled_mark_gives_way_to_the_missing_one() -> None:
    result = translated("精华液配面膜用", Script(lambda request: "use ⟦0⟧ with ⟦0⟧"))
    assert result.text == "use serum with sheet mask"
    result = translated("精华液很好用", Script(lambda request: "⟦0⟧ is good ⟦0⟧ ⟦3⟧ ⟦"))
    assert result.text == "serum is good"


def test_avoided_and_doubled_words_are_banned_then_taken_out() -> None:
    def answer(request: Request) -> str:
        return "this ⟦0⟧ is good" if request.suppress else "this ⟦0⟧ essence is good"

    script = Script(answer)
    result = translated("这款精华液很好", script)
    assert result.text == "this serum is good" and uses(result) == [("serum", True, "suppress")]
    assert script.asked[-1].suppress == ("essence",)
    result = translated("这款精华液很好", Script(lambda request: "this ⟦0⟧ essence serum, is Essences good"))
    assert result.text == "this serum, is good" and uses(result) == [("serum", True, "edit")]


def test_a_model_without_marks() -> None:
    script = Script(lambda request: "this serum is good")
    result = translated("这款精华液很好", script, by=enforcer(marks=()))
    assert script.asked[0].text == "这款精华液很好" and uses(result) == [("serum", True, "nbest")]

    def wrong(request: Request) -> Decoded | str:
        attention = Attention((0, 2, 5), (0, 5, 12), ((0.9, 0.05, 0.05), (0.1, 0.8, 0.1), (0.1, 0.1, 0.8)))
        return Decoded("this liquid is good", attention=attention if request.nbest else None)

    assert translated("这款精华液很好", Script(wrong), by=enforcer(marks=())).text == "this serum is good"


def test_the_arabic_article_and_clitics_may_touch_a_term() -> None:
    result = translated("这款精华液很好", Script(lambda request: "هذا السيروم جيد"), "ar", by=enforcer(marks=()))
    assert result.text == "هذا السيروم جيد" and result.terms[0].kept
    assert translated("这款精华液很好", Script(lambda request: "وال⟦0⟧ جيد"), "ar").text == "والسيروم جيد"
    assert translated("Huawei很好吗", Script(lambda request: "هل ال⟦0⟧ جيد"), "ar").text == "هل الـ\u2068Huawei\u2069 جيد"


def test_terms_hold_through_a_hub_for_the_final_language() -> None:
    first = Installed("a", frozenset({"zh"}), frozenset({"en"}), marks=("#0#",))
    routes = Routes([first, Installed("b", frozenset({"en"}), frozenset({"ar"}), marks=("[0]",))])
    answers: Mapping[str, str] = {"这款#0#很好": "this #0# is good", "this [0] is good": "هذا [0] جيد"}
    result = run(Enforcer(routes, Own([TERMS])).translate("这款精华液很好", "zh", "ar"), Script(lambda request: answers[request.text]))
    assert result.text == "هذا سيروم جيد" and uses(result) == [("سيروم", True, "mask")]


def test_a_sentence_that_no_model_takes_is_shown_as_it_was_and_flagged() -> None:
    result = translated("这款精华液很好", Script(lambda request: "这款很好"))
    assert result.text == "这款精华液很好" and result.flags == ("wrong_script", "untranslated", "term_lost")
    assert uses(result) == [("serum", False, "edit")]


def test_a_sentence_that_only_fails_with_marks_is_tried_in_plain_words() -> None:
    result = translated("这款精华液很好", Script(lambda request: "这款很好" if "⟦" in request.text else "this serum is good"))
    assert result.text == "this serum is good" and result.flags == () and result.terms[0].kept


def test_mishearings_are_the_hosts_only() -> None:
    terms = [Term({"zh": "精华液", "en": "serum"}, heard=("京华液",))]
    script = Script(lambda request: "the ⟦0⟧ now" if "⟦" in request.text else "the capital juice now")
    assert translated("京华液有货", script, by=enforcer(terms), spoken=True).text == "the serum now"
    assert translated("京华液有货", script, by=enforcer(terms)).text == "the capital juice now"


def test_a_partial_is_decoded_once_and_keeps_to_what_it_shows() -> None:
    script = Script(lambda request: "this is")
    result = translated("这款精华液很", script, partial=True, shown=("this ⟦0⟧",))
    assert len(script.asked) == 1 and script.asked[0].shown == "this ⟦0⟧"
    assert "serum" in result.text and "⟦0⟧" in result.decoded[0] and result.sentences == (result.text,)


def test_the_memory_comes_first() -> None:
    class Approved:
        text = "our serum, gladly"

    def memory(text: str, source: str, target: str) -> Approved | None:
        return Approved() if text == "精华液有货吗" else None

    result = translated("精华液有货吗", Script(nobody), by=enforcer(memory=memory))
    assert (result.text, result.route, uses(result)) == ("our serum, gladly", ("memory",), [("serum", True, "memory")])


def test_values_come_through_and_are_isolated_in_arabic() -> None:
    script = Script(lambda request: "فقط ⟦0⟧ مع ⟦1⟧")
    result = translated("只要39.9元用SAVE20吧 https://a.example/x?y=1", script, "ar")
    assert result.text == "فقط 39.9 يوان مع \u2068SAVE20\u2069 \u2068https://a.example/x?y=1\u2069" and result.terms == ()


@pytest.mark.parametrize(
    ("lang", "text", "fills", "shown"),
    [
        ("en", "today.⟦0⟧⟦1⟧is", ("serum", "39.9 yuan"), "today. serum 39.9 yuan is"),
        ("en", "only ⟦0⟧ yuan , now", ("39.9 yuan",), "only 39.9 yuan, now"),
        ("zh", "这 ⟦0⟧ 好", ("精华液",), "这精华液好"),
        ("zh", "这 ⟦0⟧ ⟦1⟧", ("USB", "XL"), "这USB XL"),
        ("ja", "iPhone⟦0⟧は", ("USB",), "iPhone USBは"),
        ("th", "ขอ ⟦0⟧ ค่ะ", ("เซรั่ม",), "ขอเซรั่มค่ะ"),
        ("en", "a ⟦0⟧ b ⟦9⟧", ("[x] \\1 $",), "a [x] \\1 $ b "),
    ],
)
def test_words_are_put_in_as_the_language_writes(lang: str, text: str, fills: tuple[str, ...], shown: str) -> None:
    assert fill(text, {f"⟦{number}⟧": Fill(words) for number, words in enumerate(fills)}, lang).text == shown


def test_words_are_taken_out_and_swapped() -> None:
    assert without("the serum, serum, is good", 11, 16, "en") == "the serum, is good"
    assert swap("这个血清好", 2, 4, "精华液", "zh") == "这个精华液好"
    assert punctuated("⟦0⟧，⟦1⟧！", "ar") == "⟦0⟧، ⟦1⟧!"


PIECES = ["⟦0⟧", "⟦1⟧", "⟦2⟧", "⟦9⟧", "serum", "sheet mask", "essence", " ", "good", ", ", "⟦", "很", ".", "serums", "\ue000"]
ANSWERS = st.lists(st.sampled_from(PIECES), max_size=9)
SAID = st.lists(st.sampled_from(["精华液", "面膜", " Huawei ", "⟦0⟧", "很好", "，", "。", "39.9元", " ", "😍", " @a ", "[0]", "\u202e"]), max_size=9)


@settings(max_examples=400, deadline=None)
@given(SAID, st.lists(ANSWERS, min_size=1, max_size=4), st.booleans())
def test_whatever_a_model_answers_terms_stand_or_are_flagged(said: list[str], answers: list[list[str]], masked: bool) -> None:
    turn = iter("".join(answer) for answer in answers * 50)

    def answer(request: Request) -> Decoded:
        return Decoded(next(turn), others=(next(turn),) if request.nbest else ())

    text = "".join(said)
    result = translated(text, Script(answer), by=enforcer(marks=MARKS if masked else ()))
    assert "⟦" not in result.text and "⟧" not in result.text and "\ue000" not in result.text
    for use in result.terms:
        assert use.kept or "term_lost" in result.flags
        wanted = sum(1 for other in result.terms if other.target == use.target and other.kept)
        assert result.text.count(use.target) >= wanted
    assert len(result.terms) == sum(text.count(cell) for cell in ("精华液", "面膜", "Huawei"))


def test_the_shipped_model_keeps_its_terms() -> None:
    rows = read_rows(Path(__file__).parent / "data" / "terms_matrix.tsv")[::4]
    count = counted(Direct([shipped("models")]), [rows])
    assert count.present >= 0.99 * count.wanted, count.missed
    assert count.present + count.flagged == count.wanted and count.marks == 0 and count.doubled == 0
