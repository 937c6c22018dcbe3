"""Translates for one room: through the enforcer and the scheduler, remembering what was said lately.

What can't be translated comes back as it is, flagged: a model that breaks must silence nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence

from assistant.enforce import Enforcer
from assistant.errors import NoRoute, WireError
from assistant.partials import Meter
from assistant.recent import Recent
from assistant.schedule import Lane, Scheduler, Shed
from assistant.translate import Translation


class Interpreter:
    """A room's translations."""

    def __init__(self, room: str, enforcer: Enforcer, scheduler: Scheduler, meter: Meter, clock: Callable[[], int]) -> None:
        """`clock` gives epoch milliseconds."""
        self._room, self._enforcer, self._scheduler, self._meter, self._clock = room, enforcer, scheduler, meter, clock
        self._recent: Recent[tuple[Hashable, ...], Translation] = Recent()

    def clear(self) -> None:
        """Forget what was translated lately, here and in the scheduler."""
        self._recent.clear()
        self._scheduler.clear()

    async def translated(
        self, text: str, source: str, target: str, lane: Lane, market: str | None = None, *,
        spoken: bool = False, shown: Sequence[str] = (), key: str | None = None,
    ) -> Translation:
        """A text in another language with the terms of a market; `spoken`: by the host, `shown` and `key` are a partial's."""
        since, partial = self._clock(), lane is Lane.PARTIAL
        question = (text, source, target, market, spoken, self._enforcer.version)
        if not partial and not self._enforcer.remembers(text, source, target) and (known := self._recent.get(question)) is not None:
            self._scheduler.counters.hits += 1
            return known
        try:
            steps = self._enforcer.translate(text, source, target, market, spoken=spoken, shown=shown, partial=partial)
            result = await self._scheduler.drive(steps, lane, self._room, key)
            self._meter.stage("translate", (self._clock() - since) / 1000)
            return result if partial else self._recent.put(question, result)
        except (NoRoute, Shed, WireError):
            return Translation(text, ("untranslated",))
        except Exception as error:  # reported, and the room goes on with the source text
            self._meter.failed(error)
            return Translation(text, ("untranslated",))
