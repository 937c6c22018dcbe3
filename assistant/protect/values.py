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
    ('39.9 yuan', '39.90 yuan')
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
