"""Glossaries over HTTP and on the disk, while a real room runs."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import httpx
import pytest

from assistant.glossary.read import MAX_BYTES

GOOD = "zh,ar,en\n精华液,سيروم,serum\n"
BETTER = "zh,ar,en\n精华液,سيروم,serum\n面霜,كريم,cream\n"
BAD = "zh,ar,en\n精华液,سيروم,serum\n精华液,مصل,serum\n"
PATH = "/api/rooms/sample/glossaries/middle_east"


def caller(service, role: str = "moderator") -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=service.url, headers={"Authorization": f"Bearer {service.token(role)}"})


async def terms(http: httpx.AsyncClient, market: str = "middle_east") -> int:
    """How many terms serve."""
    listing = (await http.get("/api/rooms/sample/glossaries")).json()["glossaries"]
    return next(each["terms"] for each in listing if each["market"] == market)


async def until(http: httpx.AsyncClient, wanted: int, seconds: float = 2.0) -> float:
    """Seconds until so many terms serve."""
    start = time.monotonic()
    while await terms(http) != wanted:
        assert time.monotonic() - start < seconds, "an edit takes effect within two seconds"
        await asyncio.sleep(0.05)
    return time.monotonic() - start


async def test_put_then_get_gives_the_file_back(service) -> None:
    async with caller(service) as http:
        put = await http.put(PATH, content=GOOD.encode(), headers={"Content-Type": "text/csv"})
        assert put.status_code == 200 and put.json()["terms"] == 1
        got = await http.get(PATH)
        assert got.text == GOOD and got.headers["content-type"].startswith("text/csv") and got.headers["etag"] == put.headers["etag"]
        assert got.headers["liveroom-problems"] == "0"
        assert (service.data / "glossaries" / "middle_east.csv").read_text(encoding="utf-8") == GOOD
        assert (await http.get(PATH, headers={"If-None-Match": got.headers["etag"]})).status_code == 304
        assert [path.name for path in (service.data / "glossaries").iterdir()] == ["middle_east.csv"], "no draft is left"
        assert {"get", "put"} <= (await http.get("/openapi.json")).json()["paths"]["/api/rooms/{room}/glossaries/{market}"].keys()


async def test_two_editors_do_not_overwrite_each_other(service) -> None:
    async with caller(service) as http:
        first = (await http.put(PATH, content=GOOD.encode())).headers["etag"]
        second = await http.put(PATH, content=BETTER.encode(), headers={"If-Match": first})
        assert second.status_code == 200
        late = await http.put(PATH, content=GOOD.encode(), headers={"If-Match": first})
        assert late.status_code == 412 and (await http.get(PATH)).text == BETTER
        both = await asyncio.gather(
            *(http.put(PATH, content=f"{GOOD}粉底{n}号,{'كريم ' * (n + 1)}أساس\n".encode(), headers={"If-Match": second.headers["etag"]}) for n in range(8))
        )
        assert sorted(answer.status_code for answer in both) == [200, *[412] * 7]
        assert (await http.put(PATH, content=GOOD.encode(), headers={"If-None-Match": "*"})).status_code == 412


async def test_a_faulty_file_is_told_line_by_line_and_not_written(service) -> None:
    async with caller(service) as http:
        await http.put(PATH, content=GOOD.encode())
        answer = await http.put(PATH, content=(BAD + "包,\u202eحقيبة,bag\n").encode())
        problems = answer.json()["error"]["problems"]
        assert answer.status_code == 400 and answer.json()["error"]["code"] == "bad_message"
        assert [problem["line"] for problem in problems] == [3, 4] and "conflict" in problems[0]["message"] and "U+202E" in problems[1]["message"]
        assert (await http.get(PATH)).text == GOOD and await terms(http) == 1
        assert (await http.put(PATH, content=b"\xff\xfe\x00")).status_code == 400
        assert (await http.put(PATH, content=b"a" * (MAX_BYTES + 1))).status_code == 413


async def test_who_may_edit_what(service) -> None:
    for role, status in (("viewer", 403), ("connector", 403), ("host", 200), ("moderator", 200), ("admin", 200)):
        async with caller(service, role) as http:
            assert (await http.put(PATH, content=GOOD.encode())).status_code == status
            assert (await http.get(PATH)).status_code == status
    async with caller(service) as http:
        for market in ("atlantis", "..%2F..%2Fsecret", "common.csv", "%00"):
            answer = await http.put(f"/api/rooms/sample/glossaries/{market}", content=GOOD.encode())
            assert answer.status_code == 404
        assert (await http.get("/api/rooms/other/glossaries/japan")).status_code == 403
        assert (await http.put("/api/rooms/sample/glossaries/common", content=GOOD.encode())).status_code == 200


async def test_an_edit_on_the_disk_takes_effect_and_a_bad_one_does_not(service) -> None:
    file: Path = service.data / "glossaries" / "middle_east.csv"
    async with caller(service) as http, service.client("connector") as connector, service.client("host") as host:
        file.parent.mkdir(exist_ok=True)
        sent, stop = 0, asyncio.Event()

        async def chat() -> None:
            nonlocal sent
            while not stop.is_set():
                answer = await connector.say(type="signal", name="like", value=1)
                assert answer["type"] == "ack"
                sent += 1
                await asyncio.sleep(0.01)

        chatting = asyncio.create_task(chat())
        file.write_text(GOOD, encoding="utf-8")
        await until(http, 1)
        file.write_text(BETTER, encoding="utf-8-sig")
        await until(http, 2)

        file.write_text(BAD, encoding="utf-8")
        async with asyncio.timeout(3):
            while not (told := (await http.get("/readyz")).json())["glossaries"]:
                await asyncio.sleep(0.05)
        assert told["ready"] and told["glossaries"][0] | {"message": ""} == {"file": "middle_east.csv", "line": 3, "message": "", "problems": 1}
        assert await terms(http) == 2, "the old one keeps serving"
        got = await http.get(PATH)
        assert got.text == BAD and got.headers["liveroom-problems"] == "1" and got.headers["liveroom-problem"].startswith("line 3: conflict")
        assert "liveroom_glossaries_faulty 1.0" in (await http.get("/metrics")).text

        file.write_text(GOOD, encoding="utf-8")
        await until(http, 1)
        assert not (await http.get("/readyz")).json()["glossaries"]
        stop.set()
        await chatting
        assert sent > 50 and (await host.say(type="signal", name="like"))["code"] == "forbidden"
        async with service.client("admin", after="0", streams="signal") as back:
            assert len(await back.events(sent)) == sent, "every message was recorded"


@pytest.mark.parametrize("broken", ["mkdir", "gone"])
async def test_a_disk_that_does_not_take_the_edit_says_so(service, broken: str) -> None:
    folder = service.data / "glossaries"
    if broken == "mkdir":
        folder.write_text("a file where the folder should be")
    else:
        (folder / "middle_east.csv").mkdir(parents=True)
    async with caller(service) as http:
        answer = await http.put(PATH, content=GOOD.encode())
        assert answer.status_code == 503 and answer.json()["error"]["code"] == "internal"


async def test_subtitles_use_the_edit_within_two_seconds_and_none_is_missing(service) -> None:
    async with caller(service) as http, service.client("host") as host, service.client("viewer", lang="ar") as viewer:
        said = 0

        async def say(text: str) -> str:
            """The Arabic subtitle of a line."""
            nonlocal said
            said += 1
            segment = f"s{said}"
            assert (await host.say(type="speech", segment=segment, rev=0, final=True, text=text))["type"] == "ack"
            subtitle = await viewer.until(lambda event: event.get("segment") == segment and event.get("final"), 20)
            return subtitle["text"]

        assert "كريم النجمة" not in await say("星辉幻彩膏")
        for edit, word in (("http", "كريم النجمة"), ("disk", "مرهم القمر")):
            content = f"zh,ar\n星辉幻彩膏,{word}\n"
            start = time.monotonic()
            if edit == "http":
                assert (await http.put(PATH, content=content.encode())).status_code == 200
                assert word in await say("星辉幻彩膏"), "an edit over HTTP counts for the very next line"
            else:
                (service.data / "glossaries" / "middle_east.csv").write_text(content, encoding="utf-8")
                while word not in await say("星辉幻彩膏"):
                    assert time.monotonic() - start < 2.0
                    await asyncio.sleep(0.05)
        told = (await http.get("/api/rooms/sample/events", params={"limit": 1000})).json()["events"]
        spoken = {event["segment"] for event in told if event["type"] == "speech"}
        assert len(spoken) == said and spoken == {event["segment"] for event in told if event["type"] == "subtitle" and event["lang"] == "ar"}
