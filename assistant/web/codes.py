"""Language codes as LibreTranslate's clients write and read them, and the languages' English names."""

from __future__ import annotations

from collections.abc import Iterable

OUTWARD = {"zh": "zh-Hans"}
"""Ours to LibreTranslate's, where they differ."""
INWARD = {"zh-hans": "zh", "zh-cn": "zh", "zh-sg": "zh", "pb": "pt", "fil": "tl", "in": "id"}
"""What clients write (lower case) to ours."""
TRADITIONAL = frozenset({"zh-hant", "zh-tw", "zh-hk", "zh-mo", "zt"})
"""Taken as a source only: what is made is Simplified."""

NAMES = {
    "ar": "Arabic", "bg": "Bulgarian", "bn": "Bengali", "cs": "Czech", "da": "Danish", "de": "German", "el": "Greek", "en": "English",
    "es": "Spanish", "fa": "Persian", "fi": "Finnish", "fr": "French", "he": "Hebrew", "hi": "Hindi", "hu": "Hungarian",
    "id": "Indonesian", "it": "Italian", "ja": "Japanese", "km": "Khmer", "ko": "Korean", "lo": "Lao", "ms": "Malay", "my": "Burmese",
    "nl": "Dutch", "no": "Norwegian", "pl": "Polish", "pt": "Portuguese", "ro": "Romanian", "ru": "Russian", "sv": "Swedish",
    "sw": "Swahili", "ta": "Tamil", "th": "Thai", "tl": "Tagalog", "tr": "Turkish", "uk": "Ukrainian", "ur": "Urdu", "vi": "Vietnamese",
    "zh": "Chinese",
}  # fmt: skip


def outward(code: str) -> str:
    """Our code as LibreTranslate names it."""
    return OUTWARD.get(code, code)


def inward(code: str, known: Iterable[str], *, source: bool) -> str | None:
    """A client's code as ours, region and case aside; None when it is not among `known`."""
    wanted = code.strip().lower().replace("_", "-")
    ours = {lang.lower(): lang for lang in known}
    if wanted in TRADITIONAL:
        return ours.get("zh") if source else None
    for candidate in (wanted, INWARD.get(wanted, wanted), wanted.partition("-")[0]):
        if candidate in ours:
            return ours[candidate]
    return None


def name(code: str) -> str:
    """A language's English name; its code where this page does not know it."""
    return NAMES.get(code, NAMES.get(code.partition("-")[0], code))
