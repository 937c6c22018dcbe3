"""Every message of the wire, the record and replay: one discriminated union each way.

`ClientMessage` is what a client may send, `ServerEvent` what the room answers and publishes. A recorded input goes out as it
came plus `seq` and `at`, so each recorded input class serves both ways. Unknown fields are errors: an undeclared field is a
bug of the sender, and dropping it silently would lose what somebody meant. The field names are the contract's.
"""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from assistant.errors import Code, WireError

MAX_TEXT = 2000
"""Code points a text may have; more is `too_large`."""

Id = Annotated[str, Field(min_length=1, max_length=200)]
Name = Annotated[str, Field(max_length=200)]
Text = Annotated[str, Field(max_length=MAX_TEXT)]
Lang = Annotated[str, Field(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$", max_length=35)]
Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
Number = Annotated[float, Field(allow_inf_nan=False, ge=-1e15, le=1e15)]

Flag = Literal[
    "untranslated",
    "truncated",
    "repetition_cut",
    "wrong_script",
    "term_lost",
    "copied",
    "offensive",
    "pii_masked",
    "low_confidence",
    "romanised",
]
Stability = Literal["fast", "balanced", "reading"]
Role = Literal["host", "moderator", "connector", "viewer", "admin"]


class Message(BaseModel):
    """Whatever goes over the wire: immutable, no unknown fields."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Input(Message):
    """A client's message. `ref` comes back in the answer; `seq` and `at` (epoch ms) are the room's, never a client's."""

    ref: Annotated[str, Field(max_length=200)] | None = None


class Speech(Input):
    """What the host says: partial revisions of a segment, then its final text."""

    type: Literal["speech"] = "speech"
    segment: Id
    rev: Annotated[int, Field(ge=0, le=2**53)]
    final: bool
    text: Text
    lang: Lang | None = None


class User(Message):
    """A viewer; inwards the platform's id, outwards the room's pseudonym."""

    id: Id
    name: Name = ""


class Comment(Input):
    """What a viewer typed, as the platform delivered it."""

    type: Literal["comment"] = "comment"
    id: Id
    user: User
    text: Text
    platform: Annotated[str, Field(max_length=50)] = ""
    country: Country | None = None


LEVELS = ("viewers",)
INCREMENTS = ("join", "leave", "like", "follow", "share", "click", "cart", "dwell")
AMOUNTS = ("order", "gift")


class Signal(Input):
    """A measured fact of the room: a level (`viewers`), an increment, or an amount in `currency`."""

    type: Literal["signal"] = "signal"
    name: Literal["viewers", "join", "leave", "like", "follow", "share", "click", "cart", "dwell", "order", "gift"]
    value: Number | None = None
    user: Id | None = None
    sku: Id | None = None
    currency: Currency | None = None
    country: Country | None = None

    def model_post_init(self, _context: Any) -> None:
        if self.value is None and self.name in ("viewers", "order"):
            raise ValueError(f"signal {self.name} needs a value")


class Product(Input):
    """The product now on the table."""

    type: Literal["product"] = "product"
    sku: Id


class Feedback(Input):
    """What the host or a moderator did with a suggestion."""

    type: Literal["feedback"] = "feedback"
    suggestion: Id
    action: Literal["used", "dismissed", "pinned"]


class ReplyInput(Input):
    """A moderator's answer to a comment, in the moderators' language."""

    type: Literal["reply"] = "reply"
    comment: Id
    text: Text


class Moderate(Input):
    """A moderator's act on a comment, a viewer or a question."""

    type: Literal["moderate"] = "moderate"
    action: Literal["hide", "mute", "unmute", "pin", "unpin", "answered"]
    target: Id


class Correct(Input):
    """A better translation of a recorded event, in `lang`."""

    type: Literal["correct"] = "correct"
    seq: Annotated[int, Field(ge=1, le=2**53)]
    lang: Lang
    text: Text


class Cue(Input):
    """A word from the moderators to the host's prompter."""

    type: Literal["cue"] = "cue"
    text: Text
    flash: bool = False
    seconds: Annotated[float, Field(ge=0, le=86_400, allow_inf_nan=False)] | None = None


class Overlay(Input):
    """Clears, hides or shows the overlays of one language, or of all."""

    type: Literal["overlay"] = "overlay"
    action: Literal["clear", "hide", "show"]
    lang: Lang | None = None


class Stream(Input):
    """One broadcast begins or ends; without `id` the room names it."""

    type: Literal["stream"] = "stream"
    id: Id | None = None
    state: Literal["started", "ended"]


ClientMessage = Annotated[
    Speech | Comment | Signal | Product | Feedback | ReplyInput | Moderate | Correct | Cue | Overlay | Stream,
    Field(discriminator="type"),
]


class Ack(Message):
    """The event is durable as number `seq`; null for what is not recorded."""

    type: Literal["ack"] = "ack"
    ref: str | None = None
    seq: int | None = None


class ErrorAnswer(Message):
    """The input with `ref` was not taken, and why."""

    type: Literal["error"] = "error"
    ref: str | None = None
    code: Code
    message: str


class Rendering(Message):
    """A text in one language."""

    lang: str
    text: str


class TermUse(Message):
    """One glossary term in a translation: whether it was kept and by which means."""

    source: str
    target: str
    kept: bool
    by: Literal["memory", "whole", "mask", "nbest", "prefix", "suppress", "edit"]


class Event(Message):
    """What the room publishes: `seq` counts recorded events (null otherwise), `at` is epoch milliseconds."""

    seq: int | None = None
    at: int = 0


class Subtitle(Event):
    """A segment in one subtitle language."""

    type: Literal["subtitle"] = "subtitle"
    segment: str
    rev: int
    final: bool
    lang: str
    market: str | None = None
    text: str
    source: Rendering
    terms: list[TermUse] = []
    flags: list[Flag] = []
    latency_ms: int = 0


class CommentEvent(Event):
    """A viewer's comment with its language, translation and reading."""

    type: Literal["comment"] = "comment"
    id: str
    user: User
    platform: str = ""
    country: str | None = None
    text: str
    lang: str
    confidence: float
    translation: Rendering | None = None
    intent: str | None = None
    intents: list[str] = []
    sentiment: Literal["positive", "neutral", "negative"] | None = None
    terms: list[TermUse] = []
    flags: list[Flag] = []


class Reply(Event):
    """A moderator's answer in the asker's language."""

    type: Literal["reply"] = "reply"
    comment: str
    lang: str
    text: str
    source: Rendering
    flags: list[Flag] = []


class Stats(Event):
    """The room in numbers, live; not recorded."""

    type: Literal["stats"] = "stats"
    viewers: int = 0
    comments_per_min: int = 0
    likes: int = 0
    orders: int = 0
    revenue: dict[str, float] = {}


class Erased(Message):
    """What is left of an erased event: its number."""

    type: Literal["erased"] = "erased"
    seq: int


class SpeechEvent(Event, Speech):
    """A recorded final segment in the host's own words."""


class SignalEvent(Event, Signal):
    """A recorded signal; `user` is the pseudonym."""


class ProductEvent(Event, Product):
    """A recorded product change."""


class FeedbackEvent(Event, Feedback):
    """A recorded feedback."""


class ModerateEvent(Event, Moderate):
    """A recorded moderation."""


class CorrectEvent(Event):
    """A recorded correction of event `target` (`seq` is the correction's own number)."""

    type: Literal["correct"] = "correct"
    target: int
    lang: str
    text: str


class CueEvent(Event, Cue):
    """A recorded cue."""


class OverlayEvent(Event, Overlay):
    """A recorded overlay act."""


class StreamEvent(Event, Stream):
    """A recorded beginning or end of a stream."""


ServerEvent = Annotated[
    Subtitle
    | CommentEvent
    | Reply
    | Stats
    | Erased
    | SpeechEvent
    | SignalEvent
    | ProductEvent
    | FeedbackEvent
    | ModerateEvent
    | CorrectEvent
    | CueEvent
    | OverlayEvent
    | StreamEvent
    | Ack
    | ErrorAnswer,
    Field(discriminator="type"),
]

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
