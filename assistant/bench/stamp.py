"""A hub that writes into a subtitle when it is published, for the fan-out benchmark alone."""

from __future__ import annotations

from time import time_ns
from typing import Any

from assistant.publish import Hub

STAMP = b"0" * 20
"""What the publisher replaces, once a frame, by its clock (`time_ns`, which all processes of a machine share)."""


def stamped(frame: bytes) -> bytes:
    """The frame with the time of now."""
    return frame.replace(STAMP, b"%020d" % time_ns(), 1)


def age(frame: bytes, now: int) -> float | None:
    """Seconds since a frame was stamped; None when it was not."""
    start = frame.find(b"@")
    digits = frame[start + 1 : start + 21]
    return (now - int(digits)) / 1e9 if start >= 0 and digits.isdigit() and len(digits) == 20 else None


class StampedHub(Hub):
    """Stamps subtitles as it publishes them."""

    def publish(self, type_: str, seq: int | None, frame: bytes, *narrowed: Any, **narrowing: Any) -> None:
        """As `Hub.publish`."""
        super().publish(type_, seq, stamped(frame) if type_ == "subtitle" else frame, *narrowed, **narrowing)
