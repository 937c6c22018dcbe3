"""The translation memory: what it must answer, what it must never answer, how fast, and how much it keeps."""

from __future__ import annotations

import random
import re
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.errors import InputFileError
from assistant.events import MAX_TEXT
from assistant.memory import Memory
from assistant.memory.spelling import Spelling, exact
from assistant.memory.store import SAFE
from assistant.memory.words import read_words

DATA = Path(__file__).parent / "data"
ROWS = [
    tuple(line.split("\t"))
    for line in (DATA / "memory_pairs.tsv").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]
LANGUAGES = ("zh", "en", "ja", "ar", "id", "th", "vi", "ms")
SPELLING = Spelling(read_words())


def answered(memory: Memory, text: str, source: str, target: str) -> str | None:
    hit = memory.lookup(text, source, target)
    return hit.text if hit else None


def test_the_table_covers_every_language_and_both_verdicts() -> None:
    assert len(ROWS) >= 60 and {row[1] for row in ROWS} == set(LANGUAGES)
    assert all({row[0] for row in ROWS if row[1] == lang} == {"match", "differ"} for lang in LANGUAGES)


@pytest.mark.parametrize(("verdict", "lang", "to", "stored", "translation", "asked", "expected"), ROWS, ids=[f"{row[1]} {row[3]} / {row[5]}" for row in ROWS])
def test_what_matches_and_what_must_not(verdict: str, lang: str, to: str, stored: str, translation: str, asked: str, expected: str) -> None:
    memory = Memory()
    assert memory.add(lang, to, stored, translation, "approved.tsv:2")
    own = memory.lookup(stored, lang, to)
    assert own is not None and (own.text, own.similarity, own.kind, own.origin) == (translation, 1.0, "exact", "approved.tsv:2")
    hit = memory.lookup(asked, lang, to)
    if verdict == "differ":
        assert hit is None
    else:
        assert hit is not None and hit.text == expected
        assert hit.kind == "fuzzy" and SAFE <= hit.similarity < 1 and hit.origin == "approved.tsv:2"


@pytest.mark.parametrize(("verdict", "lang", "to", "stored", "translation", "asked", "expected"), ROWS, ids=[f"{row[1]} {row[3]} / {row[5]}" for row in ROWS])
def test_what_differs_does_so_both_ways(verdict: str, lang: str, to: str, stored: str, translation: str, asked: str, expected: str) -> None:
    memory = Memory()
    memory.add(lang, to, asked, translation)
    if verdict == "differ":
        assert memory.lookup(stored, lang, to) is None


def test_another_direction_is_another_sentence() -> None:
    memory = Memory()
    memory.add("zh-Hans", "en-US", "今天包邮", "Free shipping today")
    assert answered(memory, "今天包邮", "zh", "en") == "Free shipping today"
    assert memory.lookup("今天包邮", "zh", "ar") is None and memory.lookup("今天包邮", "ja", "en") is None and memory.lookup("今天包邮", "zh", "zh") is None


@pytest.mark.parametrize(
    ("source", "stored", "target", "translation", "asked"),
    [
        ("zh", "买1送1", "en", "Buy 1, get 1", "买2送1"),  # equal values that would become two
        ("zh", "3天发货", "en", "Ships in three days", "5天发货"),  # the value is in words there
        ("zh", "3天发货", "en", "Ships within 24 hours of day 3", "5天发货"),  # a value of its own
        ("zh", "第2名", "en", "2nd place", "第3名"),  # the ordinal's ending
        ("zh", "8小时的班", "en", "an 8 hour shift", "5小时的班"),  # the article
        ("zh", "3天后到", "ar", "يصل بعد 3 أيام", "20天后到"),  # another plural
        ("zh", "1天后到", "en", "Arrives in 1 day", "2天后到"),
        ("zh", "3", "en", "3 pieces", "5"),  # nothing but a value
    ],
)
def test_values_that_can_not_be_put_in_for_certain_are_no_hit(source: str, stored: str, target: str, translation: str, asked: str) -> None:
    memory = Memory()
    memory.add(source, target, stored, translation)
    assert memory.lookup(asked, source, target) is None


def test_values_find_their_own_places() -> None:
    memory = Memory()
    memory.add("zh", "en", "拍2件减30，只剩7件", "Only 7 left: buy 2 and save 30")
    assert answered(memory, "拍3件减50，只剩12件", "zh", "en") == "Only 12 left: buy 3 and save 50"
    assert answered(memory, "拍7件减2，只剩30件", "zh", "en") == "Only 30 left: buy 7 and save 2"


def test_the_newest_that_fits_serves_other_values() -> None:
    memory = Memory()
    memory.add("zh", "en", "3天发货", "Ships in 3 days")
    memory.add("zh", "en", "4天发货", "Ships in four days")
    assert answered(memory, "5天发货", "zh", "en") == "Ships in 5 days"
    memory.add("zh", "en", "6天发货", "We ship in 6 days")
    assert answered(memory, "5天发货", "zh", "en") == "We ship in 5 days"
    assert answered(memory, "4天发货", "zh", "en") == "Ships in four days"


def test_emoji_links_and_mentions_at_the_ends_come_back() -> None:
    memory = Memory()
    memory.add("zh", "en", "今天包邮", "Free shipping today")
    assert answered(memory, "今天包邮🔥🔥", "zh", "en") == "Free shipping today 🔥🔥"
    assert answered(memory, "@xiaotang 今天包邮", "zh", "en") == "@xiaotang Free shipping today"
    assert answered(memory, "今天包邮 https://x.example/a", "zh", "en") == "Free shipping today https://x.example/a"
    assert memory.lookup("今天🔥包邮", "zh", "en") is None


NAMES = [
    {"zh": "玫瑰精华液", "en": "Rose Serum", "id": "Serum Mawar", "ar": "سيروم الورد"},
    {"zh": "珍珠面霜", "en": "Pearl Cream", "id": "Krim Mutiara", "ar": "كريم اللؤلؤ"},
    {"zh": "银耳环", "en": "Silver Earrings", "id": "Anting Perak"},
    {"zh": "珍珠面霜小样", "en": "Pearl Cream Mini"},
]


@pytest.mark.parametrize(
    ("target", "stored", "translation", "asked", "expected"),
    [
        ("en", "玫瑰精华液今天包邮", "Rose Serum ships free today", "珍珠面霜今天包邮！", "Pearl Cream ships free today"),
        ("id", "玫瑰精华液只剩3件", "Serum Mawar tinggal 3", "珍珠面霜只剩8件", "Krim Mutiara tinggal 8"),
        ("en", "玫瑰精华液今天包邮", "Rose Serum ships free today", "珍珠面霜小样今天包邮", "Pearl Cream Mini ships free today"),
        ("en", "玫瑰精华液今天包邮", "Rose Serum ships free today", "银耳环今天包邮", None),  # ship, not ships
        ("en", "送玫瑰精华液", "Get a Rose Serum free", "送珍珠面霜", None),
        ("en", "玫瑰精华液今天包邮", "It ships free today", "珍珠面霜今天包邮", None),
        ("en", "玫瑰精华液配玫瑰精华液", "Rose Serum with Rose Serum", "珍珠面霜配玫瑰精华液", None),
        ("ar", "玫瑰精华液今天包邮", "سيروم الورد بشحن مجاني", "珍珠面霜今天包邮", None),  # a language that bends
        ("en", "玫瑰精华液不能退", "Rose Serum can't be returned", "珍珠面霜能退", None),
    ],
)
def test_a_sentence_serves_the_rooms_other_products(target: str, stored: str, translation: str, asked: str, expected: str | None) -> None:
    files = Memory()
    files.add("zh", target, stored, translation)
    for memory in (files, Memory(under=files)):
        hit = memory.lookup(asked, "zh", target, NAMES)
        assert (hit and hit.text) == expected
        assert memory.lookup(asked, "zh", target) is None, "without the room's products nothing is swapped"


def test_the_newest_translation_of_a_sentence_wins() -> None:
    memory = Memory()
    memory.add("zh", "en", "多少钱", "What price", "old")
    memory.add("zh", "en", "多少钱", "How much is it?", "new")
    assert len(memory) == 1
    hit = memory.lookup("多少钱？", "zh", "en")
    assert hit is not None and (hit.text, hit.origin) == ("How much is it?", "new")


def test_the_oldest_goes_when_it_is_full_from_every_index() -> None:
    memory = Memory(limit=3)
    for number in range(10):
        memory.add("en", "zh", f"Sentence {chr(97 + number)} costs 5", f"句子{chr(97 + number)}要5")
    assert len(memory) == 3
    assert [answered(memory, f"sentence {chr(97 + number)} costs 6", "en", "zh") for number in range(10)] == [None] * 7 + ["句子h要6", "句子i要6", "句子j要6"]
    assert memory.lookup("sentence a costs 5!", "en", "zh") is None
    assert len(memory._loose) == len(memory._general) == 3


def test_what_it_does_not_know_it_asks_the_one_under_it_but_prefers_an_exact_answer() -> None:
    files = Memory()
    room = Memory(under=files)
    files.add("zh", "en", "3天发货", "Ships in 3 days")
    files.add("zh", "en", "多少钱？", "How much?")
    assert answered(room, "3天发货", "zh", "en") == "Ships in 3 days" and len(room) == 0
    room.add("zh", "en", "5天发货", "We ship in 5 days")
    assert answered(room, "3天发货", "zh", "en") == "Ships in 3 days", "approved for this very text"
    assert answered(room, "4天发货", "zh", "en") == "We ship in 4 days", "the room's own first"
    room.add("zh", "en", "3天发货", "Out in 3 days")
    assert answered(room, "3天发货", "zh", "en") == "Out in 3 days"
    room.forget(lambda entry: entry.source == "3天发货")
    assert answered(room, "3天发货", "zh", "en") == "Ships in 3 days"


@pytest.mark.parametrize(
    ("source", "target"), [("", "x"), ("x", " "), ("123", "456"), ("!!!", "..."), ("x" * (MAX_TEXT + 1), "y"), ("x", "y" * (MAX_TEXT + 1))]
)
def test_what_is_no_sentence_is_not_kept(source: str, target: str) -> None:
    memory = Memory()
    assert memory.add("en", "zh", source, target) is False and len(memory) == 0
    assert memory.add("en", "en", "x", "y") is False


def test_never_below_a_safe_similarity() -> None:
    memory = Memory()
    memory.add("zh", "en", "好", "OK")
    assert answered(memory, "好啊", "zh", "en") == "OK"
    assert memory.lookup("好啊哈哈哈呵呵", "zh", "en") is None


def test_a_broken_row_of_the_closed_class_is_named() -> None:
    with pytest.raises(InputFileError, match=r"words\.tsv:2"):
        read_words("zh\tending\t啊\t-\nzh\tending\t啊\n")
    with pytest.raises(InputFileError, match=r"words\.tsv:1"):
        read_words("zh\tpronoun\t他\t-\n")


def test_no_word_of_the_closed_class_denies() -> None:
    denials = {"no", "not", "never", "tidak", "tak", "gak", "bukan", "jangan", "belum", "không", "chưa", "đừng", "لا", "ما", "لم", "لن", "ليس"}
    parts = ("不", "没", "别", "无", "ない", "ません", "ไม่", "ยัง")
    for lang, words in read_words().items():
        for text, becomes in [*words.endings.items(), *((text, "") for text in (*words.address, *words.openings))]:
            assert not denials & set(text.split()), (lang, text)
            assert all(text.count(part) == becomes.count(part) for part in parts), (lang, text)


HOSTILE = st.text(max_size=120) | st.text(alphabet="?!.,~ 不吗啊3天XL،؟ لا\u202e\u2066\ue000\ue001⟦0⟧[](*+\\|", max_size=200)


@given(HOSTILE, HOSTILE, st.sampled_from(LANGUAGES))
@settings(max_examples=300, deadline=None)
def test_any_text_is_answered_by_itself_and_only_by_what_it_may(stored: str, asked: str, lang: str) -> None:
    memory, target = Memory(), "en" if lang != "en" else "zh"
    kept = memory.add(lang, target, stored, "Approved 7", "o")
    hit = memory.lookup(stored, lang, target)
    assert (hit is not None and hit.text == "Approved 7" and hit.kind == "exact") if kept else hit is None
    other = memory.lookup(asked, lang, target)
    if other is not None and other.kind == "exact":
        assert exact(asked) == exact(stored)
    if other is not None:
        assert other.similarity >= SAFE
        assert _letters(other.text) == "Approved"  # nothing invented but what stood at the ends of the text


def _letters(text: str) -> str:
    return "".join(re.findall("Approved", text))


@given(HOSTILE, st.sampled_from((*LANGUAGES, "de")))
@settings(max_examples=300, deadline=None)
def test_a_loose_spelling_is_its_own_loose_spelling_under_case_and_end_marks(text: str, lang: str) -> None:
    once = SPELLING.loose(text, lang)
    assert SPELLING.loose(text + " !", lang) == once
    assert SPELLING.loose("  " + text, lang) == once


@pytest.mark.parametrize("piece", ["?!.", "a, ", "? a", ". x", "哦", "不，", "9", "9.", "X", "@a ", "🔥", "ค่ะ", "please "])
def test_hostile_lines_cost_no_more_than_their_length(piece: str) -> None:
    memory = Memory()
    text = (piece * MAX_TEXT)[:MAX_TEXT]
    for lang in LANGUAGES:
        memory.add(lang, "de", text, "x")
        begun = time.thread_time()
        memory.lookup(text[:-1] + "!", lang, "de")
        assert time.thread_time() - begun < 0.5


def test_a_hundred_thousand_entries_are_found_in_under_five_ms() -> None:
    """The bar is held by the median, and by 95 in 100 with a factor of five: what this thread took, since other work shares the machine."""
    rng = random.Random(7)
    words = [f"{a}{b}" for a in "款色件盒套包衣裙鞋表锅杯茶糖油粉膏霜液巾" for b in "好新大小红白黑长短薄厚软轻快热冷甜香真多"]
    memory = Memory()
    stored = []
    begun = time.thread_time()
    for number in range(100_000):
        text = "".join(rng.choices(words, k=6)) + f"只要{number % 997 + 2}元"
        stored.append(text)
        memory.add("zh", "en", text, f"Item {number} for only {number % 997 + 2} yuan")
    loading = time.thread_time() - begun
    assert loading < 120, f"{loading:.0f} s to load"
    asked = [text.replace("元", "块") for text in stored[:300]] + [text + "！" for text in stored[300:600]]
    asked += [re.sub(r"\d+", "1234", text) for text in stored[600:900]] + stored[900:1200]
    times = []
    for text in asked:
        begun = time.thread_time()
        memory.lookup(text, "zh", "en")
        times.append(time.thread_time() - begun)
    times.sort()
    median, most = times[len(times) // 2], times[int(len(times) * 0.95)]
    print(f"\n100,000 entries loaded in {loading:.1f} s; look-up median {median * 1e3:.3f} ms, 95 % {most * 1e3:.3f} ms")
    assert median < 0.005 and most < 0.025
