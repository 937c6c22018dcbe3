"""What to show next: planted pairs found, interest weighed, never sold out, never too often, with its reason."""

from __future__ import annotations

import json
from itertools import pairwise

import numpy as np
import pytest

from assistant.events import Signal, SignalEvent, Suggestion
from assistant.markets import read_markets
from assistant.roomfile import read_room
from assistant.shipped import SAMPLE, shipped
from assistant.signals.facts import Facts
from assistant.signals.products import BASKETS, Products, pairs
from assistant.understanding import Understanding

NOON = 1_790_000_000_000
SKUS = [f"P{number}" for number in range(12)]


def products(**more: Facts) -> Products:
    return Products([more.get(sku, Facts(sku, {"en": f"thing {sku}", "zh": f"物{sku}"}, price={"CNY": 100}, cost={"CNY": 50}, stock=100_000)) for sku in SKUS])


def baskets(seed: int, planted: list[tuple[str, str]], buyers: int = 400) -> list[list[str]]:
    """Random baskets in which who buys the one of a planted pair buys the other too, three times in four."""
    dice, found = np.random.default_rng(seed), list[list[str]]()
    for _ in range(buyers):
        basket = {str(sku) for sku in dice.choice(SKUS, size=int(dice.integers(1, 3)), replace=False)}
        for one, other in planted:
            if one in basket and dice.random() < 0.75:
                basket.add(other)
        found.append(sorted(basket))
    return found


@pytest.mark.parametrize("seed", range(6))
def test_planted_pairs_are_found_and_little_else(seed: int) -> None:
    planted = [("P1", "P2"), ("P5", "P9")]
    found = pairs(baskets(seed, planted), support=0.02, confidence=0.15, lift=1.2)
    strong = {(pair.given, pair.other) for pair in found if pair.confidence > 0.5}
    assert strong >= set(planted) and strong <= set(planted) | {(b, a) for a, b in planted}
    (rule,) = [pair for pair in found if (pair.given, pair.other) == planted[0]]
    assert 0.6 < rule.confidence < 0.95 and rule.lift > 2 and 0.05 < rule.support < 0.3
    assert all(pair.lift >= 1.2 for pair in found) and found == pairs(baskets(seed, planted), support=0.02, confidence=0.15, lift=1.2)


def test_what_goes_with_the_product_on_the_table_is_next() -> None:
    goods = products()
    for number, basket in enumerate(baskets(7, [("P1", "P2")])):
        for sku in basket:
            goods.sign("order", sku, 0, f"u{number}")
    later = 3_600_000
    goods.shown("P1", later)
    pick = goods.next(later + 400_000)
    assert pick is not None and (pick.sku, pick.sign) == ("P2", "pair") and pick.pair is not None and pick.pair.lift > 2
    assert "thing P1" in goods.reason(pick, "en") and "物P1" in goods.reason(pick, "zh") and "thing P1" in goods.reason(pick, "ko")


def test_interest_decides_and_is_told_as_the_reason() -> None:
    goods = products()
    goods.shown("P0", 0)
    goods.sign("click", "P3", 1_000, value=2)
    for _ in range(9):
        goods.sign("question", "P4", 1_000)
    pick = goods.next(2_000)
    assert pick is not None and (pick.sku, pick.sign, pick.count) == ("P4", "question", 9)
    assert goods.reason(pick, "zh") == "近5分钟有9次提问在问它"


def test_at_most_one_a_minute_and_none_twice_in_five() -> None:
    goods = products()
    for sku in ("P3", "P4"):
        for now in range(0, 600_000, 10_000):
            goods.sign("cart", sku, now)
    told = [(now, pick.sku) for now in range(590_000, 1_200_000, 1_000) if (pick := goods.next(now)) is not None]
    assert all(later - earlier >= 60_000 for (earlier, _), (later, _) in pairwise(told))
    assert {sku for _, sku in told} == {"P3", "P4"} and len(told) == 2, "five minutes later the signs are old"


def test_the_sold_out_and_the_shown_are_never_suggested() -> None:
    goods = products(P3=Facts("P3", {"en": "x"}, stock=2), P4=Facts("P4", {"en": "y"}, stock=0))
    goods.shown("P5", 0)
    for sku in ("P3", "P4", "P5"):
        for _ in range(20):
            goods.sign("cart", sku, 400_000)
    goods.sign("order", "P3", 400_000, "u1")
    assert goods.left("P3") == 1
    goods.sign("order", "P3", 400_000, "u2")
    assert goods.left("P3") == 0 and goods.next(401_000) is None


def test_margin_breaks_ties() -> None:
    goods = products(P7=Facts("P7", {"en": "x"}, price={"CNY": 100}, cost={"CNY": 10}))
    for sku in ("P6", "P7"):
        goods.sign("cart", sku, 0, value=4)
    pick = goods.next(1_000)
    assert pick is not None and pick.sku == "P7"


def test_hostile_signals_stay_bounded() -> None:
    goods = products()
    for number in range(BASKETS + 500):
        goods.sign("order", f"P{number % 12}", 0, f"u{number}")
        goods.sign("click", f"unknown{number}", 0, value=1e300)
        goods.sign("cart", "P1", 0, value=-5)
    assert len(goods._baskets) == BASKETS and len(goods._signs) == 1
    assert goods.next(1_000) is not None


def test_a_room_suggests_to_the_host_in_her_language() -> None:
    room = Understanding(read_room(SAMPLE / "ROOM.toml"), read_markets([shipped("talk_scripts")]))
    room.begin(NOON)
    room.take("product", json.dumps({"sku": "ABAYA-01"}), NOON)
    made = []
    for second in range(30):
        signal = SignalEvent(**Signal(name="cart", sku="SERUM-30", user=f"u{second}").model_dump(exclude={"type", "ref"}))
        made += room.signal(signal, NOON + second * 1_000)
    made += room.tick(NOON + 31_000)
    (card,) = [event for event in made if isinstance(event, Suggestion)]
    assert (card.id, card.stage, card.sku, card.lang, card.text) == ("p1", "product", "SERUM-30", "zh", "栖露娜保湿精华")
    assert "加购" in card.reason and card.expires_at > card.at and 0 < card.score <= 1 and room.knows("p1") and not room.knows("p2")
