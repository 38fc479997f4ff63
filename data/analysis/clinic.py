"""The clinic as analysts use it: the DataFrames behind the pages, with filters by keyword (docs/analysis.md)."""

from collections.abc import Iterable
from dataclasses import fields
from datetime import date
from typing import Any

import pandas
from sqlalchemy import Engine

from data.analysis import baselines, estimates
from data.analysis import cases as case_queries
from data.analysis.columnar_copy import ColumnarCopy
from data.analysis.scope import Scope
from data.analysis.selection import Selection
from models.measure import measures as known_measures

DAY_FILTERS = {"from_date", "to_date", "as_of"}
LIST_FILTERS = {field.name for field in fields(Selection) if field.default == ()}
TREND_COLUMNS = [
    "measure", "unit", "month", "events", "followed_up", "total", "in_follow_up", "rate", "low", "high",
    "is_in_follow_up", "flag", "baseline",
]  # fmt: skip


class Clinic:
    """The records of one database. Every answer counts the records as they are at that moment.

    Filters are the fields of `data.analysis.selection.Selection`, by keyword. Days are dates or text such as
    "2026-03-31"; a filter that takes several codes also takes a single one. Without `as_of`, counts are as of today.
    """

    def __init__(self, records: Engine, scope: Scope):
        self._records = records
        self._scope = scope
        self._copy = ColumnarCopy(records)

    def rates(self, by: str | Iterable[str] = (), **filters: Any) -> pandas.DataFrame:
        """How often side effects occur: one row per combination of the dimensions in `by` (`selection.DIMENSIONS`).

        Columns: one per dimension, measure, unit (str), events, followed_up (units with a follow-up), total,
        in_follow_up (treated less than 21 days ago) (int64), rate, low, high (95% interval), lowest, highest (bounds
        over all units) (float64, 0-1, NaN when nothing is known), episodes, reports (int64), design_effect (float64,
        NaN where it cannot be estimated), method (str).
        """
        return estimates.rates(self._copy.current()[1], self._scope, _selection(filters), _codes(by))

    def durations(self, by: str | Iterable[str] = (), **filters: Any) -> pandas.DataFrame:
        """How long side effects last, open ones included: one row per combination of the dimensions in `by`.

        Columns: those of `data.analysis.estimates.durations`, among them episodes, ended, fatal, open (int64), median,
        low, high (float64, days; NaN where not reached), still_present_14, still_present_42, still_present_91 (float64,
        0-1), kaplan_meier_median, open_ended_median (float64, days), method ("turnbull" or "kaplan_meier") and refused
        (str: why there is no median; None).
        """
        source, selection = self._copy.current()[1], _selection(filters)
        return estimates.durations(source, self._scope, selection, _codes(by), with_intervals=True)

    def trends(self, measures: str | Iterable[str] = (), **filters: Any) -> pandas.DataFrame:
        """Rates by month, compared with the baseline of each measure: one row per measure and month.

        `measures`: codes of models/measures; none: all. Each measure has its own unit and side effects, which replace
        those of the filters. Columns: measure, unit (str), month (int64, 202603 is March 2026), events, followed_up,
        total, in_follow_up (int64), rate, low, high (float64, 0-1), is_in_follow_up (bool: the month is too recent to
        be flagged), flag (str: "", "watch", "action" or "better"; months of chosen sites, products or the like have
        none), baseline (float64, 0-1: that of all treatments, whatever the filters; NaN when there are too few for
        one). Raises KeyError for an unknown measure.
        """
        from data.summaries import measure_states, trends

        source, selection, known = self._copy.current()[1], _selection(filters), known_measures()
        states = measure_states.measure_states(
            source, self._scope, trends.without_filters(selection), baselines.baselines(self._records)
        )
        frames = []
        for code in _codes(measures) or known:
            baseline = states[code].baseline
            months = trends.measure_months(source, self._scope, selection, known[code], baseline)
            rate = float("nan") if baseline.rate is None else baseline.rate
            frames.append(months.assign(measure=code, baseline=rate).astype({"flag": "str"}))
        return pandas.concat(frames, ignore_index=True)[TREND_COLUMNS]

    def lots(self, **filters: Any) -> pandas.DataFrame:
        """Each lot compared with the other lots of its product, the least likely by chance first.

        Filters of treatments choose the lots and their rates; each lot is tested over the whole period. Columns:
        product, lot (str), expiry (date, None where not recorded), treated, total, in_follow_up, followed_up, events
        (int64), rate, low, high (float64, 0-1), comparable, observed (int64), expected (float64: of the test), chance
        (float64, 0-1: of as many or more if the lots of the product are alike, adjusted for the number of lots; NaN
        where it is not tested), refused (str: why it is not), is_flagged (bool).
        """
        from data.summaries import lots

        return lots.compare_lots(self._copy.current()[1], self._scope, _selection(filters)).lots

    def doses(self, product: str, area: str, **filters: Any) -> pandas.DataFrame:
        """Rates by the units of one product given in one area, in bands of about as many treated areas each.

        Columns: least, most (float64, units as the product counts them, both included), events, followed_up (int64:
        treated areas), rate, low, high (float64, 0-1).
        """
        from data.summaries import dose_response

        return dose_response.dose_effect(self._copy.current()[1], self._scope, _selection(filters), product, area).bands

    def cases(self, by: str | Iterable[str] = (), **filters: Any) -> pandas.DataFrame:
        """The side effects behind a count, one row each, latest onset first. No free text, no client number.

        `by`: as in the count; a side effect placed in an area counts there alone when counted by area. Columns: the
        fields of `data.analysis.cases.Case`; days as datetime64, numbers that can be missing as Int64, durations and
        `onset_day` in days. `client` and `treatment` number the rows of this database, not those of other software.
        """
        return case_queries.cases(self._copy.current()[1], self._scope, _selection(filters), by=_codes(by))


def _selection(filters: dict[str, Any]) -> Selection:
    converted = dict(filters)
    for name in LIST_FILTERS & filters.keys():
        converted[name] = _codes(filters[name])
    for name in DAY_FILTERS & filters.keys():
        converted[name] = _day(filters[name])
    return Selection(**converted)


def _codes(codes: Any) -> tuple[Any, ...]:
    """A single code stands for a list of one: text would otherwise be split into letters."""
    return (codes,) if isinstance(codes, str | int) else tuple(codes)


def _day(day: date | str | None) -> date | None:
    if isinstance(day, str):
        return date.fromisoformat(day)
    return day.date() if isinstance(day, pandas.Timestamp) else day
