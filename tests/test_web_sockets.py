"""The live socket from outside: what the contract promises, on the real server with the embedded model."""

from __future__ import annotations

import asyncio
import json

import pytest
import websockets
from websockets.asyncio.client import connect

from assistant.web import sockets


def speech(segment: str, rev: int, text: str, final: bool = True) -> dict:
    return {"type": "speech", "segment": segment, "rev": rev, "final": final, "text": text}


def comment(id_: str, text: str, user: str = "u1", **more: str) -> dict:
    return {"type": "comment", "id": id_, "user": {"id": user, "name": "Aisha"}, "text": text, "platform": "tiktok", **more}


async def test_a_final_becomes_a_subtitle_in_every_language(service, sample_room) -> None:
    async with service.client("admin") as admin, service.client("host") as host:
        ack = await host.say(**speech("s1", 0, "大家好，欢迎来到直播间。"))
        subtitles = await admin.events(len(sample_room.subtitle_languages), "subtitle")
    assert ack["type"] == "ack" and ack["seq"] >= 1
    assert {event["lang"] for event in subtitles} == set(sample_room.subtitle_languages)
    assert sorted(event["seq"] for event in subtitles) == list(range(ack["seq"] + 1, ack["seq"] + 1 + len(subtitles)))
    for event in subtitles:
        assert event["final"] and event["text"] and event["source"] == {"lang": "zh", "text": "大家好，欢迎来到直播间。"}
        assert next(iter(event)) == "type" and event["at"] > 1_600_000_000_000


async def test_a_comment_is_one_event_with_its_translation(service) -> None:
    async with service.client("moderator") as moderator, service.client("connector") as connector:
        ack = await connector.say(**comment("c991", "كم السعر؟ 😍", country="SA"))
        (event,) = await moderator.events(1, "comment")
    assert event["seq"] == ack["seq"] and event["lang"] == "ar" and event["text"] == "كم السعر؟ 😍"
    assert event["translation"]["lang"] == "zh" and event["translation"]["text"].endswith("😍")
    assert event["user"]["name"] == "Aisha" and event["user"]["id"].startswith("p-") and "u1" not in event["user"]["id"]


async def test_wordless_comments_pass_through(service) -> None:
    async with service.client("moderator") as moderator, service.client("connector") as connector:
        for number, text in enumerate(["😍😍", "1 1 1", "https://x.example/y", "?!"]):
            await connector.say(**comment(f"c{number}", text))
        events = await moderator.events(4, "comment")
    assert all(event["lang"] == "und" and event["translation"] is None and not event["flags"] for event in events)


async def test_repeating_what_is_recorded_gives_the_first_number(service) -> None:
    async with service.client("connector") as connector, service.client("host") as host:
        first = await connector.say(**comment("c1", "berapa harganya kak"))
        assert (await connector.say(**comment("c1", "berapa harganya kak")))["seq"] == first["seq"]
        other = await connector.say(**{**comment("c1", "berapa"), "platform": "shopee"})
        assert other["seq"] != first["seq"], "ids count per platform"
        final = await host.say(**speech("s1", 3, "你好。"))
        assert (await host.say(**speech("s1", 3, "你好。")))["seq"] == final["seq"]
        assert (await host.say(**speech("s1", 2, "你", final=False))) | {"ref": ""} == {"type": "ack", "ref": "", "seq": None}
        assert (await host.say(**speech("s1", 4, "别的话。")))["code"] == "unknown_segment"


async def test_repeats_are_known_after_a_restart(run_service, tmp_path) -> None:
    async with run_service() as running, running.client("connector") as connector, running.client("host") as host:
        first = await connector.say(**comment("c1", "berapa harganya kak"))
        final = await host.say(**speech("s1", 3, "你好。"))
    async with run_service() as running, running.client("connector") as connector, running.client("host") as host:
        assert (await connector.say(**comment("c1", "berapa harganya kak")))["seq"] == first["seq"]
        assert (await host.say(**speech("s1", 3, "你好。")))["seq"] == final["seq"]
        assert (await host.say(**speech("s1", 5, "另一句。")))["code"] == "unknown_segment"


BAD = [
    ("{", "bad_message"),
    ("[1]", "bad_message"),
    ('{"type":"nonsense","ref":"x"}', "bad_message"),
    ('{"type":"comment","id":"1","text":"x","ref":"x"}', "bad_message"),
    ('{"type":"product","sku":"ABAYA-01","colour":"red","ref":"x"}', "bad_message"),
    ('{"type":"product","sku":"no such","ref":"x"}', "unknown_target"),
    ('{"type":"moderate","action":"hide","target":"no such","ref":"x"}', "unknown_target"),
    ('{"type":"reply","comment":"no such","text":"x","ref":"x"}', "unknown_target"),
    ('{"type":"correct","seq":99999,"lang":"zh","text":"x","ref":"x"}', "unknown_target"),
    ('{"type":"feedback","suggestion":"g1","action":"used","ref":"x"}', "unknown_target"),
    (json.dumps({"type": "cue", "text": "字" * 2001, "ref": "x"}), "too_large"),
]


@pytest.mark.parametrize(("frame", "code"), BAD, ids=[f"{number}-{code}" for number, (_, code) in enumerate(BAD)])
async def test_bad_input_is_answered_and_the_connection_lives(service, frame: str, code: str) -> None:
    async with service.client("admin") as admin:
        await admin.raw(frame)
        answer = await admin.until(lambda event: event["type"] == "error")
        assert answer["code"] == code and answer["message"]
        assert answer["ref"] == ("x" if '"ref"' in frame else None)
        assert (await admin.say(type="cue", text="字" * 2000))["type"] == "ack"


async def test_binary_frames_are_refused_politely(service) -> None:
    async with service.client("admin") as admin:
        await admin.raw(b'{"type":"cue","text":"x"}')
        assert (await admin.until(lambda event: event["type"] == "error"))["code"] == "bad_message"


async def closed(client) -> int:
    with pytest.raises(websockets.ConnectionClosed):
        async with asyncio.timeout(20):
            while True:
                await client.recv()
    return client.close_code


async def test_a_frame_too_big_closes_with_1009_and_one_that_fits_does_not(service) -> None:
    async with service.client("admin") as admin:
        frame = json.dumps({"type": "nonsense", "pad": ""})
        await admin.raw(frame[:-2] + "x" * (32 * 1024 - len(frame)) + '"}')
        assert (await admin.until(lambda event: event["type"] == "error"))["code"] == "bad_message"
        await admin.raw(frame[:-2] + "x" * (32 * 1024 - len(frame) + 1) + '"}')
        assert await closed(admin.socket) == 1009


async def test_invalid_utf8_closes_with_1007(service) -> None:
    async with service.client("admin") as bad, service.client("admin") as other:
        await bad.socket.send(b"\xff\xfe", text=True)
        assert await closed(bad.socket) == 1007
        assert (await other.say(type="cue", text="x"))["type"] == "ack"


async def test_refused_connections_are_accepted_told_and_closed_with_1008(service) -> None:
    base = service.url.replace("http", "ws", 1)
    cases = [
        (f"{base}/ws/rooms/sample?token=nonsense", "forbidden"),
        (f"{base}/ws/rooms/sample", "forbidden"),
        (f"{base}/ws/rooms/sample?token={service.token('host', ttl=-5)}", "forbidden"),
        (f"{base}/ws/rooms/sample?token={service.token('host', room='other')}", "forbidden"),
        (f"{base}/ws/rooms/other?token={service.token('host', room='other')}", "unknown_room"),
        (f"{base}/ws/rooms/sample?token={service.token('host')}&after=x", "bad_message"),
        (f"{base}/ws/rooms/sample?token={service.token('host')}&streams=nonsense", "bad_message"),
        (f"{base}/ws/rooms/sample?token={service.token('host')}&stability=slow", "bad_message"),
    ]
    for url, code in cases:
        async with connect(url) as refused:
            answer = json.loads(await asyncio.wait_for(refused.recv(), 5))
            assert (answer["type"], answer["code"]) == ("error", code), url
            assert await closed(refused) == 1008


@pytest.mark.parametrize(
    ("role", "message"),
    [
        ("viewer", {"type": "cue", "text": "x"}),
        ("host", comment("c1", "x")),
        ("connector", {"type": "overlay", "action": "clear"}),
        ("moderator", speech("s1", 0, "x")),
    ],
)
async def test_roles_send_only_what_is_theirs(service, role: str, message: dict) -> None:
    async with service.client(role) as client:
        assert (await client.say(**message))["code"] == "forbidden"


async def test_too_fast(run_service) -> None:
    async with run_service(moderator_rate=5) as running, running.client("moderator") as moderator:
        answers = await asyncio.gather(*(moderator.socket.send(json.dumps({"type": "cue", "text": "x", "ref": str(n)})) for n in range(40)))
        answers = await moderator.events(40, "ack", "error")
    assert {answer.get("code") for answer in answers} == {None, "too_fast"}


async def test_streams_and_lang_narrow_what_comes(service) -> None:
    async with (
        service.client("admin", streams="subtitle", lang="ar,ja") as narrow,
        service.client("admin", streams="none") as none,
        service.client("viewer") as viewer,
        service.client("host") as host,
        service.client("connector") as connector,
    ):
        await connector.say(**comment("c1", "halo kak"))
        await host.say(**speech("s1", 0, "你好。"))
        assert {event["lang"] for event in await narrow.events(2)} == {"ar", "ja"}
        assert {event["type"] for event in await viewer.events(7)} == {"subtitle"}
        assert (await none.say(type="cue", text="x"))["type"] == "ack"
        assert await none.quiet() == []


async def test_after_gives_what_was_missed_then_live_without_repeat(service) -> None:
    async with service.client("host") as host, service.client("admin") as admin:
        for number in range(5):
            await host.say(**speech(f"s{number}", 0, f"第{number}句话。"))
        seen = await admin.events(1 + 5 + 35, "speech", "subtitle", "stream")
        cut = seen[10]["seq"]
        async with service.client("admin", after=str(cut)) as back:
            await host.say(**speech("s9", 0, "最后一句。"))
            numbers = [event["seq"] for event in await back.events(41 + 8 - cut, "speech", "subtitle", "stream")]
    assert numbers == list(range(cut + 1, 50))


async def test_after_works_across_a_restart_and_missing_subtitles_are_made(run_service) -> None:
    async with run_service() as running, running.client("host") as host:
        await host.say(**speech("s1", 0, "你好。"))
        running.stop()
    async with run_service() as running, running.client("admin", after="0") as admin:
        events = await admin.events(9, "stream", "speech", "subtitle")
        assert [event["seq"] for event in events] == list(range(1, 10))


async def test_partials_are_not_recorded_and_follow_the_mode(service) -> None:
    async with (
        service.client("viewer", lang="en") as fast,
        service.client("viewer", lang="en", stability="reading") as reading,
        service.client("host") as host,
    ):
        for rev, text in enumerate(("大家好", "大家好欢迎", "大家好欢迎来到")):
            assert (await host.say(**speech("s1", rev, text, final=False)))["seq"] is None
            await asyncio.sleep(0.15)
        await host.say(**speech("s1", 3, "大家好，欢迎来到直播间。"))
        got = [await fast.next()]
        while not got[-1]["final"]:
            got.append(await fast.next())
        assert len(got) >= 2 and all(event["seq"] is None and not event["final"] for event in got[:-1])
        assert [event["rev"] for event in got] == sorted(event["rev"] for event in got)
        assert not any(event["text"].endswith((".", "。")) for event in got[:-1])
        (only,) = await reading.events(1, "subtitle")
        assert only["final"] and only["text"] == got[-1]["text"], "finals are the same in every mode"


async def test_a_reply_goes_out_in_the_askers_language(service) -> None:
    async with service.client("connector") as connector, service.client("moderator") as moderator:
        await connector.say(**comment("c7", "كم السعر؟", country="SA"))
        ack = await moderator.say(type="reply", comment="c7", text="八十九里亚尔，包邮")
        reply = await connector.until(lambda event: event["type"] == "reply")
    assert reply["seq"] == ack["seq"] and reply["lang"] == "ar" and reply["comment"] == "c7"
    assert reply["source"] == {"lang": "zh", "text": "八十九里亚尔，包邮"}


async def test_a_client_that_does_not_read_is_closed_with_1013_and_others_go_on(run_service, monkeypatch) -> None:
    monkeypatch.setattr(sockets, "CLOSE_SECONDS", 60.0)
    async with (
        run_service(socket_buffer_bytes=65_536) as running,
        connect(running.address("admin"), max_queue=1) as lazy,
        running.client("admin", streams="none") as good,
    ):
        for number in range(1_000):
            await good.socket.send(json.dumps({"type": "cue", "text": "字" * 2000, "ref": str(number)}))
        assert len(await good.events(1_000, "ack", seconds=60)) == 1_000
        assert await closed(lazy) == 1013
        assert (await good.say(type="cue", text="x"))["type"] == "ack"
