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
    part: str = ""
    """What of it is asked, where an intent has parts: a colour, a size, a property."""
    count: int
    askers: int = 0
    example: str
    sku: str | None = None
    first: int = 0
    last: int = 0
    answered: bool = False
    drafts: dict[str, str] = Field(default_factory=dict)


class FunnelStep(Message):
    """People at one step of the way to an order; `share` of the step before, null where that is empty."""

    step: Literal["viewers", "commenters", "clicks", "carts", "orders"]
    count: int
    share: float | None = None


class Funnel(Message):
    """The way from viewer to order over the last ten minutes; `leak` names the step that loses most against its usual share."""

    steps: list[FunnelStep] = Field(default_factory=list)
    leak: str | None = None


class Change(Message):
    """A spike or a drop of a live number: found at `at`, begun about `since` (epoch ms), from `before` to `after` a minute."""

    name: str
    """Such as `viewers_up`, `comments_up`, `quiet`: what talk-track lines name under `signals`."""
    at: int
    since: int
    before: float
    after: float
    segments: list[str] = Field(default_factory=list)
    """What the host said around its beginning."""
    sku: str | None = None
    """The product that was shown."""


class Stats(Event):
    """The room in numbers, live; not recorded. Sums are the stream's, `…_per_min` the last minute's."""

    type: Literal["stats"] = "stats"
    viewers: int = 0
    comments_per_min: int = 0
    likes: int = 0
    orders: int = 0
    revenue: dict[str, float] = Field(default_factory=dict)
    viewers_peak: int = 0
    joins_per_min: int = 0
    leaves_per_min: int = 0
    commenters_per_min: int = 0
    """Different people who typed."""
    likes_per_min: int = 0
    clicks_per_min: int = 0
    dwell_seconds: float | None = None
    """How long the viewers of whom it was told in the last minute stayed, on average."""
    follows: int = 0
    shares: int = 0
    clicks: int = 0
    carts: int = 0
    gifts: dict[str, float] = Field(default_factory=dict)
    """Amounts by currency."""
    funnel: Funnel | None = None
    changes: list[Change] = Field(default_factory=list)
    """Spikes and drops found in the last minute."""


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
