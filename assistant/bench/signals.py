"""`liveroom bench signals`: comments read — intent, sentiment, language on held-out comments, and how fast.

Bars: macro-F1 of the intent 0.88, sentiment 0.85, language 0.95; 2,000 comments a second on one core for all three together in
batches, and 10 ms at the 95th percentile for one. Times are processor time.
"""

from __future__ import annotations

import time
from pathlib import Path

from assistant.bench.result import Plan, Result, judged, percentile, skipped
from assistant.detect import Detector
from assistant.detect.grams import grams
from assistant.models.corpus.read import LANGUAGES
from assistant.reading.corpus import Row, intent_names, read_rows
from assistant.reading.measure import measure
from assistant.reading.translations import Translations
from assistant.shipped import shipped
from assistant.signals.read import Reader, Written

HELD_OUT = Path(__file__).resolve().parents[2] / "tests" / "data" / "reading_heldout.tsv"
ROOM = LANGUAGES
COUNTRY = {"zh": "CN", "en": "US", "ja": "JP", "ar": "SA", "id": "ID", "th": "TH", "vi": "VN", "ms": "MY", "tl": "PH"}


def run(plan: Plan) -> list[Result]:
    """Every figure; skipped where the held-out comments are not beside the package (they are not installed with it)."""
    if not HELD_OUT.is_file():
        return [skipped("signals", f"no {HELD_OUT.name} beside this checkout")]
    rows = read_rows(HELD_OUT, intent_names())
    detector, reader = Detector(), Reader(grams)
    translations = Translations(None, [shipped("models")])
    translations.add([(row.lang, row.text) for row in rows if not row.romanised], ("zh",))
    written = [Written(row.text, translations.of(row.lang, row.text, "zh")) for row in rows]
    return [*_scores(rows, reader, written), *_languages(rows, detector), *_speed(rows, detector, reader, written, plan)]


def _scores(rows: list[Row], reader: Reader, written: list[Written]) -> list[Result]:
    told = reader.read_many(written)
    alone = reader.read_many([Written(row.text) for row in rows])
    scores = measure(rows, [one.intents for one in told], [one.sentiment for one in told])
    bare = measure(rows, [one.intents for one in alone], [one.sentiment for one in alone])
    each = {lang: round(intent, 2) for lang, (intent, _) in scores.by_language.items()}
    return [
        judged("intent, macro-F1", scores.macro_f1, ">=", 0.88, "F1", comments=len(rows), text_alone=round(bare.macro_f1, 3),
               first_label_only=round(scores.strict_f1, 3), all_labels_micro=round(scores.micro_f1, 3), accuracy=round(scores.accuracy, 3), **each),
        judged("sentiment, accuracy", scores.sentiment, ">=", 0.85, "share", macro_f1=round(scores.sentiment_f1, 3), text_alone=round(bare.sentiment, 3)),
    ]  # fmt: skip


def _languages(rows: list[Row], detector: Detector) -> list[Result]:
    results = []
    for name, given in (("nothing known", {}), ("the room known", {"priors": ROOM}), ("room and country known", {"priors": ROOM})):
        right, flagged = 0, 0
        wrong: dict[str, int] = {}
        for row in rows:
            local = detector.languages_of(COUNTRY.get(row.lang)) if "country" in name else ()
            found = detector.detect(row.text, **given, market_langs=local)
            right += found.lang == row.lang
            flagged += found.romanised == row.romanised
            wrong[row.lang] = wrong.get(row.lang, 0) + (found.lang != row.lang)
        share = right / len(rows)
        details = {"romanised_right": round(flagged / len(rows), 3), **{f"wrong_{lang}": count for lang, count in wrong.items() if count}}
        results.append(judged(f"language, {name}", share, ">=", 0.95, "share", **details))
    return results


def _speed(rows: list[Row], detector: Detector, reader: Reader, written: list[Written], plan: Plan) -> list[Result]:
    batch, singles = [], []
    for _ in range(plan.count(5, 2)):
        start = time.thread_time()
        for row in rows:
            detector.detect(row.text, priors=ROOM)
        for begin in range(0, len(written), 64):
            reader.read_many(written[begin : begin + 64])
        batch.append((time.thread_time() - start) / len(rows))
    for row, comment in zip(rows, written, strict=True):
        start = time.perf_counter()
        detector.detect(row.text, priors=ROOM)
        reader.read(comment.text, comment.translation)
        singles.append((time.perf_counter() - start) * 1000)
    return [
        judged("comments read a second, one core, batches of 64", 1 / min(batch), ">=", 2000, "1/s"),
        judged("one comment read, 95th percentile", percentile(singles, 0.95), "<=", 10, "ms", median=round(percentile(singles, 0.5), 3)),
    ]
