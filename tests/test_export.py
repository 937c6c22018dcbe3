"""A stream of the record as subtitles, table and events."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import pytest
from flow import MINUTE, NOON, Flow, flowing
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from assistant.cli import app
from assistant.export import Stream, _line, _row, clock, cues, languages, read_stream, reading_ms, written
from assistant.record import Stored, StreamSpan

CUE = re.compile(r"(\d+)\n(\d\d):(\d\d):(\d\d),(\d{3}) --> (\d\d):(\d\d):(\d\d),(\d{3})\n([^\n]+)\n\n")


async def show(flow: Flow) -> None:
    """Three lines, four seconds and then a minute apart, a correction and two comments."""
    await flow.speech("s1", 0, "大家好", True)
    await flow.settled()
    flow.now += 2_000
    await flow.speech("s2", 0, "今天有新品", True)
    await flow.comment("c1", "=HYPERLINK(\"http://x\")", "u1")
    await flow.settled()
    flow.now += MINUTE
    await flow.speech("s3", 0, "再见", True)
    await flow.settled()
    await flow.say(type="correct", seq=flow.of("subtitle", lang="ar", segment="s3")[0]["seq"], lang="ar", text="مع السلامة")
    await flow.settled()


def run(data: Path, *arguments: str) -> str:
    result = CliRunner().invoke(app, ["export", "r", "--data", str(data), *arguments])
    assert result.exit_code == 0, result.output
    return result.stdout


async def test_subtitles_stand_on_the_stream_s_clock(tmp_path: Path) -> None:
    async with flowing(tmp_path) as flow:
        await show(flow)
    found = [match.groups() for match in CUE.finditer(run(tmp_path, "--format", "srt", "--lang", "ar"))]
    times = [tuple(sum(int(part) * by for part, by in zip(cue[at : at + 4], (3_600_000, 60_000, 1_000, 1), strict=True)) for at in (1, 5)) for cue in found]
    assert [cue[0] for cue in found] == ["1", "2", "3"]
    assert [start for start, _ in times] == [0, 2_000, 2_000 + MINUTE]
    assert times[0][1] <= 2_000 and times[1][1] - 2_000 == reading_ms(found[1][9], "ar")  # cut by the next line; by the reading time
    assert found[2][9] == "مع السلامة"  # as corrected
    vtt = run(tmp_path, "--format", "vtt", "--lang", "ar")
    assert vtt.startswith("WEBVTT\n\n00:00:00.000 --> ") and "مع السلامة" in vtt and vtt.count(" --> ") == 3


async def test_every_language_in_one_document_or_a_file_each(tmp_path: Path) -> None:
    async with flowing(tmp_path) as flow:
        await show(flow)
    assert len(CUE.findall(run(tmp_path, "--format", "srt"))) == 9
    out = tmp_path / "out"
    out.mkdir()
    run(tmp_path, "--format", "srt", "--out", str(out))
    assert sorted(path.name for path in out.iterdir()) == ["r.ar.srt", "r.en.srt", "r.zh.srt"]
    assert all(len(CUE.findall(path.read_text(encoding="utf-8"))) == 3 for path in out.iterdir())
    run(tmp_path, "--format", "vtt", "--lang", "en", "--out", str(out / "one.vtt"))
    assert (out / "one.vtt").read_text(encoding="utf-8").count(" --> ") == 3


async def test_the_host_s_own_words_where_no_subtitle_has_her_language(tmp_path: Path) -> None:
    async with flowing(tmp_path, subtitle_languages=["ar"]) as flow:
        await show(flow)
    (tmp_path / "rooms").mkdir()
    (tmp_path / "rooms" / "r.json").write_text('{"host_language":"zh-CN"}', encoding="utf-8")
    assert [cue.text for cue in cues(read_stream(tmp_path, "r"), "zh")] == ["大家好", "今天有新品", "再见"]
    assert languages(read_stream(tmp_path, "r")) == ["ar"]


async def test_events_as_an_admin_gets_them_and_the_erased_as_erased(tmp_path: Path) -> None:
    async with flowing(tmp_path) as flow:
        await show(flow)
        comment = flow.of("comment")[0]
        await flow.record.erase("r", [comment["seq"]])
        seen = [event for event in flow.seen if event["seq"] is not None]
    lines = [json.loads(line) for line in run(tmp_path, "--format", "jsonl").splitlines()]
    assert lines == [{"type": "erased", "seq": event["seq"]} if event == comment else event for event in seen]
    narrowed = [json.loads(line) for line in run(tmp_path, "--format", "jsonl", "--lang", "ar").splitlines()]
    assert {line["lang"] for line in narrowed if line["type"] == "subtitle"} == {"ar"} and any(line["type"] == "speech" for line in narrowed)


async def test_the_table_holds_comments_and_subtitles_and_no_formula(tmp_path: Path) -> None:
    async with flowing(tmp_path) as flow:
        await show(flow)
    rows = list(csv.DictReader(io.StringIO(run(tmp_path, "--format", "csv"))))
    assert [row["type"] for row in rows].count("subtitle") == 9
    (comment,) = [row for row in rows if row["type"] == "comment"]
    assert comment["text"] == "'=HYPERLINK(\"http://x\")" and comment["user"].startswith("p-") and comment["clock"] == "00:00:02.000"
    assert [row["translation"] for row in rows if row["translation_lang"] == "ar"][-1] == "مع السلامة"


async def test_the_latest_stream_or_the_one_asked_for(tmp_path: Path) -> None:
    async with flowing(tmp_path) as flow:
        await show(flow)
        flow.now += 40 * MINUTE
        await flow.speech("s1", 0, "又见面了", True)
        await flow.settled()
        first, second = [span.id for span in await flow.record.streams("r")]
    assert len(CUE.findall(run(tmp_path, "--format", "srt", "--lang", "ar"))) == 1
    assert run(tmp_path, "--format", "srt", "--lang", "zh", "--stream", second) == run(tmp_path, "--format", "srt", "--lang", "zh")
    assert len(CUE.findall(run(tmp_path, "--format", "srt", "--lang", "ar", "--stream", first))) == 3


async def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    async with flowing(tmp_path / "data") as flow:
        await show(flow)
    for arguments, said in (
        (["r", "--format", "doc", "--data", str(tmp_path / "data")], "srt, vtt, jsonl, csv"),
        (["other", "--format", "srt", "--data", str(tmp_path / "data")], "no events of room other; there are r"),
        (["r", "--format", "srt", "--stream", "x", "--data", str(tmp_path / "data")], "no stream x"),
        (["r", "--format", "srt", "--data", str(tmp_path)], "holds no record"),
    ):
        result = CliRunner().invoke(app, ["export", *arguments])
        assert result.exit_code == 2 and said in result.output
    assert not list(tmp_path.glob("record*"))


def subtitles(*lines: tuple[int, str]) -> Stream:
    rows = [
        Stored(seq, "subtitle", NOON + at, json.dumps({"lang": "en", "text": text}), "a", False) for seq, (at, text) in enumerate(lines, 1)
    ]
    return Stream(StreamSpan("a", 1, len(rows), NOON, None), rows, "zh")


@given(st.lists(st.tuples(st.integers(-1_000, 10**7), st.text(max_size=60)), max_size=12))
def test_hostile_texts_keep_the_form(lines: list[tuple[int, str]]) -> None:
    stream = subtitles(*lines)
    found = cues(stream)
    assert all(cue.end > cue.start >= 0 and cue.end - cue.start <= 10_000 for cue in found)
    srt, vtt = "".join(written(stream, "srt")), "".join(written(stream, "vtt"))
    assert srt.count(" --> ") == vtt.count(" --> ") == len(found) == sum(bool(_line(text)) for _, text in lines)
    assert len(CUE.findall(srt)) == len(found)
    assert vtt.split("\n\n")[0] == "WEBVTT" and len(vtt.split("\n\n")) == len(found) + 2
    assert "<script" not in vtt and "-->" not in "".join(cue.text for cue in found)


@given(st.text(max_size=40))
def test_no_cell_is_a_formula_or_ends_its_row(text: str) -> None:
    (row,) = csv.reader(io.StringIO(_row([text, "x"]), newline=""))
    kept = text.replace("\r\n", "\n").replace("\r", "\n")
    assert row[0] in (kept, f"'{kept}") and row[0][:1] not in tuple("=+-@\t")
    assert row[1] == "x"


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1", "＝1", "\r=1"])
def test_each_formula_is_prefixed(text: str) -> None:
    (row,) = csv.reader(io.StringIO(_row([text]), newline=""))
    assert row == [f"'{text}".replace("\r", "\n")]


def test_the_clock_counts_past_a_day() -> None:
    assert (clock(0), clock(90_061_001, ",")) == ("00:00:00.000", "25:01:01,001")
