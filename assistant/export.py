"""`liveroom export`: one stream of the record as subtitles (SRT, WebVTT), a table (CSV) or the events themselves (JSON lines).

Cue times are those at which the lines were recorded, on the clock of the stream, whose start is 0. A cue ends with the next
line of its language or after the time that reading it takes. Corrected lines are exported as corrected; erased events have
left nothing but their number.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import regex

from assistant.errors import InputFileError
from assistant.events import recorded
from assistant.ingest import language
from assistant.record import Stored, StreamSpan, reader
from assistant.record.schema import FILE, connect, open_to_read, prepare

FORMATS = ("srt", "vtt", "jsonl", "csv")

# What subtitling guides allow for adults: some 15 characters a second of a script with spaces, some 6 of one whose signs are syllables or words.
_PER_SECOND = 15.0
_DENSE = {"zh": 6.0, "ja": 6.0, "ko": 6.0}
SHORTEST_MS, LONGEST_MS = 1_500, 10_000

COLUMNS = (
    "seq", "time", "clock", "type", "lang", "text", "translation_lang", "translation", "user", "name", "platform", "country",
    "intent", "sentiment", "segment", "flags",
)  # fmt: skip
_FORMULA = regex.compile(r"^[\s\u200b\ufeff]*[=+\-@＝＋－＠]|^[\t\n]")
_CONTROL = regex.compile(r"[\p{Cc}\u2028\u2029]+")
_TAG = regex.compile(r"<(?=[\p{L}/!?])")


@dataclass(frozen=True, slots=True)
class Cue:
    """One line on the screen, `start` and `end` in ms of the stream's clock."""

    start: int
    end: int
    lang: str
    text: str


@dataclass(frozen=True, slots=True)
class Stream:
    """One broadcast and its events."""

    span: StreamSpan
    rows: Sequence[Stored]
    host_language: str
    """"" when it is not known."""


def read_stream(data: Path, room: str, stream: str | None = None) -> Stream:
    """A room's stream, without `stream` the latest. Raises `InputFileError` for a folder, room or stream that is not there."""
    if not (data / FILE).is_file():
        raise InputFileError(str(data), 0, "holds no record; give the folder that serve was given with --data")
    with closing(open_to_read(prepare(data, connect), connect)) as db:
        spans = reader.streams(db, room)
        if not spans:
            rooms = ", ".join(sorted(reader.last_seqs(db))) or "none"
            raise InputFileError(str(data), 0, f"has no events of room {room}; there are {rooms}")
        span = next((span for span in spans if span.id == stream), None) if stream is not None else spans[-1]
        if span is None:
            raise InputFileError(str(data), 0, f"room {room} has no stream {stream}; the latest are {', '.join(each.id for each in spans[-5:])}")
        rows: list[Stored] = []
        while page := reader.after(db, room, rows[-1].seq if rows else span.first - 1, reader.PAGE, span.id):
            rows += page
    kept = data / "rooms" / f"{room}.json"
    host = json.loads(kept.read_text(encoding="utf-8"))["host_language"] if kept.is_file() else ""
    return Stream(span, rows, language(host) if host else "")


def written(stream: Stream, format_: str, lang: str | None = None) -> Iterator[str]:
    """The stream in one of `FORMATS`, piece by piece; `lang` narrows subtitles as it does on the wire. Lines end in a line feed."""
    if format_ == "jsonl":
        return _jsonl(stream, lang)
    if format_ == "csv":
        return _csv(stream, lang)
    found = cues(stream, lang)
    return _srt(found) if format_ == "srt" else _vtt(found)


def languages(stream: Stream) -> list[str]:
    """The languages with final subtitles in the stream."""
    return sorted({json.loads(row.body)["lang"] for row in stream.rows if row.type == "subtitle"})


def cues(stream: Stream, lang: str | None = None) -> list[Cue]:
    """The stream's subtitles in one language or in all, by their time. In the host's own language without subtitles: her words."""
    right = _corrections(stream.rows)
    lines: dict[str, list[tuple[int, str]]] = {}
    wanted = language(lang) if lang is not None else None
    own = wanted is not None and wanted == stream.host_language and wanted not in languages(stream)
    for row in stream.rows:
        if row.type != ("speech" if own else "subtitle"):
            continue
        body = json.loads(row.body)
        spoken = language(body.get("lang") or stream.host_language)
        if wanted in (None, spoken):
            text = _line(right.get((row.seq, spoken), body["text"]))
            if text:
                lines.setdefault(spoken, []).append((max(0, row.at - stream.span.started), text))
    return sorted((cue for spoken, said in lines.items() for cue in _timed(spoken, said)), key=lambda cue: (cue.start, cue.lang))


def _timed(lang: str, lines: Sequence[tuple[int, str]]) -> Iterator[Cue]:
    """Cues of one language, in order and never two at once."""
    lines = sorted(lines, key=lambda line: line[0])
    for index, (start, text) in enumerate(lines):
        following = [at for at, _ in lines[index + 1 : index + 2]]
        end = start + reading_ms(text, lang)
        yield Cue(start, max(start + 1, min([end, *following])), lang, text)


def reading_ms(text: str, lang: str) -> int:
    """How long it takes to read a text, in ms."""
    return min(LONGEST_MS, max(SHORTEST_MS, round(1000 * len(text) / _DENSE.get(lang, _PER_SECOND))))


def _corrections(rows: Iterable[Stored]) -> dict[tuple[int, str], str]:
    """By number and language, what moderators put right; the last word counts."""
    made = (json.loads(row.body) for row in rows if row.type == "correct")
    return {(body["target"], language(body["lang"])): body["text"] for body in made}


def _line(text: str) -> str:
    """A text as one line that can't end its cue."""
    return _CONTROL.sub(" ", text).replace("-->", "→").strip()


def clock(ms: int, point: str = ".") -> str:
    """`HH:MM:SS.mmm`."""
    seconds, rest = divmod(max(0, ms), 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}{point}{rest:03}"


def _srt(found: Iterable[Cue]) -> Iterator[str]:
    for number, cue in enumerate(found, 1):
        text = _TAG.sub("＜", cue.text)  # players take <…> for a tag, and the format knows no escape
        yield f"{number}\n{clock(cue.start, ',')} --> {clock(cue.end, ',')}\n{text}\n\n"


def _vtt(found: Iterable[Cue]) -> Iterator[str]:
    yield "WEBVTT\n\n"
    for cue in found:
        text = cue.text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        yield f"{clock(cue.start)} --> {clock(cue.end)}\n<lang {cue.lang}>{text}</lang>\n\n"


def _jsonl(stream: Stream, lang: str | None) -> Iterator[str]:
    """Every event as an admin's socket receives it."""
    for row in stream.rows:
        if lang is None or row.type != "subtitle" or json.loads(row.body)["lang"] == language(lang):
            yield recorded(row.type, row.seq, row.at, row.body) + "\n"


def _csv(stream: Stream, lang: str | None) -> Iterator[str]:
    """Comments and subtitles, a row each."""
    right = _corrections(stream.rows)
    yield _row(COLUMNS)
    for row in stream.rows:
        body = json.loads(row.body)
        if row.type not in ("comment", "subtitle") or (row.type == "subtitle" and lang is not None and body["lang"] != language(lang)):
            continue
        cells: dict[str, Any] = {
            "seq": row.seq, "time": datetime.fromtimestamp(row.at / 1000, UTC).isoformat(timespec="milliseconds"),
            "clock": clock(row.at - stream.span.started), "type": row.type, "flags": " ".join(body["flags"]),
        }  # fmt: skip
        if row.type == "comment":
            translation = body["translation"] or {"lang": "", "text": ""}
            cells |= {name: body[name] for name in ("lang", "text", "platform", "country", "intent", "sentiment")}
            cells |= {"translation_lang": translation["lang"], "user": body["user"]["id"], "name": body["user"]["name"]}
            cells["translation"] = right.get((row.seq, translation["lang"]), translation["text"])
        else:
            source = body["source"]
            cells |= {"lang": source["lang"], "text": source["text"], "translation_lang": body["lang"], "segment": body["segment"]}
            cells["translation"] = right.get((row.seq, body["lang"]), body["text"])
        yield _row(["" if cells.get(name) is None else cells[name] for name in COLUMNS])


def _row(cells: Sequence[Any]) -> str:
    """One line; a cell that a spreadsheet would take for a formula is prefixed (OWASP, CSV injection)."""
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow([_cell(cell) for cell in cells])
    return line.getvalue()


def _cell(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    text = value.replace("\r\n", "\n").replace("\r", "\n")  # a bare carriage return would go unquoted and end the row
    return f"'{text}" if _FORMULA.search(text) else text
