"""The sample room and its session: valid, varied, and unknown to the models that will show them."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from assistant import events
from assistant.roomfile import RoomFile, read_room

ROOT = Path(__file__).parents[1]
SESSION = ROOT / "assistant" / "sample" / "session.jsonl"
LANGUAGES = ["ar", "ja", "id", "th", "vi", "ms", "en"]
CURRENCIES = {"SAR", "AED", "JPY", "IDR", "THB", "VND", "MYR", "USD", "CNY"}
PUNCTUATION = re.compile(r"[，。！？、：；]")
SCRIPTS = {
    "ar": r"[\u0621-\u064a]",
    "ja": r"[\u3041-\u30ff]",
    "th": r"[\u0e01-\u0e4e]",
    "ko": r"[\u1100-\u11ff\u3131-\u318e\uac00-\ud7a3]",
}
COUNTRIES = {"ar": "SA AE KW", "ja": "JP", "id": "ID", "th": "TH", "vi": "VN", "ms": "MY", "en": "SG US"}

Spoken = dict[str, list[tuple[float, events.Speech]]]
Typed = list[tuple[float, events.Comment]]


@pytest.fixture(scope="module")
def rows() -> list[dict[str, Any]]:
    return [json.loads(line) for line in SESSION.read_bytes().split(b"\n") if line]


@pytest.fixture(scope="module")
def messages(rows: list[dict[str, Any]]) -> list[tuple[float, Any]]:
    """Every line as `(t, message)`, through the parser of the wire."""
    return [(row["t"], events.parse(json.dumps({k: v for k, v in row.items() if k != "t"}))) for row in rows]


@pytest.fixture(scope="module")
def segments(messages: list[tuple[float, Any]]) -> Spoken:
    found: Spoken = defaultdict(list)
    for t, message in messages:
        if isinstance(message, events.Speech):
            found[message.segment].append((t, message))
    return found


@pytest.fixture(scope="module")
def comments(messages: list[tuple[float, Any]]) -> Typed:
    return [(t, message) for t, message in messages if isinstance(message, events.Comment)]


@pytest.fixture(scope="module")
def room() -> RoomFile:
    return read_room(ROOT / "assistant" / "sample" / "ROOM.toml")


def test_the_room_has_what_the_contract_names(room: RoomFile) -> None:
    assert (room.id, room.host_language, room.moderators, room.timezone) == ("sample", "zh", "zh", "Asia/Shanghai")
    assert room.markets == ["middle_east", "japan", "southeast_asia"]
    assert room.subtitle_languages == LANGUAGES
    assert set(room.subtitle_markets.values()) == set(room.markets)
    assert len(room.products) == 3
    for product in room.products:
        assert set(product.names) == {"zh", *LANGUAGES}
        assert set(product.price) == CURRENCIES
        assert product.category and product.cost and product.stock and product.sizes and product.country_of_origin
        assert product.certificates and product.shipping and product.facts["weight_g"]
        former = product.former_price
        assert former is not None and former.from_ < former.until
        assert all(amount > product.price[currency] for currency, amount in (former.model_extra or {}).items())


def test_the_room_agrees_with_what_the_host_admits(room: RoomFile) -> None:
    _, serum, kettle = room.products
    assert not any("halal" in certificate.type.lower() for certificate in serum.certificates)
    assert {"JP", "US"}.isdisjoint(kettle.shipping)


def test_time_rises_over_five_minutes(rows: list[dict[str, Any]]) -> None:
    times = [row["t"] for row in rows]
    assert all(list(row)[:2] == ["t", "type"] for row in rows)
    assert times[0] == 0
    assert all(a < b for a, b in pairwise(times))
    assert 285 <= times[-1] <= 330


def test_no_line_holds_raw_bidi_controls() -> None:
    """They are written as escapes, so that the file reads in an editor as it is."""
    text = SESSION.read_text(encoding="utf-8")
    assert not re.search(r"[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]", text)


def test_segments_follow_each_other_and_close(segments: Spoken) -> None:
    assert len(segments) >= 64
    assert list(segments) == [f"s{number}" for number in range(1, len(segments) + 1)]
    for revisions in segments.values():
        assert [speech.rev for _, speech in revisions] == list(range(len(revisions)))
        assert [speech.final for _, speech in revisions] == [False] * (len(revisions) - 1) + [True]
        assert {speech.lang for _, speech in revisions} == {"zh"}
        assert 2 <= len(revisions) - 1 <= 6
    for before, after in pairwise(segments.values()):
        assert before[-1][0] < after[0][0]


def test_partials_grow_as_a_recogniser_gives_them(segments: Spoken) -> None:
    corrected, steps, characters, seconds = 0, [], 0, 0.0
    for revisions in segments.values():
        final = PUNCTUATION.sub("", revisions[-1][1].text)
        partials = [PUNCTUATION.sub("", speech.text) for _, speech in revisions[:-1]]
        wrong = [sum(a != b for a, b in zip(text, final, strict=False)) for text in partials]
        assert all(len(a) < len(b) for a, b in pairwise(partials))
        assert len(partials[-1]) <= len(final)
        assert max(wrong) <= 3
        corrected += any(wrong)
        steps += [after[0] - before[0] for before, after in pairwise(revisions[:-1])]
        characters += len(final)
        seconds += revisions[-1][0] - revisions[0][0] + 0.5
    assert corrected >= 15
    assert sum(0.38 <= step <= 0.78 for step in steps) >= 0.75 * len(steps)
    assert min(steps) >= 0.35 and max(steps) <= 1.6
    assert 3.5 <= characters / seconds <= 5


def test_punctuation_is_a_recognisers(segments: Spoken) -> None:
    partials = [speech.text for revisions in segments.values() for _, speech in revisions[:-1]]
    finals = [revisions[-1][1].text for revisions in segments.values()]
    assert sum(bool(PUNCTUATION.search(text)) for text in partials) <= 0.25 * len(partials)
    assert 3 <= sum(not PUNCTUATION.search(text) for text in finals) <= 8
    assert sum(len(re.findall(r"[。！？]", text)) >= 2 for text in finals) >= 3
    assert len(set(finals)) == len(finals)


def test_host_says_what_the_guard_is_to_catch(segments: Spoken) -> None:
    said = "".join(revisions[-1][1].text for revisions in segments.values())
    for phrase in ("全网最低价", "马上没了", "全网第一", "百分之百不过敏"):
        assert phrase in said


def test_comments_come_from_many_who_come_back(comments: Typed) -> None:
    assert len(comments) >= 128
    ids = [comment.id for _, comment in comments]
    assert len(set(ids)) == len(ids)
    by_user = Counter(comment.user.id for _, comment in comments)
    assert len(by_user) >= 40
    assert sum(count >= 3 for count in by_user.values()) >= 15
    for _, comment in comments:
        assert comment.text
    names = {(comment.user.id, comment.user.name, comment.platform, comment.country) for _, comment in comments}
    assert len(names) == len(by_user), "a user has one name, platform and country"
    assert {comment.platform for _, comment in comments} == {"tiktok", "shopee", "youtube"}
    assert any(comment.country is None for _, comment in comments)


def test_comments_mix_languages(comments: Typed) -> None:
    for lang, countries in COUNTRIES.items():
        here = [comment.text for _, comment in comments if comment.country in countries.split()]
        assert sum(bool(re.search(SCRIPTS.get(lang, "[a-z]"), text)) for text in here) >= 8, lang
    texts = [comment.text for _, comment in comments]
    assert any(re.search(SCRIPTS["ko"], text) for text in texts)
    assert {"PH", "KR", "MX", "TW"} <= {comment.country for _, comment in comments}
    assert sum(comment.country == "SA" and comment.text.isascii() for _, comment in comments) >= 3, "romanised Arabic"


def test_comments_hold_what_viewers_throw_at_a_room(comments: Typed) -> None:
    texts = [comment.text for _, comment in comments]
    assert sum(not re.search(r"\w", text) for text in texts) >= 5, "emoji only"
    assert sum(bool(re.fullmatch(r"[\d ]+", text)) for text in texts) >= 3
    assert any(re.fullmatch(r"https?://\S+", text) for text in texts)
    assert any(re.fullmatch(r"[A-Z]+-[A-Z0-9]+", text) for text in texts), "a code"
    assert any(300 <= len(text) <= 600 for text in texts), "a rant"
    assert any("<img" in text for text in texts)
    assert any("\u202e" in text and "\u2067" in text for text in texts)
    assert any(re.search(r"\+\d[\d ]{8,}", text) for text in texts), "a telephone number"
    flood, count = Counter(texts).most_common(1)[0]
    flooding = [(t, comment.user.id) for t, comment in comments if comment.text == flood]
    assert count >= 8 and len({user for _, user in flooding}) >= 8
    assert flooding[-1][0] - flooding[0][0] < 15
    assert [text for text, n in Counter(texts).items() if n > 1] == [flood]


def test_signals_tell_of_a_rise_a_peak_and_a_drop(messages: list[tuple[float, Any]], room: RoomFile) -> None:
    signals = [(t, message) for t, message in messages if isinstance(message, events.Signal)]
    assert {signal.name for _, signal in signals} == set(events.LEVELS + events.INCREMENTS + events.AMOUNTS)
    levels = [(t, signal.value) for t, signal in signals if signal.name == "viewers"]
    assert len(levels) >= 58
    assert all(4 <= b[0] - a[0] <= 6 for a, b in pairwise(levels))
    peak_at, peak = max(levels, key=lambda level: level[1])
    assert 150 <= peak_at <= 240
    assert peak > 3 * levels[0][1] and peak > 1.8 * levels[-1][1]

    prices = {product.sku: product.price for product in room.products}
    users = {message.user.id for _, message in messages if isinstance(message, events.Comment)}
    orders = [signal for _, signal in signals if signal.name == "order"]
    assert 12 <= len(orders) <= 24
    for order in orders:
        price = prices[order.sku][order.currency]
        assert any(order.value == pytest.approx(amount) for amount in (price, 2 * price * 0.9))
        assert order.user in users
    assert {order.sku for order in orders} == set(prices)
    assert all(signal.value and signal.currency for _, signal in signals if signal.name == "gift")


def test_products_change_in_the_rooms_order(messages: list[tuple[float, Any]], room: RoomFile) -> None:
    changes = [(t, message.sku) for t, message in messages if isinstance(message, events.Product)]
    assert [sku for _, sku in changes] == [product.sku for product in room.products]
    shown = {sku: t for t, sku in changes}
    for t, message in messages:
        if isinstance(message, events.Signal) and message.sku:
            assert t > shown[message.sku], "nobody buys what was not shown yet"


def test_the_host_names_the_rooms_prices(segments: Spoken, room: RoomFile) -> None:
    """The spoken digits agree with the room's price fields, which a later check relies on."""
    said = " ".join(revisions[-1][1].text for revisions in segments.values())
    currencies = {"里亚尔": "SAR", "迪拉姆": "AED", "令吉": "MYR", "铢": "THB", "日元": "JPY"}
    quoted = [(float(number), currencies[unit]) for number, unit in re.findall(rf"(\d+)({'|'.join(currencies)})", said)]
    known = {(amount, currency) for product in room.products for currency, amount in product.price.items()}
    for former in (product.former_price for product in room.products if product.former_price):
        known |= {(amount, currency) for currency, amount in (former.model_extra or {}).items()}
    assert len(quoted) >= 12
    assert set(quoted) <= known


def test_no_line_stands_in_the_training_corpus(segments: Spoken, comments: Typed) -> None:
    corpus = {
        cell.strip()
        for path in (ROOT / "models" / "corpus").glob("*.tsv")
        for line in path.read_text(encoding="utf-8").split("\n")
        if line and not line.startswith("#")
        for cell in line.split("\t")
    }
    assert len(corpus) > 5000, "the corpus was not found"
    own = {revisions[-1][1].text for revisions in segments.values()} | {comment.text for _, comment in comments}
    assert own & corpus == set()
