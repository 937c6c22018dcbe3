"""engine: CTranslate2 ÷ transformers on the same weights, greedy, forced output; and what layouts and vocabulary maps give."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import perf_counter

from assistant.bench.result import Plan, Result, judged, skipped
from assistant.bench.subject import Subject, engine_of, opus_folder
from assistant.bench.texts import HOST, Said, comments
from assistant.engines.tokens import Tokens
from assistant.errors import MissingExtra
from assistant.models.folder import ModelFolder
from assistant.schedule import Engine
from assistant.translate.request import Request

BAR = 5.0
BATCH = 32
CORES = 2
LAYOUTS = ((1, 2), (2, 1))
"""(threads per batch, batches at once) on `CORES` cores; the first is how the service runs."""
FIXED, PER_PIECE = 2_000, 50
"""A vocabulary map's pieces that are always allowed, and those that each source piece adds: the usual sizes of Marian shortlists."""


def run(plan: Plan) -> list[Result]:
    """The ratio at batch 32, and the same with a vocabulary map."""
    try:
        folder = opus_folder(plan)
        subject = Subject("opus-shape", folder, forced=True)
        reference = engine_of(subject, threads=1, workers=CORES, engine="transformers")
    except MissingExtra as error:
        return [skipped("engine", str(error))]
    count = plan.count(512, 64)
    said = comments(count)
    rate(reference, subject, said[:8], 8, 1)
    slow = [rate(reference, subject, said[: max(BATCH, count // 8)], BATCH, 1)]
    variants: list[tuple[str, Path, int, int, int]] = [
        (f"{workers}x{threads} batch {batch}", folder, threads, workers, batch)
        for threads, workers in (LAYOUTS[:1] if plan.quick else LAYOUTS)
        for batch in ((BATCH,) if plan.quick else (8, 16, BATCH, 64))
    ]
    mapped = with_map(folder, plan.work / "vmap" / folder.name, said)
    threads, workers = LAYOUTS[0]
    variants.append((f"vmap {workers}x{threads} batch {BATCH}", mapped, threads, workers, BATCH))
    fast: dict[str, float] = {}
    for name, path, threads, workers, batch in variants:
        engine = engine_of(Subject("opus-shape", path, forced=True), threads, workers)
        rate(engine, subject, said[:BATCH], batch, workers)
        fast[name] = rate(engine, subject, said, batch, workers)
    slow.append(rate(reference, subject, said[: max(BATCH, count // 8)], BATCH, 1))
    base = sum(slow) / len(slow)
    details = {
        "transformers_per_second": [round(value, 1) for value in slow],
        "ctranslate2_per_second": {name: round(value, 1) for name, value in fast.items()},
        "layouts": "batches at once x threads each", "sentences": count,
    }  # fmt: skip
    return [
        judged("engine", fast[f"{LAYOUTS[0][1]}x{LAYOUTS[0][0]} batch {BATCH}"] / base, ">=", BAR, **details),
        judged("engine.vmap", fast[variants[-1][0]] / base, map=f"{FIXED} pieces always, {PER_PIECE} a source piece", aim=8),
    ]


def rate(engine: Engine, subject: Subject, said: Sequence[Said], batch: int, workers: int) -> float:
    """Sentences a second: sorted by length, in batches, `workers` of them at once."""
    name = ModelFolder.read(subject.folder).name
    requests = sorted((Request(name, item.text, item.lang, HOST) for item in said), key=lambda request: len(request.text))
    batches = [requests[start : start + batch] for start in range(0, len(requests), batch)]
    begun = perf_counter()
    with ThreadPoolExecutor(workers) as threads:
        answered = sum(len(answers) for answers in threads.map(engine.translate, batches))
    return answered / (perf_counter() - begun)


def with_map(folder: Path, place: Path, said: Sequence[Said]) -> Path:
    """A copy of a model with a vocabulary map of realistic size; which pieces it allows is random, as the model is.

    A map (`vmap.txt`) has a line `source piece TAB target pieces`; the line without a source piece is always allowed. Only
    the union over a batch goes through the output layer.
    """
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(folder, place, ignore=shutil.ignore_patterns("*.safetensors", "*.bin"))
    shutil.copyfile(folder / "ctranslate2" / "model.bin", place / "ctranslate2" / "model.bin")
    tokens = Tokens(ModelFolder.read(folder))
    rows = tokens.source([Request("", item.text, item.lang, HOST) for item in said])
    pieces: dict[str, int] = json.loads((folder / "vocab.json").read_text(encoding="utf-8"))
    vocabulary = [piece for piece in pieces if piece not in ("</s>", "<unk>", "<pad>") and not piece.isspace()]
    source = random.Random(1)
    lines = ["\t" + " ".join(vocabulary[:FIXED])]
    lines += [f"{piece}\t{' '.join(source.sample(vocabulary, PER_PIECE))}" for piece in sorted({piece for row in rows for piece in row})]
    (place / "ctranslate2" / "vmap.txt").write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
    return place
