"""The guard on labelled sentences: how many of its warnings are right, how many violations it finds, and what a line costs.

The sentences (tests/data/guard_*.tsv) were written without sight of the rules. Columns: market, country (empty: all of the market's),
lang, text, expected (`category:words | …`, empty: fine), note. A violation is found by a warning of its category whose span touches
its words. A warning is right where its span touches the words of any expected violation, or where its sentence is labelled with its
category at all (labels name a violation once, rules say each of its phrases). Both are counted in violations and warnings, not in
sentences; `exact` is the share of found violations whose span is the labelled words to the letter: two writers seldom agree where a
phrase begins.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter

from assistant.bench.result import Plan, Result, judged, percentile, skipped
from assistant.guard import Finding, Rule, Rulebook
from assistant.packs.rules import read_all_rules
from assistant.shipped import shipped

DATA = Path(__file__).resolve().parents[2] / "tests" / "data"
RULES = 5_000
LINE = 200
"""Characters of the line that the speed bar is about."""


@dataclass(frozen=True, slots=True)
class Row:
    """A labelled sentence."""

    market: str
    country: str
    lang: str
    text: str
    expected: tuple[tuple[str, str], ...]
    """(category, words)."""


@dataclass(slots=True)
class Count:
    """What the warnings are worth."""

    expected: int = 0
    found: int = 0
    exact: int = 0
    warnings: int = 0
    right: int = 0
    missed: list[str] = field(default_factory=list)
    false: list[str] = field(default_factory=list)


def run(plan: Plan) -> list[Result]:
    """Precision and recall over all markets, each market's in the details; then the time of a line."""
    rows = [row for path in sorted(DATA.glob("guard_*.tsv")) for row in read_rows(path)]
    rules = read_all_rules([shipped("talk_scripts")])
    if not rows or not rules:
        return [skipped("guard.precision", "no labelled sentences in this checkout, or no rules in the packs"), *_speed(plan)]
    markets = sorted({row.market for row in rows})
    counts = {market: counted([row for row in rows if row.market == market], Rulebook(rules.get(market, ()))) for market in markets}
    total = summed(list(counts.values()))
    shares = {market: {"precision": _share(count.right, count.warnings), "recall": _share(count.found, count.expected)} for market, count in counts.items()}
    return [
        judged("guard.precision", _share(total.right, total.warnings), ">=", 0.95, "share", sentences=len(rows), markets=shares, false=total.false[:40]),
        judged("guard.recall", _share(total.found, total.expected), ">=", 0.95, "share", violations=total.expected, missed=total.missed[:40]),
        judged("guard.exact", _share(total.exact, total.found), None, unit="share"),
        *_speed(plan),
    ]


def read_rows(path: Path) -> list[Row]:
    """The labelled sentences of a file."""
    lines = [line for line in path.read_text(encoding="utf-8").split("\n") if line and not line.startswith("#")]
    found: list[Row] = []
    for line in lines[1:]:
        market, country, lang, text, expected, *_ = [*line.split("\t"), "", "", "", ""]
        pairs = tuple((category.strip(), words.strip()) for item in expected.split(" | ") if item.strip() for category, _, words in [item.partition(":")])
        found.append(Row(market, country, lang, text, pairs))
    return found


def counted(rows: Sequence[Row], book: Rulebook) -> Count:
    """Check every sentence without any fact of a room."""
    count = Count()
    for row in rows:
        findings = book.check(row.text, row.lang, countries=[row.country] if row.country else None)
        spans = [(category, *_place(row.text, words)) for category, words in row.expected]
        for (category, start, end), (_, words) in zip(spans, row.expected, strict=True):
            hits = [item for item in findings if item.rule.category == category and item.start < end and start < item.end]
            count.expected += 1
            count.found += bool(hits)
            count.exact += any((item.start, item.end) == (start, end) for item in hits)
            if not hits:
                count.missed.append(f"{row.market} {row.lang} {category}:{words} in {row.text!r} {_told(findings)}")
        for item in findings:
            right = any(item.rule.category == category or (item.start < end and start < item.end) for category, start, end in spans)
            count.warnings += 1
            count.right += right
            if not right:
                count.false.append(f"{row.market} {row.lang} {item.rule.id} by {item.matched!r} in {row.text!r}")
    return count


def summed(counts: Sequence[Count]) -> Count:
    """All counts in one."""
    return Count(
        sum(count.expected for count in counts), sum(count.found for count in counts), sum(count.exact for count in counts),
        sum(count.warnings for count in counts), sum(count.right for count in counts),
        [line for count in counts for line in count.missed], [line for count in counts for line in count.false],
    )


def _place(text: str, words: str) -> tuple[int, int]:
    """Where labelled words stand; raises `ValueError` for a label whose words are not in its sentence."""
    start = text.index(words)
    return start, start + len(words)


def _told(findings: Sequence[Finding]) -> str:
    return str([f"{item.rule.category}:{item.matched}" for item in findings])


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 1.0


def _speed(plan: Plan) -> list[Result]:
    """What a line of `LINE` characters costs under `RULES` rules, a fifth of them with a pattern."""
    letters = [chr(0x4E00 + number) for number in range(2_000)]
    book = Rulebook([
        Rule(
            f"r{number}", "superlative", "warn", triggers={"zh": ("".join(letters[number * step % 2_000] for step in (1, 7, 31)),)},
            patterns={"zh": (f"现价{number}元起?",)} if number % 5 == 0 else {},
        )
        for number in range(RULES)
    ])  # fmt: skip
    begun = perf_counter()
    book.ready(["zh"])
    compiled = perf_counter() - begun
    text = ("今天给大家带来的这款面膜真的很好用，现价4995元，" * LINE)[:LINE]
    took: list[float] = []
    for _ in range(plan.count(500, 50)):
        begun = perf_counter()
        book.check(text, "zh")
        took.append(perf_counter() - begun)
    p95 = round(1e3 * percentile(took, 0.95), 2)
    return [judged("guard.line", 1e3 * percentile(took, 0.5), "<=", 2.0, "ms", rules=RULES, compile_s=round(compiled, 2), p95=p95)]
