"""By hand: how a client is doing after a treatment, in a click or two; and a treatment, where no file brings it."""

import streamlit as st

from dashboard.forms import contact_form, form_state, treatment_form
from dashboard.forms.form_state import CLIENT, CONTACT, TREATMENT, WHAT
from dashboard.shell import navigation, query_cache
from dashboard.shell.filters import Shown
from dashboard.text import formatting
from dashboard.text.labels import label
from data.analysis import cases, treatments
from data.analysis.scope import WHOLE_CLINIC, Scope
from data.analysis.treatments import Given
from data.importing import manual_entry
from data.privacy.pseudonym_key import KeyProblem
from data.records import lookups
from data.records.lookups import Name
from models import codelist

MOST_LISTED = 8  # treatments to choose from: a contact is about a recent one


def main() -> None:
    shown: Shown | None = st.session_state.shown
    scope = shown.scope if shown else WHOLE_CLINIC
    what = CONTACT
    if shown:
        usual = None if WHAT in st.session_state else CONTACT  # a form that was stored may have said what comes next
        what = st.segmented_control("What", [CONTACT, TREATMENT], default=usual, key=WHAT, required=True,
                                    bind="query-params", label_visibility="collapsed")  # fmt: skip
    form_state.outcome()
    with st.container(horizontal=True, vertical_alignment="top", gap="small"):
        form_state.ask_who()
        source = form_state.ask_source(new=True)
        number = st.text_input("Client number", key=CLIENT, width=220, placeholder="Never stored")
        if not shown or what == TREATMENT:
            form_state.beside("client")
    if not shown or what == TREATMENT:
        st.subheader("A treatment", anchor=False)
        treatment_form.draw(scope, source, number, _own(scope, source, number) if shown and number else [])
    else:
        _contact(scope, source, number)


def _contact(scope: Scope, source: str, number: str) -> None:
    named = st.query_params.get("treatment", "")
    if number:
        found = _own(scope, source, number)
        if not found:
            st.markdown("No treatment of this client is on record that this viewer may see.")
            return
    elif named.isdecimal() and len(named) <= 9:
        found = _named(query_cache.ask(treatments.treatment, scope, int(named)))
    else:
        st.caption("Type the client's number and press Enter: the treatments appear, the latest chosen.")
        return
    if not found:
        st.markdown("This treatment is not on record, or this viewer may not see it.")
        return
    given, name = _chosen(found)
    _so_far(given)
    when = contact_form.contact(scope, "contact")
    contact_form.quick(given, name, when, "contact")
    own = query_cache.ask(cases.cases_of, scope, given.client)
    if own:
        st.subheader("Side effects on record: how are they now?", anchor=False)
        called = query_cache.read(lookups.names, "side_effects", tuple(case.number for case in own))
        contact_form.earlier(own, called, when)
    contact_form.side_effect(given, name, when)


def _own(scope: Scope, source: str, number: str) -> list[tuple[Given, Name]]:
    """The treatments of the client with this number, latest first."""
    try:
        client = query_cache.read(lookups.client_of, manual_entry.client_key(query_cache.records(), source, number))
    except KeyProblem as problem:
        st.error(formatting.as_text(str(problem)))
        return []
    return _named(query_cache.ask(treatments.treatments_of, scope, client)) if client else []


def _named(found: list[Given]) -> list[tuple[Given, Name]]:
    names = query_cache.read(lookups.names, "treatments", tuple(given.treatment for given in found))
    return [(given, names[given.treatment]) for given in found]


def _chosen(found: list[tuple[Given, Name]]) -> tuple[Given, Name]:
    """The treatment that the contact is about: the latest, unless another is chosen."""
    if len(found) == 1:
        return found[0]
    number = st.radio(
        "About which treatment?",
        range(min(len(found), MOST_LISTED)),
        format_func=lambda n: formatting.as_text(form_state.told(found[n][0])),
        key=f"about_{found[0][0].client}",
    )
    return found[number or 0]


def _so_far(given: Given) -> None:
    """The treatment, and what was heard after it."""
    products = formatting.listing(label("product", product) for product in given.products)
    st.markdown(formatting.as_text(f"{form_state.told(given)}{f', {products}' if products else ''}."))
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        contacts = query_cache.read(lookups.contacts_about, (given.treatment,))
        for told in contacts:
            how = codelist.outcomes()[told.outcome].label.lower()
            asked = f", {form_state.ASKED(told.asked).lower()}" if told.asked else ""
            text = formatting.as_text(f"{formatting.day(told.date)}: {how}{asked}")
            navigation.link("corrections", text, icon=":material/edit:", kind="follow_ups", number=str(told.number))
        if not contacts:
            st.caption("Nobody has asked yet.")
        navigation.link("corrections", "Correct the treatment", icon=":material/edit:", kind="treatments",
                   number=str(given.treatment))  # fmt: skip


main()
