"""A random checkpoint of OPUS-MT's shape: what the bench times when no OPUS-MT model may be downloaded.

77 million parameters: width 512, feed-forward 2048, 6 + 6 layers, 8 heads, 65,001 pieces. Its output is noise, its cost is real.
"""

from __future__ import annotations

import itertools
import json
import random
import struct
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.engines.transformers import MARIAN_EXTRA
from assistant.errors import MissingExtra
from assistant.models.convert import to_ctranslate2
from assistant.models.folder import ModelFolder, write_model_toml

if TYPE_CHECKING:
    from transformers import MarianMTModel

VOCABULARY = 65_001
OUTPUT = 12
"""Words it answers with, each a piece."""
_SOURCES, _ROUNDS, _RIDGE, _MARGIN = 24, 4, 1000.0, 20.0
LANGUAGES = ("zh", "en", "ja", "ar", "id", "th", "vi", "ms", "tl", "ko", "es", "pt", "de", "fr")
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def opus_shape(folder: Path, seed: int = 1, quantization: str = "int8") -> ModelFolder:
    """Build the checkpoint in `folder`, Hugging Face form and CTranslate2 form; one that stands there already is returned.

    Takes about 300 MB of disk and some ten seconds. Raises `MissingExtra` without torch and transformers.
    """
    if (folder / "model.toml").is_file():
        return ModelFolder.read(folder)
    try:
        import torch
        from transformers import MarianConfig, MarianMTModel
    except ImportError:
        raise MissingExtra("A checkpoint of OPUS-MT's shape", MARIAN_EXTRA) from None
    folder.mkdir(parents=True, exist_ok=True)
    vocabulary = _write_vocabulary(folder, seed)
    pad = len(vocabulary)
    config = MarianConfig(
        vocab_size=VOCABULARY, decoder_vocab_size=VOCABULARY, d_model=512, encoder_layers=6, decoder_layers=6,
        encoder_attention_heads=8, decoder_attention_heads=8, encoder_ffn_dim=2048, decoder_ffn_dim=2048,
        activation_function="swish", max_position_embeddings=512, scale_embedding=False, pad_token_id=pad, eos_token_id=0,
        bos_token_id=0, decoder_start_token_id=pad, forced_eos_token_id=0, bad_words_ids=[[pad]], num_beams=1, max_length=512,
    )  # fmt: skip
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = MarianMTModel(config).eval()
        with torch.no_grad():
            _shape_output(model, vocabulary, seed)
    model.save_pretrained(folder)
    to_ctranslate2(folder, folder / "ctranslate2", quantization)
    return write_model_toml(
        ModelFolder(
            path=folder,
            name=folder.name,
            source=LANGUAGES,
            target=LANGUAGES,
            licence="CC0-1.0",
            origin=f"random, seed {seed}",
            architecture="marian",
            parameters=sum(weight.numel() for weight in model.parameters()),
        )
    )


def _shape_output(model: MarianMTModel, vocabulary: Sequence[str], seed: int) -> None:
    """Make greedy output `OUTPUT` fixed words of Latin letters, then `</s>`, whatever the source.

    Unscaled embeddings leave it to the positions which state the decoder is in; each word's embedding is then solved for
    (ridge regression over random sources) so that it wins at its position. It stands in the decoder's input too: hence
    the rounds.
    """
    import torch

    pad = len(vocabulary)
    table = model.model.shared.weight
    table[pad].zero_()
    source = random.Random(seed)
    words = [index for index, piece in enumerate(vocabulary) if piece[0] == "▁" and len(piece) > 3][::997][:OUTPUT]
    answer = torch.tensor([*words, 0])
    sources = torch.full((_SOURCES, 40), pad)
    for row in sources:
        length = source.randrange(3, 39)
        row[: length + 1] = torch.tensor([*(source.randrange(3, pad) for _ in range(length)), 0])
    before = torch.tensor([pad, *words]).repeat(_SOURCES, 1)
    wanted = torch.eye(OUTPUT + 1).repeat(_SOURCES, 1) * _MARGIN
    for _ in range(_ROUNDS):
        states = model.model(
            input_ids=sources, attention_mask=sources.ne(pad), decoder_input_ids=before
        ).last_hidden_state
        flat = states.reshape(-1, states.shape[-1])
        square = flat.T @ flat + _RIDGE * torch.eye(flat.shape[1])
        table[answer] = torch.linalg.solve(square, flat.T @ wanted).T
    # The first state stands apart from the others, so that its word would win at the second place too.
    model.final_logits_bias[0, words[0]] = -2.5


def _write_vocabulary(folder: Path, seed: int) -> list[str]:
    """source.spm, target.spm and vocab.json of 65,000 pieces: letters of the room's scripts and made-up syllables."""
    pieces = list(itertools.islice(_pieces(seed), VOCABULARY - 1))
    # Longer pieces score better per character, as in a trained unigram model.
    scores = [-8.0 - 1e-5 * index - 0.5 * (4 - min(len(piece), 4)) for index, piece in enumerate(pieces)]
    model = sentencepiece_model(pieces, scores)
    for name in ("source.spm", "target.spm"):
        (folder / name).write_bytes(model)
    vocab = {piece: index for index, piece in enumerate([*pieces, "<pad>"])}
    (folder / "vocab.json").write_text(json.dumps(vocab, ensure_ascii=False), encoding="utf-8")
    (folder / "tokenizer_config.json").write_text('{"source_lang": "zh", "target_lang": "en"}', encoding="utf-8")
    return pieces


def sentencepiece_model(pieces: Sequence[str], scores: Sequence[float]) -> bytes:
    """A unigram SentencePiece model as its protocol buffer, written by hand: training one of this size takes too long."""
    kinds = {"<unk>": 2, "</s>": 3}
    out = bytearray()
    for piece, score in zip(pieces, scores, strict=True):
        text = piece.encode()
        body = (
            b"\x0a"
            + _varint(len(text))
            + text
            + b"\x15"
            + struct.pack("<f", score)
            + b"\x18"
            + _varint(kinds.get(piece, 1))
        )
        out += b"\x0a" + _varint(len(body)) + body
    # trainer_spec: unigram; unk 1, bos none, eos 0, pad none. normalizer_spec: identity.
    ids = b"".join(
        _varint(field << 3) + _varint(value & (1 << 64) - 1) for field, value in ((40, 1), (41, -1), (42, 0), (43, -1))
    )
    trainer = b"\x18\x01" + ids
    normalizer = b"\x0a\x08identity"
    return bytes(out) + b"\x12" + _varint(len(trainer)) + trainer + b"\x1a" + _varint(len(normalizer)) + normalizer


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _pieces(seed: int) -> Iterator[str]:
    """Distinct pieces without end: `</s>`, `<unk>`, every letter of the room's scripts, then random syllables."""
    yield from ("</s>", "<unk>", "▁")
    seen = {"▁"}
    blocks = (
        (0x21, 0x250),
        (0x300, 0x370),
        (0x600, 0x700),
        (0xE00, 0xE60),
        (0x1E00, 0x1F00),
        (0x2010, 0x2030),
        (0x3000, 0x3100),
    )
    for first, last in (*blocks, (0xFF00, 0xFF65), (0x4E00, 0x9FA6)):
        for code in range(first, last):
            if unicodedata.category(chr(code))[0] not in "CZ":
                seen.add(chr(code))
                yield chr(code)
    source = random.Random(seed)
    while True:
        word = "".join(source.choices(_LETTERS, k=source.choice((2, 2, 3, 3, 4))))
        for piece in (word, "▁" + word):
            if piece not in seen:
                seen.add(piece)
                yield piece
