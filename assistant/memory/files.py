"""Memory files: the TSV `source_lang target_lang source target`, and TMX by `tmx`. Faults name file and line.

The TSV is also what `liveroom models train --pairs` takes. A cell holds no tab and no line break; one written here has spaces for
them. Lines that begin with `#` before the header are comments.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import regex

from assistant.errors import InputFileError
from assistant.events import MAX_TEXT
from assistant.memory.store import LIMIT, Entry, Memory
from assistant.memory.tmx import read_tmx

HEADER = ("source_lang", "target_lang", "source", "target")
SUFFIXES = (".tsv", ".tmx")
MAX_BYTES = 256 * 2**20
"""Size of a file that is read."""

_LANG = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*")
_FORBIDDEN = regex.compile(r"[\p{Cc}\u200b\u202a-\u202e\u2066-\u2069\ue000\ue001]")
_LETTER = regex.compile(r"\p{L}")


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong in a file, and where."""

    file: str
    line: int
    """1-based; 0 for the whole file."""
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}" if self.line else f"{self.file}: {self.message}"


def read_entries(path: Path) -> list[tuple[int, Entry]]:
    """The sentence pairs of a `.tsv` or `.tmx` file with their lines; raises `InputFileError` for what is no such file."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise InputFileError(str(path), 0, f"is larger than {MAX_BYTES // 2**20} MB")
        if path.suffix.lower() == ".tmx":
            return list(read_tmx(path))
        if path.suffix.lower() == ".tsv":
            return list(_read_tsv(path))
    except OSError as error:
        raise InputFileError(str(path), 0, str(error)) from None
    raise InputFileError(str(path), 0, f"is neither {' nor '.join(SUFFIXES)}")


def check_entries(path: Path, entries: Iterable[tuple[int, Entry]]) -> Iterator[Problem]:
    """What is wrong with single pairs, in the order of the file: such a pair is left out of the memory."""
    seen: dict[tuple[str, str, str], tuple[int, str]] = {}
    for line, entry in entries:
        if fault := _fault(entry):
            yield Problem(str(path), line, fault)
            continue
        key = (entry.source_lang, entry.target_lang, entry.source)
        first = seen.setdefault(key, (line, entry.target))
        if first[0] != line:
            same = "repeats" if first[1] == entry.target else "has another translation than"
            yield Problem(str(path), line, f"{same} line {first[0]}: {_short(entry.source)}")


def usable(entries: Iterable[tuple[int, Entry]]) -> list[Entry]:
    """The pairs without a fault; of several for one text the last."""
    return list({(entry.source_lang, entry.target_lang, entry.source): entry for _, entry in entries if not _fault(entry)}.values())


def load(memory: Memory, folder: Path, going_on: Callable[[], bool] = lambda: True) -> list[Problem]:
    """Add every file of a folder, in the order of their names, as long as `going_on`; returns what could not be read.

    A folder that is not there is empty. May run in a thread beside lookups.
    """
    problems: list[Problem] = []
    for path in sorted(folder.glob("*")) if folder.is_dir() else []:
        if path.suffix.lower() not in SUFFIXES:
            continue
        try:
            for entry in usable(read_entries(path)):
                if not going_on():
                    return problems
                memory.add(entry.source_lang, entry.target_lang, entry.source, entry.target, entry.origin)
        except InputFileError as error:
            problems.append(Problem(error.file, error.line, str(error).partition(": ")[2]))
    return problems


def write_tsv(path: Path, entries: Iterable[Entry]) -> int:
    """Write pairs, in place of a file that is there only once all is written; returns how many. Raises `InputFileError`."""
    lines = list(tsv(entries))
    draft = path.with_name(path.name + ".new")
    try:
        draft.write_text("\n".join([*lines, ""]), encoding="utf-8", newline="\n")
        draft.replace(path)
    except OSError as error:
        raise InputFileError(str(path), 0, str(error)) from None
    return len(lines) - 1


def tsv(entries: Iterable[Entry]) -> Iterator[str]:
    """The lines of a TSV file, header first."""
    yield "\t".join(HEADER)
    for entry in entries:
        yield "\t".join(" ".join(cell.split()) for cell in (entry.source_lang, entry.target_lang, entry.source, entry.target))


def _read_tsv(path: Path) -> Iterator[tuple[int, Entry]]:
    headed, count = False, 0
    with path.open("rb") as file:
        for number, raw in enumerate(file, 1):
            try:
                line = raw.decode("utf-8-sig" if number == 1 else "utf-8").rstrip("\r\n")
            except UnicodeDecodeError:
                raise InputFileError(str(path), number, "is no UTF-8") from None
            if not line.strip() or (not headed and line.startswith("#")):
                continue
            cells = [cell.strip() for cell in line.split("\t")]
            if not headed:
                if tuple(cells) != HEADER:
                    raise InputFileError(str(path), number, f"must be the header {' '.join(HEADER)}, separated by tabs")
                headed = True
                continue
            if len(cells) != len(HEADER):
                raise InputFileError(str(path), number, f"has {len(cells)} cells, expected {len(HEADER)}")
            count += 1
            if count > LIMIT:
                raise InputFileError(str(path), number, f"holds more than {LIMIT} pairs")
            yield number, Entry(*cells, origin=f"{path.name}:{number}")
    if not headed:
        raise InputFileError(str(path), 0, f"has no header {' '.join(HEADER)}, separated by tabs")


def _fault(entry: Entry) -> str:
    """What keeps a pair out of the memory, "" for nothing."""
    for name, lang in (("source_lang", entry.source_lang), ("target_lang", entry.target_lang)):
        if not _LANG.fullmatch(lang):
            return f"{name} {_short(lang)} is no language code"
    for name, text in (("source", entry.source), ("target", entry.target)):
        if not text:
            return f"{name} is empty"
        if len(text) > MAX_TEXT:
            return f"{name} has more than {MAX_TEXT} characters"
        if hidden := _FORBIDDEN.search(text):
            return f"{name} holds the invisible character U+{ord(hidden[0]):04X}"
    if not _LETTER.search(entry.source):
        return "source has no word"
    return "both languages are the same" if entry.source_lang == entry.target_lang else ""


def _short(text: str) -> str:
    return ascii(text)[1:-1] if not text.isprintable() else text if len(text) <= 40 else text[:40] + "…"
