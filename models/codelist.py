"""The code lists: areas, side effects, products, remedies and answers, read from codelists/*.csv.

One line in a CSV file adds an entry. A row that breaks a rule stops the program with its file, row, column and what was
expected, because a wrong list would lead to wrong counts.
"""

import functools
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args, get_type_hints

from rapidfuzz import fuzz, process, utils

from models.csv_rows import RowError, read_csv_rows

FOLDER = Path(__file__).parent / "codelists"
CODE = re.compile(r"[a-z][a-z0-9_]*")

# On rapidfuzz's scale of 0-100. A misspelling resembles the whole word ("botoks" and "botox": 73); for a phrase that
# resembles only a part, more is required.
MIN_SIMILARITY = 70
MIN_PART_SIMILARITY = 85

# For terms of a source's own dictionary: most side effects have begun by then, few without weakness begin later.
OTHER_ASKED_FROM = 7

Region = Literal["upper_face", "lower_face", "neck", "scalp", "body", "eye_muscle"]
BodyMap = Literal["face", "body"]
Weakness = Literal["injected", "nearby", "generalised"]
RedFlag = Literal["emergency", "urgent"]


class UnknownCodeError(KeyError):
    """A code that is not on its list; the message suggests the nearest code, if any."""

    def __str__(self) -> str:
        return str(self.args[0])  # KeyError would quote it


@dataclass(frozen=True, kw_only=True)
class CodelistEntry:
    """One row of a list. `also` holds other spellings, accepted where they mean one code."""

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
    """A family of side effects. `asked_from`: the first day after a treatment on which asking about it counts."""

    asked_from: int


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


@dataclass(frozen=True, kw_only=True)
class GradeScale(CodelistEntry):
    """A scale of severity with whole grades from `lowest` to `highest`."""

    lowest: int
    highest: int


@dataclass(frozen=True, kw_only=True)
class NaranjoQuestion(CodelistEntry):
    """A question of the Naranjo scale: the points for each answer."""

    yes: int
    no: int
    unknown: int


@dataclass(frozen=True, kw_only=True)
class ScoreScale(GradeScale):
    """A score of the treated condition. From `returned_from` on the effect has worn off; None if undefined."""

    worse: Literal["high", "low"]
    returned_from: int | None


Row = TypeVar("Row", bound=CodelistEntry)


class Codelist(dict[str, Row]):
    """The rows of a list by code, in file order. An unknown code raises UnknownCodeError."""

    def __init__(self, name: str, rows: Iterable[Row]):
        super().__init__((row.code, row) for row in rows)
        self.name = name

    @functools.cached_property
    def _codes_by_spelling(self) -> dict[str, list[str]]:
        codes: dict[str, list[str]] = {}
        for row in self.values():
            for spelling in {_normalize(text) for text in (row.code, row.label, row.plain, *row.also)}:
                codes.setdefault(spelling, []).append(row.code)
        return codes

    def find_codes(self, text: str) -> list[str]:
        """The codes with this code, label, plain word or other spelling; several if it may mean each of them."""
        return self._codes_by_spelling.get(_normalize(text), [])

    def __missing__(self, code: str) -> Row:
        suggestion = suggest_code(str(code), self)
        hint = f"; did you mean {suggestion!r}?" if suggestion else ""
        raise UnknownCodeError(f"{code!r} is not in {self.name}{hint}")


def suggest_code(code: str, among: Iterable[str]) -> str | None:
    """The code nearest to `code`, or None. In a Codelist, labels, plain words and other spellings are searched too."""
    spellings: dict[str, str] = {}
    for candidate in among:
        row = among[candidate] if isinstance(among, Codelist) else None
        for spelling in (row.code, row.label, row.plain, *row.also) if row else (candidate,):
            spellings.setdefault(_normalize(spelling), candidate)
    for scorer, least in ((fuzz.ratio, MIN_SIMILARITY), (fuzz.WRatio, MIN_PART_SIMILARITY)):
        nearest = process.extractOne(_normalize(code), spellings.keys(), scorer=scorer, score_cutoff=least)
        if nearest:
            return spellings[nearest[0]]
    return None


def _normalize(text: str) -> str:
    return utils.default_process(text.replace("_", " "))


@dataclass(frozen=True)
class Codelists:
    """All lists of one folder, checked against each other. Each is read from the file of the same name."""

    areas: Codelist[AreaEntry]
    families: Codelist[FamilyEntry]  # in the order in which they are shown
    side_effects: Codelist[SideEffectEntry]  # in the order of their families
    products: Codelist[ProductEntry]  # the placebo included
    remedies: Codelist[RemedyEntry]
    outcomes: Codelist[CodelistEntry]  # of a follow-up
    methods: Codelist[CodelistEntry]  # of a follow-up
    asked: Codelist[CodelistEntry]  # how a follow-up asked
    came_to_light: Codelist[CodelistEntry]  # how the clinic learned of a side effect
    grade_scales: Codelist[GradeScale]
    score_scales: Codelist[ScoreScale]
    serious_reasons: Codelist[CodelistEntry]
    causalities: Codelist[CodelistEntry]  # according to WHO-UMC
    naranjo: Codelist[NaranjoQuestion]  # in the order of the published scale
    decisions: Codelist[CodelistEntry]  # of a case review


@functools.cache
def load_codelists(folder: Path = FOLDER) -> Codelists:
    """The lists of a folder, each with unique codes of lower case letters, digits and underscores.

    Raises models.csv_rows.RowError at the row that breaks a rule.
    """
    kinds = {name: get_args(listed)[0] for name, listed in get_type_hints(Codelists).items()}
    read: dict[str, Codelist[Any]] = {}
    for name, kind in kinds.items():
        path = folder / f"{name}.csv"
        rows = read_csv_rows(path, kind)
        row_numbers: dict[str, int] = {}
        for number, row in enumerate(rows, start=2):
            if not CODE.fullmatch(row.code):
                raise RowError(path, number, "code", f"{row.code!r}; lower case, digits and underscores expected")
            if row.code in row_numbers:
                raise RowError(path, number, "code", f"{row.code!r} is already in row {row_numbers[row.code]}")
            row_numbers[row.code] = number
        read[name] = Codelist(path.name, rows)
    lists = Codelists(**read)
    path = folder / "side_effects.csv"
    for number, effect in enumerate(lists.side_effects.values(), start=2):
        try:
            column = "family"
            lists.families[effect.family]
            column = "areas"
            for area in effect.areas:
                lists.areas[area]
        except UnknownCodeError as error:
            raise RowError(path, number, column, str(error)) from None
        kind, _, weakness = effect.family.rpartition("_")
        expected = kind if weakness == "weakness" else None
        if effect.weakness != expected:
            problem = f"{effect.weakness or 'empty'}; {expected or 'empty'} expected in the family {effect.family}"
            raise RowError(path, number, "weakness", problem)
    return lists


# The shipped lists. The first call of any of them reads all.
areas: Callable[[], Codelist[AreaEntry]] = lambda: load_codelists().areas
families: Callable[[], Codelist[FamilyEntry]] = lambda: load_codelists().families
side_effects: Callable[[], Codelist[SideEffectEntry]] = lambda: load_codelists().side_effects
products: Callable[[], Codelist[ProductEntry]] = lambda: load_codelists().products
remedies: Callable[[], Codelist[RemedyEntry]] = lambda: load_codelists().remedies
outcomes: Callable[[], Codelist[CodelistEntry]] = lambda: load_codelists().outcomes
methods: Callable[[], Codelist[CodelistEntry]] = lambda: load_codelists().methods
how_asked: Callable[[], Codelist[CodelistEntry]] = lambda: load_codelists().asked
came_to_light: Callable[[], Codelist[CodelistEntry]] = lambda: load_codelists().came_to_light
grade_scales: Callable[[], Codelist[GradeScale]] = lambda: load_codelists().grade_scales
score_scales: Callable[[], Codelist[ScoreScale]] = lambda: load_codelists().score_scales
serious_reasons: Callable[[], Codelist[CodelistEntry]] = lambda: load_codelists().serious_reasons
causalities: Callable[[], Codelist[CodelistEntry]] = lambda: load_codelists().causalities
naranjo_questions: Callable[[], Codelist[NaranjoQuestion]] = lambda: load_codelists().naranjo
decisions: Callable[[], Codelist[CodelistEntry]] = lambda: load_codelists().decisions


def red_flags() -> Codelist[SideEffectEntry]:
    """The side effects that stay on top of every page until someone has reviewed them."""
    return Codelist("red flags", (row for row in side_effects().values() if row.red_flag))


def asked_from(side_effect: str) -> int:
    """The first day after a treatment on which asking about the side effect counts; `OTHER_ASKED_FROM` for a term that
    only a source uses. The day of injection is day 0."""
    entry = side_effects().get(side_effect)
    return families()[entry.family].asked_from if entry else OTHER_ASKED_FROM
