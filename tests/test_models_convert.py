"""Converting local checkpoints: both forms, folder and zip, hostile archives, and models that must not be installed."""

from __future__ import annotations

import json
import os
import pickle
import stat
import struct
import sys
import zipfile
from pathlib import Path

import marian
import pytest

from assistant.engines import load
from assistant.errors import InputFileError, MissingExtra, ModelError
from assistant.models.checkpoint import read_safetensors, specification
from assistant.models.convert import About, convert, to_ctranslate2
from assistant.models.folder import ModelFolder, installed
from assistant.models.unpack import unpack
from assistant.translate.request import Request

ZH_EN = About(name="opus-mt-zh-en", source=("zh",), target=("en",), licence="CC-BY-4.0", attribution="somebody")


@pytest.fixture
def taught(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("transformers")
    return marian.shared(tmp_path_factory, marian.taught)


def leftovers(models: Path) -> list[str]:
    return sorted(path.name for path in models.iterdir() if path.name.startswith("."))


def zipped(folder: Path, archive: Path, inside: str = "") -> Path:
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as out:
        for path in folder.rglob("*"):
            if path.is_file():
                out.write(path, f"{inside}{path.relative_to(folder).as_posix()}")
    return archive


def test_a_hugging_face_folder_becomes_a_model_that_serves(taught: Path, tmp_path: Path) -> None:
    model = convert(taught, tmp_path / "models", ZH_EN)
    assert model == ModelFolder.read(tmp_path / "models" / "opus-mt-zh-en")
    assert (model.licence, model.attribution, model.origin, dict(model.prefix)) == (
        "CC-BY-4.0", "somebody", taught.name, {"en": ">>en<<"},
    )  # fmt: skip
    assert model.forms == {"ctranslate2"}
    model.verify()
    assert [folder.name for folder in installed([tmp_path / "models"])] == ["opus-mt-zh-en"]
    assert leftovers(tmp_path / "models") == []
    source, target = marian.SENTENCES[3]
    assert load(model).translate([Request(model.name, source, "zh", "en")])[0].text == target


def test_the_result_is_the_libraries_own(taught: Path, tmp_path: Path) -> None:
    from ctranslate2.converters import TransformersConverter

    TransformersConverter(str(taught)).convert(str(tmp_path / "theirs"), quantization="int8")
    to_ctranslate2(taught, tmp_path / "ours")
    for name in ("model.bin", "config.json", "shared_vocabulary.json"):
        assert (tmp_path / "ours" / name).read_bytes() == (tmp_path / "theirs" / name).read_bytes(), name


def test_bin_weights_convert_the_same_and_their_code_does_not_run(taught: Path, tmp_path: Path) -> None:
    to_ctranslate2(taught, tmp_path / "before")
    marian.as_bin(taught)
    to_ctranslate2(taught, tmp_path / "after")
    assert (tmp_path / "before" / "model.bin").read_bytes() == (tmp_path / "after" / "model.bin").read_bytes()
    kept = convert(taught, tmp_path / "models", ZH_EN, keep_hf=True)
    assert kept.forms == {"ctranslate2", "hf"}
    source, target = marian.SENTENCES[1]
    assert load(kept, "transformers").translate([Request(kept.name, source, "zh", "en")])[0].text == target

    class Hostile:
        def __reduce__(self) -> tuple:
            return os.mkdir, (str(tmp_path / "owned"),)

    (taught / "pytorch_model.bin").write_bytes(pickle.dumps({"x": Hostile()}))
    with pytest.raises(ModelError, match="cannot be loaded"):
        to_ctranslate2(taught, tmp_path / "never")
    assert not (tmp_path / "owned").exists()


def test_bin_weights_without_torch_name_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pytorch_model.bin").write_bytes(b"x")
    (tmp_path / "config.json").write_text('{"model_type": "marian"}', encoding="utf-8")
    (tmp_path / "vocab.json").write_text('{"</s>": 0, "<unk>": 1}', encoding="utf-8")
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(MissingExtra, match=r'pip install "liveroom-assistant\[marian\]"'):
        specification(tmp_path)


def test_half_precision_weights_are_read(tmp_path: Path) -> None:
    header = {
        "a": {"dtype": "F16", "shape": [2], "data_offsets": [0, 4]},
        "b": {"dtype": "BF16", "shape": [1, 2], "data_offsets": [4, 8]},
        "c": {"dtype": "I64", "shape": [1], "data_offsets": [8, 16]},
    }
    text = json.dumps(header).encode()
    file = tmp_path / "model.safetensors"
    file.write_bytes(struct.pack("<Q", len(text)) + text + struct.pack("<ee", 1.5, -2) + b"\x80\x3f\x00\xc0" + bytes(8))
    read = read_safetensors(file)
    assert {name: values.tolist() for name, values in read.items()} == {"a": [1.5, -2.0], "b": [[1.0, -2.0]]}


@pytest.mark.parametrize(
    "content",
    [
        b"", b"\xff" * 8, struct.pack("<Q", 10) + b"{}", struct.pack("<Q", 2) + b"[]",
        struct.pack("<Q", 62) + b'{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,9000000000]}}'[:62],
        struct.pack("<Q", 55) + b'{"a":{"dtype":"F32","shape":[9],"data_offsets":[0,4]}}  ' + bytes(4),
    ],
)  # fmt: skip
def test_broken_safetensors_are_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "model.safetensors").write_bytes(content)
    with pytest.raises(ModelError, match="not a safetensors file"):
        read_safetensors(tmp_path / "model.safetensors")


def test_marians_own_form_converts_without_torch(taught: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = marian.as_original(taught, tmp_path / "opus-mt-zh-en")
    expected = convert(taught, tmp_path / "a", ZH_EN)
    for name in ("torch", "transformers"):
        monkeypatch.setitem(sys.modules, name, None)
    from_folder = convert(folder, tmp_path / "b", ZH_EN)
    from_zip = convert(zipped(folder, tmp_path / "opus-mt-zh-en.zip", "opus-2020/"), tmp_path / "c")
    assert from_folder.name == from_zip.name == "opus-mt-zh-en"
    assert (from_zip.source, from_zip.target, dict(from_zip.prefix)) == (("zh",), ("en",), {"en": ">>en<<"})
    assert from_zip.origin == "opus-mt-zh-en.zip"
    assert (from_zip.path / "LICENSE").is_file()
    assert leftovers(tmp_path / "c") == []
    requests = [Request("m", text, "zh", "en") for text in (*marian.LINES, *(source for source, _ in marian.SENTENCES))]
    answers = load(expected).translate(requests)
    assert answers[-1].text == marian.SENTENCES[-1][1]
    assert load(from_folder).translate(requests) == load(from_zip).translate(requests) == answers


def test_a_model_that_fails_its_self_test_is_not_installed(tmp_path: Path) -> None:
    folder = marian.original(tmp_path / "opus-mt-zh-en")
    with pytest.raises(ModelError, match="failed its self-test"):
        convert(folder, tmp_path / "models", ZH_EN)
    assert list((tmp_path / "models").iterdir()) == []


def test_an_installed_model_is_replaced_only_when_asked(taught: Path, tmp_path: Path) -> None:
    models = tmp_path / "models"
    convert(taught, models, ZH_EN)
    with pytest.raises(ModelError, match="installed already"):
        convert(taught, models, ZH_EN)
    marker = models / "opus-mt-zh-en" / "marker"
    marker.touch()
    convert(taught, models, ZH_EN, replace_existing=True)
    assert not marker.exists()
    marker.touch()
    with pytest.raises(ModelError, match="self-test"):
        convert(marian.original(tmp_path / "random"), models, ZH_EN, replace_existing=True)
    assert marker.exists(), "a failed replacement must leave the old model alone"


def test_a_folder_in_place_gets_the_form_it_lacks(taught: Path) -> None:
    model = marian.described(taught, source=("zh",), target=("en",), prefix={"en": ">>en<<"}, licence="mine")
    assert model.forms == {"hf"}
    done = convert(taught, taught.parent)
    assert done.path == taught
    assert done.forms == {"hf", "ctranslate2"}
    assert (done.licence, dict(done.prefix)) == ("mine", {"en": ">>en<<"})


@pytest.mark.parametrize(
    ("settings", "name", "expected"),
    [
        ('{"source_lang": "zho", "target_lang": "eng"}', "x", ("zh", "en")),
        ('{"source_lang": "mul", "target_lang": "eng"}', "opus-mt-zh-en", ("zh", "en")),
        ("{}", "opus-mt-tc-big-zh-en", ("zh", "en")),
    ],
)
def test_languages_come_from_the_checkpoint(
    taught: Path, tmp_path: Path, settings: str, name: str, expected: tuple[str, str]
) -> None:
    (taught / "tokenizer_config.json").write_text(settings, encoding="utf-8")
    model = convert(taught, tmp_path, About(name=name))
    assert (model.source[0], model.target[0]) == expected


def test_what_is_no_checkpoint_is_told(tmp_path: Path) -> None:
    models = tmp_path / "models"
    with pytest.raises(InputFileError, match="does not exist"):
        convert(tmp_path / "absent", models)
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputFileError, match="holds neither"):
        convert(tmp_path / "empty", models)
    (tmp_path / "text.zip").write_text("no zip", encoding="utf-8")
    with pytest.raises(InputFileError, match="cannot be unpacked"):
        convert(tmp_path / "text.zip", models)
    nameless = marian.original(tmp_path / "nameless")
    with pytest.raises(InputFileError, match="give --from and --to"):
        convert(nameless, models)
    with pytest.raises(ModelError, match=r"no target token .* for ko"):
        convert(nameless, models, About(name="x", source=("zh",), target=("ko",)))
    (nameless / "source.spm").unlink()
    with pytest.raises(ModelError, match=r"no source\.spm"):
        convert(nameless, models, ZH_EN)
    assert list(models.iterdir()) == []


@pytest.mark.parametrize("names", [["../secret.npz"], ["/etc/passwd"], ["model.npz", "../vocab.yml"], [], ["absent.npz"]])
def test_decoder_yml_stays_inside(tmp_path: Path, names: list[str]) -> None:
    (tmp_path / "secret.npz").write_bytes(b"x")
    folder = marian.original(tmp_path / "m")
    text = f"models: {json.dumps(names[:1])}\nvocabs: {json.dumps(names[1:] or ['vocab.yml'])}\n"
    (folder / "decoder.yml").write_text(text, encoding="utf-8")
    with pytest.raises(InputFileError, match=r"not in the folder|names no model"):
        to_ctranslate2(folder, tmp_path / "out")


@pytest.mark.parametrize("damage", ["config", "vocabulary", "weights", "model_type"])
def test_a_damaged_checkpoint_is_told(taught: Path, tmp_path: Path, damage: str) -> None:
    if damage == "config":
        (taught / "config.json").write_text('{"model_type": "marian"}', encoding="utf-8")
    elif damage == "model_type":
        (taught / "config.json").write_text('{"model_type": "bart"}', encoding="utf-8")
    elif damage == "vocabulary":
        (taught / "vocab.json").write_text('{"</s>": 0, "a": 5}', encoding="utf-8")
    else:
        (taught / "model.safetensors").write_bytes(struct.pack("<Q", 2) + b"{}")
    with pytest.raises(ModelError):
        to_ctranslate2(taught, tmp_path / "out")


def test_a_damaged_npz_is_told(tmp_path: Path) -> None:
    folder = marian.original(tmp_path / "m")
    whole = (folder / "model.npz").read_bytes()
    for content in (b"", whole[: len(whole) // 2], b"PK\x05\x06" + bytes(18)):
        (folder / "model.npz").write_bytes(content)
        with pytest.raises(ModelError, match="cannot be converted"):
            to_ctranslate2(folder, tmp_path / "out")


@pytest.mark.parametrize("name", ["../out.txt", "/tmp/out.txt", "a/../../out.txt", "..\\out.txt", "C:\\out.txt", "C:out.txt"])
def test_an_archive_cannot_write_outside(tmp_path: Path, name: str) -> None:
    archive = tmp_path / "a.zip"
    member = zipfile.ZipInfo("x")
    member.filename = name
    with zipfile.ZipFile(archive, "w") as out:
        out.writestr(member, b"x")
    target = tmp_path / "in" / "deep"
    target.mkdir(parents=True)
    with pytest.raises(InputFileError, match="outside its folder"):
        unpack(archive, target)
    assert list(target.iterdir()) == []


def test_links_and_bombs_are_refused(tmp_path: Path) -> None:
    target = tmp_path / "t"
    target.mkdir()
    link = zipfile.ZipInfo("link")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "link.zip", "w") as out:
        out.writestr(link, "/etc/passwd")
    with pytest.raises(InputFileError, match="a link"):
        unpack(tmp_path / "link.zip", target)
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr("zeros", bytes(5_000_000))
    with pytest.raises(InputFileError, match="more than is taken"):
        unpack(tmp_path / "bomb.zip", target, most_bytes=3_000_000)
    assert sum(path.stat().st_size for path in target.iterdir()) <= 3_000_000
    with zipfile.ZipFile(tmp_path / "many.zip", "w") as out:
        for index in range(30):
            out.writestr(str(index), b"")
    with pytest.raises(InputFileError, match="30 files"):
        unpack(tmp_path / "many.zip", target, most_files=20)
