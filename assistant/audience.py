"""What the room remembers of its viewers while it runs: known comments, and what each viewer typed in before.

Bounded: the oldest is forgotten; what is forgotten is still in the record.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

COMMENTS = 10_000
VIEWERS = 10_000


@dataclass(frozen=True, slots=True)
class Known:
    """A recorded comment."""

    seq: int
    lang: str
    user: str


class Audience:
    """Recent comments and the languages of recent viewers."""

    def __init__(self) -> None:
        self._comments: OrderedDict[tuple[str, str], Known] = OrderedDict()
        self._by_id: dict[str, Known] = {}
        self._languages: OrderedDict[str, dict[str, int]] = OrderedDict()

    def seq_of(self, platform: str, comment_id: str) -> int | None:
        """The number of a comment that is recorded already."""
        known = self._comments.get((platform, comment_id))
        return known.seq if known else None

    def known(self, platform: str, comment_id: str, seq: int, lang: str, user: str) -> None:
        """Remember a recorded comment."""
        self._comments[platform, comment_id] = self._by_id[comment_id] = Known(seq, lang, user)
        while len(self._comments) > COMMENTS:
            (_, forgotten), _ = self._comments.popitem(last=False)
            self._by_id.pop(forgotten, None)

    def recorded(self, seq: int, body: Mapping[str, Any]) -> None:
        """Take a comment up from the record."""
        self.known(body["platform"], body["id"], seq, body["lang"], body["user"]["id"])
        self.typed(body["user"]["id"], body["lang"], body["confidence"])

    def lang_of(self, comment_id: str) -> str | None:
        """The language of a comment, None when it is not known."""
        known = self._by_id.get(comment_id)
        return known.lang if known else None

    def knows(self, target: str) -> bool:
        """Whether a moderator may point at this: a comment's id or a viewer's pseudonym."""
        return target in self._by_id or target in self._languages

    def forget(self, seqs: Collection[int], gone: Callable[[str], bool]) -> set[str]:
        """Drop the comments with these numbers and the viewers (pseudonyms) that are `gone` with theirs; returns the comments' ids."""
        dropped = {key: known for key, known in self._comments.items() if known.seq in seqs or gone(known.user)}
        for (platform, comment_id), known in dropped.items():
            del self._comments[platform, comment_id]
            if self._by_id.get(comment_id) is known:
                del self._by_id[comment_id]
        for user in [user for user in self._languages if gone(user)]:
            del self._languages[user]
        return {comment_id for _, comment_id in dropped}

    def typed(self, user: str, lang: str, confidence: float) -> None:
        """Remember that a viewer typed in a language, where that was sure enough to learn from."""
        history = self._languages.setdefault(user, {})
        self._languages.move_to_end(user)
        if lang != "und" and confidence >= 0.8:
            history[lang] = history.get(lang, 0) + 1
        while len(self._languages) > VIEWERS:
            self._languages.popitem(last=False)

    def history(self, user: str) -> Mapping[str, int]:
        """How many comments of a viewer were in which language."""
        return self._languages.get(user, {})
