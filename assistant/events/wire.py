"""Messages from and to JSON: parsing what clients send, framing what the room publishes."""

from __future__ import annotations

import json
from typing import Any, get_args

from pydantic import TypeAdapter, ValidationError

from assistant.errors import WireError
from assistant.events.inputs import MAX_TEXT, ClientMessage, Input
from assistant.events.outputs import CorrectEvent, Erased, Event, Message, ServerEvent

_client = TypeAdapter(ClientMessage)
_server = TypeAdapter(ServerEvent)


def names(union: Any) -> tuple[str, ...]:
    """The `type` names of a union, in its order, derived so that no list is kept by hand."""
    return tuple(cls.model_fields["type"].default for cls in get_args(get_args(union)[0]))


def parse(frame: str | bytes) -> ClientMessage:
    """One JSON text frame as a message; raises `WireError` (`bad_message`, `too_large`) that names the first fault."""
    try:
        return _client.validate_json(frame)
    except ValidationError as error:
        raise wire_error(error) from None


def wire_error(error: ValidationError) -> WireError:
    """The contract's code and a sentence for a message that does not validate."""
    fault = error.errors(include_url=False, include_input=False)[0]
    where = ".".join(str(part) for part in fault["loc"][1:]) or "message"
    if fault["type"] == "string_too_long" and fault["loc"][-1] == "text":
        return WireError("too_large", f"{where}: more than {MAX_TEXT} characters")
    return WireError("bad_message", f"{where}: {fault['msg']}")


def ref_of(frame: str | bytes) -> str | None:
    """The `ref` of a frame that did not validate, so that its error can still be matched; None when there is none."""
    try:
        ref = json.loads(frame)["ref"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    return ref if isinstance(ref, str) and len(ref) <= 200 else None


def dump(event: Message) -> str:
    """The event as one line of JSON, `type` first."""
    if isinstance(event, Event):
        return frame(event.type, event.seq, event.at, body(event))
    data = event.model_dump(mode="json")
    return json.dumps({"type": data.pop("type"), **data}, ensure_ascii=False, separators=(",", ":"))


def ack(ref: str | None, seq: int | None) -> str:
    """An `Ack` as `dump` writes it, without building one first: the commonest of all answers."""
    named = "" if ref is None else f',"ref":{json.dumps(ref, ensure_ascii=False)}'
    return f'{{"type":"ack"{named},"seq":{"null" if seq is None else seq}}}'


def body(event: Event) -> str:
    """The event's JSON object without `type seq at`: what the record keeps before the number is known.

    A recorded input goes out as it came, so its absent fields stay absent; `ref` belongs to the connection and is dropped.
    """
    recorded_input = isinstance(event, Input | CorrectEvent)
    data = event.model_dump(mode="json", exclude={"type", "seq", "at", "ref"}, exclude_none=recorded_input)
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def frame(type_: str, seq: int | None, at: int, body_: str) -> str:
    """Put `type seq at` in front of a `body`; string work, because one event is framed once for all who see it."""
    head = f'{{"type":"{type_}","seq":{"null" if seq is None else seq},"at":{at}'
    return head + ("}" if body_ == "{}" else "," + body_[1:])


def recorded(type_: str, seq: int, at: int, body_: str) -> str:
    """A row of the record as it goes out again; an erased one shows only its number."""
    return dump(Erased(seq=seq)) if type_ == "erased" else frame(type_, seq, at, body_)


def load(line: str | bytes) -> ServerEvent:
    """A published event back from its JSON line; raises pydantic's `ValidationError`."""
    return _server.validate_json(line)
