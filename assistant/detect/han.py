"""Chinese or Japanese by the shapes of Han characters alone, as the national character sets tell them apart.

GB 2312 holds the simplified forms, Big5 the traditional ones, the first level of Shift JIS what Japanese writes every
day. A character of only one of them settles much, and so does a mixture: Japanese simplified some characters like China
and kept others, while a Chinese text is either simplified or traditional.
"""

from __future__ import annotations

_FIRST_LEVEL = (b"\x88\x9f", b"\x98\x72")


def shape(char: str) -> str | None:
    """`japanese` or `chinese` for a form only that language uses, None for one that tells nothing.

    `short` or `full` is a form that everyday Japanese shares with only the simplified or only the traditional set.
    """
    if not "\u3400" <= char <= "\u9fff":
        return None
    everyday = _FIRST_LEVEL[0] <= _encoded(char, "shift_jis") <= _FIRST_LEVEL[1]
    simplified, traditional = bool(_encoded(char, "gb2312")), bool(_encoded(char, "big5"))
    if not everyday:
        return "chinese" if simplified or traditional else None
    if simplified == traditional:
        return None if simplified else "japanese"
    return "short" if simplified else "full"


def evidence(text: str) -> dict[str, int]:
    """How many different characters speak for `zh` and for `ja`, at most three each."""
    shapes = [shape(char) for char in set(text)]
    mixed = "short" in shapes and "full" in shapes
    return {"zh": min(3, shapes.count("chinese")), "ja": min(3, shapes.count("japanese") + mixed)}


def _encoded(char: str, charset: str) -> bytes:
    try:
        return char.encode(charset)
    except UnicodeEncodeError:
        return b""
