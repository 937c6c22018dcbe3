"""A model folder: what its model.toml says, which forms of the model it holds, and whether its files are whole.

Layout: `model.toml`, `source.spm`, `target.spm`, the Hugging Face form at the root (`config.json`, `vocab.json`,
`model.safetensors` …) and the CTranslate2 form in `ctranslate2/`; one of the two forms may be missing.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Any, Literal

from assistant.errors import InputFileError, ModelError
from assistant.models.tomlfile import TomlFile
from assistant.translate.routes import Installed

Form = Literal["hf", "ctranslate2"]
MODEL_TOML = "model.toml"
_NEEDED: dict[Form, tuple[str, ...]] = {
    "hf": ("config.json", "vocab.json", "model.safetensors"),
    "ctranslate2": ("ctranslate2/model.bin", "ctranslate2/config.json"),
}
_SPM = ("source.spm", "target.spm")
_CHECKSUM = re.compile(r"sha256:([0-9a-f]{64})(?::(\d+))?\Z")
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}\Z")
_PREFERRED_SCORES = ("flores200-devtest", "flores")


@dataclass(frozen=True, slots=True)
class SelfTest:
    """A sentence the model must get right before it serves; `expect` holds every accepted translation."""

    source: str
    target: str
    text: str
    expect: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """A model folder and what its model.toml says; languages are the contract's codes."""

    path: Path
    name: str
    source: tuple[str, ...]
    target: tuple[str, ...]
    licence: str = ""
    attribution: str = ""
    origin: str = ""
    architecture: str = ""
    parameters: int = 0
    """0 when unknown."""
    steps: int = 0
    prefix: Mapping[str, str] = field(default_factory=dict)
    """Token put before the source, per target language; absent = none."""
    marks: tuple[str, ...] = ()
    """Placeholders that the model was trained to copy."""
    chrf_floor: float = 0.0
    """Mean chrF (0 to 100) below which the self-test fails; 0 leaves it to the self-test."""
    selftest: tuple[SelfTest, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)
    """Path in the folder to `sha256:HEX` or `sha256:HEX:BYTES`."""
    scores: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    """chrF (0 to 100) per test set and direction, such as {"flores200-devtest": {"zh-en": 41.0}}."""

    @property
    def forms(self) -> frozenset[Form]:
        """The forms whose files are all there."""
        return frozenset(form for form, names in _NEEDED.items() if all((self.path / name).is_file() for name in names))

    @property
    def size_bytes(self) -> int:
        """Bytes on disk."""
        return sum(path.stat().st_size for path in self.path.rglob("*") if path.is_file())

    @property
    def pairs(self) -> tuple[str, ...]:
        """Directions such as `zh-en`, sorted."""
        return tuple(sorted(f"{source}-{target}" for source in self.source for target in self.target if source != target))

    def chrf(self, direction: str) -> float | None:
        """The best known score of a direction: FLORES before other test sets, in file order."""
        ordered = [name for name in _PREFERRED_SCORES if name in self.scores]
        for name in [*ordered, *(name for name in self.scores if name not in ordered)]:
            if direction in self.scores[name]:
                return self.scores[name][direction]
        return None

    def routing(self) -> Installed:
        """What routing needs to know; its marks are those it was trained on, not yet tried (see `engines.marks`)."""
        scores = {pair: score for pair in self.pairs if (score := self.chrf(pair)) is not None}
        known = {"parameters": self.parameters} if self.parameters else {}
        return Installed(self.name, frozenset(self.source), frozenset(self.target), scores=scores, marks=self.marks, **known)

    def verify(self, forms: Iterable[Form] = ("hf", "ctranslate2")) -> None:
        """Check size and SHA-256 of the listed files that these forms use; raises `ModelError` for the first that is wrong."""
        wanted = frozenset(forms)
        for name, checksum in self.files.items():
            if _form(name) not in (None, *wanted):
                continue
            path = self.path / name
            digest, size = _parsed(checksum)
            if not path.is_file():
                raise ModelError(f"{self.name}: {name} is missing")
            if size is not None and path.stat().st_size != size:
                raise ModelError(f"{self.name}: {name} has {path.stat().st_size} bytes, {size} expected")
            if sha256(path) != digest:
                raise ModelError(f"{self.name}: {name} is damaged (its SHA-256 is not the one in {MODEL_TOML})")

    @classmethod
    def read(cls, path: Path) -> ModelFolder:
        """Read `path`/model.toml. Raises `InputFileError` for a wrong file, `ModelError` when the folder holds no model."""
        if not (path / MODEL_TOML).is_file():
            raise ModelError(f"{path} holds no {MODEL_TOML}")
        file = TomlFile.read(path / MODEL_TOML)
        data = file.data
        name = file.string(data, "name") or path.name
        if name != path.name or not NAME.match(name):
            raise file.wrong("name", f"must be the folder's name, {path.name!r}, in letters, digits, '.', '_' and '-'")
        return cls(
            path=path,
            name=name,
            source=file.languages(data, "source"),
            target=file.languages(data, "target"),
            licence=file.string(data, "licence"),
            attribution=file.string(data, "attribution"),
            origin=file.string(data, "origin"),
            architecture=file.string(data, "architecture"),
            parameters=int(file.number(data, "parameters")),
            steps=int(file.number(data, "steps")),
            prefix=file.strings(data, "prefix"),
            marks=file.texts(data, "marks"),
            chrf_floor=file.number(data, "chrf_floor"),
            selftest=tuple(_selftest(file, row) for row in file.rows(data, "selftest")),
            files=_files(file),
            scores={name: file.numbers(file.table(data, "scores"), name) for name in file.table(data, "scores")},
        )


def scan(roots: Iterable[Path]) -> tuple[list[ModelFolder], dict[str, str]]:
    """The models under several roots and, by folder name, why the others cannot be read.

    An earlier root overrides a later one of the same name; folders without model.toml are passed over.
    """
    found: dict[str, ModelFolder] = {}
    broken: dict[str, str] = {}
    for root in roots:
        if not root.is_dir():
            continue
        for path in sorted(root.iterdir()):
            if path.name.startswith(".") or path.name in found or path.name in broken or not (path / MODEL_TOML).is_file():
                continue
            try:
                found[path.name] = ModelFolder.read(path)
            except (InputFileError, ModelError) as error:
                broken[path.name] = str(error)
    return list(found.values()), broken


def installed(roots: Iterable[Path]) -> list[ModelFolder]:
    """The models under several roots, earlier roots first; raises `ModelError` with every folder that cannot be read."""
    found, broken = scan(roots)
    if broken:
        raise ModelError("; ".join(broken.values()))
    return found


def checksums(path: Path) -> dict[str, str]:
    """`sha256:HEX:BYTES` of every file in a folder but model.toml."""
    names = sorted(file.relative_to(path).as_posix() for file in path.rglob("*") if file.is_file())
    return {name: f"sha256:{sha256(path / name)}:{(path / name).stat().st_size}" for name in names if name != MODEL_TOML}


def write_model_toml(model: ModelFolder) -> ModelFolder:
    """Write `model.path`/model.toml with fresh checksums; returns the folder as it now stands."""
    model = replace(model, files=checksums(model.path))
    size = round(sum(_parsed(checksum)[1] or 0 for checksum in model.files.values()) / 1e6, 1)
    head: dict[str, Any] = {
        key: getattr(model, key) for key in ("name", "source", "target", "licence", "attribution", "origin", "architecture")
    }
    head |= {"parameters": model.parameters, "steps": model.steps, "size_mb": size, "chrf_floor": model.chrf_floor}
    head["marks"] = model.marks
    lines = [f"{key} = {_toml(value)}" for key, value in head.items() if value not in ("", 0, ())]
    lines += _table("prefix", model.prefix)
    for test in model.selftest:
        row = {"source": test.source, "target": test.target, "text": test.text}
        expect = test.expect[0] if len(test.expect) == 1 else test.expect
        lines += ["", "[[selftest]]", *(f"{key} = {_toml(value)}" for key, value in (row | {"expect": expect}).items())]
    lines += _table("files", model.files)
    for name, scores in model.scores.items():
        lines += _table(f"scores.{_toml(name)}", scores)
    part = model.path / f"{MODEL_TOML}.part"
    part.write_text("\n".join(lines) + "\n", encoding="utf-8")
    part.replace(model.path / MODEL_TOML)
    return model


def sha256(path: Path) -> str:
    """Hex digest of a file, read in pieces."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _table(name: str, rows: Mapping[str, Any]) -> list[str]:
    return ["", f"[{name}]", *(f"{_toml(key)} = {_toml(value)}" for key, value in rows.items())] if rows else []


def _toml(value: str | float | Sequence[str]) -> str:
    if isinstance(value, str):
        # A JSON string is a TOML basic string, but for DEL, which TOML wants escaped.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, (int, float)):
        return repr(value)
    return "[" + ", ".join(_toml(item) for item in value) + "]"


def _form(name: str) -> Form | None:
    """The form a file belongs to; None when both need it."""
    if name.startswith("ctranslate2/"):
        return "ctranslate2"
    return None if name in _SPM else "hf"


def _parsed(checksum: str) -> tuple[str, int | None]:
    match = _CHECKSUM.match(checksum)
    assert match is not None, "checked on reading"
    return match[1], int(match[2]) if match[2] else None


def _selftest(file: TomlFile, row: Mapping[str, Any]) -> SelfTest:
    expect = row.get("expect")
    accepted = (expect,) if isinstance(expect, str) else file.texts(row, "expect")
    source, target, text = (file.string(row, key) for key in ("source", "target", "text"))
    if not (source and target and text.strip() and accepted and all(item.strip() for item in accepted)):
        raise file.wrong("selftest", "needs source, target, text and expect")
    return SelfTest(source, target, text, accepted)


def _files(file: TomlFile) -> dict[str, str]:
    files = file.strings(file.data, "files")
    for name, checksum in files.items():
        parts = PurePosixPath(name)
        if parts.is_absolute() or ".." in parts.parts or "\\" in name or ":" in name or not name:
            raise file.wrong(name, "must be a path inside the folder")
        if not _CHECKSUM.match(checksum):
            raise file.wrong(name, "must be sha256: and 64 hex digits")
    return files
