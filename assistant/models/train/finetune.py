"""Adapt an installed model to a seller's own translations: resumable, stopped early, and not shipped when it forgot the rest.

The tuned weights are mixed with the base's, w = base + a (tuned - base) (Wortsman et al. 2022, arXiv 2109.01903): the largest part a
that leaves the general test within `FORGIVEN` chrF of the base is shipped.
"""

from __future__ import annotations

import hashlib
import json
import random
import shutil
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from transformers import MarianMTModel

from assistant.engines.tokens import Tokens
from assistant.errors import InputFileError, ModelError
from assistant.memory.files import read_entries
from assistant.models import evaluate
from assistant.models.corpus.read import Pair
from assistant.models.folder import ModelFolder, write_model_toml
from assistant.models.train.batches import cut
from assistant.models.train.export import to_ctranslate2
from assistant.models.train.loop import stop_on_signal
from assistant.translate.request import Request

FORGIVEN = 1.0
"""chrF that a direction may lose on the general test."""
PARTS = (1.0, 0.8, 0.6, 0.4, 0.25, 0.1)
"""How much of the tuned weights is tried, most first."""
OWN = "own-pairs"
"""Name of the held-out part of the user's file among a model's scores."""
FEWEST = 20
_STATE = "finetune.pt"


@dataclass(frozen=True, slots=True)
class Settings:
    """How a model is adapted."""

    rate: float = 3e-4
    warmup: int = 30
    steps: int = 1_500
    """At most; early stopping usually ends it sooner."""
    budget: int = 1_500
    """Padded source + target pieces of a batch."""
    evaluate_every: int = 25
    patience: int = 6
    """Evaluations of the held-out part without a better loss, then it stops."""
    held_out: int = 10
    """One pair in so many is held out."""
    seed: int = 7
    threads: int = 2


@dataclass(frozen=True, slots=True)
class Progress:
    """What one evaluation found."""

    step: int
    steps: int
    train_loss: float
    held_out_loss: float
    best: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """The model that was shipped and what it gained and lost, in chrF per direction: (base, tuned)."""

    folder: ModelFolder
    part: float
    own: Mapping[str, tuple[float, float]]
    general: Mapping[str, tuple[float, float]]


def read_pairs(path: Path, base: ModelFolder) -> list[Pair]:
    """The sentence pairs of a memory file (`source_lang target_lang source target`) that the model translates.

    Raises `InputFileError` for a language the model lacks and for fewer than `FEWEST` pairs.
    """
    pairs = []
    for line, entry in read_entries(path):
        if entry.source_lang not in base.source or entry.target_lang not in base.target:
            raise InputFileError(str(path), line, f"{base.name} does not translate {entry.source_lang} to {entry.target_lang}")
        pairs.append(Pair(entry.source_lang, entry.target_lang, entry.source, entry.target))
    if len(pairs) < FEWEST:
        raise InputFileError(str(path), 0, f"has {len(pairs)} pairs; it takes {FEWEST} to adapt a model")
    return pairs


def split(pairs: Sequence[Pair], settings: Settings) -> tuple[list[Pair], list[Pair]]:
    """(to train on, held out), by a digest of the source, so that a sentence stays on its side when the file grows."""
    parts: tuple[list[Pair], list[Pair]] = ([], [])
    for pair in pairs:
        digest = hashlib.sha1(pair.source.encode("utf-8"), usedforsecurity=False).digest()
        parts[int.from_bytes(digest, "big") % settings.held_out == 0].append(pair)
    if not parts[1]:
        parts[1].append(parts[0].pop())
    return parts


def finetune(
    base: ModelFolder, pairs: Sequence[Pair], tests: Mapping[str, evaluate.Test], checkpoints: Path, target: Path,
    settings: Settings | None = None, progress: Callable[[Progress], None] = lambda line: None, stop: threading.Event | None = None,
) -> Outcome | None:
    """Adapt `base` to `pairs` and write the model folder `target`; None when stopped before the end (run again to go on).

    `tests` are what must not get worse. Raises `ModelError` when no part of what was learnt helps without harm; nothing is written then.
    """
    settings, stop = settings or Settings(), stop or stop_on_signal()
    if "hf" not in base.forms:
        raise ModelError(f"{base.name} has no Hugging Face form to train; pull or convert it again with --keep-hf")
    torch.set_num_threads(settings.threads)
    torch.manual_seed(settings.seed)
    tuner = _Tuner(base, settings)
    training, kept = split(pairs, settings)
    if not tuner.learn(training, kept, checkpoints, progress, stop):
        return None
    own = {OWN: _pairs_test(kept)}
    directions = sorted({f"{pair.source_language}-{pair.target_language}" for pair in pairs})
    before = _measure(base, {**tests, **own}, directions)
    if all(name == OWN for name, _ in before):
        raise ModelError(f"no general test has {' '.join(directions)}; give one with --test, so that what the model forgets is seen")
    work = checkpoints / "tuned" / target.name
    for part in PARTS:
        tuned = tuner.write(part, work, len(training))
        after = _measure(tuned, {**tests, **own}, directions)
        lost = [key for key, score in before.items() if key[0] != OWN and after[key] < score - FORGIVEN]
        gained = sum(after[key] - score for key, score in before.items() if key[0] == OWN)
        if not lost and gained > 0:
            break
    else:
        shutil.rmtree(work, ignore_errors=True)
        raise ModelError(f"not shipped: the tuned model is worse than {base.name} by more than {FORGIVEN} chrF on the general test, or no better on the pairs")
    scores = {name: {way: score for way, score in rows.items() if way not in directions} for name, rows in base.scores.items()}
    scores[OWN] = {way: after[name, way] for name, way in after if name == OWN}
    tuned = write_model_toml(replace(tuned, scores={name: rows for name, rows in scores.items() if rows}))
    shutil.rmtree(target, ignore_errors=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(work, target)
    shutil.rmtree(checkpoints / "tuned", ignore_errors=True)
    (checkpoints / _STATE).unlink(missing_ok=True)

    def both(own_ones: bool) -> dict[str, tuple[float, float]]:
        return {f"{name} {way}": (before[name, way], after[name, way]) for name, way in before if (name == OWN) is own_ones}

    return Outcome(replace(tuned, path=target), part, both(True), both(False))


class _Tuner:
    """The base's weights, and what they become."""

    def __init__(self, base: ModelFolder, settings: Settings) -> None:
        self._base, self._settings = base, settings
        self._tokens = Tokens(base)
        self._ids: dict[str, int] = json.loads((base.path / "vocab.json").read_text(encoding="utf-8"))
        self._model = MarianMTModel.from_pretrained(base.path, local_files_only=True, use_safetensors=True, dtype=torch.float32)
        self._pad: int = self._model.config.pad_token_id
        self._before = {name: weight.detach().clone() for name, weight in self._model.named_parameters()}
        self._best: dict[str, torch.Tensor] = {}

    def learn(
        self, training: Sequence[Pair], kept: Sequence[Pair], folder: Path, progress: Callable[[Progress], None], stop: threading.Event,
    ) -> bool:
        """Train until the held-out loss stops falling; False when stopped before, with the state kept in `folder`."""
        settings, model = self._settings, self._model
        optimizer = torch.optim.AdamW(model.parameters(), lr=settings.rate, betas=(0.9, 0.98), weight_decay=0.01)
        step, best, stale = 0, float("inf"), 0
        folder.mkdir(parents=True, exist_ok=True)
        if (folder / _STATE).is_file():
            state = torch.load(folder / _STATE, map_location="cpu", weights_only=True)
            model.load_state_dict(state["model"])
            optimizer.load_state_dict(state["optimizer"])
            self._best, step, best, stale = state["weights"], state["step"], state["best"], state["stale"]
        held = [self._batch(group) for group in cut(self._encoded(kept), settings.budget)]
        encoded = self._encoded(training)
        total, count = 0.0, 0
        while step < settings.steps and stale < settings.patience:
            groups = cut(encoded, settings.budget)
            random.Random(f"{settings.seed}/{step // max(1, len(groups))}").shuffle(groups)
            source, labels = self._batch(groups[step % len(groups)])
            step += 1
            for group in optimizer.param_groups:
                group["lr"] = settings.rate * min(1.0, step / settings.warmup)
            model.train()
            loss = self._loss(source, labels)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            optimizer.zero_grad()
            total, count = total + loss.item(), count + 1
            if step % settings.evaluate_every and step < settings.steps and not stop.is_set():
                continue
            now = self._held_out_loss(held)
            if now < best:
                best, stale = now, 0
                self._best = {name: weight.detach().clone() for name, weight in model.named_parameters()}
            else:
                stale += 1
            state = {"model": model.state_dict(), "optimizer": optimizer.state_dict(), "weights": self._best, "step": step, "best": best, "stale": stale}
            torch.save(state, folder / f"{_STATE}.part")
            (folder / f"{_STATE}.part").replace(folder / _STATE)
            progress(Progress(step, settings.steps, total / count, now, best))
            total, count = 0.0, 0
            if stop.is_set():
                return False
        return True

    def write(self, part: float, folder: Path, trained: int) -> ModelFolder:
        """The model folder of base + part × (tuned − base), both forms."""
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        with torch.no_grad():
            for name, weight in self._model.named_parameters():
                weight.copy_(torch.lerp(self._before[name], self._best[name], part))
        for name in ("source.spm", "target.spm", "vocab.json", "tokenizer_config.json"):
            if (self._base.path / name).is_file():
                shutil.copyfile(self._base.path / name, folder / name)
        self._model.half().save_pretrained(folder)
        self._model.float()
        to_ctranslate2(folder)
        origin = f"{self._base.name}, adapted to {trained} sentence pairs (liveroom models train --base)"
        return write_model_toml(replace(self._base, path=folder, name=folder.name, origin=origin, scores={}))

    def _encoded(self, pairs: Sequence[Pair]) -> list[tuple[list[int], list[int]]]:
        requests = [Request(self._base.name, pair.source, pair.source_language, pair.target_language) for pair in pairs]
        unknown = self._ids["<unk>"]
        rows = [[self._ids.get(piece, unknown) for piece in row] for row in self._tokens.source(requests)]
        end = self._model.config.eos_token_id
        answers = [[*(self._ids.get(piece, unknown) for piece in row), end] for row in self._tokens.target([pair.target for pair in pairs])]
        return [pair for pair in zip(rows, answers, strict=True) if max(map(len, pair)) <= 200]

    def _batch(self, group: Sequence[tuple[list[int], list[int]]]) -> tuple[torch.Tensor, torch.Tensor]:
        """(batch, longest) source ids padded with `<pad>`, labels padded with -100."""

        def padded(rows: list[list[int]], filler: int) -> torch.Tensor:
            longest = max(map(len, rows))
            return torch.tensor([row + [filler] * (longest - len(row)) for row in rows])

        return padded([source for source, _ in group], self._pad), padded([target for _, target in group], -100)

    def _loss(self, source: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        logits = self._model(
            input_ids=source, attention_mask=source.ne(self._pad), use_cache=False,
            decoder_input_ids=torch.cat([labels.new_full((len(labels), 1), self._pad), labels[:, :-1].clamp(min=0)], dim=1),
        ).logits  # fmt: skip
        return torch.nn.functional.cross_entropy(logits.flatten(0, 1), labels.flatten(), label_smoothing=0.1 if self._model.training else 0.0)

    def _held_out_loss(self, held: Sequence[tuple[torch.Tensor, torch.Tensor]]) -> float:
        self._model.eval()
        with torch.inference_mode():
            counts = [int(labels.ne(-100).sum()) for _, labels in held]
            losses = [float(self._loss(source, labels)) * count for (source, labels), count in zip(held, counts, strict=True)]
        return sum(losses) / max(1, sum(counts))


def _pairs_test(pairs: Sequence[Pair]) -> evaluate.Test:
    def lines(source: str, target: str) -> evaluate.Lines | None:
        mine = [pair for pair in pairs if (pair.source_language, pair.target_language) == (source, target)]
        return evaluate.Lines(source, target, tuple(pair.source for pair in mine), tuple(pair.target for pair in mine)) if mine else None

    return lines


def _measure(folder: ModelFolder, tests: Mapping[str, evaluate.Test], directions: Sequence[str]) -> dict[tuple[str, str], float]:
    """chrF per (test, direction), on the CTranslate2 form that is served."""
    return {(score.test, score.direction): score.chrf for score in evaluate.evaluate(folder, tests, directions)}
