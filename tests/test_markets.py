"""The shipped packs and their overrides."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.errors import InputFileError
from assistant.markets import read_markets
from assistant.shipped import layers, shipped


def test_the_five_shipped_markets() -> None:
    markets = read_markets([shipped("talk_scripts")])
    assert markets.names() == ["europe", "japan", "middle_east", "north_america", "southeast_asia"]
    assert markets.languages(["middle_east", "japan", "southeast_asia"]) == ("ar", "en", "ja", "id", "ms", "th", "vi")
    assert markets.languages_of("SA")[0] == "ar" and markets.languages_of("XX") == () and markets.languages_of(None) == ()
    assert markets.first_with("en", ["japan", "southeast_asia"]) == "southeast_asia"
    assert markets.first_with("th", ["japan"]) is None


def test_the_data_folder_overrides_and_adds(tmp_path: Path) -> None:
    for name, languages in (("japan", "[ja, en]"), ("korea", "[ko]")):
        (tmp_path / "talk_scripts" / name).mkdir(parents=True)
        (tmp_path / "talk_scripts" / name / "pack.yaml").write_text(f"languages: {languages}\ncountries: {{KR: [ko]}}\n", encoding="utf-8")
    markets = read_markets(layers(tmp_path, "talk_scripts"))
    assert markets.languages(["japan"]) == ("ja", "en") and markets.languages_of("KR") == ("ko",) and len(markets.names()) == 6


@pytest.mark.parametrize("text", ["languages: [ja", "languages: [ja]\n", "[]", ""])
def test_a_bad_pack_names_its_file(tmp_path: Path, text: str) -> None:
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "pack.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(InputFileError, match=r"pack\.yaml"):
        read_markets([tmp_path])
