"""Finds what must not change in a text (numbers, prices, sizes, codes, links …) and says how the target writes it.

    >>> [price] = find("今天只要十八万九千盾", "zh")
    >>> price.kind, price.value, price.unit, price.text, (price.start, price.end)
    ('price', Decimal('189000'), 'IDR', '十八万九千盾', (4, 10))
    >>> render(price, "id"), render(price, "en"), render(price, "ar")
    ('Rp189.000', 'Rp189,000', '189,000 روبية')
    >>> [off] = find("全场八折", "zh"); render(off, "en"), render(off, "ja")
    ('20% off', '20%オフ')
    >>> [cap] = find("一万毫安", "zh"); render(cap, "en")
    '10,000 mAh'
    >>> [number] = find("最后 39.9", "zh"); render(number, "ar")
    '39.9'
    >>> [price] = find("39.9元", "zh"); render(price, "en"), render(price, "ms", Format("MY"))
    ('39.9 yuan', '39.9 yuan')
    >>> [price] = find("٣٩٫٩ ريال", "ar"); render(price, "en"), render(price, "ar", Format("SA", digits="arab"))
    ('39.9 riyals', '٣٩٫٩٠ ر.س')
    >>> same("٣٩٫٩", "39.9"), same("39.9", "399"), same("199.000", "199,000", "id", "en")
    (True, False, True)

Values come in the order they stand, never overlap, and their spans count code points: `text[v.start:v.end] == v.text`. The
unit or currency word belongs to the value where the target writes it in its own way (公斤 → kg, 盾 → Rp); words that a
target inflects (days, bottles, people) stay outside, so "七天" gives the number 7 and 天 is the model's. What is read from
words is written in plain digits; digits stay as typed unless a `Format` is given. A currency is never converted.

Only quantities are read: 一下 一起 第一 一点 万一 十分 are words, "one" in English prose is a word too. `isolate` (bidi) puts
numbers and Latin names inside Arabic text into FSI … PDI; call it last, on the finished line.
"""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

import regex

from assistant.protect import moments, numerals, quantity, units
from assistant.protect.bidi import isolate
from assistant.protect.render import Format, render
from assistant.protect.scan import scan
from assistant.protect.value import TYPED, Kind, Value

__all__ = ["TYPED", "Format", "Kind", "Value", "find", "isolate", "lost", "render", "same", "values_of"]

_TYPED_GROUPS: dict[str, Kind] = {
    "url": "url", "email": "email", "shortcode": "shortcode", "mention": "mention", "hashtag": "hashtag", "emoji": "emoji",
    "kaomoji": "kaomoji", "size": "size", "version": "sku", "phone": "sku",
}  # fmt: skip
_OPEN = {"¥": ("CNY", "JPY"), "$": ("USD", "SGD", "HKD", "TWD", "MXN", "CAD")}
"""What a bare sign may mean."""
_GROUPED = regex.compile(r"\p{Nd}{1,3}(?:\.\p{Nd}{3})+")
_FOLD = regex.compile(
    r"(?:打\s?)?(?:(?P<figures>\p{Nd}(?:[.．]\p{Nd})?|\p{Nd}{2})|(?P<words>[一二三四五六七八九](?:点?[一二三四五六七八九])?)|(?P<half>(?<=打\s?)对))\s?折"
    r"(?![叠扣腾返射断合旧线痕])"
)
_WARI = regex.compile(r"\s?割(?!れ|り|る|合|と)(?:引き|引|オフ|OFF)?")
_HUNDRED = regex.compile(r"百分之?百")
_CODE_HINT = regex.compile(
    r"(?i)(?:code|kode|kod|voucher|coupon|kupon|mã|โค้ด|โค๊ด|كود|كوبون|口令|优惠码|折扣码|暗号|券码|优惠券|クーポン|コード)\s?(?:は|là|:|：|是|หมาย)?\s?[\"“「『']?$"
)
_KARAT = frozenset({"9", "10", "14", "18", "21", "22", "24"})
_DEFINITION = frozenset({"2", "4", "5", "8"})
_LATIN_RUN = regex.compile(r"(?P<figures>\p{Nd}{1,20}(?:[.,٫]\p{Nd}{1,8}){0,6})(?P<rest>\p{Latin}[\p{Latin}\p{M}\p{Nd}]{0,30})")
_METRES = regex.compile(r"(?P<whole>[12])m(?P<rest>\p{Nd}{1,2})")
_DASHED = regex.compile(r"(?:[-_/][A-Za-z0-9]{1,40}){1,6}(?![\p{Latin}\p{Nd}_])")
_REDUPLICATED = regex.compile(r"\p{Latin}{2,}2(?:\p{Ll}{1,3})?|\p{Latin}+\p{Nd}\p{Latin}+")
_NUMBER_TAILS = {"zh": ("点", "點"), "ja": ("時", "割")}
"""What makes a number a time or a discount; looked for once in the text, before numbers are read twice."""
_GOLD = regex.compile(r"\s?(?:gold|emas|vàng|ทอง|ذهب|金)", regex.IGNORECASE)
_AFTER_GOLD = regex.compile(r"(?:gold|emas|vàng|ทอง|ذهب|金)\s?$", regex.IGNORECASE)


def find(text: str, lang: str) -> list[Value]:
    """The values of a text in `lang` (BCP 47; an unknown language gets digits, signs and symbols), in order, none overlapping."""
    pattern = scan(lang)
    found: list[Value] = []
    at = 0
    while match := pattern.search(text, at):
        name = match.lastgroup or ""
        start, end = match.span()
        value, at = _at(text, lang, name, start, end)
        if value is not None and (not found or value.start >= found[-1].end):
            found.append(value)
            at = max(at, value.end)
            if value.kind == "measure" and text[at - 1].isalpha() and text[at : at + 1].isdecimal():  # 163cm52kg
                value, end = _number(text, lang, at, digit=True)
                found.extend([value] if value else [])
                at = end
        at = max(at, start + 1)
    return found


def _at(text: str, lang: str, name: str, start: int, end: int) -> tuple[Value | None, int]:
    """The value that a match of the scan begins, and where to go on."""
    if name in _TYPED_GROUPS:
        if name == "version" and _GROUPED.fullmatch(text, start, end):
            return _quantity(text, lang, start), end
        return Value(start, end, _TYPED_GROUPS[name], text[start:end]), end
    if name == "mark":
        return None, end
    if name == "date":
        value = moments.date(text, start, end, lang)
        return (value, end) if value else (_quantity(text, lang, start), start + 1)
    if name == "clock":
        return moments.clock(text, start, end), end
    if name == "code":
        return _code(text, lang, start, end), end
    if name == "fold":
        return _fold(text, start), start + 1
    if name == "before":
        return _before(text, lang, start, end), end
    if name == "sign":
        value = quantity.read(text, start, lang, text[start:end].rstrip(" \u00a0"), end)
        return value, end
    if name == "never":
        value = _quantity(text, lang, start)
        return (value, value.end) if value and value.end > end else (None, end)
    return _number(text, lang, start, digit=name == "figure")


def _number(text: str, lang: str, start: int, *, digit: bool) -> tuple[Value | None, int]:
    """A quantity, a discount or a time that begins with a number."""
    if lang == "zh":
        if match := _HUNDRED.match(text, start):
            return Value(start, match.end(), "percent", match[0], Decimal(100), unit="%"), match.end()
        if value := _fold(text, start):
            return value, value.end
    if not digit and text.endswith(units.counted(lang, "after") or ("\0",), max(0, start - 12), start):
        numeral = numerals.read(text, start, lang)
        return None, numeral.end if numeral else start + 1
    if digit and (run := _LATIN_RUN.match(text, start)):
        return _run(text, lang, start, run)
    value = _quantity(text, lang, start)
    if value is None:
        numeral = numerals.read(text, start, lang)
        return None, numeral.end if numeral else start + 1
    return value, value.end


def _run(text: str, lang: str, start: int, run: regex.Match[str]) -> tuple[Value | None, int]:
    """Digits with letters right behind them: 500ml, 99rb, 4K, 3pcs, 5G, 2nd."""
    figures, rest = numerals.digits(run["figures"]), run["rest"]
    if metres := _METRES.fullmatch(run[0]):
        amount = Decimal(f"{metres['whole']}.{numerals.digits(metres['rest'])}")
        return Value(start, run.end(), "measure", run[0], amount, unit="m"), run.end()
    gold = rest in ("k", "K") and figures in _KARAT and (rest == "K" or _GOLD.match(text, run.end()) or _AFTER_GOLD.search(text, max(0, start - 8), start))
    if gold or (rest == "K" and figures in _DEFINITION):
        return Value(start, run.end(), "sku", run[0]), run.end()
    value = _quantity(text, lang, start)
    if value is not None and (value.end >= run.end() or (value.kind != "number" and value.end > run.end("figures"))):
        return value, value.end
    dashed = _DASHED.match(text, run.end())
    if dashed or any(char.isupper() for char in rest) or any(char.isdigit() for char in rest):
        end = dashed.end() if dashed else run.end()
        return Value(start, end, "sku", text[start:end]), end
    if lang == "ar" or rest.lower() in ("st", "nd", "rd", "th"):
        return None, run.end()
    return value, run.end()


def _quantity(text: str, lang: str, start: int) -> Value | None:
    """The quantity at `start`, as a time or discount where words around it say so."""
    if lang in _NUMBER_TAILS and any(tail in text for tail in _NUMBER_TAILS[lang]):
        numeral = numerals.read(text, start, lang)
        if numeral is not None:
            if value := moments.oclock(text, start, numeral, lang):
                return value
            if lang == "ja" and not numeral.worded and numeral.value < 10 and (match := _WARI.match(text, numeral.end)):
                return Value(start, match.end(), "discount", text[start : match.end()], numeral.value * 10, unit="%")
    value = quantity.read(text, start, lang)
    if value is not None and value.kind == "percent" and value.upper is None:
        return _discount(text, lang, value)
    return value


def _discount(text: str, lang: str, value: Value) -> Value:
    """A percentage with the word for "off" beside it, as one value."""
    for pattern in units.discounts(lang):
        head, mark, tail = pattern.partition("{v}")
        if not mark:
            continue
        begin = value.start - len(head)
        if begin < 0 or text[begin : value.start].lower() != head.lower() or (head and text[begin - 1 : begin].isalpha() and lang != "th" and begin):
            continue
        end = value.end + len(tail)
        if text[value.end : end].lower() != tail.lower() or (tail.isascii() and tail and text[end : end + 1].isalpha() and text[end : end + 1].isascii()):
            continue
        if head or tail:
            return Value(begin, end, "discount", text[begin:end], value.value, unit="%")
    return value


def _fold(text: str, start: int) -> Value | None:
    """A Chinese 折: the tenths of the price that remain (八折 is 20 % off)."""
    match = _FOLD.match(text, start)
    if match is None:
        return None
    if match["half"]:
        remains = Decimal(5)
    elif match["figures"]:
        typed_figures = numerals.digits(match["figures"])
        remains = Decimal(typed_figures) if "." in typed_figures or len(typed_figures) == 1 else Decimal(typed_figures) / 10
    else:
        places = [str("一二三四五六七八九".index(char) + 1) for char in match["words"] if char != "点"]
        remains = Decimal(".".join(places))
    if not 0 < remains < 10:
        return None
    return Value(start, match.end(), "discount", match[0], numerals.tidy(100 - remains * 10), unit="%")


def _before(text: str, lang: str, start: int, end: int) -> Value | None:
    """A percentage whose word stands before the number: 百分之五, ร้อยละ 10."""
    if match := _HUNDRED.match(text, start):
        return Value(start, match.end(), "percent", match[0], Decimal(100), unit="%")
    numeral = numerals.read(text, end + (text[end : end + 1] == " "), lang)
    if numeral is None:
        return None
    return Value(start, numeral.end, "percent", text[start : numeral.end], numeral.value, unit="%")


def _code(text: str, lang: str, start: int, end: int) -> Value | None:
    """A token of letters and digits, where it is a code and no word."""
    token = text[start:end]
    if lang in ("id", "ms") and token.lower().startswith("ke-") and token[3:].isdecimal():
        return quantity.read(text, start + 3, lang)  # ke-9: the ninth
    has_digit = any(char.isdigit() for char in token)
    if not has_digit:
        if not token.isupper() or not _CODE_HINT.search(text, max(0, start - 24), start):
            return None
    elif not any(char.isupper() for char in token):
        letters = sum(char.isalpha() for char in token)
        figures = sum(char.isdigit() for char in token)
        if letters < 2 or figures < 2 or (lang != "zh" and _REDUPLICATED.fullmatch(token)):
            return None
    elif lang in ("id", "ms") and _REDUPLICATED.fullmatch(token) and not token.isupper():
        return None
    return Value(start, end, "sku", token)


def _key(value: Value) -> tuple[str, str, str, str]:
    """What of a value must be equal on both sides: typed kinds by their letters, the rest by amount and unit."""
    if value.value is None:
        return ("typed", numerals.digits(value.text).casefold(), "", "")
    if value.kind in ("date", "time"):
        return (value.kind, _plain(value.value), "", "")
    group = "percent" if value.unit == "%" else "amount"
    return (group, _plain(value.value), "" if value.upper is None else _plain(value.upper), value.unit)


def _plain(amount: Decimal) -> str:
    return f"{amount.normalize():f}" if amount else "0"


def values_of(text: str, lang: str) -> list[tuple[str, str, str, str]]:
    """The values of a text in a form that compares across languages and scripts: (group, amount, upper end, unit), sorted."""
    return sorted(_key(value) for value in find(text, lang))


def same(a: str, b: str, a_lang: str = "en", b_lang: str = "") -> bool:
    """Whether two texts hold the same values; `b_lang` defaults to `a_lang`. ¥ equals yuan and yen, $ every dollar."""
    ours, theirs = values_of(a, a_lang), values_of(b, b_lang or a_lang)
    signs = {key[3] for key in (*ours, *theirs)} & set(_OPEN)
    return _opened(ours, signs) == _opened(theirs, signs)


def lost(values: list[Value], text: str, lang: str, market: Format | None = None) -> list[Value]:
    """Which values a translation lacks, by amount (each counts once); a unit may have become a word of the sentence."""
    there = Counter(key[:3] for key in values_of(text, lang))
    missing: list[Value] = []
    for value in values:
        key = _key(value)[:3]
        if there[key] or (value.kind == "date" and render(value, lang, market) in text):
            there[key] -= 1
        else:
            missing.append(value)
    return missing


def _opened(keys: list[tuple[str, str, str, str]], signs: set[str]) -> Counter[tuple[str, str, str, str]]:
    """The keys with the currencies that a sign leaves open under that sign."""
    names = {name: sign for sign in signs for name in _OPEN[sign]}
    return Counter((*key[:3], names.get(key[3], key[3])) for key in keys)
