"""Scoring an installed model on line-parallel text."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.errors import InputFileError
from assistant.models import evaluate
from assistant.models.corpus import read
from assistant.models.folder import ModelFolder
from assistant.shipped import shipped
from assistant.translate.request import Decoded, Request
from tests.test_models_corpus import corpus


class Parrot:
    """An engine that knows the answers of a table and repeats everything else."""

    def __init__(self, answers: dict[str, str]) -> None:
        self.answers = answers
        self.batches: list[int] = []

    def translate(self, batch: list[Request]) -> list[Decoded]:
        self.batches.append(len(batch))
        return [Decoded(self.answers.get(request.text, request.text)) for request in batch]


@pytest.fixture
def folder(tmp_path: Path) -> ModelFolder:
    return ModelFolder(path=tmp_path / "parrot", name="parrot", source=("zh", "en"), target=("zh", "en"))


def _flores(folder: Path, lines: int = 150) -> Path:
    folder.mkdir()
    for language in ("zh", "en"):
        (folder / f"{language}.txt").write_text("".join(f"{language} line {n} {'x' * (n % 40)}\n" for n in range(lines)), encoding="utf-8")
    return folder


def test_answers_come_back_in_the_order_of_the_sources() -> None:
    engine = Parrot({})
    sources = tuple("w" * (n * 7 % 50 + 1) + str(n) for n in range(150))
    assert evaluate.translate(engine, "parrot", evaluate.Lines("zh", "en", sources, sources)) == list(sources)
    assert sum(engine.batches) == 150 and max(engine.batches) <= 64


def test_a_right_direction_scores_100_and_a_copying_one_does_not(folder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    test = evaluate.line_files(_flores(tmp_path / "flores"))
    lines = test("zh", "en")
    engine = Parrot(dict(zip(lines.sources, lines.references, strict=True)))
    monkeypatch.setattr(evaluate.engines, "load", lambda *_, **__: engine)
    seen = []
    scores = evaluate.evaluate(folder, {"flores": test}, progress=seen.append)
    assert {score.direction: score.lines for score in scores} == {"zh-en": 150, "en-zh": 150}
    by_direction = {score.direction: score.chrf for score in scores}
    assert by_direction["zh-en"] == 100.0 and by_direction["en-zh"] < 95
    assert seen == scores


def test_a_direction_without_text_is_left_out(folder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluate.engines, "load", lambda *_, **__: Parrot({}))
    scores = evaluate.evaluate(folder, {"flores": evaluate.line_files(_flores(tmp_path / "flores"))}, ["zh-ja", "zh-en"])
    assert [score.direction for score in scores] == ["zh-en"]


def test_files_of_unequal_length_are_refused(tmp_path: Path) -> None:
    flores = _flores(tmp_path / "flores")
    (flores / "en.txt").write_text("one\n", encoding="utf-8")
    with pytest.raises(InputFileError, match="1 lines"):
        evaluate.line_files(flores)("zh", "en")


def test_the_held_out_set_is_only_held_out_and_its_slots_are_filled(tmp_path: Path) -> None:
    _, hand = corpus(tmp_path, tuples=200)
    lines = evaluate.held_out(hand)("zh", "ar")
    assert 1 <= len(lines.sources) < 30
    for source, reference in zip(lines.sources, lines.references, strict=True):
        assert "{" not in source + reference and "cup_zh" in source and "cup_ar" in reference
        assert source.rsplit(" ", 1)[1] == reference.rsplit(" ", 1)[1]
    assert evaluate.held_out(hand)("zh", "ar") == lines


def test_a_users_pair_file_is_for_its_direction_only(tmp_path: Path) -> None:
    path = tmp_path / "own.tsv"
    path.write_text("你好\thello\n谢谢\tthanks\n", encoding="utf-8")
    test = evaluate.pair_file(path, "zh", "en")
    assert test("zh", "en").references == ("hello", "thanks")
    assert test("en", "zh") is None


def test_lost_and_changed_marks_are_counted(folder, monkeypatch: pytest.MonkeyPatch) -> None:
    class Forgetful(Parrot):
        def translate(self, batch: list[Request]) -> list[Decoded]:
            return [Decoded(request.text if "keep" in request.text else "nothing") for request in batch]

    monkeypatch.setattr(evaluate.engines, "load", lambda *_, **__: Forgetful({}))
    group = evaluate.Lines("zh", "en", ("keep 1", "keep 2", "lose 3"), ("", "", ""))
    assert evaluate.marks_copied(folder, [group]) == (2, 3)


def test_stored_scores_join_the_ones_that_are_there(tmp_path: Path) -> None:
    path = tmp_path / "stored"
    path.mkdir()
    model = ModelFolder(path=path, name="stored", source=("zh", "en"), target=("zh", "en"), scores={"heldout": {"en-zh": 5.0}})
    evaluate.store(model, [evaluate.Score("heldout", "zh-en", 10, 41.25, 0.1), evaluate.Score("flores200-devtest", "zh-en", 9, 30.0, 0.1)])
    assert ModelFolder.read(path).scores == {"heldout": {"en-zh": 5.0, "zh-en": 41.25}, "flores200-devtest": {"zh-en": 30.0}}


def test_the_table_has_a_row_per_source_and_a_column_per_target() -> None:
    made = [("t", "en-zh", 7.0), ("t", "zh-en", 12.34), ("u", "zh-ja", 9.0)]
    scores = [evaluate.Score(test, direction, 1, chrf, 0.0) for test, direction, chrf in made]
    assert evaluate.table(scores, "t").splitlines() == ["| from \\ to | zh | en |", "|---|---|---|", "| zh |  | 12.3 |", "| en | 7.0 |  |"]


def test_the_held_out_live_room_set_reads_in_every_direction_and_by_kind() -> None:
    path = Path(__file__).parent / "data" / "heldout_live.tsv"
    assert read.is_tuple_file(path)
    for kind in ("host", "comment"):
        lines = evaluate.tuple_file(path, kind)("zh", "ar")
        assert lines is not None and len(lines.sources) == len(lines.references) >= 150
    known = {entry.cells["zh"] for entry in read.read_tuples(shipped("models") / "corpus")}
    assert not known & {entry.cells["zh"] for entry in read.read_tuple_file(path)}, "never trained on"


def test_terms_pieces_and_the_worst_sentences_are_counted(folder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = evaluate.Lines("zh", "en", ("这个精华液很好", "保温杯多少钱", "精华液"), ("this Serum is good", "how much is the flask", "the serum"))
    engine = Parrot({"这个精华液很好": "this serum is good", "保温杯多少钱": "how much is the cup", "精华液": "nothing alike"})
    monkeypatch.setattr(evaluate.engines, "load", lambda *_, **__: engine)
    pieces = evaluate.embedded_pieces([shipped("models")])
    terms = [{"zh": "精华液", "en": "serum"}, {"zh": "保温杯", "en": "flask"}, {"zh": "不在", "en": "absent"}]
    (score,) = evaluate.evaluate(folder, {"own": lambda source, target: lines}, ["zh-en"], terms=terms, pieces=pieces, bad=2)
    assert score.terms == (1, 3)
    assert 0 < score.bleu < 100
    assert [bad.answer for bad in score.worst] == ["nothing alike", "how much is the cup"]
    assert score.worst[0].chrf < score.worst[1].chrf and score.worst[0].reference == "the serum"
    assert evaluate.bleu(lines.references, lines.references, pieces) == pytest.approx(100)


def test_a_memory_file_is_a_test_of_every_direction_it_holds(tmp_path: Path) -> None:
    path = tmp_path / "own.tsv"
    path.write_text("source_lang\ttarget_lang\tsource\ttarget\nzh\ten\t你好\thello\nen\tzh\tbye\t再见\n", encoding="utf-8")
    test = evaluate.memory_file(path)
    assert test("zh", "en") == evaluate.Lines("zh", "en", ("你好",), ("hello",))
    assert test("en", "zh").references == ("再见",) and test("en", "ja") is None
