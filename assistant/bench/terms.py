"""terms: what of a glossary and of numbers, prices, codes and links survives translation by the shipped model.

Presence, doubling and left-over marks are judged on the finished text alone, not on what the ladder says of itself. chrF compares
the same held-out sentences with the common glossary on and off, whether or not the reference uses its words.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter

from assistant.bench.result import Plan, Result, judged, skipped
from assistant.bench.subject import Subject, engine_of, opus_folder
from assistant.bench.values_text import generated
from assistant.enforce import Enforcer, Own
from assistant.engines.direct import Direct
from assistant.engines.selftest import chrf
from assistant.errors import MissingExtra
from assistant.glossary.layers import COMMON, Shelf
from assistant.protect.affixes import read_affixes
from assistant.protect.matching import Index, standing
from assistant.protect.terms import Term
from assistant.protect.values import find, lost, render
from assistant.shipped import shipped
from assistant.translate import Translation
from assistant.translate.request import Request

DATA = Path(__file__).resolve().parent.parent.parent / "tests" / "data"
"""The test sets stand in a checkout only."""
AT_ONCE = 64
HELD_OUT = 20
"""Held-out sentences for chrF, per direction."""
TERMS = 10_000


@dataclass(frozen=True, slots=True)
class Row:
    """One test sentence and what must stand in its translation."""

    source: str
    target: str
    text: str
    terms: tuple[tuple[str, str], ...]


@dataclass(slots=True)
class Count:
    """What became of the wanted terms."""

    wanted: int = 0
    present: int = 0
    flagged: int = 0
    doubled: int = 0
    marks: int = 0
    sentences: int = 0
    by: Counter[str] = field(default_factory=Counter)
    missed: list[str] = field(default_factory=list)


def run(plan: Plan) -> list[Result]:
    """Terms and values on the shipped model, and what 10,000 terms cost."""
    if plan.embedded is None:
        return [skipped("terms", "no embedded model is shipped with this checkout")]
    files = sorted(DATA.glob("terms_*.tsv"))
    if not files:
        return [skipped("terms", "the test sentences are in a checkout's tests/data only")]
    direct = Direct([plan.embedded.parent])
    sets = [read_rows(file) for file in files]
    if plan.quick:
        sets = [rows[:: max(1, len(rows) // 30)] for rows in sets]
    rows = [row for own in sets for row in own]
    count = counted(direct, sets)
    share = 100 * count.present / max(1, count.wanted)
    told = 100 * (count.present + count.flagged) / max(1, count.wanted)
    facts = {"sentences": count.sentences, "terms": count.wanted, "by": dict(count.by.most_common()), "missed": count.missed[:5]}
    results = [
        judged("terms.present", share, ">=", 99.0, "%", **facts),
        judged("terms.present_or_flagged", told, ">=", 100.0, "%", flagged=count.flagged),
        judged("terms.marks_left", count.marks, "<=", 0, "marks"),
        judged("terms.doubled", count.doubled, "<=", 0, "terms"),
    ]
    return [*results, *_fidelity(direct, plan), *_values(direct, plan), *_cost(plan, rows)]


def read_rows(path: Path) -> list[Row]:
    """The rows of a test set: source_lang, target_lang, text, terms (`source=target` separated by `|`)."""
    found: list[Row] = []
    lines = [line for line in path.read_text(encoding="utf-8").split("\n") if line and not line.startswith("#")]
    names = lines[0].split("\t")
    for line in lines[1:]:
        row = dict(zip(names, line.split("\t"), strict=False))
        pairs = tuple((left, right) for pair in row["terms"].split("|") for left, _, right in [pair.partition("=")] if left and right)
        found.append(Row(row["source_lang"], row["target_lang"], row["text"], pairs))
    return found


def counted(direct: Direct, sets: Sequence[Sequence[Row]]) -> Count:
    """Translate every row by a glossary of all rows of its set and direction, and count on the finished texts."""
    count, affixes = Count(), read_affixes()
    groups: dict[tuple[int, str, str], list[Row]] = defaultdict(list)
    for number, rows in enumerate(sets):
        for row in rows:
            groups[number, row.source, row.target].append(row)
    for (_, source, target), group in groups.items():
        terms = [Term({source: left, target: right}) for left, right in dict.fromkeys(pair for row in group for pair in row.terms)]
        index = Index([terms], source, affixes)
        for row, answer in zip(group, _translated(direct, group, terms), strict=True):
            wanted = Counter(found.target for found in index.find(row.text, target))
            wanted |= Counter(right for _, right in row.terms)
            _judge(row, answer, wanted, count)
            bare = answer.text
            for word in sorted(wanted, key=len, reverse=True):  # what a longer term holds is not a shorter one's double
                spans = standing(bare, [word], target, affixes)
                count.doubled += max(0, len(spans) - wanted[word])
                for start, end in reversed(spans):
                    bare = bare[:start] + "\x00" * (end - start) + bare[end:]
    return count


def _judge(row: Row, answer: Translation, wanted: Counter[str], count: Count) -> None:
    count.sentences += 1
    count.marks += answer.text.count("⟦") + answer.text.count("⟧")
    count.by.update(use.by if use.kept else "lost" for use in answer.terms)
    text = answer.text
    for word in sorted(wanted, key=len, reverse=True):
        there = min(wanted[word], text.count(word))
        text = text.replace(word, "\x00")
        count.wanted += wanted[word]
        count.present += there
        if there < wanted[word]:
            count.missed.append(f"{row.source}-{row.target} {row.text!r}: {word!r} not in {answer.text!r} {answer.flags}")
            count.flagged += wanted[word] - there if "term_lost" in answer.flags else 0


def _translated(direct: Direct, rows: Sequence[Row], terms: Sequence[Term]) -> list[Translation]:
    source, target = rows[0].source, rows[0].target
    direct.prove(source, target)
    enforcer = Enforcer(direct.routes, Own([terms]))
    answers: list[Translation] = []
    for start in range(0, len(rows), AT_ONCE):
        answers += direct.run([enforcer.translate(row.text, source, target) for row in rows[start : start + AT_ONCE]])
    return answers


def _fidelity(direct: Direct, plan: Plan) -> list[Result]:
    """chrF with the common glossary on and off, over held-out sentences that hold one of its terms."""
    path = DATA / "heldout_live.tsv"
    terms = Shelf([shipped("glossaries")]).terms(COMMON)
    if not terms or not path.is_file():
        return [skipped("terms.chrf", "no glossaries/common.csv, or no held-out sentences in this checkout")]
    lines = [line.split("\t") for line in path.read_text(encoding="utf-8").split("\n") if line and not line.startswith("#")]
    names, affixes = lines[0], read_affixes()
    enforcer, bare, scores = Enforcer(direct.routes, Own([terms])), Enforcer(direct.routes, Own()), list[tuple[float, float]]()
    for source in names[1:]:
        index = Index([terms], source, affixes)
        for target in names[1:]:
            if source == target:
                continue
            pairs = [
                (row[names.index(source)], row[names.index(target)])
                for row in lines[1:]
                if index.find(row[names.index(source)], target)
            ]
            pairs = pairs[:: max(1, len(pairs) // plan.count(HELD_OUT, 3))][: plan.count(HELD_OUT, 3)]
            on = direct.run([enforcer.translate(text, source, target) for text, _ in pairs])
            off = direct.run([bare.translate(text, source, target) for text, _ in pairs])
            scores += [(chrf(a.text, [reference]), chrf(b.text, [reference])) for a, b, (_, reference) in zip(on, off, pairs, strict=True)]
    if not scores:
        return [skipped("terms.chrf", "no held-out sentence holds a term of the common glossary")]
    with_terms, without = (sum(pair[side] for pair in scores) / len(scores) for side in (0, 1))
    return [judged("terms.chrf", with_terms / without, ">=", 1.0, on=round(with_terms, 1), off=round(without, 1), sentences=len(scores))]


def _values(direct: Direct, plan: Plan) -> list[Result]:
    """Generated sentences with numbers, prices, codes, links, mentions and emoji: every value must come out the same."""
    samples = generated(7, plan.count(130, 12))
    langs = sorted({item.lang for item in samples})
    enforcer, kept, wanted, missed = Enforcer(direct.routes, Own()), 0, 0, list[str]()
    for start in range(0, len(samples), AT_ONCE):
        part = [
            (item.text, item.lang, langs[(langs.index(item.lang) + 1 + number % (len(langs) - 1)) % len(langs)])
            for number, item in enumerate(samples[start : start + AT_ONCE])
        ]
        answers = direct.run([enforcer.translate(text, source, target) for text, source, target in part])
        for (text, source, target), answer in zip(part, answers, strict=True):
            values = find(text, source)
            plain = answer.text.replace("\u2068", "").replace("\u2069", "")
            lang = source if "untranslated" in answer.flags else target
            gone = [value for value in lost(values, plain, lang) if not _stands(render(value, lang), plain)]
            wanted, kept = wanted + len(values), kept + len(values) - len(gone)
            missed += [f"{source}-{target} {text!r}: {value.text!r} not in {plain!r}" for value in gone]
    return [judged("terms.values", 100 * kept / max(1, wanted), ">=", 100.0, "%", sentences=len(samples), values=wanted, missed=missed[:5])]


def _stands(written: str, text: str) -> bool:
    """Whether a value stands letter for letter, and is no part of a longer number."""
    before, found, after = text.partition(written)
    return bool(found) and not (written[0].isdigit() and before[-1:].isdigit()) and not (written[-1].isdigit() and after[:1].isdigit())


def _cost(plan: Plan, rows: Sequence[Row]) -> list[Result]:
    """How long 10,000 terms take to index, and to look for in a line, against what a model of OPUS-MT's shape takes for it."""
    letters = [chr(code) for code in range(0x4E00, 0x4E00 + 2_000)]
    terms = [
        Term({"zh": "".join(letters[number * step % 2_000] for step in (1, 7, 31, 171)), "en": f"term {number}"}) for number in range(1, TERMS + 1)
    ]
    begun = perf_counter()
    index = Index([terms], "zh")
    loaded = perf_counter() - begun
    lines = [row.text for row in rows if row.source == "zh"][:64]
    begun = perf_counter()
    for line in lines:
        index.find(line, "en")
    searched = perf_counter() - begun
    results = [judged("terms.load", loaded, "<=", 1.0, "s", terms=TERMS)]
    try:
        engine = engine_of(Subject("opus-shape", opus_folder(plan), forced=True))
    except MissingExtra as error:
        return [*results, skipped("terms.cost", str(error))]
    requests = [Request("opus-shape", line, "zh", "en") for line in lines]
    engine.translate(requests)
    begun = perf_counter()
    engine.translate(requests)
    decoded = perf_counter() - begun
    each = round(1e6 * searched / max(1, len(lines)), 1)
    return [*results, judged("terms.cost", searched / decoded, "<=", 0.05, terms=TERMS, us_a_line=each, lines=len(lines))]
