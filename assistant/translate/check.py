"""What must never leave a model: empty text, loops, the wrong script, absurd length, the source copied.

Each rule answers a failure that users of Marian models report; a bad output is decoded once more with guards, and if that
fails too the viewer gets the original with a flag that says why.
"""

from __future__ import annotations

import regex

from assistant.events import Flag
from assistant.translate.request import Decoded

_SCRIPT = {
    "zh": regex.compile(r"\p{Han}"),
    "ja": regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}ー]"),
    "ko": regex.compile(r"\p{Hangul}"),
    "ar": regex.compile(r"\p{Arabic}"),
    "th": regex.compile(r"\p{Thai}"),
    "ru": regex.compile(r"\p{Cyrillic}"),
}
_LATIN = regex.compile(r"\p{Latin}")
_LETTER = regex.compile(r"\p{L}")
_KANA = regex.compile(r"[\p{Hiragana}\p{Katakana}]")
_LATIN_WORD = regex.compile(r"\p{Latin}[\p{Latin}\p{N}'-]*")
_BARE = regex.compile(r"[\P{L}]+")
# One unit of up to 24 characters, three times or more in a row: more than speech repeats itself on purpose.
_LOOP = regex.compile(r"(.{1,24}?)(?:[\s,，、。.!！]*\1){3,}", regex.DOTALL)
# How many characters a Latin letter's worth of text takes in each script.
_DENSE = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}]")
_LAUGHTER = frozenset("5哈呵嘿笑啊wWhHaAه٥ㅋㅎ草😂")
_ALIKE = frozenset({"id", "ms"})


def fault(source: str, source_lang: str, target_lang: str, output: Decoded) -> Flag | None:
    """The first thing wrong with a model's output, as the flag it earns; None when it may be shown."""
    text = output.text.strip()
    if not _LETTER.search(text):
        return "untranslated"
    if loops(text) and not loops(source):
        return "repetition_cut"
    if wrong_script(text, target_lang, source):
        return "wrong_script"
    if weight(text) > 4 * weight(source) + 30:
        return "truncated" if output.cut else "repetition_cut"
    if output.cut:
        return "truncated"
    if copied(source, text) and {source_lang, target_lang} != _ALIKE:
        return "copied"
    return None


def loops(text: str) -> bool:
    """Whether a unit stands four times or more in a row, at length; laughter (`555`, `هههه`, 哈哈哈) does not count."""
    for match in _LOOP.finditer(text[:600]):
        unit = match[1].strip()
        if len(unit) == 1 and len(match[0]) > 5 and unit not in _LAUGHTER and not unit.isdigit():  # 1000000 is a price
            return True
        if len(match[0]) * 3 > len(text) and (len(unit) > 3 or len(match[0]) > 14):
            return True
    return False


def wrong_script(text: str, lang: str, source: str = "") -> bool:
    """Whether the letters are mostly not those of the language, or some are of a script it never mixes in.

    Latin words that stand in the source (brands) do not count.
    """
    kept = {word.casefold() for word in _LATIN_WORD.findall(source)}
    own = _SCRIPT.get(lang, _LATIN)
    if own is not _LATIN and kept:
        text = _LATIN_WORD.sub(lambda match: "" if match[0].casefold() in kept else match[0], text)
    letters = len(_LETTER.findall(text))
    if not letters:
        return False
    if lang == "zh" and len(_KANA.findall(text)) * 5 > letters:
        return True
    mine = len(own.findall(text))
    foreign = letters - mine - (0 if own is _LATIN else len(_LATIN.findall(text))) - (len(_DENSE.findall(text)) if lang in ("zh", "ja", "ko") else 0)
    return mine * 2 < letters or foreign > 1


def copied(source: str, output: str) -> bool:
    """Whether a model gave back what it got, of two words or more."""
    bare = _BARE.sub("", source).casefold()
    return len(bare) > 3 and bare == _BARE.sub("", output).casefold()


def weight(text: str) -> int:
    """A length that compares across scripts: a Han, kana or Hangul character weighs three Latin letters."""
    return len(text) + 2 * len(_DENSE.findall(text))
