"""A measure month by month: the months of a page's period and filters, flagged against the baseline of the measure.

Flags mark months. Whether the measure is higher than expected is its state alone (data/summaries/measure_states.py).
"""

from dataclasses import replace

import numpy as np
import pandas

from data.analysis.query_builder import AnalysisTables
from data.analysis.scope import Scope
from data.analysis.selection import Selection
from data.summaries.measure_states import MeasureBaseline
from data.summaries.months import monthly_rates
from models.measure import Measure
from models.statistics import control_chart


def without_filters(selection: Selection) -> Selection:
    """Everything that the viewer may see, of all dates: what the state of a measure is counted from."""
    return Selection(as_of=selection.as_of, follow_up_days=selection.follow_up_days)


def is_narrowed(selection: Selection) -> bool:
    """Whether the selection has filters besides its period."""
    return replace(selection, from_date=None, to_date=None) != without_filters(selection)


def measure_months(
    source: AnalysisTables, scope: Scope, selection: Selection, measure: Measure, baseline: MeasureBaseline
) -> pandas.DataFrame:
    """Columns: as of `months.monthly_rates`, then flag (str: "", "watch", "action" or "better") and flagged_from
    (float64: the rate from which the month would be flagged; NaN: none).

    Months of chosen sites, products or the like are not flagged: the baseline is that of all.
    """
    months = monthly_rates(source, scope, selection.for_measure(measure))
    if months.empty or baseline.rate is None or is_narrowed(selection):
        return months.assign(flag="", flagged_from=np.nan)
    events, followed_up, young = (months[name].to_numpy() for name in ("events", "followed_up", "is_in_follow_up"))
    had, clean, total = baseline.events, baseline.followed_up - baseline.events, baseline.followed_up
    if baseline.is_target:
        had = clean = total = None
    more, fewer = (
        control_chart.period_flags(
            of_month, followed_up, rate, maturing=young, baseline_events=of_baseline, baseline_total=total
        )
        for of_month, rate, of_baseline in (
            (events, baseline.rate, had),
            (followed_up - events, 1 - baseline.rate, clean),
        )
    )
    return months.assign(
        flag=np.where(fewer.flag == "action", "better", more.flag).astype(object),
        flagged_from=np.where(np.isfinite(more.limit), more.limit, np.nan),
    )
