"""The service's settings: arguments over environment over a TOML file over defaults.

Every field can be given as `LIVEROOM_<NAME>` in the environment or as a key of the file named by `--config` or
`LIVEROOM_CONFIG`. A key the file has and this class has not is a fault: a misspelt limit must not pass in silence.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from assistant.errors import InputFileError
from assistant.events import Role

PREFIX = "LIVEROOM_"
CONFIG = PREFIX + "CONFIG"

Count = Annotated[int, Field(ge=1, le=10_000_000)]
Threads = Annotated[int, Field(ge=1, le=256)]
Rate = Annotated[float, Field(gt=0, le=1_000_000, allow_inf_nan=False)]


class Settings(BaseSettings):
    """What can be set; read it with `read_settings`."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, extra="forbid", frozen=True, use_attribute_docstrings=True
    )

    host: Annotated[str, Field(min_length=1, max_length=255)] = "127.0.0.1"
    """Address to listen on; anything but loopback needs `secret`."""

    port: Annotated[int, Field(ge=0, le=65_535)] = 8765
    """TCP port; 0 takes a free one."""

    data: Path = Path("liveroom-data")
    """Data folder: record, keys, overrides, pulled models."""

    secret: Annotated[SecretStr, Field(min_length=1, max_length=1_000)] | None = None
    """Key that signs tokens; unset and on loopback only, one is made in the data folder."""

    engine: Literal["ctranslate2", "transformers"] = "ctranslate2"
    """What runs the models; `transformers` needs the `marian` extra and is the GPU path."""

    engine_threads: Threads = 1
    """Processor threads per running batch."""

    workers: Threads = 2
    """Batches a model runs at once."""

    cache_entries: Count = 10_000
    """Finished translations kept, in sentences."""

    comment_queue: Count = 1_000
    """Comments that may wait for translation, in sentences; beyond it the oldest is delivered untranslated."""

    comment_batch_seconds: Annotated[float, Field(gt=0, le=10, allow_inf_nan=False)] = 0.03
    """Seconds a batch of comments should take while a host speaks, since a line that arrives meanwhile waits for it."""

    connector_rate: Rate = 2_000.0
    """Messages a second that a connector's (or an admin's) connection may send."""

    host_rate: Rate = 50.0
    """Messages a second that a host's connection may send."""

    moderator_rate: Rate = 20.0
    """Messages a second that a moderator's connection may send."""

    socket_buffer_bytes: Annotated[int, Field(ge=65_536, le=1 << 30)] = 1 << 20
    """Bytes a client may be behind before it is closed with 1013."""

    open_api: bool = False
    """LibreTranslate's calls need no token from this machine."""

    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """Least severity that is logged."""

    log_format: Literal["console", "json"] = "console"
    """Lines for people, or one JSON object a line."""

    log_text: bool = False
    """Whether what viewers and hosts say may stand in the log."""

    @property
    def rates(self) -> dict[Role, float]:
        """Messages a second per role."""
        return {
            "connector": self.connector_rate,
            "admin": self.connector_rate,
            "host": self.host_rate,
            "moderator": self.moderator_rate,
            "viewer": self.moderator_rate,
        }

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments over environment; `read_settings` brings the file in below both."""
        return init_settings, env_settings


def read_settings(config: Path | None = None, arguments: Mapping[str, Any] | None = None) -> Settings:
    """The settings in force; `config` names the file, an argument that is None was not given.

    Raises `InputFileError` naming the file and line, the variable or the option at fault.
    """
    given = {name: value for name, value in (arguments or {}).items() if value is not None}
    variables = {name.upper(): value for name, value in os.environ.items()}
    file = config or (Path(variables[CONFIG]) if variables.get(CONFIG) else None)
    text, data = _read(file) if file is not None else ("", {})
    for name in data:
        if name not in Settings.model_fields:
            raise InputFileError(str(file), _line_of(text, name), f"no such setting: {name}")
    from_file = {name: value for name, value in data.items() if name not in given and not variables.get(PREFIX + name.upper())}
    try:
        return Settings(**from_file, **given)
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        name = str(fault["loc"][0]) if fault["loc"] else ""
        if name in from_file:
            raise InputFileError(str(file), _line_of(text, name), f"{name}: {fault['msg']}") from None
        source = f"--{name.replace('_', '-')}" if name in given else PREFIX + name.upper()
        raise InputFileError(source, 0, fault["msg"]) from None


def _read(file: Path) -> tuple[str, Mapping[str, Any]]:
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputFileError(str(file), 0, str(error)) from None
    try:
        return text, tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"at line (\d+)", str(error))
        raise InputFileError(str(file), int(line[1]) if line else 0, str(error)) from None


def _line_of(text: str, key: str) -> int:
    """The line a top-level key or table stands on (1-based); 0 when a search does not find it."""
    pattern = re.compile(rf"""^\s*\[*\s*["']?{re.escape(key)}["']?\s*[=.\]]""")
    return next((number for number, line in enumerate(text.split("\n"), 1) if pattern.match(line)), 0)
