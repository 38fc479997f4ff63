"""Texts with doses ("Botox - Frown 16 units", "FH 10u, CF 12/12") to injections, by words that a person confirmed.

A text is read word by word. Areas wait for the number that follows them, a pair of numbers is left and right, and the
product of the text holds for all its areas. A word that the vocabulary lacks is reported, never guessed.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from data.mapping.check_marks import CHECK_MARKS

Kind = Literal["product", "areas", "toxin", "other", "nothing"]

UNIT = r"(?:units?|iu|ui|ie|u\.i\.|i\.e\.|einheiten|einh\.?|unit[ée]s?|unidades|u|e)(?!\w)"
NUMBER = r"(\d{1,4}(?:[.,]\d{1,2})?)"
DOSE = re.compile(rf"(?:x\s?)?{NUMBER}(?:\s?{UNIT})?(?:\s?[/+]\s?{NUMBER}(?:\s?{UNIT})?)?(?!\w|[.,]\d|\s?vial|\s?ml)")
UNIT_AFTER = re.compile(rf"\d\s?{UNIT}")
SIDE = re.compile(
    r"(?:(?P<left>left|lt|l|lhs|links|li|gauche|izquierd[oa])|(?P<right>right|rt|r|rhs|rechts|re|droite?|derech[oa])"
    r"|(?P<each>each(?: side)?|per side|je(?: seite)?|par côté|por lado)"
    r"|(?P<both>both(?: sides)?|bilateral(?:ly)?))(?!\w)"
)
LOT = re.compile(r"(?:lot|batch|charge|lote)\b\s?(?:no|number|nr|#)?\s?[.:#]*\s?([\w-]*\d[\w-]*)")
WORD = re.compile(r"[^\W_]+(?:['.-][^\W_]+)*")
NEW_PART = re.compile(r"\s/\s|\n")
NEW_SEGMENT = re.compile(r"[,;|]|\s-\s")
# Words around doses that mean nothing here.
FILLERS = frozenset({
    "a", "an", "and", "und", "et", "area", "areas", "at", "dose", "doses", "for", "in", "injection", "injections", "of",
    "on", "per", "session", "the", "to", "total", "treatment", "treatments", "with", "zone", "zones", "zona", "zonas",
    "behandlung",
    "unit", "units", "u", "iu", "ui", "ie", "e", "einheiten", *CHECK_MARKS,
})  # fmt: skip


# HCPCS Level II codes of toxins and what one of each is (CMS, alphanumeric HCPCS file).
CODES_OF_TOXINS = {
    "j0585": "onabotulinumtoxinA 1 unit", "j0586": "abobotulinumtoxinA 5 units",
    "j0587": "rimabotulinumtoxinB 100 units", "j0588": "incobotulinumtoxinA 1 unit",
    "j0589": "daxibotulinumtoxinA 1 unit",
}  # fmt: skip
CODE_OF_TOXIN = re.compile(r"\bj058[5-9]\b", re.I)


def expand_codes(text: str) -> str:
    """The text with the toxin and the dose in place of their billing code."""
    return CODE_OF_TOXIN.sub(lambda match: CODES_OF_TOXINS[match[0].lower()].lower(), text)


@dataclass(frozen=True)
class WordMeaning:
    """What a word stands for. `codes`: a product, or one or more areas."""

    kind: Kind
    codes: tuple[str, ...] = ()


@dataclass
class DoseReading:
    """What a text says. `injections`: product, area, side, units and lot of each, as far as the text names them;
    `names_toxin`: it names a product or a toxin; `has_other`: it names something else; `unknown`: its other words."""

    injections: list[dict[str, str]] = field(default_factory=list)
    names_toxin: bool = False
    has_other: bool = False
    unknown: list[str] = field(default_factory=list)


@dataclass
class _Segment:
    """Areas with their doses between two commas: "FH 10u"."""

    part: int
    product: str | None
    dosed: list[dict[str, str]] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)  # areas that no number has followed yet
    total: str | None = None  # a dose that stands without an area
    side: str | None = None
    last_word: str | None = None
    is_group: bool = False  # one word named several areas

    def add_dose(self, first: str, second: str) -> None:
        area = self.waiting[0] if len(self.waiting) == 1 else None
        if not self.waiting and self.dosed and self.side:
            area = self.dosed[-1]["area"]  # "CF L 10 R 12"
        if area is None:
            if not self.waiting:
                self.total = first
            return
        doses = [("left", first), ("right", second)] if second else [(self.side, first)]
        self.dosed += [{"area": area, "units": units} | ({"side": side} if side else {}) for side, units in doses]
        self.waiting, self.side = [], None

    def add_areas(self, areas: tuple[str, ...]) -> None:
        self.is_group |= len(areas) > 1
        self.waiting += [area for area in areas if area not in self.waiting]
        if self.total and len(self.waiting) == 1:  # "20 units glabella"
            total, self.total = self.total, None
            self.add_dose(total, "")

    def double(self) -> None:
        """The last dose is that of each side."""
        if self.dosed and "side" not in self.dosed[-1]:
            last = self.dosed.pop()
            self.dosed += [last | {"side": side} for side in ("left", "right")]


def _share_single_doses(segments: Sequence[_Segment]) -> None:
    """One dose at the end of a list of areas is of none of them alone: "Forehead, glabella 40 units"."""
    for part in {segment.part for segment in segments}:
        named = [segment for segment in segments if segment.part == part and (segment.waiting or segment.dosed)]
        without_dose = [segment for segment in named if not segment.dosed]
        last = named[-1] if named else None
        if last and len(named) > 1 and named[:-1] == without_dose and len({dose["area"] for dose in last.dosed}) == 1:
            last.waiting.append(last.dosed[0]["area"])
            last.dosed.clear()


@dataclass(frozen=True)
class Vocabulary:
    """`words`: the meaning of each word or phrase, in lower case. `is_free_text`: other words are ignored unless a dose
    follows them."""

    words: Mapping[str, WordMeaning]
    is_free_text: bool = False

    @cached_property
    def _pattern(self) -> re.Pattern:
        longest_first = sorted(filter(None, self.words), key=len, reverse=True)
        phrases = (re.escape(word).replace(r"\ ", r"[\s_-]+") for word in longest_first)
        return re.compile(rf"(?:({'|'.join(phrases)}))(?!\w)") if self.words else re.compile(r"(?!)()")

    def read(self, text: str) -> DoseReading:
        """What the text says."""
        reading = DoseReading()
        segments = list(
            self._segments(expand_codes(text).casefold().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'"), reading)
        )
        _share_single_doses(segments)
        dosed_parts = {segment.part for segment in segments if segment.dosed}
        dosed_areas = {dose["area"] for segment in segments for dose in segment.dosed}
        products = [segment.product for segment in segments]
        only = next(iter(set(products) - {None}), None) if len(set(products) - {None}) == 1 else None
        for segment in segments:
            of_product = {"product": product} if (product := only or segment.product) else {}
            reading.injections += [of_product | dose for dose in segment.dosed]
            if not dosed_parts or (segment.part in dosed_parts and not segment.is_group):
                areas = [area for area in segment.waiting if area not in dosed_areas]
                reading.injections += [of_product | {"area": area} for area in areas]
        totals = [segment.total for segment in segments if segment.total]
        if not reading.injections and (reading.names_toxin or totals):
            reading.injections = [{"product": only} if only else {}]
        if len(reading.injections) == 1 and len(set(totals)) == 1:
            reading.injections = [{"units": totals[0]} | reading.injections[0]]
        if lot := LOT.search(text.casefold()):
            at, end = lot.span(1)
            reading.injections = [one | {"lot": text[at:end]} for one in reading.injections]
        return reading

    def _segments(self, text: str, reading: DoseReading) -> Iterator[_Segment]:
        at, segment = 0, _Segment(0, None)
        while at < len(text):
            if match := NEW_PART.match(text, at):
                yield segment
                segment = _Segment(segment.part + 1, segment.product)
            elif match := self._pattern.match(text, at):
                self._add_word(segment, reading, self._meaning(match[0]))
            elif match := LOT.match(text, at):
                pass
            elif match := DOSE.match(text, at):
                has_unit = bool(UNIT_AFTER.search(match[0]))
                if segment.last_word and not segment.waiting and has_unit and self.is_free_text:
                    reading.unknown.append(segment.last_word)
                if segment.waiting or segment.side or has_unit or match[0].startswith("x"):
                    segment.add_dose(match[1].replace(",", "."), (match[2] or "").replace(",", "."))
                segment.last_word = None
            elif match := SIDE.match(text, at):
                if match.lastgroup == "each":
                    segment.double()
                else:
                    segment.side = match.lastgroup
            elif match := NEW_SEGMENT.match(text, at):
                yield segment
                segment = _Segment(segment.part, segment.product)
            elif match := WORD.match(text, at):
                if match[0] not in FILLERS and not self.is_free_text:
                    reading.unknown.append(match[0])
                segment.last_word = match[0] if match[0] not in FILLERS else segment.last_word
            at = match.end() if match else at + 1
        yield segment

    def _meaning(self, phrase: str) -> WordMeaning:
        return self.words.get(phrase) or self.words[re.sub(r"[\s_-]+", " ", phrase)]

    def _add_word(self, segment: _Segment, reading: DoseReading, meaning: WordMeaning) -> None:
        reading.names_toxin |= meaning.kind in ("product", "toxin")
        reading.has_other |= meaning.kind == "other"
        segment.last_word = None
        if meaning.kind == "product":
            segment.product = meaning.codes[0]
        elif meaning.kind == "areas":
            segment.add_areas(meaning.codes)
