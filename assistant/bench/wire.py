"""A lean WebSocket client for load: frames are made beforehand, many go out in one write, answers are only counted.

The load generator shares the machine with what it loads; what it needs itself is taken from the figure.
"""

from __future__ import annotations

import asyncio
import base64
import os
import struct
from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

HELLO_SECONDS = 30.0


def masked(payload: bytes) -> bytes:
    """A client's text frame; its mask is four zero bytes, which leaves the payload as it is (RFC 6455, 5.3)."""
    size = len(payload)
    if size < 126:
        return struct.pack("!BB", 0x81, 0x80 | size) + b"\0\0\0\0" + payload
    return struct.pack("!BBH", 0x81, 0xFE, size) + b"\0\0\0\0" + payload


class Client(asyncio.Protocol):
    """One connection. `hear` gets each text frame's payload as it arrives."""

    def __init__(self, hear: Callable[[bytes], None]) -> None:
        self.closed: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        """Why the connection ended, once it has."""
        self.open: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._hear = hear
        self._buffer = b""
        self._transport: asyncio.Transport | None = None
        self._may_write = asyncio.Event()
        self._may_write.set()
        self._gone: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]

    def connection_lost(self, exc: Exception | None) -> None:
        self._may_write.set()
        if not self.open.done():
            self.open.set_exception(ConnectionError("closed before the handshake was done"))
        if not self.closed.done():
            self.closed.set_result(str(exc or "closed"))
        self._gone.set_result(None)

    def pause_writing(self) -> None:
        self._may_write.clear()

    def resume_writing(self) -> None:
        self._may_write.set()

    def data_received(self, data: bytes) -> None:
        buffer = self._buffer + data if self._buffer else data
        if not self.open.done():
            head, separator, buffer = buffer.partition(b"\r\n\r\n")
            if not separator:
                self._buffer = head
                return
            if not head.startswith(b"HTTP/1.1 101"):
                self.open.set_exception(ConnectionError(head.decode("latin-1")[:200]))
                self._close()
                return
            self.open.set_result(None)
        at, size = 0, len(buffer)
        while size - at >= 2:
            start, length = at + 2, buffer[at + 1]
            if length == 126:
                if size - at < 4:
                    break
                start, length = at + 4, int.from_bytes(buffer[at + 2 : at + 4])
            elif length == 127:
                if size - at < 10:
                    break
                start, length = at + 10, int.from_bytes(buffer[at + 2 : at + 10])
            if size < start + length:
                break
            self._frame(buffer[at] & 0x0F, buffer[start : start + length])
            at = start + length
        self._buffer = buffer[at:]

    def _frame(self, opcode: int, payload: bytes) -> None:
        if opcode == 1:
            self._hear(payload)
        elif opcode == 9:
            self.write(struct.pack("!BB", 0x8A, 0x80 | len(payload)) + b"\0\0\0\0" + payload)
        elif opcode == 8:
            if not self.closed.done():
                self.closed.set_result(f"closed with {int.from_bytes(payload[:2])} {payload[2:].decode(errors='replace')}")
            self.write(struct.pack("!BB", 0x88, 0x80 | len(payload)) + b"\0\0\0\0" + payload)
            self._close()

    def write(self, frames: bytes) -> None:
        """Send frames as they are."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(frames)

    async def drained(self) -> None:
        """Wait until the connection takes more."""
        await self._may_write.wait()

    async def close(self) -> None:
        """End the connection; returns when it is gone."""
        self._close()
        await self._gone

    def _close(self) -> None:
        if self._transport is not None:
            self._transport.close()


async def connected(url: str, hear: Callable[[bytes], None]) -> Client:
    """A client whose handshake is done; raises `ConnectionError`."""
    parts = urlsplit(url)
    _, client = await asyncio.get_running_loop().create_connection(lambda: Client(hear), parts.hostname, parts.port)
    key = base64.b64encode(os.urandom(16)).decode()
    head = (
        f"GET {parts.path}?{parts.query} HTTP/1.1\r\nHost: {parts.netloc}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )
    client.write(head.encode())
    try:
        async with asyncio.timeout(HELLO_SECONDS):
            await client.open
    except BaseException:
        await client.close()
        raise
    return client


class Answers:
    """Counts a connection's acks and errors; whoever sends waits on it for room in the window."""

    def __init__(self) -> None:
        self.acks = self.errors = 0
        self.first_error = ""
        self._changed = asyncio.Event()

    def hear(self, payload: bytes) -> None:
        if payload.startswith(b'{"type":"ack"'):
            self.acks += 1
        else:
            self.errors += 1
            self.first_error = self.first_error or payload.decode()
        self._changed.set()

    @property
    def total(self) -> int:
        return self.acks + self.errors

    async def reach(self, count: int, closed: asyncio.Future[str]) -> None:
        """Wait for so many answers; raises `ConnectionError` when the connection ends before."""
        while self.total < count:
            if closed.done():
                raise ConnectionError(closed.result())
            self._changed.clear()
            waiting = asyncio.ensure_future(self._changed.wait())
            try:
                await asyncio.wait({waiting, closed}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                waiting.cancel()


async def pump(url: str, frames: Sequence[bytes], window: int) -> Answers:
    """Send all frames, never more than `window` unanswered; returns when all are answered."""
    answers = Answers()
    client = await connected(url, answers.hear)
    try:
        sent = 0
        while sent < len(frames):
            # Half a window at a time: the sender wakes seldom, the service always has work.
            await answers.reach(sent - window // 2, client.closed)
            chunk = frames[sent : sent + max(1, window - (sent - answers.total))]
            client.write(b"".join(chunk))
            sent += len(chunk)
            await client.drained()
        await answers.reach(sent, client.closed)
    finally:
        await client.close()
    return answers
