"""Loaded models: `load` turns a model folder into an engine that decodes batches of requests."""

from __future__ import annotations

from typing import Literal

from assistant.errors import ModelError
from assistant.models.folder import ModelFolder
from assistant.schedule import Engine

EngineName = Literal["ctranslate2", "transformers"]


def load(folder: ModelFolder, engine: EngineName = "ctranslate2", threads: int = 1, workers: int = 2) -> Engine:
    """Load a model: `workers` batches decode at the same time, on `threads` cores each.

    Raises `ModelError` when the folder lacks the engine's form or cannot be loaded, `MissingExtra` when the engine's
    libraries are not installed.
    """
    if engine == "ctranslate2":
        from assistant.engines.ctranslate2 import CTranslate2Engine

        return CTranslate2Engine(folder, threads=threads, workers=workers)
    if engine == "transformers":
        from assistant.engines.transformers import TransformersEngine

        return TransformersEngine(folder, threads=threads * workers)
    raise ModelError(f"there is no engine {engine!r}; choose ctranslate2 or transformers")
