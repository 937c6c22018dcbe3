"""What must never reach a model: emoji, links, bare numbers and stray control characters.

A Marian model invents a sentence for input without words ("-" becomes "No, no, no", an emoji may empty the output), so
only text with a letter in it is sent; emoji and links wait outside and come back at the end, leading mentions at the front.
"""

from __future__ import annotations

from dataclasses import dataclass

import regex

# Control characters, bidi controls and zero-width marks: a viewer's trick or a copy-and-paste accident. The joiner and
# the variation selector stay, they live inside emoji, which are taken out before.
_INVISIBLE = regex.compile(r"[\p{Cc}\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]+")
_EMOJI = regex.compile(
    r"(?:\p{Regional_Indicator}{2}|\p{Extended_Pictographic}[\p{Emoji_Modifier}\ufe0f\u20e3]*"
    r"(?:\u200d\p{Extended_Pictographic}[\p{Emoji_Modifier}\ufe0f]*)*|[\U000e0020-\U000e007f])+"
)
_KEEP_AS_TEXT = frozenset("©®™ℹ‼⁉")
_URL = r"(?:https?://|www\.)[^\s⟦⟧\u3000-\u303f\uff00-\uffef\u4e00-\u9fff]+"
_ADDRESS = r"[\w.+-]+@[\w-]+\.[\w.-]+"
_CODE = r"\b[A-Z0-9-]*\d[A-Z0-9-]*\b"
_NOT_WORDS = regex.compile(rf"{_URL}|{_ADDRESS}|@[\w.]+|#\w+|:\w+:|{_CODE}")
_KEYCAP = regex.compile(r"([0-9#*])\ufe0f?\u20e3")
_LINK = regex.compile(rf"{_URL}|{_ADDRESS}")
_MENTION = regex.compile(r"\s*@[\w.]+")
_LETTER = regex.compile(r"\p{L}")
_FACE = regex.compile(r"[(（][^\p{L}\s()（）]{1,3}[\p{L}_.]?[^\p{L}\s()（）]{0,3}[)）]|\b[xX][dD]+\b|[;:=][-o']?[)(dDpP3]")
_SPACE = regex.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Gated:
    """A text parted for the model: `head` and `tail` stand around whatever becomes of `core`."""

    head: str
    core: str
    """Empty when there is nothing to translate."""
    tail: str


def gate(text: str) -> Gated:
    """Part a text into what a model may see and what goes round it; `core` is "" when no word is left."""
    emoji: list[str] = []
    links: list[str] = []

    def take(match: regex.Match[str]) -> str:
        if match[0] in _KEEP_AS_TEXT:
            return match[0]
        emoji.append(match[0])
        return " "

    def keep(match: regex.Match[str]) -> str:
        links.append(match[0])
        return " "

    clean = _INVISIBLE.sub(" ", _EMOJI.sub(take, _KEYCAP.sub(r"\1", text)))
    if not words(clean):
        return Gated(text, "", "")
    core = _SPACE.sub(" ", _LINK.sub(keep, clean)).strip()
    head = ""
    while match := _MENTION.match(core):
        head += match[0].strip() + " "
        core = core[match.end() :].strip()
    tail = [*links, *(["".join(emoji)] if emoji else [])]
    return Gated(head, core, "".join(f" {piece}" for piece in tail))


def words(text: str) -> bool:
    """Whether a letter is left once URLs, addresses, mentions, hashtags, shortcodes and faces are gone."""
    return bool(_LETTER.search(_FACE.sub(" ", _NOT_WORDS.sub(" ", text))))
