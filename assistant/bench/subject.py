"""The models that are timed: a random one of OPUS-MT's shape with forced output, and the shipped one as it is.

A random model's output is noise, which the translate stage would refuse and decode again. So a forced engine decodes exactly
`OUTPUT` pieces, at their full cost, and then answers with a sentence that passes.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

from assistant.bench.result import Plan
from assistant.bench.texts import Said
from assistant.engines import EngineName, load
from assistant.errors import MissingExtra
from assistant.limits import Limits
from assistant.models.folder import ModelFolder
from assistant.schedule import Engine
from assistant.translate.request import Decoded, Request
from assistant.translate.routes import Routes
from assistant.translate.sentences import split

OUTPUT = 12
"""Pieces of a forced answer."""

PHRASES = {
    "zh": "这款现在有货可以下单",
    "en": "this one is in stock now",
    "ja": "こちらは在庫があります",
    "ar": "هذا المنتج متوفر الآن",
    "id": "yang ini masih ada stok",
    "th": "ตัวนี้มีของพร้อมส่งค่ะ",
    "vi": "mẫu này còn hàng nhé",
    "ms": "yang ini masih ada stok lagi",
}
"""What a forced engine answers per target language."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A model under measurement."""

    name: str
    folder: Path
    forced: bool
    """Whether its output is forced to `OUTPUT` pieces and replaced; else it serves like any model, self-test included."""


def subjects(plan: Plan) -> tuple[list[Subject], dict[str, str]]:
    """The models of this run, and why one of the usual two is missing."""
    found: list[Subject] = []
    missing: dict[str, str] = {}
    try:
        found.append(Subject("opus-shape", opus_folder(plan), forced=True))
    except MissingExtra as error:
        missing["opus-shape"] = str(error)
    if plan.embedded is not None:
        found.append(Subject("embedded", plan.embedded, forced=False))
    else:
        missing["embedded"] = "no embedded model is shipped with this checkout"
    return found, missing


def opus_folder(plan: Plan) -> Path:
    """The random checkpoint of OPUS-MT's shape, built once per work folder."""
    from assistant.bench.opus_shape import opus_shape

    return opus_shape(plan.work / "opus-shape").path


def engine_of(subject: Subject, threads: int = 1, workers: int = 2, engine: EngineName = "ctranslate2", pieces: int = OUTPUT) -> Engine:
    """The subject's engine, as it is served."""
    loaded = load(ModelFolder.read(subject.folder), engine, threads, workers)
    return Forced(loaded, pieces) if subject.forced else loaded


class Forced:
    """An engine whose every answer costs the same: `pieces` pieces decoded, then replaced by a phrase of the target language."""

    def __init__(self, engine: Any, pieces: int = OUTPUT) -> None:
        self._engine = engine
        if hasattr(engine, "_translator"):
            engine._translator = _Lengths(engine._translator, pieces)
        else:
            engine._model = _Lengths(engine._model, pieces)

    def translate(self, batch: Sequence[Request]) -> list[Decoded]:
        """Decode for the time it takes."""
        answers = self._engine.translate(batch)
        return [Decoded(PHRASES.get(request.target, answer.text)) for request, answer in zip(batch, answers, strict=True)]


class _Lengths:
    """A CTranslate2 translator or a transformers model with the output's length fixed."""

    def __init__(self, model: Any, pieces: int) -> None:
        self._model = model
        self._pieces = pieces

    def translate_batch(self, rows: Sequence[Sequence[str]], **options: Any) -> Any:
        return self._model.translate_batch(rows, **{**options, "max_decoding_length": self._pieces, "min_decoding_length": self._pieces})

    def generate(self, **options: Any) -> Any:
        return self._model.generate(**{**options, "max_new_tokens": self._pieces, "min_new_tokens": self._pieces})

    def __getattr__(self, name: str) -> Any:
        return getattr(self._model, name)


def bare_rate(subject: Subject, engine: Engine, said: Sequence[Said], target: str, sort: bool = True) -> float:
    """Comments a second of nothing but `translate` on sorted batches, as many at once as the service runs.

    A comment costs what it costs the service: its sentences, over the hops of its route. With `sort` all are known beforehand
    and sorted by length; without, each batch holds comments that follow each other.
    """
    routes, limits = Routes([ModelFolder.read(subject.folder).routing()]), Limits()
    begun = perf_counter()
    with ThreadPoolExecutor(limits.workers) as threads:
        waiting = [([part.text for part in split(item.text, item.lang)], routes.find(item.lang, target).hops) for item in said]
        for number in range(max(len(hops) for _, hops in waiting)):
            sentences = [
                _Sentence(parts, index, Request(hops[number].model, parts[index], hops[number].source, hops[number].target))
                for parts, hops in waiting
                if number < len(hops)
                for index in range(len(parts))
            ]
            if sort:
                sentences.sort(key=_length)
            batches = [sorted(sentences[start : start + limits.batch], key=_length) for start in range(0, len(sentences), limits.batch)]
            answers = threads.map(lambda batch: engine.translate([sentence.request for sentence in batch]), batches)
            for batch, decoded in zip(batches, answers, strict=True):
                for sentence, answer in zip(batch, decoded, strict=True):
                    sentence.parts[sentence.index] = answer.text
    return len(said) / (perf_counter() - begun)


@dataclass(frozen=True, slots=True)
class _Sentence:
    """One sentence of a comment, at its place among the comment's."""

    parts: list[str]
    index: int
    request: Request


def _length(sentence: _Sentence) -> int:
    return len(sentence.request.text)
