"""The command as a user runs it: a process with arguments, standard input and output, and an exit code."""

from __future__ import annotations

import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib import request

import click
import pytest
import typer
from typer.testing import CliRunner
from websockets import ConnectionClosed
from websockets.sync.client import connect

from assistant.cli import app
from assistant.shipped import SAMPLE
from assistant.web.tokens import issue, secret_for, verify

ROOM = SAMPLE / "ROOM.toml"
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("LIVEROOM_")} | {"PYTHONUTF8": "0", "LIVEROOM_LOG_LEVEL": "error"}
FIELDS = ["text", "from", "to", "route", "terms", "flags"]
SEPARATORS = " a\u2028b\u2029c\u0085d\x0b\x0c"
LINES: list[tuple[bytes, str]] = [
    ("大家好，欢迎来到直播间。".encode(), ""),
    (b"", ""),
    ("多少钱\r".encode(), ""),
    (SEPARATORS.encode(), ""),
    (b"\xff\xfe 12", "\ufffd\ufffd 12"),
    (("这款精华液很好用，" * 334)[:3_000].encode(), ""),
    ("😍😍".encode(), "😍😍"),
    ("一\r二".encode(), ""),
    (b"   ", "   "),
    ("没有换行符".encode(), ""),
]
"""Lines of input, the last without an end, and their answers where no model has a say."""


def liveroom(*args: str, given: bytes = b"", cwd: Path | None = None) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([sys.executable, "-m", "assistant", *args], input=given, capture_output=True, timeout=90, env=_environment(), cwd=cwd)


def _environment() -> dict[str, str]:
    return ENVIRONMENT | {"PYTHONPATH": str(Path(__file__).parents[1])}


def test_each_line_of_input_has_one_answer_in_its_place(tmp_path: Path) -> None:
    done = liveroom("translate", "--from", "zh-CN", "--to", "en", "--json", given=b"\n".join(line for line, _ in LINES), cwd=tmp_path)
    assert done.returncode == 0 and done.stderr == b""
    assert done.stdout.endswith(b"\n")
    answers = [json.loads(line) for line in done.stdout.split(b"\n")[:-1]]
    assert len(answers) == len(LINES)
    for answer, (line, untouched) in zip(answers, LINES, strict=True):
        assert list(answer) == FIELDS and answer["from"] == "zh" and answer["to"] == "en" and answer["terms"] == []
        has_words = any(character.isalpha() for character in line.decode("utf-8", "replace"))
        assert bool(answer["route"]) == has_words, line[:40]
        assert bool(answer["text"].strip()) == bool(line.strip())
        if not has_words:
            assert answer["text"] == untouched and answer["flags"] == []
    assert "\r" not in answers[2]["text"]
    assert not (tmp_path / "liveroom-data").exists(), "reading makes no data folder"


def test_an_argument_is_answered_as_plain_text() -> None:
    done = liveroom("translate", "--from", "zh", "--to", "ar", "大家好，欢迎来到直播间。")
    assert done.returncode == 0 and re.fullmatch(r"[^\n]*[\u0621-\u064a][^\n]*\n", done.stdout.decode()), done


def test_a_line_nobody_can_translate_costs_the_others_nothing() -> None:
    done = liveroom("translate", "--to", "ja", "--json", given="안녕하세요 여러분\nhello there my dear friend\n".encode())
    answers = [json.loads(line) for line in done.stdout.split(b"\n")[:-1]]
    assert [answer["from"] for answer in answers] == ["ko", "en"]
    assert answers[0] == {"text": "안녕하세요 여러분", "from": "ko", "to": "ja", "route": [], "terms": [], "flags": ["untranslated"]}
    assert answers[1]["route"]
    assert done.returncode == 3 and b"liveroom models pull ko-en" in done.stderr


def test_a_missing_route_exits_3_at_once_though_more_input_may_come() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "assistant", "translate", "--from", "tl", "--to", "ja"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=_environment(),
    )
    with process:
        assert process.wait(60) == 3  # standard input is still open
        assert b"liveroom models pull tl-en" in process.stderr.read() and process.stdout.read() == b""


def test_leaving_early_while_input_stays_open_is_no_crash() -> None:
    """The reading thread must not hold the lock that the interpreter wants when it ends."""
    script = """if True:
        import sys
        from assistant.cli import text
        text.each_line(None, lambda lines: sys.exit(3))
    """
    process = subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=_environment())
    with process:
        process.stdin.write(b"x\n")
        process.stdin.flush()
        assert process.wait(60) == 3, process.stderr.read()


def test_detect_answers_line_by_line_or_the_argument() -> None:
    done = liveroom("detect", "--json", given="كم السعر؟\n\n送料はいくらですか\n😍".encode())
    answers = [json.loads(line) for line in done.stdout.split(b"\n")[:-1]]
    assert done.returncode == 0 and all(list(answer) == ["lang", "confidence"] for answer in answers)
    assert [answer["lang"] for answer in answers] == ["ar", "und", "ja", "und"]
    assert all(0 <= answer["confidence"] <= 1 for answer in answers)


def test_translate_and_serve_import_neither_torch_nor_transformers(tmp_path: Path) -> None:
    script = f"""if True:
        import sys
        from pathlib import Path
        from assistant.cli import app
        app(["translate", "--from", "zh", "--to", "en", "--data", {str(tmp_path)!r}, "你好"], standalone_mode=False)
        from assistant.roomfile import read_room
        from assistant.settings import Settings
        from assistant.web.server import application
        application(Settings(data=Path({str(tmp_path)!r})), [read_room(Path({str(ROOM)!r}))])
        print(sorted({{"torch", "transformers", "tensorflow"}} & set(sys.modules)))
    """
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, env=_environment(), timeout=90)
    assert done.returncode == 0 and done.stdout.decode().endswith("\n[]\n"), done


def test_token_prints_the_bare_token(tmp_path: Path) -> None:
    done = liveroom("token", "--room", "shop1", "--role", "moderator", "--data", str(tmp_path / "data"))
    assert done.returncode == 0 and done.stderr == b"" and re.fullmatch(rb"\S+\n", done.stdout)
    grant = verify(done.stdout.decode().strip(), secret_for(None, tmp_path / "data", "127.0.0.1"), time.time())
    assert (grant.room, grant.role) == ("shop1", "moderator")


def invoke(*args: str) -> Any:
    return CliRunner().invoke(app, args)


@pytest.mark.parametrize(("ttl", "seconds"), [("", 90 * 86_400), ("45", 45), ("30s", 30), ("30m", 1_800), ("12h", 43_200), ("2d", 172_800)])
def test_a_token_lasts_as_long_as_asked(tmp_path: Path, ttl: str, seconds: int) -> None:
    done = invoke("token", "--room", "r", "--role", "viewer", "--data", str(tmp_path), *(["--ttl", ttl] if ttl else []))
    token, secret = done.stdout.strip(), secret_for(None, tmp_path, "127.0.0.1")
    assert verify(token, secret, time.time() + seconds - 20).role == "viewer"
    with pytest.raises(Exception, match="expired"):
        verify(token, secret, time.time() + seconds + 20)


@pytest.mark.parametrize(
    "args",
    [
        ["token", "--room", "r", "--role", "owner"],
        *(["token", "--room", "r", "--role", "host", "--ttl", ttl] for ttl in ("", "0", "-5", "1.5h", "4000d", "٣d", "9" * 5_000, "h")),
        ["translate", "--from", "zh", "x"],
        ["translate", "--from", "zh", "--to", "en", "--engine", "abacus", "x"],
        ["serve"],
        ["serve", "--room", str(ROOM), "--port", "70000"],
        ["replay", "s.jsonl", "--room", str(ROOM)],
        ["nonsense"],
    ],
    ids=lambda args: " ".join(args)[:60],
)
def test_wrong_usage_exits_2(tmp_path: Path, args: list[str]) -> None:
    done = invoke(*args, *(["--data", str(tmp_path)] if args[0] == "token" else []))
    assert done.exit_code == 2 and "Traceback" not in done.output


ROOMS = [
    ('id = "r"\nhost_language = "zh"\nmarkets = ["japan", "mars"]\n', 3, "mars"),
    ('id = "r"\nhost_language = \nmarkets = ["japan"]\n', 2, ""),
    ('id = "r"\nhost_language = "zh"\nmarkets = ["japan"]\ncolour = "red"\n', 4, "colour"),
    ('id = "r"\nhost_language = "zh"\nmarkets = ["japan"]\n[[products]]\nsku = "A"\n', 4, "names"),
]


@pytest.mark.parametrize(("content", "line", "word"), ROOMS, ids=["market", "toml", "field", "product"])
def test_a_bad_room_file_is_named_with_its_line(tmp_path: Path, content: str, line: int, word: str) -> None:
    file = tmp_path / "bad.toml"
    file.write_text(content, encoding="utf-8")
    (tmp_path / "s.jsonl").touch()
    for args in (["serve", "--room", str(file), "--port", "0"], ["replay", str(tmp_path / "s.jsonl"), "--room", str(file), "--out", str(tmp_path / "o")]):
        done = invoke(*args, "--data", str(tmp_path / "data"))
        assert done.exit_code == 2 and f"{file}:{line}: " in done.stderr and word in done.stderr


def test_a_room_file_that_is_not_there(tmp_path: Path) -> None:
    done = invoke("serve", "--room", str(tmp_path / "none.toml"), "--data", str(tmp_path))
    assert done.exit_code == 2 and done.stdout == "" and "none.toml: " in done.stderr


def commands(command: click.Command, name: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    if hasattr(command, "commands"):
        for each, inner in command.commands.items():
            yield from commands(inner, (*name, each))
    else:
        yield name


@pytest.mark.parametrize("name", list(commands(typer.main.get_command(app))), ids=" ".join)
def test_every_command_helps_with_an_example(name: tuple[str, ...]) -> None:
    done = invoke(*name, "--help")
    assert done.exit_code == 0 and f"Example: liveroom {' '.join(name)}" in " ".join(done.output.split())


def test_help_version_and_the_models_of_a_fresh_install(tmp_path: Path) -> None:
    helped = invoke("--help")
    assert helped.exit_code == 0 and all(name in helped.output for name in ("demo", "serve", "translate", "detect", "replay", "models", "token"))
    listed = liveroom("models", "list", cwd=tmp_path)
    assert listed.returncode == 0 and "live-m2m" in listed.stdout.decode()
    assert invoke("--version").output.startswith("liveroom ")


def start(data: Path, *more: str) -> tuple[subprocess.Popen[bytes], str]:
    """`liveroom serve` and the line it says when it is ready."""
    flags = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)
    process = subprocess.Popen(
        [sys.executable, "-m", "assistant", "serve", "--room", str(ROOM), "--data", str(data), *(more or ("--port", "0"))],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=_environment() | {"LIVEROOM_LOG_LEVEL": "info"}, creationflags=flags,
    )
    return process, process.stdout.readline().decode()


def test_serve_says_ready_refuses_a_taken_port_and_drains_when_told_to_stop(tmp_path: Path) -> None:
    process, ready = start(tmp_path / "one")
    try:
        found = re.fullmatch(r"ready (http://127\.0\.0\.1:(\d+))\r?\n", ready)
        assert found, ready
        assert request.urlopen(found[1] + "/healthz", timeout=10).read() == b"ok"
        second = liveroom("serve", "--room", str(ROOM), "--port", found[2], "--data", str(tmp_path / "two"))
        assert second.returncode == 2 and second.stdout == b"" and f"cannot listen on 127.0.0.1:{found[2]}" in second.stderr.decode()
        assert request.urlopen(found[1] + "/healthz", timeout=10).read() == b"ok"
        token = issue(secret_for(None, tmp_path / "one", "127.0.0.1"), "sample", "host", 60, now=time.time())
        with connect(f"ws{found[1][4:]}/ws/rooms/sample?token={token}&streams=none", proxy=None) as host:
            for number in range(5):
                host.send(json.dumps({"type": "speech", "segment": f"s{number}", "rev": 0, "final": True, "text": f"第{number}号链接，欢迎大家。"}))
            assert [json.loads(host.recv(10))["seq"] for _ in range(5)]
            process.send_signal(getattr(signal, "CTRL_BREAK_EVENT", signal.SIGTERM))
            with pytest.raises(ConnectionClosed):
                host.recv(20)
        rest, logged = process.communicate(timeout=30)
    finally:
        process.kill()
        process.communicate()
    assert process.returncode == 0 and rest == b"", "nothing else on standard output"
    with closing(sqlite3.connect(tmp_path / "one" / "record.sqlite")) as record:
        made = record.execute("SELECT count(*) FROM entries WHERE type = 'subtitle'").fetchone()[0]
    assert made == 5 * 7, "what was accepted is finished first"
    assert b"Traceback" not in logged and b"Uvicorn running" in logged
    assert json.loads((tmp_path / "one" / "rooms" / "sample.json").read_text(encoding="utf-8"))["id"] == "sample"


def test_approved_sentences_answer_first(tmp_path: Path) -> None:
    folder = tmp_path / "memory"
    folder.mkdir()
    (folder / "shop.tsv").write_text("source_lang\ttarget_lang\tsource\ttarget\nzh\ten\t三天内发货\tShips within 3 days\n", encoding="utf-8")
    done = CliRunner().invoke(app, ["translate", "--from", "zh", "--to", "en", "--json", "--data", str(tmp_path), "五天内发货"])
    answer = json.loads(done.output)
    assert (answer["text"], answer["route"]) == ("Ships within 5 days", ["memory"])
