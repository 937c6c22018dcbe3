"""After the model: what `protect` took out is put back as the target language writes it, and what must not stand there goes.

    fill      marks → words, with the spaces, articles and clitics that the language wants round them
    without   an avoided or doubled word is taken out
    punctuated  stops as the language writes them, for a text without words
    swap      an avoided word gives way to the right one
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import regex

MARK = regex.compile(r"⟦\d{1,4}⟧")
_UNSPACED = frozenset({"zh", "ja", "th"})
_NO_SPACE = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}ー々]")
_ALNUM = regex.compile(r"[\p{L}\p{N}\p{M}_]")
_TAIL = regex.compile(r"[\p{L}\p{M}ـ']+$")
_HEAD = regex.compile(r"[\p{L}\p{M}']+")
_LONE = "اأإآوءدذرزى"
"""Arabic letters that no stroke ties to the next."""
_ARABIC = regex.compile(r"\p{Arabic}")
_STOP = regex.compile(r"[，。！？；：、،؟؛]|(?<=\S)[,.!?;:](?=\s|$)")
_PLAIN = {"，": ", ", "。": ".", "！": "!", "？": "?", "；": "; ", "：": ": ", "、": ", ", "،": ", ", "؟": "?", "؛": "; "}
_WIDE = {",": "，", ".": "。", "!": "！", "?": "？", ";": "；", ":": "：", "،": "，", "؟": "？", "؛": "；"}
_ARAB = {",": "،", "?": "؟", ";": "؛"}
_SPACES = regex.compile(r"[ \t]{2,}")
_BEFORE_STOP = regex.compile(r" +(?=[,.!?;:،؟؛，。！？、；：])")
_STOPS = regex.compile(r"([,،，、])(?:\s*[,،，、])+")
_ENDS = frozenset(",.!?;:،؟؛")
_OPEN = frozenset({"", " ", "\u3000", "\n", "(", "（", "[", "「", "\"", "“"})
_LEADING = regex.compile(r"^[\s,،，、;；:：]+")


@dataclass(frozen=True, slots=True)
class Fill:
    """What stands for one mark."""

    text: str
    before: frozenset[str] = frozenset()
    after: frozenset[str] = frozenset()
    """Clitics and affixes that may touch it, as the language writes them."""
    apart: bool = False
    """No letter may touch it in any language, else it would be read as longer (@name, #word)."""


@dataclass(frozen=True, slots=True)
class Filled:
    """A restored sentence."""

    text: str
    spans: Mapping[str, tuple[int, int]]
    """Where the words of each mark stand (code points, end exclusive)."""


def fill(text: str, fills: Mapping[str, Fill], lang: str) -> Filled:
    """Put the words in for every mark of `text` (a sentence in `lang`) that `fills` has; other marks go.

    A filled word stands letter for letter. Round it: a space between words in languages that write them, none in those that
    don't; an affix of its own may touch it; a unit or an article that the model said beside the one in it goes.
    """
    out, spans, at, last = "", dict[str, tuple[int, int]](), 0, Fill("")
    while match := MARK.search(text, at):
        piece = text[at : match.start()]
        at = match.end()
        item = fills.get(match[0])
        if item is None or match[0] in spans:
            out += piece
            continue
        piece = piece if last.apart else _trim(piece, spans, out, lang)
        out = _left(out + piece, item, lang, fixed_to=max((end for _, end in spans.values()), default=0))
        spans[match[0]] = (len(out), len(out) + len(item.text))
        out += item.text
        last = item
        text = text[:at] + _right(item, text[at:], lang)
    out += text[at:] if last.apart else _trim(text[at:], spans, out, lang)
    return Filled(out, spans)


def without(text: str, start: int, end: int, lang: str) -> str:
    """A sentence less a stretch, with the spaces and commas round it put right."""
    left, right = text[:start], text[end:]
    gap = " " if left[-1:].isspace() or right[:1].isspace() or (_word(left[-1:]) and _word(right[:1])) else ""
    joined = _STOPS.sub(r"\1", _BEFORE_STOP.sub("", _SPACES.sub(" ", left.rstrip() + gap + right.lstrip())))
    return _LEADING.sub("", joined).strip()


def swap(text: str, start: int, end: int, words: str, lang: str) -> str:
    """A sentence with other words for a stretch, spaced as the language writes."""
    mark = "⟦0⟧"
    return fill(text[:start] + mark + text[end:], {mark: Fill(words)}, lang).text


def punctuated(text: str, lang: str) -> str:
    """A text without words, as a language punctuates: what is not sent to a model."""
    if lang in ("zh", "ja"):
        return _STOP.sub(lambda match: _WIDE.get(match[0], match[0]), text)
    plain = _STOP.sub(lambda match: _PLAIN.get(match[0], match[0]), text).rstrip()
    return _STOP.sub(lambda match: _ARAB.get(match[0], match[0]), plain) if lang == "ar" else plain


def _trim(piece: str, spans: Mapping[str, tuple[int, int]], out: str, lang: str) -> str:
    """What follows a filled word, without a space that the language does not write."""
    ended = spans and max(end for _, end in spans.values()) == len(out)
    if ended and lang in _UNSPACED and piece[:1] == " " and not (_word(out[-1:]) and _word(piece.lstrip()[:1])):
        keeps = lang == "th" and not _NO_SPACE.match(out[-1:])  # Thai sets foreign words and numbers off
        return piece if keeps else piece.lstrip()
    return piece


def _left(text: str, item: Fill, lang: str, fixed_to: int) -> str:
    """What stands before a word, made ready for it; nothing before `fixed_to` is touched."""
    first = item.text[:1]
    if item.apart:
        return text + " " if text[-1:] not in _OPEN else text
    if text.endswith(" ") and lang in _UNSPACED and len(text) > fixed_to:
        bare = text.rstrip(" ")
        if len(bare) >= fixed_to and not (_word(bare[-1:]) and _word(first)) and not (lang == "th" and not _NO_SPACE.match(first)):
            text = bare
    if lang not in _UNSPACED and text[-1:] in _ENDS and _word(first) and not text[-2:-1].isdigit():
        return text + " "
    tail = _TAIL.search(text, max(0, fixed_to))
    if tail is None or not _ALNUM.match(first):
        return text + " " if _word(text[-1:]) and _word(first) else text
    form = tail[0].rstrip("ـ")
    if lang == "ar" and form in item.before:
        if item.text.startswith("ال") and form.endswith("ال"):
            return text[: tail.start()] + form[:-2]
        return text[: tail.start()] + form + ("" if _ARABIC.match(first) or form[-1] in _LONE else "ـ")
    if form.casefold() in item.before and _word(text[-1:]):
        return text
    return text + " " if _word(text[-1:]) and _word(first) else text


def _right(item: Fill, rest: str, lang: str) -> str:
    """What follows a word, made ready for it."""
    last = item.text[-1:]
    if item.apart and (_ALNUM.match(rest[:1]) or MARK.match(rest)):
        return " " + rest
    head = _HEAD.match(rest)
    if head and _word(last) and _word(rest[:1]):
        return rest if head[0].casefold() in item.after else " " + rest
    if rest[:1] and _word(last) and _word(rest[:1]):
        return " " + rest
    unit = item.text.rsplit(" ", 1)[-1] if " " in item.text and item.text[:1].isdigit() else ""
    bare = rest.lstrip()
    if unit.isalpha() and bare.casefold().startswith(unit.casefold()) and not _word(bare[len(unit) : len(unit) + 1]):
        rest = bare[len(unit) :]
    if (stop := _BEFORE_STOP.match(rest)) and lang != "fr":
        return rest[stop.end() :]
    nxt = MARK.match(rest)
    return " " + rest if nxt and lang not in _UNSPACED else rest


def _word(char: str) -> bool:
    """Whether a character is of a word that stands between spaces."""
    return bool(char) and bool(_ALNUM.match(char)) and not _NO_SPACE.match(char)
