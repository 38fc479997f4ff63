"""From the names of services and the doses in a row to its injections, by what a person confirmed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from data.files import is_missing
from data.mapping.check_marks import NO_MARKS
from data.mapping.dose_text import DoseReading, Vocabulary, WordMeaning
from data.mapping.spec import NO_MEANING, NOT_READ, UNANSWERED, UNNAMED_TOXIN, ServiceRule, WordValue, plain_name

NO_DOSE = NO_MARKS | {"0.0", "0,0"}

Injections = tuple[Mapping[str, str], ...]
MEANING_OF_TEXT = {
    NOT_READ: WordMeaning("other"),
    NO_MEANING: WordMeaning("nothing"),
    UNNAMED_TOXIN: WordMeaning("toxin"),
    UNANSWERED: WordMeaning("nothing"),
}


@dataclass(frozen=True)
class UnknownServiceError(Exception):
    """A text that nobody has confirmed. `word`: the word that is new, or the whole text."""

    word: str


@dataclass
class ServiceReader:
    """Reads rows by one rule. `needs_product`: the products come from here, and from no column of their own."""

    rule: ServiceRule
    needs_product: bool = True
    _known: dict[tuple, Injections] = field(default_factory=dict)

    def read(self, name: str, doses: Sequence[str] = (), notes: str = "") -> Injections:
        """The injections of a row: its service's name, the cells of the dose columns, and its notes.

        None of them: no toxin, or no dose. Raises UnknownServiceError.
        """
        key = (name, *doses, notes)
        if key not in self._known:
            self._known[key] = self._read(name, doses, notes)
        return self._known[key]

    def _read(self, name: str, doses: Sequence[str], notes: str) -> Injections:
        by_notes = self._free_text.read(notes) if notes else DoseReading()
        if by_notes.unknown:
            raise UnknownServiceError(by_notes.unknown[0])
        dosed = [one for one in by_notes.injections if "area" in one and "units" in one]
        by_name = self._read_name(name, is_dosed=bool(dosed))
        if not by_name:
            return ()
        if self.rule.columns:
            filled = [
                f"{column} {cell}u" if cell[-1:].isdecimal() else f"{column} {cell}"
                for column, cell in zip(self.rule.columns, doses, strict=True)
                if not is_missing(cell) and cell.casefold() not in NO_DOSE
            ]
            by_columns = self._words.read("; ".join(filled))
            if by_columns.unknown:
                raise UnknownServiceError(by_columns.unknown[0])
            dosed = [one for one in by_columns.injections if "area" in one or "units" in one]
            if not dosed:
                return ()
        common = {field: value for field, value in by_name[0].items() if field == "product"}
        injections = tuple(common | one for one in dosed) or by_name
        if self.needs_product and not all(one.get("product") for one in injections):
            if not self.rule.product:
                raise UnknownServiceError(name or "product")
            injections = tuple({"product": self.rule.product} | one for one in injections)
        return injections

    def _read_name(self, name: str, is_dosed: bool) -> Injections:
        if not self.rule.text:
            return ({},)
        if (meaning := self._names.get(plain_name(name))) is not None:
            return meaning
        if not name and is_dosed:
            return ({},)
        reading = self._words.read(name)
        if reading.has_other and not reading.names_toxin:
            return ()
        is_toxin = reading.names_toxin or is_dosed or any("units" in one for one in reading.injections)
        if reading.unknown or not (is_toxin or (reading.injections and not self.needs_product)):
            raise UnknownServiceError(reading.unknown[0] if reading.unknown and is_toxin else name)
        return tuple(reading.injections) or ({},)

    @cached_property
    def _names(self) -> Mapping[str, Injections]:
        return self.rule.injections_by_name()

    @cached_property
    def _words(self) -> Vocabulary:
        return Vocabulary({plain_name(word): word_meaning(value) for word, value in self.rule.words.items()})

    @cached_property
    def _free_text(self) -> Vocabulary:
        return Vocabulary(self._words.words, is_free_text=True)


def word_meaning(value: WordValue) -> WordMeaning:
    """What the value of a word in a mapping says."""
    if isinstance(value, str):
        return MEANING_OF_TEXT[value]
    parts = value if isinstance(value, tuple) else (value,)
    if areas := tuple(part["area"] for part in parts if "area" in part):
        return WordMeaning("areas", areas)
    return WordMeaning("product", (parts[0]["product"],)) if "product" in parts[0] else WordMeaning("nothing")
