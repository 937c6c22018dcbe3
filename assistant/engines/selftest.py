"""A model's start-up self-test: a few fixed sentences, a chrF floor, and nothing empty, looping, copied or in the wrong script.

Broken checkpoints exist (wrong weights, a vocabulary that is not the model's, Bible text for every input); this keeps them
from serving.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant.engines import EngineName, load
from assistant.errors import InputFileError, MissingExtra, ModelError
from assistant.models.folder import ModelFolder, SelfTest
from assistant.models.tomlfile import TomlFile
from assistant.schedule import Engine
from assistant.translate import check
from assistant.translate.request import Decoded, Request

GENERIC = Path(__file__).with_name("selftest.toml")
GENERIC_FLOOR = 25.0
"""Mean chrF for the generic sentences; another sentence of the right language scores 2 (zh) to 15 (ms)."""
MOST_ROWS = 64
_ORDER = 6
_BETA_SQUARED = 4


@dataclass(frozen=True, slots=True)
class Answer:
    """One row of a self-test."""

    row: SelfTest
    text: str
    chrf: float
    fault: str = ""
    """Why the output is refused whatever its chrF; "" when it is not."""


@dataclass(frozen=True, slots=True)
class Result:
    """What a self-test found; `reason` is "" when the model may serve."""

    chrf: float
    """Mean over the rows, 0 to 100."""
    floor: float
    reason: str
    answers: tuple[Answer, ...]

    @property
    def passed(self) -> bool:
        return not self.reason


def chrf(hypothesis: str, references: Sequence[str]) -> float:
    """Sentence chrF2 (0 to 100, character 6-grams, spaces ignored) against the closest reference; equal to sacrebleu's."""
    return max(_chrf("".join(hypothesis.split()), "".join(reference.split())) for reference in references)


def _chrf(hypothesis: str, reference: str) -> float:
    precision = recall = 0.0
    orders = 0
    for size in range(1, _ORDER + 1):
        ours, theirs = (Counter(text[i : i + size] for i in range(len(text) - size + 1)) for text in (hypothesis, reference))
        if ours and theirs:
            shared = (ours & theirs).total()
            precision += shared / ours.total()
            recall += shared / theirs.total()
            orders += 1
    if not precision + recall:
        return 0.0
    precision, recall = precision / orders, recall / orders
    return 100 * (1 + _BETA_SQUARED) * precision * recall / (_BETA_SQUARED * precision + recall)


def rows(folder: ModelFolder, generic: Path = GENERIC) -> tuple[SelfTest, ...]:
    """The folder's own rows, else the generic ones for its directions, spread over the directions; at most `MOST_ROWS`."""
    if folder.selftest:
        return folder.selftest[:MOST_ROWS]
    file = TomlFile.read(generic)
    found: list[SelfTest] = []
    for table in file.rows(file.data, "sentence"):
        texts = {language: file.texts(table, language) for language in table}
        for pair in ((source, target) for source in folder.source for target in folder.target if source != target):
            if texts.get(pair[0]) and texts.get(pair[1]):
                found.append(SelfTest(*pair, texts[pair[0]][0], texts[pair[1]]))
    step = max(1, -(-len(found) // MOST_ROWS))
    return tuple(found[::step])


def selftest(folder: ModelFolder, engine: Engine) -> Result:
    """Run the rows through a loaded engine; never raises for bad output, the result says why."""
    tests = rows(folder)
    floor = folder.chrf_floor or (0.0 if folder.selftest else GENERIC_FLOOR)
    if not tests:
        return Result(0.0, floor, f"{folder.name} has no [[selftest]] rows and its languages have no generic ones", ())
    try:
        decoded = engine.translate([Request(folder.name, row.text, row.source, row.target) for row in tests])
    except ModelError as error:
        return Result(0.0, floor, f"{folder.name} failed its self-test: {error}", ())
    answers = tuple(_judge(row, output) for row, output in zip(tests, decoded, strict=True))
    mean = sum(answer.chrf for answer in answers) / len(answers)
    faulty = [answer for answer in answers if answer.fault]
    reason = ""
    # A model of many languages may be bad at a few directions nobody asked it for; rows of its own are promises.
    if len(faulty) > (0 if folder.selftest else len(answers) // 10):
        bad = faulty[0]
        said = f"{bad.row.source}-{bad.row.target} {bad.row.text!r} gave {bad.text[:80]!r}"
        reason = f"{folder.name} failed its self-test: {said} ({bad.fault})"
    elif mean < floor:
        reason = f"{folder.name} failed its self-test: chrF {mean:.1f} is below its floor {floor:.1f}"
    return Result(mean, floor, reason, answers)


def _judge(row: SelfTest, output: Decoded) -> Answer:
    fault = check.fault(row.text, row.source, row.target, output) or ""
    if fault == "untranslated":
        fault = "empty"
    if fault == "copied" and output.text.strip() in row.expect:
        fault = ""
    return Answer(row, output.text, chrf(output.text, row.expect), fault)


def load_serving(
    folders: Sequence[ModelFolder], engine: EngineName = "ctranslate2", threads: int = 1, workers: int = 2
) -> tuple[dict[str, Engine], dict[str, str]]:
    """Verify, load and self-test: the engines that may serve, by model name, and why each other model may not."""
    engines: dict[str, Engine] = {}
    refused: dict[str, str] = {}
    for folder in folders:
        try:
            folder.verify(["hf" if engine == "transformers" else "ctranslate2"])
            loaded = load(folder, engine, threads, workers)
            result = selftest(folder, loaded)
        except (ModelError, MissingExtra, InputFileError) as error:
            refused[folder.name] = str(error)
            continue
        if result.passed:
            engines[folder.name] = loaded
        else:
            refused[folder.name] = result.reason
    return engines, refused
