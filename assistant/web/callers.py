"""Who calls: the bearer token of an HTTP request, and whether it comes from this machine."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.requests import Request

from assistant.web.tokens import loopback


def bearer(request: Request) -> str:
    """The token of `Authorization: Bearer …`; "" when there is none."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def from_this_machine(request: Request) -> bool:
    """Whether a program on this machine calls on its own behalf.

    A loopback address alone does not say so: a reverse proxy forwards strangers, a name that is rebound to 127.0.0.1 and a
    foreign web page in a browser here do it too. Their requests give themselves away by `Forwarded`, `Host` and `Origin`; a
    proxy must therefore say for whom it asks (`X-Forwarded-For`) or pass the `Host` on.
    """
    headers = request.headers
    if request.client is None or not loopback(request.client.host):
        return False
    if "forwarded" in headers or "x-forwarded-for" in headers:
        return False
    if not _local_name(f"//{headers.get('host', '')}"):
        return False
    origin = headers.get("origin", "")
    return not origin.startswith(("http:", "https:", "null")) or _local_name(origin)


def _local_name(url: str) -> bool:
    try:
        return loopback(urlsplit(url).hostname or "")
    except ValueError:
        return False
