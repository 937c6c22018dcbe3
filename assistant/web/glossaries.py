"""Glossaries over HTTP: read, checked and replaced while the room runs; and the look-out for edits on the disk.

`PUT` with `If-Match` (the `ETag` of a `GET` before) is refused with 412 when somebody else was quicker; without it the last
one wins. What `liveroom glossary check` faults is answered with 400 and every line, and nothing is written.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Mapping
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from starlette.requests import ClientDisconnect

from assistant.errors import WireError
from assistant.glossary.edit import Desk, Outdated, Page, Refused
from assistant.glossary.layers import COMMON, Shelf
from assistant.glossary.read import MAX_BYTES, Problem
from assistant.partials import Meter
from assistant.room import Room
from assistant.web.api import admitted, refused

LOOK_SECONDS = 0.5
"""Between two looks at the folders; an edit takes effect at the second look after it."""
TOLD = 200
"""Problems an answer lists."""
HEADERS = {"Cache-Control": "no-store"}
_CSV = {"text/csv": {"schema": {"type": "string"}}}


def router(rooms: Mapping[str, Room], shelf: Shelf, markets: Collection[str], secret: str) -> APIRouter:
    """The routes; all need a host's, moderator's or admin's token of the room."""
    api = APIRouter(prefix="/api/rooms/{room}/glossaries", tags=["glossaries"])
    desk, names = Desk(shelf), (COMMON, *sorted(markets))

    def enter(request: Request, room: str, market: str) -> None:
        admitted(request, room, rooms, secret)
        if market not in names:
            raise WireError("unknown_target", f"no market {market[:40]}; there are {', '.join(names)}")

    @api.get("", summary="The glossaries, how many terms serve, and what is wrong with files that don't")
    async def listing(request: Request, room: str) -> JSONResponse:
        try:
            admitted(request, room, rooms, secret)
        except WireError as error:
            return refused(error)
        content = [{"market": name, "terms": len(shelf.terms(name)), "problems": _told(_problems(shelf, name))} for name in names]
        return JSONResponse({"glossaries": content, "version": shelf.version}, headers=HEADERS)

    @api.get("/{market}", summary="A glossary file", response_class=Response, responses={200: {"content": _CSV}})
    async def show(request: Request, room: str, market: str) -> Response:
        try:
            enter(request, room, market)
            page = await asyncio.to_thread(desk.read, market)
        except WireError as error:
            return refused(error)
        except OSError as error:
            return refused(WireError("internal", f"the file cannot be read: {error.strerror}"))
        if page is None:
            return refused(WireError("unknown_target", f"market {market} has no glossary yet; PUT makes one"))
        problems = _problems(shelf, market)
        headers = {**HEADERS, "ETag": _etag(page), "Liveroom-Problems": str(len(problems))}
        if problems:  # the file as it lies there, to be mended; what served before still serves
            headers["Liveroom-Problem"] = f"line {problems[0].line}: {problems[0].message}".encode("ascii", "backslashreplace").decode()[:1_000]
        if page.tag in _tags(request.headers.get("if-none-match", "")):
            return Response(status_code=304, headers=headers)
        return Response(page.content, headers=headers, media_type="text/csv; charset=utf-8")

    @api.put("/{market}", summary="Replace a glossary file", openapi_extra={"requestBody": {"required": True, "content": _CSV}})
    async def put(request: Request, room: str, market: str) -> Response:
        try:
            enter(request, room, market)
            page = await asyncio.to_thread(desk.write, market, await _body(request), lambda current: _agreed(request, current))
        except WireError as error:
            return refused(error)
        except Refused as error:
            first = error.problems[0]
            fault = {"code": "bad_message", "message": f"line {first.line}: {first.message}", "problems": _told(error.problems)}
            return JSONResponse({"error": fault}, 400, HEADERS)
        except Outdated:
            fault = {"code": "bad_message", "message": "somebody else has changed the file; GET it again and make the change there"}
            return JSONResponse({"error": fault}, 412, HEADERS)
        except OSError as error:
            return refused(WireError("internal", f"the file cannot be written: {error.strerror}"))
        content = {"market": market, "terms": len(shelf.terms(market)), "version": shelf.version}
        return JSONResponse(content, headers={**HEADERS, "ETag": _etag(page)})

    return api


async def watch(shelf: Shelf, meter: Meter) -> None:
    """Take up edits on the disk as they come, off the event loop; ends by being cancelled."""
    log = logging.getLogger("assistant.glossary")
    for faulty in shelf.faults:
        log.warning("glossary does not serve: %s", faulty)
    version = shelf.version
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        try:
            found = await asyncio.to_thread(shelf.refresh)
        except Exception as error:  # whatever it is, the next look may succeed, and the room goes on with what it has
            meter.failed(error)
            continue
        for faulty in found:
            log.warning("glossary does not serve, what served before goes on: %s", faulty)
        if shelf.version != version:
            version = shelf.version
            log.info("glossaries changed; now %s", ", ".join(f"{name} {len(shelf.terms(name))}" for name in shelf.names()))


async def _body(request: Request) -> bytes:
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > MAX_BYTES:
                raise WireError("too_large", f"a glossary has at most {MAX_BYTES} bytes")
    except ClientDisconnect:
        raise WireError("bad_message", "the body ended early") from None
    return bytes(body)


def _problems(shelf: Shelf, name: str) -> list[Problem]:
    return [problem for faulty in shelf.faults if faulty.path == shelf.path(name) for problem in faulty.problems]


def _told(problems: Collection[Problem]) -> list[dict[str, Any]]:
    return [{"line": problem.line, "message": problem.message} for problem in list(problems)[:TOLD]]


def _agreed(request: Request, page: Page | None) -> bool:
    """Whether the conditions of a PUT hold for the present content."""
    wanted, unwanted = request.headers.get("if-match"), request.headers.get("if-none-match")
    if wanted is not None and (page is None or not {"*", page.tag} & _tags(wanted)):
        return False
    return unwanted is None or page is None or not {"*", page.tag} & _tags(unwanted)


def _etag(page: Page) -> str:
    return f'"{page.tag}"'


def _tags(header: str) -> set[str]:
    """The tags of `If-Match` or `If-None-Match`; a proxy that compresses may have made ours weak."""
    return {each.strip().removeprefix("W/").strip('"') for each in header.split(",")[:20]}
