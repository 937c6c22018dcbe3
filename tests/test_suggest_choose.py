"""Which line fits a moment: conditions, questions before pitch, honest urgency, cool-downs, what the host's choices teach."""

from __future__ import annotations

import datetime
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from assistant.packs.check_lines import intents
from assistant.packs.lines import read_lines
from assistant.packs.pack import read_pack
from assistant.suggest.bandit import Bandit
from assistant.suggest.choose import Card, Chooser, Ranked
from assistant.suggest.done import Heard
from assistant.suggest.flow import read_flow
from assistant.suggest.goods import Certificate, Delivery, Goods
from assistant.suggest.lines import SIGNALS, STAGES, Line, When
from assistant.suggest.moment import Asked, Moment, Place, Shown

OASIS = Path(__file__).parent / "data" / "talk" / "oasis"
PACK, LINES, FLOW = read_pack(OASIS / "pack.yaml"), read_lines(OASIS / "lines.yaml"), read_flow()
NOW = int(datetime.datetime(2026, 11, 5, 18, tzinfo=datetime.UTC).timestamp() * 1000)
GOODS = Goods(
    "X", {"ar": "عباية", "en": "Abaya", "ja": "アバヤ", "zh": "长袍"}, "fashion", {"SAR": Decimal(189), "JPY": Decimal(7480)},
    {"SAR": Decimal(229)}, 0, {"SA": 2**60}, 318, delivery={"SA": Delivery((5, 8), Decimal(0), "SAR", True)},
)  # fmt: skip


def place(lang: str = "ar", country: str = "SA", clock: datetime.time | None = datetime.time(21), **more: Any) -> Place:
    return Place("oasis", lang, country, PACK.form(lang, country), PACK.form("zh", country, gloss=True), clock, **more)


def asks(*questions: tuple[str, int], **more: Any) -> dict[str, Asked]:
    return {intent: Asked(intent, count, NOW, count, **{"viewer": "Aisha", **more}) for intent, count in questions}


def ranked(where: Place, moment: Moment | None = None, shown: Shown | None = None, bandit: Bandit | None = None, lines: list[Line] = LINES) -> list[Ranked]:
    return Chooser(lines, FLOW).ranked(moment or Moment(NOW, "zh", GOODS), [where], shown or Shown(FLOW), bandit or Bandit())


def card(*places: Place, moment: Moment | None = None, shown: Shown | None = None, passes: Any = lambda *_: True) -> Card | None:
    return Chooser(LINES, FLOW).card(moment or Moment(NOW, "zh", GOODS), places, shown or Shown(FLOW), Bandit(), passes)


def ids(found: list[Ranked]) -> list[str]:
    return [item.line.id for item in found]


def test_a_question_gets_the_line_that_answers_it_with_a_reason_in_the_hosts_language() -> None:
    found = card(place(asked=asks(("shipping.time", 14), country="SA")))
    assert found is not None and found.line.id == "me-ar-question-01"
    assert found.gloss == "\u2068Aisha\u2069，送到沙特阿拉伯要5–8个工作日" or found.gloss == "Aisha，送到沙特阿拉伯要5–8个工作日"
    assert found.reason == "14 位观众刚问：几天到" and 0.6 < found.score <= 1
    english = card(place(asked=asks(("shipping.time", 14), country="SA")), moment=Moment(NOW, "en", GOODS))
    assert english is not None and english.reason == "14 viewers just asked: how long delivery takes" and "working days" in english.gloss
    other = card(place(asked=asks(("shipping.time", 1), country="SA")), moment=Moment(NOW, "ko", GOODS))
    assert other is not None and other.reason.startswith("a viewer just asked")


def test_what_several_ask_comes_before_what_one_asks_and_before_pitch() -> None:
    where = place(asked=asks(("price.ask", 2), ("shipping.time", 9)))
    moment = Moment(NOW, "zh", GOODS, due={"opening": 1.0, "look": 1.0, "warm_up": 1.0})
    found = ranked(where, moment)
    assert found[0].line.id == "me-ar-question-01"
    stages = [item.called.kind for item in found]
    assert stages.index("pitch") > max(index for index, kind in enumerate(stages) if kind == "asked")
    loved = Bandit()
    for _ in range(30):
        loved.learn("oasis", "me-ar-opening-01", "opening", "used")
        loved.learn("oasis", "me-ar-question-01", "question", "dismissed")
        loved.learn("oasis", "me-ar-price-01", "price", "dismissed")
    taught = ranked(where, moment, bandit=loved)
    assert max(item.score for item in taught if item.called.kind == "pitch") < min(item.score for item in taught if item.called.kind == "asked")


def test_a_condition_that_fails_keeps_the_line_away() -> None:
    price = asks(("price.ask", 3))
    assert "me-ar-price-02" in ids(ranked(place(asked=price)))
    assert "me-ar-price-02" not in ids(ranked(place(asked=price), Moment(NOW, "zh", replace(GOODS, former={}))))
    hook = {"hook": 1.0, "story": 1.0}
    assert "me-ar-hook-01" in ids(ranked(place(clock=datetime.time(1, 30)), Moment(NOW, "zh", GOODS, due=hook))), "20 to 2 runs over midnight"
    assert "me-ar-hook-01" not in ids(ranked(place(clock=datetime.time(2)), Moment(NOW, "zh", GOODS, due=hook)))
    assert "me-ar-hook-01" not in ids(ranked(place(clock=None), Moment(NOW, "zh", GOODS, due=hook)))
    assert "me-ar-story-01" in ids(ranked(place(seasons=frozenset({"ramadan"})), Moment(NOW, "zh", GOODS, due=hook)))
    assert "me-ar-story-01" not in ids(ranked(place(), Moment(NOW, "zh", GOODS, due=hook)))
    assert "me-ar-mishap-01" not in ids(ranked(place(), Moment(NOW, "zh", GOODS, due=dict.fromkeys(STAGES, 1.0)))), "it waits for its question"


@pytest.mark.parametrize(
    ("when", "goods", "permits", "holds"),
    [
        (When(certificate="halal"), GOODS, [], False),
        (When(certificate="halal"), replace(GOODS, certificates=(Certificate("Halal (MUI)"),)), [], True),
        (When(certificate="halal"), replace(GOODS, certificates=(Certificate("halal", countries=("ID",)),)), [], False),
        (When(certificate="halal"), replace(GOODS, certificates=(Certificate("halal", until=NOW - 1),)), [], False),
        (When(permit="lottery"), GOODS, [], False),
        (When(permit="lottery"), GOODS, [("lottery", "AE")], False),
        (When(permit="lottery"), GOODS, [("lottery", "SA")], True),
        (When(categories=frozenset({"beauty"})), GOODS, [], False),
        (When(categories=frozenset({"fashion"})), GOODS, [], True),
        (When(categories=frozenset({"fashion"})), None, [], False),
        (When(countries=frozenset({"AE"})), GOODS, [], False),
        (When(countries=frozenset({"SA"})), GOODS, [], True),
        (When(stock_below=10), replace(GOODS, stock=9), [], True),
        (When(stock_below=10), replace(GOODS, stock=0), [], False),
        (When(stock_below=10), replace(GOODS, stock=None), [], False),
        (When(sentiment="negative"), GOODS, [], False),
    ],
)
def test_conditions(when: When, goods: Goods | None, permits: list[tuple[str, str]], holds: bool) -> None:
    line = Line("x", "oasis", "look", "ar", "نص", {"zh": "字", "en": "text"}, when)
    moment = Moment(NOW, "zh", goods, frozenset(permits), {"look": 1.0})
    assert bool(ranked(place(), moment, lines=[line])) is holds


def test_urgency_needs_stock_or_time_behind_it() -> None:
    line = Line("x", "oasis", "urgency", "ar", "باقي {stock}", {"zh": "还有{stock}", "en": "{stock} left"}, slots=("stock",))
    due = {"urgency": 1.0}
    assert not ranked(place(), Moment(NOW, "zh", GOODS, due=due), lines=[line]), "318 are no reason to hurry"
    assert ranked(place(), Moment(NOW, "zh", replace(GOODS, stock=12), due=due), lines=[line])
    assert ranked(place(), Moment(NOW, "zh", replace(GOODS, ends=NOW + 600_000), due=due), lines=[line])
    bare = replace(line, text="الحقوا", slots=(), when=When())
    assert not ranked(place(), Moment(NOW, "zh", replace(GOODS, stock=12), due=due), lines=[bare])


def test_a_line_that_cant_be_filled_or_does_not_pass_gives_way_to_the_next() -> None:
    where = place(asked=asks(("price.ask", 3)))
    best, second = ranked(where)[:2]
    found = card(where, passes=lambda _, text, __: "229" not in text)
    assert {best.line.id, second.line.id} == {"me-ar-price-01", "me-ar-price-02"} and found is not None and found.line.id == "me-ar-price-01"
    assert card(where, passes=lambda _, text, lang: lang != "zh") is None, "the gloss is said too"
    nothing = card(place("en", asked=asks(("price.ask", 3))), moment=Moment(NOW, "zh", replace(GOODS, names={})))
    assert nothing is None


def test_a_signal_calls_for_its_lines_and_names_the_viewer() -> None:
    found = card(place(signals={"order": "Nora"}))
    assert found is not None and found.line.id == "me-ar-thanks-01" and "Nora" in found.text and found.reason == "刚有人下单"
    assert card(place(signals={"order": ""})) is None, "without a name the line can't be filled"


def test_lines_and_questions_rest() -> None:
    shown, where = Shown(FLOW), place(asked=asks(("price.ask", 3)))
    first = card(where, shown=shown)
    assert first is not None
    shown.note(where, first.line.id, first.line.stage, NOW, first.called.asked, "")
    later = Moment(NOW + 60_000, "zh", GOODS)
    assert ranked(where, later, shown) == [], "nobody else asked since"
    again = place(asked={"price.ask": Asked("price.ask", 3, NOW + 50_000, 9)})
    assert first.line.id not in ids(ranked(again, later, shown)) and ranked(again, later, shown)
    assert first.line.id in ids(ranked(again, Moment(NOW + FLOW.rest["answer"], "zh", GOODS), shown))
    assert not shown.may("oasis", NOW + FLOW.rest["market"] - 1) and shown.may("oasis", NOW + FLOW.rest["market"])
    assert shown.may("other", NOW)


def test_the_bandit_learns_per_market_and_is_curious() -> None:
    bandit = Bandit()
    assert bandit.worth("a", "x", "look") == 0
    for _ in range(5):
        bandit.learn("a", "x", "look", "used")
        bandit.learn("a", "y", "look", "dismissed")
    assert bandit.worth("a", "x", "look") > bandit.worth("a", "new", "look") > bandit.worth("a", "y", "look")
    assert bandit.worth("b", "x", "look") == 0
    pinned = Bandit()
    pinned.learn("a", "x", "look", "pinned")
    used = Bandit()
    used.learn("a", "x", "look", "used")
    assert pinned.worth("a", "x", "look") > used.worth("a", "x", "look") > 0
    before = dict(bandit.answers)
    bandit.learn("a", "x", "look", "shrugged")
    assert bandit.answers == before and all(-1 <= bandit.worth("a", line, stage) <= 1 for line in "xyz" for stage in STAGES)


@pytest.mark.parametrize(
    ("gloss", "said", "done"),
    [
        ("今天长袍的价格是189里亚尔，含税", ["今天这件长袍的价格是189里亚尔，含税的哦"], True),
        ("今天长袍的价格是189里亚尔，含税", ["今天长袍的价格", "是189里亚尔", "含税"], True),
        ("今天长袍的价格是189里亚尔，含税", ["好的好的"], False),
        ("今天长袍的价格是189里亚尔，含税", ["我们先来看一下面料的手感，大家看这里的刺绣"], False),
        ("大家今天从哪里看直播？打出你的城市", ["欢迎大家来到直播间，今天给大家带来三款新品"], False),
        ("Delivery to Saudi Arabia takes 5–8 working days", ["delivery to saudi arabia takes five to eight working days"], True),
        ("Delivery to Saudi Arabia takes 5–8 working days", ["this one is really soft and light"], False),
        ("好", ["好"], False),
    ],
)
def test_the_host_saying_a_line_is_noticed(gloss: str, said: list[str], done: bool) -> None:
    heard, lang = Heard(), "en" if gloss[0].isascii() else "zh"
    found = False
    for text in said:
        heard.add(lang, text)
        found = found or heard.says([("ar", "نص آخر تماماً"), (lang, gloss)])
    assert found is done


def test_the_tables_name_what_exists() -> None:
    known = intents()
    assert set(FLOW.signals) == SIGNALS == set(FLOW.names["signals"]) and set(FLOW.names["stages"]) == set(STAGES)
    assert {stage for call in FLOW.signals.values() for stage in call.stages} <= set(STAGES)
    assert {stage for stages in FLOW.related.values() for stage in stages} <= set(STAGES)
    assert {name for name in FLOW.related if not name.endswith(".")} <= known
    assert set(FLOW.names["intents"]) >= {name for name in known if name != "other" and not name.startswith(("troll.", "spam."))}
    assert all(set(row) == {"zh", "en"} for table in FLOW.names.values() for row in table.values())
