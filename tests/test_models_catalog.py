"""The catalog of checkpoints: the shipped file, and what a wrong one is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.errors import InputFileError, ModelError
from assistant.models.catalog import Catalog
from assistant.models.languages import known, target_tokens
from assistant.shipped import shipped

ONE = """
[pairs]
zh-en = ["o/m"]
[[checkpoint]]
repo = "o/m"
source = ["zh"]
target = ["en"]
licence = "CC0-1.0"
"""


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return Catalog.read(shipped("models") / "catalog.toml")


def test_every_language_has_both_directions_with_english(catalog: Catalog) -> None:
    for language in ("zh", "ja", "ar", "id", "th", "vi", "ms", "tl", "ko", "es", "pt", "de", "fr"):
        for pair in (f"{language}-en", f"en-{language}"):
            assert catalog.find(pair), pair


def test_every_market_has_pairs_with_its_host(catalog: Catalog) -> None:
    assert set(catalog.markets) == {"middle_east", "japan", "southeast_asia", "north_america", "europe"}
    assert catalog.market("middle_east") == ("zh-en", "en-zh", "ar-en", "en-ar")
    assert catalog.market("japan", hosts=["en"]) == ("ja-en", "en-ja")
    with pytest.raises(ModelError, match="no market 'mars'"):
        catalog.market("mars")


def test_broken_checkpoints_are_never_offered(catalog: Catalog) -> None:
    assert "Helsinki-NLP/opus-mt-en-jap" in catalog.broken
    offered = {checkpoint.repo for choices in catalog.pairs.values() for checkpoint in choices}
    assert not offered & set(catalog.broken)
    for name in ("opus-mt-jap-en", "Helsinki-NLP/opus-mt-tc-big-zh-ja"):
        with pytest.raises(ModelError, match="must not be used"):
            catalog.find(name)


def test_a_pair_without_a_checkpoint_names_the_way_through_english(catalog: Catalog) -> None:
    with pytest.raises(ModelError, match="liveroom models pull zh-en en-ar"):
        catalog.find("zh-ar")
    with pytest.raises(ModelError, match="the catalog has no 'xx-yy'"):
        catalog.find("xx-yy")


def test_several_targets_have_their_tokens(catalog: Catalog) -> None:
    (english_to_chinese,) = catalog.find("en-zh")
    assert english_to_chinese.prefix == {"zh": ">>cmn_Hans<<"}
    assert [checkpoint.prefix["ar"] for checkpoint in catalog.find("en-ar")] == [">>ara<<", ">>ara<<"]
    assert catalog.find("opus-tatoeba-en-ja")[0].revision == "refs/pr/3"


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        (ONE.replace('"o/m"]', '"o/other"]'), 3, "no \\[\\[checkpoint\\]\\]"),
        (ONE.replace("zh-en", "en-zh"), 3, "does not translate it"),
        (ONE + '[[broken]]\nrepo = "o/m"\nreason = "bad"\n', 5, "listed twice"),
        (ONE + '[[broken]]\nrepo = "o/x"\nreason = "bad"\n', 3, "must not be used: bad"),
        (ONE.replace('licence = "CC0-1.0"', ""), 5, "needs a licence"),
        (ONE.replace('repo = "o/m"', 'repo = "../m"'), 4, "owner/name"),
        (ONE + 'prefix = { ar = ">>ara<<" }\n', 5, "not among its targets"),
        (ONE + "scores.x = { en-zh = 3 }\n", 5, "does not translate"),
    ],
)
def test_a_wrong_catalog_is_told_with_its_line(tmp_path: Path, text: str, line: int, said: str) -> None:
    file = tmp_path / "catalog.toml"
    file.write_text(text.replace('["o/m"]', '["o/x"]') if "o/x" in text else text, encoding="utf-8")
    with pytest.raises(InputFileError, match=said) as caught:
        Catalog.read(file)
    assert caught.value.line == line


def test_languages_and_tokens_of_checkpoints() -> None:
    assert [known(code) for code in ("zho", "eng", "zsm_Latn", "mul", "")] == ["zh", "en", "ms", "", ""]
    assert target_tokens(["▁a", "b"], ["ar"], {}, "m") == {}
    vocabulary = [">>ara<<", ">>arz<<", ">>zsm_Latn<<", ">>ind<<", "▁a"]
    assert target_tokens(vocabulary, ["ar", "ms", "id"], {}, "m") == {"ar": ">>ara<<", "ms": ">>zsm_Latn<<", "id": ">>ind<<"}
    assert target_tokens(vocabulary, ["ar"], {"ar": ">>arz<<"}, "m") == {"ar": ">>arz<<"}
    with pytest.raises(ModelError, match="no target token >>afb<< for ar"):
        target_tokens(vocabulary, ["ar"], {"ar": ">>afb<<"}, "m")
