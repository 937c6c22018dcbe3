"""Questions over all languages: grouped, counted, answered, open again, bounded; drafts from facts; the same in a replay."""

from __future__ import annotations

import datetime
import json
from pathlib import Path

import psutil
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.bench.questions import grouped, labelled, pairwise
from assistant.events import CommentEvent, Question, Rendering, SpeechEvent, User
from assistant.markets import read_markets
from assistant.roomfile import RoomFile, read_room
from assistant.shipped import SAMPLE, shipped
from assistant.signals.answers import answers, money
from assistant.signals.facts import Delivery, Facts, Proof
from assistant.signals.grouping import folded, grouping
from assistant.signals.questions import COMMENTS, KEPT, REOPENED_MS, Asked, Questions
from assistant.signals.spoken import spoken
from assistant.signals.tables import table
from assistant.understanding import Understanding
from tests.flow import flowing

NOON = 1_790_000_000_000
TODAY = datetime.date(2026, 11, 22)
GROUPING, ANSWERS, SPOKEN = grouping(), answers(), spoken()
LANGUAGES = ("zh", "en", "ja", "ar", "id", "th", "vi", "ms")
HOME = {"zh": "CN", "en": "US", "ja": "JP", "ar": "SA", "id": "ID", "th": "TH", "vi": "VN", "ms": "MY"}
KETTLE = Facts(
    "KETTLE", {"en": "kettle", "zh": "水壶", "ar": "غلاية"}, 
    price={"SAR": 99, "JPY": 3280, "IDR": 399_000, "THB": 859, "VND": 669_000, "MYR": 109, "USD": 26.5, "CNY": 188},
    stock=3, sizes=("1.2 L",), facts={
        "material": "stainless steel", "colours": ["black", "red"], "weight_g": 1050, "power_w": 1500, "volume_ml": 1200, "capacity_mah": 5000,
        "voltage": "220-240 V", "warranty_months": 12, "plugs": ["G: SA MY", "C: ID TH VN", "A: US JP CN"],
    },
    proofs=(
        Proof("halal", "H-1", "MUI", (), None), Proof("G-mark", "G-3", "GSO"),
        Proof("cosmetic notification", "N-2", "BPOM", ("ID",), datetime.date(2026, 1, 1)),
    ),
    origin="CN", delivery={country: Delivery((5, 8), 12, "USD", True) for country in HOME.values()},
)  # fmt: skip


def asked(comment: str, lang: str = "ar", key: tuple[str, str | None, str] = ("price.ask", "A", ""), user: str = "") -> Asked:
    return Asked(comment, user or f"u-{comment}", lang, HOME.get(lang), key)


# Grouping


@pytest.mark.parametrize(
    ("intent", "part", "texts"),
    [
        ("price.ask_variant", "blue", ["蓝色那款什么价啊", "the BLUE one??", "青いほうは？", "الأزرق بكم", "yg biru brp", "สีฟ้าเท่าไหร่", "biruuuu brp"]),
        ("price.ask_variant", "blue", ["màu xanh dương giá nhiu", "the navy one", "أبغى الكحلي"]),
        ("stock.size", "m", ["M码还有吗", "size m left?", "Ｍサイズある？", "مقاس M متوفر", "ukuran M masih ada", "ไซส์ M มีมั้ย", "size M còn k", "saiz m ada?"]),
        ("stock.size", "2xl", ["2XL有吗", "2xl?", "ada 2xl ga kak", "có 2XL không"]),
        ("request.product", "5", ["讲讲5号", "show number 5", "5番見せて", "رقم ٥ لو سمحتي", "nomor 5 dong", "ตัวที่ 5 ค่ะ", "số 5 đi shop"]),
        ("spec.ask", "weight", ["多重啊", "how heavy is it", "重さは？", "كم وزنها", "beratnya brp", "หนักเท่าไหร่", "nặng bao nhiêu"]),
        ("live.problem", "sound", ["没声音", "no sound", "音が出ない", "الصوت ضعيف", "suaranya ilang", "ไม่มีเสียง", "mất tiếng r"]),
    ],
)  # fmt: skip
def test_the_same_part_in_any_language_is_one_question(intent: str, part: str, texts: list[str]) -> None:
    assert {GROUPING.key(intent, "A", text) for text in texts} == {(intent, "A" if intent in GROUPING.product else None, part)}


def test_products_are_told_apart_and_rooms_are_not() -> None:
    assert GROUPING.key("price.ask", "A", "how much") != GROUPING.key("price.ask", "B", "how much")
    assert GROUPING.key("shipping.time", "A", "how long") == GROUPING.key("shipping.time", "B", "多久到")
    assert GROUPING.asked(["price.spam", "price.ask", "compliment.host", "other", "shipping.time"]) == ["price.ask", "shipping.time"]
    assert GROUPING.key("spec.ask", "A", "คำถาม", "how heavy") == ("spec.ask", "A", "weight"), "a translation helps"


def test_words_stand_whole_where_words_have_spaces() -> None:
    assert GROUPING.key("request.product", None, "show the handbagging spree") == ("request.product", None, "")
    assert GROUPING.key("request.product", None, "any bag?") == ("request.product", None, "bag")
    assert GROUPING.key("request.product", None, "أبغى الشنطة") == ("request.product", None, "bag"), "the article belongs to the word"


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=300), st.sampled_from(sorted(GROUPING.parts)))
def test_any_text_has_a_key(text: str, intent: str) -> None:
    key = GROUPING.key(intent, "A", text, text[::-1])
    assert key[0] == intent and len(key[2]) < 100
    folded(text)


def test_every_intent_of_the_tables_is_known() -> None:
    known = {line for line in (Path(__file__).parents[1] / "assistant/reading/corpus/intents.txt").read_text("utf-8").splitlines() if line and line[0] != "#"}
    spoken_of = {intent for row in table("spoken.toml")["topic"] for intent in row["intents"]}
    questions = GROUPING.product | GROUPING.room
    assert questions <= known and set(GROUPING.same) <= known and set(GROUPING.parts) <= questions
    assert spoken_of <= questions and questions - spoken_of == set(), "each question can be answered aloud"
    assert set(ANSWERS.intents) <= questions


def test_labelled_comments_of_eight_languages_fall_into_their_questions() -> None:
    rows = labelled()
    assert len(rows) >= 300 and {row.lang for row in rows} == set(LANGUAGES)
    found = pairwise([row.group or None for row in rows], grouped(rows, [[row.intent] for row in rows]))
    assert found.f1 >= 0.85, found


def test_pairs_are_counted_right() -> None:
    found = pairwise(["a", "a", "a", "b", "b", None], [1, 1, 2, 2, None, 2])
    assert (round(found.precision, 3), found.recall) == (0.25, 0.25) and pairwise([None, None], [None, None]).f1 == 0


# Counting, answering, opening again


def test_a_count_rises_over_languages_and_is_told_once_a_second() -> None:
    questions = Questions()
    (first,) = questions.ask(asked("c1", "ar"), 1_000)
    assert (first.id, first.count, first.askers, first.example, first.first, first.answered) == ("q1", 1, 1, "c1", 1_000, False)
    assert questions.ask(asked("c2", "ja"), 1_300) == questions.ask(asked("c3", "id", user="u-c1"), 1_600) == []
    assert questions.tick(1_900) == []
    (risen,) = questions.tick(2_000)
    assert (risen.id, risen.count, risen.askers, risen.first, risen.last) == ("q1", 3, 2, 1_000, 1_600)
    assert questions.tick(3_000) == []
    (other,) = questions.ask(asked("c4", key=("price.ask", "B", "")), 3_000)
    assert other.id == "q2"


def test_answered_and_open_again_when_asked_a_minute_later() -> None:
    questions = Questions()
    questions.ask(asked("c1"), 1_000)
    (told,) = questions.answer(lambda group: group.intent == "price.ask", 5_000)
    assert told.answered and not questions.open()
    assert questions.answer(lambda group: True, 6_000) == [], "answered once"
    (soon,) = questions.ask(asked("c2"), 5_000 + REOPENED_MS - 1)
    assert soon.answered and soon.count == 2
    (late,) = questions.ask(asked("c3"), 5_000 + REOPENED_MS)
    assert not late.answered and (late.id, late.count, late.example) == ("q1", 3, "c3")


def test_a_comment_or_a_question_is_marked_answered() -> None:
    questions = Questions()
    questions.ask(asked("c1"), 0)
    questions.ask(asked("c1", key=("shipping.time", None, "")), 0)
    questions.ask(asked("c2", key=("size.chart", "A", "")), 0)
    assert [told.id for told in questions.answer_target("c1", 1)] == ["q1", "q2"]
    assert [told.id for told in questions.answer_target("q3", 2)] == ["q3"]
    assert questions.answer_target("c9", 3) == [] and questions.knows("q3") and not questions.knows("q4")


def test_the_oldest_answered_goes_first() -> None:
    questions = Questions()
    for number in range(KEPT):
        questions.ask(asked(f"c{number}", key=("price.ask", f"{number}", "")), number)
    questions.answer(lambda group: group.sku in ("7", "9"), 1_000)
    questions.ask(asked("x", key=("price.ask", "x", "")), 2_000)
    assert len(questions) == KEPT and not questions.knows("q8") and questions.knows("q1") and questions.knows("q10")
    for number in range(COMMENTS + 50):
        questions.ask(asked(f"m{number}", key=("price.ask", "x", "")), 3_000)
    assert questions.of_comment("m0") == [] and len(questions.of_comment(f"m{COMMENTS}")) == 1


def test_a_restart_takes_up_what_was_told() -> None:
    questions, again = Questions(), Questions()
    questions.ask(asked("c1"), 0)
    questions.ask(asked("c2", key=("stock.size", "A", "m")), 0)
    (told,) = questions.answer_target("c2", 10)
    again.adopt(told)
    assert again.ask(asked("c3", key=("stock.size", "A", "m")), 2_000)[0].id == "q2"
    assert again.ask(asked("c4", key=("spec.ask", "A", "")), 2_000)[0].id == "q3", "no id is given twice"


# The host's answer


def numbers(text: str) -> frozenset[float]:
    return frozenset(float(word) for word in text.replace("块", " ").split() if word.isdigit())


@pytest.mark.parametrize(
    ("line", "intent", "answers"),
    [
        ("水壶今天只要 188 块", "price.ask", True),
        ("水壶今天只要 288 块", "price.ask", False),
        ("多少钱？", "price.ask", False),
        ("发货以后 5 天到", "shipping.time", True),
        ("发货以后 20 天到", "shipping.time", False),
        ("全场包邮！", "shipping.cost", True),
        ("有人问包邮吗？", "shipping.free", False),
        ("我们有清真认证。", "halal.ask", True),
        ("我们有清真认证。", "price.ask", False),
        ("It is halal certified.", "halal.ask", True),
        ("大家晚上好", "language.barrier", False),
        ("", "price.ask", False),
    ],
)
def test_what_the_host_says_answers(line: str, intent: str, answers: bool) -> None:
    assert SPOKEN.heard(line, numbers).answers(intent, KETTLE) is answers


def test_without_the_fact_any_number_does() -> None:
    unknown = Facts("A", {"zh": "壶"})
    assert SPOKEN.heard("这个价格 77 块", numbers).answers("price.ask", unknown)
    assert not SPOKEN.heard("价格马上说", numbers).answers("price.ask", unknown)


@settings(max_examples=100, deadline=1_000)
@given(st.text(max_size=2_000))
def test_any_line_can_be_heard(line: str) -> None:
    SPOKEN.heard(line, lambda text: frozenset()).answers("price.ask", KETTLE)


# Drafts


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(("intent", "part"), [(intent, name[5:] if name[:5] == "part:" else "") for intent, names in ANSWERS.intents.items() for name in names])
def test_every_answer_can_be_given_in_every_language(intent: str, part: str, lang: str) -> None:
    draft = ANSWERS.draft(intent, part, KETTLE, lang, HOME[lang], TODAY)
    assert draft and "{" not in draft and "None" not in draft


@pytest.mark.parametrize("intent", sorted(table("answers.toml")["intents"]))
def test_no_draft_where_the_room_does_not_know(intent: str) -> None:
    unknown = Facts("A", {lang: "x" for lang in LANGUAGES})
    assert [ANSWERS.draft(intent, part, unknown, lang, HOME[lang], TODAY) for lang in LANGUAGES for part in ("", "weight")] == [None] * 16
    assert ANSWERS.draft(intent, "", None, "en", "US", TODAY) is None
    assert ANSWERS.draft(intent, "", KETTLE, "tlh", "US", TODAY) is None


def test_drafts_say_what_is_true_for_the_asker() -> None:
    def draft(intent: str, lang: str, country: str | None, part: str = "") -> str | None:
        return ANSWERS.draft(intent, part, KETTLE, lang, country, TODAY)

    assert draft("price.ask", "id", "ID") == "Halo Kak, harga kettle Rp399.000 ya."
    assert draft("price.ask", "ja", "JP") == "kettleは￥3,280（税込）でございます。"
    assert draft("price.ask", "en", "US") == "Hi! The kettle is $26.50."
    assert "\u206899 ر.س.\u2069" in (draft("price.ask", "ar", "SA") or "")
    assert draft("price.ask", "en", "NO") is None and draft("price.ask", "en", None) is None, "no price in that currency"
    assert draft("shipping.time", "en", "GB") is None, "not delivered there"
    assert draft("authenticity.registration", "en", "ID") == "The kettle is registered: GSO G-3.", "the other one has run out"
    assert draft("material.ask", "zh", "CN") == "亲，水壶的材质是不锈钢～"
    assert draft("spec.ask", "en", "US", "weight") == "The kettle weighs 1,050 g."
    assert draft("spec.ask", "en", "US") is None, "what of it is not said"
    rare = Facts("A", {"zh": "x", "en": "x"}, facts={"material": "polyester and unobtainium"}, stock=0)
    assert ANSWERS.draft("material.ask", "", rare, "zh", "CN", TODAY) is None
    assert "unobtainium" in (ANSWERS.draft("material.ask", "", rare, "en", "US", TODAY) or "")
    assert ANSWERS.draft("stock.available", "", rare, "zh", "CN", TODAY) == "抱歉亲，x暂时卖完了。"


def test_money_is_written_as_the_market_does() -> None:
    cases = ((1299, "THB", "th", "TH"), (1_290_000, "VND", "vi", "VN"), (219.5, "MYR", "ms", "MY"))
    assert [money(*case) for case in cases] == ["฿1,299", "1.290.000 ₫", "RM219.50"]


# The whole fold


def understanding(file: RoomFile | None = None) -> Understanding:
    return Understanding(file or read_room(SAMPLE / "ROOM.toml"), read_markets([shipped("talk_scripts")]))


def comment(number: int, lang: str, intent: str, text: str = "?", zh: str = "") -> CommentEvent:
    return CommentEvent(
        id=f"c{number}", user=User(id=f"u{number}"), country=HOME[lang], text=text, lang=lang, confidence=1, intent=intent,
        translation=Rendering(lang="zh", text=zh) if zh else None,
    )


def test_five_languages_one_question_drafts_for_all_and_the_host_answers() -> None:
    room, told = understanding(), list[Question]()
    room.begin(NOON)
    room.take("product", json.dumps({"sku": "ABAYA-01"}), NOON)
    for number, lang in enumerate(("ar", "ja", "id", "th", "vi")):
        told += room.comment(comment(number, lang, "price.ask"), NOON + number * 1_000)
    last = told[-1]
    assert {event.id for event in told} == {"q1"} and last.count == last.askers == 5 and last.sku == "ABAYA-01"
    assert set(last.drafts) == {"ar", "ja", "id", "th", "vi", "zh"} and "Rp799.000" in last.drafts["id"] and "￥7,480" in last.drafts["ja"]
    (said,) = room.speech(SpeechEvent(segment="s1", rev=0, final=True, text="这件长袍到手价三百二十九块。"), NOON + 10_000)
    assert said.id == "q1" and said.answered
    assert room.drafted("c2", "id", last.drafts["id"]) == (last.drafts["id"], Rendering(lang="zh", text=last.drafts["zh"]))
    assert room.drafted("c2", "id", last.drafts["zh"])[0] == last.drafts["id"] and room.drafted("c2", "id", "else") is None


def test_abuse_and_chatter_ask_nothing() -> None:
    room = understanding()
    room.begin(NOON)
    rude = comment(1, "en", "price.ask").model_copy(update={"flags": ["offensive"]})
    assert [room.comment(event, NOON) for event in (rude, comment(2, "en", "compliment.host"), comment(3, "en", "other"))] == [[], [], []]


async def test_a_room_records_questions_and_a_replay_of_its_record_gives_the_same(tmp_path: Path) -> None:
    rows = [("price.ask", "بكم؟", "ar"), ("price.ask", "いくら", "ja"), ("shipping.time", "berapa hari", "id"), ("price.ask", "brp", "id")]
    products = [product.model_dump(by_alias=True) for product in read_room(SAMPLE / "ROOM.toml").products]
    async with flowing(tmp_path, products=products) as flow:
        await flow.say(type="product", sku="ABAYA-01")
        for number, (intent, text, lang) in enumerate(rows):
            event = comment(number, lang, intent, text).model_copy(update={"at": flow.now})
            await flow.room._append([event], flow.now, key=f"comment::c{number}")
            flow.room._audience.known("", event.id, 1, lang, event.user.id)
            flow.now += 700
        await flow.settled()
        flow.now += 2_000
        flow.room.stats()
        await flow.settled()
        price = flow.of("question", intent="price.ask")
        assert price[-1]["count"] == 3 and price[-1]["id"] == "q1" and price[-1]["seq"]
        await flow.say(type="reply", comment="c3", text=price[-1]["drafts"]["zh"])
        await flow.say(type="moderate", action="answered", target="q2")
        await flow.settled()
        assert flow.of("reply")[0]["text"] == price[-1]["drafts"]["id"] and flow.of("reply")[0]["lang"] == "id"
        assert {event["id"] for event in flow.of("question", answered=True)} == {"q1", "q2"}
        kept = await flow.kept()
    async with flowing(tmp_path, now=flow.now + 1_000, products=products) as flow:
        assert flow.room.understanding.knows("q2") and len(flow.room.understanding.questions) == 2
        assert not flow.room.understanding.questions.open()
    again = Understanding(flow.room.file, read_markets([shipped("talk_scripts")]))
    made: list[tuple[str, dict]] = []
    for row in kept:
        made += [(event.type, json.loads(event.model_dump_json(exclude={"seq", "at", "type"}))) for event in again.take(row.type, row.body, row.at)]
    assert made == [(row.type, json.loads(row.body)) for row in kept if row.type in ("question", "suggestion")]


def crowd(seconds: int, per_second: int) -> tuple[int, int]:
    """Resident bytes of this process after two thirds and after all of a time of random questions."""
    room, intents = understanding(), sorted(GROUPING.product | GROUPING.room)
    room.begin(NOON)
    room.take("product", json.dumps({"sku": "ABAYA-01"}), NOON)
    number, early = 0, 0
    for second in range(seconds):
        for part in range(per_second):
            number += 1
            text = f"size {number % 90 + 10} number {number % 997} ?"
            room.comment(comment(number, LANGUAGES[number % 8], intents[number * 7 % len(intents)], text), NOON + second * 1_000 + part * 1_000 // per_second)
        if second == seconds * 2 // 3:
            early = psutil.Process().memory_info().rss
    return early, psutil.Process().memory_info().rss


@pytest.mark.parametrize(("seconds", "per_second"), [(360, 50), pytest.param(12 * 3_600, 50, marks=[pytest.mark.slow, pytest.mark.timeout(7_200)])])
def test_a_long_crowded_room_keeps_flat_memory(seconds: int, per_second: int) -> None:
    early, late = crowd(seconds, per_second)
    assert late < early + 8_000_000, "what is remembered (comments, questions, people of a window) is bounded, and full by then"
