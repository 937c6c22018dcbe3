"""Parts plain text and HTML into what is translated and what stays as it is, letter for letter.

HTML is never rebuilt from a tree: everything that is not text keeps its own characters, so attributes, comments, scripts and
sloppy markup survive. A text node is decoded for the translator and escaped again; one that comes back unchanged, or has no
letters, keeps its entities as they were written.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser

KEPT_ELEMENTS = frozenset({"script", "style", "code", "kbd", "samp", "var", "template", "textarea", "noscript", "svg", "math"})
"""Elements whose text is no prose."""
_VOID = frozenset(["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"])
_PLACEHOLDER = re.compile(r"(\{\{.*?\}\}|\$\{[^{}]*\}|\{[\w.]*\}|%\(\w+\)[a-z]|%\d+\$[a-z]|%[sd]\b)")
_SPACE = r"(?:\s|&nbsp;?|&#160;?|&#x[aA]0;?)"
_EDGES = re.compile(rf"({_SPACE}*)(.*?)({_SPACE}*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the source: `raw` as written; `text` for the translator, "" when it stays as it is."""

    raw: str
    text: str = ""
    escaped: bool = False
    """Whether the translation must be escaped for HTML."""


def part_text(text: str) -> list[Piece]:
    """Plain text: one piece per line, since a translator would join lines; space at their ends is kept."""
    return [piece for line in re.split(r"(\r?\n)", text) for piece in _prose(line, escaped=False)]


def part_html(source: str) -> list[Piece]:
    """HTML: the text nodes, cut at placeholders such as `{{name}}` and `%s`, and everything between them. Never raises."""
    pieces: list[Piece] = []
    for raw, is_text in _stretches(source):
        if not is_text:
            pieces.append(Piece(raw))
            continue
        for index, stretch in enumerate(_PLACEHOLDER.split(raw)):
            pieces += [Piece(stretch)] if index % 2 else _prose(stretch, escaped=True)
    return pieces


def fill(pieces: Sequence[Piece], translations: Sequence[str]) -> str:
    """Put the translations of the pieces that have a `text`, in order, in their places."""
    rest = iter(translations)
    return "".join(piece.raw if not piece.text else _filled(piece, next(rest)) for piece in pieces)


def _filled(piece: Piece, translation: str) -> str:
    if translation == piece.text:
        return piece.raw
    return html.escape(translation, quote=False) if piece.escaped else translation


def _prose(raw: str, *, escaped: bool) -> list[Piece]:
    """A stretch of text without the space around it; without letters it stays whole."""
    edges = _EDGES.fullmatch(raw) if escaped else re.fullmatch(r"(\s*)(.*?)(\s*)", raw, re.DOTALL)
    assert edges is not None  # the pattern matches every string
    head, core, tail = edges.groups()
    text = html.unescape(core) if escaped else core
    if not any(character.isalpha() for character in text):
        return [Piece(raw)] if raw else []
    return [piece for piece in (Piece(head), Piece(core, text, escaped), Piece(tail)) if piece.raw]


def _stretches(source: str) -> Iterator[tuple[str, bool]]:
    """The source cut where text begins and ends: (characters, whether they are translatable text), in order."""
    marks = _Marks(source)
    begin, kind = 0, False
    for offset, is_text in marks.found:
        if is_text != kind:
            if offset > begin:
                yield source[begin:offset], kind
            begin, kind = offset, is_text
    if begin < len(source):
        yield source[begin:], kind


class _Marks(HTMLParser):
    """Notes where each construct begins and whether it is translatable text."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=False)
        self.found: list[tuple[int, bool]] = []
        self._kept: str | None = None
        """The element that is left as it is, while inside one; `_depth` counts its own kind nested in it."""
        self._depth = 0
        self._lines = [0]
        for match in re.finditer("\n", source):
            self._lines.append(match.end())
        self.feed(source)
        self.close()

    def _mark(self, is_text: bool) -> None:
        line, column = self.getpos()
        self.found.append((self._lines[line - 1] + column, is_text and self._kept is None))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._mark(False)
        if self._kept is not None:
            self._depth += tag == self._kept
        elif tag not in _VOID and (tag in KEPT_ELEMENTS or _refuses(attrs)):
            self._kept, self._depth = tag, 1

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._mark(False)

    def handle_endtag(self, tag: str) -> None:
        self._mark(False)
        if tag == self._kept:
            self._depth -= 1
            if not self._depth:
                self._kept = None

    def handle_data(self, data: str) -> None:
        self._mark(True)

    def handle_entityref(self, name: str) -> None:
        self._mark(True)

    def handle_charref(self, name: str) -> None:
        self._mark(True)

    def handle_comment(self, data: str) -> None:
        self._mark(False)

    def handle_decl(self, decl: str) -> None:
        self._mark(False)

    def handle_pi(self, data: str) -> None:
        self._mark(False)

    def unknown_decl(self, data: str) -> None:
        self._mark(False)


def _refuses(attrs: list[tuple[str, str | None]]) -> bool:
    """`translate="no"` and the class that translators agree on."""
    return any(
        (name == "translate" and (value or "").strip().lower() == "no") or (name == "class" and "notranslate" in (value or "").split())
        for name, value in attrs
    )
