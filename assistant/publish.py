"""Who sees what: the room's hub of subscribers.

Broadcast has no back-pressure: one slow phone must not hold up a thousand others, so a subscriber whose buffer is full is
dropped (close code 1013) and comes back with `after`. An event is framed once and the same bytes go to everybody who may
see it. The hub knows no socket; a subscriber brings its own `send`, which must not block and says whether it could take more.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from assistant import events
from assistant.events import Role, ServerEvent, SpeechEvent, Stability, names
from assistant.guard.privacy import MASK

ALL_TYPES = frozenset(names(ServerEvent)) - {"ack", "error"}

SEES: dict[Role, frozenset[str]] = {
    "host": ALL_TYPES,
    "moderator": ALL_TYPES,
    "admin": ALL_TYPES,
    "connector": frozenset({"reply"}),
    "viewer": frozenset({"subtitle", "overlay"}),
}
"""Contract, section 4: which event types a role receives."""
CHAT = frozenset({"comment", "moderate"})
"""What a viewer's `--chat` token adds."""


@dataclass(eq=False, slots=True)
class Subscriber:
    """One client: what it may and wants to see."""

    role: Role
    send: Callable[[bytes], bool]
    """Takes one JSON text frame; False when its buffer is full (it is dropped then)."""
    types: frozenset[str]
    langs: frozenset[str] | None = None
    """Subtitle languages; None is all."""
    stability: Stability = "fast"
    chat: bool = False
    partials: bool = False
    """Whether it asked for what the host is still saying, too: partial `speech`."""
    live: bool = True
    """False while the missed events are still being resent."""
    backlog: list[tuple[int | None, bytes]] = field(default_factory=list)
    """What was published meanwhile: (seq, frame)."""

    def wants(self, type_: str, lang: str | None = None) -> bool:
        """Whether an event of this type (a subtitle: in this language) goes to this client."""
        return type_ in self.types and (type_ != "subtitle" or self.langs is None or lang in self.langs)


def visible(role: Role, chat: bool, streams: frozenset[str] | None) -> frozenset[str]:
    """The types a client gets: what its role sees, narrowed to the `streams` it asked for."""
    sees = SEES[role] | (CHAT if chat and role == "viewer" else frozenset())
    return sees if streams is None else sees & streams


# What is certainly personal is masked before the record (guard/privacy.py); the public sees no long number of any kind, such as an order's.
_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")
_NUMBER = re.compile(r"\+?\d(?:[\s()-]?\d){7,}(?![.,]\d)")


def for_viewers(type_: str, body: str) -> str | None:
    """What viewers see of an event's body: comments without mail addresses and long numbers, pins only; None hides it."""
    if type_ == "moderate":
        return body if json.loads(body)["action"] in ("pin", "unpin") else None
    if type_ != "comment":
        return body
    data = json.loads(body)
    texts = [data, data["user"], data["translation"] or {}]
    for holder in texts:
        for field_ in ("text", "name"):
            if field_ in holder:
                holder[field_] = _NUMBER.sub(MASK, _ADDRESS.sub(MASK, holder[field_]))
    if "pii_masked" not in data["flags"] and any(MASK in holder.get("text", "") for holder in texts):
        data["flags"].append("pii_masked")
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def again(subscriber: Subscriber, type_: str, seq: int, at: int, body: str) -> str | None:
    """A recorded event as a client that comes back gets it; None when it is not for this client."""
    if not subscriber.wants(type_, _lang(type_, body)):
        return None
    seen = for_viewers(type_, body) if subscriber.role == "viewer" else body
    return None if seen is None else events.recorded(type_, seq, at, seen)


def _lang(type_: str, body: str) -> str | None:
    return json.loads(body)["lang"] if type_ == "subtitle" else None


BACKLOG = 10_000
"""Frames kept for a client that is still catching up; beyond that it is dropped."""


class Hub:
    """The subscribers of one room."""

    def __init__(self, drop: Callable[[Subscriber], None]) -> None:
        """`drop` closes a subscriber that can't keep up."""
        self._subscribers: set[Subscriber] = set()
        self._drop = drop

    def __iter__(self) -> Iterator[Subscriber]:
        return iter(tuple(self._subscribers))

    def __len__(self) -> int:
        return len(self._subscribers)

    def add(self, subscriber: Subscriber) -> None:
        """From now on this client sees what is published."""
        self._subscribers.add(subscriber)

    def remove(self, subscriber: Subscriber) -> None:
        """Forget a client; unknown ones are ignored."""
        self._subscribers.discard(subscriber)

    def publish(
        self, type_: str, seq: int | None, frame: bytes, lang: str | None = None, only: Stability | None = None,
        public: Callable[[], bytes | None] | None = None,
    ) -> None:
        """Send a frame to all who want it.

        `only` limits partial subtitles to the mode they were made for; `public` makes what viewers get instead (None: nothing),
        asked for once and only if a viewer wants it.
        """
        slow: list[Subscriber] = []
        whole, seen = frame, False
        shown: bytes | None = None
        for subscriber in self._subscribers:
            if not subscriber.wants(type_, lang) or (only is not None and subscriber.stability != only):
                continue
            frame = whole
            if public is not None and subscriber.role == "viewer":
                if not seen:
                    shown, seen = public(), True
                if shown is None:
                    continue
                frame = shown
            if not subscriber.live:
                subscriber.backlog.append((seq, frame))
                if len(subscriber.backlog) > BACKLOG:
                    slow.append(subscriber)
            elif not subscriber.send(frame):
                slow.append(subscriber)
        for subscriber in slow:
            self.remove(subscriber)
            self._drop(subscriber)

    def show(self, type_: str, seq: int | None, at: int, body: str) -> None:
        """Publish an event from its body (see `events.body`)."""

        def public() -> bytes | None:
            seen = for_viewers(type_, body)
            return None if seen is None else events.frame(type_, seq, at, seen).encode()

        frame = events.frame(type_, seq, at, body).encode()
        self.publish(type_, seq, frame, _lang(type_, body), public=public if type_ in CHAT else None)

    def speaking(self, event: SpeechEvent) -> None:
        """Send what the host is still saying to those who asked for it."""
        asked = [subscriber for subscriber in self._subscribers if subscriber.partials and subscriber.live and subscriber.wants("speech")]
        frame = events.dump(event).encode() if asked else b""
        for subscriber in asked:
            if not subscriber.send(frame):
                self.remove(subscriber)
                self._drop(subscriber)

    def modes(self, lang: str) -> set[Stability]:
        """The stability modes in which somebody watches partial subtitles of a language."""
        return {subscriber.stability for subscriber in self._subscribers if subscriber.wants("subtitle", lang)}
