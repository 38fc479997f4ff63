"""Whom to call now, and the answer logged with a click: the treatment whose answer settles most stands on top."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from dashboard import theme
from dashboard.components import case_table, data_table, downloads
from dashboard.forms import call_list_workbook, contact_form, form_state
from dashboard.forms.contact_form import QUICK_ANSWERS, ContactDetails
from dashboard.shell import navigation, query_cache
from dashboard.shell.filters import PageView
from dashboard.text import call_sentences, case_sentences, formatting
from dashboard.text.labels import label
from data.analysis.cases import Case
from data.importing import manual_entry
from data.records import lookups
from data.records.lookups import SourceRef
from data.summaries import call_list
from data.summaries.call_list import Call

TREATMENTS, EFFECTS = "Treatments to ask about", "Side effects to ask about again"
MAX_LISTED = 300  # a morning's work is far less; the rest is counted, and in the file
AREAS = {"Areas": st.column_config.TextColumn(width=245)}  # px: what is left beside the buttons
STATE = {call_list.DUE: "Due", call_list.OVERDUE: "Overdue"}


def main() -> None:
    shown: PageView = st.session_state.shown
    due, overdue = query_cache.cached_query(call_list.count_due_and_overdue, shown.scope, shown.selection)
    open_ = query_cache.cached_query(call_list.count_open_side_effects, shown.scope, shown.selection)
    st.header(formatting.escape_markdown(call_sentences.describe_open_work(due, overdue, open_)), anchor=False)
    form_state.show_save_result()
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        form_state.ask_user()
        what = st.segmented_control("List", [TREATMENTS, EFFECTS], default=TREATMENTS, required=True, key="calls",
                                    bind="query-params", label_visibility="collapsed")  # fmt: skip
    when = contact_form.draw_contact_details(shown.scope, "call", "phone")
    if what == TREATMENTS:
        _draw_treatments(shown, due + overdue, when)
    else:
        _draw_effects(shown, open_, when)
    _draw_downloads(shown)


# Treatments


def _draw_treatments(shown: PageView, among: int, when: ContactDetails) -> None:
    listed = query_cache.cached_query(call_list.call_list, shown.scope, shown.selection, MAX_LISTED)
    if not listed:
        st.markdown("Nobody is due.")
        return
    names = query_cache.cached_lookup(
        lookups.source_refs, "treatments", tuple(call.treatment.number for call in listed)
    )
    card = st.container(border=True)
    st.caption(formatting.escape_markdown(call_sentences.explain_treatment_order(len(listed), among)))
    # A second click on a list that has moved on must not hit the next one.
    key = f"calls_{query_cache.current_revision()}"
    log = {
        f"Log {outcome}": st.column_config.ButtonColumn(
            said, type="tertiary", key=f"{key}_{outcome}", on_click=_save_answer,
            args=[f"{key}_{outcome}", listed, names, when, said],
        )
        for said, (outcome, _) in QUICK_ANSWERS.items()
    }  # fmt: skip
    table = {
        "Treated": [call.treatment.date for call in listed],
        form_state.VISIT: [form_state.source_number(names[call.treatment.number]) for call in listed],
        **{f"Log {outcome}": [said] * len(listed) for said, (outcome, _) in QUICK_ANSWERS.items()},
        "State": [STATE[call.urgency] for call in listed],
        "Areas": [", ".join(label("area", area) for area in call.treatment.areas) for call in listed],
        case_table.SITE_PRACTITIONER: [case_table.site_and_practitioner(call.treatment) for call in listed],
    }
    alt = "One row per treatment to ask about; a row opens above, a button in it logs the answer"
    chosen = _choose_row(table, alt, key, log | AREAS, lambda row: form_state.describe_treatment(listed[row].treatment))
    with card:
        _draw_card(listed[chosen or 0], names, when, "Next to call" if chosen is None else "Chosen")


def _draw_card(call: Call, names: dict[int, SourceRef], when: ContactDetails, title: formatting.Markdown) -> None:
    given, name = call.treatment, names[call.treatment.number]
    words = call_sentences.describe_call(form_state.describe_treatment(given), form_state.source_number(name))
    st.markdown(f"**{title}**: {formatting.escape_markdown(words)}")
    st.caption(
        formatting.escape_markdown(call_sentences.explain_call(call.open_questions, call.attempts, call.last_attempt))
    )
    contact_form.draw_quick_answers(given, name, when, "call")
    navigation.draw_link(
        "new_record", "Something to report", icon=":material/arrow_forward:", treatment=str(given.number)
    )


def _save_answer(
    key: str, listed: Sequence[Call], names: dict[int, SourceRef], when: ContactDetails, said: str
) -> None:
    treatment = listed[st.session_state[key]["row"]].treatment
    contact_form.save_quick_answer(treatment, names[treatment.number], when, said, manual_entry.new_id())


# Side effects


def _draw_effects(shown: PageView, among: int, when: ContactDetails) -> None:
    listed = query_cache.cached_query(call_list.open_side_effects, shown.scope, shown.selection, MAX_LISTED)
    if not listed:
        st.markdown("No side effect is open.")
        return
    names = query_cache.cached_lookup(lookups.source_refs, "side_effects", tuple(case.number for case in listed))
    visits = query_cache.cached_lookup(lookups.source_refs, "treatments", tuple(case.treatment for case in listed))
    card = st.container(border=True)
    st.caption(formatting.escape_markdown(call_sentences.explain_side_effect_order(len(listed), among)))
    key = f"open_{query_cache.current_revision()}"
    table = {
        "Side effect": [label("side_effect", case.side_effect) for case in listed],
        "Area": [case_table.area_label(case) for case in listed],
        "Red flag": [case_table.RED_FLAGS.get(case.red_flag, "") for case in listed],
        "First noticed": [case.onset for case in listed],
        "Last heard": [case.until for case in listed],
        "Treated": [case.treated_on for case in listed],
        form_state.VISIT: [form_state.source_number(visits[case.treatment]) for case in listed],
        case_table.SITE_PRACTITIONER: [case_table.site_and_practitioner(case) for case in listed],
        "Case": [case.number for case in listed],
    }
    alt = "One row per side effect not known to be over; a row opens above"
    chosen = _choose_row(table, alt, key, {}, lambda row: f"{table['Side effect'][row]}, {table['Area'][row]}")
    case = listed[chosen or 0]
    with card:
        st.markdown(
            f"**{'Next to call' if chosen is None else 'Chosen'}**: "
            f"{formatting.escape_markdown(_case_text(case, visits))}"
        )
        contact_form.draw_status_buttons(case, names[case.number], when, "open")


def _case_text(case: Case, visits: dict[int, SourceRef]) -> str:
    where = call_sentences.describe_call(
        case_sentences.describe_where_treated(case.treated_on, case.site, case.practitioner), ""
    )
    number = form_state.source_number(visits[case.treatment])
    return f"{contact_form.case_summary(case)} {where}{f' Visit or invoice {number}.' if number else ''}"


# Which of them


def _choose_row(
    table: Mapping[str, Sequence[Any]], alt: str, key: str, columns: Mapping[str, Any], told: Callable[[int], str]
) -> int | None:
    """The row that is chosen, None without one: in the table, or on a telephone, which has no room for one, by name."""
    with st.container(key=f"{theme.TELEPHONE}_{key}"):
        rows = range(len(next(iter(table.values()))))
        named = st.selectbox("Another one", rows, None, key=f"named_{key}", format_func=told, placeholder="Choose")
    with st.container(key=f"{theme.DESK}_{key}"):
        row = data_table.draw_table(table, alt, key, choose=True, columns=columns)
    return named if row is None else row


# To work on away from the screen


def _draw_downloads(shown: PageView) -> None:
    sources = query_cache.cached_lookup(lookups.sources_with_treatments)
    with st.container(horizontal=True, gap="small"):
        for source in sources:
            which = "" if len(sources) == 1 else formatting.escape_markdown(f" of {source}")
            log = query_cache.deferred_query(call_list_workbook.build_workbook, shown.scope, shown.selection, source)
            name = downloads.file_name("call list", "xlsx", shown.selection)
            downloads.button(f"Follow-up log of this list{which}", log, name, key=f"log_of_{source}")
    st.caption("Fill it in and bring it in on the Import page: lines that stay as they are change nothing.")


main()
