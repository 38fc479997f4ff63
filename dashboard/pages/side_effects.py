"""How often each side effect was reported, how sure one can be, how long it lasts, beside what is published."""

from dataclasses import replace

import streamlit as st

from dashboard import drawing, loading, sentences, wording
from dashboard.figures import dot_interval
from dashboard.filters import Shown
from dashboard.labels import label
from data import explorer, queries, results
from data.explorer import Effect
from data.selection import Selection
from models import codelist

UNITS = {"treatment": "treatment", "area": "treated area", "client": "client"}
ALL = "all"


def main() -> None:
    shown: Shown = st.session_state.shown
    unit, family, compare = _choices()
    selection = replace(shown.selection, unit=unit, families=() if family == ALL else (family,))
    before = explorer.period_before(selection) if compare else None
    rows = loading.ask(explorer.effects, shown.scope, selection, before)
    overall = loading.ask(results.rates, shown.scope, selection, ())
    _headline(overall, unit)
    if not rows:
        return
    chart = dot_interval.draw([_row(row) for row in rows], unit=f"{UNITS[unit]}s")
    drawing.draw(chart, "side_effects", to_cases=_cases_of)
    _table(rows, compare)
    _notes(shown, selection, rows)


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


def _headline(overall: list[results.Rate], unit: str) -> None:
    if not overall:
        st.subheader("No treatments here.")
        return
    rate = overall[0]
    said = sentences.affected(
        rate.events,
        rate.known,
        rate.total,
        (rate.estimate, rate.low, rate.high),
        (rate.lowest, rate.highest),
        UNITS[unit],
    )
    st.subheader(said, anchor=False)
    st.caption(sentences.ASKED_DIFFERENTLY)


def _row(row: Effect) -> dot_interval.Row:
    rate, reference = row.rate, row.published
    return dot_interval.Row(
        key=f"family:{row.family}" if row.side_effect is None else f"side_effect:{row.side_effect}",
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


def _name(row: Effect) -> str:
    name = label("family", row.family) if row.side_effect is None else label("side_effect", row.side_effect)
    return f"{name}\N{NO-BREAK SPACE}*" if row.restricted else name


def _cases_of(key: str) -> dict[str, str]:
    kind, _, code = key.partition(":")
    return {kind: code}


def _table(rows: list[Effect], compared: bool) -> None:
    """What the drawing has no room for; a row opens its cases."""
    columns = {
        "Side effect": [_name(row) for row in rows],
        "With it": [wording.of(row.rate.events, row.rate.known) for row in rows],
        "Worst": [label("grade", row.worst_grade) if row.worst_grade else "not graded" for row in rows],
        "First noticed": ["" if row.onset_day is None else wording.day_number(round(row.onset_day)) for row in rows],
        "Lasts (median)": [_lasts(row) for row in rows],
        "Open": [row.duration.open if row.duration else 0 for row in rows],
        "Published": [_published(row) for row in rows],
    }
    if compared:
        columns["Change"] = [_change(row) for row in rows]
    event = st.dataframe(
        columns,
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        key="side_effects_table",
        column_config={"Published": st.column_config.TextColumn(width="large")},
        alt="Per side effect: worst grade, first noticed, how long it lasts, how many are open, what is published",
    )
    drawing.download(columns, "side_effects_details")
    if chosen := event["selection"]["rows"]:
        row = rows[chosen[0]]
        st.switch_page(
            drawing.CASES,
            query_params={"family": row.family} if row.side_effect is None else {"side_effect": row.side_effect},
        )


def _lasts(row: Effect) -> str:
    if row.duration is None:
        return ""
    if row.duration.method.startswith("Kaplan"):
        return wording.median(row.duration.median, row.duration.low, row.duration.high, row.duration.longest)
    return row.duration.method


def _published(row: Effect) -> str:
    found = row.published
    if row.side_effect is None:
        return ""
    if found is None:
        return wording.published(None)
    placebo = found.placebo_total and found.placebo_events is not None and (found.placebo_events, found.placebo_total)
    return (
        f"{wording.published(found.proportion, found.total, placebo or None)}, {found.product_as_given}, "
        f"{found.area_as_given}, dose {found.dose or 'not stated'}. {found.how_asked} {found.source}"
    )


def _change(row: Effect) -> str:
    return wording.points(*row.change) if row.change else "nothing to compare with"


def _notes(shown: Shown, selection: Selection, rows: list[Effect]) -> None:
    heard = loading.ask(queries.heard, shown.scope, selection)
    said = [sentences.asked(*(heard.get((how,), 0) for how in ("checklist", "open", "volunteered")))]
    if any(row.restricted for row in rows):
        said.append(sentences.RESTRICTED)
    if unplaced := loading.ask(queries.unplaced, shown.scope, selection):
        said.append(sentences.unplaced(unplaced))
    for sentence in said:
        st.caption(sentence)


main()
