"""Rates per calendar month, months without a treatment included. The only place that computes with months."""

from datetime import date

import numpy as np
import pandas

from data.analysis import counts, estimates
from data.analysis.counts import COUNT_COLUMNS
from data.analysis.frames import make_frame
from data.analysis.query_builder import AnalysisTables
from data.analysis.scope import Scope
from data.analysis.selection import Selection


def month_of(day: date) -> np.datetime64:
    return np.datetime64(day, "M")


def last_day_of_month(day: date) -> date:
    last: date = ((month_of(day) + 1).astype("datetime64[D]") - 1).item()
    return last


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
    counted = counts.counts(source, scope, selection, ("month",))
    years, of_year = np.divmod(counted.month.to_numpy(), 100)
    with_treatment = ((years - 1970) * 12 + of_year - 1).astype("datetime64[M]")
    starts, ends = ([month for month in (*with_treatment, given) if month is not None] for given in (first, last))
    months = np.array([], dtype="datetime64[M]")
    if starts and ends:
        months = np.arange(min(starts) if first is None else first, max(ends) + 1)
    numbers = (months.astype("datetime64[Y]").astype(int) + 1970) * 100 + months.astype(int) % 12 + 1
    columns = {"month": numbers} | {name: np.zeros_like(numbers) for name in COUNT_COLUMNS}
    is_shown = np.isin(with_treatment, months)
    for name in COUNT_COLUMNS:
        columns[name][np.searchsorted(months, with_treatment[is_shown])] = counted[name][is_shown]
    first_days, last_days = months.astype("datetime64[D]"), (months + 1).astype("datetime64[D]") - 1
    if last_day is not None:
        last_days[-1:] = last_day
    effects = estimates.design_effects(source, scope, selection, ("month",))
    return estimates.add_rates(make_frame(columns), selection.unit, ("month",), effects).assign(
        first_day=pandas.Series(first_days.astype(object), dtype="object"),
        last_day=pandas.Series(last_days.astype(object), dtype="object"),
        is_in_follow_up=selection.is_in_follow_up(last_days),
    )
