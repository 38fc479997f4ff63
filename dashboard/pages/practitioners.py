"""What to expect of each practitioner, given what they treat. Nobody is ranked; one's own line is named."""

import numpy as np
import streamlit as st

from dashboard.components import charts, data_table, practitioner_summary
from dashboard.figures import funnel_plot
from dashboard.shell import query_cache
from dashboard.shell.filters import PageView
from dashboard.text import comparison_sentences, formatting
from dashboard.text.labels import label
from data.analysis import measure_selection
from data.analysis.scope import WHOLE_CLINIC, Scope
from data.summaries import practitioners
from data.summaries.practitioners import PractitionerComparison, PractitionerResult
from models.measure import Measure


def main() -> None:
    shown: PageView = st.session_state.shown
    own = _own_code(shown.scope)
    if own:
        practitioner_summary.draw_urgent_work(shown)
    measure = _choose_measure()
    if own:
        practitioner_summary.draw_practitioner_summary(shown, measure)
        st.header("Among everyone", anchor=False)
    selection = measure_selection.selection_for_measure(measure, shown.selection)
    found = query_cache.cached_query(practitioners.compare_practitioners, _comparison_scope(shown.scope), selection)
    said = formatting.escape_markdown(_headline(found, own))
    if own:
        st.subheader(said, anchor=False)
    else:
        st.header(said, anchor=False)
    st.caption(
        formatting.escape_markdown(
            f"{comparison_sentences.NO_RANKING} "
            f"{comparison_sentences.describe_false_alarms(found.compared_count, found.chance_inner)}"
        )
    )
    if found.compared_count:
        charts.draw_chart(
            _draw_funnel(found, own), "people", case_parameters=lambda code: _case_parameters(code, measure)
        )
        st.caption(formatting.escape_markdown(_case_mix_text(measure)))
    _draw_table(found, own)


def _own_code(scope: Scope) -> str | None:
    """The practitioner who is looking; None for a manager."""
    return next(iter(scope.practitioners)) if scope.practitioners and len(scope.practitioners) == 1 else None


def _comparison_scope(scope: Scope) -> Scope:
    """A practitioner is held against everyone, who stay unnamed; a site's manager sees that site."""
    return WHOLE_CLINIC if scope.practitioners else scope


def _choose_measure() -> Measure:
    measures = measure_selection.rate_measures()
    code = st.selectbox(
        "Measure", list(measures), format_func=lambda c: measures[c].title, key="measure", bind="query-params"
    )
    return measures[code]


def _headline(found: PractitionerComparison, own: str | None) -> str:
    if not found.compared_count:
        return f"Nobody has the {practitioners.MIN_TREATMENTS_TO_COMPARE} known outcomes that a comparison needs."
    row = next((row for row in found.practitioners if row.code == own), None)
    if own and row:
        return f"You: {_result_sentence(row)}"
    outside = [row for row in found.practitioners if row.flag]
    who = formatting.join_words(label("practitioner", row.code) for row in outside)
    compared = formatting.pluralize(found.compared_count, "practitioner")
    return f"{compared} compared; outside the outer band: {who or 'nobody'}."


def _result_sentence(row: PractitionerResult) -> str:
    if row.refused:
        return f"{row.refused}."
    times = formatting.ratio_in_words("many", row.ratio.estimate, row.ratio.low, row.ratio.high)
    return (
        f"{formatting.n_of_m(row.observed, row.known)}, where {formatting.number(row.expected)} were to be expected "
        f"for the same treatments: {times}."
    )


def _draw_funnel(found: PractitionerComparison, own: str | None):
    units = [
        funnel_plot.FunnelPoint(
            key=_shown_name(row.code, own),  # the browser is not told whose the other dots are
            label=_shown_name(row.code, own),
            known=row.known,
            observed=row.observed,
            expected=row.expected,
            flag=row.flag,
            is_own=row.code == own,
        )
        for row in found.practitioners
        if row.ratio is not None
    ]
    return funnel_plot.draw(
        units, funnel_plot.FunnelBands(*(found.limits.T if len(found.limits) else np.zeros((5, 0))))
    )


def _shown_name(code: str, own: str | None) -> str:
    """Names for a manager; for a practitioner the own one alone."""
    return label("practitioner", code) if own is None or code == own else ""


def _case_parameters(code: str, measure: Measure) -> dict:
    effects = {} if measure.code == "any_side_effect" else {"side_effect": list(measure.numerator)}
    return {"practitioner": code, **effects}


def _case_mix_text(measure: Measure) -> str:
    same = "area, product, dose and first visit or not" if measure.unit == "area" else "areas and first visit or not"
    return (
        f"Expected: what everyone's rates for the same kind of treatment ({same}) would give. What the records do not "
        "hold, such as how strong a muscle is, is not allowed for."
    )


def _draw_table(found: PractitionerComparison, own: str | None) -> None:
    rows = [row for row in found.practitioners if own is None or row.code == own]
    table = {
        "Practitioner": [label("practitioner", row.code) for row in rows],
        "With it": [formatting.n_of_m(row.observed, row.known) for row in rows],
        "Expected": [formatting.number(row.expected) for row in rows],
        "Observed / expected": [_ratio_text(row) for row in rows],
    }
    data_table.draw_table(table, "Observed and expected per practitioner", "people_table")
    charts.draw_download(table, "people_table")


def _ratio_text(row: PractitionerResult) -> str:
    if row.refused:
        return row.refused
    return formatting.ratio_with_interval(row.ratio.estimate, row.ratio.low, row.ratio.high)


main()
