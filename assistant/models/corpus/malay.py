"""Telling Malay from Indonesian rows, which public sentence collections mix up.

A word vote: log odds of each word between the professionally translated rows of the two files, and a short list of words
that one of the two languages does not use.
"""

from __future__ import annotations

import math
import re
from collections import Counter

from assistant.models.corpus.read import Row

_WORD = re.compile(r"[a-z]+")
_TRUSTED = frozenset({"ntrex128", "tico19"})
_MALAY = """awak kerana wang bahawa ialah mahu cuba esok pejabat polis inggeris lapan isteri beza kereta syarikat nampak tak bila sahaja
    hendak nak daripada pukul boleh jumpa cakap bercakap percuma saiz kasut seluar bilik tandas telefon komputer universiti filem muzik
    hospital lif sejuk petang tengahari semasa berkahwin budak lelaki datuk kawan gembira ubat soalan kedai basikal motosikal stesen
    cawan pinggan sudu katil almari beritahu kacak letih dahaga merbahaya jururawat kerajaan menteri pelajar cikgu peperiksaan bas teksi"""
_INDONESIAN = """karena uang bahwa ingin coba besok kantor polisi inggris delapan istri beda mobil perusahaan bisa kapan hanya mau dari jam
    berbicara bicara gratis ukuran sepatu celana kamar telepon universitas musik dingin sore akhir pekan ketika menikah kakek teman
    senang obat pertanyaan toko pesawat stasiun gelas piring sendok handuk ranjang lemari bilang tampan capek lelah haus kalian kau kamu
    gue nggak enggak banget cuma kemarin berbahaya perawat pemerintah siswa ujian bus taksi butuh bagaimana mengapa agak"""
_MALAY_ONLY = frozenset(_MALAY.split())
_INDONESIAN_ONLY = frozenset(_INDONESIAN.split())


def _log_odds(malay: list[Row], indonesian: list[Row]) -> dict[str, float]:
    """Word → log(P(word | Malay) / P(word | Indonesian)) over the trusted rows, smoothed, clipped to ±3."""
    counts = [Counter(), Counter()]
    for counter, rows in zip(counts, (malay, indonesian), strict=True):
        for row in rows:
            if row.origin in _TRUSTED:
                counter.update(set(_WORD.findall(row.other.lower())))
    totals = [sum(counter.values()) + 1 for counter in counts]
    odds = {}
    for word in counts[0].keys() | counts[1].keys():
        ratio = (counts[0][word] + 1) * totals[1] / ((counts[1][word] + 1) * totals[0])
        odds[word] = max(-3.0, min(3.0, math.log(ratio)))
    return odds


def separate(malay: list[Row], indonesian: list[Row]) -> tuple[list[Row], list[Row]]:
    """The rows that are really Malay, the rows that are really Indonesian.

    A sentence that stands in both files needs a clear vote to count as Malay and goes to Indonesian otherwise.
    """
    odds = _log_odds(malay, indonesian)

    def vote(text: str) -> float:
        total = 0.0
        for word in set(_WORD.findall(text.lower())):
            total += odds.get(word, 0.0) + 2.0 * (word in _MALAY_ONLY) - 2.0 * (word in _INDONESIAN_ONLY)
        return total

    in_indonesian = {row.other for row in indonesian}
    kept_malay = []
    for row in malay:
        needed = 1.5 if row.other in in_indonesian else -0.5
        if row.origin in _TRUSTED or vote(row.other) > needed:
            kept_malay.append(row)
    kept_indonesian = [row for row in indonesian if row.origin in _TRUSTED or vote(row.other) < 1.0]
    return kept_malay, kept_indonesian
