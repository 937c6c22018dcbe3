"""Logs: JSON or console lines, never a token, no viewer's text unless asked for."""

from __future__ import annotations

import asyncio
import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from time import time
from typing import Any

import pytest
import structlog
from fastapi import FastAPI, WebSocket
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError
from websockets.asyncio.client import connect

from assistant.errors import ModelError
from assistant.settings import Settings
from assistant.web.logs import configure, without_tokens
from assistant.web.tokens import issue
from tests.edge import fetch, serving

TOKEN = issue("a-secret-of-a-good-length-for-tests", "shop1", "viewer", 60, now=time())
SAID = "كم السعر؟"


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    """Put back what `configure` changes in the process."""
    root, names = logging.getLogger(), ("", "assistant", "uvicorn", "uvicorn.error", "uvicorn.access")
    handlers = list(root.handlers)
    levels = {name: (logging.getLogger(name).level, logging.getLogger(name).propagate) for name in names}
    yield
    root.handlers[:] = handlers
    for name, (level, propagate) in levels.items():
        logging.getLogger(name).setLevel(level)
        logging.getLogger(name).propagate = propagate
    structlog.reset_defaults()


def logged(**given: Any) -> io.StringIO:
    stream = io.StringIO()
    configure(Settings(**{"log_format": "json", **given}), stream)
    return stream


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_json_line_says_when_who_and_what() -> None:
    stream = logged()
    logging.getLogger("assistant.record").warning("slow disk: %d ms", 80)
    structlog.get_logger("assistant.room").info("stream started", room="shop1")
    first, second = lines(stream)
    assert (first["event"], first["level"], first["logger"]) == ("slow disk: 80 ms", "warning", "assistant.record")
    assert first["timestamp"].endswith("Z")
    assert (second["event"], second["room"], second["logger"]) == ("stream started", "shop1", "assistant.room")


def test_a_console_line() -> None:
    stream = logged(log_format="console")
    structlog.get_logger("assistant.room").info("stream started", room="shop1")
    try:
        raise ModelError("no self-test passed")
    except ModelError:
        logging.getLogger("assistant").exception("refused")
    text = stream.getvalue()
    assert "stream started" in text and "room=shop1" in text and "\x1b" not in text
    assert "assistant.errors.ModelError: no self-test passed" in text and "test_web_logs.py" in text


def test_levels() -> None:
    stream = logged(log_level="warning")
    logging.getLogger("assistant.x").info("quiet")
    assert stream.getvalue() == ""
    stream = logged(log_level="debug")
    logging.getLogger("assistant.x").debug("ours")
    logging.getLogger("websockets.server").debug("< TEXT '%s'", SAID)
    assert [line["event"] for line in lines(stream)] == ["ours"]


@pytest.mark.parametrize("log_text", [False, True])
def test_what_people_say_is_logged_only_when_asked_for(log_text: bool) -> None:
    stream = logged(log_text=log_text)
    structlog.get_logger("assistant.room").info("translated", text=SAID, lang="ar")
    (line,) = lines(stream)
    assert line["lang"] == "ar" and line["text"] == (SAID if log_text else "<9 characters>")


def faulty() -> None:
    try:
        TypeAdapter(int).validate_python(SAID)
    except ValidationError as error:
        try:
            raise KeyError(SAID) from error
        except KeyError as second:
            raise ExceptionGroup("several", [second, ModelError("checksum of model.bin")]) from second


@pytest.mark.parametrize("log_text", [False, True])
@pytest.mark.parametrize("log_format", ["json", "console"])
def test_exceptions_do_not_quote_people(log_text: bool, log_format: str) -> None:
    stream = logged(log_text=log_text, log_format=log_format)
    try:
        faulty()
    except ExceptionGroup:
        logging.getLogger("uvicorn.error").exception("Exception in ASGI application")
        structlog.get_logger("assistant.room").exception("broken")
    text = stream.getvalue()
    assert (SAID in text) is log_text
    for part in ("faulty", "KeyError", "ValidationError", "ExceptionGroup", "ModelError: checksum of model.bin", "which led to:"):
        assert part in text, part


async def test_asyncio_does_not_quote_people() -> None:
    stream = logged()

    async def fail() -> None:
        raise KeyError(SAID)

    loop = asyncio.get_running_loop()
    task = loop.create_task(fail())
    await asyncio.wait([task])
    loop.call_exception_handler({"message": "Task exception was never retrieved", "exception": task.exception(), "future": task})
    assert SAID not in stream.getvalue() and "KeyError" in stream.getvalue()


@pytest.mark.parametrize(
    "line",
    [
        f'"WebSocket /ws/rooms/shop1?token={TOKEN}&after=3" [accepted]',
        f"GET /translate?api_key={TOKEN}",
        f"{{'authorization': 'Bearer {TOKEN}'}}",
        f"Authorization: bearer {TOKEN}",
        f'{{"q":"hi","api_key":"{TOKEN}"}}',
        f"?next=%2Foverlay%3Ftoken%3D{TOKEN}",
        f"bare {TOKEN} token",
        f"cut {TOKEN[:40]}",
        "token=not-of-ours-but-a-secret",
        "LIVEROOM_SECRET is fine, secret=hunter2hunter2",
    ],
)
def test_tokens_are_taken_out(line: str) -> None:
    clean = without_tokens(line)
    assert TOKEN[:30] not in clean and "hunter2" not in clean and "not-of-ours" not in clean and "***" in clean


def test_the_rest_of_a_line_stays() -> None:
    assert without_tokens("/ws?token=abc&after=3 \"x\"") == "/ws?token=***&after=3 \"x\""
    for line in ("tokenizer loaded", "the token has expired; `liveroom token` makes a new one", "32 tokens/s", '{"event": "ready"}'):
        assert without_tokens(line) == line


@given(st.text(max_size=300))
def test_no_line_breaks_it(line: str) -> None:
    assert TOKEN not in without_tokens(f"{line} token={TOKEN} {line}")


@pytest.mark.parametrize("log_format", ["json", "console"])
async def test_a_server_logs_no_token(log_format: str, tmp_path: Path) -> None:
    """What uvicorn itself writes about sockets and requests, and about a handler that breaks."""
    stream = logged(log_level="debug", log_format=log_format)
    app = FastAPI()

    @app.websocket("/ws/rooms/{room}")
    async def live(socket: WebSocket, room: str) -> None:
        await socket.accept()
        raise ValueError(SAID)

    with serving(app, log_config=None, access_log=False, log_level=None) as url:
        async with connect(f"{url.replace('http', 'ws')}/ws/rooms/shop1?token={TOKEN}") as client:
            await client.wait_closed()
        await asyncio.to_thread(fetch, f"{url}/overlay/shop1?token={TOKEN}")
        await asyncio.to_thread(fetch, f"{url}/languages", Authorization=f"Bearer {TOKEN}")
    text = stream.getvalue()
    assert "token=***" in text and "[accepted]" in text, text
    assert "ValueError" in text and "\x1b" not in text and "\\u001b" not in text
    for secret in (TOKEN, TOKEN.split(".")[1], TOKEN.split(".")[2], SAID):
        assert secret not in text
