"""LibreTranslate's calls, so that its clients work by changing the URL: `/translate`, `/languages`, `/detect`.

Parameters and answers are that project's: JSON and form bodies, `q` as text or array, `source` "auto", `format` "html",
confidence from 0 to 100, errors as {"error": …}. Where its behaviour is known to annoy, ours differs inside the same shape:
each text of a batch gets its own detected language, and lines and entities stay as they were.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from time import time
from typing import TYPE_CHECKING, Any, Protocol

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from assistant.enforce import Enforcer
from assistant.errors import NoRoute, WireError
from assistant.glossary.layers import Shelf
from assistant.protect.terms import Term
from assistant.translate import Translation
from assistant.translate.routes import Routes
from assistant.web import codes, markup
from assistant.web.callers import bearer, from_this_machine
from assistant.web.calls import Call, DetectCall, Refused, TranslateCall, check, fields
from assistant.web.tokens import verify
from assistant.web.wording import Wording, wording

if TYPE_CHECKING:
    from assistant.detect import Detection

CALLS_AT_ONCE = 32
"""Calls under way; more are told to slow down."""
PIECES_AT_ONCE = 128
"""Pieces (lines, text nodes) of all calls that wait for the models, so that calls wait here and do not push each other out."""
PIECES_OF_A_CALL = 32
"""Those of one call, so that a long page does not hold up a single line."""
HEADERS = {"Access-Control-Allow-Origin": "*", "Cache-Control": "no-store"}
PREFLIGHT = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, POST",
    "Access-Control-Allow-Headers": "Authorization, Content-Type",
    "Access-Control-Max-Age": "86400",
}


class Translator(Protocol):
    """What the calls need of the service: its models and its detector (`assistant.web.speak.Speaker`)."""

    def detect(self, text: str) -> Detection: ...

    def enforcer(self, layers: Sequence[Sequence[Term]]) -> Enforcer: ...

    async def translate(self, text: str, source: str, target: str, enforcer: Enforcer | None = None) -> Translation: ...


@dataclass(slots=True)
class _Service:
    translator: Translator
    routes: Routes
    secret: str
    open_api: bool
    shelf: Shelf
    markets: Sequence[str]
    busy: int = 0
    """Calls under way."""
    turn: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(PIECES_AT_ONCE))
    log: logging.Logger = field(default_factory=lambda: logging.getLogger(__name__))


def router(
    translator: Translator, routes: Routes, secret: str, *, open_api: bool = False, shelf: Shelf | None = None, markets: Sequence[str] = ()
) -> APIRouter:
    """The three calls. `/languages` is open; the others need a token of any role but viewer, in `api_key` or as bearer,
    unless `open_api` and the caller is a program on this machine. `shelf` holds the glossaries of `markets`."""
    service = _Service(translator, routes, secret, open_api, shelf or Shelf(()), markets)
    api = APIRouter(tags=["LibreTranslate"])

    @api.get("/languages", summary="The installed languages and what each can be translated into")
    async def languages() -> Response:
        return JSONResponse(_languages(routes), headers=HEADERS)

    @api.post("/detect", summary="The language of a text", openapi_extra=_described(DetectCall))
    async def detect(request: Request) -> Response:
        return await _answer(service, request, partial(_detect, service, request))

    @api.post("/translate", summary="Translate one text or many", openapi_extra=_described(TranslateCall))
    async def translate(request: Request) -> Response:
        return await _answer(service, request, partial(_translate, service, request))

    async def preflight() -> Response:
        return Response(status_code=204, headers=PREFLIGHT)

    for path in ("/translate", "/detect", "/languages"):
        api.add_api_route(path, preflight, methods=["OPTIONS"], include_in_schema=False)
    return api


def _described(call: type[BaseModel]) -> dict[str, Any]:
    schema = call.model_json_schema()
    kinds = ("application/json", "application/x-www-form-urlencoded", "multipart/form-data")
    return {"requestBody": {"required": True, "content": {kind: {"schema": schema} for kind in kinds}}}


async def _answer(service: _Service, request: Request, work: Callable[[], Awaitable[Any]]) -> Response:
    """Run a call and turn every way it can fail into LibreTranslate's error shape."""
    headers = dict(HEADERS)
    if service.busy >= CALLS_AT_ONCE:
        return JSONResponse({"error": "Slowdown: too many calls at once"}, 429, {**headers, "Retry-After": "1"})
    service.busy += 1
    try:
        return JSONResponse(await work(), headers=headers)
    except Refused as refused:
        return JSONResponse({"error": refused.sentence}, refused.status, headers)
    except WireError as error:
        if error.code in ("overloaded", "too_fast"):
            return JSONResponse({"error": f"Slowdown: {error.message}"}, 429, {**headers, "Retry-After": "1"})
        return JSONResponse({"error": error.message}, 403 if error.code == "forbidden" else 500, headers)
    except Exception:
        service.log.exception("%s failed", request.url.path)
        return JSONResponse({"error": "Cannot translate text: internal error"}, 500, headers)
    finally:
        service.busy -= 1


def _languages(routes: Routes) -> list[dict[str, Any]]:
    """Every language with its targets; itself is one of them, as there."""
    reached = routes.languages()
    everything = set(reached) | {target for targets in reached.values() for target in targets}
    return [
        {
            "code": codes.outward(lang),
            "name": codes.name(lang),
            "targets": sorted(codes.outward(target) for target in {lang, *reached.get(lang, [])}),
        }
        for lang in sorted(everything, key=codes.name)
    ]


async def _detect(service: _Service, request: Request) -> list[dict[str, Any]]:
    call = await _call(service, request, DetectCall)
    return [_shown(service.translator.detect("\n".join(call.texts)))]


async def _translate(service: _Service, request: Request) -> dict[str, Any]:
    call = await _call(service, request, TranslateCall)
    if call.format not in ("text", "html"):
        raise Refused(400, f"{call.format} format is not supported")
    reached = service.routes.languages()
    known = set(reached) | {target for targets in reached.values() for target in targets}
    target = codes.inward(call.target, known, source=False)
    if target is None:
        raise Refused(400, f"{call.target} is not supported")
    parted = [markup.part_html(text) if call.format == "html" else markup.part_text(text) for text in call.texts]
    detected: list[dict[str, Any]] = []
    sources: list[str] = []
    for pieces in parted:
        if call.source == "auto":
            found = service.translator.detect("\n".join(piece.text for piece in pieces if piece.text))
            detected.append(_shown(found))
            sources.append(found.lang)
            await asyncio.sleep(0)  # a hundred texts must not hold up the rooms
        else:
            source = codes.inward(call.source, known, source=True)
            if source is None:
                raise Refused(400, f"{call.source} is not supported")
            sources.append(source)
    batch = isinstance(call.q, list)
    for index, source in enumerate(sources):
        if not _possible(service.routes, source, target, lenient=batch and bool(detected)):
            parted[index] = [markup.Piece(piece.raw) for piece in parted[index]]
    wanted = wording(call, service.markets)
    texts, terms = await _translated(service, parted, sources, target, wanted)
    answer: dict[str, Any] = {"translatedText": texts if batch else texts[0]}
    if wanted is not None:
        answer["terms"] = terms if batch else terms[0]
    if detected:
        answer["detectedLanguage"] = detected if batch else detected[0]
    if call.alternatives:
        answer["alternatives"] = [[] for _ in texts] if batch else []
    return answer


def _possible(routes: Routes, source: str, target: str, *, lenient: bool) -> bool:
    """Whether there is a path. A text without a language needs none; in a batch of detected languages one odd text comes
    back as it is (`lenient`), since a whole page of chat must not fail for it. Raises `Refused`."""
    if source == "und":
        return False
    try:
        routes.find(source, target)
    except NoRoute as error:
        if lenient:
            return False
        pair = f"{codes.name(target)} ({codes.outward(target)}) is not available as a target language from "
        raise Refused(400, f"{pair}{codes.name(source)} ({codes.outward(source)}); get it with: {error.remedy}") from None
    return True


async def _translated(
    service: _Service, parted: Sequence[Sequence[markup.Piece]], sources: Sequence[str], target: str, wanted: Wording | None
) -> tuple[list[str], list[list[dict[str, Any]]]]:
    """The texts put together again from their translated pieces, and how the wanted terms of each fared."""
    own_turn = asyncio.Semaphore(PIECES_OF_A_CALL)
    by = {source: service.translator.enforcer(wanted.layers(service.shelf, source, target) if wanted else ()) for source in set(sources)}

    async def one(text: str, source: str) -> Translation:
        async with own_turn, service.turn:
            return await service.translator.translate(text, source, target, by[source])

    work = [
        [asyncio.create_task(one(piece.text, source)) for piece in pieces if piece.text]
        for pieces, source in zip(parted, sources, strict=True)
    ]
    tasks = [task for row in work for task in row]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    texts = [markup.fill(pieces, [task.result().text for task in row]) for pieces, row in zip(parted, work, strict=True)]
    return texts, [[term.model_dump() for task in row for term in task.result().terms] for row in work]


def _shown(found: Detection) -> dict[str, Any]:
    """A detection as LibreTranslate answers it; text without a language is English with no confidence there."""
    if found.lang == "und":
        return {"confidence": 0.0, "language": "en"}
    return {"confidence": round(100 * found.confidence, 1), "language": codes.outward(found.lang)}


async def _call(service: _Service, request: Request, kind: type[Call]) -> Call:
    """The call's parameters, checked, from a caller who may make it; raises `Refused` and `WireError`."""
    found = await fields(request)
    if not (service.open_api and from_this_machine(request)):
        key = found.get("api_key")
        token = (key if isinstance(key, str) else "") or bearer(request)
        if not token:
            raise Refused(403, "Please get a token with `liveroom token` and send it as api_key")
        if verify(token, service.secret, time()).role == "viewer":
            raise Refused(403, "a viewer's token does not translate")
    return check(kind, found)
