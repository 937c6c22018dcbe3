"""Settings: what wins over what, and faults that name their place."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.errors import InputFileError
from assistant.settings import PREFIX, Settings, read_settings


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    for name in os.environ:
        if name.upper().startswith(PREFIX):
            monkeypatch.delenv(name)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "liveroom.toml"
    path.write_text('host = "::1"\nport = 1111\nworkers = 3\n', encoding="utf-8")
    return path


def test_the_contracts_defaults() -> None:
    settings = read_settings()
    assert (settings.host, settings.port, settings.data) == ("127.0.0.1", 8765, Path("liveroom-data"))
    assert (settings.rates["connector"], settings.rates["host"], settings.rates["moderator"]) == (2000, 50, 20)
    assert settings.secret is None and not settings.open_api and not settings.log_text


def test_arguments_over_environment_over_file_over_defaults(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIVEROOM_PORT", "2222")
    monkeypatch.setenv("LIVEROOM_WORKERS", "4")
    settings = read_settings(file, {"workers": 5, "port": None})
    assert (settings.host, settings.port, settings.workers, settings.engine_threads) == ("::1", 2222, 5, 1)


def test_the_file_may_be_named_by_the_environment(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIVEROOM_CONFIG", str(file))
    assert read_settings().port == 1111


def test_an_empty_variable_counts_as_unset(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIVEROOM_SECRET", "")
    monkeypatch.setenv("LIVEROOM_PORT", "")
    settings = read_settings(file)
    assert settings.secret is None and settings.port == 1111


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('host = "::1"\nprot = 1\n', r"liveroom\.toml:2: no such setting: prot"),
        ("\n[server]\nport = 1\n", r"liveroom\.toml:2: no such setting: server"),
        ('\n\nport = "many"\n', r"liveroom\.toml:3: port: .*integer"),
        ("workers = 0\n", r"liveroom\.toml:1: workers: .*greater"),
        ("port = 1\nport = 2\n", r"liveroom\.toml:2: "),
        ("comment_batch_seconds = nan\n", r"liveroom\.toml:1: comment_batch_seconds: "),
    ],
)
def test_a_fault_in_the_file_names_its_line(tmp_path: Path, text: str, fault: str) -> None:
    path = tmp_path / "liveroom.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputFileError, match=fault):
        read_settings(path)


def test_other_faults_name_the_variable_the_option_or_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputFileError, match=r"^--socket-buffer-bytes: "):
        read_settings(None, {"socket_buffer_bytes": 1})
    with pytest.raises(InputFileError, match=r"missing\.toml: "):
        read_settings(tmp_path / "missing.toml")
    (tmp_path / "bytes.toml").write_bytes(b"host = '\xff'")
    with pytest.raises(InputFileError, match=r"bytes\.toml: "):
        read_settings(tmp_path / "bytes.toml")
    monkeypatch.setenv("LIVEROOM_LOG_LEVEL", "loud")
    with pytest.raises(InputFileError, match=r"^LIVEROOM_LOG_LEVEL: "):
        read_settings()


def test_the_secret_does_not_print_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIVEROOM_SECRET", "correct-horse-battery")
    settings = read_settings()
    assert settings.secret is not None and settings.secret.get_secret_value() == "correct-horse-battery"
    assert "horse" not in repr(settings) and "horse" not in str(settings.model_dump())


def test_every_field_says_what_it_is() -> None:
    assert [name for name, info in Settings.model_fields.items() if not info.description] == []
