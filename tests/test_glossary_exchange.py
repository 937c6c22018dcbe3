"""Other tools' glossaries: every format round-trips, what can't be taken is told, nothing is overwritten."""

from __future__ import annotations

import contextlib
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.errors import InputFileError, MissingExtra
from assistant.glossary.check import check
from assistant.glossary.exchange import formats
from assistant.glossary.exchange.merge import merge
from assistant.glossary.exchange.units import Unit, units_of
from assistant.glossary.read import Sheet, parse
from assistant.protect.terms import Term

DATA = Path(__file__).parent / "data" / "glossaries"
EMPTY = Sheet((), (), ())
TERMS = [
    Term({"zh": "精华液", "ar": "سيروم", "en": 'the "real" serum, 30 ml'}, note="beauty"),
    Term({"zh": "面霜", "ar": "كريم", "en": "face <cream> & more"}),
    Term({"zh": "iPhone", "ar": "iPhone", "en": "iPhone"}),
    Term({"zh": "包邮", "ar": "شحن مجاني"}),
]
CELL = st.text(st.characters(exclude_categories=["C", "Z"], exclude_characters="\ufffe\uffff"), min_size=1, max_size=20)


def cells(units) -> list[dict[str, str]]:
    return [dict(unit.cells) for unit in units]


def read(text: str | bytes, kind: str = "auto", pair: tuple[str, str] | None = None, name: str = "f.csv"):
    return formats.read(text.encode() if isinstance(text, str) else text, name, kind, pair)


@pytest.mark.parametrize("kind", formats.WRITE)
@pytest.mark.parametrize("guess", [True, False])
def test_every_format_round_trips(kind: str, guess: bool) -> None:
    languages = ("zh", "ar", "en") if kind in ("google-sets", "aws", "tmx", "tbx") else ("zh", "ar")
    units = units_of(TERMS, languages)
    content, left_out = formats.write(units, languages, kind)
    known_as = "auto" if guess else kind.removesuffix("-tsv")
    back = read(content, known_as, None if kind == "deepl" else ("zh", "ar"))
    assert cells(back.units) == cells(units) and not left_out and not back.problems
    if kind in ("tmx", "tbx"):
        assert back.units[0].note == "beauty"


@pytest.mark.parametrize("kind", formats.WRITE)
@given(pairs=st.lists(st.tuples(CELL, CELL), min_size=1, max_size=5, unique_by=lambda pair: pair[0]))
def test_hostile_terms_round_trip(kind: str, pairs: list[tuple[str, str]]) -> None:
    units = [Unit(number, {"zh": source, "ar": target}) for number, (source, target) in enumerate(pairs, 2)]
    content, _ = formats.write(units, ("zh", "ar"), kind)
    back = read(content, kind.removesuffix("-tsv"), ("zh", "ar"))
    assert cells(back.units) == cells(units)


def test_deepl_exports_of_two_to_five_columns() -> None:
    assert cells(read("精华液,سيروم\n", pair=("zh", "ar")).units) == [{"zh": "精华液", "ar": "سيروم"}]
    assert cells(read("精华液\tسيروم\n5\" 屏\tشاشة\n", pair=("zh", "ar")).units) == [{"zh": "精华液", "ar": "سيروم"}, {"zh": '5" 屏', "ar": "شاشة"}]
    website = '\ufeff"a ""quoted"" word","كلمة","EN","AR"\n"精华液","serum","ZH","EN"\n'
    assert cells(read(website).units) == [{"en": 'a "quoted" word', "ar": "كلمة"}, {"zh": "精华液", "en": "serum"}]
    assert cells(read("精华液,سيروم,zh-Hans,ar,beauty\n").units) == [{"zh": "精华液", "ar": "سيروم"}]
    assert cells(read("精华液;سيروم\n", pair=("zh", "ar")).units) == [{"zh": "精华液", "ar": "سيروم"}]
    assert cells(read("source,target\n精华液,سيروم\n", pair=("zh", "ar")).units) == [{"zh": "精华液", "ar": "سيروم"}]
    assert cells(read("精华液,سيروم\n".encode("utf-16"), pair=("zh", "ar")).units) == [{"zh": "精华液", "ar": "سيروم"}]
    with pytest.raises(InputFileError, match="--from and --to"):
        read("精华液,سيروم\n")
    odd = read("精华液,سيروم,zh,xx\n,سيروم,zh,ar\n面霜,كريم,ar,ar\na,b,c,d,e,f\n包邮,شحن مجاني,zh,ar\n")
    assert len(odd.units) == 1 and [problem.line for problem in odd.problems] == [1, 2, 3, 4]


def test_term_sets_of_google_and_aws() -> None:
    google = read("en,zh-CN,pt-BR,pos,description\nserum,精华液,sérum,noun,for the face\ncream,,creme,,\nalone,,,,\n")
    assert cells(google.units) == [{"en": "serum", "zh": "精华液", "pt": "sérum"}, {"en": "cream", "pt": "creme"}]
    assert google.units[0].note == "for the face" and [problem.line for problem in google.problems] == [4]
    aws = read("en,zh,zh-TW\nserum,精华液,精華液\n")
    assert cells(aws.units) == [{"en": "serum", "zh": "精华液"}] and "'zh-TW' is left out" in aws.problems[0].message


def test_tmx_and_tbx_of_other_tools() -> None:
    memory = read((DATA / "sample.tmx").read_bytes(), name="sample.tmx")
    assert cells(memory.units) == [{"en": "free shipping", "zh": "包邮", "ar": "شحن مجاني"}, {"en": "size chart", "zh": "尺码表"}]
    assert [problem.line for problem in memory.problems] == [2, 3]
    for name in ("sample_2008.tbx", "sample_2019.tbx"):
        base = read((DATA / name).read_bytes(), name=name)
        assert cells(base.units) == [{"en": "serum", "ar": "سيروم"}, {"en": "coupon", "ar": "كوبون"}], name
        assert base.units[0].avoid == {"ar": ("مصل",)} and base.units[0].note == "For the face."


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"<tmx", "x.tmx"),
        (b"<?xml version='1.0'?><html/>", "x.tmx"),
        (b"<?xml version='1.0'?><html/>", "x.tbx"),
        (b"", "x.tbx"),
        (b"\x00\x01", "x.tmx"),
        (b'<!DOCTYPE t [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><tmx version="1.4"><header/><body>'
         b"<tu><tuv xml:lang='en'><seg>&b;&b;&b;</seg></tuv></tu></body></tmx>", "x.tmx"),
        (b"", "x.csv"),
        (b"\xff\xff\xff", "x.csv"),
        (b'a,"b\n', "x.csv"),
        (b"en\n", "x.csv"),
    ],
)  # fmt: skip
def test_what_is_no_glossary_is_refused_or_empty(content: bytes, name: str) -> None:
    try:
        found = read(content, name=name)
    except InputFileError as error:
        assert error.file == name
    else:
        assert not found.units


@given(st.binary(max_size=200), st.sampled_from(["x.csv", "x.tmx", "x.tbx"]))
def test_any_bytes_are_read_or_refused(content: bytes, name: str) -> None:
    with contextlib.suppress(InputFileError):
        read(content, name=name, pair=("zh", "ar"))


def test_an_external_entity_is_not_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("SECRET", encoding="utf-8")
    content = f"""<?xml version="1.0"?><!DOCTYPE tmx [<!ENTITY s SYSTEM "{secret.as_uri()}">]><tmx version="1.4"><header srclang="en"/><body>
        <tu><tuv xml:lang="en"><seg>a &s;</seg></tuv><tuv xml:lang="ar"><seg>b</seg></tuv></tu></body></tmx>"""
    try:
        found = read(content, name="x.tmx")
    except InputFileError:
        return
    assert "SECRET" not in str(found)


def test_without_the_extra_the_command_that_gets_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("translate.storage.tmx", "translate.storage.tbx"):
        monkeypatch.setitem(sys.modules, name, None)
    for name in ("x.tmx", "x.tbx"):
        with pytest.raises(MissingExtra, match=r'pip install "liveroom-assistant\[tmx\]"'):
            read("<x/>", name=name)
    with pytest.raises(MissingExtra):
        formats.write([], ("zh", "ar"), "tmx")


def test_what_a_service_does_not_take_is_left_out_and_told() -> None:
    units = [Unit(2, {"zh": "精" * 67, "ar": "س"}), Unit(3, {"zh": "精" * 66, "ar": "س"}), Unit(4, {"zh": "精" * 66, "ar": "ش"})]
    content, left_out = formats.write(units, ("zh", "ar"), "aws")
    assert [problem.line for problem in left_out] == [2] and len(read(content).units) == 2
    _, twice = formats.write(units[1:], ("zh", "ar"), "deepl")
    assert [problem.line for problem in twice] == [4]
    with pytest.raises(InputFileError, match="one --to"):
        formats.write([], ("zh", "ar", "en"), "deepl")
    with pytest.raises(InputFileError, match="no format"):
        formats.write([], ("zh", "ar"), "odt")


def sheet(text: str) -> Sheet:
    return parse(text.encode(), "common.csv")


def test_merging_fills_adds_and_never_overwrites() -> None:
    there = sheet("zh,en,ar,note,match,avoid,heard\n精华液,serum,,mine,exact,ar:مصل,精滑液\n面霜,cream,كريم,,,,\n")
    merged = merge(there, [
        Unit(1, {"zh": "精华液", "ar": "سيروم"}), Unit(2, {"zh": "面霜", "ar": "كريم"}), Unit(3, {"zh": "面霜", "ar": "مرهم"}),
        Unit(4, {"zh": "口红", "ja": "口紅"}), Unit(5, {"zh": "茶", "ja": "お茶"}), Unit(6, {"zh": "眼霜", "ar": "\u202eكريم"}),
        Unit(7, {"zh": "口红", "ja": "リップ"}),
    ])  # fmt: skip
    after = parse(merged.content, "common.csv")
    assert (merged.added, merged.filled, merged.same) == (1, 1, 1)
    assert [problem.line for problem in merged.problems] == [3, 5, 6, 7]
    assert after.columns == ("zh", "en", "ar", "ja", "note", "match", "avoid", "heard") and check(after) == []
    assert [dict(term.cells) for term in after.terms] == [
        {"zh": "精华液", "en": "serum", "ar": "سيروم"}, {"zh": "面霜", "en": "cream", "ar": "كريم"}, {"zh": "口红", "ja": "口紅"}
    ]  # fmt: skip
    assert (after.terms[0].match, after.terms[0].heard, after.terms[0].note) == ("exact", ("精滑液",), "mine")


def test_merging_into_nothing_and_twice() -> None:
    units = [Unit(1, {"ar": "سيروم", "zh": "精华液"})]
    first = merge(EMPTY, units, "zh")
    assert parse(first.content, "x").columns[0] == "zh"
    again = merge(parse(first.content, "x"), units, "zh")
    assert (again.added, again.filled, again.same) == (0, 0, 1) and again.content == first.content


def test_many_entries_that_cannot_be_taken_are_told_in_good_time() -> None:
    units = [Unit(number, {"zh": "茶" if number % 2 else f"新词{number}", "en": f"word {number % 50}"}) for number in range(1, 3_001)]
    start = time.monotonic()
    merged = merge(EMPTY, units, "zh")
    assert (merged.added, len(merged.problems)) == (1_500, 1_500) and time.monotonic() - start < 10


def test_deprecated_terms_that_another_row_uses_are_left_out() -> None:
    merged = merge(sheet("zh,id\n优惠码,kode kupon\n"), [Unit(1, {"zh": "优惠券", "id": "voucher"}, avoid={"id": ("kupon",)})])
    assert merged.added == 1 and [problem.line for problem in merged.problems] == [1] and check(parse(merged.content, "x")) == []


@given(st.lists(st.dictionaries(st.sampled_from(["zh", "ar", "en"]), CELL, min_size=2), max_size=8))
def test_whatever_is_imported_the_file_stays_without_faults(entries: list[dict[str, str]]) -> None:
    there = sheet("zh,en,ar,avoid\n精华液,serum,سيروم,en:essence\n")
    merged = merge(there, [Unit(number, each) for number, each in enumerate(entries, 1)])
    after = parse(merged.content, "x")
    assert check(after) == [] and after.terms[0].cells["zh"] == "精华液" and after.terms[0].cells["en"] == "serum"
