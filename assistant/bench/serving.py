"""The service under measurement: a process of its own, on a free port of this machine, with a real record.

The shipped model is served by `liveroom serve` itself. A random one would never pass the self-test, so this module is then
the process: the same application and server, with the forced engine put in.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import time
from urllib.parse import urlencode
from urllib.request import urlopen

from assistant.bench.subject import Subject
from assistant.bench.texts import LANGUAGES, Said
from assistant.bench.wire import masked
from assistant.errors import LiveroomError
from assistant.events import Role
from assistant.roomfile import read_room
from assistant.web.tokens import issue

ROOM = "bench"
START_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Service:
    """A running service."""

    url: str
    secret: str
    pid: int
    room: str = ROOM

    def socket(self, role: Role, **query: str) -> str:
        """The address of a live socket for a role."""
        fields = {"token": issue(self.secret, self.room, role, 86_400, now=time()), **query}
        return f"{self.url.replace('http', 'ws', 1)}/ws/rooms/{self.room}?{urlencode(fields)}"

    def metrics(self) -> dict[str, float]:
        """What `/metrics` says now: sample with its labels to value."""
        with urlopen(f"{self.url}/metrics", timeout=30) as answer:
            lines = answer.read().decode().splitlines()
        return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines if not line.startswith("#"))}


@contextmanager
def serving(
    subject: Subject, *, languages: Sequence[str] = LANGUAGES, room: Path | None = None, stamped: bool = False, **settings: object
) -> Iterator[Service]:
    """Serve until the block ends. `settings` are those of `assistant.settings`; `stamped` frames carry their time."""
    with tempfile.TemporaryDirectory(prefix="liveroom-bench-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        if room is None:
            room = folder / "ROOM.toml"
            room.write_text(
                f'id = "{ROOM}"\nhost_language = "zh"\nmarkets = ["middle_east", "japan", "southeast_asia"]\n'
                f"subtitle_languages = {json.dumps(list(languages))}\n",
                encoding="utf-8",
            )
        secret = os.urandom(16).hex()
        given = {"secret": secret, "data": folder / "data", "log_level": "warning", "connector_rate": 1_000_000, "host_rate": 10_000, **settings}
        environment = _without_settings(os.environ) | {f"LIVEROOM_{key.upper()}": str(value) for key, value in given.items()}
        command = [sys.executable, "-m"]
        if subject.forced:
            command += ["assistant.bench.serving", subject.name, str(subject.folder), str(room), "stamped" if stamped else ""]
        else:
            command += ["assistant", "serve", "--room", str(room), "--port", "0"]
        with (folder / "stderr").open("w+b") as errors:
            process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, stdin=subprocess.DEVNULL, env=environment)
            try:
                yield Service(_ready(process, folder / "stderr"), secret, process.pid, read_room(room).id)
            finally:
                process.terminate()
                try:
                    process.wait(20)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
                assert process.stdout is not None
                process.stdout.close()


def _without_settings(environment: Mapping[str, str]) -> dict[str, str]:
    """The user's own settings must not change what is measured."""
    return {name: value for name, value in environment.items() if not name.upper().startswith("LIVEROOM_")}


def _ready(process: subprocess.Popen[bytes], errors: Path) -> str:
    """The URL of the line `ready URL`; raises `LiveroomError` with what the process said instead."""
    timer = threading.Timer(START_SECONDS, process.kill)
    timer.start()
    try:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith(b"ready "):
                return line.decode().split()[1]
    finally:
        timer.cancel()
    process.wait()
    raise LiveroomError(f"the service under measurement did not start: {errors.read_text(encoding='utf-8', errors='replace')[-2000:]}")


def comment_frames(said: Sequence[Said], prefix: str) -> list[bytes]:
    """Ready frames of comments, each of a viewer of its own; `prefix` keeps ids of different loads apart."""
    frames = []
    for index, item in enumerate(said):
        user = {"id": f"{prefix}u{index}", "name": "viewer"}
        comment = {"type": "comment", "id": f"{prefix}{index}", "user": user, "text": item.text, "platform": "bench"}
        frames.append(masked(json.dumps(comment, ensure_ascii=False).encode()))
    return frames


def main(name: str, model: str, room: str, stamped: str) -> None:
    """Serve one model without its self-test; settings come from the environment."""
    from assistant.bench.subject import engine_of
    from assistant.models.folder import ModelFolder
    from assistant.settings import read_settings
    from assistant.web import app as service
    from assistant.web.logs import configure
    from assistant.web.server import server

    settings = read_settings()
    configure(settings)
    if stamped:
        from assistant.bench.stamp import StampedHub

        service.Hub = StampedHub  # type: ignore[misc]
    folder = ModelFolder.read(Path(model))
    engine = engine_of(Subject(name, Path(model), forced=True), settings.engine_threads, settings.workers)
    app = service.create_app(settings, [read_room(Path(room))], {folder.name: engine}, [folder.routing()])
    asyncio.run(server(settings, app, lambda url: print(f"ready {url}", flush=True), 0).serve())


if __name__ == "__main__":
    main(*sys.argv[1:])
