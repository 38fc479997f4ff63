"""The code lists: areas, side effects, products, remedies and answers, read from codelists/*.csv.

One line in a CSV file adds an entry. A row that breaks a rule stops the program with its file, row, column and what was
expected, because a wrong list would lead to wrong counts.
"""

import functools
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, Literal, TypeVar, get_args, get_type_hints

from rapidfuzz import fuzz, process, utils

from models.csv_rows import RowError, cell_location, read_coded_csv_rows

FOLDER = Path(__file__).parent / "codelists"

# On rapidfuzz's scale of 0-100. A misspelling resembles the whole word ("botoks" and "botox": 73); for a phrase that
# resembles only a part, more is required.
MIN_SIMILARITY = 70
MIN_PART_SIMILARITY = 85

Region = Literal["upper_face", "lower_face", "neck", "scalp", "body", "eye_muscle"]
BodyMap = Literal["face", "body"]
Weakness = Literal["injected", "nearby", "generalised"]
RedFlag = Literal["emergency", "urgent"]


class UnknownCodeError(KeyError):
    """A code that is not on its list; the message suggests the nearest code, if any."""

    def __init__(self, code: str, listed_in: str, suggestion: str | None):
        super().__init__(code)
        self.code, self.listed_in, self.suggestion = code, listed_in, suggestion

    def __str__(self) -> str:
        hint = f"; did you mean {self.suggestion!r}?" if self.suggestion else ""
        return f"{self.code!r} is not in {self.listed_in}{hint}"


@dataclass(frozen=True, kw_only=True)
class CodelistEntry:
    """One row of a list. `also` holds other spellings, which lead to suggestions and are never accepted silently."""

    code: str
    label: str
    plain: str
    definition: str
    also: tuple[str, ...] = ()
    source: str


@dataclass(frozen=True, kw_only=True)
class AreaEntry(CodelistEntry):
    """An injected area. `x`, `y`: 0-100 from the top left of a front view, on the client's left side if sided."""

    region: Region
    map: BodyMap
    x: int
    y: int
    sided: bool


@dataclass(frozen=True, kw_only=True)
class FamilyEntry(CodelistEntry):
    """A kind of side effect. `reach`: how far from the injection it occurs."""

    reach: str


@dataclass(frozen=True, kw_only=True)
class SideEffectEntry(CodelistEntry):
    """A side effect. Without `areas` it can follow any area; `ctcae_term` is the CTCAE v5.0 term that grades it."""

    family: str
    weakness: Weakness | None
    red_flag: RedFlag | None
    areas: tuple[str, ...]
    ctcae_term: str | None

    def can_follow(self, area: str) -> bool:
        """Whether an injection of this area can cause it."""
        return not self.areas or area in self.areas


@dataclass(frozen=True, kw_only=True)
class ProductEntry(CodelistEntry):
    """A brand. Doses of different `unit` are never added, averaged or compared; an inactive product has no dose."""

    generic: str
    unit: str
    active: bool


@dataclass(frozen=True, kw_only=True)
class RemedyEntry(CodelistEntry):
    """A remedy that clients are offered. `evidence` is shown with its use and never credits the remedy."""

    evidence: str
    direction: str
    strength: str
    clinic_offers: bool
    url: str | None


@dataclass(frozen=True, kw_only=True)
class OutcomeEntry(CodelistEntry):
    """How a follow-up ended. `known`: whether it tells the client's outcome."""

    known: bool


@dataclass(frozen=True, kw_only=True)
class GradeScale(CodelistEntry):
    """A scale of severity with whole grades from `lowest` to `highest`."""

    lowest: int
    highest: int


@dataclass(frozen=True, kw_only=True)
class ScoreScale(GradeScale):
    """A score of the treated condition. From `returned_from` on the effect has worn off; None if undefined."""

    worse: Literal["high", "low"]
    returned_from: int | None


Row = TypeVar("Row", bound=CodelistEntry)


class Codelist(Mapping[str, Row], Generic[Row]):
    """The rows of a list by code, in file order. An unknown code raises UnknownCodeError."""

    def __init__(self, name: str, rows: Iterable[Row]):
        self.name = name
        self._rows = {row.code: row for row in rows}

    def __getitem__(self, code: str) -> Row:
        if code not in self._rows:
            raise UnknownCodeError(code, self.name, suggest_code(str(code), self))
        return self._rows[code]

    def __contains__(self, code: object) -> bool:
        return code in self._rows

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)


def suggest_code(code: str, among: Iterable[str]) -> str | None:
    """The code nearest to `code`, or None. In a Codelist, labels, plain words and other spellings are searched too."""
    spellings: dict[str, str] = {}
    for candidate in among:
        written = _spellings(among[candidate]) if isinstance(among, Codelist) else (candidate,)
        for spelling in written:
            spellings.setdefault(_normalize(spelling), candidate)
    for scorer, least in ((fuzz.ratio, MIN_SIMILARITY), (fuzz.WRatio, MIN_PART_SIMILARITY)):
        nearest = process.extractOne(_normalize(code), spellings.keys(), scorer=scorer, score_cutoff=least)
        if nearest:
            return spellings[nearest[0]]
    return None


@dataclass(frozen=True)
class Codelists:
    """All lists of one folder, checked against each other. Each is read from the file of the same name."""

    areas: Codelist[AreaEntry]
    families: Codelist[FamilyEntry]  # in the order in which they are shown
    side_effects: Codelist[SideEffectEntry]  # in the order of their families
    products: Codelist[ProductEntry]  # the placebo included
    remedies: Codelist[RemedyEntry]
    outcomes: Codelist[OutcomeEntry]  # of a follow-up
    methods: Codelist[CodelistEntry]  # of a follow-up
    asked: Codelist[CodelistEntry]  # how a follow-up asked
    came_to_light: Codelist[CodelistEntry]  # how the clinic learned of a side effect
    grade_scales: Codelist[GradeScale]
    score_scales: Codelist[ScoreScale]
    serious_reasons: Codelist[CodelistEntry]
    causalities: Codelist[CodelistEntry]  # according to WHO-UMC


def load_codelists(folder: Path) -> Codelists:
    """The lists of a folder. Raises models.csv_rows.RowError at the row that breaks a rule."""
    lists = {}
    for name, kind in get_type_hints(Codelists).items():
        path = folder / f"{name}.csv"
        lists[name] = Codelist(path.name, read_coded_csv_rows(path, get_args(kind)[0]))
    read = Codelists(**lists)
    _require_known_references(folder / "side_effects.csv", read)
    return read


@functools.cache
def _shipped_lists() -> Codelists:
    return load_codelists(FOLDER)


def _shipped(choose: Callable[[Codelists], Codelist[Row]]) -> Callable[[], Codelist[Row]]:
    """A function that returns one of the shipped lists; the first call reads all of them."""
    return lambda: choose(_shipped_lists())


areas = _shipped(lambda lists: lists.areas)
families = _shipped(lambda lists: lists.families)
side_effects = _shipped(lambda lists: lists.side_effects)
products = _shipped(lambda lists: lists.products)
remedies = _shipped(lambda lists: lists.remedies)
outcomes = _shipped(lambda lists: lists.outcomes)
methods = _shipped(lambda lists: lists.methods)
how_asked = _shipped(lambda lists: lists.asked)
came_to_light = _shipped(lambda lists: lists.came_to_light)
grade_scales = _shipped(lambda lists: lists.grade_scales)
score_scales = _shipped(lambda lists: lists.score_scales)
serious_reasons = _shipped(lambda lists: lists.serious_reasons)
causalities = _shipped(lambda lists: lists.causalities)


def red_flags() -> Codelist[SideEffectEntry]:
    """The side effects that stay on top of every page until someone has reviewed them."""
    return Codelist("red flags", (row for row in side_effects().values() if row.red_flag))


def _require_known_references(path: Path, lists: Codelists) -> None:
    for number, effect in enumerate(lists.side_effects.values(), start=2):
        _require_listed(effect.family, lists.families, cell_location(path, number, "family"))
        for area in effect.areas:
            _require_listed(area, lists.areas, cell_location(path, number, "areas"))
        kind, _, weakness = effect.family.rpartition("_")
        expected = kind if weakness == "weakness" else None
        if effect.weakness != expected:
            given, place = effect.weakness or "empty", cell_location(path, number, "weakness")
            raise RowError(f"{place}: {given}; {expected or 'empty'} expected in the family {effect.family}")


def _require_listed(code: str, listed: Codelist[Row], place: str) -> None:
    if code not in listed:
        raise RowError(f"{place}: {UnknownCodeError(code, listed.name, suggest_code(code, listed))}")


def _spellings(row: CodelistEntry) -> tuple[str, ...]:
    return (row.code, row.label, row.plain, *row.also)


def _normalize(text: str) -> str:
    return utils.default_process(text.replace("_", " "))
