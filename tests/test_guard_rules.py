"""Reading and checking rules files: every fault has its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.errors import InputFileError
from assistant.packs.check_rules import check_rules
from assistant.packs.rules import parse, read_all_rules, read_rules
from assistant.shipped import shipped

GOOD = """\
- id: jp-one
  category: superlative
  severity: block
  countries: [JP]
  confidence: seen
  basis: "law 1"
  triggers:
    zh: ["第一"]
    en: ["No.1"]
    ja: ["ナンバーワン"]
  unless: {zh: ["第一次"]}
  message: {zh: "无依据。", en: "No proof."}
  rewrite: {zh: "请看屏幕。", en: "See the screen.", ja: "画面をご覧ください。"}
"""


def rules_file(folder: Path, text: str, lines: str = "") -> Path:
    market = folder / "japan"
    market.mkdir(parents=True, exist_ok=True)
    (market / "pack.yaml").write_text("languages: [ja]\ncountries:\n  JP: [ja]\n", encoding="utf-8")
    if lines:
        (market / "lines.yaml").write_text(lines, encoding="utf-8")
    path = market / "rules.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_good_file_has_no_problem_and_reads(tmp_path: Path) -> None:
    path = rules_file(tmp_path, GOOD)
    assert check_rules(path) == []
    [rule] = read_rules(path, ["JP"])
    assert (rule.id, rule.market, rule.countries, rule.triggers["ja"]) == ("jp-one", "japan", ("JP",), ("ナンバーワン",))


def test_a_rule_without_countries_is_about_all_of_the_market_s(tmp_path: Path) -> None:
    [rule] = read_rules(rules_file(tmp_path, GOOD.replace("  countries: [JP]\n", "")), ["JP", "KR"])
    assert rule.countries == ("JP", "KR")


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("category: superlative", "category: superlativ", 2, "unknown category"),
        ("severity: block", "severity: grave", 3, "unknown severity"),
        ("countries: [JP]", "countries: [FR]", 4, "FR"),
        ("confidence: seen", "confidence: sure", 5, "unknown confidence"),
        ('  basis: "law 1"\n', "", 1, "basis is missing"),
        ('zh: "无依据。", en', "en", 11, "message lacks zh"),
        (', ja: "画面をご覧ください。"', "", 12, "rewrite lacks ja"),
        ('    en: ["No.1"]\n', "", 7, "triggers lacks en"),
        ("ja: [", "ko: [", 7, "ko is not spoken"),
        ("unless:", "when: {moon: full}\n  unless:", 11, "unknown condition moon"),
        ("unless:", "when: {stock_above: many}\n  unless:", 11, "stock_above is a whole number"),
        ("unless:", 'patterns: {zh: ["(?=x)"]}\n  unless:', 11, "does not compile"),
        ("unless:", 'patterns: {zh: ["x*"]}\n  unless:', 11, "matches the empty text"),
        ("unless:", 'also: {zh: ["现在"]}\n  unless:', 11, "also lacks en, ja"),
        ('zh: ["第一"]', 'zh: ["一"]', 7, "too short"),
        ('["第一次"]', '["第一"]', 7, "never fires"),
        ("请看屏幕。", "我们第一。", 12, "its rewrite in zh fires jp-one"),
        ('zh: ["第一"]', "zh: 第一", 8, "is a list"),
        ('zh: ["第一"]', "zh: [yes]", 8, "a phrase is a text"),
        ("- id: jp-one", "- id: jp-one\n  tune: loud", 2, "unknown key tune"),
    ],
)
def test_every_fault_is_told_with_its_line(tmp_path: Path, old: str, new: str, line: int, says: str) -> None:
    assert old in GOOD
    problems = check_rules(rules_file(tmp_path, GOOD.replace(old, new, 1)))
    told = [(problem.line, problem.message) for problem in problems]
    assert any(at in (line, line + 1) and says in message for at, message in told), told
    assert all(str(problem).startswith(f"{problem.file}:{problem.line}: ") for problem in problems)


def test_an_id_stands_once(tmp_path: Path) -> None:
    [problem] = [item for item in check_rules(rules_file(tmp_path, GOOD + GOOD)) if "twice" in item.message]
    assert problem.line == 14


def test_the_pack_s_own_lines_break_no_rule(tmp_path: Path) -> None:
    lines = '- id: l1\n  lang: ja\n  stage: hook\n  text: "ナンバーワンの{product}です"\n- id: l2\n  lang: ja\n  text: "いい{product}です"\n'
    [problem] = check_rules(rules_file(tmp_path, GOOD, lines))
    assert "own line l1" in problem.message and problem.line == 7


HOSTILE = ["a: 1", "- 1\n- [2]", "- id: [x]\n  triggers: 3\n  when: []\n  message: {zh: 1}", "\t", "- !!python/object:os.system x", "&a [*a]", "[" * 500]


@pytest.mark.parametrize("text", HOSTILE)
def test_no_file_breaks_the_reader(tmp_path: Path, text: str) -> None:
    path = rules_file(tmp_path, text)
    assert check_rules(path)
    with pytest.raises(InputFileError):
        read_rules(path)


def test_a_data_folder_s_file_overrides_the_shipped_one(tmp_path: Path) -> None:
    rules_file(tmp_path, GOOD)
    found = read_all_rules([tmp_path, shipped("talk_scripts")])
    assert [rule.id for rule in found["japan"]] == ["jp-one"]


@pytest.mark.parametrize("path", sorted(shipped("talk_scripts").glob("*/rules.yaml")), ids=lambda path: path.parent.name)
def test_the_shipped_rules_have_no_problem(path: Path) -> None:
    assert [str(problem) for problem in check_rules(path)] == []
    rules = [item.rule for item in parse(path)[0]]
    taboos = {"religion", "politics", "royalty", "modesty", "alcohol_pork", "number_colour", "gesture", "gender_ethnicity"}
    assert len(rules) >= 60 and sum(rule.category in taboos for rule in rules) >= 20
