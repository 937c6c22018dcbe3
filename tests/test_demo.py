"""`liveroom demo`: the whole session through real sockets, with a summary that adds up."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from assistant import demo
from assistant.demo import _Watch
from assistant.replay import only, read_session
from assistant.roomfile import read_room
from assistant.shipped import SAMPLE


def test_a_summary_of_nothing_is_a_summary() -> None:
    assert "latency     none" in _Watch().summary() and "flags       none" in _Watch().summary()


def test_the_summary_counts_what_was_seen() -> None:
    watch = _Watch()
    for number, (lang, final, latency) in enumerate([("ar", True, 10), ("ar", True, 30), ("ja", True, 20), ("ja", False, 5)]):
        seq, flags = number + 1 if final else None, ["copied"] if number == 1 else []
        watch.see({"type": "subtitle", "seq": seq, "lang": lang, "final": final, "latency_ms": latency, "flags": flags})
    watch.see({"type": "comment", "seq": 9, "lang": "ar", "translation": {"lang": "zh", "text": "x"}, "flags": []})
    watch.see({"type": "comment", "seq": 10, "lang": "und", "translation": None, "flags": []})
    summary = watch.summary()
    assert "3 final (ar 2, ja 1), 1 partial" in summary and "median 20 ms, 95th percentile 30 ms" in summary
    assert "2, 1 translated (ar 1, und 1)" in summary and "copied 1" in summary
    assert watch.seq == 10, "where to go on after a lost connection"


def test_a_taken_port_is_left_alone() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert demo._free(port) == 0
    assert demo._free(port) == port


@pytest.mark.timeout(180)
def test_the_sample_session_is_played_to_its_end(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LIVEROOM_")} | {"PYTHONPATH": str(Path(__file__).parents[1])}
    done = subprocess.run(
        [sys.executable, "-m", "assistant", "demo", "--once", "--speed", "30"],
        capture_output=True, timeout=170, cwd=tmp_path, env=environment | {"HTTP_PROXY": "http://127.0.0.1:9"},
    )
    said = done.stdout.decode()
    assert done.returncode == 0, done.stderr.decode()
    room, steps = read_room(SAMPLE / "ROOM.toml"), read_session(SAMPLE / "session.jsonl")
    finals = sum(step.message.final for step in only(steps, "speech"))
    comments = only(steps, "comment")
    for lang in room.subtitle_languages:
        assert re.search(rf"subtitles {lang}: http://127\.0\.0\.1:\d+/overlay/sample\?\S*token=\S+", said)
    assert re.search(r"chat: +http://127\.0\.0\.1:\d+/moderator/sample\?\S*token=\S+", said)
    assert f"played      {len(steps)} messages, {len(steps)} acknowledged, 0 refused" in said
    each = ", ".join(f"{lang} {finals}" for lang in sorted(room.subtitle_languages))
    assert f"subtitles   {finals * len(room.subtitle_languages)} final ({each}), " in said
    seen = re.search(r"comments    (\d+), (\d+) translated", said)
    assert seen and int(seen[1]) == len(comments) and int(seen[2]) > len(comments) / 2
    assert re.search(r"first       subtitle \d+\.\d s after", said) and re.search(r"latency     median \d+ ms", said)
    assert list(tmp_path.iterdir()) == [], "its data folder is a temporary one"
