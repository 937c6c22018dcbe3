"""The pattern that finds where values may begin in a text."""

from __future__ import annotations

from functools import cache

import regex

from assistant.protect import moments, numerals, tables, typed, units


@cache
def scan(lang: str) -> regex.Pattern[str]:
    """One pattern that stops wherever a value may begin; the name of the group says what to look for there.

    The alternatives are sorted by the kind of character they begin with, so that most characters cost one look each.
    """
    never, words = units.counted(lang, "never"), numerals.grammar(lang)
    before = [word for row in tables.rows("percent.tsv") if row["kind"] == "before" for word in tables.words(row.get(lang, ""))]
    unspaced = lang in tables.UNSPACED
    phrases = tables.phrases(never)
    if never and not unspaced:
        phrases = rf"(?i:{phrases})(?![\p{{L}}\p{{M}}])"
    start = f"(?:{words.start}|[半百])" if lang == "zh" else words.start
    sign = rf"{units.sign_pattern()}[ \u00a0]?(?=\p{{Nd}}|{start})"
    date = moments.date_pattern(lang)
    own = [("never", phrases), ("before", tables.any_of(before)), ("fold", typed.FOLD if lang == "zh" else "(?!)"), ("word", start)]
    letters = {item[0] for item in (*never, *words.words, *before)} | set("打对半百" if lang == "zh" else "")
    native = "".join(sorted({form for char in letters if not char.isascii() for form in (char.lower(), char.upper())}))
    plain = r"(?![A-Za-z]{1,40}+(?:[^\p{L}\p{M}\p{Nd}.@/_:+%-]|\.\s|$))"
    lead = "".join(sorted({form for item in (*never, *words.words, *moments.months(lang)) for form in (item[0].lower(), item[0].upper()) if form.isascii()}))
    digit = [
        ("emoji", typed.KEYCAP), ("version", typed.VERSION), ("date", date), ("clock", moments.CLOCK), ("phone", typed.PHONE), ("size", typed.SIZE),
        ("url", typed.URL), ("email", typed.EMAIL), ("figure", r"(?<![\p{Latin}\p{Nd}])\p{Nd}"),
    ]  # fmt: skip
    latin = [
        ("size", f"(?=[A-Zx])(?:{typed.SIZE})"), ("kaomoji", f"(?=[xXQTOo]){typed.LETTER_FACE}"), ("sign", f"(?=[A-Zr]){sign}"),
        *([("date", f"(?=[{lead}])(?:{date})")] if lang in ("en", "vi") else []),
        *([(name, f"(?=[{lead}])(?:{pattern})") for name, pattern in own] if words.spaced and lead else []),
        ("url", f"{plain}(?:{typed.URL})"), ("email", plain + typed.EMAIL), ("code", typed.CODE),
    ]  # fmt: skip
    symbol = [
        ("mark", typed.MARK), ("shortcode", typed.SHORTCODE), ("mention", typed.MENTION), ("hashtag", typed.HASHTAG), ("emoji", typed.EMOJI),
        ("kaomoji", typed.KAOMOJI), ("phone", typed.PHONE), ("sign", sign),
    ]  # fmt: skip
    groups = [
        (r"\p{Nd}", digit),
        (r"[A-Za-z](?<![\p{Latin}\p{M}\p{Nd}_].)", latin),
        (f"[{native}]" if native else "(?!)", [("date", date), *own]),
        (r"[^\p{L}\p{M}\p{Nd}\s,.，。!?！？、؟،]", symbol),
        ("[رد]", [("sign", sign)]),
    ]
    parts = [f"(?={first})(?:{'|'.join(f'(?P<{name}>{pattern})' for name, pattern in group)})" for first, group in groups]
    return regex.compile("|".join(parts))
