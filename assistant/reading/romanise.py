"""Text of other scripts as viewers type it in Latin letters, made by rule: more for the language model to learn from.

Real romanised comments are rarer than the ways to write them; these are rough, and stand beside the writers' own.
"""

from __future__ import annotations

import random
import unicodedata

_ARABIC = {
    "ا": "a a a e", "ب": "b", "ت": "t", "ث": "th s", "ج": "j j g", "ح": "7 7 h", "خ": "5 kh 5", "د": "d", "ذ": "th z d", "ر": "r", "ز": "z",
    "س": "s", "ش": "sh sh ch", "ص": "s 9", "ض": "d 9'", "ط": "t 6", "ظ": "z th", "ع": "3 3 a", "غ": "gh 8 3'", "ف": "f", "ق": "q g 2 8",
    "ك": "k", "ل": "l", "م": "m", "ن": "n", "ه": "h", "و": "w o oo u", "ي": "y i ee e", "ء": "2", "أ": "a 2a", "إ": "e i", "آ": "a aa",
    "ى": "a", "ة": "a ah eh", "ئ": "2 e", "ؤ": "o 2",
}  # fmt: skip
_LETTERS = {letter: tuple(ways.split()) for letter, ways in _ARABIC.items()}
_VOWELLESS = frozenset("بتثجحخدذرزسشصضطظعغفقكلمنه")
_LEAD = ["g", "kk", "n", "d", "tt", "r", "m", "b", "pp", "s", "ss", "-", "j", "jj", "ch", "k", "t", "p", "h"]
_VOWEL = ["a", "ae", "ya", "yae", "eo", "e", "yeo", "ye", "o", "wa", "wae", "oe", "yo", "u", "wo", "we", "wi", "yu", "eu", "ui", "i"]
_TAIL = ["-", "k", "k", "k", "n", "n", "n", "t", "l", "l", "l", "l", "l", "l", "l", "l", "m", "p", "p", "t", "t", "ng", "t", "t", "k", "t", "p", "t"]


def arabizi(text: str, rng: random.Random) -> str:
    """Arabic in chat letters; short vowels are guessed."""
    ways = {letter: rng.choice(choices) for letter, choices in _LETTERS.items()}  # a person keeps to one spelling
    out: list[str] = []
    for word in text.split():
        lead, rest = ("", word)
        if word.startswith("ال") and len(word) > 3:
            lead, rest = rng.choice(("el", "al", "el ", "il", "l")), word[2:]
        spelt = ""
        for index, letter in enumerate(rest):
            spelt += ways.get(letter, letter if letter.isascii() else "")
            after = rest[index + 1] if index + 1 < len(rest) else ""
            if letter in _VOWELLESS and after in _VOWELLESS and rng.random() < 0.55:
                spelt += rng.choice("aaaeeiou")
        out.append(lead + spelt)
    return " ".join(out)


def korean(text: str) -> str:
    """Hangul by the Revised Romanisation, syllable by syllable."""
    out = ""
    for letter in unicodedata.normalize("NFC", text):
        index = ord(letter) - 0xAC00
        if 0 <= index < 11172:
            parts = (_LEAD[index // 588], _VOWEL[index % 588 // 28], _TAIL[index % 28])
            out += "".join(part for part in parts if part != "-")
        else:
            out += letter
    return out


def chinese(text: str, rng: random.Random) -> str:
    """Pinyin without tones, in syllables or run together."""
    from pypinyin import lazy_pinyin

    gap = rng.choice((" ", " ", ""))
    return " ".join(gap.join(lazy_pinyin(word)) for word in text.split())


_KANA = {
    "きゃ": "kya", "きゅ": "kyu", "きょ": "kyo", "しゃ": "sha", "しゅ": "shu", "しょ": "sho", "ちゃ": "cha", "ちゅ": "chu", "ちょ": "cho",
    "にゃ": "nya", "にゅ": "nyu", "にょ": "nyo", "ひゃ": "hya", "ひゅ": "hyu", "ひょ": "hyo", "みゃ": "mya", "みゅ": "myu", "みょ": "myo",
    "りゃ": "rya", "りゅ": "ryu", "りょ": "ryo", "ぎゃ": "gya", "ぎゅ": "gyu", "ぎょ": "gyo", "じゃ": "ja", "じゅ": "ju", "じょ": "jo",
    "びゃ": "bya", "びゅ": "byu", "びょ": "byo", "ぴゃ": "pya", "ぴゅ": "pyu", "ぴょ": "pyo", "ふぁ": "fa", "ふぃ": "fi", "ふぇ": "fe", "ふぉ": "fo",
    "てぃ": "ti", "でぃ": "di", "うぇ": "we", "うぃ": "wi", "しぇ": "she", "じぇ": "je", "ちぇ": "che",
}  # fmt: skip
_ROWS = {
    "あいうえお": "a i u e o", "かきくけこ": "ka ki ku ke ko", "さしすせそ": "sa shi su se so", "たちつてと": "ta chi tsu te to",
    "なにぬねの": "na ni nu ne no", "はひふへほ": "ha hi fu he ho", "まみむめも": "ma mi mu me mo", "やゆよ": "ya yu yo",
    "らりるれろ": "ra ri ru re ro", "わをん": "wa o n", "がぎぐげご": "ga gi gu ge go", "ざじずぜぞ": "za ji zu ze zo",
    "だぢづでど": "da ji zu de do", "ばびぶべぼ": "ba bi bu be bo", "ぱぴぷぺぽ": "pa pi pu pe po", "ぁぃぅぇぉ": "a i u e o", "ゃゅょ": "ya yu yo",
}  # fmt: skip
_SINGLE = {kana: latin for row, ways in _ROWS.items() for kana, latin in zip(row, ways.split(), strict=True)}


def kana(text: str) -> str:
    """Kana in Hepburn letters; Han characters, whose reading no rule tells, are left out."""
    plain = "".join(chr(ord(letter) - 0x60) if "ァ" <= letter <= "ヴ" else letter for letter in text)
    out, index = "", 0
    while index < len(plain):
        pair, letter = plain[index : index + 2], plain[index]
        if pair in _KANA:
            out += _KANA[pair]
            index += 2
            continue
        if letter == "っ":
            following = _KANA.get(plain[index + 1 : index + 3]) or _SINGLE.get(plain[index + 1 : index + 2], "")
            out += following[:1].replace("c", "t")
        elif letter != "ー":
            out += _SINGLE.get(letter, letter if letter.isascii() else " ")
        index += 1
    return " ".join(out.split())
