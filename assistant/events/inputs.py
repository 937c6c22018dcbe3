"""What a client may send: one class a message, the union `ClientMessage`. The field names are the contract's."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

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
