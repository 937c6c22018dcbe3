"""Adapting a model to a seller's own pairs: it learns, resumes, and is not shipped when it forgot the rest."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from assistant.errors import InputFileError, ModelError
from assistant.models import evaluate
from assistant.models.folder import ModelFolder
from tests import marian

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

from assistant.models.train import export, finetune  # noqa: E402

QUICK = finetune.Settings(rate=3e-3, warmup=3, steps=60, budget=600, evaluate_every=10, patience=4, threads=1)
ITEMS = ("蓝色", "红色", "精华液", "保湿", "敏感肌", "两件", "三天", "优惠")
NAMES = ("the blue one", "the red one", "a serum", "moist", "oily skin", "two pieces", "three days", "a deal")


@pytest.fixture
def base(tmp_path_factory: pytest.TempPathFactory) -> ModelFolder:
    folder = marian.shared(tmp_path_factory, marian.taught)
    export.to_ctranslate2(folder)
    return marian.described(folder)


def pairs_file(path: Path, count: int = 48, answer: str = "thank you so much {} {}") -> Path:
    lines = ["source_lang\ttarget_lang\tsource\ttarget"]
    for number in range(count):
        item, name = ITEMS[number % 8], NAMES[number % 8]
        lines.append(f"zh\ten\t谢谢{item}{number}\t{answer.format(name, number)}")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def heart(source: str, target: str) -> evaluate.Lines | None:
    """What the base knows by heart."""
    sources, references = zip(*marian.SENTENCES, strict=True)
    return evaluate.Lines(source, target, sources, references) if (source, target) == ("zh", "en") else None


def test_it_learns_the_pairs_and_installs_the_model(base: ModelFolder, tmp_path: Path) -> None:
    path = pairs_file(tmp_path / "own.tsv")
    pairs = finetune.read_pairs(path, base)
    seen: list[finetune.Progress] = []
    tests = {"same": evaluate.memory_file(path)}
    outcome = finetune.finetune(base, pairs, tests, tmp_path / "run", tmp_path / "models" / "shop", QUICK, seen.append, threading.Event())
    assert outcome is not None and seen[-1].best < seen[0].held_out_loss * 0.8
    ((before, after),) = outcome.own.values()
    assert after > before + 5
    shop = ModelFolder.read(tmp_path / "models" / "shop")
    shop.verify()
    assert shop.forms == {"hf", "ctranslate2"} and shop.prefix == base.prefix and base.name in shop.origin
    assert shop.scores[finetune.OWN]["zh-en"] == after
    assert not (tmp_path / "run" / "finetune.pt").exists(), "a finished run leaves nothing to resume"


def test_a_model_that_forgot_the_rest_is_not_installed(base: ModelFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finetune, "PARTS", (1.0,))
    pairs = finetune.read_pairs(pairs_file(tmp_path / "own.tsv"), base)
    with pytest.raises(ModelError, match="not shipped"):
        finetune.finetune(base, pairs, {"heart": heart}, tmp_path / "run", tmp_path / "models" / "shop", QUICK, stop=threading.Event())
    assert not (tmp_path / "models" / "shop").exists()


def test_a_run_that_was_stopped_goes_on(base: ModelFolder, tmp_path: Path) -> None:
    pairs = finetune.read_pairs(pairs_file(tmp_path / "own.tsv"), base)
    stop, seen = threading.Event(), list[int]()

    def once(line: finetune.Progress) -> None:
        seen.append(line.step)
        stop.set()

    run = (base, pairs, {"same": evaluate.memory_file(tmp_path / "own.tsv")}, tmp_path / "run", tmp_path / "models" / "shop", QUICK)
    assert finetune.finetune(*run, once, stop) is None
    assert finetune.finetune(*run, lambda line: seen.append(line.step), threading.Event()) is not None
    assert seen[:2] == [10, 20]


def test_the_held_out_part_stays_the_same_when_the_file_grows(base: ModelFolder, tmp_path: Path) -> None:
    few = finetune.split(finetune.read_pairs(pairs_file(tmp_path / "few.tsv", 40), base), QUICK)
    many = finetune.split(finetune.read_pairs(pairs_file(tmp_path / "many.tsv", 80), base), QUICK)
    assert few[1] and set(few[1]) <= set(many[1]) and not set(many[0]) & set(few[1])


def test_wrong_files_are_told(base: ModelFolder, tmp_path: Path) -> None:
    with pytest.raises(InputFileError, match="takes 20"):
        finetune.read_pairs(pairs_file(tmp_path / "few.tsv", 5), base)
    wrong = pairs_file(tmp_path / "wrong.tsv")
    wrong.write_text(wrong.read_text(encoding="utf-8") + "zh\tko\t谢谢\t감사\n", encoding="utf-8")
    with pytest.raises(InputFileError, match=r"wrong\.tsv:50.*zh to ko"):
        finetune.read_pairs(wrong, base)


def test_a_general_test_of_the_direction_is_asked_for(base: ModelFolder, tmp_path: Path) -> None:
    pairs = finetune.read_pairs(pairs_file(tmp_path / "own.tsv"), base)
    with pytest.raises(ModelError, match="--test"):
        finetune.finetune(base, pairs, {}, tmp_path / "run", tmp_path / "shop", finetune.Settings(steps=2, evaluate_every=1, threads=1), stop=threading.Event())
