"""The catalog of known OPUS-MT checkpoints: which one serves which pair, and which must never be used."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from assistant.errors import InputFileError, ModelError
from assistant.models.tomlfile import TomlFile

_REPO = re.compile(r"[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95}\Z")
_PAIR = re.compile(r"([a-z]{2,3})-([a-z]{2,3})\Z")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A checkpoint on the hub."""

    repo: str
    source: tuple[str, ...]
    target: tuple[str, ...]
    licence: str
    attribution: str = ""
    revision: str = "main"
    prefix: Mapping[str, str] = field(default_factory=dict)
    scores: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    parameters: int = 0
    """0 when it has the usual 75 million or so."""
    note: str = ""

    @property
    def name(self) -> str:
        """The name its model folder gets."""
        return self.repo.partition("/")[2]

    @property
    def pairs(self) -> frozenset[str]:
        return frozenset(f"{source}-{target}" for source in self.source for target in self.target if source != target)


@dataclass(frozen=True, slots=True)
class Catalog:
    """What models/catalog.toml says."""

    checkpoints: Mapping[str, Checkpoint]
    """By repo."""
    pairs: Mapping[str, tuple[Checkpoint, ...]]
    """Per pair such as `zh-en`, the checkpoint to try first first."""
    markets: Mapping[str, tuple[str, ...]]
    broken: Mapping[str, str]
    """Repo to the reason why it must never be used."""

    @classmethod
    def read(cls, path: Path) -> Catalog:
        """Read and check a catalog; raises `InputFileError`."""
        file = TomlFile.read(path)
        broken = {file.string(row, "repo"): file.string(row, "reason") for row in file.rows(file.data, "broken")}
        checkpoints: dict[str, Checkpoint] = {}
        for row in file.rows(file.data, "checkpoint"):
            checkpoint = _checkpoint(file, row)
            if checkpoint.repo in checkpoints or checkpoint.repo in broken:
                raise _wrong(file, checkpoint.repo, "is listed twice")
            checkpoints[checkpoint.repo] = checkpoint
        listed, sold = file.table(file.data, "pairs"), file.table(file.data, "markets")
        pairs = {
            pair: tuple(_serving(file, pair, repo, checkpoints, broken) for repo in file.texts(listed, pair)) for pair in listed
        }
        return cls(checkpoints, pairs, {name: file.languages(sold, name) for name in sold}, broken)

    def find(self, wanted: str) -> tuple[Checkpoint, ...]:
        """The checkpoints for a pair (`zh-en`) or a repo's name, the one to try first first.

        Raises `ModelError` naming what there is: for a pair without a checkpoint, the pairs through English.
        """
        if wanted in self.pairs:
            return self.pairs[wanted]
        for repo, checkpoint in self.checkpoints.items():
            if wanted in (repo, checkpoint.name):
                return (checkpoint,)
        for repo, reason in self.broken.items():
            if wanted in (repo, repo.partition("/")[2]):
                raise ModelError(f"{repo} must not be used: {reason}")
        if pair := _PAIR.match(wanted):
            legs = [f"{pair[1]}-en", f"en-{pair[2]}"]
            if all(leg in self.pairs for leg in legs):
                raise ModelError(f"no checkpoint for {wanted}; go through English: liveroom models pull {' '.join(legs)}")
        raise ModelError(f"the catalog has no {wanted!r}; it has {' '.join(sorted(self.pairs))}")

    def market(self, name: str, hosts: Iterable[str] = ("zh",)) -> tuple[str, ...]:
        """The pairs a market needs, host languages included: each language to and from English, what exists directly first."""
        if name not in self.markets:
            raise ModelError(f"the catalog has no market {name!r}; it has {' '.join(sorted(self.markets))}")
        languages = [language for language in (*hosts, *self.markets[name]) if language != "en"]
        pairs = [pair for language in languages for pair in (f"{language}-en", f"en-{language}")]
        return tuple(pair for pair in dict.fromkeys(pairs) if pair in self.pairs)


def _checkpoint(file: TomlFile, row: Mapping[str, Any]) -> Checkpoint:
    repo = file.string(row, "repo")
    if not _REPO.match(repo):
        raise file.wrong("checkpoint", f"repo {repo!r} must be owner/name")
    licence = file.string(row, "licence")
    if not licence:
        raise _wrong(file, repo, "needs a licence")
    scores = file.table(row, "scores")
    checkpoint = Checkpoint(
        repo=repo,
        source=file.languages(row, "source"),
        target=file.languages(row, "target"),
        licence=licence,
        attribution=file.string(row, "attribution") or file.string(file.data, "attribution"),
        revision=file.string(row, "revision") or "main",
        prefix=file.strings(row, "prefix"),
        scores={name: file.numbers(scores, name) for name in scores},
        parameters=int(file.number(row, "parameters")),
        note=file.string(row, "note"),
    )
    if odd := set(checkpoint.prefix) - set(checkpoint.target):
        raise _wrong(file, repo, f"has a token for {' '.join(sorted(odd))}, which is not among its targets")
    if odd := {pair for table in checkpoint.scores.values() for pair in table} - checkpoint.pairs:
        raise _wrong(file, repo, f"has a score for {' '.join(sorted(odd))}, which it does not translate")
    return checkpoint


def _serving(
    file: TomlFile, pair: str, repo: str, checkpoints: Mapping[str, Checkpoint], broken: Mapping[str, str]
) -> Checkpoint:
    if repo in broken:
        raise file.wrong(pair, f"names {repo}, which must not be used: {broken[repo]}")
    if repo not in checkpoints:
        raise file.wrong(pair, f"names {repo}, which is no [[checkpoint]]")
    if pair not in checkpoints[repo].pairs:
        raise file.wrong(pair, f"names {repo}, which does not translate it")
    return checkpoints[repo]


def _wrong(file: TomlFile, repo: str, message: str) -> InputFileError:
    """The error for a checkpoint, with the line its repo stands on."""
    at = file.text.find(f'"{repo}"', max(file.text.find("[[checkpoint]]"), 0))
    return InputFileError(str(file.path), file.text.count("\n", 0, at) + 1 if at >= 0 else 0, f"{repo} {message}")
