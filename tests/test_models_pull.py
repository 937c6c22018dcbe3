"""Pulling checkpoints from a local server that speaks the hub's protocol: resume, damage, absence, a missing extra."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import logging
import re
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

import marian
import pytest

from assistant.engines import load
from assistant.errors import MissingExtra, ModelError
from assistant.models import pull as pulling
from assistant.models.catalog import Catalog
from assistant.models.pull import fetch, pull
from assistant.translate.request import Request

COMMIT = "c0ffee" + "0" * 34
REPO = "Helsinki-NLP/opus-mt-zh-en"
OTHER = "Helsinki-NLP/opus-mt-zh-en-other"


@dataclass
class Hub:
    """Checkpoints served over HTTP as the hub does; the fields say what shall go wrong."""

    repos: dict[str, dict[str, bytes]]
    cut_after: dict[str, int] = field(default_factory=dict)
    """File to the bytes after which its connection breaks, every time."""
    lies: dict[str, bytes] = field(default_factory=dict)
    """File to the bytes sent in place of its own."""
    ignores_range: bool = False
    requests: list[tuple[str, str, str]] = field(default_factory=list)
    """(method, path, Range header)."""
    url: str = ""

    def info(self, repo: str) -> dict:
        siblings = []
        for name, content in self.repos[repo].items():
            entry: dict = {"rfilename": name, "size": len(content)}
            if name.endswith((".safetensors", ".bin", ".spm")):
                entry["lfs"] = {"size": len(content), "sha256": hashlib.sha256(content).hexdigest(), "pointerSize": 130}
            else:
                entry["blobId"] = hashlib.sha1(f"blob {len(content)}\0".encode() + content).hexdigest()
            siblings.append(entry)
        return {"id": repo, "modelId": repo, "sha": COMMIT, "siblings": siblings, "tags": [], "private": False, "downloads": 0}

    def gets(self, name: str) -> list[str]:
        """Range headers of the GETs of a file."""
        return [sent for method, path, sent in self.requests if method == "GET" and path.endswith("/" + name)]


def handler(hub: Hub) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            """Quiet."""

        def do_HEAD(self) -> None:
            self.answer(body=False)

        def do_GET(self) -> None:
            self.answer(body=True)

        def answer(self, body: bool) -> None:
            path = unquote(urlsplit(self.path).path)
            hub.requests.append((self.command, path, self.headers.get("Range", "")))
            if match := re.fullmatch(r"/api/models/([^/]+/[^/]+)(?:/revision/(.+))?", path):
                if match[1] in hub.repos:
                    return self.send(200, json.dumps(hub.info(match[1])).encode(), {"Content-Type": "application/json"}, body)
                return self.send(404, b"{}", {"X-Error-Code": "RepoNotFound"}, body)
            match = re.fullmatch(r"/([^/]+/[^/]+)/resolve/([^/]+)/(.+)", path)
            content = hub.repos.get(match[1], {}).get(match[3]) if match else None
            if match is None or content is None:
                return self.send(404, b"", {"X-Error-Code": "EntryNotFound"}, body)
            stated = hashlib.sha256(content).hexdigest()
            headers = {"ETag": f'"{stated}"', "X-Repo-Commit": COMMIT, "X-Linked-Size": str(len(content)), "X-Linked-Etag": f'"{stated}"'}
            content = hub.lies.get(match[3], content)
            start = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
            if start and not hub.ignores_range:
                headers["Content-Range"] = f"bytes {start[1]}-{len(content) - 1}/{len(content)}"
                return self.send(206, content[int(start[1]) :], headers, body, hub.cut_after.get(match[3]))
            return self.send(200, content, headers, body, hub.cut_after.get(match[3]))

        def send(self, status: int, content: bytes, headers: dict[str, str], body: bool, cut: int | None = None) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            if body:
                self.wfile.write(content if cut is None else content[:cut])
                if cut is not None and cut < len(content):
                    self.wfile.flush()
                    self.connection.shutdown(socket.SHUT_RDWR)
                    self.close_connection = True

    return Handler


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small pieces, no waiting between the library's own retries, no token of this machine, no lines about retries in the log."""
    monkeypatch.setattr("huggingface_hub.file_download.time.sleep", lambda _: None)
    monkeypatch.setattr("huggingface_hub.constants.DOWNLOAD_CHUNK_SIZE", 10_000)
    monkeypatch.setenv("HF_HUB_DISABLE_IMPLICIT_TOKEN", "1")
    monkeypatch.delenv("HF_ENDPOINT", raising=False)
    logging.getLogger("huggingface_hub").setLevel(logging.CRITICAL)


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    pytest.importorskip("transformers")
    folder = marian.shared(tmp_path_factory, marian.taught)
    files = {path.name: path.read_bytes() for path in folder.iterdir()}
    return files | {"README.md": b"# A model\n", "tf_model.h5": bytes(1000), "rust_model.ot": bytes(1000)}


def serve(repos: dict[str, dict[str, bytes]]) -> tuple[Hub, ThreadingHTTPServer]:
    hub = Hub(repos)
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler(hub))
    hub.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    return hub, server


@pytest.fixture
def hub(checkpoint: dict[str, bytes]) -> Iterator[Hub]:
    hub, server = serve({REPO: dict(checkpoint)})
    yield hub
    server.shutdown()
    server.server_close()


@pytest.fixture
def plain() -> Iterator[Hub]:
    """A hub with a checkpoint of random bytes: for fetching only, needs no `[marian]`."""
    names = ("config.json", "vocab.json", "source.spm", "target.spm", "model.safetensors")
    hub, server = serve({REPO: {name: hashlib.sha512(name.encode()).digest() * 3000 for name in names}})
    yield hub
    server.shutdown()
    server.server_close()


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    rows = "".join(
        f'[[checkpoint]]\nrepo = "{repo}"\nsource = ["zh"]\ntarget = ["en"]\nlicence = "CC-BY-4.0"\nattribution = "OPUS-MT"\n'
        f"scores.tatoeba = {{ zh-en = 54.8 }}\n"
        for repo in (OTHER, REPO)
    )
    file = tmp_path / "catalog.toml"
    file.write_text(f'[pairs]\nzh-en = ["{REPO}"]\n{rows}', encoding="utf-8")
    return Catalog.read(file)


def test_pull_installs_a_model_that_serves(hub: Hub, catalog: Catalog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", hub.url + "/")
    seen: dict[str, list[tuple[int, int]]] = {}
    said: list[str] = []
    (model,) = pull(
        ["zh-en"], tmp_path / "models", catalog,
        progress=lambda name, done, size: seen.setdefault(name, []).append((done, size)), report=said.append,
    )  # fmt: skip
    assert (model.name, model.licence, model.attribution) == ("opus-mt-zh-en", "CC-BY-4.0", "OPUS-MT")
    assert model.origin == f"{REPO}@main"
    assert model.routing().scores == {"zh-en": 54.8}
    model.verify()
    source, target = marian.SENTENCES[5]
    assert load(model).translate([Request(model.name, source, "zh", "en")])[0].text == target
    size = len(hub.repos[REPO]["model.safetensors"])
    assert seen["model.safetensors"][0] == (0, size)
    assert seen["model.safetensors"][-1] == (size, size)
    assert not {"README.md", "tf_model.h5", "rust_model.ot"} & {path.rpartition("/")[2] for _, path, _ in hub.requests}
    assert [path.name for path in (tmp_path / "models").iterdir()] == ["opus-mt-zh-en"]
    assert any("CC-BY-4.0" in line for line in said)


def test_an_installed_model_is_not_fetched_again(hub: Hub, catalog: Catalog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = pull(["zh-en"], tmp_path / "models", catalog, endpoint=hub.url)
    asked = len(hub.requests)
    monkeypatch.setattr(pulling, "require_marian", lambda: pytest.fail("an installed model needs no extra"))
    assert pull(["zh-en", "opus-mt-zh-en"], tmp_path / "models", catalog, endpoint=hub.url) == first
    assert len(hub.requests) == asked


def test_older_checkpoints_have_bin_weights(hub: Hub, catalog: Catalog, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = marian.as_bin(marian.shared(tmp_path_factory, marian.taught))
    del hub.repos[REPO]["model.safetensors"]
    hub.repos[REPO]["pytorch_model.bin"] = (folder / "pytorch_model.bin").read_bytes()
    (model,) = pull(["zh-en"], tmp_path / "models", catalog, endpoint=hub.url)
    assert model.forms == {"ctranslate2"}


def test_both_weights_there_the_safe_ones_are_taken(plain: Hub, tmp_path: Path) -> None:
    plain.repos[REPO]["pytorch_model.bin"] = b"x" * 1000
    fetch(REPO, "main", tmp_path / "d", plain.url)
    assert not plain.gets("pytorch_model.bin")
    assert (tmp_path / "d" / "model.safetensors").read_bytes() == plain.repos[REPO]["model.safetensors"]


def test_the_next_checkpoint_is_tried_when_one_fails_its_self_test(
    hub: Hub, tmp_path: Path, catalog: Catalog, tmp_path_factory: pytest.TempPathFactory
) -> None:
    random = marian.shared(tmp_path_factory, marian.hf)
    hub.repos[OTHER] = {path.name: path.read_bytes() for path in random.iterdir()}
    file = tmp_path / "catalog.toml"
    file.write_text(file.read_text(encoding="utf-8").replace(f'["{REPO}"]', f'["{OTHER}", "{REPO}"]'), encoding="utf-8")
    said: list[str] = []
    (model,) = pull(["zh-en"], tmp_path / "models", Catalog.read(file), endpoint=hub.url, report=said.append)
    assert model.name == "opus-mt-zh-en"
    assert any("failed its self-test" in line for line in said)
    assert [path.name for path in (tmp_path / "models").iterdir()] == ["opus-mt-zh-en"]
    with pytest.raises(ModelError, match="failed its self-test"):
        pull([OTHER], tmp_path / "models", Catalog.read(file), endpoint=hub.url)


def test_a_broken_download_goes_on_where_it_stopped(plain: Hub, tmp_path: Path) -> None:
    content = plain.repos[REPO]["model.safetensors"]
    plain.repos[REPO]["source.spm"] = plain.repos[REPO]["source.spm"][:100]
    plain.cut_after["model.safetensors"] = 0
    first = content[:100_000]
    folder = tmp_path / "d"
    folder.mkdir()
    part = folder / f"model.safetensors.{hashlib.sha256(content).hexdigest()[:16]}.part"
    part.write_bytes(first)
    with pytest.raises(ModelError, match="goes on from it"):
        fetch(REPO, "main", folder, plain.url)
    assert part.read_bytes() == first
    plain.cut_after.clear()
    plain.requests.clear()
    fetch(REPO, "main", folder, plain.url)
    assert plain.gets("model.safetensors") == ["bytes=100000-"]
    assert plain.gets("source.spm") == [], "what is whole is not fetched again"
    assert (folder / "model.safetensors").read_bytes() == content
    assert not list(folder.glob("*.part"))


def test_a_connection_that_breaks_again_and_again_is_resumed_at_once(plain: Hub, tmp_path: Path) -> None:
    plain.cut_after["model.safetensors"] = 70_000
    fetch(REPO, "main", tmp_path / "d", plain.url)
    content = plain.repos[REPO]["model.safetensors"]
    assert (tmp_path / "d" / "model.safetensors").read_bytes() == content
    assert plain.gets("model.safetensors")[:2] == ["", "bytes=70000-"]


def test_a_server_that_ignores_ranges_is_fetched_whole(plain: Hub, tmp_path: Path) -> None:
    content = plain.repos[REPO]["model.safetensors"]
    folder = tmp_path / "d"
    folder.mkdir()
    (folder / f"model.safetensors.{hashlib.sha256(content).hexdigest()[:16]}.part").write_bytes(b"\0" * 1000)
    plain.ignores_range = True
    fetch(REPO, "main", folder, plain.url)
    assert (folder / "model.safetensors").read_bytes() == content


@pytest.mark.parametrize("name", ["model.safetensors", "vocab.json"])
def test_a_wrong_checksum_is_refused_and_deleted(plain: Hub, tmp_path: Path, name: str) -> None:
    right = plain.repos[REPO][name]
    plain.lies[name] = right[:-1] + b"!"
    with pytest.raises(ModelError, match=f"{name} came damaged"):
        fetch(REPO, "main", tmp_path / "d", plain.url)
    assert not [path for path in (tmp_path / "d").iterdir() if path.name.startswith(name)]
    plain.lies.clear()
    fetch(REPO, "main", tmp_path / "d", plain.url)
    assert (tmp_path / "d" / name).read_bytes() == right


def test_a_damaged_file_of_an_earlier_try_is_fetched_again(plain: Hub, tmp_path: Path) -> None:
    fetch(REPO, "main", tmp_path / "d", plain.url)
    weights = tmp_path / "d" / "model.safetensors"
    weights.write_bytes(b"?" + weights.read_bytes()[1:])
    fetch(REPO, "main", tmp_path / "d", plain.url)
    assert weights.read_bytes() == plain.repos[REPO]["model.safetensors"]


def test_every_file_comes_from_one_commit(plain: Hub, tmp_path: Path) -> None:
    fetch(REPO, "refs/pr/3", tmp_path / "d", plain.url)
    assert any("revision/refs/pr/3" in path for _, path, _ in plain.requests)
    assert all(f"/resolve/{COMMIT}/" in path for _, path, _ in plain.requests if "/resolve/" in path)


def test_a_repository_that_is_not_there(plain: Hub, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="has no owner/absent at main"):
        fetch("owner/absent", "main", tmp_path / "d", plain.url)


def test_a_repository_that_is_no_marian_checkpoint(plain: Hub, tmp_path: Path) -> None:
    del plain.repos[REPO]["source.spm"]
    with pytest.raises(ModelError, match=r"has no source\.spm"):
        fetch(REPO, "main", tmp_path / "d", plain.url)


def test_offline_says_what_to_do(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(ModelError, match=r"cannot fetch .* HF_ENDPOINT to a mirror.*liveroom models convert"):
        fetch(REPO, "main", tmp_path / "d", f"http://127.0.0.1:{port}")


def test_without_the_extra_nothing_is_fetched(plain: Hub, catalog: Catalog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    there = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "torch" else there(name))
    with pytest.raises(MissingExtra, match=r'pip install "liveroom-assistant\[marian\]"'):
        pull(["zh-en"], tmp_path / "models", catalog, endpoint=plain.url)
    assert plain.requests == []
    assert not (tmp_path / "models").exists()


def test_an_unknown_pair_is_told_before_anything_is_fetched(plain: Hub, catalog: Catalog, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="the catalog has no 'xx-yy'"):
        pull(["zh-en", "xx-yy"], tmp_path / "models", catalog, endpoint=plain.url)
    assert plain.requests == []
