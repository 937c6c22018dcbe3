"""The detector: script first, then trained model, marker words, the room's and the viewer's languages as added log odds."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from assistant.detect import han, scripts
from assistant.detect.clean import clean, squeeze
from assistant.detect.model import Model
from assistant.detect.words import Reading, Words, rows

UND = "und"
"""Text that is in no language: no letters, or only laughter, sizes and brands."""

# How much each kind of evidence counts, in log odds: set by hand on the hard cases, not fitted.
MODEL = 0.9
FLOOR = -6.0
"""The least logarithm of a probability that the model is believed: a language it does not expect is not forbidden."""
BORROWED = 0.2
"""The weight of the model on shop words alone: they tell what is sold rather than who speaks."""
HAN = 0.5
"""Its weight for Chinese and Japanese in Han alone, where shapes and words tell more."""
HALF_TRUST = 2
"""Letters at which the model counts half: on one or two it is sure and wrong."""
WORDS = 1.0
SHAPE = 2.0
ROOM = 0.7
COUNTRY = 1.2
HISTORY = 2.5
ROMANISED = -1.0
"""Before a word is read: few viewers type a language of another script in Latin letters."""
TEMPERATURE = 1.2
ENOUGH, AHEAD = 4.0, 3.0
"""Evidence of words, and lead over the next language, at which the model is not asked any more."""
CERTAIN = 0.99
LATIN = ("Latin",)
"""What a language is written in that does not stand in `languages.tsv`, such as one that only a viewer's history names."""
ROMANISABLE = ("ar", "ja", "th", "zh", "ko")
"""Languages of other scripts that viewers type in Latin letters too."""


@dataclass(frozen=True, slots=True)
class Detection:
    """The language of a text."""

    lang: str
    """BCP 47; `und` when the text has no letters, or only laughter, sizes and brands."""
    confidence: float
    """0..1, roughly how often such an answer is right; 0.0 for `und`."""
    romanised: bool = False
    """Arabic, Thai, Japanese, Chinese or Korean in Latin letters. Vietnamese without its marks is plain Vietnamese."""


class Detector:
    """Built once; holds the trained model and the data files of this folder. `detect` is pure and thread-safe."""

    def __init__(self, model: Model | None = None, *, trained: bool = True) -> None:
        """`model`: other than the shipped one; with `trained` False none, as the text to train it is made."""
        self._model = model or (Model() if trained else None)
        self._prior: dict[str, float] = {}
        self._alias: dict[str, str] = {}
        self._written: dict[str, frozenset[str]] = {}
        for lang, prior, written, *alias in rows("languages.tsv"):
            self._prior[lang] = float(prior)
            self._written[lang] = frozenset(written.split())
            if alias:
                self._alias[lang] = alias[0]
        self._unlisted = self._prior.pop("*")
        self._words = Words(self._written)
        self._countries = {country: tuple(langs.split()) for country, langs in rows("countries.tsv")}
        self._leaning = lru_cache(maxsize=256)(self._leaning_of)
        self._of_script: dict[str, list[str]] = {}
        for lang, written_in in self._written.items():
            for script in written_in if lang not in self._alias else ():
                self._of_script.setdefault(script, []).append(lang)

    def languages_of(self, country: str | None) -> tuple[str, ...]:
        """The languages viewers of an ISO 3166-1 alpha-2 country write; () when unknown."""
        return self._countries.get(country or "", ())

    def detect(
        self,
        text: str,
        *,
        priors: Sequence[str] = (),
        market_langs: Sequence[str] = (),
        history: Mapping[str, int] | None = None,
    ) -> Detection:
        """The language of one comment. `priors` are the room's languages, `market_langs` those of the viewer's country,
        `history` how many comments this viewer wrote in which language. All three lean, none forbids. Never raises."""
        cleaned = clean(text)
        found = scripts.letters(cleaned)
        if not found:
            return Detection(UND, 0.0)
        script, share = scripts.deciding(found)
        langs = self._of_script.get(script, ())
        certainty = CERTAIN if share > 0.5 else 0.9
        if script == "Han":
            return self._han(cleaned, certainty, self._lean(priors, market_langs, history))
        if len(langs) == 1:
            return Detection(langs[0], certainty)
        lean = self._lean(priors, market_langs, history)
        return self._spelled(cleaned, script, certainty, lean)

    def content(self, text: str) -> str:
        """What the model is given of a text: its cleaned words in lower case, without brands, codes and most shop words."""
        cleaned = clean(text)
        found = scripts.letters(cleaned)
        script = scripts.deciding(found)[0] if found else ""
        return self._content(cleaned, self._words.read(cleaned, script)) if script not in ("", "Han") else squeeze(cleaned).lower()

    def _content(self, cleaned: str, reading: Reading) -> str:
        return squeeze(reading.content or cleaned).lower()

    def _spelled(self, cleaned: str, script: str, certainty: float, lean: Mapping[str, float]) -> Detection:
        """An alphabet that several languages share: model, words and leanings."""
        reading = self._words.read(cleaned, script)
        if not reading.content and not reading.scores and not reading.romanised:
            return Detection(UND, 0.0)
        content = self._content(cleaned, reading)
        trust = (BORROWED if reading.borrowed else MODEL) * len(content) / (len(content) + HALF_TRUST)
        told = {} if self._model is None or settled(reading.scores, reading.romanised) else self._model.scores(content)
        scores: dict[tuple[str, bool], float] = {}
        for lang in {**dict.fromkeys(lang for lang, romanised in told if not romanised), **reading.scores, **lean, self._of_script.get(script, (UND,))[0]: 0.0}:
            if lang == UND or script in self._written.get(lang, LATIN):
                leaning = self._prior.get(lang, self._unlisted) + lean.get(lang, 0.0)
                scores[lang, False] = trust * max(FLOOR, told.get((lang, False), FLOOR)) + WORDS * reading.scores.get(lang, 0.0) + leaning
        for lang in ROMANISABLE if script == "Latin" else ():
            heard = trust * max(FLOOR, told.get((lang, True), FLOOR))
            scores[lang, True] = heard + WORDS * reading.romanised.get(lang, 0.0) + ROMANISED + lean.get(lang, 0.0)
        (lang, romanised), confidence = likeliest(scores)
        return Detection(lang, min(confidence, certainty) if lang != UND else 0.0, romanised)

    def _han(self, cleaned: str, certainty: float, lean: Mapping[str, float]) -> Detection:
        """Chinese or Japanese in Han alone: characters only one of them uses, then words, then leanings."""
        scores = {"zh": 0.5 + lean.get("zh", 0.0), "ja": lean.get("ja", 0.0)}
        for lang, weight in self._words.parts(cleaned).items():
            scores[lang] += WORDS * weight
        for lang, count in han.evidence(cleaned).items():
            scores[lang] += SHAPE * count
        told = self._model.scores(squeeze(cleaned).lower()) if self._model and abs(scores["zh"] - scores["ja"]) < AHEAD else {}
        for lang in scores:
            scores[lang] += HAN * told.get((lang, False), 0.0)
        lang, confidence = likeliest(scores)
        return Detection(lang, min(confidence, certainty))

    def _lean(self, priors: Sequence[str], market_langs: Sequence[str], history: Mapping[str, int] | None) -> Mapping[str, float]:
        lean = self._leaning(tuple(priors), tuple(market_langs))
        counts: dict[str, int] = {}
        for tag, count in (history or {}).items():
            if tag != UND and count > 0:
                counts[self._name(tag)] = counts.get(self._name(tag), 0) + count
        total = sum(counts.values()) + 1
        return {**lean, **{lang: lean.get(lang, 0.0) + HISTORY * n / total for lang, n in counts.items()}}

    def _leaning_of(self, priors: tuple[str, ...], market_langs: tuple[str, ...]) -> Mapping[str, float]:
        room, country = {self._name(lang) for lang in priors}, {self._name(lang) for lang in market_langs}
        return {lang: ROOM * (lang in room) + COUNTRY * (lang in country) for lang in room | country}

    def _name(self, tag: str) -> str:
        primary = tag.lower().partition("-")[0]
        return self._alias.get(primary, primary)


def settled(scores: Mapping[str, float], romanised: Mapping[str, float]) -> bool:
    """Whether the words alone tell the language, so that the library need not be asked."""
    best, second = 0.0, 0.0
    for evidence in (scores, romanised):
        for score in evidence.values():
            best, second = (score, best) if score > best else (best, max(second, score))
    return best >= ENOUGH and best - second >= AHEAD


def likeliest(scores: Mapping) -> tuple:
    """The key with the highest score and its share after a softmax."""
    best = max(scores, key=scores.__getitem__)
    total = sum(math.exp((score - scores[best]) / TEMPERATURE) for score in scores.values())
    return best, 1 / total
