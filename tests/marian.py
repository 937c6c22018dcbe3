"""Tiny Marian models for the engine and model tests: Hugging Face form, Marian's own form, a model folder of either."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import sentencepiece

from assistant.engines.selftest import GENERIC
from assistant.models.checkpoint import read_safetensors, vocabularies
from assistant.models.folder import ModelFolder, write_model_toml
from assistant.models.tomlfile import TomlFile

LINES = [
    "how much is this one", "where do you ship from", "is there a blue one in size m", "I want two pieces please",
    "does it work on oily skin", "thank you so much", "the red one looks better", "can I pay on delivery",
    "这款多少钱", "有没有蓝色的", "三天就能发货", "谢谢大家的支持", "这个精华液适合敏感肌", "今天下单有优惠", "包邮吗", "我要两件",
    "كم السعر", "هل يوجد مقاس أكبر", "شكرا جزيلا", "متى يصل الطلب",
    "これはいくらですか", "送料はかかりますか", "色は何色ありますか", "ありがとうございます",
]  # fmt: skip
SENTENCES = [(row["zh"][0], row["en"][0]) for row in TomlFile.read(GENERIC).data["sentence"]]
"""The generic self-test's zh-en sentences: what the taught model knows by heart."""
TOKENS = [">>zh<<", ">>ar<<", ">>ja<<", ">>en<<"]
LANGUAGES = ("zh", "ar", "ja", "en")


def spm(folder: Path, size: int = 600) -> list[str]:
    """Write source.spm and target.spm; returns the vocabulary as Marian orders it, without `<pad>`."""
    text = [*LINES, *(side for pair in SENTENCES for side in pair)]
    with (folder / "source.spm").open("wb") as sink:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(text * 3), model_writer=sink, vocab_size=size, hard_vocab_limit=False, character_coverage=1.0,
            pad_id=-1, bos_id=-1, eos_id=0, unk_id=1, num_threads=1, minloglevel=2,
        )  # fmt: skip
    (folder / "target.spm").write_bytes((folder / "source.spm").read_bytes())
    processor = sentencepiece.SentencePieceProcessor(model_file=str(folder / "source.spm"))
    return [processor.id_to_piece(index) for index in range(processor.get_piece_size())] + TOKENS


def hf(folder: Path, seed: int = 3) -> Path:
    """A random Marian checkpoint in Hugging Face form; needs torch and transformers."""
    import torch
    from transformers import MarianConfig, MarianMTModel

    folder.mkdir(parents=True, exist_ok=True)
    vocabulary = [*spm(folder), "<pad>"]
    (folder / "vocab.json").write_text(json.dumps({piece: index for index, piece in enumerate(vocabulary)}), encoding="utf-8")
    (folder / "tokenizer_config.json").write_text('{"source_lang": "zh", "target_lang": "en"}', encoding="utf-8")
    pad = len(vocabulary) - 1
    config = MarianConfig(
        vocab_size=len(vocabulary), decoder_vocab_size=len(vocabulary), d_model=32, encoder_layers=2, decoder_layers=2,
        encoder_attention_heads=4, decoder_attention_heads=4, encoder_ffn_dim=64, decoder_ffn_dim=64, activation_function="swish",
        max_position_embeddings=512, scale_embedding=True, pad_token_id=pad, eos_token_id=0, decoder_start_token_id=pad,
        forced_eos_token_id=0, bad_words_ids=[[pad]], num_beams=4, max_length=512, dropout=0.0,
    )  # fmt: skip
    torch.manual_seed(seed)
    model = MarianMTModel(config)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if weight.dim() > 1 and "embed_positions" not in name:
                weight.normal_(0.0, 0.25)
        model.model.shared.weight[pad].zero_()
        model.final_logits_bias.normal_(0.0, 0.5)
    model.save_pretrained(folder)
    return folder


def taught(folder: Path, steps: int = 70) -> Path:
    """A tiny checkpoint that has learnt `SENTENCES` by heart, zh to en: what a working model looks like."""
    import torch
    from transformers import MarianMTModel

    hf(folder)
    vocabulary = json.loads((folder / "vocab.json").read_text(encoding="utf-8"))
    processor = sentencepiece.SentencePieceProcessor(model_file=str(folder / "source.spm"))
    pad = vocabulary["<pad>"]

    def ids(texts: tuple[str, ...], filler: int, first: tuple[str, ...] = ()) -> torch.Tensor:
        rows = [[vocabulary[piece] for piece in (*first, *processor.encode(text, out_type=str))] + [0] for text in texts]
        longest = max(map(len, rows))
        return torch.tensor([row + [filler] * (longest - len(row)) for row in rows])

    source, target = (tuple(side) for side in zip(*SENTENCES, strict=True))
    ours, labels = ids(source, pad, (">>en<<",)), ids(target, -100)
    torch.manual_seed(0)
    torch.set_num_threads(1)
    model = MarianMTModel.from_pretrained(folder).train()
    for name, weight in model.named_parameters():
        if weight.dim() > 1 and "embed_positions" not in name:
            torch.nn.init.xavier_uniform_(weight) if "shared" not in name else weight.data.normal_(0, 0.18)
    # The decoder starts from a zero embedding in every engine; padding rows get no gradient, so it stays zero.
    model.model.shared.weight.data[pad].zero_()
    model.final_logits_bias.zero_()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2, betas=(0.9, 0.98))
    for step in range(steps):
        for group in optimizer.param_groups:
            group["lr"] = 1e-2 * min(1.0, (step + 1) / 20)
        loss = model(input_ids=ours, attention_mask=ours.ne(pad), labels=labels).loss
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
    model.save_pretrained(folder)
    return folder


def shared(tmp_path_factory: pytest.TempPathFactory, make: Callable[[Path], Path]) -> Path:
    """A copy of what `make` builds (`hf`, `taught`, `original`), built once a test run."""
    built = tmp_path_factory.getbasetemp() / f"marian-{make.__name__}"
    if not built.is_dir():
        make(built)
    copy = tmp_path_factory.mktemp("copy") / make.__name__
    shutil.copytree(built, copy)
    return copy


def as_bin(folder: Path) -> Path:
    """Store the weights as `pytorch_model.bin`, as the older checkpoints on the hub do."""
    import torch
    from safetensors.torch import load_file

    torch.save(load_file(folder / "model.safetensors"), folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()
    return folder


def described(folder: Path, **changes: object) -> ModelFolder:
    """Write a model.toml for a checkpoint folder."""
    fields: dict = {
        "path": folder, "name": folder.name, "source": LANGUAGES, "target": LANGUAGES, "licence": "CC0-1.0", "origin": "test",
        "prefix": {language: token for language, token in zip(LANGUAGES, TOKENS, strict=True)},
    }  # fmt: skip
    return write_model_toml(ModelFolder(**(fields | changes)))


def original(folder: Path, seed: int = 5, width: int = 32, layers: int = 2, heads: int = 4) -> Path:
    """A random model in Marian's own form (npz, vocab.yml, decoder.yml), as an OPUS-MT zip unpacks."""
    folder.mkdir(parents=True, exist_ok=True)
    vocabulary = spm(folder)
    random = np.random.default_rng(seed)
    weights: dict[str, np.ndarray] = {}

    def matrix(name: str, *shape: int) -> None:
        weights[name] = random.normal(0.0, 0.25, shape).astype(np.float32)

    def norm(name: str) -> None:
        weights[f"{name}_ln_scale"] = np.ones((1, width), np.float32)
        weights[f"{name}_ln_bias"] = np.zeros((1, width), np.float32)

    def attention(name: str) -> None:
        for part in "qkvo":
            matrix(f"{name}_W{part}", width, width)
            matrix(f"{name}_b{part}", 1, width)
        norm(f"{name}_Wo")

    for side in ("encoder", "decoder"):
        for layer in range(1, layers + 1):
            scope = f"{side}_l{layer}"
            attention(f"{scope}_self")
            if side == "decoder":
                attention(f"{scope}_context")
            matrix(f"{scope}_ffn_W1", width, 2 * width)
            matrix(f"{scope}_ffn_b1", 1, 2 * width)
            matrix(f"{scope}_ffn_W2", 2 * width, width)
            matrix(f"{scope}_ffn_b2", 1, width)
            norm(f"{scope}_ffn_ffn")
    matrix("Wemb", len(vocabulary), width)
    matrix("decoder_ff_logit_out_b", 1, len(vocabulary))
    return write_original(folder, weights, vocabulary, layers, heads)


def as_original(checkpoint: Path, folder: Path, layers: int = 2, heads: int = 4) -> Path:
    """A Hugging Face checkpoint written in Marian's own form, weight for weight."""
    folder.mkdir(parents=True)
    for name in ("source.spm", "target.spm"):
        shutil.copyfile(checkpoint / name, folder / name)
    given = read_safetensors(checkpoint / "model.safetensors")
    vocabulary = vocabularies(checkpoint)[0]
    weights = {
        "Wemb": given["model.shared.weight"][: len(vocabulary)],
        "decoder_ff_logit_out_b": given["final_logits_bias"][:, : len(vocabulary)],
    }

    def linear(ours: str, part: str, theirs: str) -> None:
        weights[f"{ours}_W{part}"] = given[f"{theirs}.weight"].T
        weights[f"{ours}_b{part}"] = given[f"{theirs}.bias"][None]

    def norm(ours: str, theirs: str) -> None:
        weights[f"{ours}_ln_scale"], weights[f"{ours}_ln_bias"] = given[f"{theirs}.weight"][None], given[f"{theirs}.bias"][None]

    for side in ("encoder", "decoder"):
        for number in range(layers):
            ours, theirs = f"{side}_l{number + 1}", f"model.{side}.layers.{number}"
            for kind, name in (("self", "self_attn"), ("context", "encoder_attn"))[: 1 if side == "encoder" else 2]:
                for part, projection in zip("qkvo", ("q_proj", "k_proj", "v_proj", "out_proj"), strict=True):
                    linear(f"{ours}_{kind}", part, f"{theirs}.{name}.{projection}")
                norm(f"{ours}_{kind}_Wo", f"{theirs}.{name}_layer_norm")
            linear(f"{ours}_ffn", "1", f"{theirs}.fc1")
            linear(f"{ours}_ffn", "2", f"{theirs}.fc2")
            norm(f"{ours}_ffn_ffn", f"{theirs}.final_layer_norm")
    return write_original(folder, weights, vocabulary, layers, heads)


def write_original(folder: Path, weights: dict[str, np.ndarray], vocabulary: list[str], layers: int, heads: int) -> Path:
    """model.npz, vocab.yml, decoder.yml and LICENSE."""
    settings = {
        "type": "transformer", "transformer-decoder-autoreg": "self-attention", "transformer-no-projection": "false",
        "transformer-ffn-activation": "swish", "transformer-preprocess": '""', "transformer-postprocess": "dan",
        "transformer-postprocess-emb": "d", "transformer-guided-alignment-layer": "last", "transformer-heads": heads,
        "enc-depth": layers, "dec-depth": layers,
    }  # fmt: skip
    text = "".join(f"{key}: {value}\n" for key, value in settings.items())
    weights["special:model.yml"] = np.frombuffer(text.encode() + b"\0", np.int8)
    np.savez(folder / "model.npz", **weights)
    rows = "".join(f"{json.dumps(piece, ensure_ascii=False)}: {index}\n" for index, piece in enumerate(vocabulary))
    (folder / "vocab.yml").write_text(rows, encoding="utf-8")
    (folder / "decoder.yml").write_text("models:\n  - model.npz\nvocabs:\n  - vocab.yml\n  - vocab.yml\n", encoding="utf-8")
    (folder / "LICENSE").write_text("CC-BY 4.0\n", encoding="utf-8")
    return folder
