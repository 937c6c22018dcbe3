"""`/api`: a room and its record over HTTP, for programs that do not keep a socket open."""

from __future__ import annotations

import json
from collections.abc import Mapping
from time import time
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse

from assistant.errors import WireError
from assistant.events import recorded
from assistant.record import Record
from assistant.room import Room
from assistant.web.callers import bearer
from assistant.web.tokens import verify

STAFF = frozenset({"host", "moderator", "admin"})
STATUS = {"bad_message": 400, "forbidden": 403, "unknown_room": 404, "unknown_target": 404, "too_large": 413}


def admitted(request: Request, room_id: str, rooms: Mapping[str, Room], secret: str) -> Room:
    """The room a host's, moderator's or admin's bearer token opens; raises `WireError`."""
    grant = verify(bearer(request), secret, time())
    if grant.room != room_id or grant.role not in STAFF:
        raise WireError("forbidden", "a host's, moderator's or admin's token of this room is needed")
    if room_id not in rooms:
        raise WireError("unknown_room", f"no room {room_id} is served here")
    return rooms[room_id]


def refused(error: WireError) -> JSONResponse:
    """An error as an answer."""
    return JSONResponse({"error": {"code": error.code, "message": error.message}}, STATUS.get(error.code, 503), {"Cache-Control": "no-store"})


def router(rooms: Mapping[str, Room], record: Record, secret: str) -> APIRouter:
    """The routes; all need `Authorization: Bearer` with a host's, moderator's or admin's token of the room."""
    api = APIRouter(prefix="/api", tags=["rooms"])

    @api.get("/rooms/{room}", summary="The room as served, and how far its record goes")
    async def show(request: Request, room: str) -> JSONResponse:
        try:
            found = admitted(request, room, rooms, secret)
        except WireError as error:
            return refused(error)
        on_table, stock = found.understanding.shelf()
        content: dict[str, Any] = {
            **found.file.model_dump(mode="json", by_alias=True),
            "subtitle_languages": list(found.languages),
            "moderator_language": found.file.moderators,
            "seq": record.last_seq(room),
            "on_table": on_table,
            "stock_left": stock,
        }
        return JSONResponse(content, headers={"Cache-Control": "no-store"})

    @api.get("/rooms/{room}/events", summary="Recorded events after a number, in order")
    async def events(
        request: Request, room: str, after: Annotated[int, Query(ge=0)] = 0, limit: Annotated[int, Query(ge=1, le=1_000)] = 100
    ) -> JSONResponse:
        try:
            admitted(request, room, rooms, secret)
            rows = await record.after(room, after, limit)
        except WireError as error:
            return refused(error)
        return JSONResponse(
            {"events": [json.loads(recorded(row.type, row.seq, row.at, row.body)) for row in rows], "seq": record.last_seq(room)},
            headers={"Cache-Control": "no-store"},
        )

    return api
