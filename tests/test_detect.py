"""Detect: accuracy floors on shared comments and hard cases, leanings, text in no language, hostile input."""

from __future__ import annotations

import json
import random
import re
import time
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from assistant.detect import Detection, Detector

ROOM = ("zh", "en", "ja", "ar", "id", "th", "vi", "ms")
COUNTRY = {"zh": "CN", "en": "US", "ja": "JP", "ar": "SA", "id": "ID", "th": "TH", "vi": "VN", "ms": "MY", "tl": "PH"}
OWN_LETTERS = {
    "ar": r"[\u0600-\u06ff]",
    "ja": r"[\u3040-\u30ff\u4e00-\u9fff\uff66-\uff9f]",
    "zh": r"[\u4e00-\u9fff]",
    "th": r"[\u0e00-\u0e7f]",
    "ko": r"[\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3]",
}
SHARED = Path(__file__).resolve().parents[2] / "shared" / "viewer_comments.jsonl"

Row = tuple[str, str]


@pytest.fixture(scope="module")
def detector() -> Detector:
    return Detector()


def labelled(name: str) -> list[Row]:
    text = (Path(__file__).parent / "data" / name).read_text(encoding="utf-8")
    rows = [tuple(line.split("\t")) for line in text.splitlines()]
    assert all(len(row) == 2 for row in rows)
    return rows  # type: ignore[return-value]


@pytest.fixture(scope="module")
def hard() -> list[Row]:
    return labelled("languages_hard.tsv")


@pytest.fixture(scope="module")
def comments() -> list[Row]:
    if not SHARED.exists():
        pytest.skip("the shared comments are not beside this checkout")
    rows = [json.loads(line) for line in SHARED.read_text(encoding="utf-8").splitlines() if line]
    return [(lang, row[lang]) for row in rows for lang in ROOM]


class Score:
    """How a detector did on labelled rows."""

    def __init__(self, detector: Detector, rows: list[Row], *, room: bool = False, viewer: bool = False) -> None:
        self.wrong: list[tuple[str, Detection, str]] = []
        right: dict[str, int] = defaultdict(int)
        sure = sure_right = 0
        for lang, text in rows:
            found = detector.detect(
                text,
                priors=ROOM if room else (),
                market_langs=detector.languages_of(COUNTRY.get(lang)) if viewer else (),
                history={lang: 3} if viewer and lang != "und" else None,
            )
            if found.lang == lang:
                right[lang] += 1
            else:
                self.wrong.append((lang, found, text))
            if found.confidence >= 0.8:
                sure += 1
                sure_right += found.lang == lang
        total = Counter(lang for lang, _ in rows)
        self.accuracy = sum(right.values()) / len(rows)
        self.by_language = {lang: right[lang] / count for lang, count in total.items()}
        self.sure = sure / len(rows)
        self.sure_accuracy = sure_right / sure

    def reaches(self, accuracy: float, each: float, sure_accuracy: float = 0.98, sure: float = 0.75) -> None:
        assert self.accuracy >= accuracy, self.wrong
        assert min(self.by_language.values()) >= each, (self.by_language, self.wrong)
        assert self.sure_accuracy >= sure_accuracy
        assert self.sure >= sure


def test_shared_comments_without_knowing_the_room(detector: Detector, comments: list[Row]) -> None:
    assert len(comments) == 480
    Score(detector, comments).reaches(0.97, each=0.90, sure=0.85)


def test_shared_comments_in_their_room(detector: Detector, comments: list[Row]) -> None:
    Score(detector, comments, room=True).reaches(0.97, each=0.90, sure=0.85)


def test_shared_comments_of_known_viewers(detector: Detector, comments: list[Row]) -> None:
    Score(detector, comments, room=True, viewer=True).reaches(0.985, each=0.95, sure=0.9)


def test_hard_cases_are_many(hard: list[Row]) -> None:
    counts = Counter(lang for lang, _ in hard)
    assert len(hard) >= 600
    assert len({text for _, text in hard}) == len(hard)
    assert all(counts[lang] >= 30 for lang in (*ROOM, "und"))


def test_hard_cases_are_not_the_shared_comments(hard: list[Row], comments: list[Row]) -> None:
    shared = {text.casefold().strip() for _, text in comments}
    assert not shared & {text.casefold().strip() for _, text in hard + labelled("languages_unseen.tsv")}


def test_hard_cases(detector: Detector, hard: list[Row]) -> None:
    Score(detector, hard).reaches(0.95, each=0.80)


def test_hard_cases_in_a_room_of_eight_languages(detector: Detector, hard: list[Row]) -> None:
    Score(detector, hard, room=True).reaches(0.95, each=0.80)


def test_hard_cases_of_known_viewers(detector: Detector, hard: list[Row]) -> None:
    Score(detector, hard, room=True, viewer=True).reaches(0.98, each=0.93)


def test_comments_no_marker_word_was_chosen_for(detector: Detector) -> None:
    """Written after the last change of the word rows; keep it so, and add a new set rather than words for this one."""
    unseen = labelled("languages_unseen.tsv")
    assert Score(detector, unseen).accuracy >= 0.90
    assert Score(detector, unseen, room=True, viewer=True).accuracy >= 0.95
    assert Score(detector, unseen, room=True).sure_accuracy >= 0.97


def test_romanised_is_said_exactly_where_a_script_is_missing(detector: Detector, hard: list[Row]) -> None:
    missed, invented = [], []
    romanised = 0
    for lang, text in hard:
        found = detector.detect(text, priors=ROOM)
        expected = lang in OWN_LETTERS and not re.search(OWN_LETTERS[lang], text)
        romanised += expected
        if expected and found.lang == lang and not found.romanised:
            missed.append(text)
        if found.romanised and not expected:
            invented.append((text, found))
    assert romanised >= 60
    assert not missed
    assert len(invented) <= 2, invented


@pytest.mark.parametrize(
    "text",
    ["", " ", "\n", "🔥🔥", "👩‍👩‍👧 ❤️", "555", "٣٤٥", "１２３", "!!!", "$9.99", "https://shop.example/تخفيض",
     "@live_shop 💙", "#sale", ":heart:", "12:30", "SKU-4471", "(^_^)", "¯\\_(ツ)_/¯", "T_T", "XXL", "2XL 3kg",
     "iPhone 15 Pro Max", "hahaha 😂", "\u0301\u0302", "\x00\x07", "\u200d\u200f", "\ud800"],
)  # fmt: skip
def test_text_in_no_language(detector: Detector, text: str) -> None:
    assert detector.detect(text, priors=ROOM, history={"ar": 9}) == Detection("und", 0.0)


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("Wie lange dauert der Versand nach Hamburg?", "de"),
        ("Combien de temps pour la livraison à Lyon ?", "fr"),
        ("¿Cuánto tarda el envío a Madrid?", "es"),
        ("Сколько стоит доставка?", "ru"),
        ("कितने का है ये वाला", "hi"),
        ("πόσο κάνει αυτό;", "el"),
        ("ราคาเท่าไร", "th"),
        ("how long does shipping take?", "en"),
        ("berapa harganya dong kak, gak mahal kan", "id"),
    ],
)
def test_a_room_is_a_prior_and_never_a_fence(detector: Detector, text: str, lang: str) -> None:
    found = detector.detect(text, priors=("ar", "ja"), market_langs=("ar",), history={"ja": 40})
    assert found.lang == lang
    assert found.confidence > 0.6


def test_leanings_decide_what_the_words_leave_open(detector: Detector) -> None:
    open_text = "berapa harga baju merah"  # as Indonesian as it is Malay
    assert detector.detect(open_text, market_langs=detector.languages_of("ID")).lang == "id"
    assert detector.detect(open_text, market_langs=detector.languages_of("MY")).lang == "ms"
    assert detector.detect(open_text, history={"id": 5}).lang == "id"
    assert detector.detect(open_text, history={"ms": 5}).lang == "ms"
    assert detector.detect(open_text, history={"ms": 5}).confidence > detector.detect(open_text).confidence - 0.2
    assert detector.detect("現品", history={"zh": 9}).lang in ("ja", "zh")
    assert detector.detect("日本", history={"ja": 3}).lang == "ja"
    assert detector.detect("日本", history={"zh": 3}).lang == "zh"


def test_more_history_leans_more(detector: Detector) -> None:
    confidences = [detector.detect("ada warna biru", history={"ms": n} if n else None) for n in (0, 1, 3, 30)]
    sure = [found.confidence if found.lang == "ms" else 1 - found.confidence for found in confidences]
    assert sure == sorted(sure)
    assert sure[-1] > sure[0]


def test_tags_with_regions_count_as_their_language(detector: Detector) -> None:
    text = "berapa harga baju merah"
    assert detector.detect(text, priors=("ms-MY",)) == detector.detect(text, priors=("ms",))
    assert detector.detect(text, history={"zh-Hans": 1, "ms-MY": 5}).lang == "ms"


def test_both_ways_of_writing_chinese_are_zh(detector: Detector) -> None:
    for text in ("这个颜色还有货吗", "這個顏色還有貨嗎", "呢件幾錢呀", "卡哇伊の小裙子多少钱"):
        assert detector.detect(text, priors=("ja",)).lang == "zh", text


def test_vietnamese_without_marks_is_plain_vietnamese(detector: Detector) -> None:
    found = detector.detect("cai nay gia bao nhieu vay shop")
    assert (found.lang, found.romanised) == ("vi", False)


def test_stretched_letters_do_not_hide_a_word(detector: Detector) -> None:
    assert detector.detect("gaaaa maaauuu doooong kaaakkk").lang == "id"
    assert detector.detect("แพงงงงงงง").lang == "th"


def test_brands_and_shop_words_do_not_make_a_comment_english(detector: Detector) -> None:
    assert detector.detect("Maybelline Superstay Matte Ink สีไหน").lang == "th"
    assert detector.detect("iPhone 15 Pro Max case ada gak").lang == "id"
    assert detector.detect("SHEIN dress كم السعر").lang == "ar"


def test_it_is_deterministic_and_order_free(detector: Detector, hard: list[Row]) -> None:
    first = [detector.detect(text, priors=ROOM) for _, text in hard]
    again = [detector.detect(text, priors=tuple(reversed(ROOM))) for _, text in reversed(hard)]
    assert first == again[::-1]


def test_countries(detector: Detector) -> None:
    assert detector.languages_of("MY")[0] == "ms"
    assert detector.languages_of("XX") == detector.languages_of(None) == ()


@pytest.mark.parametrize(
    "text",
    ["a" * 10_000, "haha" * 2_500, "wk" * 5_000, "a2" * 5_000, "的" * 10_000, "の" * 10_000, "\u0301" * 10_000,
     "a\u0301" * 5_000, "(" * 10_000, "a@" * 5_000, "a." * 5_000, "nghe " * 2_000, "www." * 2_500, "-A1" * 3_000,
     "😀" * 10_000, "'a" * 5_000, "\x00" * 10_000, "ﷺ" * 10_000],
    ids=lambda text: ascii(text[:4]),
)  # fmt: skip
def test_hostile_text_costs_little(detector: Detector, text: str) -> None:
    start = time.process_time()
    found = detector.detect(text)
    assert time.process_time() - start < 0.1
    assert 0.0 <= found.confidence <= 1.0


def test_any_characters_give_an_answer(detector: Detector) -> None:
    dice = random.Random(7)
    ranges = [(0, 0x7F), (0x80, 0x24FF), (0x600, 0x6FF), (0xE00, 0xE7F), (0x3000, 0x9FFF), (0xD800, 0xFFFF)]
    ranges.append((0x10000, 0x10FFFF))
    for _ in range(1_500):
        low, high = dice.choice(ranges)
        text = "".join(chr(dice.randint(low, high)) for _ in range(dice.randrange(40)))
        found = detector.detect(text, priors=("ar",))
        assert 0.0 <= found.confidence <= 1.0
        assert (found.lang == "und") == (found.confidence == 0.0)


def test_it_keeps_up_with_a_fast_chat(detector: Detector, hard: list[Row]) -> None:
    start = time.process_time()
    for _, text in hard:
        detector.detect(text, priors=ROOM)
    assert (time.process_time() - start) / len(hard) < 0.0008  # about 0.1 ms on a quiet core
