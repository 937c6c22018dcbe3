"""What goes into the record and what comes out of it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entry:
    """An event that wants a number."""

    type: str
    at: int
    """Epoch milliseconds."""
    stream: str
    """Id of the broadcast it belongs to."""
    body: str
    """JSON object of `events.body()`: the event without `type seq at`."""
    key: str | None = None
    """What makes it the same event when it comes again, unique in its room: `comment:<platform>:<id>`,
    `speech:<stream>:<segment>`, `subtitle:<stream>:<segment>:<lang>`; None: every one counts."""
    user: str | None = None
    """The viewer's pseudonym, so that all of a viewer's events can be erased."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A recorded event: `events.frame(type, seq, at, body)` is its wire form.

    An erased one has type `erased` and body `{}`; its wire form is `events.dump(Erased(seq=seq))`, without `at`.
    """

    seq: int
    type: str
    at: int
    body: str
    stream: str
    new: bool
    """False when `key` was already recorded (this is the first one then, and nothing was written) and for what is read."""


@dataclass(frozen=True, slots=True)
class StreamSpan:
    """One broadcast in the record: its first and last number, when it began and ended (epoch ms; None: not ended)."""

    id: str
    first: int
    last: int
    started: int
    ended: int | None


@dataclass(frozen=True, slots=True)
class Erasure:
    """A viewer erased by `liveroom erase`, for the service that runs meanwhile."""

    id: int
    room: str
    who: str
    """`viewer.digest` of the pseudonym."""
    seqs: tuple[int, ...]
    """The erased events' numbers."""


@dataclass(slots=True)
class Counters:
    """What `/metrics` reads."""

    groups: int = 0
    """Transactions committed."""
    entries: int = 0
    """Entries written; repeated keys not counted."""
    repeated: int = 0
    lost: int = 0
    """Entries the disk refused."""
    refused: int = 0
    """Entries not taken because the queue was full."""
    seconds: float = 0.0
    """Time spent in transactions, committed or not."""
