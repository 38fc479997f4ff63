"""How often each side effect was reported, with what certainty, how long it lasts, and what is published."""

from dataclasses import replace
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from dashboard.components import case_courses, case_table, charts, data_table, downloads, period_comparison, ways_asked
from dashboard.figures import rate_intervals
from dashboard.shell import case_filters, navigation, prose, query_cache
from dashboard.shell.case_filters import CaseFilter
from dashboard.shell.filters import PageView
from dashboard.text import coverage_sentences, formatting, rate_sentences
from dashboard.text.labels import UNIT_NOUNS, grade_label, label
from data.analysis import cases, counts, estimates
from data.analysis.selection import Selection
from data.summaries import period_changes, side_effects
from models import codelist

ALL_OPTION = "all"
ROW = ("side_effect", "family")  # the open row, as the address bar names it
CLOSED_KEY = "rows_closed"
INDENT = 3 * "\N{NO-BREAK SPACE}"  # of a side effect under its family, in the table
PANEL = 720  # px: the course of a row beside the page; on a phone over it
COLUMNS = {
    "onset_day": st.column_config.NumberColumn("Onset, day", help="Median days since the injection", format="%d"),
    "median": st.column_config.NumberColumn(
        "Lasts, days", help="Median, open cases included. Its interval is on Durations.", format="%.10g"
    ),
    "change": st.column_config.NumberColumn("Change", help="In percentage points", format="%+.1f"),
    "change_interval": st.column_config.TextColumn("95% interval"),
    "published_base": st.column_config.TextColumn("Published of"),
}
DETAILS = [
    "family", "side_effect", "events", "followed_up", "rate", "low", "high", "lowest", "highest", "worst_grade",
    "onset_day", "median", "ended", "open",
]  # fmt: skip
CHANGES = ["events_before", "followed_up_before", "change", "change_low", "change_high"]


def main() -> None:
    view: PageView = st.session_state.shown
    unit, family, compare = _choose_options()
    selection = replace(view.selection, unit=unit, families=() if family == ALL_OPTION else (family,))
    periods = period_changes.compared_periods(selection) if compare else None
    before = periods[1] if periods else None
    by_way = ways_asked.load_rates(view, selection)
    overall = query_cache.cached_query(estimates.rates, view.scope, selection, ())
    if overall.empty:
        st.header("0 treatments in this selection.", anchor=False)
    for row in overall.itertuples():
        interval, bounds = (row.rate, row.low, row.high), (row.lowest, row.highest)
        prose.draw_text(
            rate_sentences.describe_overall_rate(
                row.events,
                row.followed_up,
                row.total,
                interval,
                bounds,
                UNIT_NOUNS[unit],
                "a side effect" if family == ALL_OPTION else label("family", family).lower(),
                row.volunteered,
                row.in_follow_up,
                by_way.followed_up.iat[-1],
            ),
            "header",
        )
        volunteers = ways_asked.volunteers_sentence(view, selection, row)
        prose.draw_text(f"{volunteers} {rate_sentences.ASKED_DIFFERENTLY}".strip(), "caption")
    if compare:
        period_comparison.draw_comparison(view)
    rows = query_cache.cached_query(side_effects.side_effect_rows, view.scope, selection, before)
    if rows.empty:
        _draw_notes(view, selection, rows, by_way)
        return
    rows = _describe(rows)
    times_closed = st.session_state.setdefault(CLOSED_KEY, 0)
    chart = rate_intervals.draw(rows, unit=f"{UNIT_NOUNS[unit]}s")
    chart.figure.update_layout(meta=times_closed)
    charts.draw_chart(chart, "side_effects", on_click=_open_row)
    _draw_table(rows, times_closed)
    _draw_notes(view, selection, rows, by_way)
    ways_asked.draw_rates(by_way, selection)
    _draw_course(view, rows, UNIT_NOUNS[unit])


def _choose_options() -> tuple[str, str, bool]:
    first, second, third = st.columns([2, 3, 2], vertical_alignment="bottom")
    units = list(UNIT_NOUNS)
    unit = first.radio("Count per", units, format_func=UNIT_NOUNS.get, horizontal=True, key="unit", bind="query-params")
    family = second.selectbox(
        "Show",
        [ALL_OPTION, *codelist.families()],
        format_func=lambda code: "All side effects" if code == ALL_OPTION else label("family", code),
        key="family_shown",
        bind="query-params",
    )
    compare = third.toggle("Compare with the period before", key="compare", bind="query-params")
    return unit, family, compare


def _describe(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with what the figure and the table show of each: key, title, label, is_heading, published_base ("of 665
    (placebo 0 of 236), glabellar lines"), and published_text: the published rate, what it is of, how clients were
    asked, and where it is printed."""
    of_family = rows.side_effect.isna()
    kinds, codes = (
        of_family.map({True: "family", False: "side_effect"}),
        rows.side_effect.where(~of_family, rows.family),
    )
    names = [label(kind, code) for kind, code in zip(kinds, codes, strict=True)]
    rows = rows.assign(key=kinds + ":" + codes.astype(str), title=names, is_heading=of_family)
    bases, texts = [], []
    for row in rows.itertuples():
        base = text = "" if row.is_heading else formatting.published_base(row)
        if not (row.is_heading or pd.isna(row.published_rate)):
            rate = f"{formatting.exact_percent(row.published_rate)} {base}"
            text = f"{rate}, {row.published_of}. {row.published_how_asked} {row.published_source}"
        bases.append(base)
        texts.append(text)
    labels = rows.title.where(~rows.restricted, rows.title + "\N{NO-BREAK SPACE}*")
    return rows.assign(label=labels, published_base=bases, published_text=texts)


# One row opened: its name stays in the address bar until it is closed


def _open_row(key: str) -> None:
    chosen, _, code = key.partition(":")
    navigation.set_parameters(**dict.fromkeys(ROW) | {chosen: code})


def _close_row() -> None:
    navigation.set_parameters(**dict.fromkeys(ROW))
    # A chart and a table that differ by this number forget what was chosen in them.
    st.session_state[CLOSED_KEY] = st.session_state.get(CLOSED_KEY, 0) + 1


def _draw_course(view: PageView, rows: pd.DataFrame, unit: str) -> None:
    chosen = {kind: st.query_params.get_all(kind) for kind in ROW if kind in st.query_params}
    if not chosen:
        return
    case_filter = case_filters.parse_case_filter(chosen, partial(query_cache.load_dimension_values, view.scope))
    if case_filter == CaseFilter():
        return
    codes = [f"{kind}:{code}" for kind in ROW for code in getattr(case_filter, kind)]
    row = next(rows[rows.key.isin(codes)].itertuples(), None) if len(codes) == 1 else None
    title = case_filters.describe_case_filter(case_filter, view)

    @st.dialog(formatting.escape_markdown(title), width=PANEL, position="right", on_dismiss=_close_row)
    def draw_panel() -> None:
        if row:
            prose.draw_text(_rate_sentence(row, unit))
        case_courses.draw_case_courses(view, case_filter, row.title if row else title)

    draw_panel()


def _rate_sentence(row: Any, unit: str) -> str:
    """ "50 of 1,296 treatments followed up: 3.9% (2.9–5.1). Published: 2.4% of 665." """
    if not row.followed_up:
        return f"No {unit} followed up."
    rate = formatting.percent_interval(row.rate, row.low, row.high)
    where = ", among those that included an area where it can happen" if row.restricted else ""
    published = "" if row.is_heading else f" Published: {row.published_text}."
    return f"{formatting.n_of_m(row.events, row.followed_up)} {unit}s followed up{where}: {rate}.{published}"


def _draw_table(rows: pd.DataFrame, times_closed: int) -> None:
    """What the figure has no room for; a row opens its course."""
    shown = pd.DataFrame(
        {
            "side_effect": rows.label.where(rows.is_heading, INDENT + rows.label),
            "worst_grade": rows.worst_grade.map(grade_label),
            "onset_day": rows.onset_day.round(),
            "median": rows["median"].round(1),
            "ended": rows.ended.fillna(0),
            "open": rows.open.fillna(0),
        }
    )
    details = rows.assign(
        family=rows.family.map(partial(label, "family")), side_effect=rows.title.where(~rows.is_heading, "")
    )
    downloaded = DETAILS
    if "change" in rows:  # a window has no room for the onset beside the change; the download has both
        intervals = [
            "nothing to compare with"
            if pd.isna(row.change)
            else formatting.points_range(row.change_low, row.change_high)
            for row in rows.itertuples()
        ]
        shown = shown.drop(columns="onset_day").assign(change=(100 * rows.change).round(1), change_interval=intervals)
        downloaded = DETAILS + CHANGES
    shown = shown.assign(published_rate=rows.published_rate.round(3), published_base=rows.published_base)
    alt = "Per side effect: worst grade, onset, how long it lasts, how many are open, what is published"
    keys = rows.key.tolist()
    data_table.draw_table(
        shown,
        alt,
        f"side_effects_table_{times_closed}",
        on_choose=lambda chosen: None if chosen is None else _open_row(keys[chosen]),
        columns={name: config for name, config in COLUMNS.items() if name in shown},
    )
    downloads.draw_csv(details[[*downloaded, *side_effects.PUBLISHED]], "side_effects_details")


def _draw_notes(view: PageView, selection: Selection, rows: pd.DataFrame, by_way: pd.DataFrame) -> None:
    """How clients were asked, what is left out, and what the published rates are of: the table has room for numbers."""
    notes = [coverage_sentences.describe_how_asked(UNIT_NOUNS[selection.unit], *by_way.followed_up)]
    unattributed = query_cache.cached_query(cases.unattributed_cases, view.scope, selection)
    if len(unattributed):
        notes.append(case_table.describe_unattributed(unattributed))
    if rows.restricted.any():
        notes.append(rate_sentences.RESTRICTED_NOTE)
    unplaced = query_cache.cached_query(counts.unplaced_effects, view.scope, selection)
    if len(unplaced):
        names = [label("side_effect", code).lower() for code in unplaced.side_effect]
        notes.append(coverage_sentences.describe_unplaced_effects(list(zip(names, unplaced.episodes, strict=True))))
    details = ["published_of", "published_unit", "published_how_asked", "published_source"]
    for (of_what, unit, how_asked, source), same in rows.groupby(details, sort=False):
        notes.append(rate_sentences.cite_published_rates(same.title, of_what, f"{unit}s", how_asked, source))
    for sentence in filter(None, notes):
        prose.draw_text(sentence, "caption")


main()
