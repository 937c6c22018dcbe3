"""Signals: the live numbers of a room, and what its comments ask and feel."""

from assistant.signals.windows import Counters

__all__ = ["Counters"]
