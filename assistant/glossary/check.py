"""Every fault of a glossary, with its line: what could put a wrong word on the screen, or would never do anything.

Rules (each a sentence `liveroom glossary check` prints):
- A term stands once. The column the file is kept by (the first) and English are what hosts speak: two rows with the same
  term there and different translations contradict each other. In the other columns several rows may share a word, since
  many words of a host may have one translation; a viewer's word comes back as that of the first such row.
- One character of Han, kana, Thai or Hangul, or one letter, would match inside other words.
- No row's term may hold what another row of the file (or itself) says to avoid in that language.
- A cell is written in its language's script. Latin is taken anywhere for brands and codes, if it isn't a plain word.
- A mishearing must not be a term itself, nor be claimed by two terms.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from unicodedata import normalize

import regex
from ahocorasick_rs import AhoCorasick

from assistant.detect.scripts import letters
from assistant.errors import InputFileError
from assistant.glossary.languages import scripts
from assistant.glossary.read import MAX_BYTES, Problem, Row, Sheet, parse

_HOSTS = frozenset({"en"})
"""Languages hosts speak beside the one the file is kept by."""
_DENSE = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Thai}\p{Lao}\p{Khmer}]")
_WORDLIKE = regex.compile(r"[\p{L}\p{N}]")
_WORDS = regex.compile(r"[\p{L}\p{N}\p{M}]+")
_PLAIN_WORD = regex.compile(r"\b\p{Ll}{4,}\b")
_LATIN_OK = frozenset({"Latin", "Greek"})
"""`α-arbutin` is written so everywhere."""
MOST_HITS = 100_000
"""Avoided words found in cells; a file with more was made to keep the checker busy, and enough is told of it."""


def check_file(path: Path) -> list[Problem]:
    """A file's problems, by line. Raises `InputFileError` when it can't be opened."""
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise InputFileError(str(path), 0, error.strerror or str(error)) from None
    return check(parse(content, path.name))


def check(sheet: Sheet) -> list[Problem]:
    """What reading found and what the rules above find, by line."""
    found = [*sheet.problems, *_repeated(sheet), *_single(sheet.rows), *_avoided(sheet.rows), *_scripts(sheet.rows), *_heard(sheet)]
    return sorted(found, key=lambda problem: problem.line)


def fold(text: str) -> str:
    """A cell as it is compared: width, case and spacing aside."""
    return " ".join((text if text.isascii() else normalize("NFKC", text)).casefold().split())


def _key(row: Row, lang: str) -> str:
    cell = row.term.cells.get(lang, "")
    return cell if row.term.match == "exact" else fold(cell)


def _repeated(sheet: Sheet) -> Iterator[Problem]:
    """Duplicates and conflicts."""
    known: dict[tuple[tuple[str, str], ...], int] = {}
    kept: list[Row] = []
    for row in sheet.rows:
        cells = tuple((lang, _key(row, lang)) for lang in sheet.languages)
        if (first := known.setdefault(cells, row.line)) != row.line:
            yield Problem(row.line, f"is a duplicate of line {first}")
        else:
            kept.append(row)
    told: set[tuple[int, int]] = set()
    for source in sheet.languages:
        if source != sheet.languages[0] and source not in _HOSTS:
            continue
        others = [lang for lang in sheet.languages if lang not in (source, sheet.languages[0])]
        rows: dict[tuple[str, str], dict[str, tuple[str, int]]] = {}
        for row in kept:
            if not (term := _key(row, source)):
                continue
            targets = rows.setdefault((row.term.match, term), {})
            for lang in others:
                if not (cell := row.term.cells.get(lang, "")):
                    continue
                first, line = targets.setdefault(lang, (cell, row.line))
                if first != cell and (row.line, line) not in told:
                    told.add((row.line, line))
                    yield Problem(row.line, f"conflict: {source} {row.term.cells[source]!r} is {lang} {cell!r} here and {first!r} on line {line}")


def _single(rows: Sequence[Row]) -> Iterator[Problem]:
    """Rows that do nothing, and terms too short to be matched safely."""
    for row in rows:
        term = row.term
        if len(term.cells) == 1 and not term.heard:
            yield Problem(row.line, "has one language only, so there is nothing to translate it to")
        for lang, cell in term.cells.items():
            if too_short(cell):
                yield Problem(row.line, f"{lang} {cell!r} is too short to be safe: it would match inside other words")
        for word in term.heard:
            if too_short(word):
                yield Problem(row.line, f"heard {word!r} is too short to be safe: it would match inside other words")


def too_short(text: str) -> bool:
    """Whether a term is a single character that other words contain, or holds nothing that is ever typed as a word."""
    if len(text) > 1 and text[:2].isalpha():  # nearly all
        return False
    typed = _WORDLIKE.findall(text)
    return not typed or (len(typed) == 1 and (len(text) == 1 or _DENSE.match(typed[0]) is not None))


def _avoided(rows: Sequence[Row]) -> Iterator[Problem]:
    """Terms that hold what a row says to avoid: enforcing one would break the other."""
    budget = MOST_HITS
    for lang in sorted({lang for row in rows for lang in row.term.avoid}):
        words = {key: (word, row.line) for row in reversed(rows) for word in row.term.avoid.get(lang, ()) if (key := _bounded(word)).strip()}
        matcher, found = AhoCorasick(list(words)), list(words.values())
        for row in rows:
            if not (cell := row.term.cells.get(lang)):
                continue
            hits = matcher.find_matches_as_indexes(_spaced(cell), overlapping=True)
            if hits:
                word, line = found[hits[0][0]]
                yield Problem(row.line, f"{lang} {cell!r} contains {word!r}, which line {line} says to avoid")
            budget -= len(hits)
            if budget < 0:
                return


def _spaced(text: str) -> str:
    """A cell with every word between spaces."""
    return f" {' '.join(_WORDS.findall(fold(text)))} "


def _bounded(word: str) -> str:
    """What an avoided word is looked for as: a whole word where the script has spaces."""
    spaced = _spaced(word)
    return spaced.strip() if _DENSE.search(spaced) else spaced


def _scripts(rows: Sequence[Row]) -> Iterator[Problem]:
    """Cells in a script their language isn't written in: mostly a cell in the wrong column."""
    known = scripts()
    plain = {lang: _only(own) for lang, own in known.items()}
    for row in rows:
        for lang, cell in row.term.cells.items():
            own = known.get(lang)
            if own is None or plain[lang].fullmatch(cell):
                continue
            found = letters(cell).keys() - _LATIN_OK
            if foreign := sorted(found - own):
                yield Problem(row.line, f"{lang} {cell!r} is written in {' and '.join(foreign)}, not in {' or '.join(sorted(own))}")
            elif "Latin" not in own and not found and _PLAIN_WORD.search(cell) and list(row.term.cells.values()).count(cell) == 1:
                yield Problem(row.line, f"{lang} {cell!r} is in Latin letters; to keep a word as it is, the cell of another language must be the same")


def _only(own: Iterable[str]) -> regex.Pattern[str]:
    """Matches what is written in some scripts alone, as nearly every cell is."""
    classes = (rf"\p{{{name}}}" for script in own for name in (("Hiragana", "Katakana") if script == "Kana" else (script,)))
    return regex.compile(rf"[{''.join(classes)}\p{{Common}}\p{{Inherited}}]*")


def _heard(sheet: Sheet) -> Iterator[Problem]:
    """Mishearings that would spoil a right word."""
    if not sheet.languages:
        return
    host = sheet.languages[0]
    terms = {fold(row.term.cells[host]): row.line for row in sheet.rows if host in row.term.cells}
    claimed: dict[str, int] = {}
    for row in sheet.rows:
        for word in row.term.heard:
            key = fold(word)
            if (line := terms.get(key)) is not None:
                yield Problem(row.line, f"heard {word!r} is the term of line {line}: a right word would be changed")
            elif (first := claimed.setdefault(key, row.line)) != row.line:
                yield Problem(row.line, f"heard {word!r} also stands on line {first}: it can be corrected to one term only")
