"""Every fault of a market's lines.yaml, with its line: what would never be shown, or would say what must not be said.

Beyond what reading finds (packs/lines.py):
- An id stands once. The language is one that is typed in the market; text and glosses are written in their scripts.
- Intents are the ones the room reads; a season stands in the pack's calendar for one of the line's countries.
- A condition can hold: some country of `when` types the language, hours are a span, stock can be below; a viewer's name or a
  count of askers needs a question or a signal that somebody caused.
- Urgency has stock or time behind it; a former price or a discount carries `former_price: true`.
- Neither text nor glosses break a rule of the market (rules.yaml beside it) where the line's own conditions do not allow it.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import resources
from pathlib import Path

from assistant.detect.scripts import letters
from assistant.errors import InputFileError
from assistant.glossary.languages import scripts
from assistant.guard import Certificate, Facts, FormerPrice, Permit, Rulebook
from assistant.packs.lines import Placed, parse
from assistant.packs.pack import FILE as PACK
from assistant.packs.pack import Pack, read_pack
from assistant.packs.rules import FILE as RULES
from assistant.packs.rules import Problem, read_rules
from assistant.suggest.lines import SLOT, Line

_CAUSED = frozenset({"join", "follow", "share", "order", "gift", "cart", "click", "like"})
"""Signals that a viewer causes, who may have a name."""
_OWN = 0.5
"""Share of a text's letters that must be of its language's script; brands and shop words are Latin everywhere."""
_FAR = 2**53
_YEAR_2027 = 1_800_000_000_000


def intents() -> frozenset[str]:
    """The intents that the room reads from comments."""
    text = resources.files("assistant.reading").joinpath("corpus", "intents.txt").read_text(encoding="utf-8")
    return frozenset(line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#"))


def check_lines(path: Path, pack: Pack | None = None, rules: Path | None = None) -> list[Problem]:
    """The problems of a lines file in `talk_scripts/<market>/`, by line; a file that is no YAML is one problem.

    `pack` defaults to the pack.yaml beside it, `rules` to the rules.yaml there; without such a file nothing is forbidden.
    """
    try:
        known = pack or read_pack(path.with_name(PACK))
        placed, problems = parse(path, known.name)
    except InputFileError as error:
        return [Problem(error.file, error.line, str(error).partition(": ")[2])]
    book, read, seen = _book(rules or path.with_name(RULES), known), intents(), dict[str, int]()
    for item in placed:
        if item.line.id in seen:
            problems.append(Problem(str(path), item.lines["id"], f"{item.line.id} stands twice, first on line {seen[item.line.id]}"))
        seen.setdefault(item.line.id, item.lines["id"])
        for key, message in (*_written(item.line, known), *_conditions(item.line, known, read), *_guarded(item, known, book)):
            problems.append(Problem(str(path), item.lines.get(key, item.at), f"{item.line.id}: {message}"))
    return sorted(problems, key=lambda problem: problem.line)


def _book(path: Path, pack: Pack) -> Rulebook | None:
    """The market's rules; None when there are none or they are faulty, which check_rules tells."""
    try:
        return Rulebook(read_rules(path, tuple(pack.countries))) if path.is_file() else None
    except InputFileError:
        return None


def _written(line: Line, pack: Pack) -> Iterator[tuple[str, str]]:
    """Languages and scripts: (key, what is wrong)."""
    typed = {lang for langs in pack.countries.values() for lang in langs} | set(pack.languages)
    if line.lang not in typed:
        yield "lang", f"{line.lang} is not typed in this market (pack.yaml has {', '.join(sorted(typed))})"
    for key, lang, text in (("text", line.lang, line.text), *((lang, lang, text) for lang, text in line.glosses.items())):
        found = letters(SLOT.sub(" ", text))
        own = sum(count for script, count in found.items() if script in scripts().get(lang, frozenset(found)))
        if found and own < _OWN * sum(found.values()):
            yield key, f"{key} is not written in the script of {lang}"
        elif lang == "zh" and found.get("Kana"):
            yield key, f"{key} holds Japanese kana"
        elif lang == "ja" and not found.get("Kana"):
            yield key, f"{key} holds no kana: it looks Chinese"


def _conditions(line: Line, pack: Pack, known: frozenset[str]) -> Iterator[tuple[str, str]]:
    """Conditions that are unknown or can never hold, slots without what fills them: (key, what is wrong)."""
    when, slots = line.when, set(line.slots)
    if unknown := sorted(when.intents - known):
        yield "when.intents", f"unknown intent {unknown[0]}"
    if strange := sorted(when.countries - set(pack.countries)):
        yield "when.countries", f"{strange[0]} is none of this market's countries"
    where = [country for country in pack.spoken_in(line.lang) if not when.countries or country in when.countries]
    if not where and not strange:
        yield "when.countries" if when.countries else "lang", f"can never hold: {line.lang} is typed in none of the line's countries"
    kept = {season.id for season in pack.seasons if not season.countries or set(season.countries) & set(where)}
    for season in sorted(when.seasons - kept):
        some = any(season == each.id for each in pack.seasons)
        yield "when.seasons", f"can never hold: {season} is not kept there" if some else f"unknown season {season}; pack.yaml's calendar has none such"
    if when.hours and (when.hours[0] == when.hours[1] or when.hours == (24, 0)):
        yield "when.hours", "can never hold: from and to are the same hour"
    if when.stock_below is not None and when.stock_below <= (1 if "stock" in slots else 0):
        yield "when.stock_below", "can never hold: stock is not below that while there is any"
    if {"viewer", "count"} & slots and not when.intents and not ("count" not in slots and when.signals & _CAUSED):
        yield "text", "can never be filled: {viewer} and {count} need a question (intents); {viewer} may come from a signal that a viewer causes"
    if line.stage == "urgency" and when.stock_below is None and not slots & {"stock", "time", "minutes"}:
        yield "stage", "urgency without stock or time behind it: give stock_below, {stock}, {time} or {minutes}"
    if {"former_price", "discount"} & slots and not when.former_price:
        yield "text", "a former price or discount needs former_price: true"


def _guarded(item: Placed, pack: Pack, book: Rulebook | None) -> Iterator[tuple[str, str]]:
    """Rules that the line breaks although its own conditions hold: (key, what is wrong)."""
    line, when = item.line, item.line.when
    if book is None:
        return
    where = [country for country in pack.spoken_in(line.lang) if not when.countries or country in when.countries]
    low = when.stock_below - 1 if when.stock_below is not None else (1 if "stock" in line.slots else None)
    certificates = (Certificate(when.certificate),) if when.certificate else ()
    categories = sorted(when.categories) or [None]
    for key, lang, text in (("text", line.lang, line.text), *((lang, lang, gloss) for lang, gloss in line.glosses.items())):
        told: set[str] = set()
        for category in categories:
            facts = Facts(
                category=category, certificates=certificates, permits=tuple(Permit(when.permit, country) for country in where if when.permit),
                former_price=FormerPrice(0, _FAR) if when.former_price else None, stock=low,
            )
            for finding in book.check(SLOT.sub("12", text), lang, facts, _YEAR_2027, countries=where or None):
                if finding.rule.id not in told and not (category is None and finding.rule.when.categories):
                    told.add(finding.rule.id)
                    yield key, f"{key} breaks {finding.rule.id} ({finding.rule.severity}) by {finding.matched!r}"
