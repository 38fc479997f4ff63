"""What is asked: which treatments, which side effects, counted per what. Frozen and hashable, so it can key a cache."""

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any, Self

from data.as_of import as_of_date
from models import codelist
from models.codelist import OTHER_ASKED_FROM
from models.measure import Measure, Unit

FOLLOW_UP_DAYS = 21  # treated less than this ago: still in follow-up (design: the clinic's usual check is at two weeks)

PERIODS = ("month", "quarter", "year")
# how_asked: "checklist", "open" or "not_recorded", from the day of `Selection.asked_from` on; None: not asked by then
TREATMENT_DIMENSIONS = ("date", *PERIODS, "site", "practitioner", "first_visit", "area_set", "how_asked")
INJECTION_DIMENSIONS = ("area", "product", "lot", "units")
EFFECT_DIMENSIONS = ("side_effect", "family", "grade")
DIMENSIONS = (*TREATMENT_DIMENSIONS, *INJECTION_DIMENSIONS, *EFFECT_DIMENSIONS)


@dataclass(frozen=True)
class Selection:
    """Filters on treatments change the denominator; filters on side effects change the numerator alone.

    An empty tuple filters nothing. `open`: not known to be over; `placed`: in an area that was treated; `red_flag`:
    marked emergency or urgent in the codelist, and not yet reviewed. `any_checklist`: a follow-up counts as asked even
    if its checklist left out some of `side_effects`, because they stand for a family. `as_of`: the day from which
    follow-up is counted.
    """

    from_date: date | None = None
    to_date: date | None = None
    sites: tuple[str, ...] = ()
    practitioners: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    lots: tuple[str, ...] = ()
    first_visit: bool | None = None

    side_effects: tuple[str, ...] = ()
    families: tuple[str, ...] = ()
    least_grade: int | None = None
    grades: tuple[int, ...] = ()
    open: bool | None = None
    placed: bool | None = None
    red_flag: bool = False
    any_checklist: bool = False

    unit: Unit = "treatment"
    as_of: date = field(default_factory=as_of_date)
    follow_up_days: int = FOLLOW_UP_DAYS

    @property
    def past_follow_up_until(self) -> date:
        """The last treatment date that is no longer in follow-up."""
        return self.as_of - timedelta(days=self.follow_up_days)

    @property
    def asked_from(self) -> int:
        """The day after a treatment from which asking about the selected side effects counts: the last of theirs."""
        families = codelist.families()
        if self.side_effects:
            return max(map(codelist.asked_from, self.side_effects))
        days = [families[code].asked_from if code in families else OTHER_ASKED_FROM for code in self.families]
        return max(days or (family.asked_from for family in families.values()))

    @property
    def checklist_terms(self) -> tuple[str, ...]:
        """The side effects that a checklist must contain to count as asked."""
        return () if self.any_checklist else self.side_effects

    def is_in_follow_up(self, day: Any) -> Any:
        """Whether treatments of a day are in follow-up, and a month is by its last day: treated less than the follow-up
        window before the as-of date. For a date, a column of dates, or an array of datetime64."""
        return day > self.past_follow_up_until

    def for_measure(self, measure: Measure) -> Self:
        """This selection narrowed to a measure: its unit, its side effects, and its areas that are selected."""
        return replace(
            self,
            unit=measure.unit,
            side_effects=() if measure.code == "any_side_effect" else measure.numerator,
            families=(),
            any_checklist=bool(measure.families),
            areas=_intersect(measure.areas, self.areas),
        )


def _intersect(areas: tuple[str, ...] | None, selected: tuple[str, ...]) -> tuple[str, ...]:
    """The areas that pass both filters; if there are none, a code that no area has, as () would filter nothing."""
    if areas is None or not selected:
        return areas or selected
    return tuple(area for area in selected if area in areas) or ("none of these",)
