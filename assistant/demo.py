"""`liveroom demo`: the sample room, live, on the embedded models, played through the same sockets a real client uses."""

from __future__ import annotations

import asyncio
import json
import socket
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from time import monotonic, time
from typing import Any

import websockets
from websockets.asyncio.client import connect

from assistant.errors import LiveroomError
from assistant.replay import only, play, read_session
from assistant.roomfile import read_room
from assistant.settings import Settings
from assistant.shipped import SAMPLE
from assistant.web.server import application, server
from assistant.web.tokens import issue, secret_for

PORT = 8765
PATIENCE = 5.0
"""Seconds without news after which the summary is given as it is."""


class _Watch:
    """What an admin sees of the session, counted for the summary."""

    def __init__(self) -> None:
        self.begun = self.heard = monotonic()
        """When the session began and when something came last."""
        self.seq = 0
        self.first_subtitle: float | None = None
        self.subtitles: Counter[str] = Counter()
        self.latencies: list[int] = []
        self.comments = self.translated = self.partials = 0
        self.flags: Counter[str] = Counter()
        self.languages: Counter[str] = Counter()

    def see(self, event: dict[str, Any]) -> None:
        self.heard, self.seq = monotonic(), event["seq"] or self.seq
        if event["type"] == "subtitle":
            if self.first_subtitle is None:
                self.first_subtitle = monotonic() - self.begun
            if event["final"]:
                self.subtitles[event["lang"]] += 1
                self.latencies.append(event["latency_ms"])
                self.flags.update(event["flags"])
            else:
                self.partials += 1
        elif event["type"] == "comment":
            self.comments += 1
            self.translated += event["translation"] is not None
            self.languages[event["lang"]] += 1
            self.flags.update(event["flags"])

    def summary(self) -> str:
        latencies = sorted(self.latencies)
        percentiles = f"median {latencies[len(latencies) // 2]} ms, 95th percentile {latencies[int(len(latencies) * 0.95)]} ms" if latencies else "none"
        lines = [
            f"subtitles   {sum(self.subtitles.values())} final ({_counts(sorted(self.subtitles.items()))}), {self.partials} partial",
            f"latency     {percentiles}",
            f"comments    {self.comments}, {self.translated} translated ({_counts(self.languages.most_common())})",
            f"flags       {_counts(self.flags.most_common()) or 'none'}",
        ]
        return "\n".join(lines)


def _counts(counts: Iterable[tuple[str, int]]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts)


async def demo(once: bool, speed: float, say: Callable[[str], None], port: int | None = None) -> None:
    """Serve the sample room and play its session; with `once` stop afterwards, else go on serving until interrupted."""
    room = read_room(SAMPLE / "ROOM.toml")
    steps = read_session(SAMPLE / "session.jsonl")
    with tempfile.TemporaryDirectory(prefix="liveroom-demo-", ignore_cleanup_errors=True) as folder:
        settings = Settings(
            data=Path(folder), host="127.0.0.1", port=PORT, log_level="warning", host_rate=50 * max(1.0, speed), connector_rate=2_000 * max(1.0, speed)
        )
        say("loading the models …")
        app = await asyncio.to_thread(application, settings, [room])
        ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        service = server(settings, app, ready.set_result, _free(PORT) if port is None else port)
        serving = asyncio.create_task(service.serve())
        await asyncio.wait({serving, ready}, return_when=asyncio.FIRST_COMPLETED)
        if not ready.done():
            await serving
            return
        secret = secret_for(settings.secret, Path(folder), settings.host)
        tokens = {role: issue(secret, room.id, role, 7 * 86_400, now=time()) for role in ("host", "connector", "moderator", "viewer", "admin")}
        _say_pages(say, ready.result(), room.id, room.subtitle_languages, tokens)
        base = ready.result().replace("http", "ws", 1) + f"/ws/rooms/{room.id}?token="
        watch = _Watch()
        watching = asyncio.create_task(_watch(base + tokens["admin"], watch))
        length = steps[-1].t if steps else 0.0
        say(f"playing the sample session, {length / speed:.0f} s at speed {speed:g} …")
        progress = asyncio.create_task(_progress(say, length / speed, watch))
        playing = asyncio.gather(
            play(only(steps, "speech", "product"), base + tokens["host"], speed),
            play(only(steps, "comment", "signal"), base + tokens["connector"], speed),
        )
        await asyncio.wait({serving, playing}, return_when=asyncio.FIRST_COMPLETED)
        progress.cancel()
        if playing.done():
            try:
                played = playing.result()
            except ConnectionError as error:
                raise LiveroomError(str(error)) from None
            finals = sum(step.message.final for step in only(steps, "speech"))
            await _complete(watch, finals * len(room.subtitle_languages), len(only(steps, "comment")))
            sent, acked, refused = (sum(getattr(each, count) for each in played) for count in ("sent", "acked", "refused"))
            say(f"played      {sent} messages, {acked} acknowledged, {refused} refused")
            say(f"first       subtitle {watch.first_subtitle or 0:.1f} s after the session began")
            say(watch.summary())
            if not once:
                say("The session is over; the pages stay up. Press Ctrl+C to stop.")
                await serving
        service.should_exit = True
        watching.cancel()
        playing.cancel()
        await asyncio.gather(watching, serving, return_exceptions=True)


async def _watch(url: str, watch: _Watch) -> None:
    while True:
        try:
            async with connect(f"{url}&streams=subtitle,comment&after={watch.seq}", max_size=2**20, proxy=None) as client:
                async for text in client:
                    watch.see(json.loads(text))
        except (OSError, websockets.ConnectionClosed):
            await asyncio.sleep(0.2)


async def _complete(watch: _Watch, subtitles: int, comments: int) -> None:
    """Wait for what the session still owes, as long as something comes."""
    while (sum(watch.subtitles.values()) < subtitles or watch.comments < comments) and monotonic() - watch.heard < PATIENCE:
        await asyncio.sleep(0.1)


async def _progress(say: Callable[[str], None], seconds: float, watch: _Watch) -> None:
    begun = monotonic()
    while True:
        await asyncio.sleep(15)
        left = seconds - (monotonic() - begun)
        say(f"  {sum(watch.subtitles.values())} subtitles, {watch.comments} comments; about {max(0, left):.0f} s left")


def _say_pages(say: Callable[[str], None], base: str, room: str, languages: list[str], tokens: dict[str, str]) -> None:
    say("Open in a browser (or as a browser source in OBS):")
    for lang in languages:
        say(f"  subtitles {lang}: {base}/overlay/{room}?lang={lang}&token={tokens['viewer']}")
    say(f"  prompter:     {base}/prompter/{room}?after=0&token={tokens['host']}")
    say(f"  chat:         {base}/moderator/{room}?after=0&token={tokens['moderator']}")
    say(f"  connect a client as host: {base.replace('http', 'ws', 1)}/ws/rooms/{room}?token={tokens['host']}")


def _free(port: int) -> int:
    """The port if it is free, else 0 (any)."""
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return 0
    return port
