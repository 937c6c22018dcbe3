"""Market packs: what they hold, how a fault is told, and what `liveroom scripts check` finds."""

from __future__ import annotations

import contextlib
import re
import shutil
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from assistant.cli import app
from assistant.errors import InputFileError
from assistant.packs.check_lines import check_lines, intents
from assistant.packs.lines import parse, read_lines, read_talk
from assistant.packs.marked import load
from assistant.packs.pack import read_pack, read_packs
from assistant.shipped import layers, shipped

OASIS = Path(__file__).parent / "data" / "talk" / "oasis"
GOOD = {"id": "x-ar-look-01", "stage": "look", "lang": "ar", "text": "شوفوا القماش عن قرب", "zh": "近看面料", "en": "Look at the fabric"}


@pytest.fixture
def market(tmp_path: Path) -> Path:
    shutil.copytree(OASIS, tmp_path / "oasis")
    return tmp_path / "oasis"


def found(market: Path, **row: object) -> list[str]:
    """The problems of a lines file that holds one line on line 2."""
    text = "# lines\n- " + yaml.safe_dump({**GOOD, **row}, allow_unicode=True, default_flow_style=True, width=10_000)
    (market / "lines.yaml").write_text(text, encoding="utf-8")
    problems = check_lines(market / "lines.yaml")
    assert all(problem.line == 2 and problem.file.endswith("lines.yaml") for problem in problems)
    return [problem.message for problem in problems]


def test_the_five_shipped_packs_are_whole() -> None:
    packs = read_packs([shipped("talk_scripts")])
    assert set(packs) >= {"middle_east", "japan", "southeast_asia", "north_america", "europe"}
    for pack in packs.values():
        assert set(pack.formats) == set(pack.countries)
        for country, langs in pack.countries.items():
            for lang in langs:
                form = pack.form(lang, country)
                assert form.currency and form.payment and form.free and form.cash, (pack.name, country, lang)
        assert set(pack.languages) <= set(pack.register) and set(pack.languages) <= set(pack.address)


def test_the_shipped_packs_have_no_problem() -> None:
    result = CliRunner().invoke(app, ["scripts", "check"])
    assert result.exit_code == 0, result.output


def test_the_market_for_tests_has_no_problem() -> None:
    assert check_lines(OASIS / "lines.yaml") == []
    assert len(read_lines(OASIS / "lines.yaml")) >= 15


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ({"stage": "teaser"}, "stage: Input should be"),
        ({"zh": None}, "zh: "),
        ({"note": "x"}, "note: is no key of a line"),
        ({"when": {"moon": "full"}}, "moon: is no condition"),
        ({"when": {"categories": ["cars"]}}, "categories.0: Input should be"),
        ({"when": {"signals": ["rain"]}}, "signals.0"),
        ({"when": {"hours": [18, 25]}}, "hours"),
        ({"when": {"seasons": ["easterly"]}}, "unknown season easterly"),
        ({"when": {"seasons": ["ramadan"], "countries": ["JP"]}, "lang": "ja", "text": "生地をご覧ください"}, "can never hold: ramadan"),
        ({"when": {"intents": ["price.why"]}}, "unknown intent price.why"),
        ({"when": {"countries": ["BR"]}}, "BR is none"),
        ({"when": {"countries": ["JP"]}}, "can never hold: ar is typed in none"),
        ({"when": {"hours": [5, 5]}}, "can never hold: from and to"),
        ({"when": {"stock_below": 0}}, "can never hold: stock"),
        ({"text": "{prise} ريال", "zh": "{prise}", "en": "{prise}"}, "unknown slot {prise}"),
        ({"text": "السعر {price}"}, "zh: slots differ"),
        ({"text": "السعر {price", "zh": "{price", "en": "{price"}, "a brace stands alone"),
        ({"text": "Look at this fabric now"}, "not written in the script of ar"),
        ({"zh": "生地を見て"}, "holds Japanese kana"),
        ({"lang": "ja", "text": "近看面料"}, "holds no kana"),
        ({"lang": "ko", "text": "가까이 보세요"}, "ko is not typed"),
        ({"text": "{viewer} أهلاً", "zh": "{viewer}你好", "en": "hello {viewer}"}, "can never be filled"),
        ({"stage": "urgency"}, "urgency without stock or time"),
        ({"text": "كان {former_price}", "zh": "之前{former_price}", "en": "was {former_price}"}, "needs former_price: true"),
        ({"id": "Bad Id"}, "id: "),
    ],
)  # fmt: skip
def test_every_fault_is_told_with_its_line(market: Path, row: dict[str, object], told: str) -> None:
    assert any(told in message for message in found(market, **row)), found(market, **row)


def test_a_line_without_a_gloss_is_told(market: Path) -> None:
    row = {key: value for key, value in GOOD.items() if key != "en"}
    (market / "lines.yaml").write_text("- " + yaml.safe_dump(row, allow_unicode=True, default_flow_style=True, width=10_000), encoding="utf-8")
    assert ["en: is missing" in problem.message for problem in check_lines(market / "lines.yaml")] == [True]


def test_a_line_that_breaks_its_markets_rules_is_told_in_text_and_gloss(market: Path) -> None:
    rule = {
        "id": "oasis-halal", "category": "halal", "severity": "block", "basis": "custom", "triggers": {"zh": ["清真"], "en": ["halal"], "ar": ["حلال"]},
        "when": {"without_certificate": "halal"},
        "message": {"zh": "没有证书", "en": "no certificate"}, "rewrite": {"zh": "成分请看页面", "en": "see the page"},
    }  # fmt: skip
    (market / "rules.yaml").write_text(yaml.safe_dump([rule], allow_unicode=True), encoding="utf-8")
    words = {"text": "هذا حلال", "zh": "这是清真的", "en": "this is halal"}
    assert sum("breaks oasis-halal" in message for message in found(market, **words)) == 3
    assert found(market, **words, when={"certificate": "halal"}) == []


def test_duplicates_name_both_lines(market: Path) -> None:
    line = yaml.safe_dump(GOOD, allow_unicode=True, default_flow_style=True, width=10_000)
    (market / "lines.yaml").write_text(f"- {line}\n- {line}", encoding="utf-8")
    (problem,) = check_lines(market / "lines.yaml")
    assert problem.line == 3 and "first on line 1" in problem.message


@pytest.mark.parametrize(
    ("text", "line", "told"),
    [
        ("languages: [ja]\ncountries: {JP: [ja]}\nmood: good\n", 3, "mood"),
        ("languages: [ja]\ncountries: {JP: [ja]}\nformats:\n  JP: {currency: yen}\n", 4, "currency"),
        ("languages: [ja]\ncountries: {JP: [ja]}\nformats:\n  JP: {currency: JPY, timezone: Asia/Nowhere}\n", 4, "time zone"),
        ("languages: [ja]\ncountries: {JP: [ja]}\nformats:\n  KR: {currency: KRW}\n", 4, "KR is none"),
        ("languages: [ja]\ncountries: {JP: [ja]}\ncalendar:\n  - {season: obon, rule: 02-31}\n", 4, "day is out of range"),
        ("languages: [ja]\ncountries: {JP: [ja]}\ncalendar:\n  - {season: obon, rule: soon}\n", 4, "is no rule for a date"),
        ("languages: [ja]\ncountries: {JP: [ja]}\ncalendar:\n  - {season: obon, rule: 08-13, countries: [KR]}\n", 4, "KR is none"),
        ("languages: [ja]\nlanguages: [ko]\ncountries: {JP: [ja]}\n", 2, "stands twice"),
        ("languages: [ja\n", 2, "expected"),
        ("- a\n", 0, "needs"),
    ],
)  # fmt: skip
def test_a_faulty_pack_names_file_and_line(tmp_path: Path, text: str, line: int, told: str) -> None:
    (tmp_path / "pack.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(InputFileError, match=re.escape(told)) as fault:
        read_pack(tmp_path / "pack.yaml")
    assert fault.value.line == line


def test_the_data_folder_overrides_file_by_file(tmp_path: Path, market: Path) -> None:
    mine = tmp_path / "data" / "talk_scripts" / "japan"
    mine.mkdir(parents=True)
    (mine / "lines.yaml").write_text((OASIS / "lines.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    folders = layers(tmp_path / "data", "talk_scripts")
    assert read_packs(folders)["japan"].languages == ("ja",), "the shipped pack.yaml still counts"
    assert {line.market for line in read_talk(folders, ["japan"])} == {"japan"}


def test_the_command_prints_file_and_line_and_exits_with_2(market: Path) -> None:
    assert CliRunner().invoke(app, ["scripts", "check", str(market)]).exit_code == 0
    found(market, stage="teaser")
    result = CliRunner().invoke(app, ["scripts", "check", str(market.parent)])
    assert result.exit_code == 2 and re.search(r"lines\.yaml:2: x-ar-look-01: stage", result.output)
    assert CliRunner().invoke(app, ["scripts", "check", str(market / "nothing")]).exit_code == 2


def test_the_command_shows_a_calendar() -> None:
    result = CliRunner().invoke(app, ["scripts", "calendar", "--market", "middle_east", "--country", "SA", "--year", "2027"])
    assert result.exit_code == 0 and "2027-03-09 eid_al_fitr ±1 day" in result.output and "uae_national_day" not in result.output


def test_the_intents_are_those_the_room_reads() -> None:
    assert {"price.ask", "live.problem", "spec.ask"} <= intents()


@settings(max_examples=60, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=30),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4), max_leaves=12,
    )
)
def test_no_yaml_breaks_the_readers(tmp_path_factory: pytest.TempPathFactory, data: object) -> None:
    folder = tmp_path_factory.mktemp("hostile")
    for name, read in (("lines.yaml", lambda path: parse(path, "x")), ("pack.yaml", read_pack), ("any.yaml", load)):
        (folder / name).write_text(yaml.safe_dump([data, {**GOOD, "when": data}] if name == "lines.yaml" else data, allow_unicode=True), encoding="utf-8")
        with contextlib.suppress(InputFileError):
            read(folder / name)


def test_the_readmes_market_is_one(tmp_path: Path) -> None:
    readme = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    section = readme[readme.index("### Another market in an hour") :]
    pack, lines = re.findall(r"```yaml\n(.*?)```", section, re.S)[:2]
    (tmp_path / "korea").mkdir()
    (tmp_path / "korea" / "pack.yaml").write_text(pack, encoding="utf-8")
    (tmp_path / "korea" / "lines.yaml").write_text(lines, encoding="utf-8")
    assert CliRunner().invoke(app, ["scripts", "check", str(tmp_path / "korea")]).exit_code == 0
    assert read_packs([tmp_path])["korea"].form("ko", "KR").currency == "KRW"
