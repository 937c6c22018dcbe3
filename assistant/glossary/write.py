"""Writes terms as a glossary file: what `read` reads, in the columns a file has and those its terms need."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from assistant.glossary.read import OPTIONAL
from assistant.protect.terms import Term


def write_glossary(columns: Sequence[str], terms: Sequence[Term]) -> bytes:
    """The file's content. `columns` go first in their order; languages and optional columns that terms need are added.

    Line N + 2 is the Nth term's. Reading it gives equal terms, `origin` aside.
    """
    languages = [name for name in columns if name not in OPTIONAL]
    languages += dict.fromkeys(lang for term in terms for lang in term.cells if lang not in languages)
    needed = {name for term in terms for name, cell in _optional(term).items() if cell}
    others = [name for name in columns if name in OPTIONAL] + [name for name in OPTIONAL if name in needed and name not in columns]
    return table([[*languages, *others], *(_cells(term, languages, others) for term in terms)])


def table(rows: Iterable[Sequence[str]], *, quoted: bool = False) -> bytes:
    """Rows as comma-separated UTF-8; `quoted` puts every cell in quotes."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL).writerows(rows)
    return text.getvalue().encode()


def _cells(term: Term, languages: Sequence[str], others: Sequence[str]) -> list[str]:
    optional = _optional(term)
    return [*(term.cells.get(lang, "") for lang in languages), *(optional[name] for name in others)]


def _optional(term: Term) -> dict[str, str]:
    return {
        "sku": term.sku,
        "category": term.category,
        "note": term.note,
        "match": "" if term.match == "word" else term.match,
        "avoid": " | ".join(f"{lang}:{word}" for lang, words in term.avoid.items() for word in words),
        "heard": "|".join(term.heard),
    }
