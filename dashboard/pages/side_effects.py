"""How often each side effect was reported, how sure one can be, how long it lasts, beside what is published."""

from dataclasses import replace
from functools import partial

import streamlit as st

from dashboard.components import case_courses, charts, data_table
from dashboard.figures import rate_intervals
from dashboard.shell import case_filters, query_cache
from dashboard.shell.case_filters import Narrowing
from dashboard.shell.filters import Shown
from dashboard.text import coverage_sentences, formatting, rate_sentences
from dashboard.text.labels import label
from data.analysis import counts, estimates
from data.analysis.selection import Selection
from data.summaries import side_effects
from data.summaries.side_effects import Effect
from models import codelist

UNITS = {"treatment": "treatment", "area": "treated area", "client": "client"}
ALL = "all"
ROW = ("side_effect", "family")  # the row that is open, as the address bar names it
CLOSED = "rows_closed"
INDENT = 3 * "\N{NO-BREAK SPACE}"  # of a side effect under its family, in the table
PANEL = 720  # px: the course of a row beside the page; on a telephone over it


def main() -> None:
    shown: Shown = st.session_state.shown
    unit, family, compare = _choices()
    selection = replace(shown.selection, unit=unit, families=() if family == ALL else (family,))
    before = side_effects.period_before(selection) if compare else None
    rows = query_cache.ask(side_effects.effects, shown.scope, selection, before)
    overall = query_cache.ask(estimates.rates, shown.scope, selection, ())
    _headline(overall, unit)
    if not rows:
        return
    chart = rate_intervals.draw([_row(row) for row in rows], unit=f"{UNITS[unit]}s")
    chart.figure.update_layout(meta=_closed())
    charts.draw(chart, "side_effects", on_mark=_open)
    _table(rows, compare)
    _notes(shown, selection, rows)
    _course(shown, rows, UNITS[unit])


def _choices() -> tuple[str, str, bool]:
    first, second, third = st.columns([2, 3, 2], vertical_alignment="bottom")
    unit = first.radio(
        "Count per", list(UNITS), format_func=UNITS.get, horizontal=True, key="unit", bind="query-params"
    )
    family = second.selectbox(
        "Show",
        [ALL, *codelist.families()],
        format_func=lambda code: "All side effects" if code == ALL else label("family", code),
        key="family_shown",
        bind="query-params",
    )
    compare = third.toggle("Compare with the period before", key="compare", bind="query-params")
    return unit, family, compare


def _headline(overall: list[estimates.Rate], unit: str) -> None:
    if not overall:
        st.header("No treatments here.", anchor=False)
        return
    rate = overall[0]
    said = rate_sentences.affected(
        rate.events,
        rate.known,
        rate.total,
        (rate.estimate, rate.low, rate.high),
        (rate.lowest, rate.highest),
        UNITS[unit],
    )
    st.header(formatting.as_text(said), anchor=False)
    st.caption(rate_sentences.ASKED_DIFFERENTLY)


def _row(row: Effect) -> rate_intervals.Row:
    rate, reference = row.rate, row.published
    return rate_intervals.Row(
        key=_key(row),
        label=_name(row),
        events=rate.events,
        known=rate.known,
        estimate=rate.estimate,
        low=rate.low,
        high=rate.high,
        heading=row.side_effect is None,
        reference=reference.proportion if reference else None,
        reference_says=_published(row) if reference else "",
    )


def _key(row: Effect) -> str:
    return f"family:{row.family}" if row.side_effect is None else f"side_effect:{row.side_effect}"


def _name(row: Effect) -> str:
    return f"{_plain_name(row)}\N{NO-BREAK SPACE}*" if row.restricted else _plain_name(row)


def _plain_name(row: Effect) -> str:
    return label("family", row.family) if row.side_effect is None else label("side_effect", row.side_effect)


# One row opened: its name stands in the address bar until it is closed


def _open(key: str) -> None:
    chosen, _, code = key.partition(":")
    for kind in ROW:
        st.query_params.pop(kind, None)
    st.query_params[chosen] = code


def _close() -> None:
    for kind in ROW:
        st.query_params.pop(kind, None)
    st.session_state[CLOSED] = _closed() + 1


def _closed() -> int:
    """How often a row was closed: a chart and a table that differ by it forget what was chosen in them."""
    return st.session_state.get(CLOSED, 0)


def _course(shown: Shown, rows: list[Effect], unit: str) -> None:
    asked = {kind: st.query_params.get_all(kind) for kind in ROW if kind in st.query_params}
    narrowed = case_filters.read(asked, partial(query_cache.values, shown.scope))
    if narrowed == Narrowing():
        return
    row = next((row for row in rows if _narrowing(row) == narrowed), None)
    title = case_filters.in_words(narrowed, shown)

    @st.dialog(formatting.as_text(title), width=PANEL, position="right", on_dismiss=_close)
    def beside() -> None:
        if row:
            st.markdown(formatting.as_text(f"{_rate(row, unit)} {_beside_published(row)}"))
        case_courses.draw(shown, narrowed, _plain_name(row) if row else title)

    beside()


def _rate(row: Effect, unit: str) -> str:
    """ "After 50 of 1,296 treatments with known outcome, 3.9 % (2.9–5.1)." """
    rate = row.rate
    if not rate.known:
        return f"No {unit} with known outcome."
    said = (
        formatting.percent_interval(rate.estimate, rate.low, rate.high)
        if rate.events
        else formatting.at_most(rate.high)
    )
    where = ", among those that included an area where it can happen" if row.restricted else ""
    return f"{formatting.of(rate.events, rate.known)} {unit}s with known outcome{where}: {said}."


def _beside_published(row: Effect) -> str:
    return f"Published: {_published(row)}." if row.side_effect else ""


def _narrowing(row: Effect) -> Narrowing:
    return Narrowing(family=(row.family,)) if row.side_effect is None else Narrowing(side_effect=(row.side_effect,))


def _table(rows: list[Effect], compared: bool) -> None:
    """What the drawing has no room for; a row opens its course."""
    table = {
        "Side effect": [_name(row) for row in rows],
        "Worst": [label("grade", row.worst_grade) if row.worst_grade else "not graded" for row in rows],
        "First noticed": ["" if row.onset_day is None else f"day {round(row.onset_day)}" for row in rows],
        "Lasts (median)": [_lasts(row) for row in rows],
        "Open": [row.duration.open if row.duration else 0 for row in rows],
    }
    if compared:
        table["Change"] = [_change(row) for row in rows]
    alt = "Per side effect: worst grade, first noticed, how long it lasts, how many are open, what is published"

    def open_row(chosen: int | None) -> None:
        if chosen is not None:
            _open(_key(rows[chosen]))

    indented = [f"{INDENT}{_name(row)}" if row.side_effect else _name(row) for row in rows]
    shown = table | {"Side effect": indented, "Published": [_published_rate(row) for row in rows]}
    if compared:
        del shown["First noticed"]  # a desk has no room for it beside the change; the download keeps it
    data_table.draw(shown, alt, f"side_effects_table_{_closed()}", on_choose=open_row)
    charts.download(table | {"Published": [_published(row) for row in rows]}, "side_effects_details")


def _lasts(row: Effect) -> str:
    if row.duration is None:
        return ""
    if row.duration.method.startswith("Kaplan"):
        return formatting.median(row.duration.median, row.duration.low, row.duration.high, row.duration.longest)
    return row.duration.method


def _published_rate(row: Effect) -> str:
    found = row.published
    if row.side_effect is None:
        return ""
    if found is None:
        return formatting.published(None)
    placebo = found.placebo_total and found.placebo_events is not None and (found.placebo_events, found.placebo_total)
    return formatting.published(found.proportion, found.total, placebo or None)


def _published(row: Effect) -> str:
    """The rate with what it is of, how it was asked for, and where it is printed."""
    found = row.published
    if found is None:
        return _published_rate(row)
    return (
        f"{_published_rate(row)}, {found.product_as_given}, {found.area_as_given}, dose {found.dose or 'not stated'}. "
        f"{found.how_asked} {found.source}"
    )


def _change(row: Effect) -> str:
    return formatting.points(*row.change) if row.change else "nothing to compare with"


def _notes(shown: Shown, selection: Selection, rows: list[Effect]) -> None:
    heard = query_cache.ask(counts.heard, shown.scope, selection)
    said = [coverage_sentences.asked(*(heard.get((how,), 0) for how in ("checklist", "open", "volunteered")))]
    if any(row.restricted for row in rows):
        said.append(rate_sentences.RESTRICTED)
    if unplaced := query_cache.ask(counts.unplaced, shown.scope, selection):
        said.append(coverage_sentences.unplaced(unplaced))
    for sentence in (*said, *_how_published(rows)):
        st.caption(formatting.as_text(sentence))


def _how_published(rows: list[Effect]) -> list[str]:
    """Of what, in whom and how asked for the published rates of the table are: it has room for the numbers alone."""
    alike: dict[tuple[str, ...], list[str]] = {}
    for row in rows:
        if found := row.published:
            of_what = f"{found.product_as_given}, {found.area_as_given}, dose {found.dose or 'not stated'}"
            alike.setdefault((of_what, f"{found.unit}s", found.how_asked, found.source), []).append(_plain_name(row))
    return [rate_sentences.published(names, *told) for told, names in alike.items()]


main()
