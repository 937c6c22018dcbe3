"""Memory files: TSV and TMX in, problems by file and line, hostile XML, and the commands."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant.errors import InputFileError
from assistant.memory import Entry, Memory
from assistant.memory.files import check_entries, load, read_entries, usable, write_tsv

HEADER = "source_lang\ttarget_lang\tsource\ttarget\n"
TMX = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE tmx SYSTEM "tmx14.dtd">
<tmx version="1.4"><header srclang="zh-CN" segtype="sentence" adminlang="en" o-tmf="x" datatype="plaintext" creationtool="x" creationtoolversion="1"/>
<body>
<tu><tuv xml:lang="zh-CN"><seg>今天<bpt i="1">&lt;b&gt;</bpt><hi>包邮</hi><ept i="1">&lt;/b&gt;</ept></seg></tuv>
<tuv xml:lang="en-US"><seg>Free shipping
  today</seg></tuv><tuv xml:lang="ar"><seg>الشحن مجاني اليوم</seg></tuv></tu>
<tu srclang="*all*"><tuv lang="ja"><seg>送料無料</seg></tuv><tuv lang="ko"><seg>무료 배송</seg></tuv></tu>
</body></tmx>
"""


def file(folder: Path, name: str, text: str, encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_text(text, encoding=encoding)
    return path


def test_a_tsv_with_a_byte_order_mark_windows_ends_and_comments(tmp_path: Path) -> None:
    path = file(tmp_path, "a.tsv", "# approved by the owner\r\n" + HEADER.replace("\n", "\r\n") + "zh\ten\t今天包邮\tFree shipping today\r\n\r\n", "utf-8-sig")
    assert read_entries(path) == [(3, Entry("zh", "en", "今天包邮", "Free shipping today", "a.tsv:3"))]


def test_a_tmx_gives_each_pair_from_its_source_language(tmp_path: Path) -> None:
    path = file(tmp_path, "a.tmx", TMX)
    pairs = [(line, entry.source_lang, entry.target_lang, entry.source, entry.target) for line, entry in read_entries(path)]
    assert pairs == [
        (5, "zh-CN", "en-US", "今天包邮", "Free shipping today"),
        (5, "zh-CN", "ar", "今天包邮", "الشحن مجاني اليوم"),
        (8, "ja", "ko", "送料無料", "무료 배송"),
        (8, "ko", "ja", "무료 배송", "送料無料"),
    ]
    memory = Memory()
    assert load(memory, tmp_path) == []
    hit = memory.lookup("今天包邮！", "zh", "en")
    assert hit is not None and (hit.text, hit.origin) == ("Free shipping today", "a.tmx:5")


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        ("a.tsv", "", 0),
        ("a.tsv", "zh\ten\tx\ty\n", 1),
        ("a.tsv", HEADER + "zh\ten\tx\n", 2),
        ("a.tsv", HEADER + "zh\ten\tx\ty\nzh\ten\tx\ty\tz\n", 3),
        ("a.txt", HEADER, 0),
        ("a.tmx", "<tmx>\n<body>\n</tmx>", 3),
        ("a.tmx", "<html/>", 1),
        ("a.tmx", "", 1),
        ("a.tmx", '<?xml version="1.0"?>\n<!DOCTYPE tmx [<!ENTITY a "aaaaaaaaaa">\n]><tmx>&a;</tmx>', 2),
        ("a.tmx", '<!DOCTYPE tmx [<!ENTITY x SYSTEM "file:///etc/hostname">]><tmx><body><tu><tuv><seg>&x;</seg></tuv></tu></body></tmx>', 1),
        ("a.tmx", "<tmx>" + "<a>" * 200, 1),
        ("a.tmx", '<?xml version="1.0" encoding="klingon"?><tmx/>', 1),
    ],
)
def test_what_is_no_memory_file_is_named_with_its_line(tmp_path: Path, name: str, text: str, line: int) -> None:
    path = file(tmp_path, name, text)
    with pytest.raises(InputFileError) as fault:
        read_entries(path)
    assert (fault.value.file, fault.value.line) == (str(path), line)
    assert [(problem.file, problem.line) for problem in load(Memory(), tmp_path)] == ([(str(path), line)] if path.suffix != ".txt" else [])


def test_bytes_that_are_no_utf_8_are_named_with_their_line(tmp_path: Path) -> None:
    path = tmp_path / "a.tsv"
    path.write_bytes(HEADER.encode() + b"zh\ten\t\xff\ty\n")
    with pytest.raises(InputFileError, match=r"a\.tsv:2: is no UTF-8"):
        read_entries(path)


def test_every_problem_of_a_pair_is_named_and_keeps_it_out(tmp_path: Path) -> None:
    rows = [
        "zh\ten\t今天包邮\tFree shipping", "zh\ten\t今天包邮\tFree delivery", "zh\ten\t今天包邮\tFree shipping", "zh\ten\t\tx", "zh\ten\tx\t",
        "chinese!\ten\tx\ty", "zh\tzh\tx\ty", "zh\ten\t今天\u202e包邮\ty", "zh\ten\t123\t456", "zh\ten\t" + "长" * 2001 + "\ty", "zh\ten\t好\tOK",
    ]  # fmt: skip
    path = file(tmp_path, "a.tsv", HEADER + "\n".join(rows))
    entries = read_entries(path)
    problems = [(problem.line, problem.message) for problem in check_entries(path, entries)]
    assert problems == [
        (3, "has another translation than line 2: 今天包邮"), (4, "repeats line 2: 今天包邮"), (5, "source is empty"), (6, "target is empty"),
        (7, "source_lang chinese! is no language code"), (8, "both languages are the same"), (9, "source holds the invisible character U+202E"),
        (10, "source has no word"), (11, "source has more than 2000 characters"),
    ]  # fmt: skip
    assert [(entry.source, entry.target) for entry in usable(entries)] == [("今天包邮", "Free shipping"), ("好", "OK")]


CELL = st.text(min_size=1, max_size=40)


@given(st.lists(st.tuples(CELL, CELL), max_size=8))
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_written_reads_back_but_for_its_white_space(tmp_path: Path, cells: list[tuple[str, str]]) -> None:
    entries = [Entry("zh", "en", " ".join(source.split()), " ".join(target.split())) for source, target in cells]
    entries = [entry for entry in entries if entry.source and entry.target and entry.source.isprintable() and entry.target.isprintable()]
    path = tmp_path / "w.tsv"
    assert write_tsv(path, entries) == len(entries)
    assert [(entry.source, entry.target) for _, entry in read_entries(path)] == [(entry.source, entry.target) for entry in entries]


def liveroom(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "assistant", *map(str, arguments)], capture_output=True, text=True, encoding="utf-8", timeout=60, check=False)


def test_the_commands_check_and_import(tmp_path: Path) -> None:
    path, data = file(tmp_path, "shop.tmx", TMX), tmp_path / "data"
    done = liveroom("memory", "check", path)
    assert done.returncode == 0 and "4 pairs, no problems" in done.stdout
    done = liveroom("memory", "import", path, "--data", data)
    assert done.returncode == 0 and "4 pairs" in done.stdout
    assert (data / "memory" / "shop.tsv").read_text(encoding="utf-8").startswith(HEADER + "zh-CN\ten-US\t今天包邮\tFree shipping today\n")
    assert liveroom("memory", "check", "--data", data).returncode == 0
    bad = file(tmp_path, "bad.tsv", HEADER + "zh\ten\t好\tOK\nzh\ten\t\tx\n")
    done = liveroom("memory", "check", bad)
    assert done.returncode == 2 and "bad.tsv:3: source is empty" in done.stdout
    done = liveroom("memory", "import", bad, "--data", data)
    assert done.returncode == 0 and "1 pairs" in done.stdout and "bad.tsv:3" in done.stderr
    done = liveroom("memory", "import", file(tmp_path, "none.tsv", HEADER), "--data", data)
    assert done.returncode == 2 and "holds no pair" in done.stderr
    assert liveroom("memory", "import", path, "--name", "../x", "--data", data).returncode == 2
    done = liveroom("memory", "export", "--data", data)
    assert done.returncode == 2 and "holds no record" in done.stderr
