"""What of a comment speaks for a language: its text without emoji, URLs, mentions, faces and codes."""

from __future__ import annotations

import unicodedata

import regex

MAX_CHARS = 400
"""Code points looked at; a language shows long before, and a hostile text must not cost more."""

_INVISIBLE = regex.compile(r"[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Cn}]+")
_NOISE = regex.compile(
    r"(?:https?://|www\.)[^\s\u3000-\u303f\uff00-\uffef\u4e00-\u9fff]+"
    r"|\b[\w-]{2,63}\.(?:com|net|org|co|me|io|shop|store)\b(?:\.[a-z]{2}\b)?(?:/\S*)?"
    r"|[\w.+-]{1,64}@[\w-]{1,64}\.[\w.-]+|(?<!\w)[@#][\w.]+|:\w+:"
    r"|\b(?=[A-Z-]*\d)[A-Z0-9]+(?:-[A-Z0-9]+)+\b"
    r"|\p{Extended_Pictographic}+|[\p{Emoji_Modifier}\ufe0f\u20e3\p{Regional_Indicator}]+"
)
# A face in brackets has no two letters in a row; a face without them repeats its eyes.
_FACE = regex.compile(r"[(（](?:[^\p{L}()（）\n]|\p{L}(?!\p{L})){1,12}[)）]|(?<!\p{L})(\p{L})[_.‿▽ᴥ]\1(?!\p{L})|[;:=8][-o']?[DPpOo3](?!\w)")
_PLAIN = regex.compile(r"(?:[\p{L}\p{M}\p{Nd} ,!?'…]+|\.(?!\w))*+")
_WIDE = regex.compile(r"[\uff00-\uffef\u3300-\u33ff\ufb00-\ufeff]")
_LONG_RUN = regex.compile(r"(\p{L})\1{2,}")


def clean(text: str) -> str:
    """The text with everything that belongs to no language blanked out; compatibility forms (ｶﾜ, Ａ) made ordinary."""
    text = text[:MAX_CHARS]
    if _PLAIN.fullmatch(text) and not _WIDE.search(text):  # most comments: nothing to take out
        return unicodedata.normalize("NFC", text)
    text = unicodedata.normalize("NFKC", _INVISIBLE.sub(" ", text))
    return _FACE.sub(" ", _NOISE.sub(" ", text))


def squeeze(text: str) -> str:
    """Letters repeated three times or more written once: hargaaaa, hellooo."""
    return _LONG_RUN.sub(r"\1", text)
