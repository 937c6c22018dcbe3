"""The benchmarks measure what they say: each runs here with small counts on a tiny random model, in real processes."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from pathlib import Path

import pytest
from typer.testing import CliRunner
from websockets.asyncio.server import ServerConnection, serve

from assistant.bench import BENCHMARKS, Plan, Result, run
from assistant.bench.result import judged, percentile, skipped
from assistant.bench.subject import Subject
from assistant.bench.texts import LANGUAGES, comments, host_lines, zipf
from assistant.bench.wire import connected, masked, pump
from assistant.shipped import SAMPLE, shipped
from tests import marian


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Subject:
    pytest.importorskip("transformers")
    from assistant.models.convert import to_ctranslate2

    folder = marian.hf(tmp_path_factory.mktemp("models") / "tiny")
    to_ctranslate2(folder, folder / "ctranslate2")
    marian.described(folder, source=("zh", *LANGUAGES), target=("zh", *LANGUAGES), prefix={"zh": ">>zh<<"})
    return Subject("tiny", folder, forced=True)


def test_a_result_is_held_against_its_bar_before_it_is_rounded() -> None:
    assert judged("x", 0.8999, ">=", 0.9).as_json() == {"name": "x", "value": 0.9, "unit": "ratio", "bar": ">= 0.9", "met": False, "details": {}}
    assert judged("x", 1.5, "<=", 1.5).met is True
    assert judged("x", 2.0).met is None
    assert skipped("x", "no model").as_json()["details"] == {"skipped": "no model"}


def test_percentiles_are_values_that_were_measured() -> None:
    values = [float(n) for n in range(1, 101)]
    assert [percentile(values, share) for share in (0.0, 0.5, 0.95, 0.99, 1.0)] == [1.0, 50.0, 95.0, 99.0, 100.0]
    assert percentile([7.0], 0.99) == 7.0
    with pytest.raises(ValueError, match="nothing was measured"):
        percentile([], 0.5)


def test_texts_are_distinct_and_repeat_as_a_chat_does() -> None:
    said = comments(6_000)
    assert len({item.text for item in said}) == 6_000 and {item.lang for item in said} == set(LANGUAGES)
    assert len(set(host_lines(300))) == 300
    ranks = Counter(zipf(20_000, 2_000, 1.1))
    assert ranks[0] > 1.8 * ranks[1] > 0 and 1_500 < len(ranks) <= 2_000


@pytest.mark.parametrize("size", [1, 125, 126, 4_000, 65_535])
async def test_the_lean_client_speaks_websocket(size: int) -> None:
    async def echo(connection: ServerConnection) -> None:
        async for message in connection:
            await connection.send(message * 2)

    async with serve(echo, "127.0.0.1", 0, compression=None) as server:
        heard: asyncio.Queue[bytes] = asyncio.Queue()
        client = await connected(f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/?", heard.put_nowait)
        client.write(masked(b"x" * size) + masked(b"y" * size))
        assert [await heard.get(), await heard.get()] == [b"x" * size * 2, b"y" * size * 2]
        await client.close()


async def test_a_pump_never_has_more_than_its_window_unanswered() -> None:
    waiting = most = 0

    async def slow(connection: ServerConnection) -> None:
        nonlocal waiting, most
        held = 0
        async for _ in connection:
            waiting += 1
            held += 1
            most = max(most, waiting)
            if held == 10:
                await asyncio.sleep(0.005)
                waiting, held = waiting - 10, 0
                for _ in range(10):
                    await connection.send('{"type":"ack","seq":1}')

    async with serve(slow, "127.0.0.1", 0) as server:
        answers = await pump(f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/?", [masked(b"{}")] * 200, 20)
    assert answers.acks == 200 and 10 <= most <= 20


async def test_a_pump_tells_when_the_service_hangs_up() -> None:
    async def leave(connection: ServerConnection) -> None:
        await connection.recv()
        await connection.close(1013, "too slow")

    async with serve(leave, "127.0.0.1", 0) as server:
        with pytest.raises(ConnectionError, match="1013 too slow"):
            await pump(f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/?", [masked(b"{}")] * 200, 10)


def test_service(tiny: Subject) -> None:
    from assistant.bench import service

    result = service.measure(tiny, 60)
    assert result.value is not None and result.value > 0
    assert result.details["decoded"] >= 60 and result.details["comments_shed"] == 0 and result.details["record_commits"] > 0


def test_service_refuses_to_count_shed_comments(tiny: Subject) -> None:
    from assistant.bench import service
    from assistant.bench.serving import serving

    with serving(tiny, comment_queue=1) as running, pytest.raises(RuntimeError, match="comments shed"):
        service.through(running, comments(300))


def test_zipf_decodes_each_text_once(tiny: Subject) -> None:
    from assistant.bench import zipf as bench

    result = bench.measure(tiny, 300, 30, 40)
    warming = 64 * 2
    assert result.details["read"] == 300 and result.details["decoded"] < warming + 100


def test_latency_and_lag(tiny: Subject, monkeypatch: pytest.MonkeyPatch) -> None:
    from assistant.bench import latency

    monkeypatch.setattr(latency, "GAP_SECONDS", 0.05)
    monkeypatch.setattr(latency, "SETTLE_SECONDS", 0.3)
    subtitles, lag = latency.measure(tiny, 2, 100)
    assert subtitles.details["subtitles"] == 2 * len(LANGUAGES)
    assert 0 < subtitles.details["idle_ms"]["p50"] <= subtitles.details["idle_ms"]["p95"]
    assert subtitles.details["flood"]["answered"] > 0 and lag.details["samples"] > 0


def test_lag_is_read_from_the_histogram() -> None:
    from assistant.bench.latency import lag

    def reading(small: int, large: int) -> dict[str, float]:
        name = "liveroom_event_loop_lag_seconds"
        buckets = {f'{name}_bucket{{le="{bound}"}}': count for bound, count in (("0.01", small), ("0.05", small + large), ("+Inf", small + large))}
        return {**buckets, f"{name}_count": small + large}

    assert lag(reading(100, 5), reading(299, 6)) == (0.01, 200)
    assert lag(reading(100, 5), reading(295, 10)) == (0.05, 200)


def test_fanout(tiny: Subject, monkeypatch: pytest.MonkeyPatch) -> None:
    from assistant.bench import fanout

    monkeypatch.setattr(fanout, "GAP_SECONDS", 0.05)
    result = fanout.measure(tiny, 20, 3)
    assert result.value is not None and result.value > 0 and result.bar == "<= 1.5"
    assert 0 < result.details["service_ms"]["p50"] <= result.details["service_ms"]["p99"] < 10_000


def test_memory(tiny: Subject) -> None:
    from assistant.bench import memory

    pytest.importorskip("psutil")
    result = memory.measure(tiny, 400, 200)
    assert result.details["comments"] == [200, 400] and 0.5 < (result.value or 0) < 2


def test_engine(tiny: Subject, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from assistant.bench import engine

    monkeypatch.setattr(engine, "opus_folder", lambda plan: tiny.folder)
    monkeypatch.setattr(engine, "FIXED", 100)
    ratio, mapped = engine.run(Plan(True, tmp_path, None))
    assert ratio.name == "engine" and ratio.value is not None and ratio.value > 0 and ratio.bar == ">= 5"
    assert mapped.value is not None and set(ratio.details["ctranslate2_per_second"]) == {"2x1 batch 32", "vmap 2x1 batch 32"}


def test_a_vocabulary_map_limits_what_comes_out(tiny: Subject, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from assistant.bench import engine
    from assistant.engines import load
    from assistant.engines.tokens import Tokens
    from assistant.models.folder import ModelFolder
    from assistant.translate.request import Request

    monkeypatch.setattr(engine, "FIXED", 5)
    monkeypatch.setattr(engine, "PER_PIECE", 1)
    said = comments(3)
    place = engine.with_map(tiny.folder, tmp_path / tiny.folder.name, said)
    lines = [line.partition("\t") for line in (place / "ctranslate2" / "vmap.txt").read_text(encoding="utf-8").splitlines()]
    allowed = {piece for _, _, pieces in lines for piece in pieces.split(" ")}
    answers = load(ModelFolder.read(place)).translate([Request(tiny.folder.name, item.text, item.lang, "zh") for item in said])
    pieces = {piece for row in Tokens(ModelFolder.read(place)).target([answer.text for answer in answers]) for piece in row}
    letters = {letter for piece in allowed for letter in piece}
    assert any(answer.text for answer in answers) and {letter for piece in pieces for letter in piece} <= letters | {"▁"}


def test_erasure_counts_up_to_the_final() -> None:
    from assistant.bench.erasure import Line, lags, taken_back, tally

    steady = Line([(1.0, "a b "), (2.0, "a b c"), (3.0, "a b c d")], final=True)
    nervous = Line([(1.0, "a x "), (2.0, "a b y"), (3.0, "a b c d")], final=True)
    assert (taken_back(steady, "en"), taken_back(nervous, "en")) == (0, 2)
    assert taken_back(Line([(1.0, "多少钱"), (2.0, "多大")], final=True), "zh") == 2
    spoken = [(0.0, 2), (1.5, 3), (2.5, 4)]
    assert lags(steady, "en", spoken) == [1.0, 1.0, 0.5, 0.5]
    assert lags(nervous, "en", spoken) == [1.0, 2.0, 1.5, 0.5]
    assert tally({("s", "en"): nervous}, {"s": spoken})[:2] == (2, 4)


def test_erasure_of_the_shipped_model(monkeypatch: pytest.MonkeyPatch) -> None:
    from assistant.bench import erasure
    from assistant.replay import only, read_session

    if not (shipped("models") / "live-m2m" / "model.toml").is_file():
        pytest.skip("no embedded model in this checkout")
    steps = [step for step in only(read_session(SAMPLE / "session.jsonl"), "speech") if step.t < 5]
    fast, balanced, reading = erasure.measure(Subject("embedded", shipped("models") / "live-m2m", forced=False), steps, 4.0)
    assert fast.details["finals"] == balanced.details["finals"] == reading.details["finals"] > 0
    assert fast.details["partials"] > 0 and reading.value == 0.0 and reading.met and fast.met is None


def test_models_that_are_missing_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from assistant.bench import service, subject
    from assistant.errors import MissingExtra

    def without(plan: Plan) -> Path:
        raise MissingExtra("A checkpoint of OPUS-MT's shape", "pip install x")

    monkeypatch.setattr(subject, "opus_folder", without)
    names = {result.name: result.details["skipped"] for result in service.run(Plan(True, tmp_path, None))}
    assert set(names) == {"service.opus-shape", "service.embedded"} and "pip install x" in names["service.opus-shape"]
    assert run(["erasure"], Plan(True, tmp_path, None))[0].value is None
    with pytest.raises(KeyError, match="nonsense"):
        run(["nonsense"], Plan(True, tmp_path, None))


def test_the_command_prints_json_and_tells_by_its_exit_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from assistant.bench import memory
    from assistant.cli import app

    monkeypatch.setattr(memory, "run", lambda plan: [Result("memory", 1.2, bar="<= 1.1", met=False, details={"quick": plan.quick})])
    out = tmp_path / "bench.jsonl"
    ended = CliRunner().invoke(app, ["bench", "memory", "--json", "--quick", "--out", str(out), "--data", str(tmp_path)])
    assert ended.exit_code == 1
    assert json.loads(ended.stdout) == json.loads(out.read_text()) == {
        "name": "memory", "value": 1.2, "unit": "ratio", "bar": "<= 1.1", "met": False, "details": {"quick": True},
    }  # fmt: skip
    table = CliRunner().invoke(app, ["bench", "memory", "--data", str(tmp_path)])
    assert table.exit_code == 1 and "memory" in table.stdout and "<= 1.1" in table.stdout
    assert CliRunner().invoke(app, ["bench", "nonsense"]).exit_code == 2


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", BENCHMARKS)
def test_quick(name: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    pytest.importorskip("transformers")
    work = tmp_path_factory.getbasetemp() / "bench"
    work.mkdir(exist_ok=True)
    embedded = shipped("models") / "live-m2m"
    results = run([name], Plan(True, work, embedded if embedded.is_dir() else None))
    assert results and all(json.loads(json.dumps(result.as_json())) for result in results)
