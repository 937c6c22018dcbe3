"""Fetches OPUS-MT checkpoints from the hub, checks them, converts them and installs those that pass their self-test."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import huggingface_hub
from huggingface_hub import errors as hub
from huggingface_hub.file_download import http_get
from huggingface_hub.utils import build_hf_headers

from assistant.errors import InputFileError, MissingExtra, ModelError
from assistant.models.catalog import Catalog, Checkpoint
from assistant.models.checkpoint import MARIAN_EXTRA
from assistant.models.convert import About, convert
from assistant.models.folder import ModelFolder, sha256

Progress = Callable[[str, int, int], None]
"""Called with a file, the bytes of it that are here, and its size."""
_NEEDED = ("config.json", "vocab.json", "source.spm", "target.spm")
_WANTED = ("tokenizer_config.json", "generation_config.json", "target_vocab.json")
_WEIGHTS = ("model.safetensors", "pytorch_model.bin")
_LARGEST = 4_000_000_000
_COMMIT = re.compile(r"[0-9a-f]{40}\Z")
_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class Remote:
    """A file of a checkpoint on the hub: size in bytes and the checksum the hub states for it."""

    name: str
    size: int
    checksum: str
    """`sha256:HEX` of a large file, `git:HEX` (the blob's name) of a small one."""


def pull(
    wanted: Sequence[str],
    models: Path,
    catalog: Catalog,
    *,
    endpoint: str | None = None,
    keep_hf: bool = False,
    progress: Progress | None = None,
    report: Callable[[str], None] | None = None,
) -> list[ModelFolder]:
    """Install a model for each wanted pair (`zh-en`) or checkpoint name in `models`; what is installed already is kept.

    A pair's checkpoints are tried in the catalog's order until one passes its self-test. `endpoint` (else `HF_ENDPOINT`, else
    the hub's own) is where they are fetched. An interrupted download goes on where it stopped. `report` gets a line of text
    per step. Raises `MissingExtra` before anything is fetched when `[marian]` is not installed, `ModelError` otherwise.
    """
    choices = [catalog.find(name) for name in wanted]
    say = report or (lambda _: None)
    found: list[ModelFolder] = []
    for name, checkpoints in zip(wanted, choices, strict=True):
        here = next((models / each.name for each in checkpoints if (models / each.name / "model.toml").is_file()), None)
        if here is not None:
            say(f"{name}: {here.name} is installed already")
            found.append(ModelFolder.read(here))
            continue
        require_marian()
        found.append(_first(name, checkpoints, models, endpoint, keep_hf, progress, say))
    return list({folder.name: folder for folder in found}.values())


def require_marian() -> None:
    """Raise `MissingExtra` when torch or transformers is not installed."""
    if any(importlib.util.find_spec(name) is None for name in ("torch", "transformers")):
        raise MissingExtra("What converts Hugging Face checkpoints", MARIAN_EXTRA)


def _first(
    name: str,
    checkpoints: Sequence[Checkpoint],
    models: Path,
    endpoint: str | None,
    keep_hf: bool,
    progress: Progress | None,
    say: Callable[[str], None],
) -> ModelFolder:
    reasons = []
    for checkpoint in checkpoints:
        say(f"{name}: fetching {checkpoint.repo} ({checkpoint.licence})")
        folder = models / f".{checkpoint.name}.download"
        fetch(checkpoint.repo, checkpoint.revision, folder, endpoint, progress)
        about = About(
            name=checkpoint.name,
            source=checkpoint.source,
            target=checkpoint.target,
            licence=checkpoint.licence,
            attribution=checkpoint.attribution,
            origin=f"{checkpoint.repo}@{checkpoint.revision}",
            prefix=checkpoint.prefix,
            scores=checkpoint.scores,
        )
        say(f"{name}: converting and testing {checkpoint.name}")
        try:
            model = convert(folder, models, about, keep_hf=keep_hf)
        except (ModelError, InputFileError) as error:
            # The files are whole, so fetching them again would not help: they go.
            shutil.rmtree(folder, ignore_errors=True)
            reasons.append(str(error))
            say(f"{name}: {error}")
            continue
        shutil.rmtree(folder, ignore_errors=True)
        return model
    raise ModelError("; ".join(reasons))


def fetch(
    repo: str, revision: str, folder: Path, endpoint: str | None = None, progress: Progress | None = None
) -> None:
    """Fetch a Marian checkpoint's files into `folder`, checked; raises `ModelError`."""
    endpoint = (endpoint or os.environ.get("HF_ENDPOINT") or huggingface_hub.constants.ENDPOINT).rstrip("/")
    folder.mkdir(parents=True, exist_ok=True)
    try:
        commit, files = remote_files(repo, revision, endpoint)
        for file in files:
            _fetch_file(repo, commit, file, folder, endpoint, progress)
    except (hub.RepositoryNotFoundError, hub.GatedRepoError, hub.RevisionNotFoundError) as error:
        raise ModelError(f"{endpoint} has no {repo} at {revision} that may be fetched: {_brief(error)}") from error
    except (hub.HTTPError, hub.HfHubHTTPError, hub.OfflineModeIsEnabled, OSError) as error:
        raise ModelError(
            f"cannot fetch {repo} from {endpoint} ({_brief(error)}); what is here is kept and the next try goes on from it. "
            "Without a network, set HF_ENDPOINT to a mirror, or copy the checkpoint's folder here and use: "
            "liveroom models convert DIR"
        ) from error


def remote_files(repo: str, revision: str, endpoint: str) -> tuple[str, list[Remote]]:
    """The commit a revision stands for and the files of it that are needed; raises `ModelError` when one is not there."""
    info = huggingface_hub.HfApi(endpoint=endpoint).model_info(repo, revision=revision, files_metadata=True)
    commit = info.sha or ""
    if not _COMMIT.match(commit):
        raise ModelError(f"{endpoint} names no commit for {repo} at {revision}")
    files = {}
    for sibling in info.siblings or []:
        checksum = f"sha256:{sibling.lfs.sha256}" if sibling.lfs else f"git:{sibling.blob_id}" if sibling.blob_id else ""
        size = sibling.lfs.size if sibling.lfs else sibling.size
        if checksum and size is not None:
            files[sibling.rfilename] = Remote(sibling.rfilename, size, checksum)
    weights = next((name for name in _WEIGHTS if name in files), _WEIGHTS[0])
    if missing := [name for name in (*_NEEDED, weights) if name not in files]:
        raise ModelError(f"{repo} is not a Marian checkpoint: it has no {', '.join(missing)}")
    chosen = [files[name] for name in (*_NEEDED, *_WANTED, weights) if name in files]
    if large := [file.name for file in chosen if file.size > _LARGEST]:
        raise ModelError(f"{repo}: {', '.join(large)} is larger than {_LARGEST // 10**9} GB")
    return commit, chosen


def _fetch_file(repo: str, commit: str, file: Remote, folder: Path, endpoint: str, progress: Progress | None) -> None:
    """One file, through a `.part` named after its checksum, so that only bytes of this very file are continued."""
    done = folder / file.name
    if done.is_file() and _whole(done, file):
        return
    part = folder / f"{file.name}.{file.checksum.partition(':')[2][:16]}.part"
    part.touch()
    if part.stat().st_size > file.size:
        part.unlink()
        part.touch()
    url = huggingface_hub.hf_hub_url(repo, file.name, revision=commit, endpoint=endpoint)
    with part.open("r+b") as sink:
        start = sink.seek(0, os.SEEK_END)
        # Asked for uncompressed: a byte range of a compressed answer would be another file's bytes.
        headers = build_hf_headers() | {"Accept-Encoding": "identity"}
        http_get(
            url,
            sink,
            resume_size=start,
            headers=headers,
            expected_size=file.size,
            displayed_filename=file.name,
            tqdm_class=_bar(file, progress),
        )
    if not _whole(part, file):
        part.unlink()
        raise ModelError(f"{repo}: {file.name} came damaged (its checksum is not the one the hub states); it was deleted")
    part.replace(done)


def _whole(path: Path, file: Remote) -> bool:
    """Whether a file has the size and the checksum the hub states."""
    if path.stat().st_size != file.size:
        return False
    kind, _, digest = file.checksum.partition(":")
    if kind == "sha256":
        return sha256(path) == digest
    git = hashlib.sha1(f"blob {file.size}\0".encode(), usedforsecurity=False)
    with path.open("rb") as source:
        while piece := source.read(_PIECE):
            git.update(piece)
    return git.hexdigest() == digest


def _bar(file: Remote, progress: Progress | None) -> type[Any]:
    """What huggingface_hub takes for a tqdm class; tells `progress` and draws nothing."""

    class Bar:
        def __init__(self, *_: object, initial: int = 0, **__: object) -> None:
            self.n = initial
            self.update(0)

        def __enter__(self) -> Bar:
            return self

        def __exit__(self, *_: object) -> None:
            self.close()

        def update(self, count: float | None = 1) -> None:
            self.n += int(count or 0)
            if progress is not None:
                progress(file.name, self.n, file.size)

        def close(self) -> None:
            """Nothing to close."""

    return Bar


def _brief(error: BaseException) -> str:
    """The first line of an error's text."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
