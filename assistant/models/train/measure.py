"""What is looked at during training: dev losses, the shuffled-source gap, and greedy chrF on a few lines."""

from __future__ import annotations

import random
from dataclasses import dataclass

import torch
from sacrebleu.metrics import CHRF
from transformers import MarianMTModel

from assistant.models.corpus.mix import Mixture
from assistant.models.corpus.read import LANGUAGES, Pair, is_development
from assistant.models.train import batches, network

_DOMAIN_PAIRS = 240
_GENERAL_PAIRS = 240
_BUDGET = 3_000
_CHRF_DIRECTIONS = (("zh", "en"), ("en", "zh"), ("zh", "ar"), ("zh", "th"), ("id", "en"), ("en", "vi"))
_CHRF_LINES = 24


@dataclass(frozen=True, slots=True)
class Development:
    """Dev batches, right and with each target given another sentence's source (same target token)."""

    general: list[batches.Batch]
    domain: list[batches.Batch]
    shuffled: list[batches.Batch]


def _shuffled(encoded: list[tuple[list[int], list[int]]]) -> list[tuple[list[int], list[int]]]:
    """Sources moved on by one among the pairs of the same target token."""
    groups: dict[int, list[int]] = {}
    for index, (source, _) in enumerate(encoded):
        groups.setdefault(source[0], []).append(index)
    moved = list(encoded)
    for indices in groups.values():
        for index, other in zip(indices, indices[1:] + indices[:1], strict=True):
            moved[index] = (encoded[other][0], encoded[index][1])
    return moved


def domain_pairs(mixture: Mixture, rng: random.Random) -> list[Pair]:
    """Directions with zh or en of the development tuples, slots filled."""
    pairs = []
    for entry in mixture.held_out:
        if is_development(entry):
            for source in LANGUAGES:
                for target in LANGUAGES:
                    if source != target and {"zh", "en"} & {source, target}:
                        pairs.append(mixture.from_tuple(entry, (source, target), rng, mark_chance=0.15))
    rng.shuffle(pairs)
    return pairs


def development(mixture: Mixture, encoder: batches.Encoder, rng: random.Random) -> Development:
    """Fixed dev batches, cut by length."""
    def encoded(pairs: list[Pair]) -> list[tuple[list[int], list[int]]]:
        return [pair for pair in map(encoder.pair, pairs) if max(map(len, pair)) <= 120]

    def padded(rows: list[tuple[list[int], list[int]]]) -> list[batches.Batch]:
        groups = batches.cut(rows, _BUDGET)
        return [(encoder.padded([s for s, _ in group]), encoder.padded([t for _, t in group])) for group in groups]

    general = encoded(mixture.development[:_GENERAL_PAIRS])
    domain = encoded(domain_pairs(mixture, rng)[:_DOMAIN_PAIRS])
    return Development(padded(general), padded(domain), padded(_shuffled(general + domain)))


def _loss(model: MarianMTModel, sets: list[batches.Batch]) -> tuple[float, int]:
    total, tokens = 0.0, 0
    with torch.inference_mode():
        for source, target in sets:
            _, plain, count = network.loss_sums(model, source, target)
            total, tokens = total + plain.item(), tokens + count
    return total, tokens


def dev_losses(model: MarianMTModel, dev: Development) -> tuple[float, float, float]:
    """(general, domain, gap) in nats per token; `model` is in evaluation mode. Domain is general where there is none."""
    general, general_tokens = _loss(model, dev.general)
    domain, domain_tokens = _loss(model, dev.domain)
    shuffled, shuffled_tokens = _loss(model, dev.shuffled)
    tokens = general_tokens + domain_tokens
    gap = shuffled / max(1, shuffled_tokens) - (general + domain) / max(1, tokens)
    return general / max(1, general_tokens), domain / max(1, domain_tokens), gap


def greedy_chrf(model: MarianMTModel, encoder: batches.Encoder, mixture: Mixture) -> dict[str, float]:
    """Direction → chrF of greedy output on a few development tuples, as `zh-en`."""
    entries = [entry for entry in mixture.held_out if is_development(entry)][:_CHRF_LINES]
    scores = {}
    for source, target in _CHRF_DIRECTIONS if entries else ():
        rng = random.Random(5)
        pairs = [mixture.from_tuple(entry, (source, target), rng, mark_chance=0.0) for entry in entries]
        ids = encoder.padded([encoder.source(pair.source, target) for pair in pairs])
        with torch.inference_mode():
            output = model.generate(input_ids=ids, attention_mask=ids.ne(encoder.pad), max_length=64, num_beams=1,
                                    do_sample=False)
        texts = [encoder.processor.decode([i for i in row if 0 < i < encoder.pad]) for row in output.tolist()]
        scores[f"{source}-{target}"] = round(CHRF().corpus_score(texts, [[pair.target for pair in pairs]]).score, 2)
    return scores
