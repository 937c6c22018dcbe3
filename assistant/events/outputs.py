"""What the room answers and publishes: one class an event, the union `ServerEvent`. The field names are the contract's."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from assistant.errors import Code
from assistant.events.inputs import (
    Cue,
    Feedback,
    Flag,
    Message,
    Moderate,
    Overlay,
    Product,
    Signal,
    Speech,
    Stream,
    User,
)


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
    terms: list[TermUse] = Field(default_factory=list)
    flags: list[Flag] = Field(default_factory=list)
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
    intents: list[str] = Field(default_factory=list)
    sentiment: Literal["positive", "neutral", "negative"] | None = None
    terms: list[TermUse] = Field(default_factory=list)
    flags: list[Flag] = Field(default_factory=list)


class Reply(Event):
    """A moderator's answer in the asker's language."""

    type: Literal["reply"] = "reply"
    comment: str
    lang: str
    text: str
    source: Rendering
    flags: list[Flag] = Field(default_factory=list)


class Suggestion(Event):
    """A talk-track line, or with stage `product` the product to show next, for the host's prompter."""

    type: Literal["suggestion"] = "suggestion"
    id: str
    market: str
    country: str | None = None
    lang: str
    text: str
    gloss: Rendering
    stage: str
    line: str | None = None
    sku: str | None = None
    reason: str
    score: float
    expires_at: int


class WarningEvent(Event):
    """Host words, or their translation, that a market's rule forbids; `span` counts code points of the text in `lang`, end exclusive."""

    type: Literal["warning"] = "warning"
    segment: str | None = None
    lang: str
    market: str
    country: str | None = None
    rule: str
    category: str
    severity: Literal["block", "warn", "info"]
    span: tuple[int, int]
    matched: str
    message: str
    rewrite: str = ""
    basis: str = ""


class Question(Event):
    """What viewers ask, grouped over languages: every change is a new event with the same `id`."""

    type: Literal["question"] = "question"
    id: str
    intent: str
    count: int
    askers: int = 0
    example: str
    sku: str | None = None
    first: int = 0
    last: int = 0
    answered: bool = False
    drafts: dict[str, str] = Field(default_factory=dict)


class Stats(Event):
    """The room in numbers, live; not recorded."""

    type: Literal["stats"] = "stats"
    viewers: int = 0
    comments_per_min: int = 0
    likes: int = 0
    orders: int = 0
    revenue: dict[str, float] = Field(default_factory=dict)


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
    | Suggestion
    | WarningEvent
    | Question
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
