"""The training text of the comment reader: well formed, and never the text that is measured on."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from assistant.errors import InputFileError
from assistant.reading.corpus import CORPUS, OTHER, intent_names, read_folder, read_rows, same, without
from assistant.reading.train import learnt_rows

HELD_OUT = Path(__file__).parent / "data" / "reading_heldout.tsv"


def test_every_file_is_well_formed_and_every_intent_has_examples() -> None:
    names = intent_names()
    assert len(set(names)) == len(names) and names[-1] == OTHER
    rows = read_folder(CORPUS, names)
    counts = Counter(name for row in rows for name in row.intents)
    assert len(rows) >= 3_000
    assert min(counts[name] for name in names) >= 16


def test_no_held_out_comment_is_learnt() -> None:
    names = intent_names()
    held = read_rows(HELD_OUT, names)
    writers, parallel = learnt_rows(names, held)
    measured = {same(row.text) for row in held}
    assert len(writers) > 3_000 and len(parallel) > 8_000
    assert not [row.text for row in (*writers, *parallel) if same(row.text) in measured]


def test_same_text_in_other_dress_is_kept_out_too(tmp_path: Path) -> None:
    (tmp_path / "a.tsv").write_text("en\tHow MUCH?? 😅\tprice.ask\tneutral\t\t\nen\tis it halal\thalal.ask\tneutral\n", encoding="utf-8")
    rows = read_folder(tmp_path, intent_names())
    assert [row.text for row in without(rows, [rows[0].__class__("zh", "how much", (OTHER,), "neutral", False)])] == ["is it halal"]


@pytest.mark.parametrize(
    ("line", "problem"),
    [("en\thi\tgreeting.hello\tneutral", "greeting.hello"), ("en\thi\tother\thappy", "happy"), ("en\thi", "columns"), ("en\t \tother\tneutral", "no text")],
)
def test_a_wrong_row_is_named_with_its_line(tmp_path: Path, line: str, problem: str) -> None:
    file = tmp_path / "rows.tsv"
    file.write_text("# what it is\nlang\ttext\tintents\tsentiment\n" + line + "\n", encoding="utf-8")
    with pytest.raises(InputFileError, match=r"rows\.tsv:3: .*" + problem):
        read_rows(file, intent_names())
