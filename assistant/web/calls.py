"""Reads the parameters of LibreTranslate's calls: JSON or form bodies, checked and bounded, with that project's sentences."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Sequence
from typing import Annotated, Any, TypeVar
from urllib.parse import parse_qsl

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request

from assistant.events import MAX_TEXT

MAX_TEXTS = 100
MAX_BODY = 1 << 20
"""Bytes."""
_MAX_FIELDS = 200


class Refused(Exception):
    """The call ends here: an HTTP status and a sentence for `error`."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence


class DetectCall(BaseModel):
    """`POST /detect`; fields that this service does not know are let pass, as there."""

    model_config = ConfigDict(extra="ignore")

    q: str | list[str]
    api_key: str | None = None

    @property
    def texts(self) -> list[str]:
        """The texts, one or many."""
        return [self.q] if isinstance(self.q, str) else self.q


Call = TypeVar("Call", bound=DetectCall)


class TranslateCall(DetectCall):
    """`POST /translate`."""

    source: Annotated[str, Field(max_length=35)]
    target: Annotated[str, Field(max_length=35)]
    format: Annotated[str, Field(max_length=35)] = "text"
    alternatives: Annotated[int, Field(ge=0, le=100)] = 0
    """Taken, but none are made."""
    glossary: dict[str, str] | str | None = None
    """Ours: terms that must hold, as an object of source to target (in a form: as JSON) or a glossary file's CSV."""
    market: Annotated[str, Field(max_length=64)] | None = None
    """Ours: the market whose glossary holds, under `glossary` if both are given."""


async def fields(request: Request) -> dict[str, Any]:
    """The parameters as they came, of the query and the body; raises `Refused`."""
    body = await _body(request)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "application/json" or kind.endswith("+json"):
        return _json(body)
    pairs = list(request.query_params.multi_items())
    if kind == "multipart/form-data":
        pairs += await _multipart(request, body)
    else:
        try:
            pairs += parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=_MAX_FIELDS)
        except ValueError:
            raise Refused(400, "Invalid request: the form cannot be read") from None
    texts = [value.replace("\r\n", "\n") for name, value in pairs if name == "q"]
    # An empty field is an absent one: browsers send every field of a form.
    found: dict[str, Any] = {name: value for name, value in pairs if name != "q" and value}
    return found | ({"q": texts if len(texts) > 1 else texts[0]} if texts else {})


def check(kind: type[Call], found: dict[str, Any]) -> Call:
    """The parameters as a call; raises `Refused` with the first fault."""
    for name, info in kind.model_fields.items():
        if info.is_required() and not found.get(name):
            raise Refused(400, f"Invalid request: missing {name} parameter")
    try:
        call = kind.model_validate(found)
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        raise Refused(400, f"Invalid request: {fault['loc'][0]} parameter: {fault['msg']}") from None
    if len(call.texts) > MAX_TEXTS:
        raise Refused(400, f"Invalid request: request ({len(call.texts)}) exceeds text limit ({MAX_TEXTS})")
    for text in call.texts:
        if len(text) > MAX_TEXT:
            raise Refused(400, f"Invalid request: request ({len(text)}) exceeds text limit ({MAX_TEXT})")
        if not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text):
            raise Refused(400, "Invalid request: q parameter: half a surrogate pair")
    return call


async def _body(request: Request) -> bytes:
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > MAX_BODY:
                raise Refused(400, f"Invalid request: the body exceeds {MAX_BODY} bytes")
    except ClientDisconnect:
        raise Refused(400, "Invalid request: the body ended early") from None
    return bytes(body)


def _json(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise Refused(400, "Invalid JSON format")
    return {name: value for name, value in found.items() if value is not None}


async def _multipart(request: Request, body: bytes) -> Sequence[tuple[str, str]]:
    async def once() -> AsyncGenerator[bytes, None]:
        yield body

    try:
        form = await MultiPartParser(request.headers, once(), max_files=0, max_fields=_MAX_FIELDS).parse()
    except MultiPartException as error:
        raise Refused(400, f"Invalid request: {error.message}") from None
    return [(name, value) for name, value in form.multi_items() if isinstance(value, str)]
