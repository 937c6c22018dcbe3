"""The network: a small Marian encoder-decoder, its initialisation, and a fused label-smoothed loss.

The library's default initialisation (std 0.02) teaches so small a model to ignore its source; hence `initialise`.
"""

from __future__ import annotations

import torch
from transformers import MarianConfig, MarianMTModel

SMOOTHING = 0.1


def configuration(vocabulary_size: int, *, width: int = 256, encoder_layers: int = 4, decoder_layers: int = 2) -> MarianConfig:
    """Marian settings; `vocabulary_size` counts `<pad>`, which is the last id, `</s>` is 0."""
    pad = vocabulary_size - 1
    return MarianConfig(
        vocab_size=vocabulary_size, decoder_vocab_size=vocabulary_size, d_model=width, encoder_layers=encoder_layers,
        decoder_layers=decoder_layers, encoder_attention_heads=max(1, width // 32),
        decoder_attention_heads=max(1, width // 32), encoder_ffn_dim=width * 4, decoder_ffn_dim=width * 4,
        activation_function="relu", dropout=0.0, attention_dropout=0.0, activation_dropout=0.0,
        max_position_embeddings=512, scale_embedding=True, static_position_embeddings=True,
        share_encoder_decoder_embeddings=True, tie_word_embeddings=True, pad_token_id=pad, eos_token_id=0,
        bos_token_id=0, decoder_start_token_id=pad, forced_eos_token_id=0, bad_words_ids=[[pad]], num_beams=1,
        max_length=256, use_cache=True,
    )


_BRANCHES = frozenset({"v_proj", "out_proj", "fc1", "fc2"})
_BRANCH_GAIN = 0.4


def initialise(model: MarianMTModel, seed: int) -> None:
    """Glorot-uniform linear layers, embeddings N(0, width^-0.5); sinusoidal positions are left alone.

    Self-attention and feed-forward branches start at 0.4 of that: at full strength the post-norm encoder averaged its tokens into
    one and the same vector within 250 steps (spread over tokens 0.03 instead of 0.8), and nothing was left to attend to.
    """
    generator = torch.Generator().manual_seed(seed)
    width = model.config.d_model
    with torch.no_grad():
        for name, module in model.named_modules():
            if isinstance(module, torch.nn.Linear) and name != "lm_head":
                branch = name.rsplit(".", 1)[-1] in _BRANCHES and "encoder_attn" not in name
                torch.nn.init.xavier_uniform_(module.weight, gain=_BRANCH_GAIN if branch else 1.0, generator=generator)
                if module.bias is not None:
                    module.bias.zero_()
        shared = model.model.shared.weight
        shared.normal_(0.0, width**-0.5, generator=generator)
        shared[model.config.pad_token_id].zero_()


def build(config: MarianConfig, seed: int, attention: str = "sdpa") -> MarianMTModel:
    """A freshly initialised model on the CPU, float32."""
    config._attn_implementation = attention
    model = MarianMTModel(config)
    initialise(model, seed)
    model.tie_weights()
    return model


def _rounded(rows: torch.Tensor) -> torch.Tensor:
    """`rows` in bfloat16 with zero rows up to a multiple of 64: every new shape costs memory in oneDNN's cache of compiled products."""
    padded = rows.new_zeros(-(-rows.shape[0] // 64) * 64, rows.shape[1], dtype=torch.bfloat16)
    padded[: rows.shape[0]] = rows
    return padded


class _SmoothedLoss(torch.autograd.Function):
    """Summed label-smoothed cross-entropy of `hidden @ weight.T`; gradients are made in the forward pass, in place.

    hidden: (tokens, width); weight: (vocabulary, width); labels: (tokens,). The last row of `weight` is `<pad>`: never an answer,
    and its embedding must stay zero, since it starts the decoder and CTranslate2 starts from zero.
    """

    @staticmethod
    def forward(ctx, hidden, weight, labels, smoothing, half):
        weight = weight[:-1]
        tokens = hidden.shape[0]
        if half:
            hidden, weight = _rounded(hidden), weight.bfloat16()
        logits = (hidden @ weight.t())[:tokens].float()
        peak = torch.logsumexp(logits, dim=1)
        right = logits.gather(1, labels[:, None]).squeeze(1)
        plain = (peak - right).sum()
        size = weight.shape[0]
        smooth = (peak - logits.mean(dim=1)).sum()
        loss = (1 - smoothing) * plain + smoothing * smooth
        if ctx.needs_input_grad[0]:
            gradient = logits.sub_(peak[:, None]).exp_().sub_(smoothing / size)
            gradient.scatter_add_(1, labels[:, None], torch.full_like(labels[:, None], smoothing - 1, dtype=logits.dtype))
            if half:
                gradient = _rounded(gradient)
            for_weight = weight.new_zeros(size + 1, weight.shape[1], dtype=torch.float32)
            for_weight[:-1] = gradient.t() @ hidden
            ctx.save_for_backward((gradient @ weight)[:tokens].float(), for_weight)
        ctx.mark_non_differentiable(plain)
        return loss, plain

    @staticmethod
    def backward(ctx, above, _):
        for_hidden, for_weight = ctx.saved_tensors
        return for_hidden * above, for_weight * above, None, None, None


def loss_sums(model: MarianMTModel, source: torch.Tensor, target: torch.Tensor,
              smoothing: float = SMOOTHING, half: bool = False) -> tuple[torch.Tensor, torch.Tensor, int]:
    """Smoothed loss, plain cross-entropy (both summed over target tokens) and the number of target tokens.

    source: (batch, S) and target: (batch, T) token ids that end in `</s>` and are padded with `<pad>`; the softmax is
    computed on non-pad positions only, with bfloat16 products where `half` is set.
    """
    pad = model.config.pad_token_id
    before = target.new_full(target.shape, pad)
    before[:, 1:] = target[:, :-1]
    states = model.model(input_ids=source, attention_mask=source.ne(pad), decoder_input_ids=before,
                         use_cache=False).last_hidden_state
    kept = target.ne(pad)
    labels = target[kept]
    loss, plain = _SmoothedLoss.apply(states[kept], model.model.shared.weight, labels, smoothing, half)
    return loss, plain, labels.numel()


def pooled_dropout(model: MarianMTModel, rate: float, seed: int, size: int = 1 << 22) -> None:
    """Dropout on embeddings and sublayer outputs of `model` in training mode, masks cut from one random pool.

    Drawing fresh masks took an eighth of a step on two cores; a random place in 4 M drawn numbers serves as well.
    The model's own dropout must be 0.
    """
    pool = (torch.rand(size, generator=torch.Generator().manual_seed(seed)) >= rate).float() / (1 - rate)

    def drop(module: torch.nn.Module, _: tuple, output: torch.Tensor) -> torch.Tensor | None:
        if not module.training:
            return None
        start = int(torch.randint(max(1, size - output.numel()), ()))
        return output * pool[start:start + output.numel()].view_as(output)

    for name, module in model.named_modules():
        if name.endswith((".out_proj", ".fc2")) or name == "model.shared":
            module.register_forward_hook(drop)
