"""Decodes with CTranslate2: int8 on the CPU, the engine that serves."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import ctranslate2

from assistant.engines.tokens import BIAS, END, LONGEST, Tokens, limit
from assistant.errors import ModelError
from assistant.models.folder import ModelFolder
from assistant.translate.request import Attention, Decoded, Request

GUARDED = {"beam_size": 2, "no_repeat_ngram_size": 3, "repetition_penalty": 1.1}
"""Options of the one retry after a bad output."""


class CTranslate2Engine:
    """A loaded model; `translate` may be called from as many threads as there are workers."""

    def __init__(self, folder: ModelFolder, threads: int = 1, workers: int = 2, bias: float = BIAS, device: str = "cpu") -> None:
        """`bias` in (0, 1): how strongly decoding keeps to what a partial subtitle already shows; see `tokens.BIAS`."""
        if "ctranslate2" not in folder.forms:
            raise ModelError(f"{folder.name} has no CTranslate2 form; make it with: liveroom models convert {folder.path}")
        path = folder.path / "ctranslate2"
        self._tokens = Tokens(folder)
        self._bias = bias
        self._use_vmap = (path / "vmap.txt").is_file()
        try:
            config = json.loads((path / "config.json").read_text(encoding="utf-8"))
            self._translator = ctranslate2.Translator(
                str(path), device=device, inter_threads=workers, intra_threads=threads, max_queued_batches=-1
            )
        except (OSError, ValueError, RuntimeError) as error:
            raise ModelError(f"{folder.name} cannot be loaded: {error}") from None
        # Models converted from Marian's own format add `</s>` to the source themselves.
        self._adds_end = bool(config.get("add_source_eos", False))

    def translate(self, batch: Sequence[Request]) -> list[Decoded]:
        """Decode a batch; blocks. Requests with other options are decoded apart."""
        answers: list[Decoded | None] = [None] * len(batch)
        for options, indexes in self._kinds(batch):
            for index, answer in zip(indexes, self._decode([batch[index] for index in indexes], options), strict=True):
                answers[index] = answer
        return [answer for answer in answers if answer is not None]

    def _kinds(self, batch: Sequence[Request]) -> list[tuple[dict[str, Any], list[int]]]:
        """Options and the requests they are for; a first try shares its batch with all others."""
        kinds: dict[tuple[bool, int, bool, tuple[str, ...]], list[int]] = {}
        for index, request in enumerate(batch):
            kinds.setdefault((request.guarded, request.nbest, bool(request.prefix), request.suppress), []).append(index)
        return [(self._options([batch[index] for index in indexes], *kind), indexes) for kind, indexes in kinds.items()]

    def _options(self, batch: Sequence[Request], guarded: bool, nbest: int, prefixed: bool, suppress: tuple[str, ...]) -> dict[str, Any]:
        options: dict[str, Any] = dict(GUARDED) if guarded else {"beam_size": 1}
        if nbest:
            options |= {"beam_size": nbest, "num_hypotheses": nbest, "return_attention": True}
        if prefixed:
            options["target_prefix"] = self._tokens.target([request.prefix for request in batch])
        elif not guarded and any(request.shown for request in batch):
            # An empty prefix leaves an item as it is, so partials with and without one share a batch.
            options["target_prefix"] = self._tokens.target([request.shown for request in batch])
            options["prefix_bias_beta"] = self._bias
        if suppress:
            options["suppress_sequences"] = self._tokens.ways(suppress)
        return options

    def _decode(self, batch: Sequence[Request], options: dict[str, Any]) -> list[Decoded]:
        rows = self._tokens.source(batch)
        limits = [limit(len(row)) for row in rows]
        sent = [row[:-1] for row in rows] if self._adds_end else rows
        try:
            results = self._translator.translate_batch(
                sent,
                max_decoding_length=max(limits),
                max_input_length=LONGEST + 2,
                disable_unk=True,
                use_vmap=self._use_vmap,
                **options,
            )
        except (RuntimeError, ValueError) as error:
            raise ModelError(f"decoding failed: {error}") from error
        answers = []
        for request, row, result, most in zip(batch, rows, results, limits, strict=True):
            hypotheses = [[piece for piece in pieces if piece != END] for pieces in result.hypotheses]
            text, *others = (self._tokens.text(pieces[:most]) for pieces in hypotheses)
            attention = None
            if result.attention:
                attention = Attention(
                    self._tokens.places(row, request.text, own=True), self._tokens.places(hypotheses[0][:most], text), _weights(result.attention[0])
                )
            answers.append(Decoded(text, cut=len(hypotheses[0]) >= most, others=tuple(others), attention=attention))
        return answers


def _weights(rows: Sequence[Sequence[float]]) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(row) for row in rows)
