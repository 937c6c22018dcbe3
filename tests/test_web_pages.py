"""The pages as a server delivers them: headers, what they may load, nothing inline, nothing foreign."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
from fastapi import FastAPI

from assistant.web import pages
from tests.edge import fetch, serving


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    app = FastAPI()
    app.include_router(pages.router())
    with serving(app) as url:
        yield url


class Parts(HTMLParser):
    """What a page loads, and what stands inline in it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.inline: list[str] = []
        self._inside = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside = tag
        for name, value in attrs:
            if name in ("src", "href"):
                self.loads.append(value or "")
            if name.startswith("on") or name == "style":
                self.inline.append(name)

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside in ("script", "style") and data.strip():
            self.inline.append(data)


@pytest.mark.parametrize("name", pages.PAGES)
def test_a_page_is_delivered_with_its_fences(url: str, name: str) -> None:
    answer = fetch(f"{url}/{name}/shop1?token=x.y.z&lang=ar")
    assert answer.status == 200 and answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["x-content-type-options"] == "nosniff"
    policy = dict(part.strip().split(" ", 1) for part in answer.headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'none'" and policy["script-src"] == "'self'" and policy["connect-src"] == "'self'"
    assert policy["base-uri"] == policy["form-action"] == "'none'"
    assert b"x.y.z" not in answer.body and b"shop1" not in answer.body


def test_only_the_overlay_takes_custom_css() -> None:
    assert "style-src 'self' 'unsafe-inline';" in pages.POLICIES["overlay"]
    for name in set(pages.PAGES) - {"overlay"}:
        assert "style-src 'self';" in pages.POLICIES[name] and "frame-ancestors 'none'" in pages.POLICIES[name]


def test_a_stylesheet_of_the_streamers_is_named_in_the_policy_and_nothing_else(url: str) -> None:
    def policy(css: str) -> str:
        return fetch(f"{url}/overlay/shop1?css={css}").headers["content-security-policy"]

    assert "style-src 'self' 'unsafe-inline' https://cdn.example/a/b.css;" in policy("https://cdn.example/a/b.css%3Fv=1")
    for odd in ("https://x/%3B%20script-src%20*", "https://x/a%20b", "javascript:1", "https://x", "https://*/a", "https://x/a%0D%0AX:1", ".line%7B%7D"):
        assert policy(odd) == policy("")


@pytest.mark.parametrize("name", pages.PAGES)
def test_everything_a_page_loads_is_there_and_ours(url: str, name: str) -> None:
    page = Parts(fetch(f"{url}/{name}/shop1").body.decode())
    assert page.inline == []
    todo, seen = [part for part in page.loads if part != "data:,"], set()
    assert todo
    while todo:
        part = todo.pop()
        assert part.startswith("/pages/"), part
        if part in seen:
            continue
        seen.add(part)
        answer = fetch(url + part)
        assert answer.status == 200, part
        assert answer.headers["content-type"] in ("text/css; charset=utf-8", "text/javascript; charset=utf-8")
        assert answer.headers["x-content-type-options"] == "nosniff" and answer.headers["referrer-policy"] == "no-referrer"
        text = answer.body.decode()
        assert not re.search(r"https?://|innerHTML|insertAdjacentHTML|document\.write|\beval\b|@import", text), part
        todo += ["/pages/" + name for name in re.findall(r'from "\./([^"]+)"', text)]


def test_an_unchanged_file_is_not_sent_again(url: str) -> None:
    first = fetch(f"{url}/pages/socket.js")
    again = fetch(f"{url}/pages/socket.js", If_None_Match=first.headers["etag"])
    assert (again.status, again.body) == (304, b"")


@pytest.mark.parametrize(
    "path", ["overlay.html", "__init__.py", "nothing.js", "..%2f..%2fsettings.py", "%2e%2e/%2e%2e/settings.py", "socket.js%00"]
)
def test_nothing_else_can_be_fetched(url: str, path: str) -> None:
    assert fetch(f"{url}/pages/{path}").status == 404


def test_head_works(url: str) -> None:
    assert fetch(f"{url}/overlay/shop1", method="HEAD").status == 200
    assert fetch(f"{url}/pages/overlay.js", method="HEAD").status == 200
