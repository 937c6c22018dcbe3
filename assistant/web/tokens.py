"""Tokens: who may do what in which room, until when; signed, never stored.

A token stands in the URL of an overlay, so it holds no more than it must: room, role, whether chat is included, expiry.
"""

from __future__ import annotations

import ipaddress
import os
import secrets
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import jwt
from pydantic import SecretStr

from assistant.errors import InputFileError, WireError
from assistant.events import Role

ALGORITHM = "HS256"
LONGEST = 2_048
"""Characters of a token that are looked at; ours have about 200."""
SHORTEST_SECRET = 16
"""Characters a secret needs where others can reach the service: a viewer's token lets its holder guess at it offline."""
_FILE = "secret"


@dataclass(frozen=True, slots=True)
class Grant:
    """What a valid token allows."""

    room: str
    role: Role
    chat: bool
    expires: int
    """Epoch seconds."""


def issue(secret: str, room: str, role: Role, ttl_seconds: float, *, now: float, chat: bool = False) -> str:
    """A token for `room` and `role` that is valid from `now` (epoch seconds) for `ttl_seconds`."""
    claims: dict[str, Any] = {"room": room, "role": role, "exp": int(now + ttl_seconds)}
    if chat:
        claims["chat"] = True
    return jwt.encode(claims, _key(secret), algorithm=ALGORITHM)


def verify(token: str, secret: str, now: float) -> Grant:
    """What `token` allows at `now` (epoch seconds); raises `WireError` `forbidden` with a sentence.

    Whether the grant's room is the one asked for is the caller's to check.
    """
    if not token:
        raise WireError("forbidden", "a token is needed")
    if len(token) > LONGEST:
        raise WireError("forbidden", "this is not a token")
    options: Any = {"verify_exp": False, "verify_iat": False, "verify_nbf": False, "verify_aud": False, "verify_iss": False}
    try:
        claims = jwt.decode(token, _key(secret), algorithms=[ALGORITHM], options=options)
    except jwt.InvalidSignatureError:
        raise WireError("forbidden", "the token was not signed with this service's secret") from None
    except (jwt.InvalidTokenError, ValueError, RecursionError):
        raise WireError("forbidden", "this is not a token") from None
    room, role, chat, expires = claims.get("room"), claims.get("role"), claims.get("chat", False), claims.get("exp")
    well_formed = isinstance(room, str) and room and role in get_args(Role) and isinstance(chat, bool)
    if not well_formed or not isinstance(expires, int) or isinstance(expires, bool):
        raise WireError("forbidden", "the token does not say room, role and expiry")
    if expires <= now:
        raise WireError("forbidden", "the token has expired; `liveroom token` makes a new one")
    return Grant(room, role, chat, expires)


def loopback(host: str) -> bool:
    """Whether an address can be reached from this machine only; a name other than localhost counts as reachable."""
    name = host.strip().strip("[]").lower().rstrip(".")
    if name == "localhost":
        return True
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback


def secret_for(given: SecretStr | str | None, data: Path, host: str) -> str:
    """The secret that signs tokens: the one given, else on loopback only the one kept in the data folder (made once).

    Raises `InputFileError` with what to set.
    """
    value = given.get_secret_value() if isinstance(given, SecretStr) else given
    if value:
        if not loopback(host) and len(value) < SHORTEST_SECRET:
            raise InputFileError("LIVEROOM_SECRET", 0, f"needs at least {SHORTEST_SECRET} characters to listen on {host}")
        return value
    if not loopback(host):
        raise InputFileError("LIVEROOM_SECRET", 0, f"must be set to listen on {host}: a long random text that signs the tokens")
    return _kept(data)


def _kept(data: Path) -> str:
    file = data / _FILE
    data.mkdir(parents=True, exist_ok=True)
    try:
        # O_EXCL lets exactly one of several processes make it; the mode is ignored where the system knows none.
        handle = os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        pass
    else:
        with os.fdopen(handle, "w", encoding="ascii") as stream:
            stream.write(secrets.token_urlsafe(32))
    for _ in range(20):  # the process that makes it may not have written yet
        value = file.read_text(encoding="utf-8").strip()
        if value:
            return value
        time.sleep(0.05)
    raise InputFileError(str(file), 0, "is empty; delete it, and a new secret is made (old tokens end)")


def _key(secret: str) -> bytes:
    # HMAC itself fills a key up with zeros to 64 bytes, so this changes no signature; PyJWT warns below 32 bytes, and
    # `secret_for` has already decided what is too short where.
    return secret.encode().ljust(32, b"\0")
