"""Languages as checkpoints name them: their codes, and the target tokens (`>>ara<<`) in their vocabularies."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from assistant.errors import ModelError

CODES: Mapping[str, tuple[str, ...]] = {
    "zh": ("zh", "cmn_Hans", "zho_Hans", "zho", "cmn", "chi"),
    "en": ("en", "eng"),
    "ja": ("ja", "jpn", "jap"),
    "ar": ("ar", "ara", "arb"),
    "id": ("id", "ind"),
    "th": ("th", "tha"),
    "vi": ("vi", "vie"),
    "ms": ("ms", "zsm_Latn", "zsm", "msa", "zlm_Latn", "zlm"),
    "tl": ("tl", "tgl_Latn", "tgl", "fil_Latn", "fil"),
    "ko": ("ko", "kor", "kor_Hang"),
    "es": ("es", "spa"),
    "pt": ("pt", "por", "pob"),
    "de": ("de", "deu", "ger"),
    "fr": ("fr", "fra", "fre"),
}
"""Our code to the codes checkpoints use for it, the one to prefer first."""
_TOKEN = re.compile(r">>[A-Za-z_]+<<\Z")


def known(code: str) -> str:
    """Our code for a checkpoint's language code, "" when it is none of ours (a group such as `mul`)."""
    return next((ours for ours, codes in CODES.items() if code in codes), "")


def target_tokens(vocabulary: Iterable[str], targets: Iterable[str], wanted: Mapping[str, str], name: str) -> dict[str, str]:
    """The token for each target language, `wanted` first; empty for a model whose vocabulary has no such tokens.

    Raises `ModelError` when the vocabulary has target tokens, but none for one of the targets.
    """
    tokens = {piece for piece in vocabulary if _TOKEN.match(piece)}
    if not tokens:
        return {}
    found = {}
    for target in targets:
        choices = [wanted[target]] if target in wanted else [f">>{code}<<" for code in CODES.get(target, (target,))]
        token = next((choice for choice in choices if choice in tokens), None)
        if token is None:
            some = " ".join(sorted(tokens)[:12])
            raise ModelError(f"{name} has no target token {' or '.join(choices)} for {target}; it has {some}")
        found[target] = token
    return found
