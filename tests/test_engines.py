"""Engines on tiny random Marian models: the two agree, limits hold, bias keeps what is shown, threads do not mix answers."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import ctranslate2
import marian
import pytest

from assistant.engines import load
from assistant.engines.ctranslate2 import CTranslate2Engine
from assistant.engines.tokens import LONGEST, Tokens, limit
from assistant.errors import MissingExtra, ModelError
from assistant.models.convert import to_ctranslate2
from assistant.models.folder import ModelFolder
from assistant.translate.request import Request

TEXTS = marian.LINES[:12]


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> ModelFolder:
    """A model in Marian's own form and CTranslate2's, float32; needs no torch."""
    folder = marian.original(tmp_path_factory.mktemp("engines") / "original")
    to_ctranslate2(folder, folder / "ctranslate2", "float32")
    return marian.described(folder)


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> ModelFolder:
    """A model in Hugging Face form and CTranslate2's, float32."""
    pytest.importorskip("transformers")
    folder = marian.hf(tmp_path_factory.mktemp("engines") / "both")
    to_ctranslate2(folder, folder / "ctranslate2", "float32")
    return marian.described(folder)


def ask(texts: list[str], target: str = "en", **more: object) -> list[Request]:
    return [Request("m", text, "zh", target, **more) for text in texts]


def test_engines_decode_alike(both: ModelFolder) -> None:
    fast, reference = CTranslate2Engine(both, workers=1), load(both, "transformers")
    for target in ("en", "ar"):
        assert fast.translate(ask(TEXTS, target)) == reference.translate(ask(TEXTS, target))
    assert fast.translate(ask(TEXTS, "en")) != fast.translate(ask(TEXTS, "ar")), "the target token must matter"


def test_engines_follow_what_is_shown_alike(both: ModelFolder) -> None:
    shown = [Request("m", text, "zh", "en", shown=other) for text, other in zip(TEXTS, reversed(TEXTS), strict=True)]
    fast, reference = CTranslate2Engine(both, workers=1, bias=0.6), load(both, "transformers")
    reference._bias = 0.6
    answers = fast.translate(shown)
    assert answers == reference.translate(shown)
    assert answers != fast.translate(ask(TEXTS))


def test_a_strong_bias_keeps_the_shown_text_and_a_weak_one_does_not(original: ModelFolder) -> None:
    shown = [Request("m", text, "zh", "en", shown="thank you") for text in TEXTS]
    kept = {}
    for bias in (0.001, 0.5):
        answers = CTranslate2Engine(original, bias=bias).translate(shown)
        kept[bias] = sum(answer.text.startswith("thank you") for answer in answers)
    assert kept == {0.001: 0, 0.5: len(TEXTS)}


def test_a_mixed_batch_gives_every_request_its_own_answer(original: ModelFolder) -> None:
    engine = load(original)
    mixed = [
        Request("m", TEXTS[0], "zh", "en"),
        Request("m", TEXTS[1], "zh", "en", shown="how much"),
        Request("m", TEXTS[2], "zh", "ar"),
        Request("m", TEXTS[3], "zh", "en", guarded=True),
        Request("m", TEXTS[4], "zh", "en", guarded=True, shown="ignored"),
        Request("m", TEXTS[5], "zh", "en", shown=""),
    ]
    alone = [engine.translate([request])[0] for request in mixed]
    assert engine.translate(mixed) == alone
    assert engine.translate([]) == []
    assert alone[4] == engine.translate([replace(mixed[4], shown="")])[0]


def test_the_guarded_retry_breaks_loops(original: ModelFolder) -> None:
    engine = load(original)
    words = [answer.text.split() for answer in engine.translate(ask(TEXTS, guarded=True))]
    plain = [answer.text.split() for answer in engine.translate(ask(TEXTS))]
    repeats = [sum(tuple(row[i : i + 3]) == tuple(row[i + 1 : i + 4]) for i in range(len(row) - 3)) for row in words]
    assert not any(repeats)
    assert words != plain


def test_the_limit_follows_the_source_whatever_the_batch(original: ModelFolder) -> None:
    assert [limit(pieces) for pieces in (1, 3, 4, 10, 400)] == [16, 16, 18, 30, LONGEST]
    engine, tokens = load(original), Tokens(original)
    short, long = ask(["包邮吗"])[0], ask([" ".join(TEXTS)])[0]
    (alone,) = engine.translate([short])
    together = engine.translate([short, long])
    assert together[0] == alone
    assert alone.cut
    assert len(tokens.target([alone.text])[0]) <= 2 * limit(len(tokens.source([short])[0]))


def test_text_beyond_the_positions_is_cut_not_crashed(original: ModelFolder) -> None:
    engine = load(original)
    (answer,) = engine.translate(ask(["多少钱 " * 700]))
    assert answer.text
    (row,) = Tokens(original).source(ask(["多少钱 " * 700]))
    assert len(row) == LONGEST + 2
    assert (row[0], row[-1]) == (">>en<<", "</s>")


def test_shown_text_longer_than_the_answer_may_be_is_survived(original: ModelFolder) -> None:
    (request,) = ask(["包邮吗"], shown="thank you so much " * 100)
    (answer,) = load(original).translate([request])
    assert answer.cut
    assert len(Tokens(original).target([answer.text])[0]) <= 2 * limit(len(Tokens(original).source([request])[0]))


def test_pieces_the_model_lacks_and_odd_text_are_survived(original: ModelFolder) -> None:
    answers = load(original).translate(ask(["ẞ☂︎ 😀", "\x00", " ", "</s>", ">>zh<<", "​"]))
    assert len(answers) == 6
    for answer in answers:
        assert "<unk>" not in answer.text
        assert "⁇" not in answer.text
        assert ">>" not in answer.text


def test_the_end_is_added_once_in_either_form(original: ModelFolder, tmp_path: Path) -> None:
    """Models from Marian's own form add `</s>` themselves; the same model that does not must answer the same."""
    plain = tmp_path / "plain"
    plain.mkdir()
    for name in ("source.spm", "target.spm"):
        (plain / name).write_bytes((original.path / name).read_bytes())
    to_ctranslate2(original.path, plain / "ctranslate2", "float32")
    config = plain / "ctranslate2" / "config.json"
    text = config.read_text(encoding="utf-8")
    assert '"add_source_eos": true' in text
    config.write_text(text.replace('"add_source_eos": true', '"add_source_eos": false'), encoding="utf-8")
    assert load(marian.described(plain)).translate(ask(TEXTS)) == load(original).translate(ask(TEXTS))


def test_threads_share_an_engine(original: ModelFolder) -> None:
    engine = load(original, threads=1, workers=2)
    batches = [ask(TEXTS[i : i + 3]) for i in range(9)] * 4
    expected = [engine.translate(batch) for batch in batches]
    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(engine.translate, batches)) == expected


def test_a_vocabulary_map_is_used_when_it_is_there(original: ModelFolder, tmp_path: Path) -> None:
    folder = tmp_path / "mapped"
    folder.mkdir()
    for name in ("source.spm", "target.spm"):
        (folder / name).write_bytes((original.path / name).read_bytes())
    vmap = tmp_path / "vmap.txt"
    vmap.write_text("\tthank you how much\n", encoding="utf-8")
    to_ctranslate2(original.path, folder / "ctranslate2", "float32", vmap)
    for answer in load(marian.described(folder)).translate(ask(TEXTS)):
        assert set(answer.text) <= set("thankyouowmc ")


def test_what_cannot_be_loaded_says_so(original: ModelFolder, tmp_path: Path) -> None:
    bare = tmp_path / "bare"
    bare.mkdir()
    with pytest.raises(ModelError, match="no CTranslate2 form"):
        load(marian.described(bare))
    with pytest.raises(ModelError, match="no engine 'onnx'"):
        load(original, "onnx")  # type: ignore[arg-type]
    broken = tmp_path / "broken"
    (broken / "ctranslate2").mkdir(parents=True)
    for name in ("source.spm", "target.spm", "ctranslate2/config.json", "ctranslate2/model.bin"):
        (broken / name).write_bytes((original.path / name).read_bytes())
    weights = broken / "ctranslate2" / "model.bin"
    weights.write_bytes(weights.read_bytes()[:500])
    with pytest.raises(ModelError, match="broken cannot be loaded"):
        load(marian.described(broken))
    (broken / "source.spm").write_bytes(b"nonsense")
    with pytest.raises(ModelError, match="not a SentencePiece model"):
        load(marian.described(broken))


def test_the_transformers_engine_wants_its_form_and_its_extra(original: ModelFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "transformers", None)
    with pytest.raises(MissingExtra, match=r'pip install "liveroom-assistant\[marian\]"'):
        load(original, "transformers")
    monkeypatch.undo()
    pytest.importorskip("transformers")
    with pytest.raises(ModelError, match="no Hugging Face form"):
        load(original, "transformers")


def test_int8_is_what_a_conversion_stores(tmp_path: Path) -> None:
    folder = marian.original(tmp_path / "m")
    to_ctranslate2(folder, folder / "ctranslate2")
    translator = ctranslate2.Translator(str(folder / "ctranslate2"))
    assert translator.compute_type.startswith("int8")
