"""What the language model learns from: text of live rooms, general sentences cut to comments, and words by how often they occur.

A label is a language (`id`) or a language of another script in Latin letters (`ar-Latn`).
"""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import accumulate
from pathlib import Path

from assistant.detect.words import rows
from assistant.models.corpus.malay import separate
from assistant.models.corpus.noise import roughen
from assistant.models.corpus.read import LANGUAGES, SLOT_FILE, read_rows, read_slots, read_tuples
from assistant.models.corpus.slots import SLOT, value
from assistant.reading import romanise
from assistant.reading.corpus import Row

LATIN = ("en", "id", "vi", "ms", "tl", "es", "pt", "de", "fr", "it", "nl", "tr", "pl", "sv", "da", "nb", "fi", "cs", "hu", "ro", "ca", "sh", "lt", "sl")
OTHERS = ("ar", "fa", "ur", "ru", "uk", "bg", "mk")
ROMANISED = ("ar-Latn", "ja-Latn", "th-Latn", "zh-Latn", "ko-Latn")
HAN = ("zh", "ja")
"""Told apart where a text is Han alone."""
LABELS = (*LATIN, *OTHERS, *ROMANISED, *HAN)
GENERAL = {"ar": "ar", "es": "es", "pt": "pt", "tl": "tl", "vi": "vi", "ko": "ko-Latn", "ja": "ja-Latn"}
FREQUENT = {"tl": "fil"}
"""Languages that the word list names otherwise."""

Example = tuple[str, str]
"""Label and text."""

_HAN_RUN = re.compile("[\u4e00-\u9fff]{2,}")


def room_text(folder: Path, rng: random.Random, copies: int = 2) -> list[Example]:
    """The live-room tuples, their slots filled, each language's text under its label; romanised where a rule can."""
    slots = read_slots(folder / SLOT_FILE)
    out: list[Example] = []
    for entry in read_tuples(folder):
        for lang in LANGUAGES:
            text = entry.cells[lang]
            if lang == "th" and not re.search("[\u0e00-\u0e7f]", text):
                continue
            for _ in range(copies):
                filled = SLOT.sub(lambda slot, lang=lang: value(slot[1], slots, rng).get(lang, ""), text)
                out.extend(_either(lang, filled, rng))
    return out


def _either(lang: str, text: str, rng: random.Random) -> Iterator[Example]:
    if lang in HAN:
        yield from ((lang, piece) for piece in _HAN_RUN.findall(text) if rng.random() < 0.5)
    elif lang in LABELS:
        yield lang, text
    if f"{lang}-Latn" in LABELS and rng.random() < 0.5:
        spelt = romanised(lang, text, rng)
        if sum(letter.isalpha() for letter in spelt) >= 4:
            yield f"{lang}-Latn", spelt


def han_text(folder: Path, traditional: Callable[[str], str], rng: random.Random, limit: int = 8_000) -> list[Example]:
    """Runs of Han from the general sentences, Chinese in both its ways of writing. [] without the folder."""
    out: list[Example] = []
    for lang in HAN if folder.is_dir() else ():
        for pair in rng.sample(read_rows(folder / f"en-{lang}.tsv"), limit):
            runs = _HAN_RUN.findall(pair.other)
            out += [(lang, _piece(run, rng)) for run in rng.sample(runs, min(2, len(runs)))]
    return out + [(lang, traditional(text)) for lang, text in out if lang == "zh" and rng.random() < 0.5]


def _piece(run: str, rng: random.Random) -> str:
    size = rng.choice((2, 3, 4, 5, 6, 8, 12))
    start = rng.randrange(max(1, len(run) - size + 1))
    return run[start : start + size]


def romanised(lang: str, text: str, rng: random.Random) -> str:
    """`text` in Latin letters, as far as rules go; "" for a language without one."""
    if lang == "ar":
        return romanise.arabizi(text, rng)
    if lang == "ko":
        return romanise.korean(text)
    if lang == "zh":
        return romanise.chinese(text, rng)
    return romanise.kana(text) if lang == "ja" else ""


def general_text(folder: Path, rng: random.Random, limit: int = 12_000) -> list[Example]:
    """Windows of one to eight words from the general sentences; Malay and Indonesian told apart first. [] without the folder."""
    out: list[Example] = []
    if not folder.is_dir():
        return out
    malay, indonesian = separate(read_rows(folder / "en-ms.tsv"), read_rows(folder / "en-id.tsv"))
    sides: dict[str, list[str]] = {"ms": [row.other for row in malay], "id": [row.other for row in indonesian], "en": []}
    for lang, label in GENERAL.items():
        pairs = read_rows(folder / f"en-{lang}.tsv")
        sides[label] = [row.other for row in pairs]
        sides["en"] += [row.english for row in pairs[:3000]]
    sides["ar-Latn"] = rng.sample(sides["ar"], 4000)
    for label, texts in sides.items():
        lang, _, latin = label.partition("-")
        texts = rng.sample(texts, min(limit, len(texts)))
        for _ in range(max(1, limit // len(texts))):
            for text in texts:
                window = _window(text, rng)
                out.append((label, romanised(lang, window, rng) if latin else window))
    return out


def _window(text: str, rng: random.Random) -> str:
    words = text.split()
    size = rng.choice((1, 2, 2, 3, 3, 4, 5, 6, 8))
    start = rng.randrange(max(1, len(words) - size + 1))
    return re.sub(r"[.,!?;:\"“”«»()]", "", " ".join(words[start : start + size])).lower()


def frequent_words(rng: random.Random, count: int = 4_000) -> list[Example]:
    """Runs of one to five words drawn by their frequency in subtitles, the web and social networks (package wordfreq)."""
    import wordfreq

    out: list[Example] = []
    for lang in (*LATIN, *OTHERS):
        name = FREQUENT.get(lang, lang)
        words = [word for word in wordfreq.top_n_list(name, 20_000) if word.isalpha()]
        frequencies = wordfreq.get_frequency_dict(name)
        weights = list(accumulate(frequencies[word] ** 0.6 for word in words))
        for _ in range(count):
            out.append((lang, " ".join(rng.choices(words, cum_weights=weights, k=rng.choice((1, 2, 3, 4, 5))))))
    return out


def marker_words(kinds: Mapping[str, str], rng: random.Random, count: int = 1_500) -> list[Example]:
    """Runs of one to four of the detector's own marker words; `kinds` tells the label of which rows, such as `th roman`."""
    lists: dict[str, list[str]] = {}
    for lang, kind, weight, items in rows("words.tsv"):
        if kind in kinds and float(weight) >= 2 and f"{lang}{kinds[kind]}" in LABELS:
            lists.setdefault(f"{lang}{kinds[kind]}", []).extend(items.split())
    return [(label, " ".join(rng.choices(words, k=rng.choice((1, 2, 3, 4))))) for label, words in lists.items() for _ in range(count)]


def labelled_text(comments: Iterable[Row], copies: int = 4) -> list[Example]:
    """The labelled comments, several times over: they are what is to be read."""
    out: list[Example] = []
    for row in comments:
        label = f"{row.lang}-Latn" if row.romanised else row.lang
        if row.lang in HAN and not row.romanised:
            out += [(row.lang, run) for run in _HAN_RUN.findall(row.text)] * 2
        elif label in LABELS:
            out += [(label, row.text)] * copies
    return out


def bare(text: str) -> str:
    """Without accents."""
    plain = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return unicodedata.normalize("NFC", "".join(letter for letter in plain if not unicodedata.combining(letter)))


def varied(examples: Sequence[Example], rng: random.Random) -> Iterator[Example]:
    """Every example once, some with typing mistakes, some without accents (a third of Vietnamese)."""
    for label, text in examples:
        if rng.random() < (0.35 if label == "vi" else 0.15) and label in LATIN:
            text = bare(text)
        yield label, roughen(text, rng)
