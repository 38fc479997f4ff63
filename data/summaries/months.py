"""Rates per calendar month, months without a treatment included. The only place that computes with months."""

from datetime import date

import numpy as np
import pandas

from data.analysis import counts, estimates
from data.analysis.query_builder import AnalysisTables
from data.analysis.scope import Scope
from data.analysis.selection import Selection


def month_of(day: date) -> np.datetime64:
    return np.datetime64(day, "M")


def last_day_of_month(day: date) -> date:
    last: date = ((month_of(day) + 1).astype("datetime64[D]") - 1).item()
    return last


def count_months(first: date, last: date) -> int:
    """How many calendar months two days span, both included."""
    return max(1, int((month_of(last) - month_of(first)).astype(int)) + 1)


def monthly_rates(
    source: AnalysisTables,
    scope: Scope,
    selection: Selection,
    first: np.datetime64 | None = None,
    last: np.datetime64 | None = None,
    last_day: date | None = None,
) -> pandas.DataFrame:
    """The rate of every month from `first` (default: the first treatment) to `last` or the latest treatment.

    Columns: as of `estimates.rates` by month, then first_day and last_day (date; the last month ends on `last_day`
    where given) and is_in_follow_up (bool: the follow-up window of its last day is not over).
    """
    counted = counts.counts(source, scope, selection, ("month",)).set_index("month")
    with_treatment = [np.datetime64(f"{number // 100}-{number % 100:02}") for number in counted.index]
    starts, ends = ([month for month in (*with_treatment, given) if month is not None] for given in (first, last))
    months = np.array([], dtype="datetime64[M]")
    if starts and ends:
        months = np.arange(min(starts) if first is None else first, max(ends) + 1)
    numbers = (months.astype("datetime64[Y]").astype(int) + 1970) * 100 + months.astype(int) % 12 + 1
    first_days, last_days = months.astype("datetime64[D]"), (months + 1).astype("datetime64[D]") - 1
    if last_day is not None:
        last_days[-1:] = last_day
    counted = counted.reindex(pandas.Index(numbers, name="month"), fill_value=0).reset_index()
    effects = estimates.design_effects(source, scope, selection, ("month",))
    return estimates.add_rates(counted, selection.unit, ("month",), effects).assign(
        first_day=pandas.Series(first_days.astype(object), dtype="object"),
        last_day=pandas.Series(last_days.astype(object), dtype="object"),
        is_in_follow_up=last_days > np.datetime64(selection.past_follow_up_until),
    )
