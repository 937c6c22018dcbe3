"""A real uvicorn server on a free port for the tests of the HTTP edge, and plain requests to it."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib import error, request

import uvicorn
from fastapi import FastAPI


@contextlib.contextmanager
def serving(app: FastAPI, **options: Any) -> Iterator[str]:
    """Serve `app` in a thread; gives its URL without a slash at the end."""
    server = uvicorn.Server(
        uvicorn.Config(app, host="127.0.0.1", port=0, **{"log_level": "error", "lifespan": "off", "ws": "websockets-sansio", **options})
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        deadline = time.monotonic() + 10
        while not server.started:
            assert thread.is_alive() and time.monotonic() < deadline, "the server did not start"
            time.sleep(0.005)
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def fetch(url: str, data: bytes | None = None, method: str | None = None, **headers: str) -> Reply:
    """One request; an error status is an answer too. Underscores in header names stand for hyphens."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        with request.urlopen(request.Request(url, data, sent, method=method), timeout=10) as answer:
            return Reply(answer.status, dict(answer.headers.items()), answer.read())
    except error.HTTPError as refusal:
        with refusal:
            return Reply(refusal.code, dict(refusal.headers.items()), refusal.read())


def post(url: str, content: Any, **headers: str) -> Reply:
    """POST JSON."""
    return fetch(url, json.dumps(content).encode(), Content_Type="application/json", **headers)
