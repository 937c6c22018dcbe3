"""What whoever runs the service asks it: `/healthz` (it lives), `/readyz` (it can work, or why not), `/metrics` (how well)."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from time import time
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from assistant.errors import WireError
from assistant.events import Role
from assistant.web.callers import bearer, from_this_machine
from assistant.web.tokens import verify

if TYPE_CHECKING:
    from assistant.glossary.layers import Faulty
    from assistant.record import Record
    from assistant.schedule import Scheduler

STAGE_SECONDS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
LAG_SECONDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 2.0)
MAY_READ: frozenset[Role] = frozenset({"admin", "moderator"})
"""Roles that read `/metrics` from elsewhere."""


class Metrics:
    """What the rooms and sockets report; each service has its own, so that two in one process do not mix."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry(auto_describe=True)
        self._log = logging.getLogger("assistant.web")
        self._stages = Histogram(
            "liveroom_stage_seconds", "Seconds a stage took.", ["stage"], registry=self.registry, buckets=STAGE_SECONDS
        )
        self._stage_of: dict[str, Histogram] = {}
        self._lag = Histogram(
            "liveroom_event_loop_lag_seconds", "Seconds the event loop was late.", registry=self.registry, buckets=LAG_SECONDS
        )
        self._sockets = Gauge("liveroom_sockets", "Open sockets.", ["role"], registry=self.registry)
        self._erased = Counter("liveroom_subtitle_erased_units", "Units taken back of shown subtitles.", ["mode"], registry=self.registry)
        self._final = Counter("liveroom_subtitle_final_units", "Units of final subtitles.", ["mode"], registry=self.registry)
        self._erasure = Gauge("liveroom_subtitle_erasure", "Normalised erasure since the start.", ["mode"], registry=self.registry)
        self._sums: dict[str, list[int]] = {}
        self._failures = Counter("liveroom_internal_errors", "Faults of the service's own.", ["kind"], registry=self.registry)

    def stage(self, name: str, seconds: float) -> None:
        """A stage (`translate`, `subtitle`, `comment` …) took so long."""
        stage = self._stage_of.get(name)
        if stage is None:
            stage = self._stage_of[name] = self._stages.labels(name)
        stage.observe(seconds)

    def erasure(self, mode: str, erased_units: int, final_units: int) -> None:
        """A segment is final: units (characters in zh ja th, else words) that its partials showed and took back."""
        sums = self._sums.setdefault(mode, [0, 0])
        sums[0] += erased_units
        sums[1] += final_units
        self._erased.labels(mode).inc(erased_units)
        self._final.labels(mode).inc(final_units)
        self._erasure.labels(mode).set(sums[0] / max(1, sums[1]))

    def loop_lag(self, seconds: float) -> None:
        """The event loop came back so much later than asked."""
        self._lag.observe(seconds)

    def socket_opened(self, role: Role) -> None:
        """A client was let in."""
        self._sockets.labels(role).inc()

    def socket_closed(self, role: Role) -> None:
        """A client went."""
        self._sockets.labels(role).dec()

    def failed(self, error: BaseException) -> None:
        """Something broke that should not have: count and log it."""
        self._failures.labels(type(error).__name__).inc()
        self._log.error("internal error", exc_info=error)


@dataclass(frozen=True, slots=True)
class Status:
    """Where readiness and the figures that others keep are read."""

    models: Callable[[], Sequence[str]]
    """Names of the models that serve."""
    record: Record
    scheduler: Scheduler
    draining: Callable[[], bool]
    refused: Mapping[str, str] = field(default_factory=dict)
    """Models that do not serve, and why."""
    glossaries: Callable[[], Sequence[Faulty]] = tuple
    """Glossary files that do not take effect as they stand; what served before goes on, so the service is ready all the same."""

    def reasons(self) -> list[dict[str, str]]:
        """Why the service cannot do its work now; empty when it can."""
        reasons = []
        if not self.models():
            why = "; ".join(f"{name}: {reason}" for name, reason in self.refused.items()) or "none is installed"
            reasons.append({"code": "no_model", "message": f"no model serves ({why})"})
        if not self.record.healthy:
            reasons.append({"code": "recording_lost", "message": f"the record cannot be written: {self.record.lost_reason}"})
        if self.draining():
            reasons.append({"code": "draining", "message": "the service is stopping"})
        return reasons


def router(metrics: Metrics, status: Status, secret: str) -> APIRouter:
    """The three routes; `/metrics` needs a moderator's or an admin's token unless a program on this machine asks."""
    metrics.registry.register(_Figures(status))
    api = APIRouter(tags=["operations"])

    @api.get("/healthz", response_class=PlainTextResponse, summary="The process lives")
    async def healthz() -> str:
        return "ok"

    @api.get("/readyz", summary="Whether the service can work; 503 with the reasons when not")
    async def readyz() -> JSONResponse:
        reasons = status.reasons()
        content: dict[str, Any] = {
            "ready": not reasons,
            "reasons": reasons,
            "models": list(status.models()),
            "refused": dict(status.refused),
            "glossaries": [faulty.told() for faulty in status.glossaries()],
        }
        return JSONResponse(content, 503 if reasons else 200, {"Cache-Control": "no-store"})

    @api.get("/metrics", summary="Figures in Prometheus' text format", response_class=PlainTextResponse)
    async def figures(request: Request) -> Response:
        if not from_this_machine(request):
            try:
                if verify(bearer(request), secret, time()).role not in MAY_READ:
                    raise WireError("forbidden", "a moderator's or an admin's token is needed")
            except WireError as error:
                return JSONResponse({"error": error.message}, 403)
        return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST)

    return api


class _Figures:
    """What scheduler and record count themselves, read when asked for."""

    def __init__(self, status: Status) -> None:
        self._status = status

    def collect(self) -> Iterable[Metric]:
        scheduler, record = self._status.scheduler, self._status.record
        counts, written = scheduler.counters, record.counters
        depth = GaugeMetricFamily("liveroom_queue_depth", "Requests that wait for a model.", labels=["lane"])
        for lane, waiting in scheduler.depth().items():
            depth.add_metric([lane], waiting)
        yield depth
        for name, meaning, value in (
            ("cache_hits", "Sentences answered from the cache.", counts.hits),
            ("cache_misses", "Sentences that went to a model.", counts.misses),
            ("joined", "Sentences that waited for an equal one under way.", counts.joined),
            ("comments_shed", "Sentences of comments given up under overload.", counts.shed),
            ("partials_superseded", "Partial sentences replaced by a newer revision before decoding.", counts.superseded),
            ("batches", "Batches decoded.", counts.batches),
            ("decoded", "Sentences decoded.", counts.decoded),
            ("decode_seconds", "Seconds models were decoding.", counts.decode_seconds),
            ("events_recorded", "Events written to the record.", written.entries),
            ("events_repeated", "Repeated inputs that recorded nothing.", written.repeated),
            ("events_lost", "Events the disk refused.", written.lost),
            ("record_commits", "Transactions of the record.", written.groups),
            ("record_seconds", "Seconds the record was writing.", written.seconds),
        ):
            yield CounterMetricFamily(f"liveroom_{name}", meaning, value=value)
        yield GaugeMetricFamily("liveroom_recording_lost", "1 while the record cannot be written.", value=int(not record.healthy))
        yield GaugeMetricFamily("liveroom_record_waiting", "Events that wait to be written.", value=record.waiting)
        yield GaugeMetricFamily("liveroom_glossaries_faulty", "Glossary files that do not take effect.", value=len(self._status.glossaries()))
        yield GaugeMetricFamily("liveroom_models", "Models that serve.", value=len(self._status.models()))
