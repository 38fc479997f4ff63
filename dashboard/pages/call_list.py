"""Whom to call now, and the answer logged with a click: the treatment whose answer settles most stands on top."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from dashboard import (
    begun_log,
    contact_form,
    downloads,
    entering,
    grid,
    links,
    listing,
    loading,
    sentences,
    theme,
    wording,
)
from dashboard.contact_form import QUICK, Contact
from dashboard.filters import Shown
from dashboard.labels import label
from data import calls, entry, on_record
from data.calls import Call
from data.cases import Case
from data.on_record import Name

TREATMENTS, EFFECTS = "Treatments to ask about", "Side effects to ask about again"
MOST_LISTED = 300  # a morning's work is far less; the rest is counted, and in the file
AREAS = {"Areas": st.column_config.TextColumn(width=245)}  # px: what is left beside the buttons
STATE = {calls.DUE: "Due", calls.OVERDUE: "Overdue"}


def main() -> None:
    shown: Shown = st.session_state.shown
    due, overdue = loading.ask(calls.due_and_overdue, shown.scope, shown.selection)
    open_ = loading.ask(calls.how_many_open, shown.scope, shown.selection)
    st.header(wording.as_text(sentences.to_ask(due, overdue, open_)), anchor=False)
    entering.outcome()
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        entering.ask_who()
        what = st.segmented_control("List", [TREATMENTS, EFFECTS], default=TREATMENTS, required=True, key="calls",
                                    bind="query-params", label_visibility="collapsed")  # fmt: skip
    when = contact_form.contact(shown.scope, "call", "phone")
    if what == TREATMENTS:
        _treatments(shown, due + overdue, when)
    else:
        _effects(shown, open_, when)
    _files(shown)


# Treatments


def _treatments(shown: Shown, among: int, when: Contact) -> None:
    listed = loading.ask(calls.to_call, shown.scope, shown.selection, MOST_LISTED)
    if not listed:
        st.markdown("Nobody is due.")
        return
    names = loading.read(on_record.names, "treatments", tuple(call.given.treatment for call in listed))
    card = st.container(border=True)
    st.caption(wording.as_text(sentences.in_which_order(len(listed), among)))
    key = f"calls_{loading.revision()}"  # a second click on a list that has moved on must not hit the next one
    log = {
        f"Log {outcome}": st.column_config.ButtonColumn(
            said, type="tertiary", key=f"{key}_{outcome}", on_click=_log,
            args=[f"{key}_{outcome}", listed, names, when, said],
        )
        for said, (outcome, _) in QUICK.items()
    }  # fmt: skip
    table = {
        "Treated": [call.given.date for call in listed],
        entering.VISIT: [entering.findable(names[call.given.treatment]) for call in listed],
        **{f"Log {outcome}": [said] * len(listed) for said, (outcome, _) in QUICK.items()},
        "State": [STATE[call.state] for call in listed],
        "Areas": [", ".join(label("area", area) for area in call.given.areas) for call in listed],
        listing.AT_BY: [listing.at_by(call.given) for call in listed],
    }
    alt = "One row per treatment to ask about; a row opens above, a button in it logs the answer"
    chosen = _chosen(table, alt, key, log | AREAS, lambda row: entering.told(listed[row].given))
    with card:
        _card(listed[chosen or 0], names, when, "Next to call" if chosen is None else "Chosen")


def _card(call: Call, names: dict[int, Name], when: Contact, title: wording.Markdown) -> None:
    given, name = call.given, names[call.given.treatment]
    st.markdown(f"**{title}**: {wording.as_text(sentences.a_call(entering.told(given), entering.findable(name)))}")
    st.caption(wording.as_text(sentences.why_call(call.settles, call.tried, call.last_tried)))
    contact_form.quick(given, name, when, "call")
    links.link("new_record", "Something to report", icon=":material/arrow_forward:", treatment=str(given.treatment))


def _log(key: str, listed: Sequence[Call], names: dict[int, Name], when: Contact, said: str) -> None:
    given = listed[st.session_state[key]["row"]].given
    contact_form.log(given, names[given.treatment], when, said, entry.new_id())


# Side effects


def _effects(shown: Shown, among: int, when: Contact) -> None:
    listed = loading.ask(calls.still_open, shown.scope, shown.selection, MOST_LISTED)
    if not listed:
        st.markdown("No side effect is open.")
        return
    names = loading.read(on_record.names, "side_effects", tuple(case.number for case in listed))
    visits = loading.read(on_record.names, "treatments", tuple(case.treatment for case in listed))
    card = st.container(border=True)
    st.caption(wording.as_text(sentences.oldest_on_top(len(listed), among)))
    key = f"open_{loading.revision()}"
    table = {
        "Side effect": [label("side_effect", case.side_effect) for case in listed],
        "Area": [listing.where(case) for case in listed],
        "Red flag": [listing.RED_FLAGS.get(case.red_flag, "") for case in listed],
        "First noticed": [case.onset for case in listed],
        "Last heard": [case.until for case in listed],
        "Treated": [case.treated_on for case in listed],
        entering.VISIT: [entering.findable(visits[case.treatment]) for case in listed],
        listing.AT_BY: [listing.at_by(case) for case in listed],
        "Case": [case.number for case in listed],
    }
    alt = "One row per side effect not known to be over; a row opens above"
    chosen = _chosen(table, alt, key, {}, lambda row: f"{table['Side effect'][row]}, {table['Area'][row]}")
    case = listed[chosen or 0]
    with card:
        st.markdown(f"**{'Next to call' if chosen is None else 'Chosen'}**: {wording.as_text(_about(case, visits))}")
        contact_form.note(case, names[case.number], when, "open")


def _about(case: Case, visits: dict[int, Name]) -> str:
    where = sentences.a_call(sentences.treated(case.treated_on, case.site, case.practitioner), "")
    number = entering.findable(visits[case.treatment])
    return f"{contact_form.in_a_line(case)} {where}{f' Visit or invoice {number}.' if number else ''}"


# Which of them


def _chosen(
    table: Mapping[str, Sequence[Any]], alt: str, key: str, columns: Mapping[str, Any], told: Callable[[int], str]
) -> int | None:
    """The row that is chosen, None without one: in the table, or on a telephone, which has no room for one, by name."""
    with st.container(key=f"{theme.TELEPHONE}_{key}"):
        rows = range(len(next(iter(table.values()))))
        named = st.selectbox("Another one", rows, None, key=f"named_{key}", format_func=told, placeholder="Choose")
    with st.container(key=f"{theme.DESK}_{key}"):
        row = grid.draw(table, alt, key, choose=True, columns=columns)
    return named if row is None else row


# To work on away from the screen


def _files(shown: Shown) -> None:
    sources = loading.read(on_record.sources_with_treatments)
    with st.container(horizontal=True, gap="small"):
        for source in sources:
            which = "" if len(sources) == 1 else wording.as_text(f" of {source}")
            log = loading.later(begun_log.workbook, shown.scope, shown.selection, source)
            name = downloads.file_name("call list", "xlsx", shown.selection)
            downloads.button(f"Follow-up log of this list{which}", log, name, key=f"log_of_{source}")
    st.caption("Fill it in and bring it in on the Import page: lines that stay as they are change nothing.")


main()
