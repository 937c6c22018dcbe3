"""Text to Marian's pieces and back, and how long an answer may grow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import sentencepiece

from assistant.errors import ModelError
from assistant.models.folder import ModelFolder
from assistant.translate.request import Request

END = "</s>"
LONGEST = 500
"""Pieces: Marian checkpoints know 512 positions; the target token and `</s>` take two of the source's."""
BIAS = 0.3
"""How strongly partial decoding keeps to what is shown: with bias b another piece wins over the shown one when its
probability is higher by more than b / (1 - b), 0.43 here. From 0.5 on nothing can win: the shown text becomes a fixed prefix."""
_SHORTEST_LIMIT = 16
_SPECIAL = frozenset({END, "<pad>", "<unk>", "<s>"})


def limit(pieces: int) -> int:
    """How many pieces an answer to a source of so many pieces may have: a loop ends here at the latest."""
    return min(max(_SHORTEST_LIMIT, 2 * pieces + 10), LONGEST)


class Tokens:
    """The two SentencePiece models of a folder and its target tokens. Safe to share between threads."""

    def __init__(self, folder: ModelFolder) -> None:
        self._source = _load(folder.path / "source.spm")
        self._target = _load(folder.path / "target.spm")
        self._prefix: Mapping[str, str] = folder.prefix

    def source(self, batch: Sequence[Request]) -> list[list[str]]:
        """Per request: the target's token if the model has one, the text's pieces, `</s>`; cut at `LONGEST`."""
        rows = []
        for request, pieces in zip(batch, self._source.encode([item.text for item in batch], out_type=str, num_threads=1), strict=True):
            token = self._prefix.get(request.target)
            rows.append([*([token] if token else []), *pieces[:LONGEST], END])
        return rows

    def target(self, texts: Sequence[str]) -> list[list[str]]:
        """Pieces of target text, without `</s>`."""
        return self._target.encode(list(texts), out_type=str, num_threads=1)

    def text(self, pieces: Sequence[str]) -> str:
        """Plain text; special tokens and target tokens that a model let slip are dropped."""
        kept = [piece for piece in pieces if piece not in _SPECIAL and not (piece.startswith(">>") and piece.endswith("<<"))]
        return self._target.decode(kept).strip() if kept else ""


def _load(path: Path) -> sentencepiece.SentencePieceProcessor:
    try:
        # Read here: SentencePiece opens no file whose path holds letters outside the code page on Windows.
        return sentencepiece.SentencePieceProcessor(model_proto=path.read_bytes())
    except (OSError, RuntimeError) as error:
        raise ModelError(f"{path} is not a SentencePiece model: {error}") from None
