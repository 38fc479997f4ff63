"""Whom to call now, and the answer logged with a click: the treatment whose answer settles most stands on top."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from dashboard import theme
from dashboard.components import case_table, data_table, downloads
from dashboard.forms import call_list_workbook, contact_form, form_state
from dashboard.forms.contact_form import QUICK, Contact
from dashboard.shell import navigation, query_cache
from dashboard.shell.filters import Shown
from dashboard.text import call_sentences, case_sentences, formatting
from dashboard.text.labels import label
from data.analysis.cases import Case
from data.importing import manual_entry
from data.records import lookups
from data.records.lookups import Name
from data.summaries import call_list
from data.summaries.call_list import Call

TREATMENTS, EFFECTS = "Treatments to ask about", "Side effects to ask about again"
MOST_LISTED = 300  # a morning's work is far less; the rest is counted, and in the file
AREAS = {"Areas": st.column_config.TextColumn(width=245)}  # px: what is left beside the buttons
STATE = {call_list.DUE: "Due", call_list.OVERDUE: "Overdue"}


def main() -> None:
    shown: Shown = st.session_state.shown
    due, overdue = query_cache.ask(call_list.due_and_overdue, shown.scope, shown.selection)
    open_ = query_cache.ask(call_list.how_many_open, shown.scope, shown.selection)
    st.header(formatting.as_text(call_sentences.to_ask(due, overdue, open_)), anchor=False)
    form_state.outcome()
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        form_state.ask_who()
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
    listed = query_cache.ask(call_list.to_call, shown.scope, shown.selection, MOST_LISTED)
    if not listed:
        st.markdown("Nobody is due.")
        return
    names = query_cache.read(lookups.names, "treatments", tuple(call.given.treatment for call in listed))
    card = st.container(border=True)
    st.caption(formatting.as_text(call_sentences.in_which_order(len(listed), among)))
    key = f"calls_{query_cache.revision()}"  # a second click on a list that has moved on must not hit the next one
    log = {
        f"Log {outcome}": st.column_config.ButtonColumn(
            said, type="tertiary", key=f"{key}_{outcome}", on_click=_log,
            args=[f"{key}_{outcome}", listed, names, when, said],
        )
        for said, (outcome, _) in QUICK.items()
    }  # fmt: skip
    table = {
        "Treated": [call.given.date for call in listed],
        form_state.VISIT: [form_state.findable(names[call.given.treatment]) for call in listed],
        **{f"Log {outcome}": [said] * len(listed) for said, (outcome, _) in QUICK.items()},
        "State": [STATE[call.state] for call in listed],
        "Areas": [", ".join(label("area", area) for area in call.given.areas) for call in listed],
        case_table.AT_BY: [case_table.at_by(call.given) for call in listed],
    }
    alt = "One row per treatment to ask about; a row opens above, a button in it logs the answer"
    chosen = _chosen(table, alt, key, log | AREAS, lambda row: form_state.told(listed[row].given))
    with card:
        _card(listed[chosen or 0], names, when, "Next to call" if chosen is None else "Chosen")


def _card(call: Call, names: dict[int, Name], when: Contact, title: formatting.Markdown) -> None:
    given, name = call.given, names[call.given.treatment]
    st.markdown(
        f"**{title}**: {formatting.as_text(call_sentences.a_call(form_state.told(given), form_state.findable(name)))}"
    )
    st.caption(formatting.as_text(call_sentences.why_call(call.settles, call.tried, call.last_tried)))
    contact_form.quick(given, name, when, "call")
    navigation.link(
        "new_record", "Something to report", icon=":material/arrow_forward:", treatment=str(given.treatment)
    )


def _log(key: str, listed: Sequence[Call], names: dict[int, Name], when: Contact, said: str) -> None:
    given = listed[st.session_state[key]["row"]].given
    contact_form.log(given, names[given.treatment], when, said, manual_entry.new_id())


# Side effects


def _effects(shown: Shown, among: int, when: Contact) -> None:
    listed = query_cache.ask(call_list.still_open, shown.scope, shown.selection, MOST_LISTED)
    if not listed:
        st.markdown("No side effect is open.")
        return
    names = query_cache.read(lookups.names, "side_effects", tuple(case.number for case in listed))
    visits = query_cache.read(lookups.names, "treatments", tuple(case.treatment for case in listed))
    card = st.container(border=True)
    st.caption(formatting.as_text(call_sentences.oldest_on_top(len(listed), among)))
    key = f"open_{query_cache.revision()}"
    table = {
        "Side effect": [label("side_effect", case.side_effect) for case in listed],
        "Area": [case_table.where(case) for case in listed],
        "Red flag": [case_table.RED_FLAGS.get(case.red_flag, "") for case in listed],
        "First noticed": [case.onset for case in listed],
        "Last heard": [case.until for case in listed],
        "Treated": [case.treated_on for case in listed],
        form_state.VISIT: [form_state.findable(visits[case.treatment]) for case in listed],
        case_table.AT_BY: [case_table.at_by(case) for case in listed],
        "Case": [case.number for case in listed],
    }
    alt = "One row per side effect not known to be over; a row opens above"
    chosen = _chosen(table, alt, key, {}, lambda row: f"{table['Side effect'][row]}, {table['Area'][row]}")
    case = listed[chosen or 0]
    with card:
        st.markdown(f"**{'Next to call' if chosen is None else 'Chosen'}**: {formatting.as_text(_about(case, visits))}")
        contact_form.note(case, names[case.number], when, "open")


def _about(case: Case, visits: dict[int, Name]) -> str:
    where = call_sentences.a_call(case_sentences.treated(case.treated_on, case.site, case.practitioner), "")
    number = form_state.findable(visits[case.treatment])
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
        row = data_table.draw(table, alt, key, choose=True, columns=columns)
    return named if row is None else row


# To work on away from the screen


def _files(shown: Shown) -> None:
    sources = query_cache.read(lookups.sources_with_treatments)
    with st.container(horizontal=True, gap="small"):
        for source in sources:
            which = "" if len(sources) == 1 else formatting.as_text(f" of {source}")
            log = query_cache.later(call_list_workbook.workbook, shown.scope, shown.selection, source)
            name = downloads.file_name("call list", "xlsx", shown.selection)
            downloads.button(f"Follow-up log of this list{which}", log, name, key=f"log_of_{source}")
    st.caption("Fill it in and bring it in on the Import page: lines that stay as they are change nothing.")


main()
