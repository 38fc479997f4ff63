"""How long side effects last, open ones included, and how long results last."""

from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from dashboard.components import case_courses, case_table, charts, data_table, downloads, time_to_event_table
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
from models import codelist
from models.measure import FOUR_TO_SIX_MONTHS

MAX_ONSETS = 12  # side effects in the strip of onset days: others occurred once or twice
LISTED_COLUMNS = ["case", "side_effect", "area", "status", "days", "last_seen", "onset", "worst_grade"]
TABLE_COLUMNS = {
    "median": st.column_config.TextColumn("Median (95% interval)", help="Half had ended within so many days."),
    "kaplan_meier": st.column_config.TextColumn(
        "Kaplan-Meier", help="The median if every end found at a contact was on its latest possible day."
    ),
    **{
        f"still_present_{day}": st.column_config.NumberColumn(
            f"At {formatting.weeks(day)}", help="Still present", format="%.0f%%", width=80
        )
        for day in estimates.STILL_PRESENT_DAYS
    },
    "published": st.column_config.TextColumn("Published", help="Shortest and longest, as printed below.", width=190),
}


def main() -> None:
    view: PageView = st.session_state.shown
    episodes = query_cache.cached_query(cases.episode_durations, view.scope, view.selection, ("family", "side_effect"))
    if episodes.empty:
        st.header("No side effects to follow.", anchor=False)
    else:
        _draw_side_effects(view, episodes)
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


def _draw_side_effects(view: PageView, episodes: pd.DataFrame) -> None:
    """One family, or some side effects side by side; never all together, which would describe their mix."""
    families = [code for code in codelist.families() if (episodes.family == code).any()]
    families += sorted(set(episodes.family.dropna()) - set(families))
    choices = st.columns(2)
    family = choices[0].selectbox(
        "Family", families, format_func=partial(label, "family"), key="durations_family", bind="query-params"
    )
    chosen = choices[1].multiselect(
        "Side effects",
        _most_frequent(episodes.side_effect),
        format_func=partial(label, "side_effect"),
        placeholder="all of the family; choose some to compare",
        key="durations_of",
        bind="query-params",
    )
    selection = replace(view.selection, families=() if chosen else (family,), side_effects=tuple(chosen))
    dimension = "side_effect" if chosen else "family"
    durations = query_cache.cached_query(estimates.durations, view.scope, selection, (dimension,), with_intervals=True)
    for row in durations.itertuples():
        _draw_median(row, label(dimension, getattr(row, dimension)), "subheader" if len(durations) > 1 else "header")
    name = label("family", family)
    curves = query_cache.cached_query(case_courses.survival_curves, view.scope, selection, tuple(chosen), name)
    curve, onset = st.columns([3, 2])
    with curve:
        figure = survival_panels if len(curves) > survival_curve.MAX_CURVES else survival_curve
        charts.draw_chart(figure.draw(curves), "durations", lambda key: {"case": key})
        st.caption(f"{duration_sentences.OPEN_CASES_INCLUDED} {duration_sentences.UNSEEN_ENDS}")
    with onset:
        _draw_onsets(view, selection)
    _draw_families(view)
    listed = chosen or _most_frequent(episodes.side_effect[episodes.family == family])
    _draw_published(
        published_durations.side_effect_durations(listed, selection.areas), f"Published durations: {name.lower()}"
    )
    _draw_cases(view, selection)


def _draw_median(row: Any, name: str, style: str) -> None:
    """The median with what is known of it: ends between two contacts, and open cases that may be over."""
    median, ends = case_courses.duration_sentences_of(row, name)
    prose.draw_text(median, style)
    prose.draw_text(ends, "caption")
    if row.refused:
        return
    if row.between_contacts:
        values = (row.kaplan_meier_median, row.kaplan_meier_low, row.kaplan_meier_high)
        latest = formatting.median(*values, row.longest)
        prose.draw_text(duration_sentences.describe_interval_ends(row.between_contacts, latest), "caption")
    if not np.isnan(row.open_ended_median):
        prose.draw_text(duration_sentences.describe_open_ended(row.open, row.open_ended_median), "caption")


def _draw_families(view: PageView) -> None:
    """Every family in the order of their list, with what is published of its side effects."""
    st.subheader("All families", anchor=False)
    found = query_cache.cached_query(estimates.durations, view.scope, view.selection, ("family",), with_intervals=True)
    order = {code: place for place, code in enumerate(codelist.families())}
    found = found.assign(place=found.family.map(order)).sort_values("place", kind="stable", ignore_index=True)
    rows = list(found.itertuples())
    table = pd.DataFrame(
        {
            "family": [label("family", row.family) for row in rows],
            "episodes": found.episodes,
            "ended": found.ended,
            "fatal": found.fatal,
            "open": found.open,
            "median": [row.refused or formatting.median(row.median, row.low, row.high, row.longest) for row in rows],
            "published": [_published_text(row.family, view.selection) for row in rows],
            **{name: found[name] for name in TABLE_COLUMNS if name.startswith("still_present")},
            "kaplan_meier": [
                "" if row.refused else formatting.median(row.kaplan_meier_median, None, None, row.longest)
                for row in rows
            ],
        }
    )
    shares = [name for name in table if name.startswith("still_present")]
    if not table.fatal.any():
        table = table.drop(columns="fatal")
    alt = "Per family: how many ended, the median, how many were still present after 2, 6 and 13 weeks, and published"
    percent = table.assign(**{name: 100 * table[name] for name in shares})
    data_table.draw_table(percent, alt, "families", columns=TABLE_COLUMNS)
    downloads.draw_csv(found.drop(columns="place"), "durations")


def _published_text(family: str, selection: Selection) -> str:
    """ "Eyelid ptosis 21–28 days; brow ptosis up to 42 days"; empty where no source gives days."""
    effects = [row.code for row in codelist.side_effects().values() if row.family == family]
    ranges: dict[str, tuple[float | None, float]] = {}
    for row in published_durations.side_effect_durations(effects, selection.areas):
        if row.side_effect in effects and row.longest_days:
            shortest, longest = ranges.get(row.side_effect, (row.shortest_days, row.longest_days))
            lowest = None if None in (shortest, row.shortest_days) else min(shortest, row.shortest_days)
            ranges[row.side_effect] = lowest, max(longest, row.longest_days)
    texts = [
        f"{label('side_effect', code)} {formatting.number_range(low, high) if low else f'up to {high:g}'} days"
        for code, (low, high) in ranges.items()
    ]
    return "; ".join(texts)


def _most_frequent(codes: pd.Series) -> list[str]:
    """The codes in order of their number, then of the alphabet."""
    return codes.value_counts().sort_index().sort_values(ascending=False, kind="stable").index.tolist()


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


def _draw_cases(view: PageView, selection: Selection) -> None:
    total, number, _ = query_cache.cached_query(cases.count_cases, view.scope, selection)
    st.subheader(f"Still open: {formatting.count(number)} of {formatting.count(total)}", anchor=False)
    found = query_cache.cached_query(cases.open_first, view.scope, selection, case_table.MAX_LISTED)
    if len(found) < total:
        st.caption(f"The first {formatting.count(len(found))} are listed.")
    ended = np.where(found.fatal, "Fatal", "Ended")
    still = np.where(found.seen_later, "Open, no later answer", "Open")
    table = label_columns(found).assign(
        case=found.number,
        last_seen=found.until.where(~found.ended),
        days=found.days.fillna(0).astype("int64"),
        status=np.where(found.ended, ended, still),
        worst_grade=found.grade.map(grade_label),
    )
    case_table.draw_case_list(table[LISTED_COLUMNS], "Side effects, open ones first", "open_cases", bars=("days",))
    downloads.draw_csv(table[[*LISTED_COLUMNS, "treated_on"]].assign(days=found.days), "cases")


main()
