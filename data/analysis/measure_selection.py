"""From a measure (models/measures) to what is asked of the records."""

from dataclasses import replace

from data.analysis.selection import Selection
from models.measure import Measure, measures


def rate_measures() -> dict[str, Measure]:
    """The measures that are rates of side effects, by code."""
    return dict(measures())


def selection_for_measure(measure: Measure, selection: Selection) -> Selection:
    """`selection` narrowed to the measure: its unit, its side effects and its areas within those selected."""
    return replace(
        selection,
        unit=measure.unit,
        side_effects=() if measure.code == "any_side_effect" else measure.numerator,
        families=(),
        areas=_intersect(measure.areas, selection.areas),
    )


def _intersect(wanted: tuple[str, ...] | None, selected: tuple[str, ...]) -> tuple[str, ...]:
    """Both filters at once; where they share nothing, a value that nothing has."""
    if wanted is None or not selected:
        return wanted or selected
    return tuple(code for code in selected if code in wanted) or ("none of these",)
