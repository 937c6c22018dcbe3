"""The formats by name: how each is told, read and written, and what it takes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from assistant.errors import InputFileError
from assistant.glossary.exchange import tables, xml
from assistant.glossary.exchange.units import Imported, Unit
from assistant.glossary.read import Problem

READ = ("deepl", "google", "google-sets", "aws", "tmx", "tbx")
_HEADED = {"auto": None, "deepl": False, "google": False, "google-sets": True, "aws": True}

_PAIRS: dict[str, Callable[[Sequence[Unit], str, str], bytes]] = {
    "deepl": tables.deepl,
    "deepl-tsv": tables.tabbed,
    "google": tables.two_columns,
    "google-tsv": tables.tabbed,
}
_SETS: dict[str, Callable[[Sequence[Unit], Sequence[str]], bytes]] = {"google-sets": tables.sets, "aws": tables.sets, "tmx": xml.tmx, "tbx": xml.tbx}
WRITE = (*_PAIRS, *_SETS)
_MOST_BYTES = {"aws": 200, "deepl": 1024, "deepl-tsv": 1024, "google": 1024, "google-tsv": 1024, "google-sets": 1024}
"""UTF-8 bytes the service takes of one term."""


def read(content: bytes, name: str, kind: str, pair: tuple[str, str] | None) -> Imported:
    """The entries of a file of a format (`auto`: by its name and first bytes). Raises `InputFileError`, `MissingExtra`."""
    if kind not in (*READ, "auto"):
        raise InputFileError(name, 0, f"no format {kind}; there are auto, {', '.join(READ)}")
    if kind == "auto":
        kind = _guess(content, name)
    if kind == "tmx":
        return xml.read_tmx(content, name)
    return xml.read_tbx(content, name) if kind == "tbx" else tables.read_table(content, name, pair, _HEADED[kind])


def write(units: Sequence[Unit], languages: Sequence[str], kind: str) -> tuple[bytes, list[Problem]]:
    """A file of a format and what it can't hold; the first language is the source. Raises `InputFileError`, `MissingExtra`."""
    if kind not in WRITE:
        raise InputFileError(kind, 0, f"is no format; there are {', '.join(WRITE)}")
    most, left_out, kept, known = _MOST_BYTES.get(kind), list[Problem](), list[Unit](), set[str]()
    for unit in units:
        source = unit.cells[languages[0]]
        if most and any(len(cell.encode()) > most for cell in unit.cells.values()):
            left_out.append(Problem(unit.line, f"{source!r} is left out: longer than the {most} bytes that {kind} takes"))
        elif kind in _PAIRS and source in known:
            left_out.append(Problem(unit.line, f"{source!r} is left out: it stands twice, which {kind} does not take"))
        else:
            known.add(source)
            kept.append(unit)
    if kind in _SETS:
        return _SETS[kind](kept, languages), left_out
    if len(languages) != 2:
        raise InputFileError(kind, 0, "holds one direction: give one --to")
    return _PAIRS[kind](kept, languages[0], languages[1]), left_out


def _guess(content: bytes, name: str) -> str:
    start = content[:2_000].lower()
    if b"<tmx" in start or name.lower().endswith(".tmx"):
        return "tmx"
    return "tbx" if b"<martif" in start or b"<tbx" in start or name.lower().endswith(".tbx") else "auto"
