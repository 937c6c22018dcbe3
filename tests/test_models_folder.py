"""Model folders: reading, refusing, overriding, checksums, writing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from assistant.errors import InputFileError, ModelError
from assistant.models.folder import ModelFolder, SelfTest, installed, scan, write_model_toml
from assistant.models.listing import rows
from assistant.translate.routes import UNKNOWN_CHRF, Routes

MINIMAL = 'source = ["zh"]\ntarget = ["en"]\n'


def folder(root: Path, name: str = "m", toml: str = MINIMAL) -> Path:
    path = root / name
    path.mkdir(parents=True)
    (path / "model.toml").write_text(toml, encoding="utf-8")
    return path


def whole(root: Path, name: str = "m") -> ModelFolder:
    path = root / name
    (path / "ctranslate2").mkdir(parents=True)
    for file in ("source.spm", "target.spm", "ctranslate2/model.bin", "ctranslate2/config.json"):
        (path / file).write_bytes(file.encode() * 50)
    return write_model_toml(
        ModelFolder(
            path=path,
            name=name,
            source=("zh", "ja"),
            target=("en",),
            licence="CC-BY-4.0",
            attribution='a "quoted"\nline with a tab\t, DEL \x7f and 中文',
            prefix={"en": ">>eng<<"},
            marks=("⟦0⟧",),
            chrf_floor=22.5,
            parameters=7_400_000,
            selftest=(SelfTest("zh", "en", "谢谢", ("Thanks.", "Thank you.")), SelfTest("ja", "en", "どうも", ("Thanks.",))),
            scores={"live": {"zh-en": 50.0}, "flores200-devtest": {"zh-en": 33.25}},
        )
    )


def test_what_is_written_reads_back_the_same(tmp_path: Path) -> None:
    written = whole(tmp_path)
    assert ModelFolder.read(tmp_path / "m") == written
    assert written.forms == {"ctranslate2"}
    assert written.pairs == ("ja-en", "zh-en")
    assert set(written.files) == {"source.spm", "target.spm", "ctranslate2/model.bin", "ctranslate2/config.json"}
    written.verify()


def test_only_languages_are_required(tmp_path: Path) -> None:
    read = ModelFolder.read(folder(tmp_path))
    assert (read.name, read.source, read.target, read.prefix, read.forms) == ("m", ("zh",), ("en",), {}, frozenset())
    assert read.routing().parameters == 75_000_000
    assert Routes([read.routing()]).find("zh", "en").hops[0].model == "m"


def test_routing_takes_flores_before_other_scores(tmp_path: Path) -> None:
    model = whole(tmp_path).routing()
    assert model.scores == {"zh-en": 33.25}
    assert model.parameters == 7_400_000
    assert UNKNOWN_CHRF == 45.0


@pytest.mark.parametrize(
    ("toml", "line", "said"),
    [
        ('source = ["zh"]\n\ntarget = [', 3, "not TOML"),
        ('source = ["zh"]\ntarget = "en"\n', 2, "target must be a list"),
        ('source = []\ntarget = ["en"]\n', 1, "language codes"),
        ('source = ["zh"]\ntarget = ["ENGLISH!"]\n', 2, "language codes"),
        (MINIMAL + 'name = "other"\n', 3, "folder's name"),
        (MINIMAL + "chrf_floor = -1\n", 3, "0 or more"),
        (MINIMAL + "chrf_floor = nan\n", 3, "0 or more"),
        (MINIMAL + "parameters = true\n", 3, "0 or more"),
        (MINIMAL + "licence = 5\n", 3, "string"),
        (MINIMAL + '[prefix]\nen = ["x"]\n', 4, "string"),
        (MINIMAL + '[[selftest]]\nsource = "zh"\n', 3, "needs source"),
        (MINIMAL + '[files]\n"../../etc/passwd" = "sha256:' + "0" * 64 + '"\n', 4, "inside the folder"),
        (MINIMAL + '[files]\n"C:/x" = "sha256:' + "0" * 64 + '"\n', 4, "inside the folder"),
        (MINIMAL + '[files]\n"a.bin" = "md5:0"\n', 4, "sha256"),
        (MINIMAL + '[scores.x]\n"zh-en" = "high"\n', 4, "number"),
    ],
)
def test_a_wrong_file_is_named_with_its_line(tmp_path: Path, toml: str, line: int, said: str) -> None:
    with pytest.raises(InputFileError, match=said) as caught:
        ModelFolder.read(folder(tmp_path, toml=toml))
    assert caught.value.file.endswith("model.toml")
    assert caught.value.line == line


def test_an_oversized_or_binary_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputFileError, match="megabyte"):
        ModelFolder.read(folder(tmp_path, "big", MINIMAL + "#" * 1_000_001))
    (folder(tmp_path, "binary") / "model.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputFileError, match="cannot be read"):
        ModelFolder.read(tmp_path / "binary")
    with pytest.raises(ModelError, match=r"holds no model\.toml"):
        ModelFolder.read(tmp_path / "absent")


def test_damage_is_found(tmp_path: Path) -> None:
    model = whole(tmp_path)
    weights = model.path / "ctranslate2" / "model.bin"
    good = weights.read_bytes()
    weights.write_bytes(good[:-1])
    with pytest.raises(ModelError, match=r"model\.bin has \d+ bytes"):
        model.verify()
    weights.write_bytes(good[:-1] + b"!")
    with pytest.raises(ModelError, match=r"model\.bin is damaged"):
        model.verify()
    model.verify(["hf"])
    weights.unlink()
    with pytest.raises(ModelError, match=r"model\.bin is missing"):
        model.verify(["ctranslate2"])
    weights.write_bytes(good)
    (model.path / "source.spm").write_bytes(b"x")
    with pytest.raises(ModelError, match=r"source\.spm"):
        model.verify(["hf"])


def test_checksums_without_a_size_are_taken_too(tmp_path: Path) -> None:
    model = whole(tmp_path)
    plain = replace(model, files={name: checksum.rpartition(":")[0] for name, checksum in model.files.items()})
    plain.verify()
    (model.path / "source.spm").write_bytes(b"other")
    with pytest.raises(ModelError, match="damaged"):
        plain.verify()


def test_an_earlier_root_overrides_and_a_broken_folder_is_told(tmp_path: Path) -> None:
    own, shipped = tmp_path / "own", tmp_path / "shipped"
    folder(own, "a", MINIMAL + 'licence = "mine"\n')
    folder(shipped, "a", MINIMAL + 'licence = "shipped"\n')
    folder(shipped, "b")
    (shipped / "corpus").mkdir()
    folder(shipped, ".c.partial")
    assert [(model.name, model.licence) for model in installed([own, shipped, tmp_path / "absent"])] == [("a", "mine"), ("b", "")]
    folder(own, "b", "source = 1\n")
    models, broken = scan([own, shipped])
    assert [model.name for model in models] == ["a"]
    assert list(broken) == ["b"]
    with pytest.raises(ModelError, match="source must be"):
        installed([own, shipped])


def test_listing_shows_models_and_problems(tmp_path: Path) -> None:
    whole(tmp_path, "good")
    folder(tmp_path, "bad", "source = 1\n")
    good, bad = rows([tmp_path])
    assert (good.name, good.pairs, good.licence, good.forms) == ("good", "ja-en zh-en", "CC-BY-4.0", "ctranslate2")
    assert good.scores == "live zh-en 50.0; flores200-devtest zh-en 33.2"
    assert good.megabytes == pytest.approx(sum(p.stat().st_size for p in (tmp_path / "good").rglob("*") if p.is_file()) / 1e6, abs=0.1)
    assert bad.name == "bad"
    assert "source must be" in bad.problem
