"""The status of every measure against its baseline: the list on Trends, and a sentence on the overview."""

from dashboard.shell import query_cache
from dashboard.shell.filters import PageView
from dashboard.text import formatting, trend_sentences
from data.analysis import baselines as markers
from data.summaries import months, trends
from data.summaries.trends import MeasureBaseline, MeasureStatus
from models.measure import measures


def load_measure_statuses(view: PageView) -> dict[str, MeasureStatus]:
    """By the code of the measure."""
    selections = tuple(view.selection.for_measure(measure) for measure in measures().values())
    baselines = query_cache.cached_lookup(markers.baselines)
    stated = tuple(baselines.get(code) for code in measures())
    return dict(
        zip(measures(), query_cache.cached_query(trends.measure_statuses, view.scope, selections, stated), strict=True)
    )


def count_months_shown(view: PageView) -> int:
    """How many calendar months of the selected period have records, the first and the last included."""
    first, last = query_cache.load_date_range(view.scope)
    return months.count_months(max(first, view.selection.from_date or first), min(last, view.selection.to_date or last))


def baseline_sentence(baseline: MeasureBaseline) -> str:
    when = formatting.period(baseline.from_date, baseline.to_date) if baseline.from_date else ""
    return trend_sentences.describe_baseline(
        baseline.rate, baseline.events, baseline.followed_up, when, baseline.refused
    )
