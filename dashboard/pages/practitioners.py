"""Each practitioner compared with what is expected for the same treatments. Not a ranking; only the viewer is named."""

import streamlit as st

from dashboard.components import charts, data_table, downloads, measure_status, practitioner_summary
from dashboard.figures import funnel_plot
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
    false_alarms = comparison_sentences.describe_false_alarms(len(found.compared), found.chance_inner)
    prose.draw_text(f"{comparison_sentences.NO_RANKING} {false_alarms}", "caption")
    if len(found.compared):
        effects = measure_status.case_parameters(measure)
        codes = found.compared.practitioner
        # The browser is never sent the codes of the others to a practitioner.
        names = [label("practitioner", code) if own in (None, code) else "another" for code in codes]
        keys = [code if own in (None, code) else "" for code in codes]
        units = found.compared.assign(key=keys, label=names, is_own=codes == own)
        chart = funnel_plot.draw(units, found.limits)
        charts.draw_chart(chart, "people", lambda code: {"practitioner": code, **effects} if code else {})
        kind = (
            "area, product, dose and first visit or not" if measure.unit == "area" else "areas and first visit or not"
        )
        expected = f"Expected: the rate of all practitioners for the same kind of treatment ({kind})."
        left_out = "Anything not recorded, such as muscle strength, is not taken into account."
        prose.draw_text(f"{expected} {left_out}", "caption")
    _draw_table(found, own)


def _headline(found: PractitionerComparison, own: str | None) -> str:
    compared, rows = found.compared, found.practitioners
    if compared.empty:
        needed = practitioners.MIN_TREATMENTS_TO_COMPARE
        return f"No practitioner has the {needed} treatments with a follow-up that a comparison needs."
    for row in rows[rows.practitioner == own].itertuples():
        if row.refused:
            return f"You: {row.refused}."
        times = formatting.ratio_in_words("many", row.ratio, row.low, row.high)
        observed = formatting.n_of_m(row.observed, row.followed_up)
        expected = formatting.number(row.expected)
        return f"You: {observed}; {expected} expected for the same treatments: {times}."
    total = formatting.pluralize(len(compared), "practitioner")
    flagged = [
        f"{label('practitioner', row.practitioner)} ({funnel_plot.STYLES[row.flag][0]})"
        for row in compared[compared.flag != ""].itertuples()
    ]
    if flagged:
        return f"{total} compared; outside the expected range: {formatting.join_words(flagged)}."
    return f"All {total} are within the expected range." if len(compared) > 1 else f"Only {total} can be judged."


def _draw_table(found: PractitionerComparison, own: str | None) -> None:
    rows = found.practitioners
    if own:
        rows = rows[rows.practitioner == own]
    shown = rows[["practitioner", "observed", "followed_up"]].assign(
        practitioner=[label("practitioner", code) for code in rows.practitioner],
        expected=[formatting.number(expected) for expected in rows.expected],
        ratio=[
            row.refused or formatting.ratio_with_interval(row.ratio, row.low, row.high) for row in rows.itertuples()
        ],
    )
    data_table.draw_table(shown, "Observed and expected per practitioner", "people_table")
    downloads.draw_csv(rows, "people_table")


main()
