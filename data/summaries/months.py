"""Rates per calendar month, months without a treatment included. The only place that computes with months."""

from datetime import date

import pandas

from data.analysis import estimates
from data.analysis.query_builder import AnalysisTables
from data.analysis.scope import Scope
from data.analysis.selection import Selection


def month_of(day: date) -> pandas.Period:
    return pandas.Period(day, freq="M")


def count_months(first: date, last: date) -> int:
    """How many calendar months two days span, both included."""
    return max(1, (month_of(last) - month_of(first)).n + 1)


def monthly_rates(
    source: AnalysisTables,
    scope: Scope,
    selection: Selection,
    first: pandas.Period | None = None,
    last: pandas.Period | None = None,
    last_day: date | None = None,
) -> pandas.DataFrame:
    """The rate of every month from `first` (default: the first treatment) to `last` or the latest treatment.

    Columns: as of `estimates.rates` by month, then first_day and last_day (date; the last month ends on `last_day`
    where given) and is_in_follow_up (bool: the follow-up window of its last day is not over).
    """
    rates = estimates.rates(source, scope, selection, ("month",))
    with_treatment = pandas.PeriodIndex.from_fields(year=rates.month // 100, month=rates.month % 100, freq="M")
    starts, ends = ([month for month in (*with_treatment, given) if month is not None] for given in (first, last))
    months = pandas.period_range(first or min(starts), max(ends)) if starts and ends else with_treatment
    frame = rates.set_index(with_treatment).reindex(months)
    frame = frame.assign(
        month=months.year * 100 + months.month,
        measure="any_side_effect",
        unit=selection.unit,
        first_day=months.start_time.date,
        last_day=months.end_time.date,
        method=frame.method.fillna("no outcome known"),
        **{name: frame[name].fillna(0).astype("int64") for name in estimates.COUNT_COLUMNS},
    ).reset_index(drop=True)
    if last_day is not None and len(frame):
        frame.loc[len(frame) - 1, "last_day"] = last_day
    return frame.assign(is_in_follow_up=[day > selection.mature_until for day in frame.last_day])
