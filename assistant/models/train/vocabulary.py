"""The shared SentencePiece vocabulary: one unigram model for all languages, with target tokens and marks built in."""

from __future__ import annotations

import json
import random
import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import sentencepiece

from assistant.models.corpus import slots
from assistant.models.corpus.marks import MARKS
from assistant.models.corpus.mix import Mixture
from assistant.models.corpus.read import LANGUAGES, RESERVED_LANGUAGES

_EMOJI = "😍 🙏 😂 ❤️ ❤ 👍 🔥 🥰 😭 😊 👏 💕 🎉 😅 🤣 💖 ✨ 😘 🙌 😢 👌 🛒 💯 😁 🥺 🌹 😎 🤔 🎁 💰 🚚 📦 👗 💄 ⭐ ✅ ❌"
_PER_LANGUAGE = 20_000
"""General sentences per language; small languages are repeated up to this number so that none is starved."""


def target_token(language: str) -> str:
    """The token that a source sentence begins with: `>>ar<<`."""
    return f">>{language}<<"


def _general(mix: Mixture, rng: random.Random) -> dict[str, list[str]]:
    texts: dict[str, dict[str, None]] = {language: {} for language in LANGUAGES}
    for (source, target, reverse), drawer in mix.general.items:
        if not reverse:
            for row in drawer.items:
                texts[source][row.english] = None
                texts[target][row.other] = None
    return {language: list(lines) for language, lines in texts.items()}


def sentences(mix: Mixture, seed: int, hand_written_times: int = 6) -> Iterator[str]:
    """Text the vocabulary is learnt from, languages balanced; held-out tuples are not among it."""
    rng = random.Random(seed)
    for language, lines in _general(mix, rng).items():
        if not lines:
            continue
        whole, rest = divmod(_PER_LANGUAGE, len(lines))
        for _ in range(min(whole, 4)):
            yield from lines
        yield from rng.sample(lines, rest)
        own = [entry.cells[language] for entry in mix.tuples]
        own += [value[language] for values in mix.slot_values.values() for value in values]
        for _ in range(hand_written_times):
            for text in own:
                yield slots.SLOT.sub("", text)


_KEPT = frozenset("ำຳ，！？：；（）～…％＆＋－／＝［］｛｝")
"""Characters that NFKC would change but readers of Thai, Chinese and Japanese expect to see."""


def normalisation() -> Iterator[tuple[str, str]]:
    """(text, replacement) of NFKC, leaving `_KEPT` alone, with control and invisible characters dropped."""
    for number in range(0x20, sys.maxunicode + 1):
        character = chr(number)
        category = unicodedata.category(character)
        if character in _KEPT or category in ("Cn", "Cs", "Co"):
            continue
        folded = unicodedata.normalize("NFKC", character)
        if category == "Zs" or category in ("Zl", "Zp"):
            folded = " "
        elif category == "Cc" or character in "\u200b\ufeff\u00ad\u2060":
            folded = ""
        if folded != character:
            yield character, folded
        parts = unicodedata.normalize("NFD", character)
        whole = unicodedata.normalize("NFC", character)
        if len(parts) > 1 and len(whole) == 1 and not "가" <= whole <= "힣":
            yield parts, whole
            for cut in range(2, len(parts)):
                partial = unicodedata.normalize("NFC", parts[:cut]) + parts[cut:]
                if partial not in (parts, whole) and unicodedata.normalize("NFC", partial) == whole:
                    yield partial, whole
    for control in "\t\n\r":
        yield control, " "


def _write_normalisation(path: Path) -> None:
    rules = dict(normalisation())
    lines = [" ".join(f"{ord(c):X}" for c in text) + "\t" + " ".join(f"{ord(c):X}" for c in other)
             for text, other in sorted(rules.items())]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def learn(lines: Iterator[str], folder: Path, size: int, threads: int = 2) -> Path:
    """Train the vocabulary and write `source.spm` and `vocab.json` (`<pad>` last) into `folder`; returns the spm file."""
    folder.mkdir(parents=True, exist_ok=True)
    symbols = [target_token(language) for language in (*LANGUAGES, *RESERVED_LANGUAGES)] + [*MARKS, *_EMOJI.split()]
    model = folder / "source.spm"
    rules = folder / "normalisation.tsv"
    _write_normalisation(rules)
    with model.open("wb") as sink:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=lines, model_writer=sink, model_type="unigram", vocab_size=size, byte_fallback=True,
            normalization_rule_tsv=str(rules), user_defined_symbols=symbols, character_coverage=0.9997,
            split_digits=True, pad_id=-1, bos_id=-1, eos_id=0, unk_id=1, num_threads=threads, max_sentence_length=4096,
            seed_sentencepiece_size=300_000, hard_vocab_limit=False, minloglevel=1,
        )
    processor = sentencepiece.SentencePieceProcessor(model_file=str(model))
    pieces = {processor.id_to_piece(index): index for index in range(processor.get_piece_size())}
    pieces["<pad>"] = len(pieces)
    (folder / "vocab.json").write_text(json.dumps(pieces, ensure_ascii=False, indent=0), encoding="utf-8")
    return model
