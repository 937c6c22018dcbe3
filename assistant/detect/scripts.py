"""Which writing systems a text mixes, and which of them decides its language."""

from __future__ import annotations

from collections.abc import Mapping

import regex

# Letters a language needs for the same content differ; a Han character stands for about half a word.
WEIGHTS: Mapping[str, float] = {"Latin": 1, "Han": 2.5, "Hangul": 2, "Kana": 1.5, "Thai": 1, "Arabic": 1.2}

DECIDING_SHARE = 0.2
"""Brands and shop words are Latin in every room, so a fifth of another script's letters outweighs them."""

NAME = 0.5
"""What a letter of a capitalised Latin word counts: it may well be a brand."""

_NAMED = (
    "Latin", "Han", "Hangul", "Thai", "Arabic", "Cyrillic", "Greek", "Hebrew",
    "Devanagari", "Bengali", "Gurmukhi", "Gujarati", "Tamil", "Telugu", "Kannada", "Malayalam",
    "Sinhala", "Lao", "Myanmar", "Khmer", "Georgian", "Armenian", "Ethiopic", "Tibetan",
)  # fmt: skip
_RUNS = regex.compile(
    r"(?P<Kana>[\p{Hiragana}\p{Katakana}ー]+)|" + "|".join(rf"(?P<{name}>[\p{{{name}}}&&\p{{L}}]+)" for name in _NAMED),
    regex.V1,
)
_SMALL_CHINESE_NO = frozenset("のノ")


def letters(text: str) -> dict[str, float]:
    """How many letters of each script the text has; only scripts that occur. Kana counts both syllabaries.

    A lone の between Han is decoration in Chinese shop names and is not counted as kana.
    """
    found: dict[str, float] = {}
    decoration = 0
    for run in _RUNS.finditer(text):
        script = run.lastgroup or ""
        word = run[0]
        if word in _SMALL_CHINESE_NO or word == "ー":
            decoration += 1
            continue
        found[script] = found.get(script, 0) + len(word) * (NAME if script == "Latin" and word[0].isupper() else 1)
    if decoration and "Kana" not in found and not found.get("Han", 0) >= 2:
        found["Kana"] = decoration
    return found


def deciding(found: Mapping[str, float]) -> tuple[str, float]:
    """The script that decides and its share (0..1] of the text's weight. `found` must not be empty."""
    mass = {script: count * WEIGHTS.get(script, 1) for script, count in found.items()}
    total = sum(mass.values())
    if "Kana" in mass:  # Japanese mixes kana with Han; any kana tells which language the Han are
        mass["Kana"] += mass.pop("Han", 0)
    others = {script: weight for script, weight in mass.items() if script != "Latin"}
    if others:
        script = max(others, key=others.__getitem__)
        if others[script] >= DECIDING_SHARE * total:
            return script, others[script] / total
    script = max(mass, key=mass.__getitem__)
    return script, mass[script] / total
