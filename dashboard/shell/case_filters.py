"""The cases behind a figure: from the address bar of the Cases page to a Selection and to words.

A figure links to its cases by these `PARAMETERS`, which add to the shared filters and never change them. `area` means
placed there, as in counts by area; the shared filter `areas` means treatments that included the area.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any

import pandas as pd

from dashboard.shell.filters import PageView
from dashboard.text.labels import label, list_labels
from data.analysis.selection import Selection

# A parameter that lists codes -> the field of a Selection that it narrows.
SELECTION_FIELDS = {
    "side_effect": "side_effects",
    "family": "families",
    "area": "areas",
    "product": "products",
    "lot": "lots",
    "site": "sites",
    "practitioner": "practitioners",
    "grade": "grades",
}


@dataclass(frozen=True)
class CaseFilter:
    """Empty or None: no filter. `month` is year * 100 + month, `quarter` year * 10 + quarter."""

    side_effect: tuple[str, ...] = ()
    family: tuple[str, ...] = ()
    area: tuple[str, ...] = ()
    product: tuple[str, ...] = ()
    lot: tuple[str, ...] = ()
    site: tuple[str, ...] = ()
    practitioner: tuple[str, ...] = ()
    grade: tuple[int, ...] = ()
    month: int | None = None
    quarter: int | None = None
    open: bool | None = None
    placed: bool | None = None
    red_flag: bool = False
    case: int | None = None

    @property
    def by(self) -> tuple[str, ...]:
        """The dimensions of the count behind which these cases stand, where they change which cases belong to it."""
        return tuple(name for name in ("area", "product", "lot") if getattr(self, name))

    def apply(self, selection: Selection) -> Selection:
        """The selection of the cases. Red flags are of all dates, so that no period hides one."""
        if self.red_flag:
            selection = Selection(as_of=selection.as_of, follow_up_days=selection.follow_up_days)
        codes = {field: getattr(self, name) or getattr(selection, field) for name, field in SELECTION_FIELDS.items()}
        first, last = _clip_to_period(self.month, self.quarter, selection)
        flags = {"open": self.open, "placed": self.placed, "red_flag": self.red_flag}
        return replace(selection, from_date=first, to_date=last, unit="treatment", **codes, **flags)


MAX_DIGITS = 9  # of a case number; no record id is longer
PARAMETERS = tuple(field.name for field in fields(CaseFilter))


def parse_case_filter(parameters: Mapping[str, Sequence[str]], known: Callable[[str], Collection[Any]]) -> CaseFilter:
    """From the address bar; `known` returns the recorded values of a dimension, and other values are ignored."""
    narrowed: dict[str, Any] = {}
    for name in SELECTION_FIELDS:
        if name in parameters:
            values = {str(value): value for value in known(name) if value is not None}
            narrowed[name] = tuple(values[text] for text in dict.fromkeys(parameters[name]) if text in values)
    narrowed |= {name: _parse_period(name, parameters[name][-1]) for name in ("month", "quarter") if name in parameters}
    for name in ("open", "placed"):
        if name in parameters and parameters[name][-1] in ("0", "1"):
            narrowed[name] = parameters[name][-1] == "1"
    narrowed["red_flag"] = parameters.get("red_flag", [""])[-1] == "1"
    number = parameters.get("case", [""])[-1]
    narrowed["case"] = int(number) if number.isdecimal() and len(number) <= MAX_DIGITS else None
    return CaseFilter(**narrowed)


def describe_case_filter(case_filter: CaseFilter, view: PageView) -> str:
    """The filter in words: "Eyelid ptosis, open, in Glabella. Treatments of June 2026, all sites." """
    if case_filter.red_flag:
        return "Red flags not yet reviewed, of all dates"

    def words(dimension: str, text: str = "{}") -> str:
        codes = getattr(case_filter, dimension)
        return text.format(list_labels(dimension, codes, " or ")) if codes else ""

    parts = [
        words("side_effect") or words("family") or "All side effects",
        {None: "", True: "open", False: "ended"}[case_filter.open],
        words("grade", "worst grade {}"),
        words("area", "in {}"),
        {None: "", True: "in a treated area", False: "in no treated area"}[case_filter.placed],
        words("product", "after {}"),
        words("lot", "lot {}"),
        words("site", "at {}"),
        words("practitioner", "treated by {}"),
    ]
    periods = [label(name, getattr(case_filter, name)) for name in ("month", "quarter") if getattr(case_filter, name)]
    period = periods[0] if periods else view.period_text
    return f"{', '.join(filter(None, parts))}. Treatments of {period}, {view.filter_text}."


def _parse_period(name: str, text: str) -> int | None:
    """A month or quarter as counts name it; None if it is invalid."""
    digits, base, parts = {"month": (6, 100, 12), "quarter": (5, 10, 4)}[name]
    if not text.isdecimal() or len(text) != digits:
        return None
    year, part = divmod(int(text), base)
    return int(text) if 1 <= part <= parts and 1900 <= year <= 2200 else None


def _clip_to_period(month: int | None, quarter: int | None, selection: Selection) -> tuple[date | None, date | None]:
    """The part of the month or quarter within the selected period; all of it where it is outside."""
    start, end = selection.from_date, selection.to_date
    if month:
        period = pd.Period(year=month // 100, month=month % 100, freq="M")
    elif quarter:
        period = pd.Period(year=quarter // 10, quarter=quarter % 10, freq="Q")
    else:
        return start, end
    first, last = period.start_time.date(), period.end_time.date()
    if (end and end < first) or (start and last < start):
        return first, last
    return max(first, start or first), min(last, end or last)
