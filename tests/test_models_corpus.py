"""Reading, cleaning, masking and mixing of training text."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import pytest

from assistant.errors import InputFileError
from assistant.models.corpus import malay, marks, mix, noise, read, slots
from assistant.models.corpus.read import LANGUAGES, Row, SentenceTuple
from assistant.shipped import shipped

HEADER = "kind\t" + "\t".join(LANGUAGES)


def corpus(folder: Path, tuples: int = 60, pairs: int = 1200) -> tuple[Path, Path]:
    """A general folder and a tuple folder of invented text; words are telling: `en17x3` is language, sentence, word."""
    general, hand = folder / "general", folder / "hand"
    general.mkdir()
    hand.mkdir()
    for language in LANGUAGES:
        if language != "en":
            rows = [f"{_words('en', n)}\t{_words(language, n)}\tntrex128" for n in range(pairs)]
            (general / f"en-{language}.tsv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    lines = ["# A topic.", HEADER]
    lines += ["\t".join(["host", *(f"{_words(x, 10_000 + n)} {{product}} {{n}}" for x in LANGUAGES)]) for n in range(tuples)]
    (hand / "topic.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    values = ["slot\t" + "\t".join(LANGUAGES), "product\t" + "\t".join(f"cup_{x}" for x in LANGUAGES)]
    (hand / "slots.tsv").write_text("\n".join(values) + "\n", encoding="utf-8")
    return general, hand


def _words(language: str, number: int) -> str:
    return " ".join(f"{language}{number}x{word}" for word in range(3))


def test_rows_with_a_wrong_number_of_cells_name_file_and_line(tmp_path: Path) -> None:
    path = tmp_path / "en-zh.tsv"
    path.write_text("good\t好\ttatoeba\nno tab\n", encoding="utf-8")
    with pytest.raises(InputFileError) as failure:
        read.read_rows(path)
    assert (failure.value.file, failure.value.line) == (str(path), 2)


@pytest.mark.parametrize(
    ("text", "line"),
    [("kind\tzh\ten\n", 1), (f"{HEADER}\nhost\ta\tb\n", 2), (f"# c\n{HEADER}\nhost\t1\t2\t3\t4\t5\t6\t \t8\n", 3)],
)
def test_tuples_with_a_wrong_header_or_cell_are_refused(tmp_path: Path, text: str, line: int) -> None:
    (tmp_path / "a.tsv").write_text(text, encoding="utf-8")
    with pytest.raises(InputFileError) as failure:
        read.read_tuples(tmp_path)
    assert failure.value.line == line


def test_the_shipped_corpus_reads_and_every_slot_in_it_can_be_filled() -> None:
    folder = shipped("models") / "corpus"
    tuples, values = read.read_tuples(folder), read.read_slots(folder / read.SLOT_FILE)
    assert len(tuples) >= 800
    rng = random.Random(1)
    for entry in tuples:
        wanted = sorted(slots.SLOT.findall(entry.cells["zh"]))
        for language in LANGUAGES:
            assert sorted(slots.SLOT.findall(entry.cells[language])) == wanted, entry.cells[language]
        source, target = slots.fill(entry.cells["zh"], entry.cells["ar"], ("zh", "ar"), values, rng, {})
        assert not slots.SLOT.search(source + target)


def test_about_a_twenty_fifth_is_held_out_and_half_of_it_is_development() -> None:
    entries = [SentenceTuple("host", {"zh": f"第{number}句"}) for number in range(5000)]
    held = [entry for entry in entries if read.is_held_out(entry)]
    looked_at = [entry for entry in held if read.is_development(entry)]
    assert 150 < len(held) < 250
    assert 0.35 < len(looked_at) / len(held) < 0.65
    assert not any(read.is_development(entry) for entry in entries if entry not in held)


def test_malay_and_indonesian_rows_go_to_their_own_language() -> None:
    trusted_ms = [Row("a", "dia tidak boleh pergi kerana polis sudah sampai di pejabat", "ntrex128")] * 5
    trusted_id = [Row("a", "dia tidak bisa pergi karena polisi sudah sampai di kantor", "ntrex128")] * 5
    ms, indonesian = malay.separate(
        [*trusted_ms, Row("x", "Kau bisa datang besok.", "tatoeba"), Row("y", "Awak boleh datang esok.", "tatoeba")],
        [*trusted_id, Row("x", "Kau bisa datang besok.", "tatoeba"), Row("y", "Awak boleh datang esok.", "tatoeba")],
    )
    assert [row.other for row in ms if row.origin == "tatoeba"] == ["Awak boleh datang esok."]
    assert [row.other for row in indonesian if row.origin == "tatoeba"] == ["Kau bisa datang besok."]


def test_joining_over_english_gives_direct_rows() -> None:
    rows = {"zh": [Row("hello", "你好", "t"), Row("only zh", "独", "t")], "th": [Row("hello", "สวัสดี", "t"), Row("only th", "เดียว", "t")]}
    assert mix.joined(rows, "zh", "th") == [Row("你好", "สวัสดี", "t")]


def test_a_price_is_the_same_figure_in_both_languages() -> None:
    table = {"currency": [{"zh": "{v}元", "en": "{v} yuan"}]}
    for seed in range(50):
        source, target = slots.fill("只要{price}", "only {price}", ("zh", "en"), table, random.Random(seed), {})
        assert source.removeprefix("只要").removesuffix("元") == target.removeprefix("only ").removesuffix(" yuan")


def test_a_slot_that_stands_twice_keeps_its_two_values_in_order() -> None:
    source, target = slots.fill("{n}加{n}", "{n} and {n}", ("zh", "en"), {}, random.Random(2), {})
    assert source.split("加") == target.split(" and ")
    assert len(set(source.split("加"))) == 2


def test_masking_takes_only_what_stands_once_on_both_sides() -> None:
    rng = random.Random(3)
    source, target = marks.mask("买2件用SALE50减20%", "Buy 2 with SALE50, save 20%", ("zh", "en"), rng, 1.0)
    assert len(marks.MARK.findall(source)) == 3
    assert marks.MARK.findall(source) == marks.MARK.findall(target)
    indices = [int(mark[1:-1]) for mark in marks.MARK.findall(source)]
    assert indices == sorted(indices)
    assert marks.mask("2大2小", "2 large and 2 small", ("zh", "en"), rng, 1.0) == ("2大2小", "2 large and 2 small")
    assert marks.mask("12件", "1 of 2", ("zh", "en"), rng, 1.0) == ("12件", "1 of 2")


@pytest.mark.parametrize("seed", range(30))
def test_decorating_puts_the_same_marks_on_both_sides_once_each(seed: int) -> None:
    source, target = marks.decorate("⟦3⟧好", "good ⟦3⟧", random.Random(seed))
    assert Counter(marks.MARK.findall(source)) == Counter(marks.MARK.findall(target))
    assert set(Counter(marks.MARK.findall(source)).values()) == {1}
    assert 2 <= len(marks.MARK.findall(source)) <= 5


def test_noise_never_touches_a_mark_and_never_empties_a_line() -> None:
    changed = 0
    text = "Hello ⟦2⟧, this costs 89 riyals ⟦11⟧!"
    for seed in range(400):
        rough = noise.roughen(text, random.Random(seed))
        assert marks.MARK.findall(rough) == ["⟦2⟧", "⟦11⟧"]
        changed += rough != text
        assert noise.roughen("!", random.Random(seed))
    assert 60 < changed < 220


def test_the_mixture_never_draws_what_is_held_out(tmp_path: Path) -> None:
    mixture = mix.mixture(*corpus(tmp_path, tuples=200))
    assert mixture.held_out and mixture.development
    forbidden = {entry.cells[x].split()[0] for entry in mixture.held_out for x in LANGUAGES}
    for pair in mixture.development:
        number = pair.source.split("x")[0].strip("abcdefghijklmnopqrstuvwyz")
        forbidden |= {f"{language}{number}x0" for language in LANGUAGES}
    rng = random.Random(4)
    for _ in range(6000):
        pair = mixture.draw(rng)
        assert not forbidden & set(pair.target.split())


def test_the_mixture_keeps_its_shares_and_repeats_itself_for_a_seed(tmp_path: Path) -> None:
    mixture = mix.mixture(*corpus(tmp_path), domain_share=0.4)
    pairs = [mixture.draw(rng) for rng in [random.Random(5)] for _ in range(4000)]
    again = [mixture.draw(rng) for rng in [random.Random(5)] for _ in range(4000)]
    assert pairs == again
    domain = sum("cup_" in pair.target or "⟦" in pair.target for pair in pairs) / len(pairs)
    assert 0.35 < domain < 0.5
    assert {(pair.source_language, pair.target_language) for pair in pairs} >= {("zh", "th"), ("en", "ja"), ("vi", "zh"), ("ar", "ms")}
    copies = [mixture.draw(rng, copy_share=1.0) for rng in [random.Random(6)] for _ in range(200)]
    assert all(pair.source_language == pair.target_language for pair in copies)


def test_the_terms_of_a_glossary_are_drawn_too(tmp_path: Path) -> None:
    glossary = tmp_path / "common.csv"
    glossary.write_text("zh,en,ja,ar,id,th,vi,ms\n保温杯,flask,水筒,ترمس,termos,กระติก,bình giữ nhiệt,termos\n半行,half,,,,,,\n", encoding="utf-8")
    mixture = mix.mixture(*corpus(tmp_path, tuples=30), domain_share=1.0, glossary=glossary)
    assert [entry.cells["en"] for entry in mixture.terms] == ["flask"]
    rng = random.Random(1)
    drawn = [mixture.draw(rng) for _ in range(400)]
    share = sum("flask" in (pair.source + pair.target).lower() or {"保温杯", "水筒", "ترمس"} & {pair.source, pair.target} != set() for pair in drawn) / 400
    assert 0.02 < share < 0.2
