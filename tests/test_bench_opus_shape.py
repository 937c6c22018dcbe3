"""The checkpoint of OPUS-MT's shape that the bench times."""

from __future__ import annotations

from pathlib import Path

import pytest
import sentencepiece

from assistant.bench.opus_shape import OUTPUT, VOCABULARY, opus_shape, sentencepiece_model
from assistant.engines import load
from assistant.translate import check
from assistant.translate.request import Request


def test_a_handwritten_sentencepiece_model_is_one() -> None:
    pieces = ["</s>", "<unk>", "▁", "▁so", "s", "o", "款", "x" * 200]
    scores = [0.0, 0.0, -3.0, -1.0, -4.0, -4.0, -2.5, -9.0]
    processor = sentencepiece.SentencePieceProcessor(model_proto=sentencepiece_model(pieces, scores))
    assert [processor.id_to_piece(index) for index in range(processor.get_piece_size())] == pieces
    assert (processor.unk_id(), processor.eos_id(), processor.bos_id(), processor.pad_id()) == (1, 0, -1, -1)
    assert processor.encode("so 款", out_type=str) == ["▁so", "▁", "款"]
    assert processor.get_score(6) == pytest.approx(-2.5)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_it_has_the_shape_and_answers_twelve_words(tmp_path: Path) -> None:
    pytest.importorskip("transformers")
    model = opus_shape(tmp_path / "opus")
    assert 77_000_000 < model.parameters < 79_000_000
    assert model.forms == {"hf", "ctranslate2"}
    assert opus_shape(tmp_path / "opus") == model
    texts = ("多少钱", "这款精华液多少钱，有没有优惠？", "how much is the red one " * 5, "كم السعر؟")
    requests = [Request("opus", text, "zh", "en") for text in texts]
    answers = load(model).translate(requests)
    assert VOCABULARY == 65_001
    for request, answer in zip(requests, answers, strict=True):
        assert len(answer.text.split()) == OUTPUT
        assert check.fault(request.text, "zh", "en", answer) is None
    assert answers == load(model, "transformers").translate(requests)
