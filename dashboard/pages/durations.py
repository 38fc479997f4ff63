"""How long side effects last, open ones included, and how long the wanted effect itself lasts."""

from dataclasses import replace

import numpy as np
import streamlit as st

from dashboard.components import case_courses, case_table, charts, data_table, time_to_event_table
from dashboard.figures import strip_plot, survival_curve, survival_panels
from dashboard.shell import navigation, query_cache
from dashboard.shell.filters import Shown
from dashboard.text import duration_sentences, formatting
from dashboard.text.labels import label
from data.analysis import cases, estimates
from data.analysis.cases import Durations
from data.analysis.selection import Selection
from models.measure import FOUR_TO_SIX_MONTHS

MOST_ONSETS = 12  # side effects in the strip of onset days: beyond them are those seen once or twice


def main() -> None:
    shown: Shown = st.session_state.shown
    st.header("How long side effects last", anchor=False)
    chosen = _choice(shown)
    selection = replace(shown.selection, side_effects=tuple(chosen))
    _headline(shown, selection)
    curves = query_cache.ask(case_courses.curves, shown.scope, selection, tuple(chosen))
    if not curves:
        return _effect(shown)
    st.caption(duration_sentences.OPEN_ONES_STAY)
    apart = survival_panels if len(curves) > survival_curve.MOST_CURVES else survival_curve
    charts.draw(apart.draw(curves), "durations", to_cases=lambda key: {"case": key})
    _onsets(shown, selection)
    _open_cases(shown, selection)
    return _effect(shown)


def _choice(shown: Shown) -> list[str]:
    found = query_cache.ask(cases.durations, shown.scope, shown.selection, ("side_effect",))
    frequent = sorted(found, key=lambda group: -len(found[group].days))
    return st.multiselect(
        "Side effects",
        [code for (code,) in frequent],
        format_func=lambda code: label("side_effect", code),
        placeholder="all together; choose some to compare",
        key="durations_of",
        bind="query-params",
    )


def _headline(shown: Shown, selection: Selection) -> None:
    found = query_cache.ask(estimates.durations, shown.scope, selection, ())
    if not found:
        st.subheader("No side effects to follow here.", anchor=False)
        return
    (row,) = found
    st.subheader(formatting.as_text(case_courses.how_long(row)), anchor=False)
    if row.between_contacts_median is not None:
        middle, longest = row.between_contacts_median, row.longest
        said = duration_sentences.ends_between_contacts(row.between_contacts, row.ended, middle, longest)
        st.caption(formatting.as_text(said))
    elif row.between_contacts and row.median is not None:
        st.caption(formatting.as_text(duration_sentences.few_between_contacts(row.between_contacts, row.ended)))


def _onsets(shown: Shown, selection: Selection) -> None:
    """The day each was first noticed, the most frequent side effects on top."""
    found = query_cache.ask(cases.durations, shown.scope, selection, ("side_effect",))
    if not found:
        return
    days = np.concatenate([course.onset_day for course in found.values()])
    st.subheader(formatting.as_text(duration_sentences.onset(float(np.median(days)), len(days))), anchor=False)
    frequent = sorted(found.items(), key=lambda item: -len(item[1].days))
    rows = [_onset(code, course) for (code,), course in frequent[:MOST_ONSETS]]
    charts.draw(
        strip_plot.draw(rows, "Day first noticed, days after the injection", "side effect", value="day {}"),
        "onsets",
        to_cases=lambda code: {"side_effect": code},
    )
    most = f"The {MOST_ONSETS} most frequent of {len(found)}. " if len(found) > MOST_ONSETS else ""
    st.caption(f"{most}{duration_sentences.ONSET_CAUTION}")


def _onset(code: str, course: Durations) -> strip_plot.Row:
    days, counts = np.unique(course.onset_day, return_counts=True)
    return strip_plot.Row(code, label("side_effect", code), days, counts)


def _open_cases(shown: Shown, selection: Selection) -> None:
    _, number, _ = query_cache.ask(cases.how_many, shown.scope, selection)
    st.subheader(f"Still open: {formatting.count(number)}", anchor=False)
    if not number:
        return
    still = query_cache.ask(cases.longest_open, shown.scope, selection, case_table.MOST_LISTED)
    if len(still) < number:
        st.caption(f"The {formatting.count(len(still))} longest are listed.")
    table = {
        "Case": [case.number for case in still],
        "Side effect": [label("side_effect", case.side_effect) for case in still],
        "Area": [label("area", case.area) for case in still],
        "Treated": [case.treated_on for case in still],
        "First noticed": [case.onset for case in still],
        "Still there on": [case.until for case in still],
        "Days so far": [case.days for case in still],
        "Worst": [label("grade", case.grade) if case.grade else "not graded" for case in still],
    }
    short = {title: values for title, values in table.items() if title != "Treated"}  # as many as a desk has room for
    row = data_table.draw(short, "Side effects that are still open, the longest first", "open_cases", choose=True)
    charts.download(table, "open_cases")
    if row is not None:
        st.switch_page(charts.CASES, query_params={"case": str(still[row].number)})


def _effect(shown: Shown) -> None:
    """By return of movement where follow-ups score it; when clients come back is told on Treatments."""
    st.header("How long the wanted effect lasts", anchor=False)
    found = query_cache.ask(time_to_event_table.returned, shown.scope, shown.selection)
    scored = bool(found.rows or found.few[2] or found.without)
    st.markdown(formatting.as_text(duration_sentences.effect_lasts(*FOUR_TO_SIX_MONTHS, scored=scored)))
    alt = "Days until the effect was over, by scale, product and area"
    time_to_event_table.draw(found, time_to_event_table.OVER, "effect_lasts", alt)
    if found.without:
        st.caption(formatting.as_text(duration_sentences.no_effect(found.without)))
    navigation.link("treatments", "When clients came back", icon=":material/arrow_forward:")


main()
