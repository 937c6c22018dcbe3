"""liveroom: the assistant that sits in a cross-border live-selling room."""

__version__ = "0.1.0"
