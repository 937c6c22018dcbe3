"""The training loop: resumable, seeded, with a dev loss, the gap that shows the source is read, and a curve file."""

from __future__ import annotations

import copy
import json
import random
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import torch

from assistant.models.corpus import mix
from assistant.models.train import batches, checkpoints, measure, network, vocabulary


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a run is made of; written into the checkpoint folder."""

    steps: int = 9_000
    vocabulary_size: int = 12_000
    width: int = 256
    encoder_layers: int = 4
    decoder_layers: int = 2
    dropout: float = 0.1
    rate: float = 1e-3
    """Peak learning rate, reached after `warmup` steps; inverse square root afterwards."""
    warmup: int = 400
    ema: float = 0.999
    budget: int = 2_500
    """Padded source + target tokens per step."""
    chunk: int = 16_000
    """Pairs that are drawn, sorted by length and cut into batches at a time."""
    longest: int = 80
    """Pieces; pairs with a longer side are left out."""
    domain_share: float = 0.4
    seed: int = 20
    evaluate_every: int = 250
    """Steps between dev losses and checkpoints."""
    chrf_every: int = 1_000
    threads: int = 2
    half: int = 0
    """1: the products of the output layer in bfloat16, a tenth faster on a CPU with AMX; 0: float32 throughout."""


@dataclass(frozen=True, slots=True)
class Progress:
    """One line of the curve file."""

    step: int
    seconds: float
    """Training time so far, over all runs."""
    train_loss: float
    dev_general: float
    dev_domain: float
    gap: float
    """Dev loss with sources shuffled, less the dev loss: near 0 means that the source is ignored."""
    rate: float
    tokens_per_second: float
    tuples: int
    chrf: dict[str, float] | None = None


def rate_at(step: int, recipe: Recipe) -> float:
    """Learning rate of optimizer step `step` (from 1)."""
    if step < recipe.warmup:
        return recipe.rate * step / recipe.warmup
    return recipe.rate * (recipe.warmup / step) ** 0.5


def _prepare_vocabulary(mixture: mix.Mixture, folder: Path, recipe: Recipe) -> batches.Encoder:
    model = folder / "vocabulary" / "source.spm"
    if not model.exists():
        lines = vocabulary.sentences(mixture, recipe.seed)
        vocabulary.learn(lines, model.parent, recipe.vocabulary_size, recipe.threads)
    return batches.Encoder.load(model)


def stop_on_signal() -> threading.Event:
    """An event that SIGTERM sets, where that signal exists and this is the main thread."""
    stop = threading.Event()
    if hasattr(signal, "SIGTERM") and threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, lambda *_: stop.set())
    return stop


def train(
    general_folder: Path, tuple_folder: Path, checkpoint_folder: Path, recipe: Recipe | None = None,
    progress: Callable[[Progress], None] = lambda line: None, stop: threading.Event | None = None, glossary: Path | None = None,
) -> Path:
    """Train until `recipe.steps`, resuming from `checkpoint_folder` when it holds a checkpoint; returns that folder.

    `glossary` is a file whose terms are drawn too.

    Tuples added since the last run are picked up; the vocabulary is kept. `stop` (or SIGTERM) saves and returns.
    """
    recipe = recipe or Recipe()
    stop = stop or stop_on_signal()
    torch.set_num_threads(recipe.threads)
    torch.set_flush_denormal(True)
    try:
        return _train(general_folder, tuple_folder, checkpoint_folder, recipe, progress, stop, glossary)
    finally:
        torch.set_flush_denormal(False)  # it is the whole process's setting


def _train(
    general_folder: Path, tuple_folder: Path, checkpoint_folder: Path, recipe: Recipe, progress: Callable[[Progress], None],
    stop: threading.Event, glossary: Path | None,
) -> Path:
    checkpoint_folder.mkdir(parents=True, exist_ok=True)
    mixture = mix.mixture(general_folder, tuple_folder, recipe.domain_share, glossary)
    encoder = _prepare_vocabulary(mixture, checkpoint_folder, recipe)
    config = network.configuration(
        encoder.pad + 1, width=recipe.width, encoder_layers=recipe.encoder_layers,
        decoder_layers=recipe.decoder_layers)
    torch.manual_seed(recipe.seed)
    model = network.build(config, recipe.seed)
    average = copy.deepcopy(model).eval().requires_grad_(False)
    network.pooled_dropout(model, recipe.dropout, recipe.seed)
    optimizer = torch.optim.AdamW(model.parameters(), lr=recipe.rate, betas=(0.9, 0.98), eps=1e-9,
                                  weight_decay=0.01, fused=True)
    state = checkpoints.load_latest(checkpoint_folder, model, average, optimizer)
    (checkpoint_folder / "recipe.json").write_text(json.dumps(asdict(recipe), indent=1), encoding="utf-8")
    dev = measure.development(mixture, encoder, random.Random(recipe.seed))

    weights, averages = list(model.parameters()), list(average.parameters())
    data = batches.stream(mixture, encoder, batches.Cut(recipe.seed, recipe.chunk, recipe.budget, recipe.longest), state.position)
    model.train()
    clock, tokens, losses, counted = time.monotonic(), 0, 0.0, 0
    while state.step < recipe.steps and not stop.is_set():
        state.position, (source, target) = next(data)
        state.step += 1
        for group in optimizer.param_groups:
            group["lr"] = rate_at(state.step, recipe)
        loss, plain, count = network.loss_sums(model, source, target, half=bool(recipe.half))
        (loss / count).backward()
        torch.nn.utils.clip_grad_norm_(weights, 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=False)
        pace = max(1 - recipe.ema, 1 - (1 + state.step) / (10 + state.step))
        torch._foreach_lerp_(averages, [weight.detach() for weight in weights], pace)
        losses, counted = losses + plain.item(), counted + count
        tokens += int(source.ne(encoder.pad).sum()) + count

        if state.step % recipe.evaluate_every == 0 or state.step == recipe.steps:
            spent = time.monotonic() - clock
            state.seconds += spent
            general, domain, gap = measure.dev_losses(average, dev)
            chrf = None
            if state.step % recipe.chrf_every == 0 or state.step == recipe.steps:
                chrf = measure.greedy_chrf(average, encoder, mixture)
            line = Progress(
                state.step, round(state.seconds, 1), round(losses / counted, 4), round(general, 4), round(domain, 4),
                round(gap, 4), rate_at(state.step, recipe), round(tokens / spent, 1), len(mixture.tuples), chrf)
            checkpoints.append_curve(checkpoint_folder / "curve.jsonl", asdict(line))
            checkpoints.save(checkpoint_folder, state, model, average, optimizer)
            progress(line)
            clock, tokens, losses, counted = time.monotonic(), 0, 0.0, 0
    if stop.is_set():
        state.seconds += time.monotonic() - clock
        checkpoints.save(checkpoint_folder, state, model, average, optimizer)
    return checkpoint_folder
