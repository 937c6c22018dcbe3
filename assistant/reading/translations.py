"""Translations of training comments by the installed models, as the room would have them beside the comment."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from assistant.engines.direct import Direct
from assistant.translate import translate

TARGETS = ("zh", "en")
"""Languages of moderators that the model learns to borrow from."""

Key = tuple[str, str, str]
"""Source language, target language, text."""


class Translations:
    """Translations in memory, kept in a JSON-lines file between runs so that only new comments cost time."""

    def __init__(self, cache: Path | None, models: Sequence[Path]) -> None:
        self._cache, self._models = cache, models
        self._known: dict[Key, str] = {}
        if cache is not None and cache.is_file():
            for line in cache.read_text(encoding="utf-8").split("\n"):
                if line:
                    source, target, text, translation = json.loads(line)
                    self._known[source, target, text] = translation

    def add(self, comments: Iterable[tuple[str, str]], targets: Sequence[str] = TARGETS) -> int:
        """Translate (language, text) pairs into `targets` as far as models go; returns how many were new."""
        wanted = [(lang, target, text) for lang, text in comments for target in targets if lang != target]
        wanted = [key for key in dict.fromkeys(wanted) if key not in self._known]
        direct = Direct(self._models)
        known = direct.routes.languages()
        able = [key for key in wanted if key[1] in known.get(key[0], ())]
        for start in range(0, len(able), 512):
            part = able[start : start + 512]
            answers = direct.run([translate(text, source, target, direct.routes) for source, target, text in part])
            for key, answer in zip(part, answers, strict=True):
                self._known[key] = "" if "untranslated" in answer.flags else answer.text
            self._keep(part)
        return len(able)

    def of(self, lang: str, text: str, target: str) -> str:
        """The translation, "" where there is none."""
        return self._known.get((lang, target, text), "")

    def _keep(self, keys: Sequence[Key]) -> None:
        if self._cache is not None:
            self._cache.parent.mkdir(parents=True, exist_ok=True)
            with self._cache.open("a", encoding="utf-8") as stream:
                stream.writelines(json.dumps([*key, self._known[key]], ensure_ascii=False) + "\n" for key in keys)
