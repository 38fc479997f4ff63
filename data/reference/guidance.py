"""What labels, literature and authorities say: doses, durations, red flags and grades."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from data.reference.loader import read_reference, require_known_codes
from models import codelist


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
    sites: int | None
    least_days_between: int | None
    as_printed: str
    between_as_printed: str | None
    most_in_3_months: str | None
    source: str
    url: str
    evidence: str
    notes: str | None


@dataclass(frozen=True, kw_only=True)
class PublishedDuration:
    """How soon an effect begins after the injection and how long it lasts, in days; None if not printed."""

    kind: Literal["effect", "side_effect"]
    side_effect: str | None
    product: str | None
    product_as_given: str
    areas: tuple[str, ...]
    area_as_given: str
    item: str
    onset_first_day: float | None
    onset_last_day: float | None
    shortest_days: int | None
    longest_days: int | None
    as_printed: str
    source: str
    url: str
    evidence: str
    notes: str | None


@dataclass(frozen=True, kw_only=True)
class RedFlagAdvice:
    """When a side effect is a red flag, and what to do then."""

    side_effect: str
    when: str
    window: str
    action: str
    source: str
    url: str
    evidence: str


@dataclass(frozen=True, kw_only=True)
class CtcaeGrades:
    """What each grade of a CTCAE v5.0 term means; None if the term has no such grade."""

    term: str
    organ_class: str
    definition: str | None
    grade_1: str | None
    grade_2: str | None
    grade_3: str | None
    grade_4: str | None
    grade_5: str | None
    source: str


def published_doses(product: str | None = None, area: str | None = None) -> list[PublishedDose]:
    """Labeled and studied doses."""
    require_known_codes(product=product, area=area)
    return [
        row
        for row in read_reference("doses", PublishedDose)
        if product in (None, row.product) and area in (None, *row.areas)
    ]


def labeled_dose(product: str, areas: Iterable[str]) -> PublishedDose | None:
    """The labeled dose per treatment of exactly these areas; None if off label, per injection, or not found."""
    together = set(areas)
    for row in published_doses(product):
        figures = row.units_low is not None and row.units_high is not None
        if row.status == "labelled" and row.per == "treatment" and figures and set(row.areas) == together:
            return row
    return None


def published_durations(
    kind: Literal["effect", "side_effect"],
    side_effect: str | None = None,
    area: str | None = None,
    product: str | None = None,
) -> list[PublishedDuration]:
    """Published durations of the effect of the toxin, or of side effects."""
    require_known_codes(side_effect=side_effect, area=area, product=product)
    return [
        row
        for row in read_reference("durations", PublishedDuration)
        if row.kind == kind
        and side_effect in (None, row.side_effect)
        and area in (None, *row.areas)
        and product in (None, row.product)
    ]


def red_flag_advice(side_effect: str) -> list[RedFlagAdvice]:
    """What to do about this side effect; empty if it is never a red flag."""
    require_known_codes(side_effect=side_effect)
    return [row for row in read_reference("red_flags", RedFlagAdvice) if row.side_effect == side_effect]


def ctcae_grades(side_effect: str) -> CtcaeGrades | None:
    """The CTCAE v5.0 grades of a side effect, or None if CTCAE has no term for it."""
    term = codelist.side_effects()[side_effect].ctcae_term
    return next((row for row in read_reference("ctcae_grades", CtcaeGrades) if row.term == term), None)
