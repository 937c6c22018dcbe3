"""How well an installed model translates text that is parallel by line: FLORES, the held-out slice, a user's TSV.

Per direction: chrF, BLEU over SentencePiece pieces (as spBLEU, with the embedded model's pieces in place of FLORES' own, so that it needs
no download: compare it only with itself), glossary terms kept, speed; and the sentences that came out worst.
"""

from __future__ import annotations

import random
import time
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import sentencepiece
from sacrebleu.metrics import BLEU, CHRF

from assistant import engines
from assistant.errors import InputFileError
from assistant.memory.files import read_entries
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
class Bad:
    """A sentence that came out badly; `chrf` is its own, 0 to 100."""

    chrf: float
    source: str
    reference: str
    answer: str


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
    bleu: float = 0.0
    """0 to 100, over SentencePiece pieces."""
    terms: tuple[int, int] = (0, 0)
    """(kept, all) glossary terms that stand in both source and reference: what the model does by itself, without enforcement."""
    worst: tuple[Bad, ...] = ()


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


def memory_file(path: Path) -> Test:
    """A translation memory file (`source_lang target_lang source target`, or TMX), every direction it holds."""
    entries = [entry for _, entry in read_entries(path)]

    def lines(source: str, target: str) -> Lines | None:
        mine = [entry for entry in entries if (entry.source_lang, entry.target_lang) == (source, target)]
        return Lines(source, target, tuple(entry.source for entry in mine), tuple(entry.target for entry in mine)) if mine else None

    return lines


def embedded_pieces(roots: Sequence[Path]) -> sentencepiece.SentencePieceProcessor | None:
    """The pieces that BLEU is counted in: those of the shipped model; None where it is not installed."""
    path = next((root / "live-m2m" / "target.spm" for root in reversed(roots) if (root / "live-m2m" / "target.spm").is_file()), None)
    return sentencepiece.SentencePieceProcessor(model_proto=path.read_bytes()) if path else None


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


def bleu(answers: Sequence[str], references: Sequence[str], pieces: sentencepiece.SentencePieceProcessor) -> float:
    """Corpus BLEU over pieces, 0 to 100."""
    cut = [[" ".join(row) for row in pieces.encode(list(texts), out_type=str)] for texts in (answers, references)]
    return float(BLEU(tokenize="none", force=True).corpus_score(cut[0], [cut[1]]).score)


def terms_kept(lines: Lines, answers: Sequence[str], terms: Sequence[Mapping[str, str]]) -> tuple[int, int]:
    """(kept, all) terms whose cells stand in a source and in its reference; kept where the answer has the target cell too."""
    pairs = [(_plain(row[lines.source]), _plain(row[lines.target])) for row in terms if row.get(lines.source) and row.get(lines.target)]
    kept = total = 0
    for source, reference, answer in zip(lines.sources, lines.references, answers, strict=True):
        source, reference, answer = _plain(source), _plain(reference), _plain(answer)
        for first, second in pairs:
            if first in source and second in reference:
                total += 1
                kept += second in answer
    return kept, total


def worst(lines: Lines, answers: Sequence[str], count: int) -> tuple[Bad, ...]:
    """The `count` sentences with the lowest chrF, worst first."""
    metric = CHRF()
    scored = zip(lines.sources, lines.references, answers, strict=True)
    found = [Bad(round(metric.sentence_score(answer, [reference]).score, 1), source, reference, answer) for source, reference, answer in scored]
    return tuple(sorted(found, key=lambda bad: bad.chrf)[:count])


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def evaluate(
    folder: ModelFolder, tests: Mapping[str, Test], directions: Iterable[str] | None = None,
    engine: engines.EngineName = "ctranslate2", threads: int = 1, progress: Callable[[Score], None] = lambda score: None,
    terms: Sequence[Mapping[str, str]] = (), pieces: sentencepiece.SentencePieceProcessor | None = None, bad: int = 0,
) -> list[Score]:
    """Scores per test set and direction (`zh-en`; all of the model's when None).

    `terms` are glossary rows (language to cell), `pieces` cut the text for BLEU (0 without), `bad` is how many of the worst are kept.
    """
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
            scores.append(
                Score(
                    name, direction, len(answers), round(chrf(answers, lines.references), 2), round(spent, 2),
                    round(bleu(answers, lines.references, pieces), 2) if pieces else 0.0,
                    terms_kept(lines, answers, terms) if terms else (0, 0), worst(lines, answers, bad) if bad else (),
                )
            )
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
