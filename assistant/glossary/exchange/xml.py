"""TMX 1.4 and TBX (Basic, of 2008 and of 2019) in and out, through translate-toolkit.

The toolkit is under the GPL and pulls in lxml, so it is an extra (`[tmx]`) and is imported only here and only when asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from assistant.errors import InputFileError, MissingExtra
from assistant.glossary.exchange.units import Imported, Unit
from assistant.glossary.languages import column
from assistant.glossary.read import Problem

EXTRA = 'pip install "liveroom-assistant[tmx]"'
_NEWER = {"tbx": "martif", "tbxHeader": "martifHeader", "conceptEntry": "termEntry", "langSec": "langSet", "termSec": "tig", "ntig": "tig"}
"""Elements of TBX 2019 (and of nested terms) as the toolkit, which reads that of 2008, names them."""


def read_tmx(content: bytes, name: str) -> Imported:
    """The units of a translation memory. Raises `InputFileError`, `MissingExtra`."""
    try:
        from translate.storage.tmx import tmxfile
    except ImportError:
        raise MissingExtra("What reads TMX", EXTRA) from None
    store = _opened(lambda: tmxfile.parsestring(content), name, "TMX")
    units: list[Unit] = []
    problems: list[Problem] = []
    for number, unit in enumerate(store.units, 1):
        cells: dict[str, str] = {}
        for node in unit.getlanguageNodes():
            _take(cells, _language(node), unit.getNodeText(node, "default"), number, problems)
        _keep(units, Unit(number, cells, " ".join(unit.getnotes().split())), problems)
    return Imported(units, problems)


def read_tbx(content: bytes, name: str) -> Imported:
    """The entries of a termbase; deprecated terms become words to avoid. Raises `InputFileError`, `MissingExtra`."""
    try:
        from translate.storage.tbx import tbxfile
    except ImportError:
        raise MissingExtra("What reads TBX", EXTRA) from None
    store = _opened(lambda: tbxfile.parsestring(_older(content)), name, "TBX")
    units: list[Unit] = []
    problems: list[Problem] = []
    for number, unit in enumerate(store.units, 1):
        cells: dict[str, str] = {}
        avoid: dict[str, tuple[str, ...]] = {}
        notes: list[str] = []
        for node in unit.getlanguageNodes():
            for term in unit.get_target_terms(_language(node)):
                lang = column(_language(node))
                if term.deprecated and lang:
                    avoid[lang] = (*avoid.get(lang, ()), " ".join(term.text.split()))
                else:
                    _take(cells, _language(node), term.text, number, problems)
                notes += [note.text for note in term.notes if note.text and note.text not in notes and note.origin != "pos"]
        _keep(units, Unit(number, cells, " ".join(" ".join(notes).split()), {lang: words for lang, words in avoid.items() if lang in cells}), problems)
    return Imported(units, problems)


def tmx(units: Sequence[Unit], languages: Sequence[str]) -> bytes:
    """A translation memory; the first language is the source. Raises `MissingExtra`."""
    try:
        from translate.storage.tmx import tmxfile, tmxunit
    except ImportError:
        raise MissingExtra("What writes TMX", EXTRA) from None
    return _written(tmxfile(sourcelanguage=languages[0]), tmxunit, units, languages)


def tbx(units: Sequence[Unit], languages: Sequence[str]) -> bytes:
    """A termbase (TBX-Basic of 2008). Raises `MissingExtra`."""
    try:
        from translate.storage.tbx import tbxfile, tbxunit
    except ImportError:
        raise MissingExtra("What writes TBX", EXTRA) from None
    return _written(tbxfile(sourcelanguage=languages[0]), tbxunit, units, languages)


def _written(store: Any, kind: Any, units: Sequence[Unit], languages: Sequence[str]) -> bytes:
    for unit in units:
        entry = store.addsourceunit(unit.cells[languages[0]])
        for lang in languages[1:]:
            if lang in unit.cells:
                entry.settarget(unit.cells[lang], lang, append=True)
        if unit.note:
            entry.addnote(unit.note)
    return bytes(store)


def _opened(open_: Callable[[], Any], name: str, kind: str) -> Any:
    from lxml import etree

    try:
        return open_()
    except etree.XMLSyntaxError as error:
        raise InputFileError(name, error.lineno or 0, f"is not XML: {error.msg}") from None
    except (AssertionError, ValueError, AttributeError, TypeError) as error:  # how the toolkit says that it is another kind of XML
        raise InputFileError(name, 0, f"is not {kind} ({error or type(error).__name__})") from None


def _older(content: bytes) -> bytes:
    """TBX of 2019 in the elements of 2008, without namespaces."""
    from lxml import etree
    from translate.misc.xml_helpers import parse_xml

    root = parse_xml(content)
    for node in root.iter(etree.Element):
        plain = etree.QName(node).localname
        node.tag = _NEWER.get(plain, plain)
    etree.strip_tags(root, "termGrp")
    etree.cleanup_namespaces(root)
    return etree.tostring(root, encoding="utf-8")


def _language(node: Any) -> str:
    return node.get("{http://www.w3.org/XML/1998/namespace}lang") or node.get("lang") or ""


def _take(cells: dict[str, str], tag: str, text: str | None, number: int, problems: list[Problem]) -> None:
    lang, term = column(tag), " ".join((text or "").split())
    if not term:
        return
    if lang is None:
        problems.append(Problem(number, f"{tag[:35]!r} is left out: no language here"))
    elif lang in cells and cells[lang] != term:
        problems.append(Problem(number, f"{lang} {term[:80]!r} is left out: {cells[lang][:80]!r} stands before it"))
    else:
        cells[lang] = term


def _keep(units: list[Unit], unit: Unit, problems: list[Problem]) -> None:
    if len(unit.cells) > 1:
        units.append(unit)
    else:
        problems.append(Problem(unit.line, "has a term in one language only"))
