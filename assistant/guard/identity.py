"""Check digits and forms of payment cards (ISO/IEC 7812) and national identity numbers of the markets' countries.

Only numbers that carry a check digit or a birthday in a fixed place are recognised; a plain run of figures is no proof.
"""

from __future__ import annotations

import datetime
import re

_CARD = re.compile(r"(?:4\d{12}(?:\d{3})?|5[1-5]\d{14}|2[2-7]\d{14}|3[47]\d{13}|35\d{14}|6(?:0|2|5)\d{14,17})")
_CN_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def luhn(figures: str) -> bool:
    """Whether the last figure is the Luhn check digit of the others."""
    total = 0
    for place, figure in enumerate(reversed(figures)):
        value = int(figure) * (1 + place % 2)
        total += value - 9 * (value > 9)
    return total % 10 == 0


def card(figures: str) -> bool:
    """Whether figures are a payment card's number."""
    return _CARD.fullmatch(figures) is not None and luhn(figures)


def document(text: str) -> bool:
    """Whether a token is a national identity number, or an IBAN."""
    token = re.sub(r"[ ./-]", "", text).upper()
    return any(test(token) for test in (_china, _gulf, _thailand, _indonesia, _malaysia, _vietnam, _japan, _singapore, _korea, _spain, _france, _iban))


def _china(token: str) -> bool:
    """GB 11643: 17 figures with a birthday, then a check character (ISO 7064 mod 11-2)."""
    if not re.fullmatch(r"[1-9]\d{16}[\dX]", token) or not _day(token[6:14]):
        return False
    return "10X98765432"[sum(int(figure) * weight for figure, weight in zip(token, _CN_WEIGHTS, strict=False)) % 11] == token[17]


def _gulf(token: str) -> bool:
    """Saudi national number and iqama (ten figures from 1 or 2), Emirates ID (784 and a year): Luhn."""
    return re.fullmatch(r"[12]\d{9}|784(?:19|20)\d{10}", token) is not None and luhn(token)


def _thailand(token: str) -> bool:
    """Thirteen figures, weights 13 to 2, mod 11."""
    if not re.fullmatch(r"[1-8]\d{12}", token):
        return False
    return (11 - sum(int(figure) * (13 - place) for place, figure in enumerate(token[:12])) % 11) % 10 == int(token[12])


def _indonesia(token: str) -> bool:
    """NIK: six figures of the district, a birthday (day + 40 for women), four more."""
    if not re.fullmatch(r"[1-9]\d[0-7]\d\d{12}", token):
        return False
    day = int(token[6:8])
    return (1 <= day <= 31 or 41 <= day <= 71) and 1 <= int(token[8:10]) <= 12 and token[12:] != "0000"


def _malaysia(token: str) -> bool:
    """MyKad: a birthday, then the place of birth and four figures."""
    if not re.fullmatch(r"\d{12}", token) or token[6:8] in ("00", "17", "18", "19", "20"):
        return False
    return _day("19" + token[:6]) or _day("20" + token[:6])


def _vietnam(token: str) -> bool:
    """CCCD: province 001 to 096, century and sex, year of birth, six figures."""
    return re.fullmatch(r"0[0-9]{2}[0-3]\d{8}", token) is not None and 1 <= int(token[:3]) <= 96


def _japan(token: str) -> bool:
    """My Number: eleven figures and their check digit, mod 11."""
    if not re.fullmatch(r"\d{12}", token) or len(set(token)) == 1:
        return False
    rest = sum(int(figure) * (place + 1 if place <= 6 else place - 5) for place, figure in enumerate(reversed(token[:11]), 1)) % 11
    return int(token[11]) == (0 if rest <= 1 else 11 - rest)


def _singapore(token: str) -> bool:
    """NRIC and FIN."""
    if not re.fullmatch(r"[STFGM]\d{7}[A-Z]", token):
        return False
    total = sum(int(figure) * weight for figure, weight in zip(token[1:8], (2, 7, 6, 5, 4, 3, 2), strict=True))
    total += {"T": 4, "G": 4, "M": 3}.get(token[0], 0)
    letters = "JZIHGFEDCBA" if token[0] in "ST" else "XWUTRQPNMLK" if token[0] in "FG" else "XWUTRQPNJLK"
    return letters[10 - (10 - total % 11) if token[0] == "M" else total % 11] == token[8]


def _korea(token: str) -> bool:
    """Resident registration number: a birthday, a sex digit, a check digit."""
    if not re.fullmatch(r"\d{6}[1-8]\d{6}", token) or not (_day("19" + token[:6]) or _day("20" + token[:6])):
        return False
    weights = (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)
    return (11 - sum(int(figure) * weight for figure, weight in zip(token, weights, strict=False)) % 11) % 10 == int(token[12])


def _spain(token: str) -> bool:
    """DNI and NIE: the letter is the number mod 23."""
    if not re.fullmatch(r"[XYZ]?\d{7,8}[A-Z]", token) or len(token) != 9:
        return False
    number = int(token[:8].translate(str.maketrans("XYZ", "012")))
    return "TRWAGMYFPDXBNJZSQVHLCKE"[number % 23] == token[8]


def _france(token: str) -> bool:
    """NIR: sex, year, month, place, order, key = 97 - number mod 97."""
    return re.fullmatch(r"[12]\d{2}(?:0[1-9]|1[0-2])\d{10}", token) is not None and 97 - int(token[:13]) % 97 == int(token[13:])


def _iban(token: str) -> bool:
    """ISO 13616: the rearranged number mod 97 is 1."""
    if not re.fullmatch(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}", token):
        return False
    return int("".join(str(int(char, 36)) for char in token[4:] + token[:4])) % 97 == 1


def _day(figures: str) -> bool:
    """Whether yyyymmdd is a day."""
    try:
        datetime.date(int(figures[:4]), int(figures[4:6]), int(figures[6:]))
    except ValueError:
        return False
    return True
