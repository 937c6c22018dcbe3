"""`python -m assistant.reading.train [language|comments]`: train the arrays that read comments, seeded, in minutes on one core.

`language` writes `assistant/detect/data/languages.npz`, `comments` writes `assistant/signals/data/reading.npz`. Needs the extra
`reading` (torch, wordfreq, opencc) and, for translations, the installed models.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np

from assistant.detect import Detector
from assistant.models.corpus.read import LANGUAGES, SLOT_FILE, read_slots
from assistant.reading.comments_text import examples, shares
from assistant.reading.corpus import CORPUS, OTHER, SENTIMENTS, Row, intent_names, parallel_rows, read_folder, read_rows, same, without
from assistant.reading.corpus import LABELS as PARALLEL
from assistant.reading.fit import Fitted, Recipe, fit, save
from assistant.reading.language_text import LABELS, frequent_words, general_text, han_text, labelled_text, marker_words, room_text, varied
from assistant.reading.measure import Scores, measure
from assistant.reading.translations import Translations
from assistant.signals.plain import plain
from assistant.signals.read import both

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = Path(__file__).resolve().parents[1]
LANGUAGE = Recipe(buckets=1 << 15, epochs=4, rate=0.05, drop=0.25, smooth=0.02)
COMMENTS = Recipe(buckets=1 << 17, epochs=6, rate=0.05, drop=0.4, smooth=0.05, batch=512)
MARKERS = {"roman": "-Latn", "word": ""}
TUPLES = ROOT / "models" / "corpus"
BALANCE = 0.3
"""How far rare intents are lifted and `other` is lowered to the mean: 0 not at all, 1 altogether. What viewers often ask stays often."""
HELD_OUT = "tests/data/reading_heldout.tsv"
LANGUAGE_TESTS = ("tests/data/languages_hard.tsv", "tests/data/languages_unseen.tsv")


def say(line: str) -> None:
    """Progress on standard error."""
    sys.stderr.write(line + "\n")


def train_language(rows: Sequence[Row], corpora: Path, measured: Iterable[str], recipe: Recipe = LANGUAGE) -> Fitted:
    """The model of languages that share an alphabet; no text of `measured` is learnt."""
    dice = random.Random(recipe.seed)
    texts = room_text(TUPLES, dice) + general_text(corpora, dice, 6_000) + frequent_words(dice, 3_000)
    texts += marker_words(MARKERS, dice) + labelled_text(rows) + han_text(corpora, _traditional(), dice)
    detector, taken = Detector(trained=False), {same(text) for text in measured}
    pairs = [(label, detector.content(text)) for label, text in varied([pair for pair in texts if same(pair[1]) not in taken], dice)]
    pairs = [(label, text) for label, text in pairs if text.strip()]
    counts = Counter(label for label, _ in pairs)
    targets = np.zeros((len(pairs), len(LABELS)), np.float32)
    targets[np.arange(len(pairs)), [LABELS.index(label) for label, _ in pairs]] = 1
    weights = np.array([(len(pairs) / len(counts) / counts[label]) ** 0.5 for label, _ in pairs], np.float32)
    say(f"{len(pairs)} texts in {len(counts)} languages: {dict(counts.most_common())}")
    return fit([text for _, text in pairs], targets, [slice(None)], recipe, weights=weights, told=say)


def train_comments(rows: Sequence[Row], names: Sequence[str], translations: Translations, recipe: Recipe = COMMENTS) -> Fitted:
    """The model of intents and sentiment."""
    learnt = examples(rows, translations, random.Random(recipe.seed), _traditional(), read_slots(TUPLES / SLOT_FILE))
    say(f"{len(learnt)} examples of {len(rows)} comments")
    targets = np.zeros((len(learnt), len(names) + len(SENTIMENTS)), np.float32)
    for line, example in zip(targets, learnt, strict=True):
        line[: len(names)] = shares(example.intents, names)
        if example.sentiment is not None:
            line[len(names) + SENTIMENTS.index(example.sentiment)] = 1
    weight = Counter()
    for example in learnt:
        weight[example.intents[0]] += example.weight
    usual = sum(weight.values()) / len(weight)
    factor = {name: (usual / total) ** BALANCE if total < usual or name == OTHER else 1.0 for name, total in weight.items()}
    weights = np.array([example.weight * factor[example.intents[0]] for example in learnt], np.float32)
    groups = [slice(0, len(names)), slice(len(names), None)]
    return fit([example.text for example in learnt], targets, groups, recipe, weights=weights, told=say)


def tested(fitted: Fitted, names: Sequence[str], rows: Sequence[Row], translations: Translations | None, target: str = "zh") -> Scores:
    """Scores on labelled comments, with their translations if given."""
    beside = [translations.of(row.lang, row.text, target) if translations and not row.romanised else "" for row in rows]
    texts = [both(plain(row.text), plain(translation)) for row, translation in zip(rows, beside, strict=True)]
    odds = fitted.scores(texts)
    first = odds[:, : len(names)].argmax(1)
    return measure(rows, [(names[column],) for column in first], [SENTIMENTS[column] for column in odds[:, len(names) :].argmax(1)])


def learnt_rows(names: Sequence[str], measured: Sequence[Row]) -> tuple[list[Row], list[Row]]:
    """The writers' comments and the parallel ones, without any text that is measured on."""
    return without(read_folder(CORPUS, names), measured), without(parallel_rows(PARALLEL, TUPLES, names, random.Random(COMMENTS.seed)), measured)


def language_tests() -> list[str]:
    """The texts that the detector's tests measure on."""
    return [line.split("\t")[1] for name in LANGUAGE_TESTS for line in (ROOT / name).read_text(encoding="utf-8").splitlines()]


def shared_comments(path: Path) -> list[Row]:
    """The labelled comments in eight languages that settings are chosen by; [] without the file. Their sentiment is not labelled."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    return [Row(lang, entry[lang], (entry["intent"],), "neutral", False) for entry in map(json.loads, lines) for lang in LANGUAGES]


def _traditional():
    from opencc import OpenCC

    return OpenCC("s2t").convert


def main(arguments: Sequence[str] | None = None) -> int:
    """Train what is asked for, both by default; prints scores on the held-out comments as JSON."""
    parser = argparse.ArgumentParser(prog="python -m assistant.reading.train", description=__doc__.splitlines()[0])
    parser.add_argument("what", nargs="?", choices=("language", "comments"), help="both by default")
    parser.add_argument("--corpora", type=Path, default=ROOT.parent / "shared" / "corpora", help="folder of general sentences en-XX.tsv")
    parser.add_argument("--shared", type=Path, default=ROOT.parent / "shared" / "viewer_comments.jsonl", help="comments to choose settings by; never learnt")
    parser.add_argument("--translations", type=Path, default=ROOT / "liveroom-data" / "reading" / "translations.jsonl", help="cache file")
    parser.add_argument("--epochs", type=int, help="other than the recipe's, to try things")
    args = parser.parse_args(arguments)
    names = intent_names()
    held, shared = read_rows(ROOT / HELD_OUT, names), shared_comments(args.shared)
    rows, parallel = learnt_rows(names, held)
    fresh = without(shared, (*rows, *parallel))  # what viewers type everywhere is in both
    say(f"{len(rows)} labelled comments: {dict(Counter(row.lang for row in rows).most_common())}")
    if args.what != "comments":
        recipe = replace(LANGUAGE, epochs=args.epochs or LANGUAGE.epochs)
        measured = [*(row.text for row in held), *language_tests()]
        save(PACKAGE / "detect" / "data" / "languages.npz", train_language(rows, args.corpora, measured, recipe), LABELS)
    if args.what != "language":
        translations = Translations(args.translations, [ROOT / "models"])
        rows += parallel
        say(f"{translations.add((row.lang, row.text) for row in (*rows, *held, *shared))} new translations")
        fitted = train_comments(rows, names, translations, replace(COMMENTS, epochs=args.epochs or COMMENTS.epochs))
        save(PACKAGE / "signals" / "data" / "reading.npz", fitted, [*names, *SENTIMENTS])
        for comments, chosen, given in (("held out", held, translations), ("held out", held, None), ("shared, not met in training", fresh, translations)):
            if chosen:
                figures = {"comments": comments, "translated": given is not None, **asdict(tested(fitted, names, chosen, given))}
                sys.stdout.write(json.dumps(figures, ensure_ascii=False) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
