"""One viewer out of the data folder, down to the bytes, while the service runs or not."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from pathlib import Path

import pytest
from flow import Flow, flowing, room_file
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from assistant import events
from assistant.cli import app
from assistant.crowd import Crowd
from assistant.erasure import erase
from assistant.errors import InputFileError
from assistant.events import CommentEvent, Question, Rendering, Suggestion, User
from assistant.forgetting import watch
from assistant.ingest import pseudonym
from assistant.markets import read_markets
from assistant.memory.corrections import recorded
from assistant.packs.pack import read_packs
from assistant.record import Entry
from assistant.record.schema import connect, open_to_write, prepare
from assistant.record.viewer import COMMON, _Search, digest, erase_viewer
from assistant.shipped import shipped
from assistant.signals.facts import Facts
from assistant.signals.products import Products
from assistant.signals.questions import Asked, Questions

HIM, NAME, TEXT = "tiktok-7061234567", "Zahrāʾ Qwyx", "does the blue xylograph dress come in petite sizes?"
WHO = pseudonym(HIM, b"key")


def bytes_of(data: Path) -> bytes:
    """Every byte of the folder."""
    return b"".join(path.read_bytes() for path in sorted(data.rglob("*")) if path.is_file())


def left(data: Path) -> list[str]:
    """What of the viewer stands in the folder's bytes."""
    content = bytes_of(data)
    return [word for word in (HIM, WHO, NAME, "Qwyx", TEXT, "xylograph") if word.encode() in content]


async def chat(flow: Flow) -> dict[str, int | None]:
    """A viewer who does everything, beside others; returns numbers by name."""
    said: dict[str, int | None] = {}
    viewer = {"id": HIM, "name": NAME}
    for number in range(300):  # enough that index pages split
        await flow.comment(f"o{number}", f"how much is number {number}", f"other-{number % 40}")
    said["comment"] = await flow.say(type="comment", id="c1", user=viewer, text=TEXT, platform="tiktok", country="US")
    said["signal"] = await flow.say(type="signal", name="order", user=HIM, sku="S1", value=9, currency="USD")
    said["mute"] = await flow.say(type="moderate", action="mute", target=WHO)
    said["pin"] = await flow.say(type="moderate", action="pin", target="c1")
    said["reply"] = await flow.say(type="reply", comment="c1", text="有小码")
    said["correct"] = await flow.say(type="correct", seq=said["comment"], lang="zh", text="蓝色连衣裙有小码吗？")
    said["cue"] = await flow.say(type="cue", text=f"回答 {NAME} 的问题", flash=False, seconds=5)
    said["speech"] = await flow.speech("s1", 0, f"谢谢{NAME}的问题，这件有小码", True)
    said["mention"] = await flow.comment("c2", f"@{NAME} yes they do", "other-1")
    made = (
        Question(id="q1", intent="size.ask", count=1, example="c1"), Question(id="q2", intent="size.ask", count=1, example="o1"),
        Suggestion(
            id="g1", market="japan", lang="en", text=f"{NAME} asked about sizes", gloss=Rendering(lang="zh", text="有人问尺码"), stage="question", reason="",
            score=1, expires_at=0,
        ),
    )  # fmt: skip
    for name, event in zip(("question", "question of another", "suggestion"), made, strict=True):
        (stored,) = await flow.record.append("r", [Entry(event.type, flow.now, "s", events.body(event))])
        said[name] = stored.seq
    said["same"] = await flow.comment("c3", "how much is it then", "other-2")
    await flow.settled()
    return said


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / "pseudonym.key").write_bytes(b"key")
    return tmp_path


async def test_no_byte_is_left(data: Path) -> None:
    async with flowing(data) as flow:
        said = await chat(flow)
        before = await flow.kept()
    assert set(left(data)) == {WHO, NAME, "Qwyx", TEXT, "xylograph"}  # the platform's id never came as far
    result = CliRunner().invoke(app, ["erase", "--user", HIM, "--data", str(data)])
    assert result.exit_code == 0, result.output
    assert left(data) == []
    async with flowing(data) as flow:
        after = await flow.kept()
    assert [(row.seq, row.at, row.stream) for row in after][: len(before)] == [(row.seq, row.at, row.stream) for row in before]
    gone = {row.seq for row, old in zip(after, before, strict=False) if row.type == "erased" and old.type != "erased"}
    assert {said[name] for name in ("comment", "signal", "mute", "pin", "reply", "correct", "cue", "question", "suggestion")} <= gone
    assert not {said[name] for name in ("speech", "mention", "same", "question of another")} & gone
    assert f"{len(gone)} events erased in all" in result.output
    assert json.loads(after[said["speech"] - 1].body)["text"] == f"谢谢{'•' * len(NAME)}的问题，这件有小码"
    assert json.loads(after[said["mention"] - 1].body)["text"] == f"@{'•' * len(NAME)} yes they do"
    untouched = [(old, row) for row, old in zip(after, before, strict=False) if row.seq not in gone and NAME not in old.body]
    assert len(untouched) > 300 and all(old == row for old, row in untouched)


async def test_no_byte_is_left_in_a_file_too_large_to_be_written_anew(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assistant.record.viewer.VACUUM_BYTES", 0)
    async with flowing(data) as flow:
        await chat(flow)
    erase(data, HIM)
    assert left(data) == []


def test_questions_show_another_s_comment() -> None:
    questions, key = Questions(), ("size.ask", None, "")
    for comment in ("c1", "c2", "c3"):
        questions.ask(Asked(comment, f"p-{comment}", "en", None, key), 0)
    questions.forget({"c1"})
    (told,) = questions.tick(5_000)
    assert (told.example, told.count, told.askers) == ("c3", 3, 3) and questions.of_comment("c1") == []
    questions.forget({"c2", "c3"})
    assert questions.open()[0].example == ""


def test_cards_and_baskets_forget() -> None:
    folders = [shipped("talk_scripts")]
    crowd = Crowd(room_file(), read_packs(folders), read_markets(folders))
    for user, name in (("p-1", NAME), ("p-2", "Aisha")):
        comment = CommentEvent(id=user, user=User(id=user, name=name), country="SA", text="كم السعر؟", lang="ar", confidence=1, intent="price.ask")
        key = crowd.comment(comment, 0, (), 60_000)
    crowd.signal("order", "SA", "p-2", 0)
    assert key and crowd.asked(key, 0, 60_000)["price.ask"].viewer == "Aisha" and crowd.signals("SA", 0, 60_000) == {"order": "Aisha"}
    assert crowd.forget(lambda user: user == "p-2") == {"Aisha"}
    asked = crowd.asked(key, 0, 60_000)["price.ask"]
    assert (asked.count, asked.viewer) == (1, "") and crowd.signals("SA", 0, 60_000) == {"order": ""}
    products = Products([Facts("A", {}), Facts("B", {})])
    for user in ("p-1", "p-2"):
        products.sign("order", "A", 0, user)
    products.forget(lambda user: user == "p-2")
    assert list(products._baskets) == ["p-1"]


async def test_a_running_room_forgets(data: Path) -> None:
    async with flowing(data) as flow:
        said = await chat(flow)
        task = asyncio.create_task(watch(flow.record, {"r": flow.room}))
        await asyncio.sleep(0.3)
        assert flow.room.memory.lookup(TEXT, "en", "zh") is not None
        flow.seen.clear()
        erased = await asyncio.to_thread(erase, data, HIM)
        assert left(data) == []
        async with asyncio.timeout(10):
            while len(flow.of("erased")) < len(erased.rooms[0].seqs):
                await asyncio.sleep(0.05)
        task.cancel()
        assert [event["seq"] for event in flow.of("erased")] == erased.rooms[0].seqs
        assert flow.room.memory.lookup(TEXT, "en", "zh") is None
        for message in ({"type": "reply", "comment": "c1", "text": "有"}, {"type": "moderate", "action": "mute", "target": WHO}):
            with pytest.raises(Exception, match=r"no comment c1|no such target"):
                await flow.say(**message)
        # numbering goes on, and nothing of what comes now brings the viewer back
        last = flow.record.last_seq("r")
        assert await flow.comment("c9", "does it come in petite sizes?", "other-9") == last + 1
        await flow.settled()
        assert all(json.loads(row.body).get("example") != "c1" for row in await flow.kept())
        assert said["comment"]
    assert left(data) == []


async def test_the_service_itself_forgets(run_service, tmp_path: Path) -> None:
    async with run_service() as running, running.client("connector") as connector, running.client("moderator") as moderator:
        ack = await connector.say(type="comment", id="c1", user={"id": HIM, "name": NAME}, text=TEXT, platform="tiktok")
        await moderator.until(lambda event: event["type"] == "comment")
        result = await asyncio.to_thread(CliRunner().invoke, app, ["erase", "--user", HIM, "--room", "sample", "--data", str(running.data)])
        assert result.exit_code == 0, result.output
        assert left(running.data) == []
        await moderator.until(lambda event: event["type"] == "erased" and event["seq"] == ack["seq"])
        assert (await moderator.say(type="reply", comment="c1", text="有"))["code"] == "unknown_target"
        assert (await connector.say(type="signal", name="viewers", value=5))["seq"] > ack["seq"]
    assert left(running.data) == []


async def test_approved_sentences_made_of_corrections_go_too(data: Path) -> None:
    async with flowing(data) as flow:
        await chat(flow)
    (pair,) = await recorded(data)
    (data / "memory").mkdir()
    file = data / "memory" / "approved.tsv"
    header = "source_lang\ttarget_lang\tsource\ttarget\n"
    file.write_text(header + f"en\tzh\t{pair.source}\t{pair.target}\nen\tzh\thello there\t你好\n", encoding="utf-8")
    assert erase(data, HIM).sentences == 1
    assert file.read_text(encoding="utf-8") == header + "en\tzh\thello there\t你好\n"
    assert await recorded(data) == [] and left(data) == []


async def test_a_foreign_file_that_holds_the_words_is_named(data: Path) -> None:
    async with flowing(data) as flow:
        await chat(flow)
    (data / "notes.txt").write_text(f"call {NAME}", encoding="utf-8")
    assert erase(data, HIM).left == [data / "notes.txt"]


async def test_names_that_say_nothing_about_anybody_stay_with_others(data: Path) -> None:
    async with flowing(data) as flow:
        (data / "rooms").mkdir()
        (data / "rooms" / "r.json").write_text('{"host_language":"zh","products":[{"names":{"en":"Velvet Serum"}}]}', encoding="utf-8")
        for user, name in (("a1", "Aisha"), ("a2", "Aisha"), ("a3", "Serum"), ("a4", "An")):
            await flow.say(type="comment", id=f"c-{user}", user={"id": user, "name": name}, text=f"hello from number {user[1]}")
        await flow.speech("s1", 0, "Aisha, An, this serum", True)
        await flow.settled()
        others = await flow.kept()
    for user in ("a1", "a3", "a4"):
        (gone,) = erase(data, user).rooms
        assert gone.types["comment"] == 1 and gone.covered == 0
    async with flowing(data) as flow:
        kept = await flow.kept()
    assert [row for row in kept if row.type in ("speech", "subtitle")] == [row for row in others if row.type in ("speech", "subtitle")]
    assert [json.loads(row.body)["user"]["name"] for row in kept if row.type == "comment"] == ["Aisha"]


async def test_a_viewer_named_like_a_common_word_takes_nothing_along(data: Path) -> None:
    async with flowing(data) as flow:
        await flow.say(type="comment", id="c1", user={"id": "villain", "name": "beautiful"}, text="hi")
        for number in range(COMMON + 5):
            await flow.comment(f"d{number}", f"beautiful {number}", "u2")
        await flow.settled()
        before = await flow.kept()
    (gone,) = erase(data, "villain").rooms
    assert gone.covered == 0 and gone.types["comment"] == 1
    async with flowing(data) as flow:
        kept = await flow.kept()
    assert [row for row in kept if row.seq not in gone.seqs] == [row for row in before if row.seq not in gone.seqs]


async def test_what_is_written_while_it_searches_is_found(data: Path) -> None:
    async with flowing(data) as flow:
        await flow.say(type="comment", id="c1", user={"id": HIM, "name": NAME}, text=TEXT)
        db = open_to_write(data / "record.sqlite", connect)
        search = _Search(db, "r", WHO, HIM, "")
        search.go_on()
        later = [
            await flow.say(type="comment", id="c2", user={"id": HIM, "name": NAME}, text="and in green?"),
            await flow.say(type="reply", comment="c1", text="有"), await flow.say(type="reply", comment="c2", text="没有"),
        ]  # fmt: skip
        await flow.settled()
        search.go_on()
        gone, _ = search.found()
        db.close()
    assert set(later) < set(gone.seqs) and gone.types == {"comment": 2, "reply": 2}


async def test_only_the_room_asked_for(data: Path) -> None:
    for room in ("r", "other"):
        async with flowing(data, id=room) as flow:
            await flow.say(type="comment", id="c1", user={"id": HIM, "name": NAME}, text=TEXT)
            await flow.settled()
    assert [gone.room for gone in erase(data, HIM, "other").rooms] == ["other"]
    assert TEXT in left(data)
    assert sum(len(gone.seqs) for gone in erase(data, HIM).rooms) > 0
    assert left(data) == []
    assert not any(gone.seqs for gone in erase(data, HIM).rooms)  # nothing more to erase


def test_what_can_t_be_erased_is_said(tmp_path: Path) -> None:
    for arguments, said in (([], "holds no record"), (["--room", "r"], "holds no record")):
        result = CliRunner().invoke(app, ["erase", "--user", "u", "--data", str(tmp_path), *arguments])
        assert result.exit_code == 2 and said in result.output
    prepare(tmp_path, connect)
    with pytest.raises(InputFileError, match="no events of room r"):
        erase(tmp_path, "u", "r")
    with pytest.raises(InputFileError, match=r"pseudonym\.key"):
        erase(tmp_path, "u")


@settings(max_examples=40, deadline=None)
@given(name=st.text(min_size=1, max_size=12), text=st.text(min_size=1, max_size=40), words=st.text(max_size=40))
def test_hostile_names_and_texts(tmp_path_factory: pytest.TempPathFactory, name: str, text: str, words: str) -> None:
    folder = tmp_path_factory.mktemp("hostile")
    path = prepare(folder, connect)
    bodies = [
        ("comment", {"id": "c", "user": {"id": WHO, "name": name}, "text": text, "translation": None}, WHO),
        ("speech", {"segment": "s", "rev": 0, "final": True, "text": words + name}, None),
        ("comment", {"id": "d", "user": {"id": "p-2", "name": "x"}, "text": text, "translation": {"lang": "zh", "text": words}}, "p-2"),
    ]
    db = open_to_write(path, connect)
    for seq, (type_, body, user) in enumerate(bodies, 1):
        row = ("r", seq, type_, 1, "s", json.dumps(body, ensure_ascii=False, separators=(",", ":")), None, user)
        db.execute("INSERT INTO entries (room,seq,type,at,stream,body,key,user) VALUES (?,?,?,?,?,?,?,?)", row)
    db.close()
    (gone,) = erase_viewer(folder, ["r"], WHO, HIM)
    assert gone.seqs == [1]
    with sqlite3.connect(path) as reading:
        rows = reading.execute("SELECT type, body FROM entries ORDER BY seq").fetchall()
        assert reading.execute("SELECT room, who, seqs FROM erasures").fetchall() == [("r", digest(WHO), "[1]")]
    reading.close()
    assert rows[0] == ("erased", "{}")
    speech, other = json.loads(rows[1][1]), json.loads(rows[2][1])
    assert len(speech["text"]) == len(words + name) and other["user"] == {"id": "p-2", "name": "x"} and len(other["text"]) == len(text)
    assert WHO.encode() not in b"".join(file.read_bytes() for file in folder.iterdir())
