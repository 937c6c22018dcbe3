"""A training run on a toy corpus: resuming, stopping, exporting, translating with both engines."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from assistant import engines
from assistant.models.folder import ModelFolder
from assistant.translate.request import Request
from tests.test_models_corpus import corpus

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

from assistant.models.corpus import mix, read  # noqa: E402
from assistant.models.train import batches, checkpoints, export, loop, measure, network  # noqa: E402

TINY = loop.Recipe(
    steps=6, vocabulary_size=700, width=32, encoder_layers=1, decoder_layers=1, warmup=2, budget=300, chunk=400, longest=60,
    evaluate_every=3, chrf_every=6, threads=1, seed=5,
)  # fmt: skip


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return corpus(tmp_path_factory.mktemp("text"), tuples=200, pairs=900)


@pytest.fixture(scope="module")
def finished(folders: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of six steps."""
    lines: list[loop.Progress] = []
    run = loop.train(*folders, tmp_path_factory.mktemp("run"), TINY, lines.append, threading.Event())
    assert [line.step for line in lines] == [3, 6]
    return run


def _weights(run: Path) -> dict:
    return torch.load(checkpoints.found(run)[-1], weights_only=True)


def test_the_curve_file_has_a_line_per_evaluation(finished: Path) -> None:
    lines = [json.loads(line) for line in (finished / "curve.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [line["step"] for line in lines] == [3, 6]
    assert all(line["dev_general"] > 0 and line["dev_domain"] > 0 and line["tokens_per_second"] > 0 for line in lines)
    assert lines[0]["chrf"] is None and lines[1]["chrf"].keys() >= {"zh-en", "zh-ar"}


def test_a_resumed_run_ends_with_the_weights_of_an_uninterrupted_one(folders, finished: Path, tmp_path: Path) -> None:
    (tmp_path / "vocabulary").mkdir()
    for path in (finished / "vocabulary").iterdir():
        (tmp_path / "vocabulary" / path.name).write_bytes(path.read_bytes())
    loop.train(*folders, tmp_path, replace(TINY, steps=3), stop=threading.Event())
    loop.train(*folders, tmp_path, TINY, stop=threading.Event())
    once, twice = _weights(finished), _weights(tmp_path)
    assert once["step"] == twice["step"] == 6 and once["position"] == twice["position"]
    for part in ("model", "average"):
        assert all(torch.equal(once[part][name], twice[part][name]) for name in once[part])


def test_the_pad_embedding_stays_zero_and_ctranslate2_gives_the_same_probabilities(finished: Path, folders, tmp_path: Path) -> None:
    """`<pad>` starts the decoder; CTranslate2 starts it from zero whatever the checkpoint holds."""
    import ctranslate2
    from ctranslate2.converters import TransformersConverter
    from transformers import MarianMTModel

    folder = export.export(finished, tmp_path / "zero")
    model = MarianMTModel.from_pretrained(folder.path, dtype=torch.float32).eval()
    assert not model.model.shared.weight[-1].any()
    encoder = batches.Encoder.load(folder.path / "source.spm")
    source, target = encoder.padded([encoder.source("zh7x0 zh7x1", "en")]), encoder.padded([encoder.target("en7x0 en7x1")])
    with torch.inference_mode():
        before = torch.cat([torch.full((1, 1), encoder.pad), target[:, :-1]], 1)
        logits = model(input_ids=source, decoder_input_ids=before).logits[..., :-1]
    expected = logits.log_softmax(-1).gather(2, target[..., None]).flatten()
    TransformersConverter(str(folder.path)).convert(str(tmp_path / "exact"), quantization="float32")
    rows = [[encoder.processor.id_to_piece(index) for index in side[0].tolist()] for side in (source, target[:, :-1])]
    scored = ctranslate2.Translator(str(tmp_path / "exact")).score_batch([rows[0]], [rows[1]])[0].log_probs
    assert scored == pytest.approx(expected.tolist(), abs=1e-3)


def test_a_stopped_run_saves_where_it_is(folders, finished: Path, tmp_path: Path) -> None:
    (tmp_path / "vocabulary").mkdir()
    (tmp_path / "vocabulary" / "source.spm").write_bytes((finished / "vocabulary" / "source.spm").read_bytes())
    stop = threading.Event()
    loop.train(*folders, tmp_path, replace(TINY, steps=1000), lambda line: stop.set(), stop)
    assert [path.name for path in checkpoints.found(tmp_path)] == ["step-3.pt"]


def test_only_the_last_two_checkpoints_are_kept(tmp_path: Path) -> None:
    model = torch.nn.Linear(1, 1)
    optimizer = torch.optim.AdamW(model.parameters())
    for step in (5, 20, 100):
        checkpoints.save(tmp_path, checkpoints.State(step), model, model, optimizer)
    assert [path.name for path in checkpoints.found(tmp_path)] == ["step-20.pt", "step-100.pt"]
    assert not list(tmp_path.glob("*.partial"))


def test_the_export_loads_everywhere_and_both_engines_agree(folders, finished: Path, tmp_path: Path) -> None:
    from transformers import MarianMTModel, MarianTokenizer

    tuples = [entry for entry in read.read_tuples(folders[1]) if not read.is_held_out(entry)]
    plain = [replace(entry, cells={x: text.split(" {")[0] for x, text in entry.cells.items()}) for entry in tuples[:20]]
    written = export.export(finished, tmp_path / "toy-m2m", plain)
    folder = ModelFolder.read(tmp_path / "toy-m2m")
    folder.verify()
    assert folder.forms == {"hf", "ctranslate2"} and folder.steps == 6 and folder.prefix["ar"] == ">>ar<<" and len(folder.marks) == 16
    assert written.parameters == folder.parameters > 10_000

    tokenizer = MarianTokenizer.from_pretrained(folder.path)
    encoder = batches.Encoder.load(folder.path / "source.spm")
    text = ">>th<< zh10001x0 ⟦3⟧"
    assert tokenizer(text).input_ids == encoder.source("zh10001x0 ⟦3⟧", "th")
    assert tokenizer.pad_token_id == encoder.pad == MarianMTModel.from_pretrained(folder.path).config.pad_token_id
    # A model of six steps can only repeat itself; both engines must do so in the same way.
    requests = [Request("toy-m2m", f"zh{number}x0 zh{number}x1", "zh", "en") for number in (10_003, 10_011)]
    answers = [engines.load(folder, name, workers=1).translate(requests) for name in ("ctranslate2", "transformers")]
    assert [item.text for item in answers[0]] == [item.text for item in answers[1]] and answers[0][0].text
    assert (folder.path / "curve.csv").read_text(encoding="utf-8").splitlines()[0].startswith("step,seconds,train_loss")


def test_a_fresh_encoder_keeps_its_tokens_apart() -> None:
    """The collapse that makes a small model ignore its source shows as a low spread over tokens."""
    model = network.build(network.configuration(500, width=64), 1).eval()
    ids = torch.randint(1, 499, (8, 20), generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        states = model.model.encoder(input_ids=ids)[0].flatten(0, 1)
    assert states.std(0).mean() > 0.6


@pytest.mark.parametrize(("half", "close"), [(False, 1e-4), (True, 2e-2)])
def test_the_fused_loss_has_the_gradients_of_the_plain_one(half: bool, close: float) -> None:
    torch.manual_seed(2)
    model = network.build(network.configuration(300, width=32), 2)
    source, target = torch.randint(1, 299, (3, 7)), torch.randint(1, 299, (3, 6))
    target[0, 4:] = 299
    target[0, 3] = 0
    loss, plain, count = network.loss_sums(model, source, target, half=half)
    loss.backward()
    fused = {name: weight.grad.clone() for name, weight in model.named_parameters() if weight.grad is not None}
    model.zero_grad()
    before = torch.full_like(target, 299)
    before[:, 1:] = target[:, :-1]
    logits = model(input_ids=source, attention_mask=source.ne(299), decoder_input_ids=before).logits[..., :299]
    settings = {"ignore_index": 299, "reduction": "sum"}
    expected = torch.nn.functional.cross_entropy(logits.flatten(0, 1), target.flatten(), label_smoothing=network.SMOOTHING, **settings)
    expected.backward()
    assert count == int(target.ne(299).sum())
    assert loss.item() == pytest.approx(expected.item(), rel=close)
    unsmoothed = torch.nn.functional.cross_entropy(logits.flatten(0, 1), target.flatten(), **settings)
    assert plain.item() == pytest.approx(unsmoothed.item(), rel=close)
    for name, weight in model.named_parameters():
        if weight.grad is not None:
            difference = (fused[name] - weight.grad).norm() / weight.grad.norm().clamp(min=1e-2)
            assert difference < close, name


def test_batches_stay_within_the_budget_and_lose_nothing() -> None:
    pairs = [([1] * (1 + number % 17), [2] * (1 + number % 23)) for number in range(500)]
    groups = batches.cut(pairs, 200)
    assert sum(map(len, groups)) == len(pairs)
    for group in groups:
        assert (max(len(s) for s, _ in group) + max(len(t) for _, t in group)) * len(group) <= 200


def test_the_gap_shuffles_sources_within_one_target_language(folders, finished: Path) -> None:
    rows = [([9, 1, 0], [5, 0]), ([9, 2, 0], [6, 0]), ([8, 3, 0], [7, 0])]
    assert measure._shuffled(rows) == [([9, 2, 0], [5, 0]), ([9, 1, 0], [6, 0]), ([8, 3, 0], [7, 0])]
    mixture = mix.mixture(*folders)
    encoder = batches.Encoder.load(finished / "vocabulary" / "source.spm")
    settings = batches.Cut(seed=1, pairs=300, budget=300, longest=60)
    numbers = batches.chunk(mixture, encoder, 3, settings), batches.chunk(mixture, encoder, 3, settings)
    assert all(torch.equal(a[0], b[0]) and torch.equal(a[1], b[1]) for a, b in zip(*numbers, strict=True))
