"""Translation for the HTTP calls: one text at a time through the same scheduler and detector as the rooms."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.detect import Detection, Detector
from assistant.enforce import Enforcer, Own
from assistant.errors import WireError
from assistant.protect.terms import Term
from assistant.schedule import Lane, Scheduler, Shed
from assistant.translate import Translation
from assistant.translate.routes import Routes

API = "/translate"
"""The name under which HTTP callers take turns with the rooms in the scheduler."""


class Speaker:
    """Detects and translates for callers that are no room."""

    def __init__(self, routes: Routes, scheduler: Scheduler, detector: Detector) -> None:
        self._routes, self._scheduler, self._detector = routes, scheduler, detector
        self._plain = Enforcer(routes, Own())

    def detect(self, text: str) -> Detection:
        """The language of a text, without a room's priors."""
        return self._detector.detect(text)

    def enforcer(self, layers: Sequence[Sequence[Term]]) -> Enforcer:
        """What translates by some terms; without any the one that serves all calls without."""
        return Enforcer(self._routes, Own(layers)) if layers else self._plain

    async def translate(self, text: str, source: str, target: str, enforcer: Enforcer | None = None) -> Translation:
        """Raises `NoRoute`, and `WireError` `overloaded` when the queue pushes the call out."""
        try:
            return await self._scheduler.drive((enforcer or self._plain).translate(text, source, target), Lane.COMMENT, API)
        except Shed as error:
            raise WireError("overloaded", str(error)) from None
