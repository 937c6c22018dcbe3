"""Health, readiness and figures of a real server over a real scheduler and record."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import time

import pytest
from fastapi import FastAPI
from prometheus_client.parser import text_string_to_metric_families

from assistant.record import Record
from assistant.schedule import Lane, Scheduler
from assistant.translate.request import Decoded, Request
from assistant.web import operations
from assistant.web.operations import Metrics, Status
from assistant.web.tokens import issue
from tests.edge import fetch, serving

SECRET = "a-secret-of-a-good-length-for-tests"


class Upper:
    def translate(self, batch: Sequence[Request]) -> list[Decoded]:
        return [Decoded(request.text.upper()) for request in batch]


@dataclass
class Service:
    url: str
    metrics: Metrics
    scheduler: Scheduler
    record: Record
    models: list[str] = field(default_factory=lambda: ["live-m2m"])
    draining: bool = False


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    metrics, scheduler, record = Metrics(), Scheduler({"m": Upper()}), Record(tmp_path)
    made = Service("", metrics, scheduler, record)
    status = Status(
        models=lambda: made.models, refused={"opus-x": "self-test: chrF 3 < 20"}, record=record, scheduler=scheduler,
        draining=lambda: made.draining,
    )  # fmt: skip
    app = FastAPI()
    app.include_router(operations.router(metrics, status, SECRET))
    with serving(app) as made.url:
        yield made


def figures(text: str) -> dict[str, float]:
    """Every sample as name{label=value,…}."""
    found = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            labels = ",".join(f"{name}={value}" for name, value in sorted(sample.labels.items()))
            found[sample.name + (f"{{{labels}}}" if labels else "")] = sample.value
    return found


def test_it_lives(service: Service) -> None:
    answer = fetch(f"{service.url}/healthz")
    assert (answer.status, answer.body) == (200, b"ok")


def test_it_is_ready(service: Service) -> None:
    answer = fetch(f"{service.url}/readyz")
    assert answer.status == 200
    assert answer.json == {"ready": True, "reasons": [], "models": ["live-m2m"], "refused": {"opus-x": "self-test: chrF 3 < 20"}, "glossaries": []}


def test_it_says_why_it_is_not_ready(service: Service) -> None:
    service.models = []
    service.draining = True
    service.record.healthy, service.record.lost_reason = False, "database or disk is full"
    answer = fetch(f"{service.url}/readyz")
    assert answer.status == 503 and answer.json["ready"] is False
    reasons = {reason["code"]: reason["message"] for reason in answer.json["reasons"]}
    assert set(reasons) == {"no_model", "recording_lost", "draining"}
    assert "disk is full" in reasons["recording_lost"] and "opus-x: self-test" in reasons["no_model"]
    assert fetch(f"{service.url}/healthz").status == 200


async def test_what_is_reported_can_be_read(service: Service) -> None:
    metrics = service.metrics
    metrics.stage("translate", 0.015)
    metrics.stage("translate", 3.0)
    metrics.loop_lag(0.004)
    metrics.socket_opened("viewer")
    metrics.socket_opened("viewer")
    metrics.socket_closed("viewer")
    metrics.erasure("balanced", 3, 10)
    metrics.erasure("balanced", 0, 10)
    metrics.failed(ValueError("text of a viewer"))
    request = Request("m", "hello", "en", "zh")
    for _ in range(3):
        await service.scheduler.decode([request], Lane.COMMENT, "shop1")
    answer = fetch(f"{service.url}/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=")
    found = figures(answer.body.decode())
    assert found["liveroom_stage_seconds_count{stage=translate}"] == 2
    assert found["liveroom_stage_seconds_bucket{le=0.02,stage=translate}"] == 1
    assert found["liveroom_event_loop_lag_seconds_bucket{le=0.005}"] == 1
    assert found["liveroom_sockets{role=viewer}"] == 1
    assert found["liveroom_subtitle_erasure{mode=balanced}"] == pytest.approx(0.15)
    assert found["liveroom_subtitle_final_units_total{mode=balanced}"] == 20
    assert found["liveroom_internal_errors_total{kind=ValueError}"] == 1
    assert found["liveroom_cache_hits_total"] == 2 and found["liveroom_cache_misses_total"] == 1
    assert found["liveroom_decoded_total"] == 1 and found["liveroom_comments_shed_total"] == 0
    assert {lane: found[f"liveroom_queue_depth{{lane={lane}}}"] for lane in ("final", "partial", "comment")} == {
        "final": 0, "partial": 0, "comment": 0,
    }  # fmt: skip
    assert found["liveroom_events_recorded_total"] == 0 and found["liveroom_recording_lost"] == 0 and found["liveroom_models"] == 1
    assert "viewer's" not in answer.body.decode() and "text of a viewer" not in answer.body.decode()
    await service.scheduler.close()


def test_two_services_do_not_mix() -> None:
    first, second = Metrics(), Metrics()
    first.socket_opened("host")
    assert second.registry.get_sample_value("liveroom_sockets", {"role": "host"}) is None


def test_from_elsewhere_figures_need_a_token(service: Service) -> None:
    """A request that a proxy forwards is from elsewhere."""
    away = {"X_Forwarded_For": "203.0.113.9"}
    assert fetch(f"{service.url}/metrics", **away).status == 403
    for role, status in (("viewer", 403), ("connector", 403), ("host", 403), ("moderator", 200), ("admin", 200)):
        token = issue(SECRET, "shop1", role, 60, now=time())  # type: ignore[arg-type]
        assert fetch(f"{service.url}/metrics", Authorization=f"Bearer {token}", **away).status == status
    assert fetch(f"{service.url}/healthz", **away).status == 200
