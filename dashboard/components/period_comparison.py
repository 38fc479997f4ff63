"""The comparison of the selected period with the one before, as every page that shows it says it."""

from collections.abc import Iterable

import pandas as pd
import streamlit as st

from dashboard.components import data_table, downloads
from dashboard.shell import prose, query_cache
from dashboard.shell.filters import PageView
from dashboard.text import change_sentences, formatting
from data.summaries import period_changes
from data.summaries.period_changes import MeasureChange, PeriodChanges
from models.measure import measures

MAX_NAMED = 3  # measures named besides the primary one
NAMED_P = 0.05  # the largest gap is always named, others up to this adjusted p
COLUMNS = {
    "p": st.column_config.NumberColumn(
        "p", help="Of the primary measure (first) by itself; of the others adjusted for their number", format="%.4f"
    ),
    "rate_before": data_table.percent("Before"),
    "rate": data_table.percent("Now"),
    "followed_up_before": data_table.count("Followed up before"),
    "followed_up": data_table.count("Followed up now"),
}


def describe_comparison(view: PageView) -> str:
    """Which measures rose or fell, and how often chance gives such gaps; or why nothing is compared."""
    changes = _load_changes(view)
    if changes is None:
        return change_sentences.explain_no_comparison(period_changes.is_in_follow_up(view.selection))
    primary, others = changes.primary, changes.others
    before = formatting.period(changes.before.from_date, changes.before.to_date)
    titles = [formatting.lower_first(measure.title) for measure in changes.asked_differently]
    differently = change_sentences.explain_asked_differently(titles)
    if primary is None:
        name = measures()[period_changes.PRIMARY_MEASURE].title
        said = change_sentences.explain_no_primary_change(name)
    else:
        said = change_sentences.describe_primary_change(*_gap(primary))
    said = f"{change_sentences.introduce_comparison(before)} {formatting.lower_first(said)}"
    if not others:
        return f"{said} {differently}".strip()
    named = [change for change in others if change.p <= NAMED_P][:MAX_NAMED] or others[:1]
    rest = change_sentences.describe_other_changes(len(others), [_gap(change) for change in named])
    return f"{said} {rest} {differently}".strip()


def draw_comparison(view: PageView) -> None:
    """The same sentences, and every measure in a table."""
    prose.draw_text(describe_comparison(view))
    changes = _load_changes(view)
    if changes is None:
        return
    st.caption(change_sentences.ROWS_EXPLAINED)
    primary = [changes.primary] if changes.primary else []
    table = tabulate_changes([*primary, *changes.others])
    with st.expander("All measures compared"):
        shown = table[["measure", "rate_before", "followed_up_before", "rate", "followed_up", "p"]]
        data_table.draw_table(shown, "Each measure in both periods", "measures_compared", columns=COLUMNS)
        downloads.draw_csv(table, "side_effects_measures_compared")


def tabulate_changes(changes: Iterable[MeasureChange]) -> pd.DataFrame:
    """measure (str: its title), events_before, followed_up_before, events, followed_up (int64), rate_before, rate and p
    (float64, 0-1), in the order given."""
    rows = [(change.measure.title, *change.before, *change.now, change.p) for change in changes]
    names = ["measure", "events_before", "followed_up_before", "events", "followed_up", "p"]
    table = pd.DataFrame(rows, columns=names)
    return table.assign(
        rate_before=table.events_before / table.followed_up_before, rate=table.events / table.followed_up
    )


def _load_changes(view: PageView) -> PeriodChanges | None:
    return query_cache.cached_query(period_changes.compare_periods, view.scope, view.selection)


def _gap(change: MeasureChange) -> change_sentences.Gap:
    title = change.measure.title
    return formatting.lower_first(title), change.now, change.before, change.p
