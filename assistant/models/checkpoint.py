"""A Marian checkpoint in Hugging Face form, read with numpy alone and laid out as a CTranslate2 model.

Safetensors need no torch; `.bin` weights are unpickled by torch with `weights_only`, so that no code in them runs.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from ctranslate2.specs import common_spec, transformer_spec

from assistant.errors import MissingExtra, ModelError

MARIAN_EXTRA = 'pip install "liveroom-assistant[marian]"'
_ACTIVATIONS = {
    "relu": common_spec.Activation.RELU,
    "swish": common_spec.Activation.SWISH,
    "silu": common_spec.Activation.SWISH,
    "gelu": common_spec.Activation.GELU,
}
_DTYPES = {"F64": np.float64, "F32": np.float32, "F16": np.float16, "BF16": np.uint16}
_HEADER_LIMIT = 10_000_000
_TEXT_LIMIT = 50_000_000
Weights = Mapping[str, np.ndarray]


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object from a file; raises `ModelError`."""
    try:
        if path.stat().st_size > _TEXT_LIMIT:
            raise ModelError(f"{path} is larger than {_TEXT_LIMIT // 1_000_000} MB")
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelError(f"{path} cannot be read: {error}") from None
    if not isinstance(data, dict):
        raise ModelError(f"{path} must hold a JSON object")
    return data


def read_weights(folder: Path) -> dict[str, np.ndarray]:
    """Every floating-point tensor by name, float32. Raises `ModelError`, or `MissingExtra` for `.bin` without torch."""
    if (folder / "model.safetensors").is_file():
        return read_safetensors(folder / "model.safetensors")
    file = folder / "pytorch_model.bin"
    if not file.is_file():
        raise ModelError(f"{folder} holds neither model.safetensors nor pytorch_model.bin")
    try:
        import torch
    except ImportError:
        raise MissingExtra("torch, which reads .bin weights,", MARIAN_EXTRA) from None
    try:
        loaded = torch.load(file, map_location="cpu", weights_only=True)
        return {name: tensor.float().numpy() for name, tensor in loaded.items() if tensor.is_floating_point()}
    except Exception as error:
        # Unpickling hostile or broken bytes raises errors of every kind.
        raise ModelError(f"{file} cannot be loaded: {error}") from error


def read_safetensors(file: Path) -> dict[str, np.ndarray]:
    """Every floating-point tensor of a safetensors file, float32; raises `ModelError`."""
    tensors = {}
    try:
        with file.open("rb") as source:
            length = int.from_bytes(source.read(8), "little")
            if not 2 <= length <= _HEADER_LIMIT:
                raise ValueError("the header's length is wrong")
            header = json.loads(source.read(length))
        # Read whole rather than mapped: quantization works in place, and Windows cannot delete a mapped file.
        data = np.fromfile(file, np.uint8, offset=8 + length)
        for name, entry in header.items():
            if name == "__metadata__" or entry["dtype"] not in _DTYPES:
                continue
            start, end = entry["data_offsets"]
            if not 0 <= start <= end <= data.size:
                raise ValueError(f"{name} lies outside the file")
            values = data[start:end].view(_DTYPES[entry["dtype"]]).reshape(entry["shape"])
            if entry["dtype"] == "BF16":
                values = (values.astype(np.uint32) << 16).view(np.float32)
            tensors[name] = values.astype(np.float32, copy=False)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelError(f"{file} is not a safetensors file: {error}") from None
    return tensors


def vocabularies(folder: Path) -> tuple[list[str], list[str]]:
    """Source and target pieces in the order of their ids; one list twice when they are shared."""
    shared = _pieces(folder / "vocab.json")
    target = folder / "target_vocab.json"
    return shared, _pieces(target) if target.is_file() else shared


def specification(folder: Path) -> transformer_spec.TransformerSpec:
    """The checkpoint as a CTranslate2 specification, float32. Raises `ModelError` for what is not a Marian checkpoint."""
    config = read_json(folder / "config.json")
    if config.get("model_type") != "marian":
        raise ModelError(f"{folder} is not a Marian checkpoint (model_type is {config.get('model_type')!r})")
    for key in ("normalize_before", "normalize_embedding", "add_final_layer_norm"):
        if config.get(key):
            raise ModelError(f"{folder}: Marian with {key} cannot be converted")
    source, target = vocabularies(folder)
    try:
        return _specification(config, read_weights(folder), source, target)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ModelError(f"{folder} is not a whole Marian checkpoint: {type(error).__name__} {error}") from None


def _specification(
    config: Mapping[str, Any], weights: Weights, source: list[str], target: list[str]
) -> transformer_spec.TransformerSpec:
    spec = transformer_spec.TransformerSpec.from_config(
        (config["encoder_layers"], config["decoder_layers"]),
        config["encoder_attention_heads"],
        pre_norm=False,
        activation=_ACTIVATIONS[config["activation_function"]],
    )
    width = config["d_model"]
    shared = weights.get("model.shared.weight")
    embeddings = {side: weights.get(f"model.{side}.embed_tokens.weight", shared) for side in ("encoder", "decoder")}
    sides = (("encoder", spec.encoder, spec.encoder.embeddings[0]), ("decoder", spec.decoder, spec.decoder.embeddings))
    for side, part, table in sides:
        # `<pad>`, the last row, only starts the decoder, from a zero embedding; without it the model cannot produce it.
        table.weight = embeddings[side][: len(source if side == "encoder" else target)]
        part.scale_embeddings = math.sqrt(width) if config.get("scale_embedding") else 1.0
        part.position_encodings.encodings = positions(int(config.get("max_position_embeddings", 512)), width)
        for number, layer in enumerate(part.layer):
            _layer(layer, weights, f"model.{side}.layers.{number}")
    spec.decoder.start_from_zero_embedding = True
    spec.decoder.projection.weight = weights.get("lm_head.weight", embeddings["decoder"])[: len(target)]
    if (bias := weights.get("final_logits_bias")) is not None and bias.any():
        spec.decoder.projection.bias = bias.reshape(-1)[: len(target)]
    spec.register_source_vocabulary(source)
    spec.register_target_vocabulary(target)
    spec.config.eos_token = spec.config.decoder_start_token = "</s>"
    spec.config.unk_token = "<unk>"
    return spec


def positions(length: int, width: int) -> np.ndarray:
    """Marian's sinusoids, (length, width): sines in the first half, cosines in the second."""
    angle = np.arange(length)[:, None] / np.power(10_000, 2 * np.arange(width // 2) / width)[None, :]
    return np.concatenate([np.sin(angle), np.cos(angle)], axis=1).astype(np.float32)


def _layer(layer: Any, weights: Weights, name: str) -> None:
    _attention(layer.self_attention, weights, f"{name}.self_attn", ["q_proj", "k_proj", "v_proj"])
    if hasattr(layer, "attention"):
        _attention(layer.attention, weights, f"{name}.encoder_attn", ["q_proj"], ["k_proj", "v_proj"])
    _linear(layer.ffn.linear_0, weights, f"{name}.fc1")
    _linear(layer.ffn.linear_1, weights, f"{name}.fc2")
    _norm(layer.ffn.layer_norm, weights, f"{name}.final_layer_norm")


def _attention(part: Any, weights: Weights, name: str, *fused: list[str]) -> None:
    for linear, names in zip(part.linear, [*fused, ["out_proj"]], strict=True):
        _linear(linear, weights, *(f"{name}.{each}" for each in names))
    _norm(part.layer_norm, weights, f"{name}_layer_norm")


def _linear(part: Any, weights: Weights, *names: str) -> None:
    part.weight = np.concatenate([weights[f"{name}.weight"] for name in names])
    part.bias = np.concatenate([weights[f"{name}.bias"] for name in names])


def _norm(part: Any, weights: Weights, name: str) -> None:
    part.gamma, part.beta = weights[f"{name}.weight"], weights[f"{name}.bias"]


def _pieces(file: Path) -> list[str]:
    entries = read_json(file)
    ordered = sorted(entries, key=lambda piece: entries[piece])
    if [entries[piece] for piece in ordered] != list(range(len(ordered))):
        raise ModelError(f"{file}: the ids must be 0, 1, 2 … without a gap")
    return ordered[:-1] if ordered and ordered[-1] == "<pad>" else ordered
