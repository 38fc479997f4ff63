"""How long side effects last, open ones included, and how long the wanted effect itself lasts."""

from dataclasses import replace

import numpy as np
import pandas
import streamlit as st

from dashboard.components import case_courses, case_table, charts, data_table, time_to_event_table
from dashboard.figures import strip_plot, survival_curve, survival_panels
from dashboard.shell import navigation, query_cache
from dashboard.shell.filters import PageView
from dashboard.text import duration_sentences, formatting
from dashboard.text.labels import label
from data.analysis import cases, estimates
from data.analysis.frames import as_rows
from data.analysis.selection import Selection
from data.summaries import time_to_event
from models.measure import FOUR_TO_SIX_MONTHS

MAX_ONSETS = 12  # side effects in the strip of onset days: beyond them are those seen once or twice


def main() -> None:
    shown: PageView = st.session_state.shown
    st.header("How long side effects last", anchor=False)
    chosen = _choose_side_effects(shown)
    selection = replace(shown.selection, side_effects=tuple(chosen))
    _draw_headline(shown, selection)
    curves = query_cache.cached_query(case_courses.kaplan_meier_curves, shown.scope, selection, tuple(chosen))
    if not curves:
        return _draw_effect_durations(shown)
    st.caption(duration_sentences.OPEN_CASES_INCLUDED)
    apart = survival_panels if len(curves) > survival_curve.MAX_CURVES else survival_curve
    charts.draw_chart(apart.draw(curves), "durations", case_parameters=lambda key: {"case": key})
    _draw_onsets(shown, selection)
    _draw_open_cases(shown, selection)
    return _draw_effect_durations(shown)


def _choose_side_effects(shown: PageView) -> list[str]:
    found = query_cache.cached_query(cases.episode_durations, shown.scope, shown.selection, ("side_effect",))
    frequent = found.groupby("side_effect").size().sort_values(ascending=False, kind="stable").index
    return st.multiselect(
        "Side effects",
        list(frequent),
        format_func=lambda code: label("side_effect", code),
        placeholder="all together; choose some to compare",
        key="durations_of",
        bind="query-params",
    )


def _draw_headline(shown: PageView, selection: Selection) -> None:
    found = query_cache.cached_query(estimates.durations, shown.scope, selection, ())
    if found.empty:
        st.subheader("No side effects to follow here.", anchor=False)
        return
    (row,) = found.itertuples(index=False)
    st.subheader(formatting.escape_markdown(case_courses.duration_sentence(row)), anchor=False)
    if not np.isnan(row.between_contacts_median):
        middle, longest = row.between_contacts_median, row.longest
        said = duration_sentences.describe_interval_ends(row.between_contacts, row.ended, middle, longest)
        st.caption(formatting.escape_markdown(said))
    elif row.between_contacts and not np.isnan(row.median):
        st.caption(
            formatting.escape_markdown(duration_sentences.describe_few_interval_ends(row.between_contacts, row.ended))
        )


def _draw_onsets(shown: PageView, selection: Selection) -> None:
    """The day each was first noticed, the most frequent side effects on top."""
    found = query_cache.cached_query(cases.episode_durations, shown.scope, selection, ("side_effect",))
    if found.empty:
        return
    days = found.onset_day
    st.subheader(
        formatting.escape_markdown(duration_sentences.describe_onset(float(np.median(days)), len(days))), anchor=False
    )
    courses = cases.split_episodes(found, ("side_effect",))
    frequent = sorted(courses.items(), key=lambda item: -len(item[1]))
    rows = [_strip_row(code, course) for (code,), course in frequent[:MAX_ONSETS]]
    charts.draw_chart(
        strip_plot.draw(rows, "Day first noticed, days after the injection", "side effect", value="day {}"),
        "onsets",
        case_parameters=lambda code: {"side_effect": code},
    )
    most = f"The {MAX_ONSETS} most frequent of {len(courses)}. " if len(courses) > MAX_ONSETS else ""
    st.caption(f"{most}{duration_sentences.ONSET_CAUTION}")


def _strip_row(code: str, course: pandas.DataFrame) -> strip_plot.StripRow:
    days, counts = np.unique(course.onset_day, return_counts=True)
    return strip_plot.StripRow(code, label("side_effect", code), days, counts)


def _draw_open_cases(shown: PageView, selection: Selection) -> None:
    _, number, _ = query_cache.cached_query(cases.count_cases, shown.scope, selection)
    st.subheader(f"Still open: {formatting.count(number)}", anchor=False)
    if not number:
        return
    found = query_cache.cached_query(cases.longest_open, shown.scope, selection, case_table.MAX_LISTED)
    still = as_rows(found, cases.Case)
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
    row = data_table.draw_table(short, "Side effects that are still open, the longest first", "open_cases", choose=True)
    charts.draw_download(table, "open_cases")
    if row is not None:
        st.switch_page(charts.CASES, query_params={"case": str(still[row].number)})


def _draw_effect_durations(shown: PageView) -> None:
    """By return of movement where follow-ups score it; when clients come back is told on Treatments."""
    st.header("How long the wanted effect lasts", anchor=False)
    found = query_cache.cached_query(time_to_event.summarize_effect_ends, shown.scope, shown.selection)
    scored = len(found) > 0
    st.markdown(
        formatting.escape_markdown(duration_sentences.explain_effect_duration(*FOUR_TO_SIX_MONTHS, scored=scored))
    )
    alt = "Days until the effect was over, by scale, product and area"
    time_to_event_table.draw_time_to_event(found, time_to_event_table.OVER_TITLE, "effect_lasts", alt)
    if without_effect := int(found.without_effect.sum()):
        st.caption(formatting.escape_markdown(duration_sentences.describe_no_effect(without_effect)))
    navigation.draw_link("treatments", "When clients came back", icon=":material/arrow_forward:")


main()
