"""Turns a local Marian checkpoint, Hugging Face's form or Marian's own (folder or zip), into a model folder that can serve."""

from __future__ import annotations

import contextlib
import re
import shutil
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import yaml
from ctranslate2.converters.marian import MarianConverter, load_vocab
from ctranslate2.specs.transformer_spec import TransformerSpec

from assistant.engines import load
from assistant.engines.selftest import selftest
from assistant.errors import InputFileError, ModelError
from assistant.models import languages
from assistant.models.checkpoint import read_json, specification, vocabularies
from assistant.models.folder import MODEL_TOML, NAME, ModelFolder, write_model_toml
from assistant.models.unpack import MOST_BYTES, unpack

_HF_FILES = ("config.json", "generation_config.json", "vocab.json", "target_vocab.json", "tokenizer_config.json", "model.safetensors")
_OPUS_NAME = re.compile(r"opus-(?:mt|tatoeba)-(?:tc-(?:base|big)-)?([a-z]{2,3})-([a-z]{2,3})\b")


@dataclass(frozen=True, slots=True)
class About:
    """What the caller knows of a checkpoint; what is left empty is read from the checkpoint where it says so."""

    name: str = ""
    source: tuple[str, ...] = ()
    target: tuple[str, ...] = ()
    licence: str = ""
    attribution: str = ""
    origin: str = ""
    prefix: Mapping[str, str] = field(default_factory=dict)
    scores: Mapping[str, Mapping[str, float]] = field(default_factory=dict)


def convert(
    source: Path,
    models: Path,
    about: About | None = None,
    *,
    quantization: str = "int8",
    vmap: Path | None = None,
    keep_hf: bool = False,
    replace_existing: bool = False,
) -> ModelFolder:
    """Convert the checkpoint at `source` (folder or zip), self-test it and install it as `models`/NAME.

    Raises `InputFileError` for a wrong file or unknown languages, `ModelError` for what cannot be converted or fails its
    self-test (nothing is installed then), `MissingExtra` for `.bin` weights without torch.
    """
    about = about or About()
    if not source.exists():
        raise InputFileError(str(source), 0, "does not exist")
    name = about.name or (source.stem if source.is_file() else source.resolve().name)
    if not NAME.match(name):
        raise InputFileError(str(source), 0, f"{name!r} cannot name a model; give another name")
    place = models / name
    in_place = place.exists() and place.resolve() == source.resolve()
    if place.exists() and not (replace_existing or in_place):
        raise ModelError(f"{name} is installed already in {place}")
    models.mkdir(parents=True, exist_ok=True)
    work, unpacked = models / f".{name}.partial", models / f".{name}.unpacked"
    try:
        for folder in (work, unpacked):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
        if source.is_file():
            unpack(source, unpacked)
        root = _root(unpacked if source.is_file() else source, source)
        model = _build(root, work, replace(about, name=name), source, quantization, vmap, keep_hf or in_place)
        if reason := selftest(model, load(model)).reason:
            raise ModelError(reason)
        return _install(work, place, name)
    finally:
        for folder in (work, unpacked):
            shutil.rmtree(folder, ignore_errors=True)


def to_ctranslate2(source: Path, out: Path, quantization: str = "int8", vmap: Path | None = None) -> None:
    """Write the CTranslate2 form of a checkpoint folder to `out`, which is replaced. Needs no torch but for `.bin` weights."""
    spec = specification(source) if (source / "config.json").is_file() else _marian(source)
    if vmap is not None:
        spec.register_vocabulary_mapping(str(vmap))
    spec.validate()
    spec.optimize(quantization=quantization)
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    spec.save(str(out))


def _root(folder: Path, given: Path) -> Path:
    """The folder that holds the checkpoint: the given one or the only one inside it."""
    for marker in ("config.json", "decoder.yml"):
        found = sorted((path.parent for path in folder.rglob(marker)), key=lambda path: len(path.parts))
        found = [path for path in found if path.name != "ctranslate2"]
        if found:
            return found[0]
    raise InputFileError(str(given), 0, "holds neither config.json (Hugging Face) nor decoder.yml (Marian, OPUS-MT)")


def _build(
    root: Path, work: Path, about: About, given: Path, quantization: str, vmap: Path | None, keep_hf: bool
) -> ModelFolder:
    """Fill `work` with a whole model folder, model.toml included."""
    for name in ("source.spm", "target.spm"):
        if not (root / name).is_file():
            raise ModelError(f"{given} has no {name}: only models with SentencePiece vocabularies can be converted")
        shutil.copyfile(root / name, work / name)
    hf = (root / "config.json").is_file()
    if vmap is None and (root / "vmap.txt").is_file():
        vmap = root / "vmap.txt"
    to_ctranslate2(root, work / "ctranslate2", quantization, vmap)
    if hf and keep_hf:
        _keep_hf(root, work)
    for name in ("LICENSE", "LICENSE.txt", "NOTICE"):
        if (root / name).is_file():
            shutil.copyfile(root / name, work / name)
    if (root / MODEL_TOML).is_file():
        given_toml = ModelFolder.read(root)
        described = replace(
            given_toml,
            path=work,
            name=about.name,
            source=about.source or given_toml.source,
            target=about.target or given_toml.target,
        )
    else:
        sources, targets = (about.source, about.target) if about.source and about.target else _languages(root, given, about)
        vocabulary = vocabularies(root)[0] if hf else load_vocab(_decoder(root)[1][0])
        described = ModelFolder(
            path=work,
            name=about.name,
            source=sources,
            target=targets,
            licence=about.licence,
            attribution=about.attribution,
            origin=about.origin or given.name,
            architecture="marian",
            parameters=_parameters(work / "ctranslate2" / "model.bin", quantization),
            prefix=languages.target_tokens(vocabulary, targets, about.prefix, str(given)),
            scores=about.scores,
        )
    return write_model_toml(described)


def _marian(root: Path) -> TransformerSpec:
    """A folder in Marian's own form as a CTranslate2 specification."""
    model, vocabs = _decoder(root)
    try:
        with zipfile.ZipFile(model) as arrays:
            if sum(member.file_size for member in arrays.infolist()) > MOST_BYTES:
                raise ModelError(f"{model} unpacks to more than {MOST_BYTES // 10**9} GB; it is no model")
        return MarianConverter(str(model), [str(path) for path in vocabs])._load()
    except (zipfile.BadZipFile, OSError, ValueError, KeyError, TypeError, AttributeError, yaml.YAMLError) as error:
        raise ModelError(f"{model} cannot be converted: {error}") from None


def _decoder(root: Path) -> tuple[Path, list[Path]]:
    """The weights and vocabularies that decoder.yml names, all inside the folder."""
    file = root / "decoder.yml"
    try:
        data = yaml.safe_load(file.read_text(encoding="utf-8"))
        names = [data["models"][0], *data["vocabs"]]
    except (OSError, ValueError, KeyError, TypeError, IndexError, yaml.YAMLError) as error:
        raise InputFileError(str(file), 0, f"names no model and vocabularies: {error}") from None
    paths = [root / str(name) for name in names]
    for path in paths:
        if not path.resolve().is_relative_to(root.resolve()) or not path.is_file():
            raise InputFileError(str(file), 0, f"names {path.name}, which is not in the folder")
    return paths[0], paths[1:]


def _languages(root: Path, given: Path, about: About) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Source and target from the tokenizer's settings or an OPUS-MT name."""
    if (root / "tokenizer_config.json").is_file():
        settings = read_json(root / "tokenizer_config.json")
        pair = [languages.known(str(settings.get(key, ""))) for key in ("source_lang", "target_lang")]
        if pair[0] and pair[1]:
            return (pair[0],), (pair[1],)
    if named := _OPUS_NAME.search(about.name) or _OPUS_NAME.search(root.name):
        pair = [languages.known(code) for code in named.groups()]
        if pair[0] and pair[1]:
            return (pair[0],), (pair[1],)
    raise InputFileError(str(given), 0, "does not say which languages it translates; give --from and --to")


def _keep_hf(root: Path, work: Path) -> None:
    for name in _HF_FILES:
        if (root / name).is_file():
            shutil.copyfile(root / name, work / name)
    if not (work / "model.safetensors").is_file():
        import torch
        from safetensors.torch import save_file

        loaded = torch.load(root / "pytorch_model.bin", map_location="cpu", weights_only=True)
        # One tensor of several names is stored once per name, as safetensors wants it.
        save_file({name: tensor.clone().contiguous() for name, tensor in loaded.items()}, work / "model.safetensors", {"format": "pt"})


def _parameters(model: Path, quantization: str) -> int:
    """About how many weights a CTranslate2 model has, from its size."""
    size = {"int8": 1, "int16": 2, "float16": 2, "bfloat16": 2}.get(quantization, 4)
    return round(model.stat().st_size / size, -6) or model.stat().st_size


def _install(work: Path, place: Path, name: str) -> ModelFolder:
    """Move the finished folder to its place; the one that stood there goes only then."""
    old = place.with_name(f".{name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if place.exists():
        place.rename(old)
    try:
        work.rename(place)
    except OSError:
        if old.exists():
            with contextlib.suppress(OSError):
                old.rename(place)
        raise
    shutil.rmtree(old, ignore_errors=True)
    return ModelFolder.read(place)


