"""Each practitioner compared with what is expected for the same treatments. Not a ranking; only the viewer is named."""

import pandas as pd
import streamlit as st

from dashboard.components import charts, data_table, downloads, measure_status, practitioner_summary
from dashboard.figures import expected_range
from dashboard.shell import prose, query_cache
from dashboard.shell.filters import PageView
from dashboard.text import comparison_sentences, formatting
from dashboard.text.labels import label
from data.analysis.scope import WHOLE_CLINIC
from data.summaries import practitioners
from data.summaries.practitioners import PractitionerComparison


def main() -> None:
    shown: PageView = st.session_state.shown
    viewers = shown.scope.practitioners or ()
    own = next(iter(viewers)) if len(viewers) == 1 else None  # the practitioner who is viewing; None for a manager
    if own:
        practitioner_summary.draw_urgent_work(shown)
    measure = measure_status.choose_measure()
    if own:
        practitioner_summary.draw_practitioner_summary(shown, measure)
        st.header("Compared with everyone", anchor=False)
    # A practitioner is compared with everyone, who stay unnamed; a site's manager sees that site.
    scope = WHOLE_CLINIC if viewers else shown.scope
    selection = shown.selection.for_measure(measure)
    found = query_cache.cached_query(practitioners.compare_practitioners, scope, selection)
    prose.draw_text(_headline(found, own), "subheader" if own else "header")
    prose.draw_text(comparison_sentences.NO_RANKING, "caption")
    compared = found.compared
    if len(compared):
        effects = measure_status.case_parameters(measure)
        codes = compared.practitioner
        # The browser is never sent the codes of the others to a practitioner.
        names = [label("practitioner", code) if own in (None, code) else "another" for code in codes]
        keys = [code if own in (None, code) else "" for code in codes]
        chart = expected_range.draw(compared.assign(key=keys, label=names, is_own=codes == own))
        charts.draw_chart(chart, "people", lambda code: {"practitioner": code, **effects} if code else {})
        false_alarms = comparison_sentences.describe_false_alarms(len(compared), found.is_pair, found.false_flag)
        powers = compared.power_doubled[(codes == own) | (own is None)].dropna().tolist()
        power = comparison_sentences.describe_doubled_power(powers)
        prose.draw_text(f"{false_alarms} {power} {comparison_sentences.SAME_TREATMENTS}", "caption")
    _draw_table(found, own)


def _headline(found: PractitionerComparison, own: str | None) -> str:
    compared, rows = found.compared, found.practitioners
    for row in rows[rows.practitioner == own].itertuples():
        if row.refused:
            return f"You: {row.refused}."
        return comparison_sentences.describe_own_result(
            (row.observed, row.comparable),
            row.expected,
            (row.outer_low, row.outer_high),
            expected_range.STYLES[row.flag][0],
            row.followed_up,
        )
    if compared.empty:
        needed = practitioners.MIN_TREATMENTS_TO_COMPARE
        return f"No practitioner has the {needed} comparable treatments that a comparison needs."
    if found.is_pair:
        first, second = compared.itertuples()
        counts = (first.observed, first.comparable), (second.observed, second.comparable)
        names = [label("practitioner", row.practitioner) for row in (first, second)]
        return comparison_sentences.describe_pair(*names, counts, bool((compared.flag != "").any()))
    total = formatting.pluralize(len(compared), "practitioner")
    flagged = [
        f"{label('practitioner', row.practitioner)} ({expected_range.STYLES[row.flag][0]})"
        for row in compared[compared.flag != ""].itertuples()
    ]
    if flagged:
        return f"{total} compared; outside the expected range: {formatting.join_words(flagged)}."
    return f"All {total} are within the expected range." if len(compared) > 1 else f"Only {total} can be judged."


def _draw_table(found: PractitionerComparison, own: str | None) -> None:
    rows = found.practitioners
    if own:
        rows = rows[rows.practitioner == own]
    shown = rows[["practitioner", "observed"]].assign(
        practitioner=[label("practitioner", code) for code in rows.practitioner],
        comparable=[formatting.n_of_m(row.comparable, row.followed_up) for row in rows.itertuples()],
        expected=["" if pd.isna(expected) else formatting.number(expected) for expected in rows.expected],
        status=[row.refused or expected_range.STYLES[row.flag][0] for row in rows.itertuples()],
        expected_range=[
            "" if row.refused else formatting.number_range(row.outer_low, row.outer_high) for row in rows.itertuples()
        ],
        doubled_rate_seen=[
            "" if pd.isna(chance) else comparison_sentences.detected_share(chance) for chance in rows.power_doubled
        ],
    )
    data_table.draw_table(shown, "Observed and expected per practitioner", "people_table")
    downloads.draw_csv(rows, "people_table")


main()
