"""The cheapest good path between two languages over what is installed: direct, else through a hub.

A path's quality is the product of its hops' chrF (as fractions): every hop loses meaning, and a strong pivot may still
beat a weak direct model. Among the paths within 10 % of the best, the one with the fewest hops, then the fewest parameters,
wins; that is what "cheapest good" means here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from assistant.errors import NoRoute

GOOD_ENOUGH = 0.9
UNKNOWN_CHRF = 45.0
"""Taken for a model without scores: an ordinary OPUS-MT model's chrF."""
_HUB_FIRST = "en"


@dataclass(frozen=True, slots=True)
class Installed:
    """What routing needs to know of a model."""

    name: str
    source: frozenset[str]
    target: frozenset[str]
    parameters: int = 75_000_000
    scores: Mapping[str, float] = field(default_factory=dict)
    """chrF per direction, such as {"zh-en": 41.0}."""
    marks: tuple[str, ...] = ()
    """Placeholders that the model copies, the one to use first first; none when it copies no kind of mark."""


@dataclass(frozen=True, slots=True)
class Hop:
    """One decode: which model, from which language to which."""

    model: str
    source: str
    target: str
    marks: tuple[str, ...] = ()
    """Placeholders that the model copies."""


@dataclass(frozen=True, slots=True)
class Route:
    """The chosen path and the reason in words; no hops when nothing needs translating."""

    hops: tuple[Hop, ...]
    reason: str = ""

    def explain(self) -> list[str]:
        """The `route` of an answer: a step each, then the reason."""
        return [f"{hop.source}-{hop.target} {hop.model}" for hop in self.hops] + ([self.reason] if self.reason else [])


class Routes:
    """All paths of at most two hops over the installed models; found once per pair and kept."""

    def __init__(self, models: Iterable[Installed]) -> None:
        self._found: dict[tuple[str, str], Route] = {}
        self.know(models)

    def know(self, models: Iterable[Installed]) -> None:
        """Go by other models, or by more that is known of them."""
        self._models = tuple(models)
        self._found.clear()

    def find(self, source: str, target: str) -> Route:
        """The route from `source` to `target`; raises `NoRoute` with the command that would get one."""
        if source == target:
            return Route((), "same language")
        if (known := self._found.get((source, target))) is not None:
            return known
        paths = self._direct(source, target) + self._through_hub(source, target)
        if not paths:
            raise NoRoute(source, target, self._remedy(source, target))
        best = max(quality for quality, _, _ in paths)
        good = [path for path in paths if path[0] >= GOOD_ENOUGH * best]
        quality, _, hops = min(good, key=lambda path: (len(path[2]), path[1], -path[0]))
        others = len(paths) - 1
        reason = f"expected chrF {quality * 100:.0f}" + (f", best of {others + 1} paths" if others else ", only path")
        route = Route(hops, reason)
        self._found[source, target] = route
        return route

    def languages(self) -> dict[str, list[str]]:
        """Every source language with the targets it reaches, sorted."""
        sources = sorted({lang for model in self._models for lang in model.source})
        targets = sorted({lang for model in self._models for lang in model.target})
        return {source: [target for target in targets if source != target and self._reaches(source, target)] for source in sources}

    def _reaches(self, source: str, target: str) -> bool:
        try:
            self.find(source, target)
        except NoRoute:
            return False
        return True

    def _direct(self, source: str, target: str) -> list[tuple[float, int, tuple[Hop, ...]]]:
        return [
            (model.scores.get(f"{source}-{target}", UNKNOWN_CHRF) / 100, model.parameters, (Hop(model.name, source, target, model.marks),))
            for model in self._models
            if source in model.source and target in model.target
        ]

    def _through_hub(self, source: str, target: str) -> list[tuple[float, int, tuple[Hop, ...]]]:
        hubs = {lang for model in self._models if source in model.source for lang in model.target} - {source, target}
        paths = []
        for hub in sorted(hubs, key=lambda lang: (lang != _HUB_FIRST, lang)):
            for first_quality, first_cost, first in self._direct(source, hub):
                for second_quality, second_cost, second in self._direct(hub, target):
                    paths.append((first_quality * second_quality, first_cost + second_cost, first + second))
        return paths

    def _remedy(self, source: str, target: str) -> str:
        pairs = []
        if source != "en" and not self._direct(source, "en"):
            pairs.append(f"{source}-en")
        if target != "en" and not self._direct("en", target):
            pairs.append(f"en-{target}")
        return "liveroom models pull " + " ".join(pairs or [f"{source}-{target}"])
