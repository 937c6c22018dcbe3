"""One spelling for what a reader takes as the same words, with the way back to the code points that were typed.

Two views of a text come out of one pass:
- `letters`: letters and figures alone, for triggers. Spaces, punctuation, symbols and invisible characters are gone and noted as
  gaps, so that 最 佳, 全网*第一 and N0.1 read as 最佳, 全网第一 and no1 while the matcher still knows where words end.
- `line`: for patterns. Languages with spaces keep one space and their punctuation; the others lose spaces and symbols and keep
  commas and the ends of sentences.

Both are NFKC, case folded, in plain digits, without Arabic vowel signs and with one alef, ya and ha; Latin letters without accents
but in Vietnamese, where they make other words; Traditional Chinese simplified (`zh`); katakana as hiragana (`ja`); Cyrillic and Greek
letters that look Latin are Latin; figures between Latin letters are the letters they imitate; and data/evasions.tsv.
A character that normalises to several stands for each of them. Times are linear in the text.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from importlib import resources
from typing import NamedTuple

NONE, SOFT, SPACE, COMMA, HARD = range(5)
"""What stood between two letters: nothing, signs, white space, a comma or dash of a sentence, the end of one."""

DENSE = frozenset({"zh", "ja", "th", "lo", "km", "my"})
"""Languages written without spaces between words."""

_AS_LATIN = dict(zip("абвгеёзиікмнопрстухѕјһԁɡοανιρτυκ", "a6breeз" "uikmhonpctyxsjhdgoavvprtuk"[-26:], strict=False))
