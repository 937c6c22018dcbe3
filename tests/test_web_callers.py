"""Who calls, read off a request."""

from __future__ import annotations

import pytest
from starlette.requests import Request

from assistant.web.callers import bearer, from_this_machine


def request(client: str | None = "127.0.0.1", **headers: str) -> Request:
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in {"host": "localhost:8765", **headers}.items() if value]
    return Request({"type": "http", "headers": raw, "client": (client, 5) if client else None})


@pytest.mark.parametrize(
    ("header", "token"),
    [("Bearer abc", "abc"), ("bearer  abc ", "abc"), ("Basic abc", ""), ("Bearer", ""), ("", ""), ("abc", "")],
)
def test_bearer(header: str, token: str) -> None:
    assert bearer(request(authorization=header)) == token


def test_a_program_on_this_machine() -> None:
    assert from_this_machine(request())
    assert from_this_machine(request("::1", host="[::1]:8765", origin="http://127.0.0.1:8765"))
    assert from_this_machine(request(origin="chrome-extension://abc"))


@pytest.mark.parametrize(
    "given",
    [
        {"client": "192.168.1.5"},
        {"client": None},
        {"host": "rebound.example"},
        {"host": ""},
        {"host": "[bad"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://[bad"},
        {"x_forwarded_for": "10.0.0.1"},
        {"forwarded": "for=10.0.0.1"},
    ],
)
def test_somebody_else(given: dict) -> None:
    assert not from_this_machine(request(**given))
