"""From a checkpoint to an installed model folder: Hugging Face float16, CTranslate2 int8, model.toml with a self-test."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import torch

from assistant import engines
from assistant.models import evaluate
from assistant.models.corpus.marks import MARKS
from assistant.models.corpus.read import LANGUAGES, SentenceTuple
from assistant.models.corpus.slots import SLOT
from assistant.models.folder import ModelFolder, SelfTest, write_model_toml
from assistant.models.train import checkpoints, network
from assistant.models.train.batches import Encoder
from assistant.models.train.vocabulary import target_token
from assistant.translate import check
from assistant.translate.request import Decoded

LICENCE = "CC-BY-SA-4.0"
ATTRIBUTION = (
    "Trained on sentence pairs of tatoeba.org (CC BY 2.0 FR; Tatoeba Challenge test sets, the Tatoeba pairs for Anki, the Tanaka corpus),"
    " NTREX-128 (Microsoft, CC BY-SA 4.0), TICO-19 (CC0) and liveroom's own live-room sentences."
)
ORIGIN = "trained from scratch by this project (liveroom models train)"
SELFTEST_DIRECTIONS = ("zh-en", "en-zh", "zh-ja", "zh-ar", "zh-id", "zh-th", "zh-vi", "zh-ms", "ja-zh", "id-en", "th-en", "vi-en")
_FLOOR_SHARE = 0.6
_POOL = 150


def export(
    checkpoint_folder: Path, folder: Path, tuples: Sequence[SentenceTuple] = (), licence: str = LICENCE, attribution: str = ATTRIBUTION,
) -> ModelFolder:
    """Write the averaged weights of the newest checkpoint as the model `folder` (its name is the model's).

    `tuples` are sentences to choose the self-test from; without them the folder has none.
    """
    recipe = json.loads((checkpoint_folder / "recipe.json").read_text(encoding="utf-8"))
    vocabulary = checkpoint_folder / "vocabulary"
    encoder = Encoder.load(vocabulary / "source.spm")
    config = network.configuration(
        encoder.pad + 1, width=recipe["width"], encoder_layers=recipe["encoder_layers"], decoder_layers=recipe["decoder_layers"]
    )
    model = network.build(config, recipe["seed"]).eval()
    saved = torch.load(checkpoints.found(checkpoint_folder)[-1], map_location="cpu", weights_only=True)
    model.load_state_dict(saved["average"])

    folder.mkdir(parents=True, exist_ok=True)
    model.half().save_pretrained(folder)
    for name in ("source.spm", "target.spm"):
        shutil.copyfile(vocabulary / "source.spm", folder / name)
    shutil.copyfile(vocabulary / "vocab.json", folder / "vocab.json")
    settings = {"tokenizer_class": "MarianTokenizer", "source_lang": "zh", "target_lang": "en", "separate_vocabs": False,
                "model_max_length": 512, "unk_token": "<unk>", "eos_token": "</s>", "pad_token": "<pad>"}
    (folder / "tokenizer_config.json").write_text(json.dumps(settings, indent=2) + "\n", encoding="utf-8")
    to_ctranslate2(folder)
    curve = checkpoint_folder / "curve.jsonl"
    if curve.is_file():
        write_curve(curve, folder / "curve.csv")
    written = write_model_toml(ModelFolder(
        path=folder, name=folder.name, source=LANGUAGES, target=LANGUAGES, licence=licence, attribution=attribution, origin=ORIGIN,
        architecture=f"Marian, {config.encoder_layers}+{config.decoder_layers} layers, d={config.d_model}, "
        f"vocabulary {encoder.pad + 1}, many-to-many",
        parameters=sum(weight.numel() for weight in model.parameters() if weight.requires_grad),
        steps=saved["step"], prefix={language: target_token(language) for language in LANGUAGES}, marks=MARKS,
    ))
    return with_selftest(written, tuples) if tuples else written


def to_ctranslate2(folder: Path) -> None:
    """Convert the Hugging Face form in `folder` to int8 in `folder/ctranslate2`."""
    from ctranslate2.converters import TransformersConverter

    # int8_float32, not int8: the rest would follow the float16 weights, which CPUs then have to widen at every load.
    TransformersConverter(str(folder)).convert(str(folder / "ctranslate2"), quantization="int8_float32", force=True)


def write_curve(source: Path, sink: Path) -> None:
    """The curve file as CSV; chrF columns are filled every thousandth step or so."""
    lines = [json.loads(line) for line in source.read_text(encoding="utf-8").splitlines()]
    directions = sorted({name for line in lines for name in line["chrf"] or ()})
    columns = [name for name in lines[0] if name != "chrf"]
    rows = [",".join([*columns, *(f"chrf {name}" for name in directions)])]
    for line in lines:
        scores = line["chrf"] or {}
        rows.append(",".join([*(str(line[name]) for name in columns), *(str(scores.get(name, "")) for name in directions)]))
    sink.write_text("\n".join(rows) + "\n", encoding="utf-8")


def with_selftest(folder: ModelFolder, tuples: Sequence[SentenceTuple]) -> ModelFolder:
    """Choose per direction the sentence that the int8 model gets most nearly right; the floor is 60 % of their mean chrF.

    A broken, mismatched or half-loaded model scores far below that: fluent nonsense has a chrF of 10 to 16.
    """
    plain = [entry for entry in tuples if entry.kind == "host" and not SLOT.search(entry.cells["zh"]) and 8 <= len(entry.cells["zh"]) <= 24]
    engine = engines.load(folder, workers=1)
    rows, scores, used = [], [], set()
    for direction in SELFTEST_DIRECTIONS:
        source, target = direction.split("-")
        lines = evaluate.Lines(source, target, *(tuple(e.cells[side] for e in plain[:_POOL]) for side in (source, target)))
        answers = evaluate.translate(engine, folder.name, lines)
        ranked = sorted(
            ((evaluate.chrf([answer], [reference]), index) for index, (answer, reference) in
             enumerate(zip(answers, lines.references, strict=True))
             if index not in used and check.fault(lines.sources[index], source, target, Decoded(answer)) is None),
            reverse=True,
        )
        if ranked:
            score, index = ranked[0]
            used.add(index)
            scores.append(score)
            rows.append(SelfTest(source, target, lines.sources[index], (lines.references[index],)))
    floor = round(_FLOOR_SHARE * sum(scores) / len(scores), 1) if scores else 0.0
    return write_model_toml(replace(folder, selftest=tuple(rows), chrf_floor=floor))
