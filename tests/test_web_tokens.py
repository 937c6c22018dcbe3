"""Tokens: what is signed comes back, everything else is refused with a sentence; the kept secret."""

from __future__ import annotations

import base64
import json
import os
import threading
from pathlib import Path

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from assistant.errors import InputFileError, WireError
from assistant.web.tokens import Grant, issue, loopback, secret_for, verify

SECRET = "a-secret-of-a-good-length-for-tests"
NOW = 1_800_000_000


def refusal(token: str, secret: str = SECRET, now: float = NOW) -> str:
    with pytest.raises(WireError) as error:
        verify(token, secret, now)
    assert error.value.code == "forbidden"
    return error.value.message


def test_what_is_issued_is_granted() -> None:
    token = issue(SECRET, "shop1", "viewer", 60, now=NOW, chat=True)
    assert verify(token, SECRET, NOW) == Grant("shop1", "viewer", True, NOW + 60)
    assert verify(issue(SECRET, "shop1", "host", 60, now=NOW), SECRET, NOW + 59.9).chat is False


def test_a_token_ends() -> None:
    token = issue(SECRET, "shop1", "host", 60, now=NOW)
    assert "expired" in refusal(token, now=NOW + 60)


def test_another_secret_is_refused() -> None:
    assert "secret" in refusal(issue("another-secret-that-is-long-enough", "shop1", "admin", 60, now=NOW))


def test_a_changed_role_is_refused() -> None:
    head, body, signature = issue(SECRET, "shop1", "viewer", 60, now=NOW).split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    forged = base64.urlsafe_b64encode(json.dumps({**claims, "role": "admin"}).encode()).rstrip(b"=").decode()
    refusal(f"{head}.{forged}.{signature}")


def test_unsigned_and_otherwise_signed_tokens_are_refused() -> None:
    claims = {"room": "shop1", "role": "admin", "exp": NOW + 60}
    refusal(jwt.encode(claims, None, algorithm="none"))
    refusal(jwt.encode(claims, SECRET.ljust(64, "x"), algorithm="HS512"), SECRET.ljust(64, "x"))


@pytest.mark.parametrize(
    "claims",
    [
        {"role": "admin", "exp": NOW + 60},
        {"room": "", "role": "admin", "exp": NOW + 60},
        {"room": "shop1", "role": "root", "exp": NOW + 60},
        {"room": "shop1", "role": ["admin"], "exp": NOW + 60},
        {"room": "shop1", "role": "admin"},
        {"room": "shop1", "role": "admin", "exp": True},
        {"room": "shop1", "role": "viewer", "chat": "yes", "exp": NOW + 60},
    ],
)
def test_a_token_must_say_everything(claims: dict) -> None:
    assert "room, role and expiry" in refusal(jwt.encode(claims, SECRET, algorithm="HS256"))


@given(st.text(max_size=200) | st.binary(max_size=200).map(lambda data: base64.urlsafe_b64encode(data).decode() + ".e30.x"))
def test_no_text_breaks_it(text: str) -> None:
    refusal(text)


def test_deeply_nested_and_huge_tokens_are_refused() -> None:
    nested = base64.urlsafe_b64encode(b"[" * 1400).decode()
    refusal(f"{nested}.e30.x")
    refusal("eyJ" + "x" * 1_000_000)


def test_a_short_secret_signs_as_itself() -> None:
    """Other programs may sign with LIVEROOM_SECRET; filling the key up must not change the signature."""
    token = issue("short", "shop1", "host", 60, now=NOW)
    assert jwt.decode(token, b"short".ljust(64, b"\0"), algorithms=["HS256"], options={"verify_exp": False})["room"] == "shop1"
    assert verify(token, "short", NOW).room == "shop1"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "LOCALHOST", "::1", "[::1]", "127.8.9.1", "::ffff:127.0.0.1"])
def test_loopback(host: str) -> None:
    assert loopback(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.4", "example.org", "", "127.0.0.1.example.org", "localhost.example.org"])
def test_not_loopback(host: str) -> None:
    assert not loopback(host)


def test_the_given_secret_wins(tmp_path: Path) -> None:
    assert secret_for(SecretStr(SECRET), tmp_path, "0.0.0.0") == SECRET
    assert secret_for("x", tmp_path, "127.0.0.1") == "x"
    assert not list(tmp_path.iterdir())


def test_elsewhere_a_secret_must_be_set_and_long(tmp_path: Path) -> None:
    with pytest.raises(InputFileError, match="LIVEROOM_SECRET: must be set"):
        secret_for(None, tmp_path, "0.0.0.0")
    with pytest.raises(InputFileError, match="LIVEROOM_SECRET: needs at least 16"):
        secret_for("short", tmp_path, "0.0.0.0")


def test_on_loopback_one_secret_is_made_and_kept(tmp_path: Path) -> None:
    data = tmp_path / "new" / "data"
    made = secret_for(None, data, "127.0.0.1")
    assert len(made) >= 40 and secret_for(None, data, "localhost") == made
    if os.name == "posix":
        assert (data / "secret").stat().st_mode & 0o777 == 0o600


def test_several_at_once_agree_on_one_secret(tmp_path: Path) -> None:
    found: list[str] = []
    threads = [threading.Thread(target=lambda: found.append(secret_for(None, tmp_path, "127.0.0.1"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8 and len(set(found)) == 1


def test_an_empty_secret_file_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    (tmp_path / "secret").write_text("\n")
    with pytest.raises(InputFileError, match="delete it"):
        secret_for(None, tmp_path, "127.0.0.1")
