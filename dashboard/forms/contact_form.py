"""A contact about a treatment: nothing to report, not reached, a side effect, or how an earlier one stands now."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import streamlit as st

from dashboard.components import case_table
from dashboard.forms import form_state
from dashboard.shell import navigation, query_cache
from dashboard.text import formatting
from dashboard.text.labels import STATES, label
from data.analysis.cases import Case
from data.analysis.scope import Scope
from data.analysis.treatments import Given
from data.as_of import as_of_date
from data.importing import manual_entry
from data.importing.manual_entry import AsRead
from data.records import lookups
from data.records.lookups import Name
from data.summaries import call_list
from models import codelist

FORM = "contact"
SIDES = ("left", "right", "both", "midline")
GRADES = ("mild", "moderate", "severe")
QUICK = {  # what one click says of a contact -> (how it ended, what is said when it is stored)
    "Nothing to report": ("done", "nothing to report"),
    "Not reached": ("not_reached", "not reached"),
    "Declined": ("declined", "declined to tell"),
}


@dataclass(frozen=True)
class Contact:
    """When and how the client was contacted."""

    date: date
    method: str | None
    asked: str | None

    def line(self, treatment: str, outcome: str, id_: str) -> dict[str, Any]:
        """A line of the template's follow-ups."""
        asked = self.asked if outcome == "done" else None
        told = {"date": self.date, "method": self.method, "outcome": outcome, "asked": asked}
        return {"follow_up_id": id_, "treatment_id": treatment, **told}


def contact(scope: Scope, key: str, method: str | None = None) -> Contact:
    """When and how: today, and as this clinic mostly does (by this `method`, where one is usual on the page)."""
    method, asked = query_cache.ask(call_list.usual_way, scope, method)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        day = st.date_input("Day of the contact", as_of_date(), max_value=as_of_date(), key=f"{key}_date",
                            format="DD/MM/YYYY", width=160, persist_state="session")  # fmt: skip
        how = st.segmented_control("How", list(codelist.methods()), default=method, format_func=form_state.METHOD,
                                   key=f"{key}_method", persist_state="session")  # fmt: skip
        way = st.segmented_control("Asked", form_state.HOW_ASKED, default=asked, format_func=form_state.ASKED,
                                   key=f"{key}_asked", persist_state="session")  # fmt: skip
    form_state.beside("date", FORM)
    return Contact(day, how, way)


def quick(given: Given, name: Name, when: Contact, key: str) -> None:
    """One click each: nothing to report, not reached, declined."""
    with st.container(horizontal=True, gap="small"):
        for said, (outcome, _) in QUICK.items():
            st.button(
                said, key=f"{key}_{outcome}_{given.treatment}", type="primary" if outcome == "done" else "secondary",
                on_click=log, args=[given, name, when, said, manual_entry.new_id()],
            )  # fmt: skip


def log(given: Given, name: Name, when: Contact, said: str, id_: str) -> None:
    """Stores such a contact. `id_`: made when the button was drawn, so that a second click on it changes nothing."""
    outcome, words = QUICK[said]
    there = _reached(given, when) if outcome == "done" else None
    lines = {"follow_ups": [when.line(name.source_id, outcome, id_)]}
    if there:
        form_state.already()
        return
    form_state.save(
        FORM, name.source, lines, f"Stored: {words} on {formatting.day(when.date)}. {form_state.told(given)}."
    )


def _reached(given: Given, when: Contact) -> str | None:
    """The id of a completed contact of that day, where one is on record: nobody is asked twice in one call."""
    contacts = query_cache.read(lookups.contacts_about, (given.treatment,))
    same = (told for told in contacts if (told.outcome, told.date) == ("done", when.date))
    return next((told.name.source_id for told in same), None)


# A side effect


def side_effect(given: Given, name: Name, when: Contact) -> None:
    """The form of a side effect told at this contact. What was found has no default."""
    turn = st.session_state.get("effect_turn", 0)
    keys = {field: f"effect_{field}_{given.treatment}_{turn}" for field in FIELDS}
    with st.form(f"effect_{given.treatment}", border=True):
        st.markdown("**A side effect was told**")
        first, second = st.columns(2), st.columns(3)
        with first[0]:
            _select("Side effect", "side_effect", keys, list(codelist.side_effects()), "side_effect")
        with first[1]:
            placed = form_state.options(codelist.areas(), [area for area in given.areas if area in codelist.areas()])
            _select("Area", "area", keys, placed, "area", "Where known")
        with second[0]:
            st.segmented_control("How it is on that day", list(STATES), format_func=STATES.get, key=keys["state"])
            form_state.beside("state", FORM)
            form_state.beside("status_date", FORM)
        with second[1]:
            st.segmented_control("Grade", GRADES, format_func=str.capitalize, key=keys["grade"])
            form_state.beside("grade", FORM)
        with second[2]:
            st.segmented_control("Side", SIDES, format_func=str.capitalize, key=keys["side"])
        third = st.columns(3)
        with third[0]:
            st.text_input("First noticed", key=keys["onset"], placeholder="31 March 2026, or March 2026")
            form_state.beside("onset", FORM)
        with third[1]:
            st.date_input("Last day it was there", None, max_value=as_of_date(), key=keys["last_day"],
                          format="DD/MM/YYYY", help="If it is gone and the client can tell")  # fmt: skip
            form_state.beside("last_day", FORM)
        with third[2]:
            st.checkbox("The client told it without being asked", key=keys["volunteered"])
        _more(keys)
        ids = (manual_entry.new_id(), manual_entry.new_id(), manual_entry.new_id())
        st.form_submit_button(
            "Store the side effect", type="primary", on_click=_store, args=[given, name, when, keys, ids]
        )


AS_TOLD = ("side_effect", "area", "side", "state", "grade", "onset", "last_day", "words")
FIELDS = (*AS_TOLD, "volunteered", "advised", "used", "serious")


def _more(keys: dict[str, str]) -> None:
    with st.expander("Remedies, reasons that make it serious, the client's words"):
        for field, title in (("advised", "Advised"), ("used", "Used by the client")):
            st.multiselect(title, list(codelist.remedies()), format_func=form_state.labelled(codelist.remedies),
                           key=keys[field], placeholder="None")  # fmt: skip
        st.multiselect("Serious because of", list(codelist.serious_reasons()), key=keys["serious"],
                       format_func=form_state.labelled(codelist.serious_reasons),
                       placeholder="Not serious")  # fmt: skip
        st.text_area("In the client's words, without names", key=keys["words"], max_chars=1_000)
        form_state.beside("words", FORM)


def _select(
    title: formatting.Markdown, field: str, keys: dict[str, str], codes: list[str], dimension: str, empty: str = ""
) -> None:
    st.selectbox(title, codes, index=None, key=keys[field], placeholder=empty or "Choose",
                 format_func=lambda code: label(dimension, code))  # fmt: skip
    form_state.beside(field, FORM)


def _store(given: Given, name: Name, when: Contact, keys: dict[str, str], ids: tuple[str, str, str]) -> None:
    told = {field: st.session_state.get(key) for field, key in keys.items()}
    follow_up, effect, note = ids
    line = {
        "effect_id": effect,
        "treatment_id": name.source_id,
        "came_to_light": "volunteered" if told["volunteered"] else "asked",
        "status_id": note,
        "status_date": when.date,
        "serious": tuple(told["serious"] or ()) or None,
        **{field: told[field] or None for field in AS_TOLD},
    }
    remedies = [
        {"effect_id": effect, "remedy": code, "kind": kind} for kind in ("advised", "used") for code in told[kind] or ()
    ]
    asked = not told["volunteered"] and not _reached(given, when)
    contacts = [when.line(name.source_id, "done", follow_up)] if asked else []
    lines = {"follow_ups": contacts, "side_effects": [line], "remedies": remedies}
    name_of = label("side_effect", told["side_effect"]) if told["side_effect"] else ""
    if form_state.save(FORM, name.source, lines, f"Stored: {name_of}. {form_state.told(given)}."):
        st.session_state["effect_turn"] = st.session_state.get("effect_turn", 0) + 1


# How an earlier one stands


def earlier(found: list[Case], names: dict[int, Name], when: Contact) -> None:
    """The side effects of a client: of those still open, what one click says of each now."""
    for case in sorted(found, key=lambda case: case.ended):
        with st.container(border=True):
            st.markdown(formatting.as_text(in_a_line(case)))
            if case.ended:
                _correct(case)
            else:
                note(case, names[case.number], when, "earlier")


def note(case: Case, name: Name, when: Contact, key: str) -> None:
    """Still there, gone or not sure, on the day of the contact; the grade and the last day beside it, where told."""
    keys = {field: f"{key}_{field}_{case.number}" for field in ("grade", "last_day")}
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        for state, said in STATES.items():
            st.button(said, key=f"{key}_{state}_{case.number}", on_click=stand,
                      args=[case, name, when, state, manual_entry.new_id(), keys])  # fmt: skip
        with st.popover("Grade, last day"):
            st.segmented_control("Grade on that day", GRADES, format_func=str.capitalize, key=keys["grade"])
            st.date_input("Last day it was there", None, max_value=as_of_date(), key=keys["last_day"],
                          format="DD/MM/YYYY")  # fmt: skip
        _correct(case)
    form_state.beside("status_date", f"note {case.number}")
    form_state.beside("last_day", f"note {case.number}")


def _correct(case: Case) -> None:
    navigation.link("corrections", "Correct", icon=":material/edit:", kind="side_effects", number=str(case.number))


def stand(case: Case, name: Name, when: Contact, state: str, id_: str, keys: dict[str, str] | None = None) -> None:
    """Stores how a side effect stands."""
    read: AsRead | None = query_cache.read(manual_entry.as_read, name.source, "side_effects", name.source_id)
    if read is None:
        return
    beside = {field: st.session_state.get(key) or None for field, key in (keys or {}).items()}
    line = manual_entry.which(read) | {"status_id": id_, "status_date": when.date, "state": state} | beside
    said = f"Stored: {label('side_effect', case.side_effect)}, {STATES[state].lower()} on {formatting.day(when.date)}."
    form_state.save(f"note {case.number}", name.source, {"side_effects": [line]}, said)


def in_a_line(case: Case) -> str:
    """ "Eyelid ptosis, Glabella, left: open, 12 days at the last contact. Case 17." """
    if case.days is None:  # the day it began was not told
        course = "over" if case.ended else "open"
    else:
        days = formatting.days(case.days)
        course = f"over after {days}" if case.ended else f"open, {days} at the last contact"
    name, where = label("side_effect", case.side_effect), case_table.where(case).lower()
    return f"{name}, {where if case.area else 'area not told'}: {course}. Case {case.number}."
