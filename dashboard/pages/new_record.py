"""Manual entry: how a client is doing after a treatment, in a click or two; and a treatment that no file brings."""

import pandas as pd
import streamlit as st

from dashboard.forms import contact_form, form_state, treatment_form
from dashboard.forms.form_state import CLIENT_KEY, CONTACT_ENTRY, ENTRY_KIND_KEY, TREATMENT_ENTRY
from dashboard.shell import navigation, prose, query_cache
from dashboard.shell.filters import PageView
from dashboard.text import formatting
from dashboard.text.labels import label
from data.analysis import cases, treatments
from data.analysis.frames import as_rows
from data.analysis.scope import WHOLE_CLINIC, Scope
from data.analysis.treatments import TreatmentRow
from data.importing import manual_entry
from data.privacy.pseudonym_key import PseudonymKeyError
from data.records import lookups
from data.records.lookups import SourceRef
from models import codelist

MAX_LISTED = 8  # treatments to choose from: a contact is about a recent one

NamedTreatments = list[tuple[TreatmentRow, SourceRef]]


def main() -> None:
    view: PageView | None = st.session_state.shown
    scope = view.scope if view else WHOLE_CLINIC
    entry = CONTACT_ENTRY
    if view:
        default = None if ENTRY_KIND_KEY in st.session_state else CONTACT_ENTRY  # a saved form may have chosen the next
        entry = st.segmented_control("Entry", [CONTACT_ENTRY, TREATMENT_ENTRY], default=default, key=ENTRY_KIND_KEY,
                                     required=True, bind="query-params", label_visibility="collapsed")  # fmt: skip
    is_treatment = not view or entry == TREATMENT_ENTRY
    form_state.show_save_result()
    with st.container(horizontal=True, vertical_alignment="top", gap="small"):
        form_state.ask_user()
        source = form_state.choose_source(new=True)
        number = st.text_input("Client number", key=CLIENT_KEY, width=220, placeholder="Never stored")
        if is_treatment:
            form_state.show_field_errors(None, "client")
    if is_treatment:
        st.subheader("A treatment", anchor=False)
        earlier = _client_treatments(scope, source, number) if view and number else []
        treatment_form.draw_treatment_form(scope, source, number, earlier)
    else:
        _draw_contact_entry(scope, source, number)


def _draw_contact_entry(scope: Scope, source: str, number: str) -> None:
    linked = st.query_params.get("treatment", "")
    if number:
        named = _client_treatments(scope, source, number)
        if not named:
            st.markdown("No treatment of this client is on record that this viewer may see.")
            return
    elif linked.isdecimal() and len(linked) <= 9:
        named = _with_source_refs(query_cache.cached_query(treatments.find_treatment, scope, int(linked)))
    else:
        st.caption("Type the client's number and press Enter. The latest treatment is chosen.")
        return
    if not named:
        st.markdown("This treatment is not on record, or this viewer may not see it.")
        return
    chosen = None
    if len(named) > 1:
        chosen = st.radio(
            "About which treatment?",
            range(min(len(named), MAX_LISTED)),
            format_func=lambda n: formatting.escape_markdown(form_state.describe_treatment(named[n][0])),
            key=f"about_{named[0][0].client}",
        )
    treatment, name = named[chosen or 0]
    _draw_follow_ups(treatment)
    contact = contact_form.draw_contact_details(scope, "contact")
    contact_form.draw_quick_answers(treatment, name, contact, "contact")
    effects = as_rows(query_cache.cached_query(cases.client_cases, scope, treatment.client), cases.Case)
    if effects:
        st.subheader("Side effects on record: what is their status now?", anchor=False)
        numbers = tuple(case.number for case in effects)
        names = query_cache.cached_lookup(lookups.source_refs, "side_effects", numbers)
        contact_form.draw_earlier_effects(effects, names, contact)
    contact_form.draw_side_effect_form(treatment, name, contact)


def _client_treatments(scope: Scope, source: str, number: str) -> NamedTreatments:
    """The treatments of the client with this number, the latest first."""
    try:
        key = manual_entry.client_key(query_cache.open_records(), source, number)
    except PseudonymKeyError as problem:
        st.error(formatting.escape_markdown(str(problem)))
        return []
    client = query_cache.cached_lookup(lookups.find_client, key)
    return _with_source_refs(query_cache.cached_query(treatments.client_treatments, scope, client)) if client else []


def _with_source_refs(found: pd.DataFrame) -> NamedTreatments:
    rows = as_rows(found, TreatmentRow)
    names = query_cache.cached_lookup(lookups.source_refs, "treatments", tuple(row.number for row in rows))
    return [(row, names[row.number]) for row in rows]


def _draw_follow_ups(treatment: TreatmentRow) -> None:
    """The treatment and its follow-ups, each with a link to correct it."""
    products = formatting.join_words(label("product", product) for product in treatment.products)
    prose.draw_text(f"{form_state.describe_treatment(treatment)}{f', {products}' if products else ''}.")
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        follow_ups = query_cache.cached_lookup(lookups.follow_ups_of, treatment.number)
        for follow_up in follow_ups:
            outcome = codelist.outcomes()[follow_up.outcome].label.lower()
            asked = f", {form_state.HOW_ASKED_LABEL(follow_up.asked).lower()}" if follow_up.asked else ""
            text = f"{formatting.day(follow_up.date)}: {outcome}{asked}"
            navigation.link_to_correction(formatting.escape_markdown(text), follow_up.number, "follow_ups")
        if not follow_ups:
            st.caption("No follow-up yet.")
        navigation.link_to_correction("Correct the treatment", treatment.number)


main()
