"""Reads viewers' comments for the room's sake: what is personal in them, and whether they are abuse or another's advert."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from assistant.guard.match import BORROWS, Rulebook
from assistant.guard.normal import Tables, rows
from assistant.guard.privacy import Personal, Privacy
from assistant.guard.rules import Rule

OFFENSIVE = ("troll.", "spam.")
"""Groups of intents that a comment is flagged for."""
_EVERYWHERE = "en"


class Comments:
    """The word lists and patterns for comments; built once for all rooms."""

    def __init__(self, tables: Tables | None = None) -> None:
        words: dict[str, dict[str, tuple[str, ...]]] = {}
        for lang, kind, phrases in rows("abuse.tsv"):
            words.setdefault(kind, {})[lang] = tuple(phrases.split("|"))
        fine: Mapping[str, tuple[str, ...]] = words.pop("fine", {})
        self._abuse = Rulebook([Rule(kind, "gender_ethnicity", "block", triggers=given, unless=fine) for kind, given in words.items()], tables)
        self._privacy = Privacy()

    def personal(self, text: str, langs: Sequence[str] = (), regions: Sequence[str] = ()) -> list[Personal]:
        """What is personal in a text; see `Privacy.find`."""
        return self._privacy.find(text, langs, regions)

    def masked(self, text: str, langs: Sequence[str] = (), regions: Sequence[str] = ()) -> str:
        """The text without what is personal."""
        return self._privacy.masked(text, langs, regions)

    def offensive(self, text: str, lang: str, intents: Sequence[str] = ()) -> bool:
        """Whether a comment in `lang` abuses, pesters or advertises: by its words, or by the intents it was read as."""
        if any(intent.startswith(OFFENSIVE) for intent in intents):
            return True
        known = lang == _EVERYWHERE or lang in BORROWS
        return bool(self._abuse.check(text, lang)) or (not known and bool(self._abuse.check(text, _EVERYWHERE)))
