"""chrF of an installed model per direction, on text that is parallel by line: FLORES, the held-out slice, a user's TSV."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sacrebleu.metrics import CHRF

from assistant import engines
from assistant.errors import InputFileError
from assistant.models.corpus import marks, read, slots
from assistant.models.folder import ModelFolder, write_model_toml
from assistant.schedule import Engine
from assistant.translate.request import Request

FLORES = "flores200-devtest"
HELD_OUT = "heldout"
_BATCH = 64


@dataclass(frozen=True, slots=True)
class Lines:
    """A test set for one direction: `sources[i]` should become `references[i]`."""

    source: str
    target: str
    sources: tuple[str, ...]
    references: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Score:
    """What one direction of one test set came to."""

    test: str
    direction: str
    lines: int
    chrf: float
    """0 to 100, sacrebleu's default (character 6-grams, beta 2)."""
    seconds: float
    """Decoding time of all lines."""


Test = Callable[[str, str], Lines | None]
"""(source, target) → the lines of that direction, None where the set lacks a language."""


def line_files(folder: Path, limit: int | None = None) -> Test:
    """A folder of `LANGUAGE.txt` files, parallel by line number (flores200-devtest)."""

    def lines(source: str, target: str) -> Lines | None:
        paths = [folder / f"{language}.txt" for language in (source, target)]
        if not all(path.is_file() for path in paths):
            return None
        texts = [path.read_text(encoding="utf-8").rstrip("\n").split("\n") for path in paths]
        if len(texts[0]) != len(texts[1]):
            raise InputFileError(str(paths[1]), 0, f"has {len(texts[1])} lines, {paths[0].name} has {len(texts[0])}")
        return Lines(source, target, tuple(texts[0][:limit]), tuple(texts[1][:limit]))

    return lines


def held_out(tuple_folder: Path, seed: int = 3) -> Test:
    """The tuples that are never trained on, slots filled in plain text, values fixed by `seed`."""
    entries = [entry for entry in read.read_tuples(tuple_folder) if read.is_held_out(entry)]
    slot_file = tuple_folder / read.SLOT_FILE
    values = read.read_slots(slot_file) if slot_file.exists() else {}

    def lines(source: str, target: str) -> Lines | None:
        pairs = []
        for number, entry in enumerate(entries):
            rng = random.Random(f"{seed}/{number}")
            pairs.append(slots.fill(entry.cells[source], entry.cells[target], (source, target), values, rng, {}))
        if not pairs:
            return None
        return Lines(source, target, tuple(pair[0] for pair in pairs), tuple(pair[1] for pair in pairs))

    return lines


def tuple_file(path: Path, kind: str | None = None) -> Test:
    """An eight-language file without slots, such as the held-out live-room set; `kind` takes only `host` or `comment` rows."""
    entries = [entry for entry in read.read_tuple_file(path) if kind in (None, entry.kind)]

    def lines(source: str, target: str) -> Lines | None:
        return Lines(source, target, tuple(entry.cells[source] for entry in entries), tuple(entry.cells[target] for entry in entries))

    return lines


def pair_file(path: Path, source: str, target: str) -> Test:
    """A user's own `source TAB target` file for one direction."""
    rows = read.read_rows(path)

    def lines(first: str, second: str) -> Lines | None:
        if (first, second) != (source, target):
            return None
        return Lines(source, target, tuple(row.english for row in rows), tuple(row.other for row in rows))

    return lines


def translate(engine: Engine, model: str, lines: Lines) -> list[str]:
    """All sources translated, batches sorted by length, answers in the order of the sources."""
    order = sorted(range(len(lines.sources)), key=lambda index: len(lines.sources[index]))
    answers = [""] * len(order)
    for start in range(0, len(order), _BATCH):
        indices = order[start:start + _BATCH]
        decoded = engine.translate([Request(model, lines.sources[i], lines.source, lines.target) for i in indices])
        for index, item in zip(indices, decoded, strict=True):
            answers[index] = item.text
    return answers


def chrf(answers: Sequence[str], references: Sequence[str]) -> float:
    """Corpus chrF, 0 to 100."""
    return float(CHRF().corpus_score(list(answers), [list(references)]).score)


def evaluate(
    folder: ModelFolder, tests: Mapping[str, Test], directions: Iterable[str] | None = None,
    engine: engines.EngineName = "ctranslate2", threads: int = 1, progress: Callable[[Score], None] = lambda score: None,
) -> list[Score]:
    """Scores per test set and direction (`zh-en`; all of the model's when None)."""
    loaded = engines.load(folder, engine, threads=threads, workers=1)
    scores = []
    wanted = list(folder.pairs if directions is None else directions)
    for name, test in tests.items():
        for direction in wanted:
            source, _, target = direction.partition("-")
            lines = test(source, target)
            if lines is None or not lines.sources:
                continue
            start = time.perf_counter()
            answers = translate(loaded, folder.name, lines)
            spent = time.perf_counter() - start
            scores.append(Score(name, direction, len(answers), round(chrf(answers, lines.references), 2), round(spent, 2)))
            progress(scores[-1])
    return scores


def marks_copied(folder: ModelFolder, lines: Iterable[Lines], seed: int = 4) -> tuple[int, int]:
    """(lines whose marks all came through once each and in number, lines) over sources decorated with marks."""
    loaded = engines.load(folder, workers=1)
    rng = random.Random(seed)
    right = total = 0
    for group in lines:
        drilled = [marks.decorate(source, "", rng)[0] for source in group.sources]
        answers = translate(loaded, folder.name, replace(group, sources=tuple(drilled)))
        for source, answer in zip(drilled, answers, strict=True):
            right += sorted(marks.MARK.findall(source)) == sorted(marks.MARK.findall(answer))
            total += 1
    return right, total


def table(scores: Iterable[Score], test: str) -> str:
    """A Markdown table of one test set: a row per source language, a column per target language."""
    cells = {tuple(score.direction.split("-")): score.chrf for score in scores if score.test == test}
    languages = [language for language in read.LANGUAGES if any(language in pair for pair in cells)]
    lines = ["| from \\ to | " + " | ".join(languages) + " |", "|---|" + "---|" * len(languages)]
    for source in languages:
        row = (f"{cells[source, target]:.1f}" if (source, target) in cells else "" for target in languages)
        lines.append(f"| {source} | " + " | ".join(row) + " |")
    return "\n".join(lines)


def store(folder: ModelFolder, scores: Iterable[Score]) -> ModelFolder:
    """Write the scores into the folder's model.toml, beside the ones of other tests and directions."""
    kept: dict[str, dict[str, float]] = {name: dict(rows) for name, rows in folder.scores.items()}
    for score in scores:
        kept.setdefault(score.test, {})[score.direction] = score.chrf
    return write_model_toml(replace(folder, scores=kept))
