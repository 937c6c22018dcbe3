"""Decodes with Hugging Face transformers: the reference the other engine is measured against, and the CUDA path."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from assistant.engines.tokens import BIAS, Tokens, limit
from assistant.errors import MissingExtra, ModelError
from assistant.models.folder import ModelFolder
from assistant.translate.request import Decoded, Request

if TYPE_CHECKING:
    import torch

MARIAN_EXTRA = 'pip install "liveroom-assistant[marian]"'
_GUARDED = {"num_beams": 2, "no_repeat_ngram_size": 3, "repetition_penalty": 1.1}


class TransformersEngine:
    """A loaded model; calls from several threads take turns, since torch spreads one batch over `threads` cores itself."""

    def __init__(self, folder: ModelFolder, threads: int = 1, bias: float = BIAS) -> None:
        """`bias` in (0, 1) as in the CTranslate2 engine. `threads` is torch's setting for the whole process."""
        try:
            import torch
            from transformers import MarianMTModel
        except ImportError:
            raise MissingExtra("The transformers engine", MARIAN_EXTRA) from None
        if "hf" not in folder.forms:
            raise ModelError(f"{folder.name} has no Hugging Face form, which the transformers engine needs")
        self._tokens = Tokens(folder)
        self._bias = bias
        self._turn = threading.Lock()
        self._device = "cuda" if torch.cuda.is_available() else "cpu"
        if self._device == "cpu":
            torch.set_num_threads(threads)
        try:
            self._ids: dict[str, int] = json.loads((folder.path / "vocab.json").read_text(encoding="utf-8"))
            dtype = torch.float16 if self._device == "cuda" else torch.float32
            model = MarianMTModel.from_pretrained(folder.path, local_files_only=True, use_safetensors=True, dtype=dtype)
        except (OSError, ValueError, RuntimeError) as error:
            raise ModelError(f"{folder.name} cannot be loaded: {error}") from None
        self._model = model.to(self._device).eval()
        self._pieces = {index: piece for piece, index in self._ids.items()}
        self._pad: int = model.config.pad_token_id
        self._end: int = model.config.eos_token_id
        self._start: int = model.config.decoder_start_token_id
        self._unknown = self._ids["<unk>"]
        # The checkpoint's own beam, length and forced end would win over ours where we pass nothing.
        model.generation_config = _plain(model, self._unknown)

    def translate(self, batch: Sequence[Request]) -> list[Decoded]:
        """Decode a batch; blocks. Requests with other options are decoded apart; attention is not told."""
        answers: dict[int, Decoded] = {}
        kinds: dict[tuple[bool, int, str, tuple[str, ...]], list[int]] = {}
        for index, request in enumerate(batch):
            kinds.setdefault((request.guarded, request.nbest, request.prefix, request.suppress), []).append(index)
        for (guarded, *_), chosen in kinds.items():
            with self._turn:
                found = self._decode([batch[index] for index in chosen], guarded)
            answers.update(zip(chosen, found, strict=True))
        return [answers[index] for index in range(len(batch))]

    def _decode(self, batch: Sequence[Request], guarded: bool) -> list[Decoded]:
        import torch

        rows = [[self._ids.get(piece, self._unknown) for piece in row] for row in self._tokens.source(batch)]
        limits = [limit(len(row)) for row in rows]
        widest = max(map(len, rows))
        ids = torch.tensor([row + [self._pad] * (widest - len(row)) for row in rows], device=self._device)
        options: dict[str, Any] = dict(_GUARDED) if guarded else {}
        if not guarded and any(item.shown for item in batch):
            shown = [[self._ids.get(piece, self._unknown) for piece in row] for row in self._tokens.target([item.shown for item in batch])]
            options["logits_processor"] = [Bias(shown, self._bias)]
        options |= self._again(batch[0], len(rows))
        with torch.inference_mode():
            out = self._model.generate(input_ids=ids, attention_mask=ids.ne(self._pad), max_new_tokens=max(limits), **options)
        answers = []
        each = max(1, batch[0].nbest)
        found = out[:, 1:].tolist()
        for start, most in zip(range(0, len(found), each), limits, strict=True):
            hypotheses = [[self._pieces[index] for index in row if index not in (self._end, self._pad)] for row in found[start : start + each]]
            text, *others = (self._tokens.text(pieces[:most]) for pieces in hypotheses)
            answers.append(Decoded(text, cut=len(hypotheses[0]) >= most, others=tuple(others)))
        return answers

    def _again(self, request: Request, size: int) -> dict[str, Any]:
        """Options of a second try, the same for the whole batch of `size`."""
        import torch

        options: dict[str, Any] = {}
        if request.nbest:
            options |= {"num_beams": request.nbest, "num_return_sequences": request.nbest}
        if request.prefix:
            (pieces,) = self._tokens.target([request.prefix])
            begun = [self._start, *(self._ids.get(piece, self._unknown) for piece in pieces)]
            options["decoder_input_ids"] = torch.tensor([begun] * size, device=self._device)
        if request.suppress:
            options["bad_words_ids"] = [[self._ids.get(piece, self._unknown) for piece in way] for way in self._tokens.ways(request.suppress)]
        return options


class Bias:
    """Mixes the shown text into the next piece's probabilities, as long as the answer has followed it (greedy decoding).

    p'(piece) = (1 - beta) p(piece) + beta [piece = shown piece]; as in arXiv 1912.03393, section 4.2.
    """

    def __init__(self, shown: Sequence[Sequence[int]], beta: float) -> None:
        self._shown = shown
        self._beta = beta

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        """input_ids: (batch, pieces so far + start); scores: (batch, vocabulary)."""
        at = input_ids.shape[1] - 1
        follow = [row for row, shown in enumerate(self._shown) if at < len(shown) and input_ids[row, 1:].tolist() == list(shown[:at])]
        if not follow:
            return scores
        mixed = scores.clone()
        mixed[follow] = (scores[follow].float().softmax(-1) * (1 - self._beta)).log().to(scores.dtype)
        for row in follow:
            piece = self._shown[row][at]
            mixed[row, piece] = (mixed[row, piece].exp() + self._beta).log()
        return mixed


def _plain(model: Any, unknown: int) -> Any:
    from transformers import GenerationConfig

    config = model.config
    return GenerationConfig(
        num_beams=1,
        do_sample=False,
        pad_token_id=config.pad_token_id,
        eos_token_id=config.eos_token_id,
        decoder_start_token_id=config.decoder_start_token_id,
        suppress_tokens=sorted({unknown, config.pad_token_id}),
    )
