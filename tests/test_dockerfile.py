"""The image's recipe, as far as it can be checked without a builder."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

from fastapi import FastAPI

from tests.edge import serving

ROOT = Path(__file__).parents[1]
RECIPE = re.sub(r"\\\n\s*", "", (ROOT / "Dockerfile").read_text(encoding="utf-8"))


def last(instruction: str) -> str:
    return re.findall(rf"^{instruction} (.*)$", RECIPE, re.MULTILINE)[-1]


def healthy(port: int) -> bool:
    command = json.loads(re.search(r"CMD (\[.*\])", last("HEALTHCHECK"))[1])  # type: ignore[index]
    assert command[0] == "python"
    environment = {**os.environ, "LIVEROOM_PORT": str(port), "http_proxy": "http://127.0.0.1:9"}
    return subprocess.run([sys.executable, *command[1:]], env=environment, capture_output=True, timeout=20).returncode == 0


def test_what_is_copied_is_there_and_not_ignored() -> None:
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines() if line.startswith("!")}
    copied = {part for line in re.findall(r"^COPY (?!--from)(.*)$", RECIPE, re.MULTILINE) for part in line.split()[:-1]}
    assert copied == allowed
    assert [part for part in copied if not (ROOT / part).exists()] == []


def test_it_copies_all_that_the_wheel_carries() -> None:
    included = re.findall(r'^"(\w+)" = "assistant/data/', (ROOT / "pyproject.toml").read_text(encoding="utf-8"), re.MULTILINE)
    assert included and [folder for folder in included if f"\nCOPY {folder} " not in RECIPE] == []


def test_it_does_not_run_as_root() -> None:
    assert last("USER") == "liveroom"
    assert RECIPE.index("\nUSER ") < RECIPE.index("\nENTRYPOINT ")


def test_no_secret_is_baked_in() -> None:
    assert "LIVEROOM_SECRET" not in last("ENV")


def test_the_health_check_tells_a_living_service_from_a_dead_one() -> None:
    app = FastAPI()
    app.add_api_route("/healthz", lambda: "ok")
    with serving(app) as url:
        port = int(url.rpartition(":")[2])
        assert healthy(port)
    assert not healthy(port)
