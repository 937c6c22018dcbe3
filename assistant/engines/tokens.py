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

    def ways(self, words: Sequence[str]) -> list[list[str]]:
        """The piece sequences that words come in: as one begins a word and, in scripts without spaces, inside a text."""
        found: list[list[str]] = []
        for pieces in self.target([way for word in words for way in dict.fromkeys((word, word[:1].upper() + word[1:]))]):
            inner = pieces[1:] if pieces[:1] == ["▁"] else pieces
            found += [way for way in (inner, pieces) if way and way not in found]
        return found

    def places(self, pieces: Sequence[str], text: str, *, own: bool = False) -> tuple[int, ...]:
        """Where each piece begins in its text (code points), as well as a search for its letters tells; -1 for special pieces.

        With `own` the row is `source`'s: its first piece may be a target token, its last is `</s>`.
        """
        at, found = 0, list[int]()
        for number, piece in enumerate(pieces):
            if piece in _SPECIAL or (own and number == 0 and piece in self._prefix.values()):
                found.append(-1)
                continue
            letters = piece.replace("▁", " ").strip()
            place = text.find(letters, at, at + len(letters) + 24) if letters else at
            found.append(min(place if place >= 0 else at, len(text)))
            at = found[-1] + len(letters) if place >= 0 else at
        return tuple(found)

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
