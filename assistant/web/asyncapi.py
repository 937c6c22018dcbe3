"""`/asyncapi.json`: the socket described for machines, generated from `events`."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import TypeAdapter

from assistant import __version__
from assistant.events import ClientMessage, ServerEvent


def document() -> dict[str, Any]:
    """An AsyncAPI 3.0 document with both unions as JSON Schema."""
    schemas: dict[str, Any] = {}
    for name, union in (("ClientMessage", ClientMessage), ("ServerEvent", ServerEvent)):
        schema = TypeAdapter(union).json_schema(ref_template="#/components/schemas/{model}")
        schemas |= schema.pop("$defs", {})
        schemas[name] = schema
    messages = {name: {"name": name, "payload": {"$ref": f"#/components/schemas/{name}"}} for name in ("ClientMessage", "ServerEvent")}
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "liveroom", "version": __version__, "description": "One WebSocket per client; JSON text frames of at most 32 KiB."},
        "channels": {
            "room": {
                "address": "/ws/rooms/{room}",
                "parameters": {"room": {"description": "The room's id. Query: token, streams, lang, after, stability, partials=1 (partial speech too)."}},
                "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in messages},
            }
        },
        "operations": {
            "send": {"action": "receive", "channel": {"$ref": "#/channels/room"}, "messages": [{"$ref": "#/channels/room/messages/ClientMessage"}]},
            "receive": {"action": "send", "channel": {"$ref": "#/channels/room"}, "messages": [{"$ref": "#/channels/room/messages/ServerEvent"}]},
        },
        "components": {"messages": messages, "schemas": schemas},
    }


def router() -> APIRouter:
    """The one route."""
    routes = APIRouter()
    content = document()

    @routes.get("/asyncapi.json")
    def asyncapi() -> dict[str, Any]:
        return content

    return routes
