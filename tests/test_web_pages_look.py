"""The pages in a real Chromium against a scripted socket: what stands on the screen after which events."""

from __future__ import annotations

import asyncio
import json
import queue
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from fastapi import FastAPI, WebSocket

from assistant.web import pages
from tests.browser import browsing, needed, playwright
from tests.edge import serving

pytestmark = [pytest.mark.slow, needed]


class Script:
    """A socket that says what the test puts in: events, or ("close", code)."""

    def __init__(self) -> None:
        self.says: queue.Queue[Any] = queue.Queue()
        self.queries: list[dict[str, str]] = []
        self.over = False
        self.app = FastAPI()
        self.app.include_router(pages.router())

        @self.app.websocket("/ws/rooms/{room}")
        async def live(socket: WebSocket, room: str) -> None:
            await socket.accept()
            self.queries.append({"room": room, **socket.query_params})
            while not self.over:
                try:
                    said = self.says.get_nowait()
                except queue.Empty:
                    await asyncio.sleep(0.01)
                    continue
                if isinstance(said, tuple):
                    await socket.close(said[1])
                    return
                await socket.send_text(json.dumps(said))


@pytest.fixture
def script() -> Script:
    return Script()


@pytest.fixture
def url(script: Script) -> Iterator[str]:
    with serving(script.app) as url:
        yield url
        script.over = True


@pytest.fixture
async def page() -> AsyncIterator[Any]:
    async with browsing() as context:
        yield await context.new_page()


def subtitle(segment: str, text: str, seq: int | None = None, rev: int = 0, lang: str = "ar", flags: tuple[str, ...] = ()) -> dict:
    return {
        "type": "subtitle", "seq": seq, "at": 0, "segment": segment, "rev": rev, "final": seq is not None, "lang": lang, "text": text,
        "source": {"lang": "zh", "text": "你好"}, "terms": [], "flags": list(flags), "latency_ms": 8,
    }  # fmt: skip


async def texts(page: Any) -> list[str]:
    return await page.locator("#output .line").all_text_contents()


async def until(page: Any, expected: list[str]) -> None:
    for _ in range(300):
        if await texts(page) == expected:
            return
        await asyncio.sleep(0.01)
    assert await texts(page) == expected


async def test_overlay(script: Script, url: str, page: Any) -> None:
    await page.goto(f"{url}/overlay/shop1?token=t.o.k&lang=ar&stability=balanced&showtime=60000")
    script.says.put(subtitle("s1", "مرحبا"))
    await until(page, ["مرحبا"])
    line = page.locator("#output .line")
    assert [await line.get_attribute(name) for name in ("lang", "dir", "class")] == ["ar", "rtl", "line partial"]
    assert script.queries == [{"room": "shop1", "token": "t.o.k", "streams": "subtitle,overlay", "lang": "ar", "stability": "balanced"}]

    script.says.put(subtitle("s1", "مرحبا بكم", rev=2))
    script.says.put(subtitle("s1", "old", rev=1))
    script.says.put(subtitle("s1", "<img src=x onerror=alert(1)>", seq=7, rev=2))
    script.says.put(subtitle("s1", "late", rev=3))
    await until(page, ["<img src=x onerror=alert(1)>"])
    assert await line.get_attribute("class") == "line final"

    script.says.put(subtitle("s2", "你好", seq=8, flags=("untranslated",)))
    script.says.put(subtitle("s3", "three", seq=9))
    await until(page, ["你好", "three"])
    assert (await line.first.get_attribute("lang"), await line.first.get_attribute("dir")) == ("zh", "ltr")

    # OBS brings custom CSS in as a <style> element.
    await page.add_style_tag(content=".line {color: rgb(1, 2, 3)}")
    assert await line.first.evaluate("(line) => getComputedStyle(line).color") == "rgb(1, 2, 3)"
    assert await page.evaluate("() => getComputedStyle(document.body).backgroundColor") == "rgba(0, 0, 0, 0)"

    script.says.put({"type": "overlay", "seq": 10, "at": 0, "action": "hide", "lang": "ja"})
    script.says.put({"type": "overlay", "seq": 11, "at": 0, "action": "hide", "lang": "ar"})
    await playwright.expect(page.locator("#output")).to_be_hidden()
    script.says.put({"type": "overlay", "seq": 12, "at": 0, "action": "show"})
    await playwright.expect(page.locator("#output")).to_be_visible()
    script.says.put({"type": "overlay", "seq": 13, "at": 0, "action": "clear"})
    await until(page, [])

    script.says.put(("close", 1013))
    script.says.put(subtitle("s4", "back", seq=14))
    await until(page, ["back"])
    assert script.queries[1]["after"] == "13"


async def test_overlay_times(script: Script, url: str, page: Any) -> None:
    await page.goto(f"{url}/overlay/shop1?token=t&showtime=300&delay=1500&maxlines=1")
    for _ in range(300):
        if script.queries:
            break
        await asyncio.sleep(0.01)
    script.says.put(subtitle("s1", "one", seq=1))
    await asyncio.sleep(0.2)
    assert await texts(page) == []
    await until(page, ["one"])
    await until(page, [])


async def test_a_final_that_comes_after_the_next_partial_stands_before_it(script: Script, url: str, page: Any) -> None:
    await page.goto(f"{url}/overlay/shop1?token=t&showtime=0&maxlines=2")
    script.says.put(subtitle("s1", "one", seq=1))
    script.says.put(subtitle("s3", "three"))
    await until(page, ["one", "three"])
    script.says.put(subtitle("s2", "two", seq=2))
    await until(page, ["two", "three"])
    script.says.put(subtitle("s3", "three!", seq=3, rev=1))
    await until(page, ["two", "three!"])


async def test_overlay_refused_says_so_only_to_who_sets_it_up(script: Script, url: str, page: Any) -> None:
    script.says.put({"type": "error", "code": "forbidden", "message": "the token has expired"})
    script.says.put(("close", 1008))
    await page.goto(f"{url}/overlay/shop1?token=t&setup=1")
    await playwright.expect(page.locator("#setup")).to_contain_text("shop1 · refused · the token has expired")
    script.says.put({"type": "error", "code": "forbidden", "message": "the token has expired"})
    script.says.put(("close", 1008))
    await page.goto(f"{url}/overlay/shop1?token=t")
    await playwright.expect(page.locator("body")).to_have_attribute("data-state", "refused")
    assert (await page.locator("body").inner_text()).strip() == ""


def comment(seq: int, **more: Any) -> dict:
    return {
        "type": "comment", "seq": seq, "at": 0, "id": f"c{seq}", "user": {"id": "p-1", "name": "Aisha"}, "platform": "tiktok",
        "country": "SA", "text": "كم السعر؟", "lang": "ar", "confidence": 0.9,
        "translation": {"lang": "zh", "text": "多少钱？"}, "flags": [], **more,
    }  # fmt: skip


async def test_moderator(script: Script, url: str, page: Any) -> None:
    await page.goto(f"{url}/moderator/shop1?token=t&after=0")
    script.says.put(comment(1))
    odd = {"user": {"id": "p-2", "name": "\u202eevil<b>"}, "text": "😍", "lang": "und", "country": None}
    script.says.put(comment(2, **odd, translation=None, flags=["low_confidence"]))
    script.says.put({"type": "stats", "seq": None, "at": 0, "viewers": 1520, "comments_per_min": 48})
    items = page.locator("#comments .comment")
    await playwright.expect(items).to_have_count(2)
    await playwright.expect(page.locator("#status")).to_have_text("connected")
    await playwright.expect(page.locator("#numbers")).to_have_text("viewers 1520 · comments/min 48")
    first = items.first
    assert await first.locator(".name").text_content() == "Aisha"
    assert await first.locator(".country").get_attribute("title") == "Saudi Arabia"
    original = first.locator(".original")
    assert (await original.get_attribute("lang"), await original.get_attribute("dir")) == ("ar", "rtl")
    assert await first.locator(".translation").text_content() == "多少钱？"
    assert await items.nth(1).locator(".name").text_content() == "\u202eevil<b>"
    assert await items.nth(1).locator(".flag").text_content() == "language unsure"
    assert script.queries[0]["after"] == "0" and script.queries[0]["streams"].startswith("comment,")

    script.says.put({"type": "moderate", "seq": 3, "at": 0, "action": "hide", "target": "c1"})
    script.says.put({"type": "moderate", "seq": 4, "at": 0, "action": "pin", "target": "c2"})
    await playwright.expect(first).to_have_class("comment hide")
    await playwright.expect(items.nth(1)).to_have_class("comment pin")
    script.says.put({"type": "moderate", "seq": 6, "at": 0, "action": "unpin", "target": "c2"})
    script.says.put({"type": "erased", "seq": 1})
    await playwright.expect(items.nth(1)).to_have_class("comment")
    await playwright.expect(first).to_have_text("[erased]")

    for seq in range(10, 410):
        script.says.put(comment(seq))
    await playwright.expect(items).to_have_count(300)
    await playwright.expect(items.last).to_have_attribute("data-id", "c409")
    assert await page.evaluate("() => innerHeight + scrollY >= document.documentElement.scrollHeight - 80")
    await page.evaluate("() => scrollTo(0, 0)")
    script.says.put(comment(500))
    await page.locator("#newest").click()
    await playwright.expect(page.locator("#newest")).to_be_hidden()


async def test_moderator_in_chinese(url: str, page: Any) -> None:
    await page.goto(f"{url}/moderator/shop1?token=t&ui=zh")
    assert await page.evaluate("() => document.documentElement.lang") == "zh-Hans"
    await playwright.expect(page.locator("#empty")).to_have_text("暂无评论。")
