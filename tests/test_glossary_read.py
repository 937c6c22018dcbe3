"""Reading and writing glossary files: the contract's columns, hostile content, exact round trips."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.errors import InputFileError
from assistant.glossary import read_glossary
from assistant.glossary.read import MAX_BYTES, MAX_CELL, MAX_ROWS, parse
from assistant.glossary.write import write_glossary
from assistant.protect.terms import Term


def told(text: str | bytes) -> list[tuple[int, str]]:
    content = text.encode() if isinstance(text, str) else text
    return [(problem.line, problem.message) for problem in parse(content, "x.csv").problems]


def test_every_column_of_the_contract(tmp_path: Path) -> None:
    file = tmp_path / "middle_east.csv"
    file.write_text(
        "zh,ar,ja,sku,category,note,match,avoid,heard\n"
        '精华液, سيروم ,美容液,SERUM-30,beauty,"a, note",,ar:مصل | ja:エッセンス | ar:جوهر,精滑液|金华叶\n'
        "\n"
        "iPhone,iPhone,iPhone,,,,exact,,\n",
        encoding="utf-8-sig",
    )
    serum, phone = read_glossary(file)
    assert serum == Term(
        {"zh": "精华液", "ar": "سيروم", "ja": "美容液"}, avoid={"ar": ("مصل", "جوهر"), "ja": ("エッセンス",)}, heard=("精滑液", "金华叶"),
        sku="SERUM-30", category="beauty", note="a, note", origin="middle_east.csv:2",
    )  # fmt: skip
    assert (phone.match, phone.origin, phone.heard) == ("exact", "middle_east.csv:4", ())


def test_header_codes_are_ours() -> None:
    assert parse("ZH-Hans,en_US,fil,in,Note\n精华,serum,suwero,serum,n\n".encode(), "x").languages == ("zh", "en", "tl", "id")


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("", 1, "name the columns"),
        ("zh;ar\n精华液;سيروم\n", 1, "semicolons"),
        ("zh,ar,colour\na,b,c\n", 1, "unknown column 'colour'"),
        ("zh,zh-TW\n精华,精華\n", 1, "unknown column 'zh-TW'"),
        ("zh,zh-CN\n精华,精华\n", 1, "stands twice"),
        ("note,match\na,b\n", 1, "no column is a language"),
        ("zh,ar\n精华,سيروم\n面霜,كريم,x\n", 3, "3 cells, the header 2"),
        ("zh,ar,match\n精华,سيروم,fuzzy\n", 2, "match is 'fuzzy'"),
        ("zh,ar,avoid\n精华,سيروم,مصل\n", 2, "does not say a language"),
        ("zh,ar,avoid\n精华,سيروم,xx:مصل\n", 2, "does not say a language"),
        ("zh,ar\n,\n", 2, "empty row"),
        ("zh,ar\n精华,\u202eسيروم\n", 2, "U+202E"),
        ("zh,ar\n精华,سي\u200bروم\n", 2, "U+200B"),
        ("zh,ar\n精华,\x07سيروم\n", 2, "U+0007"),
        ("zh,ar\n精华,⟦0⟧\n", 2, "U+27E6"),
        ('zh,ar\n精华,"two\nlines"\n面霜,كريم\n', 2, "U+000A"),
        ('zh,ar\n精华,"open\n', 2, "not CSV"),
        (f"zh,ar\n精华,{'س' * (MAX_CELL + 1)}\n", 2, "longer than"),
        (f"zh,ar,heard\n精华,سيروم,{'|'.join(map(str, range(31)))}\n", 2, "at most 30"),
        ("zh,ar\n精华,سيروم\n".encode() + b"\xff\xfe\n", 3, "not UTF-8"),
        (b"a" * (MAX_BYTES + 1), 0, "larger than"),
        ("zh,ar\n" + "精华,سيروم\n" * (MAX_ROWS + 1), MAX_ROWS + 2, f"more than {MAX_ROWS}"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_names_its_line(text: str | bytes, line: int, says: str, tmp_path: Path) -> None:
    assert [(at, says in message) for at, message in told(text)][:1] == [(line, True)], told(text)[:1]
    file = tmp_path / "x.csv"
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    with pytest.raises(InputFileError) as error:
        read_glossary(file)
    assert (error.value.file, error.value.line) == (str(file), line)


def test_all_problems_are_told_and_the_other_rows_are_read() -> None:
    sheet = parse("zh,ar,match\n精华,سيروم,\n面霜,كريم,no\n口红,أحمر شفاه,\n,,\n".encode(), "x")
    assert [row.line for row in sheet.rows] == [2, 4] and [problem.line for problem in sheet.problems] == [3, 5]


def test_joiners_and_marks_of_words_are_kept() -> None:
    sheet = parse("zh,th,fa\n精华,เซรั่ม,می‌خواهم\n👩‍👧,👩‍👧,👩‍👧\n".encode(), "x")
    assert not sheet.problems and sheet.terms[0].cells["fa"] == "می‌خواهم"


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputFileError, match=r"none\.csv"):
        read_glossary(tmp_path / "none.csv")


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    parse(content, "x")
    parse(b"zh,ar,match,avoid,heard\n" + content, "x")


WORD = st.text(st.characters(exclude_categories=["C", "Z"], exclude_characters="⟦⟧|"), min_size=1, max_size=12)
TERMS = st.builds(
    Term,
    cells=st.dictionaries(st.sampled_from(["zh", "ar", "th", "en"]), WORD, min_size=1),
    match=st.sampled_from(["word", "exact", "prefix"]),
    avoid=st.dictionaries(st.sampled_from(["ar", "ja"]), st.lists(WORD, min_size=1, max_size=3, unique=True).map(tuple)),
    heard=st.lists(WORD, max_size=3, unique=True).map(tuple),
    sku=WORD, category=st.just(""), note=WORD,
)  # fmt: skip


@given(st.lists(TERMS, min_size=1, max_size=6))
def test_what_is_written_reads_back_the_same(terms: list[Term]) -> None:
    sheet = parse(write_glossary(["th", "note"], terms), "x.csv")
    assert not sheet.problems and sheet.columns[0] == "th"
    assert [row.line for row in sheet.rows] == list(range(2, len(terms) + 2))
    for row, term in zip(sheet.rows, terms, strict=True):
        assert row.term == Term(term.cells, term.match, dict(term.avoid), term.heard, term.sku, term.category, term.note, f"x.csv:{row.line}")
