"""Sessions: read with their faults named, played into a running room, run offline to the same events."""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from assistant import events
from assistant.errors import InputFileError
from assistant.offline import SETTLING_MS, run_offline
from assistant.replay import Step, only, play, read_session
from assistant.shipped import SAMPLE

GOOD = '{"t":1.5,"type":"product","sku":"A"}'


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("{", "Expecting"),
        ("[1]", ""),
        ("null", ""),
        ('{"type":"product","sku":"A"}', "`t` is missing"),
        ('{"t":"soon","type":"product","sku":"A"}', "soon"),
        ('{"t":null,"type":"product","sku":"A"}', ""),
        ('{"t":NaN,"type":"product","sku":"A"}', "seconds from the start"),
        ('{"t":-1,"type":"product","sku":"A"}', "seconds from the start"),
        ('{"t":1e400,"type":"product","sku":"A"}', "seconds from the start"),
        ('{"t":1,"type":"product"}', "sku"),
        ('{"t":1,"type":"product","sku":"A","seq":4}', "seq"),
        ('{"t":1,"type":"dance"}', "dance"),
        ('{"t":1,"type":"product","sku":"\\ud800"}', ""),
        ("[" * 100_000, ""),
        (b"\xff".decode("latin-1"), "utf-8"),
    ],
    ids=str,
)
def test_a_faulty_line_is_named(tmp_path: Path, line: str, word: str) -> None:
    file = tmp_path / "s.jsonl"
    file.write_bytes(f"{GOOD}\n\n".encode() + line.encode("latin-1") + b"\n")
    with pytest.raises(InputFileError) as fault:
        read_session(file)
    assert str(fault.value).startswith(f"{file}:3: ") and word in str(fault.value)


def test_a_session_comes_in_order_of_time_without_its_empty_lines(tmp_path: Path) -> None:
    file = tmp_path / "s.jsonl"
    file.write_bytes(b'{"t":9,"type":"product","sku":"B"}\r\n\n' + GOOD.encode() + b"\n" + '{"t":9,"type":"product","sku":"\u2028"}'.encode())
    assert [(step.t, step.message.sku) for step in read_session(file)] == [(1.5, "A"), (9, "B"), (9, "\u2028")]
    with pytest.raises(InputFileError, match=r"none\.jsonl"):
        read_session(tmp_path / "none.jsonl")


def session() -> list[Step]:
    """Finals and comments of a busy quarter of an hour."""
    said = (events.Speech(segment=f"s{n}", rev=0, final=True, text=f"第{n}号链接，欢迎大家。") for n in range(20))
    typed = (events.Comment(id=f"c{n}", user=events.User(id=f"u{n % 9}"), text="berapa kak" if n % 3 else "😍") for n in range(600))
    steps = [Step(n * 30.0, message) for n, message in enumerate(said)] + [Step(float(n), message) for n, message in enumerate(typed)]
    return sorted(steps, key=lambda step: step.t)


async def test_playing_survives_a_restart_without_loss_or_double(run_service) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    steps = session()
    async with run_service(port=port) as running:
        playing = asyncio.create_task(play(steps, running.address("admin"), 300))
        async with running.client("admin", streams="comment", after="0") as watching:
            await watching.events(100)
    assert not playing.done(), "the service went away in the middle"
    async with run_service(port=port) as running:
        played = await asyncio.wait_for(playing, 60)
        assert (played.sent, played.acked, played.refused) == (620, 620, 0), played
        async with running.client("admin", after="0") as admin:
            everything = [event for event in await admin.quiet(1.0) if event["seq"] is not None]
    assert [event["seq"] for event in everything] == list(range(1, len(everything) + 1))
    found = [event for event in everything if event["type"] in ("stream", "speech", "comment", "subtitle")]
    assert len(found) == 1 + 620 + 20 * 7
    assert sorted(event["id"] for event in found if event["type"] == "comment") == sorted(f"c{n}" for n in range(600))
    assert [event["segment"] for event in found if event["type"] == "speech"] == [f"s{n}" for n in range(20)]


async def test_playing_keeps_the_sessions_times(service) -> None:
    steps = [Step(t, events.Signal(name="like")) for t in (0.0, 2.0, 4.0)]
    async with service.client("admin", streams="signal") as admin:
        assert (await play(steps, service.address("admin"), 10)).acked == 3
        first, _, last = await admin.events(3)
    assert 350 <= last["at"] - first["at"] <= 2_000


async def test_playing_needs_no_proxy_to_this_machine(service, monkeypatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert (await play([Step(0, events.Signal(name="like"))], service.address("admin"), 0)).acked == 1


async def test_a_refused_connection_says_why(service) -> None:
    with pytest.raises(ConnectionError, match="forbidden"):
        await play(session()[:1], service.url.replace("http", "ws", 1) + "/ws/rooms/sample?token=nonsense", 0)


async def test_what_the_room_refuses_is_counted(service) -> None:
    steps = [Step(0, events.Product(sku="no such")), Step(0, events.Signal(name="like"))]
    played = await play(steps, service.address("admin"), 0)
    assert (played.sent, played.acked, played.refused) == (2, 1, 1) and played.first_error.startswith("unknown_target: ")


def excerpt() -> list[Step]:
    """The beginning of the sample session: finals after partials, comments of all kinds, signals, a product."""
    steps = read_session(SAMPLE / "session.jsonl")
    steps = [step for step in steps if step.t <= 20] + only(steps, "product")[:1]
    assert {step.message.type for step in steps} >= {"speech", "comment", "signal", "product"}
    return steps


def alike(event: dict[str, Any]) -> dict[str, Any]:
    """An event without its number, which depends on when its neighbours' subtitles were ready, and what the clock gave it."""
    event = {name: value for name, value in event.items() if name not in ("seq", "at", "latency_ms", "first", "last", "expires_at")}
    return event | {"id": "by the clock"} if event["type"] == "stream" else event


def in_order(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The events, each final followed by its subtitles and warnings by language: live they come, and are numbered, as they get ready."""
    final = {event["segment"]: event["seq"] for event in found if event["type"] == "speech"}

    def place(event: dict[str, Any]) -> tuple[int, str]:
        return (final[event["segment"]], event["type"] + event["lang"]) if event["type"] in ("subtitle", "warning") else (event["seq"], "")

    return [alike(event) for event in sorted(found, key=place)]


def timed(steps: list[Step], live: list[dict[str, Any]]) -> list[Step]:
    """The steps at the moments at which a live room recorded them, dates and all: those move questions and suggestions too."""
    taken = iter([event["at"] for event in live if event["type"] in ("speech", "comment", "signal", "product")])
    at, again = live[0]["at"], []
    for step in steps:
        kept = not isinstance(step.message, events.Speech) or step.message.final
        at = next(taken) if kept else at
        again.append(Step((at + 0.5) / 1_000, step.message))
    return again


async def test_offline_gives_the_same_file_twice_and_what_a_live_room_gives(service, sample_room, tmp_path: Path) -> None:
    steps = excerpt()
    live: list[dict[str, Any]] = []
    async with service.client("admin") as admin:
        for step in steps:
            owed = len(sample_room.subtitle_languages) if step.message.type == "speech" and step.message.final else 0
            await admin.raw(step.message.model_dump_json(exclude_none=True))
            acked = False
            while not acked or owed:
                event = await admin.next()
                assert event["type"] != "error", event
                acked |= event["type"] == "ack"
                if event["type"] != "ack" and event["seq"] is not None:
                    live.append(event)
                    owed -= event["type"] == "subtitle"
        last = live[-1]["at"]
        while (event := await admin.next())["type"] != "stats" or event["at"] <= last + SETTLING_MS + 1_000:
            live += [event] if event["seq"] is not None else []
    steps = timed(steps, live)
    live = [event for event in live if event["at"] <= int(steps[-1].t * 1_000) + SETTLING_MS]
    file = tmp_path / "s.jsonl"
    lines = ({"t": step.t, **json.loads(step.message.model_dump_json(exclude_none=True))} for step in steps)
    file.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    assert read_session(file) == steps
    where = ["--room", str(SAMPLE / "ROOM.toml"), "--out", str(tmp_path / "one"), "--data", str(service.data)]
    command = [sys.executable, "-m", "assistant", "replay", str(file), *where]
    process = await asyncio.create_subprocess_exec(*command, cwd=Path(__file__).parents[1], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    said, complained = await process.communicate()
    assert process.returncode == 0 and said.decode().startswith(f"{len(live)} events in "), complained
    count = await run_offline(sample_room, steps, tmp_path / "two", service.data)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    offline = [json.loads(line) for line in (tmp_path / "one").read_bytes().split(b"\n")[:-1]]
    assert count == len(offline) == len(live)
    assert [event["seq"] for event in offline] == list(range(1, count + 1)) == [event["seq"] for event in live]
    assert {"question"} <= {event["type"] for event in live}

    assert in_order(offline) == in_order(live)
    assert [event["at"] for event in offline if event["type"] == "signal"] == [int(step.t * 1000) for step in only(steps, "signal")]


async def test_an_output_that_cannot_be_written_is_said_before_the_run(sample_room, tmp_path: Path) -> None:
    with pytest.raises(InputFileError, match="no such folder"):
        await run_offline(sample_room, excerpt(), tmp_path / "no such folder" / "out", tmp_path)


async def test_offline_needs_no_answer_from_a_clock(sample_room, tmp_path: Path) -> None:
    """Half an hour of silence passes at once and begins another stream; what a room refuses makes no event."""
    steps = [Step(0, events.Signal(name="like")), Step(1, events.Product(sku="no such")), Step(1_802, events.Signal(name="like"))]
    await run_offline(sample_room, steps, tmp_path / "out", tmp_path)
    lines = [json.loads(line) for line in (tmp_path / "out").read_bytes().splitlines()]
    lines = [line for line in lines if line["type"] != "suggestion"]
    assert [line.get("state", line["type"]) for line in lines] == ["started", "signal", "ended", "started", "signal"]
    assert [line["at"] for line in lines] == [0, 0, 1_802_000, 1_802_000, 1_802_000]
