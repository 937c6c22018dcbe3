"""The start-up self-test: chrF as sacrebleu counts it, what a broken model is told, what may serve."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from pathlib import Path

import marian
import pytest

from assistant.engines.selftest import GENERIC, GENERIC_FLOOR, MOST_ROWS, chrf, load_serving, rows, selftest
from assistant.models.convert import to_ctranslate2
from assistant.models.folder import ModelFolder, SelfTest
from assistant.models.tomlfile import TomlFile
from assistant.translate.request import Decoded, Request

LANGUAGES = ("zh", "en", "ja", "ar", "id", "th", "vi", "ms", "de", "fr", "es", "ko", "tl", "pt")


class Says:
    """An engine that gives fixed answers by source text."""

    def __init__(self, answers: dict[str, str], cut: bool = False) -> None:
        self._answers, self._cut = answers, cut

    def translate(self, batch: Sequence[Request]) -> list[Decoded]:
        return [Decoded(self._answers.get(request.text, ""), self._cut) for request in batch]


def folder(**changes: object) -> ModelFolder:
    fields: dict = {"path": Path("m"), "name": "m", "source": ("zh",), "target": ("en",)}
    return ModelFolder(**(fields | changes))


def right(model: ModelFolder) -> dict[str, str]:
    return {row.text: row.expect[-1] for row in rows(model)}


def test_chrf_is_sacrebleus() -> None:
    sacrebleu = pytest.importorskip("sacrebleu")
    reference = sacrebleu.CHRF()
    source = random.Random(1)
    letters = "abcab cd中文字กำสวاب"
    texts = ["", " ", "a", "ab", *("".join(source.choices(letters, k=source.randrange(1, 30))) for _ in range(200))]
    for _ in range(400):
        ours, first, second = source.choices(texts, k=3)
        if not (first.strip() and second.strip()):
            continue
        best = max(reference.sentence_score(ours, [each]).score for each in (first, second))
        assert chrf(ours, [first, second]) == pytest.approx(best, abs=1e-9), (ours, first, second)


def test_every_language_has_generic_sentences_that_differ() -> None:
    table = TomlFile.read(GENERIC)
    sentences = table.rows(table.data, "sentence")
    for language in LANGUAGES:
        texts = [tuple(row[language]) for row in sentences]
        assert len({text for choices in texts for text in choices}) == sum(map(len, texts)), language
        for i, one in enumerate(texts):
            others = [chrf(one[0], other) for j, other in enumerate(texts) if i != j]
            assert max(others) < GENERIC_FLOOR + 4, (language, one)
            assert sum(others) / len(others) < GENERIC_FLOOR - 5, (language, one)


def test_generic_rows_cover_the_directions_within_bounds() -> None:
    assert {(row.source, row.target) for row in rows(folder())} == {("zh", "en")}
    assert len(rows(folder())) == 6
    many = rows(folder(source=LANGUAGES, target=LANGUAGES))
    assert 40 <= len(many) <= MOST_ROWS
    assert len({row.source for row in many}) > 10
    own = tuple(SelfTest("zh", "en", str(i), ("x",)) for i in range(100))
    assert rows(folder(selftest=own)) == own[:MOST_ROWS]


def test_a_right_model_passes_and_an_accepted_alternative_counts_in_full() -> None:
    result = selftest(folder(), Says(right(folder())))
    assert (result.passed, result.chrf, result.floor) == (True, 100.0, GENERIC_FLOOR)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("", "empty"),
        ("…", "empty"),
        ("no no no no no no no no no no no no", "repetition_cut"),
        ("这个多少钱？", "wrong_script"),
        ("涙のポリシー", "wrong_script"),
        ("For even as we go toward the east, so shall thy days be upon the earth for ever and ever, amen and amen. " * 2, "repetition_cut"),
    ],
)
def test_one_bad_answer_is_enough(answer: str, said: str) -> None:
    answers = right(folder()) | {"这个多少钱？": answer}
    result = selftest(folder(), Says(answers))
    assert not result.passed
    assert said in result.reason
    assert "这个多少钱" in result.reason


def test_text_that_has_nothing_to_do_with_the_source_is_below_the_floor() -> None:
    texts = list(right(folder()).values())
    shifted = dict(zip(right(folder()), texts[1:] + texts[:1], strict=True))
    result = selftest(folder(), Says(shifted))
    assert f"is below its floor {GENERIC_FLOOR}" in result.reason
    assert 5 < result.chrf < GENERIC_FLOOR


def test_an_answer_cut_at_the_limit_fails() -> None:
    assert "truncated" in selftest(folder(), Says(right(folder()), cut=True)).reason


def test_copying_is_right_only_where_the_row_expects_it() -> None:
    same = folder(source=("id",), target=("ms",), selftest=(SelfTest("id", "ms", "Terima kasih banyak", ("Terima kasih banyak",)),))
    assert selftest(same, Says({"Terima kasih banyak": "Terima kasih banyak"})).passed
    kept = folder(source=("en",), target=("vi",), selftest=(SelfTest("en", "vi", "Nike Air Max", ("Nike Air Max",)),))
    assert selftest(kept, Says({"Nike Air Max": "Nike Air Max"})).passed
    lazy = folder(source=("en",), target=("vi",), selftest=(SelfTest("en", "vi", "Thank you all", ("Cảm ơn tất cả",)),))
    assert "copied" in selftest(lazy, Says({"Thank you all": "Thank you all"})).reason


def test_own_rows_and_floor_are_kept_to() -> None:
    model = folder(chrf_floor=60.0, selftest=(SelfTest("zh", "en", "包邮吗", ("Is shipping free?",)),))
    assert selftest(model, Says({"包邮吗": "Is shipping free"})).passed
    result = selftest(model, Says({"包邮吗": "Is it ship?"}))
    assert "below its floor 60.0" in result.reason


def test_many_languages_may_fail_a_few_generic_rows_but_none_of_their_own() -> None:
    model = folder(source=LANGUAGES, target=LANGUAGES)
    answers = {row.text + row.target: row.expect[0] for row in rows(model)}

    class ByTarget:
        def __init__(self, wrong: int) -> None:
            self.wrong = wrong

        def translate(self, batch: Sequence[Request]) -> list[Decoded]:
            return [Decoded("" if i < self.wrong else answers[r.text + r.target]) for i, r in enumerate(batch)]

    assert selftest(model, ByTarget(3)).passed
    assert not selftest(model, ByTarget(12)).passed


def test_languages_without_rows_cannot_be_tested() -> None:
    assert "no generic ones" in selftest(folder(source=("xx",)), Says({})).reason


def test_only_what_passes_serves(tmp_path_factory: pytest.TempPathFactory) -> None:
    pytest.importorskip("transformers")
    root = marian.shared(tmp_path_factory, marian.taught).parent
    for name in ("random", "damaged"):
        marian.original(root / name)
    folders = []
    for name in ("taught", "random", "damaged"):
        to_ctranslate2(root / name, root / name / "ctranslate2")
        prefix = {"en": ">>en<<"}
        folders.append(marian.described(root / name, source=("zh",), target=("en",), prefix=prefix))
    (root / "damaged" / "target.spm").write_bytes(b"x")
    engines, refused = load_serving([*folders, folder(name="absent", path=root / "absent")])
    assert list(engines) == ["taught"]
    assert "self-test" in refused["random"]
    assert "target.spm" in refused["damaged"]
    assert "no CTranslate2 form" in refused["absent"]
    (answer,) = engines["taught"].translate([Request("taught", marian.SENTENCES[1][0], "zh", "en")])
    assert answer == Decoded(marian.SENTENCES[1][1])


def test_a_vocabulary_that_is_not_the_models_is_found(tmp_path_factory: pytest.TempPathFactory) -> None:
    pytest.importorskip("transformers")
    path = marian.shared(tmp_path_factory, marian.taught)
    to_ctranslate2(path, path / "ctranslate2")
    vocabulary = path / "ctranslate2" / "shared_vocabulary.json"
    tokens = json.loads(vocabulary.read_text(encoding="utf-8"))
    vocabulary.write_text(json.dumps(tokens[:2] + tokens[:1:-1]), encoding="utf-8")
    model = marian.described(path, source=("zh",), target=("en",), prefix={"en": ">>en<<"})
    engines, refused = load_serving([model])
    assert not engines
    assert "self-test" in refused[model.name]
