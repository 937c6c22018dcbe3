"""Every failure the room can name.

    LiveroomError
    ├── WireError            answered on the socket as {"type":"error","code":…}
    │   └── RecordingLost    the disk does not take the event
    ├── ModelError           a model that cannot serve (self-test, checksum, broken folder)
    ├── NoRoute              no installed model path between two languages
    ├── MissingExtra         an optional dependency is not installed
    └── InputFileError       a file the user gave is wrong; names file and line

The command line turns them into exit codes: 2 for `InputFileError`, 3 for `ModelError`, `NoRoute` and `MissingExtra`.
"""

from __future__ import annotations

from typing import Literal

Code = Literal[
    "bad_message",
    "too_large",
    "too_fast",
    "forbidden",
    "unknown_room",
    "unknown_segment",
    "unknown_target",
    "no_route",
    "overloaded",
    "recording_lost",
    "internal",
]
"""The codes of an `error` answer (contract, section 4)."""


class LiveroomError(Exception):
    """The root of the tree: what this project raises on purpose."""


class WireError(LiveroomError):
    """An input that cannot be taken; the connection lives on."""

    def __init__(self, code: Code, message: str) -> None:
        super().__init__(message)
        self.code: Code = code
        self.message = message


class RecordingLost(WireError):
    """The event could not be made durable (disk full, read-only, broken)."""

    def __init__(self, message: str) -> None:
        super().__init__("recording_lost", message)


class ModelError(LiveroomError):
    """A model folder that must not serve, with the reason."""


class NoRoute(LiveroomError):
    """No path of installed models leads from `source` to `target`."""

    def __init__(self, source: str, target: str, remedy: str) -> None:
        super().__init__(f"no installed model translates {source} to {target}; get one with: {remedy}")
        self.source = source
        self.target = target
        self.remedy = remedy


class MissingExtra(LiveroomError):
    """An optional dependency is not installed; `remedy` is the command that installs it."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(f"{what} is not installed; get it with: {remedy}")
        self.remedy = remedy


class InputFileError(LiveroomError):
    """A file of the user's is wrong: says which file, which line (1-based, 0 when unknown) and what."""

    def __init__(self, file: str, line: int, message: str) -> None:
        where = f"{file}:{line}" if line else file
        super().__init__(f"{where}: {message}")
        self.file = file
        self.line = line
