"""Patterns of what stands in every language as it was typed: links, addresses, mentions, codes, sizes, emoji, faces.

Every repetition is bounded, so that no text makes a pattern look further than a few hundred characters from where it began.
"""

from __future__ import annotations

_EDGE = r"(?<![\p{Latin}\p{Nd}_])"
_END = r"(?![\p{Latin}\p{Nd}_])"
_STOP = r"\s<>\"“”「」（）\u3000-\u303f\uff00-\uffef\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Arabic}"

URL = (
    rf"(?:https?://|www\.)[^{_STOP}]{{1,400}}(?<![.,;:!?'\)\]…])"
    rf"|{_EDGE}(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]{{0,40}}[a-zA-Z0-9])?\.){{1,4}}"
    rf"(?:(?:com|net|org|shop|store|link|app|info|cn|jp|my|sg|sa|ae|th|vn|id|ph|de|fr|uk|us)(?:/[^{_STOP}]{{0,400}}(?<![.,;:!?'\)\]…]))?(?![\p{{Latin}}\p{{Nd}}_.-])"
    rf"|[a-z]{{2,4}}/[^{_STOP}]{{1,400}}(?<![.,;:!?'\)\]…]))"
)
EMAIL = rf"{_EDGE}[A-Za-z0-9][A-Za-z0-9._%+-]{{0,63}}@[A-Za-z0-9](?:[A-Za-z0-9-]{{0,40}}\.){{1,4}}[A-Za-z]{{2,20}}"
MENTION = r"(?<![\p{Latin}\p{Nd}_.])[@＠][\p{L}\p{M}\p{Nd}_][\p{L}\p{M}\p{Nd}_.]{0,39}(?<!\.)"
HASHTAG = r"(?<![\p{Latin}\p{Nd}&])[#＃][\p{L}\p{M}\p{Nd}_][\p{L}\p{M}\p{Nd}_]{0,59}(?![\p{L}\p{M}\p{Nd}_])"
SHORTCODE = r"(?<![\p{Latin}\p{Nd}:]):[a-z][a-z0-9_+-]{1,30}:(?!\p{Nd})|\[(?:[a-z]{2,16}|\p{Han}{1,4})\]"
EMOJI = (
    r"(?:[#*]\ufe0f?\u20e3|\p{Regional_Indicator}{2}|(?![©®™ℹ‼⁉0-9#*])\p{Extended_Pictographic}[\p{Emoji_Modifier}\ufe0f\u20e3]{0,3}"
    r"(?:[\U000e0020-\U000e007f]{1,8})?(?:\u200d\p{Extended_Pictographic}[\p{Emoji_Modifier}\ufe0f]{0,3}){0,6})"
)
KEYCAP = r"\p{Nd}\ufe0f?\u20e3"
_FACE = r"｡･´｀`^＾ωдДﾟ°▽∀≧≦◕‿⊙ಠ╥﹏;；・•̀́ᴗヮ♡≡＞＜><*＊_＿￣ ̄~～=＝"
LETTER_FACE = rf"{_EDGE}(?:[xX]D{{1,5}}|QAQ|QwQ|TAT|T[_.]T|orz|OTZ|[oO]_[oO]){_END}"
KAOMOJI = (
    rf"[(（](?=[^()（）\n]{{0,12}}[{_FACE}][^()（）\n]{{0,12}}[{_FACE}ノヾシoO][^()（）\n]{{0,12}}[)）])(?![^()（）]{{0,10}}\p{{Nd}}{{2}})[^()（）\n\u2066-\u2069]{{2,14}}[)）](?:[ノﾉﾞ✧☆♪♡]{{1,3}})?"
    r"|¯\\_[(（]ツ[)）]_/¯"
    rf"|{_EDGE}(?:;_;|:v){_END}"
    r"|(?<![\p{Latin}\p{Nd}^])\^[_.oO-]?\^;?|(?<![\p{Latin}\p{Nd}>])>[_.]<|(?<![-\p{Latin}\p{Nd}])-_-(?!-)"
    r"|(?<![\p{Latin}\p{Nd}:;=])[:;=]['’]?-?[)(DPp3o]{1,5}(?![\p{L}\p{Nd}])|(?<![\p{Nd}<])<3(?![\p{Nd}.,])|(?<![\p{Latin}\p{Nd}:;=])=\){1,5}"
)
SIZE = (
    rf"{_EDGE}[SML](?:\s?[/、,·–~-]\s?(?:[SML]|X{{1,4}}L|[2-9]XL)){{1,8}}{_END}"
    rf"|{_EDGE}(?:[2-9]X[LS]|[2-9]xl|X{{1,4}}[LS]|x{{1,4}}l|xs){_END}"
    rf"|{_EDGE}[2-9]L(?=\s?(?:サイズ|号|码))|{_EDGE}[SML](?=\s?(?:码|碼|サイズ|号|size\b|-size\b))"
    rf"|(?=[SML2-9])(?<=(?:size|Size|SIZE|saiz|ukuran|cỡ|ไซส์|ไซซ์|مقاس|サイズ|尺码|码数)[ :：は]{{0,2}})(?:[SML]|[2-9]L){_END}"
    rf"|{_EDGE}(?:EU|US|UK|JP|KR|FR|IT|DE|CN)\s?\p{{Nd}}{{1,2}}(?:[.,]5)?(?:[-–]\p{{Nd}}{{1,2}}(?:[.,]5)?)?{_END}"
)
VERSION = r"(?<![\p{Nd}.,])\p{Nd}{1,5}(?:\.\p{Nd}{1,5}){2,6}(?![\p{Nd}])"
"""1.2.3: a version or address, unless it groups thousands (then it is a number)."""
PHONE = r"(?<![\p{Nd}\p{Latin}.,+-])(?=[+0])(?=(?:[+ ()-]{0,2}\p{Nd}){8,16}(?!\p{Nd}))\+?\p{Nd}{1,4}(?:[ -]\(?\p{Nd}{2,7}\)?){1,5}(?![\p{Nd}-])"
CODE = (
    rf"{_EDGE}(?=[A-Za-z_-]{{0,24}}\p{{Nd}}|[A-Z]{{4}})[A-Za-z][A-Za-z0-9]{{0,39}}(?:[-_/][A-Za-z0-9]{{1,40}}|\.\p{{Nd}}{{1,8}}){{0,6}}"
    r"(?![\p{Latin}\p{M}\p{Nd}_])"
)
FOLD = r"打\s?[\p{Nd}一二三四五六七八九对]"
"""Where a Chinese 折 with its verb may begin."""
MARK = r"⟦\p{Nd}{1,3}⟧"
"""A mark of the masking itself: its digit is no value."""
