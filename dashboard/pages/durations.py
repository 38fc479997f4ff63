"""How long side effects last, open ones included, and how long results last."""

from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd
import streamlit as st

from dashboard.components import case_courses, case_table, charts, downloads, time_to_event_table
from dashboard.figures import strip_plot, survival_curve, survival_panels
from dashboard.shell import navigation, prose, query_cache
from dashboard.shell.filters import PageView
from dashboard.text import duration_sentences, formatting
from dashboard.text.labels import grade_label, label, label_columns
from data.analysis import cases, estimates
from data.analysis.selection import Selection
from data.reference import published_durations
from data.reference.loader import ANY
from data.reference.published_durations import PublishedDuration
from data.summaries import time_to_event
from models.measure import FOUR_TO_SIX_MONTHS

MAX_ONSETS = 12  # side effects in the strip of onset days: others occurred once or twice
OPEN_COLUMNS = ["case", "side_effect", "area", "treated_on", "onset", "last_seen", "days_so_far", "worst_grade"]


def main() -> None:
    view: PageView = st.session_state.shown
    st.header("How long side effects last", anchor=False)
    episodes = query_cache.cached_query(cases.episode_durations, view.scope, view.selection, ("side_effect",))
    chosen = st.multiselect(
        "Side effects",
        _most_frequent(episodes.side_effect),
        format_func=partial(label, "side_effect"),
        placeholder="all together; choose some to compare",
        key="durations_of",
        bind="query-params",
    )
    selection = replace(view.selection, side_effects=tuple(chosen))
    _draw_headline(view, selection)
    curves = query_cache.cached_query(case_courses.kaplan_meier_curves, view.scope, selection, tuple(chosen))
    if curves:
        st.caption(duration_sentences.OPEN_CASES_INCLUDED)
        figure = survival_panels if len(curves) > survival_curve.MAX_CURVES else survival_curve
        charts.draw_chart(figure.draw(curves), "durations", lambda key: {"case": key})
        _draw_onsets(view, selection)
        _draw_published(
            published_durations.side_effect_durations(chosen or _most_frequent(episodes.side_effect), selection.areas),
            "Published durations",
        )
        _draw_open_cases(view, selection)
    # By return of movement where follow-ups score it; the retreatment interval is on Treatments.
    st.header("How long results last", anchor=False)
    found = query_cache.cached_query(time_to_event.summarize_effect_ends, view.scope, view.selection)
    prose.draw_text(duration_sentences.explain_effect_duration(*FOUR_TO_SIX_MONTHS, scored=len(found) > 0))
    alt = "Days until the effect ended, by scale, product and area"
    time_to_event_table.draw_time_to_event(found, "ended", "effect_lasts", alt)
    if without_effect := int(found.without_effect.sum()):
        prose.draw_text(duration_sentences.describe_no_effect(without_effect), "caption")
    selection = view.selection
    _draw_published(
        published_durations.result_durations(selection.areas, selection.products), "Published durations of results"
    )
    navigation.draw_link("treatments", "When clients returned")


def _most_frequent(codes: pd.Series) -> list[str]:
    """The codes in order of their number, then of the alphabet."""
    return codes.value_counts().sort_index().sort_values(ascending=False, kind="stable").index.tolist()


def _draw_headline(view: PageView, selection: Selection) -> None:
    durations = query_cache.cached_query(estimates.durations, view.scope, selection, ())
    if durations.empty:
        st.subheader("No side effects to follow.", anchor=False)
        return
    (row,) = durations.itertuples()
    prose.draw_text(case_courses.duration_sentence(row), "subheader")
    between, median = row.between_contacts, row.between_contacts_median
    if not np.isnan(median):
        sentence = duration_sentences.describe_interval_ends(between, row.ended, median, row.longest)
        prose.draw_text(sentence, "caption")
    elif between and not np.isnan(row.median):
        prose.draw_text(duration_sentences.describe_few_interval_ends(between, row.ended), "caption")


def _draw_onsets(view: PageView, selection: Selection) -> None:
    """The day of onset, the most frequent side effects first."""
    episodes = query_cache.cached_query(cases.episode_durations, view.scope, selection, ("side_effect",))
    prose.draw_text(duration_sentences.describe_onset(float(episodes.onset_day.median()), len(episodes)), "subheader")
    ranks = {code: rank for rank, code in enumerate(_most_frequent(episodes.side_effect))}
    days = episodes.groupby(["side_effect", "onset_day"]).size().reset_index(name="number")
    days = days.assign(rank=days.side_effect.map(ranks)).sort_values(["rank", "onset_day"])
    days = days[days["rank"] < MAX_ONSETS].rename(columns={"side_effect": "key", "onset_day": "value"})
    days = days.assign(label=days.key.map(partial(label, "side_effect")))
    chart = strip_plot.draw(days, "Onset, days after the injection", "side effect", value="day {}")
    charts.draw_chart(chart, "onsets", lambda code: {"side_effect": code})
    most = f"The {MAX_ONSETS} most frequent of {len(ranks)}. " if len(ranks) > MAX_ONSETS else ""
    st.caption(f"{most}{duration_sentences.ONSET_CAUTION}")


def _draw_published(durations: list[PublishedDuration], title: str) -> None:
    """What the sources print, in their words: most state a range and no interval, so that nothing is compared."""
    if not durations:
        return
    prose.draw_text(title, "subheader")
    st.caption(duration_sentences.PUBLISHED_DURATIONS)
    cells: dict[str, list[str]] = {"About": [], "Printed": []}
    for row in durations:
        is_named = row.side_effect not in (None, ANY)
        about = label("side_effect", row.side_effect) if is_named else formatting.capitalize_first(row.item)
        details = "; ".join(filter(None, (row.source, row.evidence, row.notes)))
        cells["About"].append(f"{about} ({row.product_as_given}, {row.area_as_given})")
        cells["Printed"].append(
            f"\N{LEFT DOUBLE QUOTATION MARK}{row.as_printed}\N{RIGHT DOUBLE QUOTATION MARK} {details}"
        )
    # A table of two columns, not a grid, so that no text is cut off, on a phone either.
    escaped = {name: [formatting.escape_markdown(cell) for cell in column] for name, column in cells.items()}
    st.table(escaped, border="horizontal", hide_index=True, alt=f"{title}, as their sources print them")


def _draw_open_cases(view: PageView, selection: Selection) -> None:
    _, number, _ = query_cache.cached_query(cases.count_cases, view.scope, selection)
    st.subheader(f"Still open: {formatting.count(number)}", anchor=False)
    if not number:
        return
    still = query_cache.cached_query(cases.longest_open, view.scope, selection, case_table.MAX_LISTED)
    if len(still) < number:
        st.caption(f"The {formatting.count(len(still))} longest are listed.")
    table = label_columns(still).assign(
        case=still.number, last_seen=still.until, days_so_far=still.days, worst_grade=still.grade.map(grade_label)
    )[OPEN_COLUMNS]
    short = table.drop(columns="treated_on")  # a window has no room for it
    case_table.draw_case_list(short, "Side effects that are still open, the longest first", "open_cases")
    downloads.draw_csv(table, "open_cases")


main()
