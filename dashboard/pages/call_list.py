"""Whom to call now, with buttons that log the answer: sorted by most open questions."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from dashboard import theme
from dashboard.components import case_table, data_table, downloads
from dashboard.forms import call_list_workbook, contact_form, form_state
from dashboard.forms.contact_form import QUICK_ANSWERS, ContactDetails
from dashboard.shell import navigation, prose, query_cache
from dashboard.shell.filters import PageView
from dashboard.text import call_sentences, case_sentences, formatting
from dashboard.text.labels import list_labels
from data.analysis import cases
from data.analysis.cases import Case
from data.analysis.frames import as_rows
from data.analysis.treatments import TreatmentRow
from data.importing import manual_entry
from data.records import lookups
from data.records.lookups import SourceRef
from data.records.repository import sources_with_treatments
from data.summaries import call_list

MAX_LISTED = 300  # far more than a morning's work; the rest is counted, and in the file
AREAS = {"areas": st.column_config.TextColumn("Areas", width=245)}  # px: the space left beside the buttons
EFFECT_COLUMNS = [
    "side_effect", "area", "status", "red_flag", "onset", "last_contact", "treated_on", "visit_or_invoice",
    "site_practitioner", "case",
]  # fmt: skip
URGENCY_LABELS = {call_list.DUE: "Due", call_list.OVERDUE: "Overdue"}


def main() -> None:
    view: PageView = st.session_state.shown
    due, overdue = query_cache.cached_query(call_list.count_due_and_overdue, view.scope, view.selection)
    open_effects, _ = query_cache.cached_query(cases.count_open, view.scope, view.selection)
    prose.draw_text(call_sentences.describe_open_work(due, overdue, open_effects), "header")
    form_state.show_save_result()
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        form_state.ask_user()
        first, *_ = titles = call_sentences.LISTS
        chosen = st.segmented_control("List", titles, default=first, required=True, key="calls",
                                      bind="query-params", label_visibility="collapsed")  # fmt: skip
    contact = contact_form.draw_contact_details(view.scope, "call", "phone")
    if chosen == first:
        _draw_treatments(view, due + overdue, contact)
    else:
        _draw_effects(view, open_effects, contact)
    sources = query_cache.cached_lookup(sources_with_treatments)
    with st.container(horizontal=True, gap="small"):
        for source in sources:
            of_source = "" if len(sources) == 1 else formatting.escape_markdown(f" of {source}")
            log = query_cache.deferred_query(call_list_workbook.build_workbook, view.scope, view.selection, source)
            name = downloads.file_name("call list", "xlsx", view.selection)
            downloads.button(f"Follow-up log of this list{of_source}", log, name, key=f"log_of_{source}")
    st.caption("Fill in the log and import it on the Import page. Rows that you leave unchanged change nothing.")


def _draw_treatments(view: PageView, total: int, contact: ContactDetails) -> None:
    calls = query_cache.cached_query(call_list.call_list, view.scope, view.selection, MAX_LISTED)
    if calls.empty:
        st.markdown("No treatment is due for a call.")
        return
    names = query_cache.cached_lookup(lookups.source_refs, "treatments", tuple(calls.number.tolist()))
    card = st.container(border=True)
    prose.draw_text(call_sentences.explain_order(call_sentences.TREATMENT_ORDER, len(calls), total), "caption")
    key = f"calls_{query_cache.current_revision()}"  # a second click must not hit the next row of a changed list
    rows = as_rows(calls)
    buttons = {
        f"log_{outcome}": st.column_config.ButtonColumn(
            answer, type="tertiary", key=f"{key}_{outcome}", on_click=_save_answer,
            args=[f"{key}_{outcome}", rows, names, contact, answer],
        )
        for answer, (outcome, _) in QUICK_ANSWERS.items()
    }  # fmt: skip
    table = pd.DataFrame(
        {
            "treated_on": calls.date,
            "visit_or_invoice": [form_state.source_number(names[row.number]) for row in rows],
            **{f"log_{outcome}": answer for answer, (outcome, _) in QUICK_ANSWERS.items()},
            "status": calls.urgency.map(URGENCY_LABELS),
            "areas": calls.areas.map(partial(list_labels, "area")),
            "site_practitioner": [case_table.site_and_practitioner(row) for row in rows],
        }
    )
    alt = "One row per treatment to ask about; a row opens above, a button in it logs the answer"
    chosen = _choose_row(table, alt, key, [form_state.describe_treatment(row) for row in rows], buttons | AREAS)
    call = rows[chosen or 0]
    name = names[call.number]
    with card:
        text = call_sentences.describe_call(form_state.describe_treatment(call), form_state.source_number(name))
        st.markdown(f"**{'Next to call' if chosen is None else 'Chosen'}**: {formatting.escape_markdown(text)}")
        prose.draw_text(call_sentences.explain_call(call.open_questions, call.attempts, call.last_attempt), "caption")
        contact_form.draw_quick_answers(call, name, contact, "call")
        navigation.draw_link("new_record", "Report a side effect", treatment=str(call.number))


def _save_answer(
    key: str, calls: Sequence[TreatmentRow], names: dict[int, SourceRef], contact: ContactDetails, answer: str
) -> None:
    call = calls[st.session_state[key]["row"]]
    contact_form.save_quick_answer(call, names[call.number], contact, answer, manual_entry.new_id())


def _draw_effects(view: PageView, total: int, contact: ContactDetails) -> None:
    found = query_cache.cached_query(call_list.open_side_effects, view.scope, view.selection, MAX_LISTED)
    if found.empty:
        st.markdown("No side effect is open.")
        return
    listed = as_rows(found, Case)
    names = query_cache.cached_lookup(lookups.source_refs, "side_effects", tuple(case.number for case in listed))
    visits = form_state.source_numbers([case.treatment for case in listed])
    card = st.container(border=True)
    prose.draw_text(call_sentences.explain_order(call_sentences.SIDE_EFFECT_ORDER, len(listed), total), "caption")
    table = case_table.case_table(found).assign(
        last_contact=found.heard_from,
        status=np.where(found.seen_later, "Seen later, no answer", "Open"),
        visit_or_invoice=visits,
    )[EFFECT_COLUMNS]
    alt, key = "One row per open side effect; a row opens above", f"open_{query_cache.current_revision()}"
    chosen = _choose_row(table, alt, key, list(table.side_effect + ", " + table.area))
    case = listed[chosen or 0]
    treated = case_sentences.describe_where_treated(
        case.treated_on, case.site, case.practitioner, case.attribution, case.aside
    )
    call = call_sentences.describe_call(treated, visits[chosen or 0])
    with card:
        text = formatting.escape_markdown(f"{contact_form.case_summary(case)} {call}")
        st.markdown(f"**{'Next to call' if chosen is None else 'Chosen'}**: {text}")
        contact_form.draw_status_buttons(case, names[case.number], contact, "open")


def _choose_row(
    table: pd.DataFrame, alt: str, key: str, names: Sequence[str], columns: Mapping[str, Any] = data_table.NO_COLUMNS
) -> int | None:
    """The chosen row or None: from the table, or by name on a phone, which has no room for a table."""
    with st.container(key=f"{theme.TELEPHONE}_{key}"):
        rows = range(len(names))
        named = st.selectbox(
            "Another one", rows, None, key=f"named_{key}", format_func=names.__getitem__, placeholder="Choose"
        )
    with st.container(key=f"{theme.DESK}_{key}"):
        row = data_table.draw_table(table, alt, key, choose=True, columns=columns)
    return named if row is None else row


main()
