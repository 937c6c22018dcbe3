"""`python -m assistant` is the command `liveroom`."""

from assistant.cli import app

app()
