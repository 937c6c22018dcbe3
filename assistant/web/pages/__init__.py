"""The pages a browser or OBS opens: read once from the package, served with headers that let them run nothing foreign.

A page's URL holds its token, so no page sends a referrer or is kept by a cache, and scripts and styles come from files only.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from importlib.resources import files

from fastapi import APIRouter, Request, Response

PAGES = ("overlay", "prompter", "moderator")
_KINDS = {"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8", "svg": "image/svg+xml"}
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src {styles}; connect-src 'self'; img-src 'self' data:; font-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors {frames}"
)
POLICIES = {
    # OBS puts the streamer's custom CSS into the page as a <style> element; the contract lets it reach the lines. An overlay
    # may also stand in a page of the streamer's that composes several.
    "overlay": _POLICY.format(styles="'self' 'unsafe-inline'", frames="*"),
    "prompter": _POLICY.format(styles="'self'", frames="'none'"),
    "moderator": _POLICY.format(styles="'self'", frames="'none'"),
}
_STYLESHEET = re.compile(r"(https?://[A-Za-z0-9.-]{1,253}(?::\d{1,5})?/[A-Za-z0-9._~/%-]{0,500})(?:\?.*)?", re.S)
"""The address of an overlay's own stylesheet (`css=`): the group is what a policy may name, without what would end it."""
_SAFE = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}


@dataclass(frozen=True, slots=True)
class _File:
    content: bytes
    kind: str
    tag: str


def router() -> APIRouter:
    """`/overlay/{room}`, `/prompter/{room}`, `/moderator/{room}` and the files they load, under `/pages/`."""
    folder = files(__name__)
    html = {name: (folder / f"{name}.html").read_bytes() for name in PAGES}
    parts: dict[str, _File] = {}
    for entry in folder.iterdir():
        kind = _KINDS.get(entry.name.rpartition(".")[2])
        if kind is not None:
            content = entry.read_bytes()
            parts[entry.name] = _File(content, kind, f'"{hashlib.sha256(content).hexdigest()[:16]}"')
    api = APIRouter(include_in_schema=False)

    def add(name: str) -> None:
        async def page(room: str, request: Request) -> Response:
            policy = POLICIES[name]
            if name == "overlay" and (sheet := _STYLESHEET.fullmatch(request.query_params.get("css", ""))):
                policy = policy.replace("'unsafe-inline'", f"'unsafe-inline' {sheet[1]}")
            headers = {**_SAFE, "Cache-Control": "no-store", "Content-Security-Policy": policy}
            return Response(html[name], media_type="text/html; charset=utf-8", headers=headers)

        api.add_api_route(f"/{name}/{{room}}", page, methods=["GET", "HEAD"])

    async def part(name: str, request: Request) -> Response:
        found = parts.get(name)
        if found is None:
            return Response("not found", 404, _SAFE, media_type="text/plain")
        headers = {**_SAFE, "Cache-Control": "no-cache", "ETag": found.tag}
        if request.headers.get("if-none-match") == found.tag:
            return Response(status_code=304, headers=headers)
        return Response(found.content, media_type=found.kind, headers=headers)

    for name in PAGES:
        add(name)
    api.add_api_route("/pages/{name}", part, methods=["GET", "HEAD"])
    return api
