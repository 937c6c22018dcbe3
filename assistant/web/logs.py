"""What is logged and how: one line per event for people or as JSON, without what viewers and hosts say, never with a token.

Rules:
- A token may stand in a URL, so uvicorn's lines about a socket hold it; every finished line is searched for tokens, whoever
  wrote it.
- Fields that hold people's words or names are replaced by their length, and messages of exceptions are left out unless the
  kind of exception cannot quote input. `log_text` lifts both.
- Libraries are kept at `info` (their debug lines quote frames), and nothing prints local variables.
"""

from __future__ import annotations

import logging
import re
import sqlite3
import sys
import traceback
from typing import TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from assistant.errors import LiveroomError
from assistant.settings import Settings

WORDS = frozenset({"text", "name", "source_text", "translation", "comment", "frame", "body", "q", "sentence"})
"""Fields that may quote a person."""
_QUIET = (LiveroomError, OSError, ImportError, AttributeError, TypeError, MemoryError, RuntimeError, sqlite3.Error)
"""Exceptions whose message never quotes what came over the wire."""
_TOKEN = re.compile(
    r"eyJ[\w-]{2,}(?:\.[\w-]*){0,2}"
    r"|(?i:\b(token|api_key|secret|password)(=|%3D|[\"']?:\s*[\"']?))[^\s&\"',;)}\]]+"
    r"|(?i:\b(bearer)(\s+|%20))[^\s\"',;]+"
)


def configure(settings: Settings, stream: TextIO | None = None) -> None:
    """Send all logging of the process to `stream` (default standard error) as the settings say; may be called again."""
    level = settings.log_level.upper()
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    hide: list[Processor] = [] if settings.log_text else [_without_words]
    target = stream or sys.stderr
    render: list[Processor] = (
        [structlog.processors.JSONRenderer(ensure_ascii=False)]
        if settings.log_format == "json"
        else [structlog.dev.ConsoleRenderer(colors=_colours(target), exception_formatter=structlog.dev.plain_traceback)]
    )
    handler = logging.StreamHandler(target)
    handler.setFormatter(
        _Formatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta, _without_colours, _Exceptions(settings.log_text), *hide, *render
            ],
        )
    )  # fmt: skip
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level if settings.log_text else max(logging.INFO, logging.getLevelName(level)))
    logging.getLogger("assistant").setLevel(level)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logger = logging.getLogger(name)
        logger.handlers[:] = []
        logger.propagate = name != "uvicorn.access"
        logger.setLevel(logging.NOTSET)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )


def without_tokens(line: str) -> str:
    """The line with every token, key and secret replaced by `***`."""
    return _TOKEN.sub(lambda match: "".join(part or "" for part in match.groups()) + "***", line)


class _Formatter(structlog.stdlib.ProcessorFormatter):
    """The last to touch a line."""

    def format(self, record: logging.LogRecord) -> str:
        return without_tokens(super().format(record))


def _without_colours(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Leave out uvicorn's second, coloured form of its message."""
    event.pop("color_message", None)
    return event


def _without_words(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    for key in WORDS & event.keys():
        value = event[key]
        event[key] = f"<{len(value)} characters>" if isinstance(value, str) else f"<{type(value).__name__}>"
    if event.get("logger") == "asyncio":
        # The lines after the first show the task and its exception as they print themselves.
        event["event"] = str(event["event"]).split("\n", 1)[0]
    return event


class _Exceptions:
    """Renders `exc_info` as text under `exception`."""

    def __init__(self, messages: bool) -> None:
        self._messages = messages

    def __call__(self, _logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        found = event.pop("exc_info", None)
        if found is True:
            found = sys.exc_info()
        error = found[1] if isinstance(found, tuple) else found
        if isinstance(error, BaseException):
            event["exception"] = "\n".join(self._lines(error, set()))
        return event

    def _lines(self, error: BaseException, seen: set[int]) -> list[str]:
        seen.add(id(error))
        lines: list[str] = []
        before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        if before is not None and id(before) not in seen:
            lines += [*self._lines(before, seen), "which led to:"]
        lines += [line.rstrip("\n") for line in traceback.format_tb(error.__traceback__)]
        kind = f"{type(error).__module__}.{type(error).__qualname__}".removeprefix("builtins.")
        lines.append(f"{kind}: {error}" if self._messages or isinstance(error, _QUIET) else kind)
        if isinstance(error, BaseExceptionGroup):
            for inner in error.exceptions:
                lines += ["  " + line for part in self._lines(inner, seen) for line in part.split("\n")]
        return lines


def _colours(stream: TextIO) -> bool:
    return sys.platform != "win32" and stream.isatty()


