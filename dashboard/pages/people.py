"""What to expect of each practitioner, given what they treat. Nobody is ranked; one's own line is named."""

import numpy as np
import streamlit as st

from dashboard import drawing, grid, loading, own_page, sentences, wording
from dashboard.figures import funnel
from dashboard.filters import Shown
from dashboard.labels import label
from data import asked, people
from data.people import People, Practitioner
from data.scope import WHOLE_CLINIC, Scope
from models.measure import Measure


def main() -> None:
    shown: Shown = st.session_state.shown
    own = _own(shown.scope)
    if own:
        own_page.needs_me(shown)
    measure = _choose()
    if own:
        own_page.draw(shown, measure)
        st.header("Among everyone", anchor=False)
    selection = asked.of_measure(measure, shown.selection)
    found = loading.ask(people.people, _compared_in(shown.scope), selection)
    said = wording.as_text(_headline(found, own))
    if own:
        st.subheader(said, anchor=False)
    else:
        st.header(said, anchor=False)
    st.caption(wording.as_text(f"{sentences.NOT_RANKED} {sentences.false_alarms(found.compared, found.chance_inner)}"))
    if found.compared:
        drawing.draw(_funnel(found, own), "people", to_cases=lambda code: _cases(code, measure))
        st.caption(wording.as_text(_mix(measure)))
    _table(found, own)


def _own(scope: Scope) -> str | None:
    """The practitioner who is looking; None for a manager."""
    return next(iter(scope.practitioners)) if scope.practitioners and len(scope.practitioners) == 1 else None


def _compared_in(scope: Scope) -> Scope:
    """A practitioner is held against everyone, who stay unnamed; a site's manager sees that site."""
    return WHOLE_CLINIC if scope.practitioners else scope


def _choose() -> Measure:
    measures = asked.rate_measures()
    code = st.selectbox(
        "Measure", list(measures), format_func=lambda c: measures[c].title, key="measure", bind="query-params"
    )
    return measures[code]


def _headline(found: People, own: str | None) -> str:
    if not found.compared:
        return f"Nobody has the {people.LEAST_KNOWN} known outcomes that a comparison needs."
    row = next((row for row in found.practitioners if row.code == own), None)
    if own and row:
        return f"You: {_said(row)}"
    outside = [row for row in found.practitioners if row.state]
    who = wording.listing(label("practitioner", row.code) for row in outside)
    compared = wording.counted(found.compared, "practitioner")
    return f"{compared} compared; outside the outer band: {who or 'nobody'}."


def _said(row: Practitioner) -> str:
    if row.refused:
        return f"{row.refused}."
    times = wording.times_as("many", row.ratio.estimate, row.ratio.low, row.ratio.high)
    return (
        f"{wording.of(row.observed, row.known)}, where {wording.number(row.expected)} were to be expected for the same "
        f"treatments: {times}."
    )


def _funnel(found: People, own: str | None):
    units = [
        funnel.Unit(
            key=_name(row.code, own),  # the browser is not told whose the other dots are
            label=_name(row.code, own),
            known=row.known,
            observed=row.observed,
            expected=row.expected,
            state=row.state,
            own=row.code == own,
        )
        for row in found.practitioners
        if row.ratio is not None
    ]
    return funnel.draw(units, funnel.Limits(*(found.limits.T if len(found.limits) else np.zeros((5, 0)))))


def _name(code: str, own: str | None) -> str:
    """Names for a manager; for a practitioner the own one alone."""
    return label("practitioner", code) if own is None or code == own else ""


def _cases(code: str, measure: Measure) -> dict:
    effects = {} if measure.code == "any_side_effect" else {"side_effect": list(measure.numerator)}
    return {"practitioner": code, **effects}


def _mix(measure: Measure) -> str:
    same = "area, product, dose and first visit or not" if measure.unit == "area" else "areas and first visit or not"
    return (
        f"Expected: what everyone's rates for the same kind of treatment ({same}) would give. What the records do not "
        "hold, such as how strong a muscle is, is not allowed for."
    )


def _table(found: People, own: str | None) -> None:
    rows = [row for row in found.practitioners if own is None or row.code == own]
    table = {
        "Practitioner": [label("practitioner", row.code) for row in rows],
        "With it": [wording.of(row.observed, row.known) for row in rows],
        "Expected": [wording.number(row.expected) for row in rows],
        "Observed / expected": [_ratio(row) for row in rows],
    }
    grid.draw(table, "Observed and expected per practitioner", "people_table")
    drawing.download(table, "people_table")


def _ratio(row: Practitioner) -> str:
    if row.refused:
        return row.refused
    return wording.ratio(row.ratio.estimate, row.ratio.low, row.ratio.high)


main()
