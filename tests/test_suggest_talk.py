"""The talk track of a room: cards from what happens, one a market in eight seconds, the same in every fold; feedback; the guard."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from assistant.crowd import Crowd
from assistant.events import Change, CommentEvent, Event, FeedbackEvent, ProductEvent, Question, SignalEvent, SpeechEvent, Suggestion, User
from assistant.markets import read_markets
from assistant.packs.lines import read_talk
from assistant.packs.pack import read_packs
from assistant.roomfile import RoomFile
from assistant.suggest.bandit import Bandit
from assistant.suggest.flow import read_flow
from assistant.talk import Guard, Talk
from assistant.understanding import Understanding
from tests.flow import NOON, flowing

SCRIPTS = Path(__file__).parent / "data" / "talk"
MARKETS, PACKS = read_markets([SCRIPTS]), read_packs([SCRIPTS])
LINES = read_talk([SCRIPTS], PACKS)
ABAYA: dict[str, Any] = {
    "sku": "A1", "names": {"ar": "عباية", "en": "Abaya", "ja": "アバヤ", "zh": "长袍"}, "category": "fashion", "price": {"SAR": 189, "JPY": 7480},
    "stock": 318, "sizes": ["52", "54"], "shipping": {"SA": {"days": [5, 8], "fee": 0, "currency": "SAR", "cod": True}},
}  # fmt: skip
REST = read_flow().rest


def room_file(**more: Any) -> RoomFile:
    return RoomFile(**{"id": "t", "host_language": "zh", "markets": ["oasis"], "subtitle_languages": ["ar", "en", "ja"], "products": [ABAYA], **more})


def talk(guard: Guard = lambda *_: True, bandit: Bandit | None = None, begin: bool = True, **file: Any) -> Talk:
    made = Talk(room_file(**file), PACKS, LINES, MARKETS, guard, bandit)
    if begin:
        made.begin(NOON)
    return made


_numbers: Iterator[int] = iter(range(10**9))


def comment(intent: str | None = "price.ask", lang: str = "ar", country: str | None = "SA", user: str = "u1", name: str = "نورة", **more: Any) -> CommentEvent:
    return CommentEvent(**{"id": f"c{next(_numbers)}", "user": User(id=user, name=name), "text": "بكم؟", "lang": lang, "country": country, "confidence": 1.0,
                           "intent": intent, "sentiment": "neutral", **more})  # fmt: skip


def cards(made: list[Event]) -> list[Suggestion]:
    return [event for event in made if isinstance(event, Suggestion)]


def quiet(made: Talk, until: int) -> list[Suggestion]:
    """What time alone brings about, until so many ms after the beginning."""
    return cards(made.tick(NOON + until))


def test_a_question_is_answered_at_once_in_the_askers_language_with_a_gloss_for_the_host() -> None:
    made = talk()
    made.product(ProductEvent(sku="A1"), NOON)
    (card,) = cards(made.comment(comment(), NOON + 500))
    assert (card.id, card.market, card.country, card.lang, card.line, card.stage, card.sku) == ("g1", "oasis", "SA", "ar", "me-ar-price-01", "price", "A1")
    assert "189 ر.س" in card.text and "{" not in card.text and card.gloss.lang == "zh" and "189" in card.gloss.text
    assert card.at == NOON + 500 and card.expires_at > card.at and card.reason == "有观众刚问：价格"


def test_one_card_a_market_in_eight_seconds_then_the_next_question() -> None:
    made = talk()
    made.product(ProductEvent(sku="A1"), NOON)
    first = cards(made.comment(comment("price.ask"), NOON + 100))
    held = cards(made.comment(comment("shipping.time", user="u2"), NOON + 200))
    then = quiet(made, 30_000)
    assert len(first) == 1 and held == [] and then[0].line == "me-ar-question-01" and then[0].at == NOON + 9_000
    times = [card.at for card in [*first, *then]]
    assert all(later - earlier >= REST["market"] for earlier, later in itertools.pairwise(times))


def test_many_moments_keep_the_pace_and_no_line_repeats_within_its_rest() -> None:
    made, shown = talk(), list[Suggestion]()
    made.product(ProductEvent(sku="A1"), NOON)
    intents = ["price.ask", "shipping.time", "payment.cod", "live.problem", "compliment.host", "greeting.join", None]
    for step in range(1_500):
        langs = [("ar", "SA"), ("en", "SA"), ("ja", "JP"), ("ar", "AE"), ("ar", None)]
        lang, country = langs[step % 5]
        shown += cards(made.comment(comment(intents[step * 7 % 7 if step % 3 else step % 7], lang, country, f"u{step % 90}"), NOON + step * 700))
        if step % 11 == 0:
            shown += cards(made.signal(SignalEvent(name="order", value=189, currency="SAR", user=f"u{step % 90}", country="SA"), NOON + step * 700))
    assert len(shown) > 20 and len({card.id for card in shown}) == len(shown)
    assert all(later.at - earlier.at >= REST["market"] for earlier, later in itertools.pairwise(shown))
    last: dict[str | None, int] = {}
    for card in shown:
        assert "{" not in card.text + card.gloss.text and card.at - last.get(card.line, 0) >= REST["answer"]
        last[card.line] = card.at


def test_time_alone_brings_pitch_until_nobody_is_there() -> None:
    made = talk()
    made.product(ProductEvent(sku="A1"), NOON)
    made.comment(comment(None), NOON)
    shown = quiet(made, 3_600_000)
    assert shown and shown[-1].at <= NOON + 120_000, "after two silent minutes nobody is selling"
    made.end()
    assert cards(made.comment(comment(), NOON + 3_700_000)) == []


def test_what_the_guard_does_not_pass_is_never_shown() -> None:
    asked: list[tuple[str, str, str, str | None]] = []

    def guard(market: str, country: str, text: str, lang: str, sku: str | None, now: int) -> bool:
        asked.append((market, country, lang, sku))
        return "189" not in text

    made = talk(guard)
    made.product(ProductEvent(sku="A1"), NOON)
    shown = [*cards(made.comment(comment(), NOON + 500)), *quiet(made, 60_000)]
    assert all("189" not in card.text + card.gloss.text for card in shown) and ("oasis", "SA", "ar", "A1") in asked


def test_saying_a_line_ticks_it_off_and_it_does_not_come_again() -> None:
    made = talk()
    made.product(ProductEvent(sku="A1"), NOON)
    (card,) = cards(made.comment(comment(), NOON + 500))
    said = SpeechEvent(segment="s1", rev=0, final=True, text="今天长袍的价格是189沙特里亚尔，含税的", lang="zh")
    (feedback,) = [event for event in made.speech(said, NOON + 3_000) if isinstance(event, FeedbackEvent)]
    assert (feedback.suggestion, feedback.action, feedback.at) == (card.id, "used", NOON + 3_000)
    assert not [event for event in made.speech(said, NOON + 4_000) if isinstance(event, FeedbackEvent)], "done once"
    assert made.bandit.worth("oasis", "me-ar-price-01", "price") > 0


def test_feedback_moves_later_choices_and_settles_the_question() -> None:
    liked, waved = talk(), talk()
    for made, action in ((liked, "used"), (waved, "dismissed")):
        made.product(ProductEvent(sku="A1"), NOON)
        (card,) = cards(made.comment(comment(), NOON + 500))
        assert made.knows(card.id) and not made.knows("g99") and made.intent_of(card.id) == "price.ask" and made.intent_of("x") is None
        made.feedback(FeedbackEvent(suggestion=card.id, action=action), NOON + 1_000)  # type: ignore[arg-type]
    assert liked.bandit.worth("oasis", "me-ar-price-01", "price") > 0 > waved.bandit.worth("oasis", "me-ar-price-01", "price") - 0.2
    before = talk()
    before.feedback(FeedbackEvent(suggestion="nothing", action="used"), NOON)
    assert before.bandit == Bandit()


def test_an_answered_question_gets_no_card() -> None:
    made = talk()
    made.product(ProductEvent(sku="A1"), NOON)
    made.comment(comment("live.problem"), NOON)  # takes the market's turn
    made.comment(comment("shipping.time"), NOON + 10)
    made.question(Question(id="q1", intent="shipping.time", count=1, example="c", answered=True), NOON + 20)
    assert all(card.line != "me-ar-question-01" for card in quiet(made, 30_000))


def test_changes_of_the_numbers_call_for_their_lines() -> None:
    made = talk()
    made.comment(comment(None, "ja", "JP"), NOON)
    quiet(made, 20_000)
    shown = cards(made.change(Change(name="viewers_down", at=NOON + 21_000, since=NOON, before=100, after=50), NOON + 21_000)) or quiet(made, 30_000)
    assert shown[0].line == "jp-ja-interaction-01" and shown[0].reason == "在线人数下滑"
    assert not made.change(Change(name="rain", at=0, since=0, before=0, after=0), NOON + 31_000)


def test_the_same_events_at_the_same_times_give_the_same_cards_however_often_time_is_told() -> None:
    def run(ticks: bool) -> list[str]:
        made, shown = talk(), list[Suggestion]()
        made.product(ProductEvent(sku="A1"), NOON)
        for step in range(300):
            now = NOON + step * 1_370
            if ticks:
                for between in range(max(NOON, now - 1_370), now, 173):
                    shown += cards(made.tick(between))
            event = comment(["price.ask", "shipping.time", None, "live.problem"][step % 4], ["ar", "en", "ja"][step % 3], None, f"u{step}", id=f"c{step}")
            shown += cards(made.comment(event, now))
        return [card.model_dump_json() for card in shown]

    plain = run(ticks=False)
    assert len(plain) > 15 and plain == run(ticks=True)


def test_a_viewers_name_that_is_hostile_is_not_read_out() -> None:
    made = talk()
    made.product(ProductEvent(sku="A1"), NOON)
    shown = cards(made.comment(comment("shipping.time", name="call +966 50 123 4567 <script>"), NOON)) + quiet(made, 20_000)
    assert all("script" not in card.text and "966" not in card.text for card in shown)


@pytest.mark.parametrize(
    ("lang", "country", "key"),
    [
        ("ar", "AE", ("oasis", "ar", "AE")),
        ("ar", None, ("oasis", "ar", "SA")),
        ("ja", "SA", ("oasis", "ja", "JP")),
        ("th", "JP", ("oasis", "ja", "JP")),
        ("th", None, None),
        ("und", None, None),
    ],
)
def test_where_a_card_for_a_comment_goes(lang: str, country: str | None, key: tuple[str, str, str] | None) -> None:
    found = Crowd(room_file(), PACKS, MARKETS).comment(comment("price.ask", lang, country), NOON, (), 90_000)
    assert found == key


def test_offensive_comments_ask_nothing() -> None:
    crowd = Crowd(room_file(), PACKS, MARKETS)
    assert crowd.comment(comment(flags=["offensive"]), NOON, (), 90_000) is None
    assert crowd.comment(comment("spam.advert"), NOON, (), 90_000) is None


def test_the_state_stays_bounded() -> None:
    made = talk()
    made.product(ProductEvent(sku="A1"), NOON)
    for step in range(6_000):
        made.comment(comment("price.ask", user=f"u{step}", name=f"n{step}"), NOON + step * 20)
    assert len(made._crowd._names) <= 5_000 and len(made._cards) <= made.flow.open
    assert all(len(question.askers) <= 200 for place in made._crowd._places.values() for question in place.questions.values())


async def test_in_a_room_cards_are_recorded_known_for_feedback_and_the_same_in_a_fold_of_the_record(tmp_path: Path) -> None:
    file = room_file(id="r")

    def understanding() -> Understanding:
        return Understanding(file, MARKETS, Talk(file, PACKS, LINES, MARKETS, lambda *_: True))

    async with flowing(tmp_path, markets=["middle_east"], products=[ABAYA]) as flow:
        flow.room.understanding = understanding()
        await flow.say(type="product", sku="A1")
        await flow.say(type="signal", name="viewers", value=100)
        for step in range(1, 40):
            flow.now += 1_700
            await flow.say(type="signal", name="order" if step % 9 == 0 else "like", value=1)
            flow.room.stats()
            await flow.settled()
        shown = flow.of("suggestion")
        assert len(shown) >= 3 and all(event["seq"] for event in shown)
        assert await flow.say(type="feedback", suggestion=shown[0]["id"], action="dismissed")
        rows = await flow.kept()
    fold, again = understanding(), list[Event]()
    for row in rows:
        again += fold.take(row.type, row.body, row.at)
    assert [event.id for event in cards(again)] == [event["id"] for event in shown]
    assert [(card.text, card.line, card.at) for card in cards(again)] == [(event["text"], event["line"], event["at"]) for event in shown]
    later, other = talk(), talk()
    answers = [row for row in rows if row.type in ("suggestion", "feedback")]
    later.learn(answers)
    other.learn([*answers, *[row for row in rows if row.type == "feedback"]])
    line = cards(again)[0].line or ""
    assert later.bandit.lines["oasis", line].lost == 1 and other.bandit.lines["oasis", line].lost == 2
    async with flowing(tmp_path, markets=["middle_east"], products=[ABAYA]) as flow:
        kept = await flow.record.answers("r", 10**9)
        assert [row.type for row in kept].count("feedback") == 1 and len(kept) == len(shown) + 1
        assert [row.seq for row in await flow.record.answers("r", kept[-1].seq - 1, 2)] == [row.seq for row in kept[-3:-1]]
    taken_up = understanding()
    for row in rows:
        taken_up.restore(row.type, row.body, row.at)
    assert taken_up.knows(shown[-1]["id"])
    assert json.loads(rows[0].body)
