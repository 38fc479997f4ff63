"""How every measure stands against its usual rate: the list on Trends, and a sentence on the overview."""

from dashboard.shell import query_cache
from dashboard.shell.filters import PageView
from data.analysis import baselines as markers
from data.analysis import measure_selection
from data.summaries import trends
from data.summaries.trends import MeasureStatus


def load_measure_statuses(view: PageView) -> dict[str, MeasureStatus]:
    """By the code of the measure."""
    measures = measure_selection.rate_measures()
    selections = tuple(
        measure_selection.selection_for_measure(measure, view.selection) for measure in measures.values()
    )
    baselines = query_cache.cached_lookup(markers.baselines)
    stated = tuple(baselines.get(code) for code in measures)
    return dict(
        zip(measures, query_cache.cached_query(trends.measure_statuses, view.scope, selections, stated), strict=True)
    )


def count_months(view: PageView) -> int:
    """How many calendar months of the period shown there are records of, the first and the last included."""
    first, last = query_cache.load_date_range(view.scope)
    first = max(first, view.selection.from_date or first)
    last = min(last, view.selection.to_date or last)
    return max(1, (last.year - first.year) * 12 + last.month - first.month + 1)
