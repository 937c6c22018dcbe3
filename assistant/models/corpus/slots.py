"""Slots of the hand-written corpus (`{product}`, `{price}` …), filled alike in two languages."""

from __future__ import annotations

import random
import re

SLOT = re.compile(r"\{(\w+)\}")
Value = dict[str, str]
"""Language → text of one slot value."""

_BRANDS = ("Lumora", "Novaskin", "Zenkai", "Ariva", "Momoko", "Teralux", "Bellina", "Qamar", "Orchid", "Velora",
           "SOLIA", "Kirana", "MIRAE", "Duval", "Hanami", "Nordik", "Cocoon", "Sagara", "Yuzu Lab", "ECOZY")
_CODE_WORDS = ("SALE", "LIVE", "NEW", "VIP", "RAMADAN", "HELLO", "GIFT", "FREE", "TEA", "MEGA", "FLASH", "JP", "ID",
               "SA", "TH", "VN", "MY", "A", "B", "C", "K", "X", "Q", "XQ", "LR")
_SYLLABLES = ("mi", "na", "ra", "yu", "ki", "ta", "lo", "sa", "be", "do", "fa", "li", "mo", "an", "ly", "za", "ha", "ri")


def _same(text: str) -> Value:
    return dict.fromkeys(("zh", "en", "ja", "ar", "id", "th", "vi", "ms"), text)


def _amount(rng: random.Random) -> str:
    """A price figure as shops write it; the same characters in every language."""
    roll = rng.random()
    if roll < 0.45:
        return str(rng.choice((rng.randint(1, 99), rng.randint(10, 999), rng.randint(1, 40) * 10 - 1)))
    if roll < 0.6:
        return f"{rng.randint(1, 299)}.{rng.choice(('9', '5', '90', '99', '50'))}"
    if roll < 0.8:
        return str(rng.randint(1, 99) * 100 + rng.choice((0, 0, 99, 80)))
    return f"{rng.randint(1, 999)}{rng.choice(('000', ',000', '.000'))}"


def _invented_name(rng: random.Random) -> str:
    name = "".join(rng.choice(_SYLLABLES) for _ in range(rng.randint(2, 4)))
    name = rng.choice((name, name.capitalize(), name.upper() if len(name) < 6 else name))
    return name + rng.choice(("", "", "", str(rng.randint(1, 99)), "_" + rng.choice(_SYLLABLES)))


def value(name: str, table: dict[str, list[Value]], rng: random.Random) -> Value:
    """One value of slot `name`: from the table, or made up for numbers, prices, codes, brands and names."""
    if name in ("n", "link"):
        return _same(str(rng.choice((rng.randint(1, 9), rng.randint(1, 30), rng.randint(1, 500)))))
    if name == "pct":
        return _same(f"{rng.choice((rng.randint(1, 19) * 5, rng.randint(1, 99)))}%")
    if name == "code":
        word = rng.choice(_CODE_WORDS)
        return _same(word + rng.choice(("", "-")) + str(rng.choice((rng.randint(1, 99), rng.randint(100, 9999)))))
    if name == "brand":
        return _same(rng.choice(_BRANDS) if rng.random() < 0.7 else _invented_name(rng).capitalize())
    if name == "price":
        amount = _amount(rng)
        currency = rng.choice(table["currency"])
        return {language: text.replace("{v}", amount) for language, text in currency.items()}
    if name == "time" and rng.random() < 0.4:
        return _same(f"{rng.randint(0, 23)}:{rng.choice(('00', '30', '15', '45', '05'))}")
    if name == "name" and rng.random() < 0.5:
        return _same(_invented_name(rng))
    return rng.choice(table[name])


def fill(
    source: str, target: str, languages: tuple[str, str], table: dict[str, list[Value]], rng: random.Random,
    marked: dict[str, str],
) -> tuple[str, str]:
    """Both texts with their slots filled; `marked` maps slot names that become a mark to that mark.

    A slot that stands twice gets two values, given out from left to right on both sides.
    """
    values: dict[tuple[str, int], Value] = {}

    def filled(text: str, language: str) -> str:
        seen: dict[str, int] = {}

        def one(match: re.Match[str]) -> str:
            name = match[1]
            if name in marked:
                return marked[name]
            nth = seen[name] = seen.get(name, 0) + 1
            if (name, nth) not in values:
                values[name, nth] = value(name, table, rng)
            return values[name, nth][language]

        return SLOT.sub(one, text)

    return filled(source, languages[0]), filled(target, languages[1])
