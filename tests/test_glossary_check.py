"""What the checker finds in a glossary, and what it lets pass."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.glossary.check import check, check_file, too_short
from assistant.glossary.read import parse
from assistant.shipped import shipped


def told(text: str) -> list[tuple[int, str]]:
    return [(problem.line, problem.message) for problem in check(parse(text.encode(), "x.csv"))]


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("zh,ar\n精华液,سيروم\n精华液,سيروم\n", 3, "duplicate of line 2"),
        ("zh,ar\n精华液,سيروم\n 精华液 ,سيروم\n", 3, "duplicate of line 2"),
        ("en,ar\nSerum,سيروم\nserum,سيروم\n", 3, "duplicate of line 2"),
        ("zh,ar\n精华液,سيروم\n精华液,مصل\n", 3, "conflict: zh '精华液' is ar 'مصل' here and 'سيروم' on line 2"),
        ("zh,en,ja\n连衣裙,dress,ワンピース\n裙子,dress,スカート\n", 3, "conflict: en 'dress' is ja 'スカート'"),
        ("zh,ar\n茶,شاي\n", 2, "zh '茶' is too short"),
        ("en,zh\nx,未知数\n", 2, "en 'x' is too short"),
        ("zh,en,heard\n精华液,serum,液\n", 2, "heard '液' is too short"),
        ("zh,ar\n精华液,\n", 2, "one language only"),
        ("zh,id,avoid\n优惠券,voucher,id:kupon\n优惠码,kode kupon,\n", 3, "id 'kode kupon' contains 'kupon', which line 2 says to avoid"),
        ("zh,ja,avoid\n精华液,美容エッセンス,ja:エッセンス\n", 2, "which line 2 says to avoid"),
        ("zh,ar\n精华液,精华\n", 2, "ar '精华' is written in Han, not in Arabic"),
        ("zh,en\nserum,精华液\n", 2, "en '精华液' is written in Han, not in Latin"),
        ("zh,th\n精华液,セラム\n", 2, "written in Kana"),
        ("zh,ar,vi\n精华液,serum,tinh chất\n", 2, "ar 'serum' is in Latin letters"),
        ("zh,en,heard\n精华液,serum,\n面霜,cream,精华液\n", 3, "is the term of line 2"),
        ("zh,en,heard\n精华液,serum,精滑叶\n面霜,cream,精滑叶\n", 3, "also stands on line 2"),
    ],
)  # fmt: skip
def test_faults(text: str, line: int, says: str) -> None:
    problems = told(text)
    assert [at for at, message in problems if says in message] == [line], problems
    assert len(problems) <= 2


@pytest.mark.parametrize(
    "text",
    [
        "zh,en,ja\n面霜,cream,クリーム\n乳霜,cream,クリーム\n",  # two words of the host's, one translation
        "zh,ar,en\niPhone,iPhone,iPhone\n数据线,كابل USB-C,USB-C cable\n会员,VIP,VIP\n",
        "en,zh,match\nAPPLE,苹果公司,exact\napple,苹果水果,exact\n",  # exact terms differ in case
        "zh,id,avoid\n优惠券,voucher,id:kupon\n纽扣,kuponan,\n",  # another word that begins alike
        "zh,th,vi\n茶叶,ชา,trà\n",
        "en,zh\nβ-glucan,β-葡聚糖\n",
        "zh,ja\n果蔬の恋,果蔬の恋\n",  # decoration in shop names
        "zh,ar,en\n精华液,سيروم,\n面霜,,cream\n",
        "zh,en,heard\n面双,noodles pair,\n面霜,cream,棉双\n",
        "zh,ko\n精华液,세럼\n",
    ],
)
def test_what_is_right_passes(text: str) -> None:
    assert told(text) == []


def test_too_short() -> None:
    assert all(too_short(text) for text in ("茶", "茶。", "服", "ก", "x", "5", "!!", "ش"))
    assert not any(too_short(text) for text in ("XL", "ชา", "شي", "包包", "2X", "น้ำ"))


@given(st.text(max_size=200))
def test_any_text_is_checked(text: str) -> None:
    check(parse(f"zh,ar,match,avoid,heard\n{text}".encode(errors="replace"), "x"))


@pytest.mark.parametrize("path", sorted(shipped("glossaries").glob("*.csv")), ids=lambda path: path.stem)
def test_shipped_glossaries_have_no_fault(path: Path) -> None:
    assert [f"{path.name}:{problem.line}: {problem.message}" for problem in check_file(path)] == []


def test_a_hostile_file_is_checked_in_bounded_time() -> None:
    """Many avoided words that every cell holds: told up to a bound, not row by row."""
    rows = "".join(f"词语{number:05d}甲,aaaa{'a' * (number % 50)} b{number},en:a | en:aa | en:b{number + 1}\n" for number in range(5_000))
    start = time.monotonic()
    problems = told("zh,en,avoid\n" + rows)
    assert time.monotonic() - start < 10 and 0 < len(problems) <= 5_000
