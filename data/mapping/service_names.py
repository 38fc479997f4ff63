"""Names of services in practice software ("Botox 20u", "B20"): what each probably stands for.

Everything here is a suggestion. None is used before a person has confirmed it.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Literal

from rapidfuzz import fuzz, process

from data.mapping.dose_text import Kind, Vocabulary, WordMeaning, expand_codes
from data.mapping.spec import (
    NO_MEANING,
    NOT_READ,
    SERVICE_FIELDS,
    UNANSWERED,
    UNNAMED_TOXIN,
    WordValue,
    plain_name,
)
from data.reference.loader import FOLDER
from models import codelist
from models.csv_rows import read_csv_rows

UNITS = re.compile(r"(?<![\w.])(\d{1,4}(?:\.\d+)?)\s*(?:units?|iu|u)\b(?!\s*vial)")
# Abbreviations such as B20: the first letter of a brand, then units.
LETTERS = {"b": "botox_cosmetic", "d": "dysport", "x": "xeomin", "j": "jeuveau"}
LETTER_AND_UNITS = re.compile(r"\b([bdxj])\s?(\d{1,3})\b")
WORDS = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
BETWEEN_NAMES = re.compile(r"[,;:+&/|()]")  # a phrase ends here
MAX_PHRASE_WORDS = 5

# Confidence, 0 to 1, of a word spelled out, of a misspelled one, and of an interpretation.
EXACT_SPELLING, NEAR_SPELLING, GUESSED_CONFIDENCE = 0.9, 0.7, 0.4
MIN_LIKENESS = 84  # rapidfuzz, 0-100: "forhead" to "forehead" 93, "peel" to "heel" 75
MIN_LETTERS = 5  # a shorter word resembles too many others


@dataclass(frozen=True)
class ServiceWord:
    """A word in names of services. `means`: a product, one or more areas, an unnamed toxin, or something else."""

    word: str
    means: Literal["product", "areas", "toxin", "other", "side_effect"]
    codes: tuple[str, ...]
    source: str


@dataclass(frozen=True)
class Service:
    """One name. `toxin` None: it does not say; `units`: of the whole service, so known per area if there is one."""

    name: str
    times: int
    toxin: bool | None
    product: str | None
    areas: tuple[str, ...]
    units: str | None
    confidence: float

    def to_mapping_value(self, used: Collection[str] = SERVICE_FIELDS) -> object:
        """Its meaning as a mapping file has it, with the fields that are used; "?" while it is incomplete."""
        if self.toxin is None or (self.toxin and not self.product):
            return UNANSWERED
        if not self.toxin:
            return NOT_READ
        units = self.units if len(self.areas) < 2 else None
        meanings = [{"product": self.product, "area": area, "units": units} for area in self.areas or (None,)]
        meanings = [{name: text for name, text in meaning.items() if text and name in used} for meaning in meanings]
        return tuple(meanings) if len(meanings) > 1 and "area" in used else meanings[0]


@dataclass(frozen=True)
class ServiceWordUse:
    """A word that occurs in names of services or doses, what it probably means, and a text that has it."""

    word: str
    meaning: WordMeaning
    times: int
    example: str
    confidence: float

    def to_mapping_value(self) -> WordValue:
        """Its meaning as a mapping file has it."""
        match self.meaning.kind:
            case "product":
                return {"product": self.meaning.codes[0]}
            case "areas":
                areas = tuple({"area": code} for code in self.meaning.codes)
                return areas if len(areas) > 1 else areas[0]
            case kind:
                return {"toxin": UNNAMED_TOXIN, "other": NOT_READ}.get(kind, NO_MEANING)


def suggest_services_for(names: Mapping[str, int]) -> tuple[Service, ...]:
    """What names of services, given with their counts, probably stand for; the most frequent first."""
    ordered = sorted(names.items(), key=lambda item: (-item[1], item[0]))
    return tuple(_suggest_service(name, times) for name, times in ordered)


def _suggest_service(name: str, times: int) -> Service:
    text = plain_name(name)
    doses = set(UNITS.findall(text))
    units = next(iter(doses)) if len(doses) == 1 else None
    words = [*_find_words(text, ("product", "toxin")), *_find_words(text, ("areas", "other"))]  # "Barbie Botox" is both
    products = {code: sure for word, sure in words if word.means == "product" for code in word.codes}
    areas = {code: sure for word, sure in words if word.means == "areas" for code in word.codes}
    meanings = {word.means for word, _ in words}
    confidences = [*products.values(), *areas.values()]
    if not products and (match := LETTER_AND_UNITS.search(text)):
        products, units, confidences = {LETTERS[match[1]]: GUESSED_CONFIDENCE}, match[2], [GUESSED_CONFIDENCE]
    names_toxin = bool(products) or "toxin" in meanings
    if "other" in meanings and not names_toxin:
        return Service(name, times, False, None, (), None, EXACT_SPELLING)
    toxin = True if names_toxin or (areas and units) else None
    if "other" in meanings or len(products) > 1 or len(doses) > 1:
        confidences.append(GUESSED_CONFIDENCE)
    product = next(iter(products)) if len(products) == 1 else None
    confidence = min(confidences, default=0.0) if product else 0.0
    return Service(name, times, toxin, product, tuple(areas), units, confidence)


def suggest_words(texts: Mapping[str, int]) -> tuple[ServiceWordUse, ...]:
    """The words that explain these texts, given with their counts; the most frequent first.

    Numbers and fillers are left out. A word that is in no list means nothing, to be checked.
    """
    uses: dict[str, ServiceWordUse] = {}
    for text, times in texts.items():
        plain = plain_name(text).replace("’", "'")
        for phrase, meaning, confidence in _words_of(plain):
            known = uses.get(phrase) or ServiceWordUse(phrase, meaning, 0, text, confidence)
            uses[phrase] = replace(known, times=known.times + times)
    return tuple(sorted(uses.values(), key=lambda use: (-use.times, use.word)))


def _words_of(text: str) -> Iterator[tuple[str, WordMeaning, float]]:
    free = UNITS.sub(" ", expand_codes(text))
    for phrase, (word, *others), confidence in _find_phrases(free, ("product", "toxin", "areas", "other")):
        free = free.replace(phrase, " ; ", 1)
        codes = word.codes if word.means in ("product", "areas") else ()
        unsure = bool(others) or len(codes) > 1
        yield phrase, WordMeaning(word.means, codes), GUESSED_CONFIDENCE if unsure else confidence
    # The parser says which of the others it would ask about.
    for word in Vocabulary({}).read(free).unknown:
        yield word, WordMeaning("nothing"), GUESSED_CONFIDENCE


@cache
def known_words() -> Vocabulary:
    """Every word of the lists, to find texts that hold doses. What a mapping uses, a person confirms first."""
    words = _dictionary(("product", "toxin", "areas", "other"))
    return Vocabulary({text: WordMeaning(meant[0].means, meant[0].codes) for text, meant in words.items()}, True)


def is_area_name(text: str) -> bool:
    """Whether the text names one area and nothing else, but for a product, a side and fillers: "CF L (units)"."""
    return _names_only(text, "areas")


def is_product_name(text: str) -> bool:
    """Whether the text names one product and nothing else, but for an area and fillers: "Botox units"."""
    return _names_only(text, "product")


def _names_only(text: str, kind: Kind) -> bool:
    found = list(_words_of(plain_name(text).replace("’", "'")))
    named = [meaning for _, meaning, sure in found if meaning.kind == kind and sure == EXACT_SPELLING]
    return len(named) == 1 and all(meaning.kind in ("areas", "product") for _, meaning, _ in found)


def _find_words(text: str, kinds: tuple[str, ...]) -> Iterator[tuple[ServiceWord, float]]:
    """The dictionary's words in a name with their confidence."""
    for _, meant, sure in _find_phrases(text, kinds):
        yield from ((word, sure if len(meant) == 1 else GUESSED_CONFIDENCE) for word in meant)


def _find_phrases(text: str, kinds: tuple[str, ...]) -> Iterator[tuple[str, tuple[ServiceWord, ...], float]]:
    """The phrases of a name that the dictionary has: longest first, each word used once."""
    matches = list(WORDS.finditer(text.replace("’", "'")))
    words = [match[0] for match in matches]
    free = [True] * len(words)
    for length in range(min(MAX_PHRASE_WORDS, len(words)), 0, -1):
        for at in range(len(words) - length + 1):
            together = text[matches[at].start() : matches[at + length - 1].end()]
            if all(free[at : at + length]) and not BETWEEN_NAMES.search(together):
                meant, sure = _look_up(" ".join(words[at : at + length]), kinds)
                if meant:
                    free[at : at + length] = [False] * length
                    yield together, meant, sure


@cache
def _look_up(phrase: str, kinds: tuple[str, ...]) -> tuple[tuple[ServiceWord, ...], float]:
    known = _dictionary(kinds)
    for spelling in (phrase, phrase.removesuffix("s"), phrase.replace("-", " ")):
        if spelling in known:
            return known[spelling], EXACT_SPELLING
    if len(phrase) >= MIN_LETTERS and not phrase.isdigit():
        similar = [word for word in known
                   if abs(len(word) - len(phrase)) <= 2 and word.count(" ") == phrase.count(" ")]  # fmt: skip
        nearest = process.extractOne(phrase, similar, scorer=fuzz.ratio, score_cutoff=MIN_LIKENESS)
        if nearest and nearest[0][0] == phrase[0]:
            return known[nearest[0]], NEAR_SPELLING
    return (), 0.0


@cache
def service_words() -> tuple[ServiceWord, ...]:
    """The words of reference/service_words.csv."""
    return tuple(read_csv_rows(FOLDER / "service_words.csv", ServiceWord))


@cache
def _dictionary(kinds: tuple[str, ...]) -> dict[str, tuple[ServiceWord, ...]]:
    """Spellings of products and areas in the codelists; words in reference/service_words.csv take precedence."""
    found: dict[str, dict[str, ServiceWord]] = {}
    for listed, means in ((codelist.products(), "product"), (codelist.areas(), "areas")):
        for entry in listed.values() if means in kinds else ():
            for spelling in (entry.code.replace("_", " "), entry.label, entry.plain, *entry.also):
                word = ServiceWord(spelling, means, (entry.code,), entry.source)
                found.setdefault(_normalize(spelling), {})[entry.code] = word
    own = [word for word in service_words() if word.means in kinds]
    listed = {spelling: tuple(meant.values()) for spelling, meant in found.items()}
    return listed | {_normalize(word.word): (word,) for word in own}


def _normalize(text: str) -> str:
    return " ".join(WORDS.findall(plain_name(text).replace("’", "'")))
