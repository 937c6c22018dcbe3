"""Engines without a service: what the command line and evaluation translate with."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from assistant.engines import EngineName, load
from assistant.engines.marks import routing
from assistant.models.folder import scan
from assistant.schedule import Engine
from assistant.translate import Steps, Translation
from assistant.translate.request import Decoded, Request
from assistant.translate.routes import Routes

BATCH = 32


class Direct:
    """Installed models, loaded when first needed, driven on the calling thread."""

    def __init__(self, roots: Sequence[Path], engine: EngineName = "ctranslate2") -> None:
        """`roots` are folders of model folders, the overriding one first."""
        models, self.broken = scan(roots)
        self._folders = {folder.name: folder for folder in models}
        self._engine: EngineName = engine
        self._loaded: dict[str, Engine] = {}
        self._installed = {folder.name: folder.routing() for folder in models}
        self._tried: set[str] = set()
        self.routes = Routes(self._installed.values())

    def prove(self, source: str, target: str) -> None:
        """Find out which marks the models between two languages copy; raises `NoRoute`. Loads them, once each."""
        for model in {hop.model for hop in self.routes.find(source, target).hops} - self._tried:
            self._tried.add(model)
            self._installed[model] = routing(self._folders[model], self._load(model))
            self.routes.know(self._installed.values())

    def decode(self, requests: Sequence[Request]) -> list[Decoded]:
        """The answers in order; requests of one model are decoded together, sorted by length."""
        answers: dict[int, Decoded] = {}
        for model in dict.fromkeys(request.model for request in requests):
            mine = sorted((index for index, request in enumerate(requests) if request.model == model), key=lambda index: len(requests[index].text))
            for start in range(0, len(mine), BATCH):
                part = mine[start : start + BATCH]
                answers.update(zip(part, self._load(model).translate([requests[index] for index in part]), strict=True))
        return [answers[index] for index in range(len(requests))]

    def run(self, steps: Sequence[Steps]) -> list[Translation]:
        """Drive many translations in step, so that their requests share batches."""
        results: dict[int, Translation] = {}
        waiting: dict[int, list[Request]] = {}
        for index, work in enumerate(steps):
            try:
                waiting[index] = next(work)
            except StopIteration as stop:
                results[index] = stop.value
        while waiting:
            decoded = iter(self.decode([request for requests in waiting.values() for request in requests]))
            answers = {index: [next(decoded) for _ in requests] for index, requests in waiting.items()}
            waiting = {}
            for index, answer in answers.items():
                try:
                    waiting[index] = steps[index].send(answer)
                except StopIteration as stop:
                    results[index] = stop.value
        return [results[index] for index in range(len(steps))]

    def _load(self, model: str) -> Engine:
        if model not in self._loaded:
            folder = self._folders[model]
            folder.verify()
            self._loaded[model] = load(folder, self._engine, threads=2, workers=1)
        return self._loaded[model]
