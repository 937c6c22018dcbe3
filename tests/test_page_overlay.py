"""The overlay in a real browser on a real server: what viewers see of what the host says, in which form, and what they never see."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from typing import Any

import pytest

from assistant.translate.routes import Installed
from tests.browser import browsing, needed, playwright, soon
from tests.conftest import Running
from tests.flow import LANGUAGES, Scripted, room_file

pytestmark = needed
expect = playwright.expect
ZALGO = "a" + "\u0301" * 300
HOSTILE = ["<script>document.body.dataset.bad=1</script>", "<img src=x onerror=document.body.dataset.bad=1>", "\u202eevil\u202d txt", "w" * 1_900, ZALGO]
THAI = "ชุดอาบายะผ้าเครปตัวนี้เบาสบายไม่ร้อนใส่ทำงานก็ได้ใส่ไปเยี่ยมญาติก็ได้ราคาวันนี้ถูกมากจริงๆค่ะ"
CHINESE = "这件长袍的面料又轻又软，大家看一下这个袖口的设计，今天直播间的价格非常合适，喜欢的朋友可以直接下单。"
JAPANESE = "このワンピースは生地が軽くてとても涼しいです。今日だけの特別な価格でご用意しましたので、ぜひご覧ください。"
ROWS = """(line) => {
  const range = document.createRange(), tops = [], walker = document.createTreeWalker(line, NodeFilter.SHOW_TEXT);
  let at = 0;
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    for (let i = 0; i < node.length; i += 1, at += 1) {
      range.setStart(node, i); range.setEnd(node, i + 1);
      const box = range.getClientRects()[0];
      if (box) tops.push([at, box.top + box.height / 2]);
    }
  }
  return tops.filter(([, top], i) => i > 0 && top - tops[i - 1][1] > 12).map(([at]) => at);
}"""
"""Where a line's rows begin: offsets in its text."""
WORDS = """([text, lang]) => [...new Intl.Segmenter(lang, {granularity: 'word'}).segment(text)].map(({index}) => index)"""


@pytest.fixture
async def service(run_service) -> AsyncIterator[Running]:
    room = room_file(id="sample", subtitle_languages=["zh", "ar", "ja", "th", "en"])
    async with run_service(rooms=[room], engines={"m": Scripted()}, installed=[Installed("m", LANGUAGES, LANGUAGES)]) as running:
        yield running


async def opened(context: Any, service: Running, query: str, chat: bool = False) -> Any:
    page = await context.new_page()
    await page.goto(f"{service.url}/overlay/sample?token={service.token('viewer', chat=chat)}&{query}")
    await soon(lambda: page.evaluate("() => document.body.dataset.state"), "live")
    return page


async def texts(page: Any) -> list[str]:
    return await page.locator("#output .line").all_text_contents()


async def test_what_is_said_appears_in_place_and_no_text_is_ever_markup(service: Running) -> None:
    async with browsing() as context, service.client("host", streams="none") as host, service.client("moderator", streams="none") as moderator:
        page = await opened(context, service, "lang=zh&maxlines=2&showtime=0")
        assert await page.evaluate("() => getComputedStyle(document.body).backgroundColor") == "rgba(0, 0, 0, 0)"
        await host.say(type="speech", segment="s1", rev=0, final=False, text="大家好，欢", lang="zh")
        await soon(lambda: texts(page), ["大家好，欢"])
        line = page.locator("#output .line")
        assert await line.evaluate("(line) => Number(getComputedStyle(line).opacity) < 0.9")
        await host.say(type="speech", segment="s1", rev=1, final=True, text="大家好，欢迎！", lang="zh")
        await soon(lambda: texts(page), ["大家好，欢迎！"])
        assert await line.evaluate("(line) => Number(getComputedStyle(line).opacity)") == 1
        assert [await line.get_attribute(name) for name in ("lang", "dir", "data-segment")] == ["zh", "ltr", "s1"]
        for number, text in enumerate(HOSTILE):
            await host.say(type="speech", segment=f"h{number}", rev=0, final=True, text=text, lang="zh")
        await soon(lambda: texts(page), HOSTILE[-2:])
        assert await page.evaluate("() => [document.body.dataset.bad, document.querySelectorAll('#output img, #output script').length]") == [None, 0]
        inside = "() => [...document.querySelectorAll('#output .line')].every((line) => line.getBoundingClientRect().right <= innerWidth)"
        assert await page.evaluate(inside)
        assert await line.last.evaluate("(line) => line.getBoundingClientRect().height < 120"), "piled marks stay in their line"

        # The panic key takes it off everywhere, also over a reload of the source, until it is shown again.
        await moderator.say(type="overlay", action="hide", lang="ja")
        await moderator.say(type="overlay", action="hide")
        await expect(page.locator("#output")).to_be_hidden()
        await page.reload()
        await expect(page.locator("#output")).to_be_hidden()
        await host.say(type="speech", segment="s2", rev=0, final=True, text="还在吗", lang="zh")
        await soon(lambda: texts(page), ["还在吗"])
        await expect(page.locator("#output")).to_be_hidden()
        await moderator.say(type="overlay", action="show")
        await expect(page.locator("#output")).to_be_visible()
        await moderator.say(type="overlay", action="clear")
        await soon(lambda: texts(page), [])


async def test_every_script_breaks_and_runs_as_it_should(service: Running) -> None:
    async with browsing(viewport={"width": 640, "height": 480}) as context, service.client("host", streams="none") as host:
        page = await opened(context, service, "lang=th,zh,ja,ar&maxlines=1&showtime=0")
        for lang, text in (("th", THAI), ("zh", CHINESE), ("ja", JAPANESE)):
            only = await opened(context, service, f"lang={lang}&showtime=0&maxlines=1")
            await host.say(type="speech", segment=lang, rev=0, final=True, text=text, lang=lang)
            await soon(lambda only=only: texts(only), [text])
            rows = await only.locator("#output .line").evaluate(ROWS)
            assert rows and set(rows) <= set(await only.evaluate(WORDS, [text, lang])), "rows begin with words"
            assert not set("，。、ๆ") & {text[at] for at in rows}
            await only.close()
        text = "عباية Talimoo بسعر 189 ريال، الكود A-12 (لون أسود)"
        only = await opened(context, service, "lang=ar&showtime=0&dual=1&align=start")
        await host.say(type="speech", segment="ar", rev=0, final=True, text=text, lang="ar")
        await soon(lambda: texts(only), [text])
        line = only.locator("#output .line")
        look = "(line) => [line.dir, getComputedStyle(line).direction, getComputedStyle(line).unicodeBidi]"
        assert await line.evaluate(look) == ["rtl", "rtl", "isolate"]
        assert "Arabic" in await line.evaluate("(line) => getComputedStyle(line).fontFamily")
        await host.say(type="speech", segment="two", rev=0, final=True, text="今天只要一百八十九", lang="zh")
        await expect(only.locator("#output .pair .line.source")).to_have_text("今天只要一百八十九")
        assert await only.locator("#output .pair .line.translation").get_attribute("dir") == "rtl"
        # An older OBS knows no phrases: its Japanese breaks before no particle and no closing mark.
        parts = await page.evaluate("async (text) => (await import('/pages/format.js')).breaks(text, 'ja')", JAPANESE)
        assert "".join(parts) == JAPANESE and len(parts) > 8 and not any(part[0] in "はがでもの。、" for part in parts)


async def test_the_address_dresses_it(service: Running) -> None:
    packed = base64.b64encode(".line { letter-spacing: 3px } /* ä */".encode()).decode()
    query = (
        f"lang=zh&showtime=0&font=Georgia,x%22;y&fontsize=50&fontweight=800&color=ff0&bg=003366&bgopacity=50&outline=2&shadow=1&pad=7&radius=9&align=right"
        f"&valign=top&uppercase=1&nowrap=1&css=.line%7Bword-spacing:5px%7D&b64css={packed}"
    )
    async with browsing() as context, service.client("host", streams="none") as host:
        page = await opened(context, service, query)
        await host.say(type="speech", segment="s1", rev=0, final=True, text="abc 你好", lang="zh")
        await soon(lambda: texts(page), ["abc 你好"])
        look = await page.locator("#output .line").evaluate("(line) => ({...getComputedStyle(line)})")
        wanted = {
            "fontSize": "50px", "fontWeight": "800", "color": "rgb(255, 255, 0)", "backgroundColor": "rgba(0, 51, 102, 0.5)", "padding": "7px",
            "borderRadius": "9px", "textAlign": "right", "textTransform": "uppercase", "whiteSpace": "nowrap", "letterSpacing": "3px", "wordSpacing": "5px",
        }  # fmt: skip
        assert {name: look[name] for name in wanted} == wanted
        assert look["fontFamily"].startswith("Georgia, xy, ") and look["textShadow"].count("rgb(") == 17
        box = await page.locator("#output .line").bounding_box()
        assert box["y"] < 60 and box["x"] + box["width"] > 1_200
        await page.add_style_tag(content="#output {font-family: Impact} .line {color: rgb(1, 2, 3)}")  # as OBS does
        look = await page.locator("#output .line").evaluate("(line) => ({...getComputedStyle(line)})")
        assert (look["color"], look["fontFamily"]) == ("rgb(1, 2, 3)", "Impact")
        nonsense = "color=url(x)&bg=}&fontsize=expression(1)&font=%22;}&pad=x&align=__proto__&maxlines=-3&css=%7D%7D&b64css=%%%&showtime=x"
        odd = await opened(context, service, f"lang=zh&{nonsense}")
        await host.say(type="speech", segment="s2", rev=0, final=True, text="还好", lang="zh")
        await soon(lambda: texts(odd), ["还好"])


async def test_lines_stay_until_they_could_be_read(service: Running) -> None:
    async with browsing() as context, service.client("host", streams="none") as host:
        page = await opened(context, service, "lang=ja&maxlines=1&showtime=0")
        await host.say(type="speech", segment="s1", rev=0, final=True, text="十文字ちょうどある文だ", lang="ja")
        await soon(lambda: texts(page), ["十文字ちょうどある文だ"])
        await host.say(type="speech", segment="s2", rev=0, final=True, text="次の文", lang="ja")
        await page.wait_for_timeout(900)
        assert await texts(page) == ["十文字ちょうどある文だ"], "Japanese is read at four characters a second"
        await soon(lambda: texts(page), ["次の文"], 4)
        for number in range(6):
            await host.say(type="speech", segment=f"f{number}", rev=0, final=True, text=f"速い話し手の文{number}", lang="ja")
        await soon(lambda: texts(page), ["速い話し手の文5"], 6)


async def test_nothing_is_lost_doubled_or_told_to_viewers_over_a_restart(run_service) -> None:
    room = room_file(id="sample", subtitle_languages=["zh"])
    made = {"rooms": [room], "engines": {"m": Scripted()}, "installed": [Installed("m", LANGUAGES, LANGUAGES)]}
    async with browsing() as context:
        async with run_service(**made) as first:
            page = await opened(context, first, "lang=zh&showtime=0&maxlines=9")
            port = int(first.url.rsplit(":", 1)[1])
            async with first.client("host", streams="none") as host:
                await host.say(type="speech", segment="s1", rev=0, final=True, text="第一句", lang="zh")
            await soon(lambda: texts(page), ["第一句"])
        await soon(lambda: page.evaluate("() => document.body.dataset.state"), "waiting")
        assert (await page.locator("body").inner_text()).strip() == "第一句"
        async with run_service(**made, port=port) as second, second.client("host", streams="none") as host:
            await host.say(type="speech", segment="s2", rev=0, final=True, text="第二句", lang="zh")
            await soon(lambda: texts(page), ["第一句", "第二句"], 15)
            await host.say(type="speech", segment="s3", rev=0, final=True, text="第三句", lang="zh")
            await soon(lambda: texts(page), ["第一句", "第二句", "第三句"])
        context.faults[:] = [fault for fault in context.faults if "WebSocket connection" not in fault]  # the browser's own note in its console
        refused = await context.new_page()
        await page.close()
        async with run_service(**made) as third:
            await refused.goto(f"{third.url}/overlay/sample?token=wrong&lang=zh")
            await soon(lambda: refused.evaluate("() => document.body.dataset.state"), "refused")
            assert (await refused.locator("body").inner_text()).strip() == ""


async def test_the_chat_shows_what_viewers_may_see_and_delay_holds_back_all_but_the_panic_key(service: Running) -> None:
    async with (
        browsing() as context, service.client("connector", streams="none") as chat, service.client("moderator", streams="none") as moderator,
        service.client("host", streams="none") as host,
    ):  # fmt: skip
        page = await opened(context, service, "lang=zh&chat=1", chat=True)
        plain = await opened(context, service, "lang=zh", chat=True)
        await chat.say(type="comment", id="c1", user={"id": "u1", "name": "<b>Aisha</b>"}, text="كم السعر؟ call 0501234567", country="SA")
        await chat.say(type="comment", id="c2", user={"id": "u2", "name": "Bob"}, text="<img src=x onerror=alert(1)> nice", country="SA")
        comments = page.locator("#chat .comment")
        await expect(comments).to_have_count(2)
        said = await comments.first.inner_text()
        assert "<b>Aisha</b>" in said and "0501234567" not in said and await plain.locator(".comment").count() == 0
        assert await page.locator("#chat img, #chat b").count() == 0
        await moderator.say(type="moderate", action="pin", target="c2")
        await expect(page.locator("#chat .comment.pinned")).to_contain_text("nice")
        late = await opened(context, service, "lang=zh&delay=1500&showtime=0")
        await host.say(type="speech", segment="s1", rev=0, final=True, text="先说的", lang="zh")
        await late.wait_for_timeout(300)
        assert await texts(late) == []
        await moderator.say(type="overlay", action="clear")
        await host.say(type="speech", segment="s2", rev=0, final=True, text="后说的", lang="zh")
        await soon(lambda: texts(late), ["后说的"])
        await expect(comments).to_have_count(0)
