"""What labels and authorities say: labeled doses, what to do about a red flag, and what a grade means."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from data.reference.loader import read_reference, require_known_codes
from models import codelist

CTCAE_SCALE = "ctcae_5"  # the grade scale, as in models/codelists/grade_scales.csv


@dataclass(frozen=True, kw_only=True)
class PublishedDose:
    """A dose for areas treated together. `part_of`: the labeled combination of which this is the share."""

    product: str
    areas: tuple[str, ...]
    part_of: tuple[str, ...]
    status: Literal["labelled", "trial", "off_label"]
    per: Literal["treatment", "injection"]
    units_low: float | None
    units_high: float | None
    source: str


@dataclass(frozen=True, kw_only=True)
class RedFlagAdvice:
    """When a side effect is a red flag, and what to do then."""

    side_effect: str
    when: str
    window: str
    action: str
    source: str


@dataclass(frozen=True, kw_only=True)
class CtcaeTerm:
    """What each grade of a CTCAE term means. Many terms have no grade 4 or 5."""

    term: str
    grade_1: str | None
    grade_2: str | None
    grade_3: str | None
    grade_4: str | None
    grade_5: str | None
    source: str


def labeled_dose(product: str, areas: Iterable[str]) -> PublishedDose | None:
    """The labeled dose per treatment of exactly these areas; None if off label, per injection, or not found."""
    require_known_codes(product=product)
    together = set(areas)
    for row in read_reference("doses", PublishedDose):
        labeled = row.status == "labelled" and row.per == "treatment" and None not in (row.units_low, row.units_high)
        if labeled and row.product == product and set(row.areas) == together:
            return row
    return None


def red_flag_advice(side_effect: str) -> list[RedFlagAdvice]:
    """What to do about this side effect; empty if it is never a red flag."""
    require_known_codes(side_effect=side_effect)
    return [row for row in read_reference("red_flags", RedFlagAdvice) if row.side_effect == side_effect]


def grade_meaning(side_effect: str, grade: int, scale: str | None) -> str | None:
    """What CTCAE says of this grade, with its term; None on another scale, without a term, or without a text."""
    if scale != CTCAE_SCALE or side_effect not in codelist.side_effects():
        return None
    graded_by = codelist.side_effects()[side_effect].ctcae_term
    term = next((row for row in read_reference("ctcae_grades", CtcaeTerm) if row.term == graded_by), None)
    meaning = getattr(term, f"grade_{grade}", None)
    return f"{term.term}, grade {grade}: {meaning}. Source: {term.source}." if term and meaning else None
