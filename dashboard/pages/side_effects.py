"""How often each side effect was reported, how sure one can be, how long it lasts, beside what is published."""

from dataclasses import replace
from functools import partial

import pandas
import streamlit as st

from dashboard.components import case_courses, charts, data_table
from dashboard.figures import rate_intervals
from dashboard.shell import case_filters, query_cache
from dashboard.shell.case_filters import CaseFilter
from dashboard.shell.filters import PageView
from dashboard.text import coverage_sentences, formatting, rate_sentences
from dashboard.text.labels import label
from data.analysis import counts, estimates
from data.analysis.selection import Selection
from data.summaries import side_effects
from data.summaries.side_effects import SideEffectRow
from models import codelist

UNITS = {"treatment": "treatment", "area": "treated area", "client": "client"}
ALL_OPTION = "all"
ROW = ("side_effect", "family")  # the row that is open, as the address bar names it
CLOSED_KEY = "rows_closed"
INDENT = 3 * "\N{NO-BREAK SPACE}"  # of a side effect under its family, in the table
PANEL = 720  # px: the course of a row beside the page; on a telephone over it


def main() -> None:
    shown: PageView = st.session_state.shown
    unit, family, compare = _choose_options()
    selection = replace(shown.selection, unit=unit, families=() if family == ALL_OPTION else (family,))
    before = side_effects.previous_period(selection) if compare else None
    rows = query_cache.cached_query(side_effects.side_effect_rows, shown.scope, selection, before)
    overall = query_cache.cached_query(estimates.rates, shown.scope, selection, ())
    _draw_headline(overall, unit)
    if not rows:
        return
    chart = rate_intervals.draw([_row(row) for row in rows], unit=f"{UNITS[unit]}s")
    chart.figure.update_layout(meta=_times_closed())
    charts.draw_chart(chart, "side_effects", on_click=_open_row)
    _draw_table(rows, compare)
    _draw_notes(shown, selection, rows)
    _draw_course(shown, rows, UNITS[unit])


def _choose_options() -> tuple[str, str, bool]:
    first, second, third = st.columns([2, 3, 2], vertical_alignment="bottom")
    unit = first.radio(
        "Count per", list(UNITS), format_func=UNITS.get, horizontal=True, key="unit", bind="query-params"
    )
    family = second.selectbox(
        "Show",
        [ALL_OPTION, *codelist.families()],
        format_func=lambda code: "All side effects" if code == ALL_OPTION else label("family", code),
        key="family_shown",
        bind="query-params",
    )
    compare = third.toggle("Compare with the period before", key="compare", bind="query-params")
    return unit, family, compare


def _draw_headline(overall: pandas.DataFrame, unit: str) -> None:
    if overall.empty:
        st.header("No treatments here.", anchor=False)
        return
    (rate,) = overall.itertuples(index=False)
    said = rate_sentences.describe_overall_rate(
        rate.events,
        rate.followed_up,
        rate.total,
        (rate.rate, rate.low, rate.high),
        (rate.lowest, rate.highest),
        UNITS[unit],
    )
    st.header(formatting.escape_markdown(said), anchor=False)
    st.caption(rate_sentences.ASKED_DIFFERENTLY)


def _row(row: SideEffectRow) -> rate_intervals.RateRow:
    rate, reference = row.rate, row.published
    return rate_intervals.RateRow(
        key=_key(row),
        label=_name(row),
        events=rate.events,
        known=rate.followed_up,
        estimate=rate.rate,
        low=rate.low,
        high=rate.high,
        is_heading=row.side_effect is None,
        reference=reference.proportion if reference else None,
        reference_text=_published(row) if reference else "",
    )


def _key(row: SideEffectRow) -> str:
    return f"family:{row.family}" if row.side_effect is None else f"side_effect:{row.side_effect}"


def _name(row: SideEffectRow) -> str:
    return f"{_plain_name(row)}\N{NO-BREAK SPACE}*" if row.restricted else _plain_name(row)


def _plain_name(row: SideEffectRow) -> str:
    return label("family", row.family) if row.side_effect is None else label("side_effect", row.side_effect)


# One row opened: its name stands in the address bar until it is closed


def _open_row(key: str) -> None:
    chosen, _, code = key.partition(":")
    for kind in ROW:
        st.query_params.pop(kind, None)
    st.query_params[chosen] = code


def _close_row() -> None:
    for kind in ROW:
        st.query_params.pop(kind, None)
    st.session_state[CLOSED_KEY] = _times_closed() + 1


def _times_closed() -> int:
    """How often a row was closed: a chart and a table that differ by it forget what was chosen in them."""
    return st.session_state.get(CLOSED_KEY, 0)


def _draw_course(shown: PageView, rows: list[SideEffectRow], unit: str) -> None:
    asked = {kind: st.query_params.get_all(kind) for kind in ROW if kind in st.query_params}
    narrowed = case_filters.parse_case_filter(asked, partial(query_cache.load_dimension_values, shown.scope))
    if narrowed == CaseFilter():
        return
    row = next((row for row in rows if _case_filter(row) == narrowed), None)
    title = case_filters.describe_case_filter(narrowed, shown)

    @st.dialog(formatting.escape_markdown(title), width=PANEL, position="right", on_dismiss=_close_row)
    def beside() -> None:
        if row:
            st.markdown(formatting.escape_markdown(f"{_rate_sentence(row, unit)} {_published_sentence(row)}"))
        case_courses.draw_case_courses(shown, narrowed, _plain_name(row) if row else title)

    beside()


def _rate_sentence(row: SideEffectRow, unit: str) -> str:
    """ "After 50 of 1,296 treatments with known outcome, 3.9% (2.9–5.1)." """
    rate = row.rate
    if not rate.followed_up:
        return f"No {unit} with known outcome."
    said = (
        formatting.percent_interval(rate.rate, rate.low, rate.high)
        if rate.events
        else formatting.upper_limit(rate.high)
    )
    where = ", among those that included an area where it can happen" if row.restricted else ""
    return f"{formatting.n_of_m(rate.events, rate.followed_up)} {unit}s with known outcome{where}: {said}."


def _published_sentence(row: SideEffectRow) -> str:
    return f"Published: {_published(row)}." if row.side_effect else ""


def _case_filter(row: SideEffectRow) -> CaseFilter:
    return CaseFilter(family=(row.family,)) if row.side_effect is None else CaseFilter(side_effect=(row.side_effect,))


def _draw_table(rows: list[SideEffectRow], compared: bool) -> None:
    """What the drawing has no room for; a row opens its course."""
    table = {
        "Side effect": [_name(row) for row in rows],
        "Worst": [label("grade", row.worst_grade) if row.worst_grade else "not graded" for row in rows],
        "First noticed": ["" if row.onset_day is None else f"day {round(row.onset_day)}" for row in rows],
        "Lasts (median)": [_duration_text(row) for row in rows],
        "Open": [row.duration.open if row.duration else 0 for row in rows],
    }
    if compared:
        table["Change"] = [_change_text(row) for row in rows]
    alt = "Per side effect: worst grade, first noticed, how long it lasts, how many are open, what is published"

    def open_row(chosen: int | None) -> None:
        if chosen is not None:
            _open_row(_key(rows[chosen]))

    indented = [f"{INDENT}{_name(row)}" if row.side_effect else _name(row) for row in rows]
    shown = table | {"Side effect": indented, "Published": [_published_rate(row) for row in rows]}
    if compared:
        del shown["First noticed"]  # a desk has no room for it beside the change; the download keeps it
    data_table.draw_table(shown, alt, f"side_effects_table_{_times_closed()}", on_choose=open_row)
    charts.draw_download(table | {"Published": [_published(row) for row in rows]}, "side_effects_details")


def _duration_text(row: SideEffectRow) -> str:
    if row.duration is None:
        return ""
    if row.duration.method == estimates.KAPLAN_MEIER:
        return formatting.median(*estimates.median_interval(row.duration), row.duration.longest)
    return row.duration.method


def _published_rate(row: SideEffectRow) -> str:
    found = row.published
    if row.side_effect is None:
        return ""
    if found is None:
        return formatting.published_rate(None)
    placebo = found.placebo_total and found.placebo_events is not None and (found.placebo_events, found.placebo_total)
    return formatting.published_rate(found.proportion, found.total, placebo or None)


def _published(row: SideEffectRow) -> str:
    """The rate with what it is of, how it was asked for, and where it is printed."""
    found = row.published
    if found is None:
        return _published_rate(row)
    return (
        f"{_published_rate(row)}, {found.product_as_given}, {found.area_as_given}, dose {found.dose or 'not stated'}. "
        f"{found.how_asked} {found.source}"
    )


def _change_text(row: SideEffectRow) -> str:
    return formatting.points(*row.change) if row.change else "nothing to compare with"


def _draw_notes(shown: PageView, selection: Selection, rows: list[SideEffectRow]) -> None:
    heard = query_cache.cached_query(counts.followed_up_by, shown.scope, selection).set_index("heard").treatments
    said = [
        coverage_sentences.describe_how_asked(*(heard.get((how,), 0) for how in ("checklist", "open", "volunteered")))
    ]
    if any(row.restricted for row in rows):
        said.append(rate_sentences.RESTRICTED_NOTE)
    if unplaced := query_cache.cached_query(counts.count_unplaced_effects, shown.scope, selection):
        said.append(coverage_sentences.describe_unplaced_effects(unplaced))
    for sentence in (*said, *_published_sources(rows)):
        st.caption(formatting.escape_markdown(sentence))


def _published_sources(rows: list[SideEffectRow]) -> list[str]:
    """Of what, in whom and how asked for the published rates of the table are: it has room for the numbers alone."""
    alike: dict[tuple[str, ...], list[str]] = {}
    for row in rows:
        if found := row.published:
            of_what = f"{found.product_as_given}, {found.area_as_given}, dose {found.dose or 'not stated'}"
            alike.setdefault((of_what, f"{found.unit}s", found.how_asked, found.source), []).append(_plain_name(row))
    return [rate_sentences.cite_published_rates(names, *told) for told, names in alike.items()]


main()
