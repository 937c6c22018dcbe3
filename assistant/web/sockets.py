"""The live socket: one client's two directions, `GET /ws/rooms/{room}`.

Inwards each message is taken in order and answered when its event is durable; many may wait at once, up to a bound, then the
socket is no longer read. Outwards the room's hub writes frames straight into the connection's transport (`WireProtocol`):
a frame is built once for all subscribers, and a client whose buffer is full is closed with 1013 and resumes with `after`.
"""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from time import monotonic, time
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from assistant import events
from assistant.errors import Code, WireError
from assistant.events import ErrorAnswer, Role
from assistant.publish import Subscriber, again, visible
from assistant.record import Record
from assistant.room import Room
from assistant.web.operations import Metrics
from assistant.web.ratelimit import Bucket
from assistant.web.tokens import Grant, verify

MAX_FRAME = 32 * 1024
"""Bytes of one inward frame; more closes the connection with 1009."""
IN_FLIGHT = 4_000
"""Messages of one connection that may wait for their answer; then its socket is not read until some are done."""
TURN = 4
"""Messages taken in before others get their turn: a burst in one read must not hold the event loop for as long as it is."""
CLOSE_SECONDS = 10.0
"""How long a client that is too slow may take to read its close frame."""
PAGE = 500
"""Events resent at a time to a client that comes back."""

SENDS: dict[Role, frozenset[str]] = {
    "host": frozenset({"speech", "product", "feedback", "stream"}),
    "moderator": frozenset({"product", "feedback", "reply", "moderate", "correct", "cue", "overlay", "stream"}),
    "connector": frozenset({"comment", "speech", "signal", "product"}),
    "viewer": frozenset(),
    "admin": frozenset(events.names(events.ClientMessage)),
}
"""Contract, section 4: what a role may send."""


class WireProtocol(WebSocketsSansIOProtocol):
    """uvicorn's WebSocket protocol that also lends the application a direct, non-blocking way to write a ready frame.

    Server frames are not masked and nothing is compressed, so one frame's bytes serve every connection.
    """

    def handle_connect(self, event: Any) -> None:
        super().handle_connect(event)
        if scope := getattr(self, "scope", None):
            scope["extensions"]["liveroom.transport"] = self.transport


def frame(payload: bytes, opcode: int = 0x1) -> bytes:
    """A whole, final, unmasked frame (RFC 6455, 5.2); opcode 1 is text, 8 is close."""
    size, first = len(payload), 0x80 | opcode
    if size < 126:
        return struct.pack("!BB", first, size) + payload
    if size < 65_536:
        return struct.pack("!BBH", first, 126, size) + payload
    return struct.pack("!BBQ", first, 127, size) + payload


@dataclass(slots=True)
class Gate:
    """What every socket needs; built once in `create_app`."""

    rooms: Mapping[str, Room]
    record: Record
    metrics: Metrics
    secret: str
    rates: Mapping[Role, float]
    buffer: int
    """Bytes a client may be behind before it is closed with 1013."""
    draining: bool = False
    sockets: dict[Subscriber, Callable[[], None]] = field(default_factory=dict)
    """How to close each subscriber that is too slow."""

    def drop(self, subscriber: Subscriber) -> None:
        """Close a subscriber that can't keep up."""
        if (close := self.sockets.get(subscriber)) is not None:
            close()


async def serve(socket: WebSocket, room_id: str, gate: Gate) -> None:
    """One client from accept to close."""
    await socket.accept()
    try:
        grant, room, subscriber, after = _admit(socket, room_id, gate)
    except WireError as error:
        await socket.send_text(_error(None, error.code, error.message))
        await socket.close(1008, error.code)
        return
    connection = _Connection(socket, gate, room, grant, subscriber)
    gate.sockets[subscriber] = connection.too_slow
    gate.metrics.socket_opened(grant.role)
    try:
        if subscriber.types:
            room.hub.add(subscriber)
            await connection.catch_up(after)
        await connection.read()
    except (WebSocketDisconnect, ConnectionError):
        pass  # the client went away: nothing is owed
    finally:
        room.hub.remove(subscriber)
        gate.sockets.pop(subscriber, None)
        gate.metrics.socket_closed(grant.role)
        await connection.end()


def _admit(socket: WebSocket, room_id: str, gate: Gate) -> tuple[Grant, Room, Subscriber, int | None]:
    """Check token, room and query; raises `WireError`."""
    query = socket.query_params
    grant = verify(query.get("token", ""), gate.secret, time())
    if grant.room != room_id:
        raise WireError("forbidden", "this token is for another room")
    room = gate.rooms.get(room_id)
    if room is None:
        raise WireError("unknown_room", f"no room {room_id} is served here")
    streams = query.get("streams")
    wanted = None if streams is None else frozenset() if streams == "none" else frozenset(streams.split(","))
    if wanted is not None and (unknown := wanted - frozenset(events.names(events.ServerEvent))):
        raise WireError("bad_message", f"streams: no such type: {sorted(unknown)[0][:50]}")
    langs = query.get("lang")
    stability = query.get("stability", "fast")
    if stability not in ("fast", "balanced", "reading"):
        raise WireError("bad_message", "stability is fast, balanced or reading")
    after = query.get("after")
    if after is not None and not (after.isascii() and after.isdigit() and len(after) < 16):
        raise WireError("bad_message", "after is a number")
    subscriber = Subscriber(
        role=grant.role, send=lambda payload: True, types=visible(grant.role, grant.chat, wanted),
        langs=frozenset(langs.split(",")) if langs else None, stability=stability, chat=grant.chat, live=False,
        partials=query.get("partials") == "1",
    )
    return grant, room, subscriber, None if after is None else int(after)


def _error(ref: str | None, code: Code, message: str) -> str:
    return events.dump(ErrorAnswer(ref=ref, code=code, message=message))


class _Connection:
    """One client's reading, answering and catching up."""

    def __init__(self, socket: WebSocket, gate: Gate, room: Room, grant: Grant, subscriber: Subscriber) -> None:
        self._socket, self._gate, self._room, self._grant, self._subscriber = socket, gate, room, grant, subscriber
        self._transport: asyncio.Transport = socket.scope["extensions"]["liveroom.transport"]
        self._bucket = Bucket(gate.rates.get(grant.role, 50.0))
        self._answers: set[asyncio.Task[None]] = set()
        self._room_to_read = asyncio.Event()
        self._room_to_read.set()
        self._closing = False
        subscriber.send = self.write

    def write(self, payload: bytes) -> bool:
        """Put one frame into the connection's buffer; False when the client is too far behind."""
        if self._closing or self._transport.is_closing():
            return True  # it is on its way out: neither written nor dropped again
        if self._transport.get_write_buffer_size() + len(payload) > self._gate.buffer:
            return False
        self._transport.write(frame(payload))
        return True

    def too_slow(self) -> None:
        """Close with 1013: the client reconnects with `after`.

        The close frame goes behind what the client has not read yet; uvicorn's own close would wait for it to read first.
        """
        if not self._closing:
            self._closing = True
            self._transport.write(frame(struct.pack("!H", 1013) + b"too slow, reconnect with after", opcode=0x8))
            asyncio.get_running_loop().call_later(CLOSE_SECONDS, self._transport.abort)

    async def catch_up(self, after: int | None) -> None:
        """Resend what this client missed, then let it live; without `after` it starts live."""
        subscriber, sent = self._subscriber, after or 0
        while after is not None:
            rows = await self._gate.record.after(self._room.file.id, sent, PAGE)
            last = self._gate.record.last_seq(self._room.file.id)  # what is in the file beyond it is about to be published
            for row in rows:
                if row.seq > last:
                    break
                sent = row.seq
                if (text := again(subscriber, row.type, row.seq, row.at, row.body)) is not None:
                    await self._socket.send_text(text)
            if len(rows) < PAGE:
                break
        subscriber.live = True
        backlog, subscriber.backlog = subscriber.backlog, []
        for seq, payload in backlog:
            if (seq is None or seq > sent) and not self.write(payload):
                return self.too_slow()

    async def read(self) -> None:
        """Take messages in until the client goes."""
        taken = 0
        while True:
            received = await self._socket.receive()
            if received["type"] == "websocket.disconnect":
                return
            text = received.get("text")
            if text is None:
                self._answer(_error(None, "bad_message", "text frames only"))
                continue
            self._take(text)
            taken += 1
            if taken % TURN == 0:
                await asyncio.sleep(0)
            if len(self._answers) >= IN_FLIGHT:
                self._room_to_read.clear()
                await self._room_to_read.wait()

    def _take(self, text: str) -> None:
        try:
            message = events.parse(text)
        except WireError as error:
            self._answer(_error(events.ref_of(text), error.code, error.message))
            return
        try:
            if message.type not in SENDS[self._grant.role]:
                raise WireError("forbidden", f"a {self._grant.role} does not send {message.type}")
            if not self._bucket.take(monotonic()):
                raise WireError("too_fast", "too many messages a second")
            if self._gate.draining:
                raise WireError("overloaded", "the service is stopping")
        except WireError as error:
            self._answer(_error(message.ref, error.code, error.message))
            return
        task = asyncio.get_running_loop().create_task(self._reply(self._room.receive(message), message.ref))
        self._answers.add(task)
        task.add_done_callback(self._done)

    async def _reply(self, work: Awaitable[int | None], ref: str | None) -> None:
        try:
            answer = events.ack(ref, await work)
        except WireError as error:
            answer = _error(ref, error.code, error.message)
        except Exception as error:  # a fault of ours must not end the client's connection, nor pass in silence
            self._gate.metrics.failed(error)
            answer = _error(ref, "internal", "internal error; it is in the service's log")
        self._answer(answer)

    def _answer(self, answer: str) -> None:
        if not self.write(answer.encode()):
            self.too_slow()

    def _done(self, task: asyncio.Task[None]) -> None:
        self._answers.discard(task)
        if len(self._answers) < IN_FLIGHT // 2:
            self._room_to_read.set()

    async def end(self) -> None:
        """Let the answers under way be made (their events are recorded even if nobody hears the answer)."""
        if self._answers:
            await asyncio.wait(tuple(self._answers), timeout=10)


