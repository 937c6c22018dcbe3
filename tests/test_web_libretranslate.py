"""LibreTranslate's calls against a real server: its own client, its shapes, its errors; real scheduler, routes and detector."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from time import time
from urllib.error import HTTPError
from urllib.parse import urlencode

import pytest
from fastapi import FastAPI
from libretranslatepy import LibreTranslateAPI

from assistant.detect import Detector
from assistant.errors import WireError
from assistant.limits import Limits
from assistant.schedule import Scheduler
from assistant.translate import Translation
from assistant.translate.request import Decoded, Request
from assistant.translate.routes import Installed, Routes
from assistant.web import libretranslate
from assistant.web.speak import Speaker
from assistant.web.tokens import issue
from tests.edge import fetch, post, serving

SECRET = "a-secret-of-a-good-length-for-tests"
WORDS = {
    ("你好", "en"): "Hello", ("大家好", "en"): "Hello everybody", ("Hello everybody", "ar"): "مرحبا بالجميع",
    ("Hello", "ar"): "مرحبا", ("hello", "zh"): "你好", ("world", "zh"): "世界", ("Hello", "zh"): "你好",
    ("how much is this bag", "zh"): "这个包多少钱", ("berapa harganya kak, bisa kirim ke Jakarta", "en"): "How much is it",
    ("How much is it", "zh"): "多少钱", ("fish & chips", "zh"): "炸鱼和薯条",
}  # fmt: skip


class Phrasebook:
    """An engine that knows a few phrases; it waits while `closed`, breaks on "break"."""

    def __init__(self) -> None:
        self.open = threading.Event()
        self.open.set()
        self.asked: list[str] = []

    def translate(self, batch: Sequence[Request]) -> list[Decoded]:
        self.open.wait(10)
        self.asked += [request.text for request in batch]
        if any(request.text == "break" for request in batch):
            raise RuntimeError("the model broke over: break")
        return [Decoded(WORDS.get((request.text.rstrip("."), request.target), "不知道")) for request in batch]


ENGINE = Phrasebook()


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    yield from served(open_api=False)


@pytest.fixture(scope="module")
def open_url() -> Iterator[str]:
    yield from served(open_api=True)


def served(open_api: bool) -> Iterator[str]:
    models = [
        Installed("many-en", frozenset({"zh", "id", "th"}), frozenset({"en"})),
        Installed("en-many", frozenset({"en"}), frozenset({"zh", "ar"})),
    ]
    routes = Routes(models)
    scheduler = Scheduler({model.name: ENGINE for model in models}, Limits(comments=200, workers=1))
    app = FastAPI()
    app.include_router(libretranslate.router(Speaker(routes, scheduler, Detector()), routes, SECRET, open_api=open_api))
    with serving(app) as url:
        yield url


@pytest.fixture
def key() -> str:
    return token("moderator")


def token(role: str, ttl: int = 60) -> str:
    return issue(SECRET, "shop1", role, ttl, now=time())  # type: ignore[arg-type]


# Its own client


def test_its_python_client_works_by_changing_the_url(url: str, key: str) -> None:
    client = LibreTranslateAPI(url, api_key=key)
    assert client.translate("大家好", "zh", "ar") == "مرحبا بالجميع"
    assert client.translate("hello", "en", "zh-Hans") == "你好"
    assert client.translate("berapa harganya kak, bisa kirim ke Jakarta", "auto", "zh") == "多少钱"
    (found,) = client.detect("how much is this bag and when does it ship")
    assert found["language"] == "en" and 50 < found["confidence"] <= 100
    (found,) = client.detect("大家好，欢迎来到直播间")
    assert found["language"] == "zh-Hans"
    assert {"code": "ar", "name": "Arabic", "targets": ["ar"]} in LibreTranslateAPI(url).languages()


def test_its_python_client_sees_refusals(url: str) -> None:
    with pytest.raises(HTTPError) as error:
        LibreTranslateAPI(url, api_key="nonsense").translate("hello", "en", "zh")
    with error.value:
        assert error.value.code == 403


# Terms


def test_a_glossary_holds_and_tells_how(url: str, key: str) -> None:
    call = {"q": "how much is this bag with serum", "source": "en", "target": "zh", "api_key": key}
    for glossary in ({"serum": "精华液"}, json.dumps({"serum": "精华液"}), "en,zh,note\nserum,精华液,x\n"):
        answer = post(f"{url}/translate", {**call, "glossary": glossary})
        assert "精华液" in answer.json["translatedText"]
        assert answer.json["terms"] == [{"source": "serum", "target": "精华液", "kept": True, "by": "edit"}]
    many = post(f"{url}/translate", {**call, "q": ["serum!", "hello"], "source": "auto", "glossary": {"serum": "精华液"}}).json
    assert many["translatedText"][0] == "精华液！" and many["terms"] == [[{"source": "serum", "target": "精华液", "kept": True, "by": "whole"}], []]


@pytest.mark.parametrize(
    "bad", [{"serum": ""}, {"serum": "a\u202eb"}, "{broken", "no header at all", {str(n): "x" for n in range(1_001)}, {"market": "atlantis"}]
)
def test_a_glossary_that_cannot_be_used_is_refused(url: str, key: str, bad: dict[str, str] | str) -> None:
    more = bad if isinstance(bad, dict) and bad == {"market": "atlantis"} else {"glossary": bad}
    answer = post(f"{url}/translate", {"q": "hello", "source": "en", "target": "zh", "api_key": key, **more})
    assert answer.status == 400 and ("glossary" in answer.json["error"] or "market" in answer.json["error"])


# Languages


def test_languages_are_open_and_named_as_there(url: str) -> None:
    answer = fetch(f"{url}/languages")
    assert answer.status == 200 and answer.headers["access-control-allow-origin"] == "*"
    found = {language["code"]: language for language in answer.json}
    assert set(found) == {"zh-Hans", "en", "ar", "id", "th"}
    assert found["zh-Hans"]["name"] == "Chinese"
    assert found["id"]["targets"] == ["ar", "en", "id", "zh-Hans"]


# Translate


@pytest.mark.parametrize("code", ["zh", "zh-Hans", "zh-CN"])
def test_chinese_goes_by_three_names(url: str, key: str, code: str) -> None:
    assert post(f"{url}/translate", {"q": "hello", "source": "en", "target": code, "api_key": key}).json == {"translatedText": "你好"}
    assert post(f"{url}/translate", {"q": "你好", "source": code, "target": "en", "api_key": key}).json == {"translatedText": "Hello"}


def test_an_array_is_answered_with_an_array(url: str, key: str) -> None:
    body = {"q": ["hello", "", "39.9 😍", "world"], "source": "en", "target": "zh", "api_key": key, "alternatives": 2}
    assert post(f"{url}/translate", body).json == {"translatedText": ["你好", "", "39.9 😍", "世界"], "alternatives": [[], [], [], []]}


def test_each_text_of_a_batch_has_its_own_language(url: str, key: str) -> None:
    body = {
        "q": ["how much is this bag", "berapa harganya kak, bisa kirim ke Jakarta", "😍😍", "어디에서 살 수 있어요?"],
        "source": "auto", "target": "zh", "api_key": key,
    }  # fmt: skip
    answer = post(f"{url}/translate", body).json
    assert answer["translatedText"] == ["这个包多少钱", "多少钱", "😍😍", "어디에서 살 수 있어요?"]
    assert [found["language"] for found in answer["detectedLanguage"]] == ["en", "id", "en", "ko"]
    assert answer["detectedLanguage"][2]["confidence"] == 0


def test_lines_stay_lines(url: str, key: str) -> None:
    answer = post(f"{url}/translate", {"q": "hello\n\n  world \n", "source": "en", "target": "zh", "api_key": key})
    assert answer.json["translatedText"] == "你好\n\n  世界 \n"


def test_html_keeps_its_markup(url: str, key: str) -> None:
    html = '<p class="hello">Hello <b data-x="world">world</b> &amp; &nbsp;<script>hello("world")</script>{{hello}} fish &amp; chips</p>'
    answer = post(f"{url}/translate", {"q": html, "source": "auto", "target": "zh", "format": "html", "api_key": key}).json
    assert answer["detectedLanguage"]["language"] == "en"
    assert answer["translatedText"] == (
        '<p class="hello">你好 <b data-x="world">世界</b> &amp; &nbsp;<script>hello("world")</script>{{hello}} 炸鱼和薯条</p>'
    )


def test_forms_of_both_kinds_and_the_query(url: str, key: str) -> None:
    fields = {"q": "hello\r\nworld", "source": "en", "target": "zh", "format": "", "api_key": key}
    assert fetch(f"{url}/translate", urlencode(fields).encode()).json == {"translatedText": "你好\n世界"}
    many = urlencode([("q", "hello"), ("q", "world"), ("source", "en"), ("target", "zh")]).encode()
    assert fetch(f"{url}/translate?{urlencode({'api_key': key})}", many).json == {"translatedText": ["你好", "世界"]}
    parts = "".join(f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in fields.items())
    answer = fetch(f"{url}/translate", (parts + "--b--\r\n").encode(), Content_Type="multipart/form-data; boundary=b")
    assert answer.json == {"translatedText": "你好\n世界"}
    assert fetch(f"{url}/detect", urlencode({"q": "你好", "api_key": key}).encode()).json[0]["language"] == "zh-Hans"


# Who may


@pytest.mark.parametrize("role", ["host", "moderator", "connector", "admin"])
def test_every_role_but_viewer_may(url: str, role: str) -> None:
    body = {"q": "hello", "source": "en", "target": "zh"}
    assert post(f"{url}/translate", {**body, "api_key": token(role)}).status == 200
    assert post(f"{url}/translate", {**body, "api_key": ""}, Authorization=f"Bearer {token(role)}").status == 200


@pytest.mark.parametrize("path", ["translate", "detect"])
def test_others_may_not(url: str, path: str) -> None:
    body = {"q": "hello", "source": "en", "target": "zh"}
    for given, said in (("", "liveroom token"), (token("viewer"), "viewer"), (token("admin", -1), "expired"), ("x.y.z", "not a token")):
        answer = post(f"{url}/{path}", {**body, "api_key": given})
        assert answer.status == 403 and said in answer.json["error"]
        assert fetch(f"{url}/{path}", urlencode({**body, "api_key": given}).encode()).status == 403
    assert post(f"{url}/{path}", {**body, "api_key": 5}).status == 403


def test_open_api_is_for_programs_on_this_machine(open_url: str) -> None:
    body = {"q": "hello", "source": "en", "target": "zh"}
    assert post(f"{open_url}/translate", body).json == {"translatedText": "你好"}
    assert post(f"{open_url}/translate", body, Origin="http://localhost:3000").status == 200
    assert post(f"{open_url}/translate", body, Origin="https://evil.example").status == 403
    assert post(f"{open_url}/translate", body, Host="rebound.example:8765").status == 403
    assert post(f"{open_url}/translate", body, X_Forwarded_For="127.0.0.1").status == 403
    assert post(f"{open_url}/translate", body, Forwarded="for=10.0.0.9").status == 403


def test_pages_of_other_origins_may_ask_with_a_token(url: str) -> None:
    answer = fetch(f"{url}/translate", method="OPTIONS", Origin="https://a.example", Access_Control_Request_Method="POST")
    assert answer.status == 204 and "Content-Type" in answer.headers["access-control-allow-headers"]


# Bad input


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"q": None}, "missing q parameter"),
        ({"q": ""}, "missing q parameter"),
        ({"q": []}, "missing q parameter"),
        ({"source": ""}, "missing source parameter"),
        ({"target": None}, "missing target parameter"),
        ({"q": 5}, "q parameter"),
        ({"q": ["a", 5]}, "q parameter"),
        ({"q": {"a": 1}}, "q parameter"),
        ({"q": "x" * 2001}, r"(2001) exceeds text limit (2000)"),
        ({"q": ["x"] * 101}, "(101) exceeds text limit (100)"),
        ({"source": "xx"}, "xx is not supported"),
        ({"target": "xx"}, "xx is not supported"),
        ({"target": "zh-Hant"}, "zh-Hant is not supported"),
        ({"source": "en" * 50}, "source parameter"),
        ({"format": "pdf"}, "pdf format is not supported"),
        ({"alternatives": "many"}, "alternatives parameter"),
        ({"source": "zh", "target": "th"}, "Thai (th) is not available as a target language from Chinese (zh-Hans); get it with: liveroom"),
    ],
)
def test_faults_are_400_with_a_sentence(url: str, key: str, change: dict, said: str) -> None:
    answer = post(f"{url}/translate", {"q": "hello", "source": "en", "target": "zh", "api_key": key, **change})
    assert answer.status == 400 and list(answer.json) == ["error"] and said in answer.json["error"]


@pytest.mark.parametrize("body", [b"{", b"[]", b'"q"', b"\xff", b'{"q":' + b"[" * 100_000, b""])
def test_what_is_no_json_object(url: str, body: bytes) -> None:
    answer = fetch(f"{url}/translate", body, method="POST", Content_Type="application/json")
    assert answer.status == 400 and answer.json == {"error": "Invalid JSON format"}


def test_half_a_surrogate_pair(url: str, key: str) -> None:
    body = f'{{"q": "\\ud83d", "source": "en", "target": "zh", "api_key": "{key}"}}'.encode()
    answer = fetch(f"{url}/translate", body, Content_Type="application/json")
    assert answer.status == 400 and "q parameter" in answer.json["error"]


KINDS = ["application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=b", "multipart/form-data"]


@pytest.mark.parametrize("kind", KINDS)
def test_bodies_are_bounded_and_broken_forms_told(url: str, kind: str) -> None:
    assert "exceeds 1048576 bytes" in fetch(f"{url}/translate", b"x" * (1 << 20) + b"y", Content_Type=kind).json["error"]
    assert fetch(f"{url}/translate", b"\xff" * 100, Content_Type=kind).status in (400, 403)
    assert fetch(f"{url}/translate", b"&".join([b"a=b"] * 300), Content_Type=kind).status == 400


# Trouble inside


def test_a_broken_model_is_a_500_without_details(url: str, key: str, caplog: pytest.LogCaptureFixture) -> None:
    answer = post(f"{url}/translate", {"q": "break", "source": "en", "target": "zh", "api_key": key})
    assert (answer.status, answer.json) == (500, {"error": "Cannot translate text: internal error"})
    assert "/translate failed" in caplog.text


def test_too_many_calls_at_once_are_told_to_slow_down_and_the_others_wait(url: str, key: str) -> None:
    ENGINE.open.clear()
    statuses: list[int] = []

    def call(number: int) -> None:
        body = {"q": [f"text {number} {index}" for index in range(20)], "source": "en", "target": "zh", "api_key": key}
        statuses.append(post(f"{url}/translate", body).status)

    calls = [threading.Thread(target=call, args=(number,)) for number in range(libretranslate.CALLS_AT_ONCE + 3)]
    try:
        for thread in calls:
            thread.start()
        deadline = time() + 5
        while len(statuses) < 3 and time() < deadline:
            threading.Event().wait(0.01)
        assert statuses == [429, 429, 429]
    finally:
        ENGINE.open.set()
    for thread in calls:
        thread.join()
    assert statuses[3:] == [200] * libretranslate.CALLS_AT_ONCE


def test_what_the_queue_pushes_out_is_a_429() -> None:
    class Full:
        def enforcer(self, layers: object) -> None: ...

        async def translate(self, text: str, source: str, target: str, enforcer: object = None) -> Translation:
            raise WireError("overloaded", "too many comments wait")

    routes = Routes([Installed("m", frozenset({"en"}), frozenset({"zh"}))])
    app = FastAPI()
    app.include_router(libretranslate.router(Full(), routes, SECRET, open_api=True))  # type: ignore[arg-type]
    with serving(app) as url:
        answer = post(f"{url}/translate", {"q": "hello", "source": "en", "target": "zh"})
    assert (answer.status, answer.json) == (429, {"error": "Slowdown: too many comments wait"})
    assert answer.headers["retry-after"] == "1"


def test_the_document_describes_the_parameters() -> None:
    app = FastAPI()
    app.include_router(libretranslate.router(None, Routes([]), SECRET))  # type: ignore[arg-type]
    content = app.openapi()["paths"]["/translate"]["post"]["requestBody"]["content"]
    assert {"q", "source", "target", "format", "alternatives", "api_key", "glossary", "market"} == set(content["application/json"]["schema"]["properties"])
