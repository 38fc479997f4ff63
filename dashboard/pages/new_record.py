"""By hand: how a client is doing after a treatment, in a click or two; and a treatment, where no file brings it."""

import streamlit as st

from dashboard.forms import contact_form, form_state, treatment_form
from dashboard.forms.form_state import CLIENT_KEY, CONTACT_ENTRY, ENTRY_KIND_KEY, TREATMENT_ENTRY
from dashboard.shell import navigation, query_cache
from dashboard.shell.filters import PageView
from dashboard.text import formatting
from dashboard.text.labels import label
from data.analysis import cases, treatments
from data.analysis.scope import WHOLE_CLINIC, Scope
from data.analysis.treatments import TreatmentRow
from data.importing import manual_entry
from data.privacy.pseudonym_key import PseudonymKeyError
from data.records import lookups
from data.records.lookups import SourceRef
from models import codelist

MAX_LISTED = 8  # treatments to choose from: a contact is about a recent one


def main() -> None:
    shown: PageView | None = st.session_state.shown
    scope = shown.scope if shown else WHOLE_CLINIC
    what = CONTACT_ENTRY
    if shown:
        usual = (
            None if ENTRY_KIND_KEY in st.session_state else CONTACT_ENTRY
        )  # a form that was stored may have said what comes next
        what = st.segmented_control("What", [CONTACT_ENTRY, TREATMENT_ENTRY], default=usual, key=ENTRY_KIND_KEY,
                                    required=True, bind="query-params", label_visibility="collapsed")  # fmt: skip
    form_state.show_save_result()
    with st.container(horizontal=True, vertical_alignment="top", gap="small"):
        form_state.ask_user()
        source = form_state.choose_source(new=True)
        number = st.text_input("Client number", key=CLIENT_KEY, width=220, placeholder="Never stored")
        if not shown or what == TREATMENT_ENTRY:
            form_state.show_field_errors("client")
    if not shown or what == TREATMENT_ENTRY:
        st.subheader("A treatment", anchor=False)
        treatment_form.draw_treatment_form(
            scope, source, number, _client_treatments(scope, source, number) if shown and number else []
        )
    else:
        _draw_contact_entry(scope, source, number)


def _draw_contact_entry(scope: Scope, source: str, number: str) -> None:
    named = st.query_params.get("treatment", "")
    if number:
        found = _client_treatments(scope, source, number)
        if not found:
            st.markdown("No treatment of this client is on record that this viewer may see.")
            return
    elif named.isdecimal() and len(named) <= 9:
        found = _with_source_refs(query_cache.cached_query(treatments.find_treatment, scope, int(named)))
    else:
        st.caption("Type the client's number and press Enter: the treatments appear, the latest chosen.")
        return
    if not found:
        st.markdown("This treatment is not on record, or this viewer may not see it.")
        return
    given, name = _choose_treatment(found)
    _draw_history(given)
    when = contact_form.draw_contact_details(scope, "contact")
    contact_form.draw_quick_answers(given, name, when, "contact")
    own = query_cache.cached_query(cases.client_cases, scope, given.client)
    if own:
        st.subheader("Side effects on record: how are they now?", anchor=False)
        called = query_cache.cached_lookup(lookups.source_refs, "side_effects", tuple(case.number for case in own))
        contact_form.draw_earlier_effects(own, called, when)
    contact_form.draw_side_effect_form(given, name, when)


def _client_treatments(scope: Scope, source: str, number: str) -> list[tuple[TreatmentRow, SourceRef]]:
    """The treatments of the client with this number, latest first."""
    try:
        client = query_cache.cached_lookup(
            lookups.find_client, manual_entry.client_key(query_cache.open_records(), source, number)
        )
    except PseudonymKeyError as problem:
        st.error(formatting.escape_markdown(str(problem)))
        return []
    return _with_source_refs(query_cache.cached_query(treatments.client_treatments, scope, client)) if client else []


def _with_source_refs(found: list[TreatmentRow]) -> list[tuple[TreatmentRow, SourceRef]]:
    names = query_cache.cached_lookup(lookups.source_refs, "treatments", tuple(given.number for given in found))
    return [(given, names[given.number]) for given in found]


def _choose_treatment(found: list[tuple[TreatmentRow, SourceRef]]) -> tuple[TreatmentRow, SourceRef]:
    """The treatment that the contact is about: the latest, unless another is chosen."""
    if len(found) == 1:
        return found[0]
    number = st.radio(
        "About which treatment?",
        range(min(len(found), MAX_LISTED)),
        format_func=lambda n: formatting.escape_markdown(form_state.describe_treatment(found[n][0])),
        key=f"about_{found[0][0].client}",
    )
    return found[number or 0]


def _draw_history(given: TreatmentRow) -> None:
    """The treatment, and what was heard after it."""
    products = formatting.join_words(label("product", product) for product in given.products)
    st.markdown(
        formatting.escape_markdown(f"{form_state.describe_treatment(given)}{f', {products}' if products else ''}.")
    )
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        contacts = query_cache.cached_lookup(lookups.follow_ups_of, (given.number,))
        for told in contacts:
            how = codelist.outcomes()[told.outcome].label.lower()
            asked = f", {form_state.HOW_ASKED_LABEL(told.asked).lower()}" if told.asked else ""
            text = formatting.escape_markdown(f"{formatting.day(told.date)}: {how}{asked}")
            navigation.draw_link(
                "corrections", text, icon=":material/edit:", kind="follow_ups", number=str(told.number)
            )
        if not contacts:
            st.caption("Nobody has asked yet.")
        navigation.draw_link("corrections", "Correct the treatment", icon=":material/edit:", kind="treatments",
                   number=str(given.number))  # fmt: skip


main()
