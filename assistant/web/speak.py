"""Translation for the HTTP calls: one text at a time through the same scheduler and detector as the rooms."""

from __future__ import annotations

from assistant.detect import Detection, Detector
from assistant.errors import WireError
from assistant.schedule import Lane, Scheduler, Shed
from assistant.translate import Translation, translate
from assistant.translate.routes import Routes

API = "/translate"
"""The name under which HTTP callers take turns with the rooms in the scheduler."""


class Speaker:
    """Detects and translates for callers that are no room."""

    def __init__(self, routes: Routes, scheduler: Scheduler, detector: Detector) -> None:
        self._routes, self._scheduler, self._detector = routes, scheduler, detector

    def detect(self, text: str) -> Detection:
        """The language of a text, without a room's priors."""
        return self._detector.detect(text)

    async def translate(self, text: str, source: str, target: str) -> Translation:
        """Raises `NoRoute`, and `WireError` `overloaded` when the queue pushes the call out."""
        try:
            return await self._scheduler.drive(translate(text, source, target, self._routes), Lane.COMMENT, API)
        except Shed as error:
            raise WireError("overloaded", str(error)) from None
