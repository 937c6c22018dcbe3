"""Generated sentences full of values, for the bar "100 % of the protected values identical".

`generated` makes them up from the templates of `values_text.tsv` and a seed, together with what must be found in each.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from importlib import resources

LANGUAGES = ("zh", "en", "ja", "ar", "id", "th", "vi", "ms")
_SLOT = re.compile(r"\{(\w+)\}")
_EMOJI = ("😍", "🔥", "👍🏽", "🇸🇦", "👨‍👩‍👧", "❤️", "🥺")
_FACES = ("(^_^)", "T_T", "xD", ":)", "(｡･ω･｡)", ">_<", "=))")
_WORDS = ("SALE", "LIVE", "RAMADAN", "VIP", "HEMAT", "TET", "EID")
_MONTHS = {
    "en": ("January", "February", "March", "July", "December"),
    "ar": ("يناير", "فبراير", "مارس", "يوليو", "ديسمبر"),
    "id": ("Januari", "Februari", "Maret", "Juli", "Desember"),
    "th": ("มกราคม", "กุมภาพันธ์", "มีนาคม", "กรกฎาคม", "ธันวาคม"),
    "ms": ("Januari", "Februari", "Mac", "Julai", "Disember"),
}
_PRICE = {
    "zh": ("{v}元", "{v}里亚尔", "¥{v}", "{v}令吉", "{v}泰铢"),
    "en": ("${v}", "{v} riyals", "RM{v}", "SAR {v}", "{v} dollars"),
    "ja": ("{v}円", "￥{v}", "{v}ドル"),
    "ar": ("{v} ريال", "{v} درهم", "SAR {v}", "{v} ر.س"),
    "id": ("Rp{v}", "{v} rupiah", "Rp {v}"),
    "th": ("{v} บาท", "฿{v}", "{v}บาท"),
    "vi": ("{v}đ", "{v} đồng", "{v} ₫"),
    "ms": ("RM{v}", "{v} ringgit", "RM {v}"),
}
_SPOKEN = {
    "zh": ("十八万九千盾", "三块五", "九块九毛", "两百六十九元", "一百二十九万越南盾", "三十九块九", "1.2万日元"),
    "en": ("twenty-five dollars", "two hundred riyals", "5k dollars", "one hundred and fifty ringgit"),
    "ja": ("3万円", "千五百円", "1万2千円", "二百円"),
    "ar": ("خمسين ريال", "50 ألف ريال", "مية وخمسين درهم", "ألفين ريال"),
    "id": ("99rb", "dua puluh lima ribu rupiah", "1,2jt", "seratus ribu rupiah", "Rp99rb"),
    "th": ("สามร้อยเก้าสิบเก้าบาท", "สองหมื่นบาท", "หนึ่งพันห้าร้อยบาท"),
    "vi": ("299k", "1tr2", "hai trăm nghìn đồng", "1 triệu rưỡi"),
    "ms": ("dua puluh ringgit", "RM5k", "tiga ratus ringgit"),
}
_DISCOUNT = {
    "zh": ("八折", "打八八折", "7.5折", "6折"),
    "en": ("{p}% off",),
    "ja": ("{p}%オフ", "2割引", "{p}%引き"),
    "ar": ("خصم {p}%", "خصم ٢٠٪"),
    "id": ("diskon {p}%",),
    "th": ("ลด {p}%",),
    "vi": ("giảm {p}%",),
    "ms": ("diskaun {p}%",),
}
_MEASURE = {
    "zh": ("{n}毫升", "{n}ml", "一万毫安", "两斤", "一米五八", "220到240伏", "{n}公斤"),
    "en": ("{n}ml", "{n} kg", "10,000 mAh", "24.5cm", "220-240V"),
    "ja": ("{n}ml", "{n}センチ", "10,000mAh", "100V", "24.5cm"),
    "ar": ("{n} مل", "{n} كيلو", "24.5 سم", "500ml"),
    "id": ("{n}ml", "{n} kg", "24,5cm", "dua liter"),
    "th": ("{n} มล.", "{n} กก.", "24.5cm", "44 นิ้ว"),
    "vi": ("{n}ml", "{n}kg", "24,5cm", "1m58"),
    "ms": ("{n}ml", "{n} kg", "24.5cm", "dua liter"),
}


@dataclass(frozen=True, slots=True)
class Sample:
    """A made-up sentence."""

    lang: str
    text: str
    values: tuple[str, ...]
    """What must be found in it, as it stands there, in order."""


def generated(seed: int, n: int) -> list[Sample]:
    """`n` sentences in each of the eight languages, the same for the same seed."""
    rng = random.Random(seed)
    templates = _templates()
    return [_filled(lang, rng.choice(templates[lang]), rng) for lang in LANGUAGES for _ in range(n)]


def _templates() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {lang: [] for lang in LANGUAGES}
    lines = resources.files("assistant.bench").joinpath("values_text.tsv").read_text(encoding="utf-8").splitlines()
    for line in [line for line in lines if line and line[0] != "#"][1:]:
        lang, sentence = line.split("\t")
        found[lang].append(sentence)
    return found


def _filled(lang: str, template: str, rng: random.Random) -> Sample:
    values: list[str] = []

    def fill(match: re.Match[str]) -> str:
        value = _MAKERS[match[1]](lang, rng)
        values.append(value)
        return value

    return Sample(lang, _SLOT.sub(fill, template), tuple(values))


def _figures(lang: str, rng: random.Random) -> str:
    """A price figure as the language groups it, sometimes with places, sometimes in its own digits."""
    dotted = lang in ("id", "vi")
    if dotted:
        return f"{rng.randint(1, 999)}.{rng.choice(('000', '500', '900'))}"
    grouped = f"{rng.randint(1, 99)},{rng.randint(100, 999)}"
    plain = rng.choice((str(rng.randint(2, 999)), f"{rng.randint(2, 99)}.{rng.choice(('9', '90', '50', '5'))}", grouped))
    if lang == "ja":
        plain = rng.choice((str(rng.randint(2, 9999)), grouped))
    native = {"ar": "٠١٢٣٤٥٦٧٨٩", "th": "๐๑๒๓๔๕๖๗๘๙", "zh": "０１２３４５６７８９"}.get(lang)
    if native and "," not in plain and rng.random() < 0.2:
        marks = "٫" if lang == "ar" else "．" if lang == "zh" else "."
        return plain.translate(str.maketrans("0123456789.", native + marks))
    return plain


def _price(lang: str, rng: random.Random) -> str:
    if rng.random() < 0.3:
        return rng.choice(_SPOKEN[lang])
    return rng.choice(_PRICE[lang]).replace("{v}", _figures(lang, rng))


def _date(lang: str, rng: random.Random) -> str:
    day = rng.randint(1, 28)
    if rng.random() < 0.3:
        return f"2027-{rng.randint(1, 12):02d}-{day:02d}"
    if lang in ("zh", "ja"):
        return f"{rng.randint(1, 12)}月{day}日"
    if lang == "vi":
        return f"{day} tháng {rng.randint(1, 12)}"
    return f"{day} {rng.choice(_MONTHS[lang])}"


def _time(lang: str, rng: random.Random) -> str:
    own = {"zh": ("晚上八点半", "下午4点", "八点一刻"), "ja": ("午後8時", "20時"), "en": ("8pm", "8:30 pm"), "vi": ("20h30",)}.get(lang, ())
    return rng.choice((f"{rng.randint(0, 23)}:{rng.choice(('00', '30', '05'))}", *own))


def _template(table: dict[str, tuple[str, ...]]) -> Callable[[str, random.Random], str]:
    return lambda lang, rng: rng.choice(table[lang]).replace("{p}", str(rng.randint(1, 18) * 5)).replace("{n}", str(rng.randint(2, 900)))


_MAKERS: dict[str, Callable[[str, random.Random], str]] = {
    "number": lambda lang, rng: str(rng.randint(1, 99999)),
    "price": _price,
    "percent": lambda lang, rng: rng.choice((f"{rng.randint(1, 99)}%", f"{rng.randint(1, 9)}{',' if lang in ('id', 'vi') else '.'}5%")),
    "discount": _template(_DISCOUNT),
    "measure": _template(_MEASURE),
    "size": lambda lang, rng: rng.choice(("XL", "2XL", "XXL", "EU38", "XS", "S/M/L")),
    "time": _time,
    "date": _date,
    "code": lambda lang, rng: rng.choice(_WORDS) + rng.choice(("", "-")) + str(rng.randint(1, 9999)),
    "url": lambda lang, rng: f"https://{rng.choice(('shop', 'www.store', 'my-live'))}.{rng.choice(('com', 'co.id', 'sa'))}/p/{rng.randint(1, 9999)}?ref=live",
    "email": lambda lang, rng: f"help{rng.randint(1, 99)}@{rng.choice(('shop', 'store-id'))}.com",
    "mention": lambda lang, rng: f"@{rng.choice(('sari_w', 'aisha.q', 'yuki', 'linh'))}{rng.randint(1, 99)}",
    "hashtag": lambda lang, rng: rng.choice(("#OOTD", "#live2027", "#好物", "#عرض", "#ลดราคา", "#giảmgiá")),
    "emoji": lambda lang, rng: rng.choice(_EMOJI),
    "kaomoji": lambda lang, rng: rng.choice(_FACES),
    "shortcode": lambda lang, rng: rng.choice((":rose:", ":heart_eyes:", "[smile]", "[玫瑰]")),
    "phone": lambda lang, rng: rng.choice(("0812-3456-7890", "+966 50 123 4567", "+60 12-345 6789", "03-1234-5678")),
}
