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
from dashboard.text.labels import label
from data.analysis.selection import Selection


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
        first, last = _clip_to_period(_period_days(self.month, self.quarter), selection)
        return replace(
            selection,
            from_date=first,
            to_date=last,
            sites=self.site or selection.sites,
            practitioners=self.practitioner or selection.practitioners,
            areas=self.area or selection.areas,
            products=self.product or selection.products,
            lots=self.lot or selection.lots,
            side_effects=self.side_effect,
            families=self.family,
            grades=self.grade,
            open=self.open,
            placed=self.placed,
            red_flag=self.red_flag,
            unit="treatment",
        )


PLACED_LABELS = {True: "in a treated area", False: "in no treated area"}
MAX_DIGITS = 9  # of a case number; no record id is longer
PARAMETERS = tuple(field.name for field in fields(CaseFilter))


def parse_case_filter(parameters: Mapping[str, Sequence[str]], known: Callable[[str], Collection[Any]]) -> CaseFilter:
    """From the address bar; `known` returns the recorded values of a dimension, and other values are ignored."""
    narrowed: dict[str, Any] = {}
    for name in ("side_effect", "family", "area", "product", "lot", "site", "practitioner", "grade"):
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
    what = (
        _list_labels("side_effect", case_filter.side_effect)
        or _list_labels("family", case_filter.family)
        or "All side effects"
    )
    parts = [what]
    parts += [] if case_filter.open is None else ["open" if case_filter.open else "ended"]
    parts += [f"worst grade {_list_labels('grade', case_filter.grade)}"] if case_filter.grade else []
    parts += [f"in {_list_labels('area', case_filter.area)}"] if case_filter.area else []
    parts += [] if case_filter.placed is None else [PLACED_LABELS[case_filter.placed]]
    parts += [f"after {_list_labels('product', case_filter.product)}"] if case_filter.product else []
    parts += [f"lot {_list_labels('lot', case_filter.lot)}"] if case_filter.lot else []
    parts += [f"at {_list_labels('site', case_filter.site)}"] if case_filter.site else []
    parts += (
        [f"treated by {_list_labels('practitioner', case_filter.practitioner)}"] if case_filter.practitioner else []
    )
    periods = [label(name, getattr(case_filter, name)) for name in ("month", "quarter") if getattr(case_filter, name)]
    return f"{', '.join(parts)}. Treatments of {periods[0] if periods else view.period_text}, {view.filter_text}."


def _list_labels(dimension: str, codes: Sequence[Any]) -> str:
    return " or ".join(label(dimension, code) for code in codes)


def _parse_period(name: str, text: str) -> int | None:
    """A month or quarter as counts name it; None if it is invalid."""
    if not text.isdecimal() or len(text) != {"month": 6, "quarter": 5}[name]:
        return None
    number = int(text)
    within = 1 <= number % 100 <= 12 if name == "month" else 1 <= number % 10 <= 4
    year = number // (100 if name == "month" else 10)
    return number if within and 1900 <= year <= 2200 else None


def _period_days(month: int | None, quarter: int | None) -> tuple[date, date] | tuple[None, None]:
    if month:
        period = pd.Period(year=month // 100, month=month % 100, freq="M")
    elif quarter:
        period = pd.Period(year=quarter // 10, quarter=quarter % 10, freq="Q")
    else:
        return None, None
    return period.start_time.date(), period.end_time.date()


def _clip_to_period(days: tuple, selection: Selection) -> tuple[date | None, date | None]:
    """The part of the month or quarter within the selected period; all of it where it is outside."""
    first, last = days
    start, end = selection.from_date, selection.to_date
    if first is None:
        return start, end
    if (end and end < first) or (start and last < start):
        return first, last
    return max(first, start or first), min(last, end or last)
