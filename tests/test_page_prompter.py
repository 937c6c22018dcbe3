"""The prompter in a real browser on a real server: what the host sees, hears and sends back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from assistant.translate.routes import Installed
from tests.browser import browsing, needed, playwright, soon
from tests.conftest import Client, Running
from tests.flow import LANGUAGES, Scripted

pytestmark = needed
expect = playwright.expect
FAKE_SYNTH = """
  const said = [], voices = [{voiceURI: 'v-zh', name: 'Mei', lang: 'zh-CN'}, {voiceURI: 'v-ar', name: 'Layla', lang: 'ar-SA'}];
  window.said = said;
  Object.defineProperty(window, 'speechSynthesis', {value: {
    getVoices: () => voices, addEventListener() {}, cancel() { said.push('cancel'); },
    speak(words) { said.push([words.text, words.lang, words.volume, words.voice?.voiceURI]); this.last = words; },
  }});
  window.SpeechSynthesisUtterance = class { constructor(text) { this.text = text; } };
"""
"""The browser's speech synthesis is not ours, and a server has no voices: this one notes what it is told to say."""


@pytest.fixture
async def service(run_service) -> AsyncIterator[Running]:
    async with run_service(engines={"m": Scripted()}, installed=[Installed("m", LANGUAGES, LANGUAGES)]) as running:
        yield running


async def opened(context: Any, service: Running, query: str = "", role: str = "host") -> Any:
    page = await context.new_page()
    await page.goto(f"{service.url}/prompter/sample?token={service.token(role)}&{query}")
    await soon(lambda: page.evaluate("() => document.body.dataset.state"), "live")
    return page


async def asked(chat: Client, names: str = "abcd") -> None:
    """Viewers in Saudi Arabia ask the price."""
    for name in names:
        await chat.say(type="comment", id=f"c-{name}", user={"id": name, "name": name}, text="كم السعر؟", country="SA", platform="tiktok")


async def test_a_question_brings_a_card_which_pedals_answer(service: Running) -> None:
    async with (
        browsing() as context, service.client("connector", streams="none") as chat, service.client("moderator", streams="feedback,suggestion") as moderator,
        service.client("host", streams="none") as host,
    ):  # fmt: skip
        page = await opened(context, service, "ui=en")
        assert await page.evaluate("() => document.documentElement.lang") == "en"
        await host.say(type="product", sku="ABAYA-01")
        await expect(page.locator("live-product .name")).to_have_text("塔丽慕绉布长袍")
        await expect(page.locator("live-product .stock b")).to_have_text("318")
        await asked(chat)
        card = (await moderator.events(1, "suggestion"))[0]
        await expect(page.locator("live-card .text")).to_have_text(card["text"])
        text = page.locator("live-card .text")
        assert [await text.get_attribute("lang"), await text.get_attribute("dir")] == ["ar", "rtl"]
        await expect(page.locator("live-card .gloss")).to_have_text(card["gloss"]["text"])
        await expect(page.locator("live-card .why")).to_contain_text(card["reason"])
        question = page.locator("live-questions li").first
        await expect(question.locator(".count")).to_have_text("4×")
        await expect(question.locator(".intent")).to_have_text("the price")
        size = "(text) => parseFloat(getComputedStyle(text).fontSize)"
        assert await text.evaluate(size) >= 36

        await page.wait_for_timeout(700)
        await page.keyboard.press("ArrowUp")
        pinned = (await moderator.events(1, "feedback"))[0]
        assert (pinned["suggestion"], pinned["action"]) == (card["id"], "pinned")
        await expect(page.locator("live-card span.pinned")).to_be_visible()
        await page.keyboard.press("PageDown")
        used = (await moderator.events(1, "feedback"))[0]
        assert (used["suggestion"], used["action"]) == (card["id"], "used")
        await expect(page.locator("live-card")).not_to_contain_text(card["text"])

        again = await opened(context, service, role="moderator")
        assert await again.evaluate("() => document.documentElement.lang") == "zh-Hans", "the room's moderator language"
        await expect(again.locator("live-product .name")).to_have_text("塔丽慕绉布长袍")
        await expect(again.locator("live-card")).not_to_contain_text(card["text"])
        await chat.say(type="signal", name="order", user="u9", sku="ABAYA-01", value=189, currency="SAR")
        await expect(page.locator("live-product .stock b")).to_have_text("317", timeout=15_000)


async def test_a_warning_stands_once_with_the_sentence_to_say_instead(service: Running) -> None:
    async with browsing() as context, service.client("host", streams="warning") as host:
        page = await opened(context, service, "ui=zh&theme=light")
        await host.say(type="speech", segment="s1", rev=0, final=False, text="这件是全网第一的长袍，大", lang="zh")
        warnings = page.locator("live-warnings .warning")
        await expect(warnings).to_have_count(1)
        await host.say(type="speech", segment="s1", rev=1, final=True, text="这件是全网第一的长袍。", lang="zh")
        told = await host.until(lambda event: event["type"] == "warning" and event["seq"] is not None and event["lang"] == "zh")
        await page.wait_for_timeout(300)
        assert await warnings.count() == 1
        await expect(warnings.locator(".matched")).to_contain_text("全网第一")
        rewrite = await warnings.locator(".rewrite").text_content()
        assert rewrite and told["matched"] in "是全网第一"
        assert await warnings.evaluate("(warning) => getComputedStyle(warning).backgroundColor") == "rgb(168, 18, 29)"
        await page.keyboard.press("Escape")
        await expect(warnings).to_have_count(0)


async def test_a_cue_flashes_counts_down_and_stays_text(service: Running) -> None:
    async with browsing() as context, service.client("moderator", streams="none") as moderator:
        page = await opened(context, service, "ui=en&mirror=1")
        assert "matrix(-1" in await page.locator("#stage").evaluate("(stage) => getComputedStyle(stage).transform")
        await moderator.say(type="cue", text="<img src=x onerror=alert(1)> 喝水", flash=True, seconds=60)
        cue = page.locator("live-cue")
        await expect(cue.locator(".text")).to_have_text("<img src=x onerror=alert(1)> 喝水")
        assert await cue.evaluate("(cue) => getComputedStyle(cue).animationName") == "flash"
        assert (await cue.locator(".timer").text_content())[:3] in ("1:0", "0:5")
        await page.keyboard.press("ArrowDown")
        await expect(cue).to_be_hidden()
        await moderator.say(type="cue", text="快一点", seconds=1)
        await expect(cue.locator(".timer")).to_have_text("time is up", timeout=6_000)
        await page.keyboard.press("m")
        assert await page.locator("#stage").evaluate("(stage) => getComputedStyle(stage).transform") == "none"
        before = await page.evaluate("() => parseFloat(getComputedStyle(document.documentElement).fontSize)")
        await page.keyboard.press("+")
        assert await page.evaluate("() => parseFloat(getComputedStyle(document.documentElement).fontSize)") > before
        await page.keyboard.press("d")
        assert await page.evaluate("() => document.documentElement.dataset.theme") == "light"
        await page.reload()
        await expect(page.locator("html")).to_have_attribute("data-theme", "light")  # kept; the script runs after the page has loaded


async def test_the_earpiece_never_speaks_over_the_host(service: Running) -> None:
    async with (
        browsing() as context, service.client("connector", streams="none") as chat, service.client("host", streams="none") as host,
        service.client("moderator", streams="suggestion") as moderator,
    ):  # fmt: skip
        await context.add_init_script(FAKE_SYNTH)
        page = await opened(context, service, "ui=en")
        await page.get_by_role("button", name="Settings").click()
        await page.locator("[name=speak]").check()
        await page.locator("[name=voice]").select_option("v-zh")
        await page.locator("[name=volume]").fill("0.2")
        await page.get_by_role("button", name="Test", exact=True).click()
        assert (await page.evaluate("() => window.said"))[-1][1:] == ["zh-CN", 0.2, "v-zh"]
        await page.get_by_role("button", name="Close").click()
        await page.evaluate("() => { speechSynthesis.last.onend(); window.said.length = 0; }")
        await host.say(type="product", sku="ABAYA-01")

        async def talk() -> None:
            for rev in range(10_000):
                await host.say(type="speech", segment="long", rev=rev, final=False, text="我还在说" + "呀" * (rev % 50), lang="zh")
                await asyncio.sleep(0.3)

        talking = asyncio.create_task(talk())
        await expect(page.locator("#ear")).to_have_text("you are speaking")
        await asked(chat)
        card = (await moderator.events(1, "suggestion"))[0]
        await expect(page.locator("live-card .text")).to_have_text(card["text"])
        await page.wait_for_timeout(1_000)
        assert await page.evaluate("() => window.said") == []
        talking.cancel()
        await soon(lambda: page.evaluate("() => window.said"), [[card["gloss"]["text"], "zh", 0.2, "v-zh"]])
        talking = asyncio.create_task(host.say(type="speech", segment="more", rev=0, final=False, text="等一下", lang="zh"))
        await soon(lambda: page.evaluate("() => window.said[1]"), "cancel")
        await talking
        await soon(lambda: page.evaluate("() => window.said.length"), 3)


async def test_who_may_not_is_told_so(service: Running) -> None:
    async with browsing() as context:
        page = await context.new_page()
        await page.goto(f"{service.url}/prompter/sample?token=wrong&ui=en")
        await expect(page.locator("#status")).to_contain_text("the room refuses this page")
        context.faults[:] = [fault for fault in context.faults if "403" not in fault]  # the browser's own note of the refused request


async def test_partial_speech_is_for_those_who_ask_for_it(service: Running) -> None:
    async with (
        service.client("host", streams="none") as host, service.client("moderator", streams="speech", partials="1") as asks,
        service.client("moderator", streams="speech") as plain, service.client("viewer", partials="1") as viewer,
    ):  # fmt: skip
        await host.say(type="speech", segment="s1", rev=0, final=False, text="你好", lang="zh")
        await host.say(type="speech", segment="s1", rev=1, final=True, text="你好。", lang="zh")
        heard = await asks.events(2, "speech")
        assert [(event["final"], event["seq"] is None, event["text"]) for event in heard] == [(False, True, "你好"), (True, False, "你好。")]
        assert (await plain.events(1, "speech"))[0]["final"]
        assert not [event for event in await viewer.quiet(0.5) if event["type"] == "speech"]
