"""A contact about a treatment: nothing to report, not reached, a side effect, or how an earlier one stands now."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import streamlit as st

from dashboard.components import case_table
from dashboard.forms import form_state
from dashboard.shell import navigation, query_cache
from dashboard.text import formatting
from dashboard.text.labels import STATE_LABELS, label
from data.analysis.cases import Case
from data.analysis.scope import Scope
from data.analysis.treatments import TreatmentRow
from data.as_of import as_of_date
from data.importing import corrections, manual_entry
from data.importing.corrections import RecordVersion
from data.records import lookups
from data.records.lookups import SourceRef
from data.summaries import call_list
from models import codelist

FORM = "contact"
SIDES = ("left", "right", "both", "midline")
GRADES = ("mild", "moderate", "severe")
QUICK_ANSWERS = {  # what one click says of a contact -> (how it ended, what is said when it is stored)
    "Nothing to report": ("done", "nothing to report"),
    "Not reached": ("not_reached", "not reached"),
    "Declined": ("declined", "declined to tell"),
}


@dataclass(frozen=True)
class ContactDetails:
    """When and how the client was contacted."""

    date: date
    method: str | None
    how_asked: str | None

    def to_row(self, treatment: str, outcome: str, id_: str) -> dict[str, Any]:
        """A line of the template's follow-ups."""
        asked = self.how_asked if outcome == "done" else None
        told = {"date": self.date, "method": self.method, "outcome": outcome, "asked": asked}
        return {"follow_up_id": id_, "treatment_id": treatment, **told}


def draw_contact_details(scope: Scope, key: str, method: str | None = None) -> ContactDetails:
    """When and how: today, and as this clinic mostly does (by this `method`, where one is usual on the page)."""
    method, asked = query_cache.cached_query(call_list.most_common_contact_method, scope, method)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        day = st.date_input("Day of the contact", as_of_date(), max_value=as_of_date(), key=f"{key}_date",
                            format="DD/MM/YYYY", width=160, persist_state="session")  # fmt: skip
        how = st.segmented_control("How", list(codelist.methods()), default=method, format_func=form_state.METHOD_LABEL,
                                   key=f"{key}_method", persist_state="session")  # fmt: skip
        way = st.segmented_control("Asked", form_state.HOW_ASKED, default=asked, format_func=form_state.HOW_ASKED_LABEL,
                                   key=f"{key}_asked", persist_state="session")  # fmt: skip
    form_state.show_field_errors("date", FORM)
    return ContactDetails(day, how, way)


def draw_quick_answers(treatment: TreatmentRow, name: SourceRef, contact: ContactDetails, key: str) -> None:
    """One click each: nothing to report, not reached, declined."""
    with st.container(horizontal=True, gap="small"):
        for said, (outcome, _) in QUICK_ANSWERS.items():
            st.button(
                said, key=f"{key}_{outcome}_{treatment.number}", type="primary" if outcome == "done" else "secondary",
                on_click=save_quick_answer, args=[treatment, name, contact, said, manual_entry.new_id()],
            )  # fmt: skip


def save_quick_answer(treatment: TreatmentRow, name: SourceRef, contact: ContactDetails, answer: str, id_: str) -> None:
    """Stores such a contact. `id_`: made when the button was drawn, so that a second click on it changes nothing."""
    outcome, words = QUICK_ANSWERS[answer]
    there = _completed_follow_up_id(treatment, contact) if outcome == "done" else None
    lines = {"follow_ups": [contact.to_row(name.source_id, outcome, id_)]}
    if there:
        form_state.report_unchanged()
        return
    form_state.save_form_rows(
        FORM,
        name.source,
        lines,
        f"Stored: {words} on {formatting.day(contact.date)}. {form_state.describe_treatment(treatment)}.",
    )


def _completed_follow_up_id(given: TreatmentRow, when: ContactDetails) -> str | None:
    """The id of a completed contact of that day, where one is on record: nobody is asked twice in one call."""
    contacts = query_cache.cached_lookup(lookups.follow_ups_of, (given.number,))
    same = (told for told in contacts if (told.outcome, told.date) == ("done", when.date))
    return next((told.name.source_id for told in same), None)


# A side effect


def draw_side_effect_form(treatment: TreatmentRow, name: SourceRef, contact: ContactDetails) -> None:
    """The form of a side effect told at this contact. What was found has no default."""
    turn = st.session_state.get("effect_turn", 0)
    keys = {field: f"effect_{field}_{treatment.number}_{turn}" for field in EFFECT_FIELDS}
    with st.form(f"effect_{treatment.number}", border=True):
        st.markdown("**A side effect was told**")
        first, second = st.columns(2), st.columns(3)
        with first[0]:
            _draw_select("Side effect", "side_effect", keys, list(codelist.side_effects()), "side_effect")
        with first[1]:
            placed = form_state.order_codes(
                codelist.areas(), [area for area in treatment.areas if area in codelist.areas()]
            )
            _draw_select("Area", "area", keys, placed, "area", "Where known")
        with second[0]:
            st.segmented_control(
                "How it is on that day", list(STATE_LABELS), format_func=STATE_LABELS.get, key=keys["state"]
            )
            form_state.show_field_errors("state", FORM)
            form_state.show_field_errors("status_date", FORM)
        with second[1]:
            st.segmented_control("Grade", GRADES, format_func=str.capitalize, key=keys["grade"])
            form_state.show_field_errors("grade", FORM)
        with second[2]:
            st.segmented_control("Side", SIDES, format_func=str.capitalize, key=keys["side"])
        third = st.columns(3)
        with third[0]:
            st.text_input("First noticed", key=keys["onset"], placeholder="31 March 2026, or March 2026")
            form_state.show_field_errors("onset", FORM)
        with third[1]:
            st.date_input("Last day it was there", None, max_value=as_of_date(), key=keys["last_day"],
                          format="DD/MM/YYYY", help="If it is gone and the client can tell")  # fmt: skip
            form_state.show_field_errors("last_day", FORM)
        with third[2]:
            st.checkbox("The client told it without being asked", key=keys["volunteered"])
        _draw_more_fields(keys)
        ids = (manual_entry.new_id(), manual_entry.new_id(), manual_entry.new_id())
        st.form_submit_button(
            "Store the side effect",
            type="primary",
            on_click=_save_side_effect,
            args=[treatment, name, contact, keys, ids],
        )


REPORTED_FIELDS = ("side_effect", "area", "side", "state", "grade", "onset", "last_day", "words")
EFFECT_FIELDS = (*REPORTED_FIELDS, "volunteered", "advised", "used", "serious")


def _draw_more_fields(keys: dict[str, str]) -> None:
    with st.expander("Remedies, reasons that make it serious, the client's words"):
        for field, title in (("advised", "Advised"), ("used", "Used by the client")):
            st.multiselect(title, list(codelist.remedies()), format_func=form_state.label_function(codelist.remedies),
                           key=keys[field], placeholder="None")  # fmt: skip
        st.multiselect("Serious because of", list(codelist.serious_reasons()), key=keys["serious"],
                       format_func=form_state.label_function(codelist.serious_reasons),
                       placeholder="Not serious")  # fmt: skip
        st.text_area("In the client's words, without names", key=keys["words"], max_chars=1_000)
        form_state.show_field_errors("words", FORM)


def _draw_select(
    title: formatting.Markdown, field: str, keys: dict[str, str], codes: list[str], dimension: str, empty: str = ""
) -> None:
    st.selectbox(title, codes, index=None, key=keys[field], placeholder=empty or "Choose",
                 format_func=lambda code: label(dimension, code))  # fmt: skip
    form_state.show_field_errors(field, FORM)


def _save_side_effect(
    given: TreatmentRow, name: SourceRef, when: ContactDetails, keys: dict[str, str], ids: tuple[str, str, str]
) -> None:
    told = {field: st.session_state.get(key) for field, key in keys.items()}
    follow_up, effect, note = ids
    line = {
        "effect_id": effect,
        "treatment_id": name.source_id,
        "came_to_light": "volunteered" if told["volunteered"] else "asked",
        "status_id": note,
        "status_date": when.date,
        "serious": tuple(told["serious"] or ()) or None,
        **{field: told[field] or None for field in REPORTED_FIELDS},
    }
    remedies = [
        {"effect_id": effect, "remedy": code, "kind": kind} for kind in ("advised", "used") for code in told[kind] or ()
    ]
    asked = not told["volunteered"] and not _completed_follow_up_id(given, when)
    contacts = [when.to_row(name.source_id, "done", follow_up)] if asked else []
    lines = {"follow_ups": contacts, "side_effects": [line], "remedies": remedies}
    name_of = label("side_effect", told["side_effect"]) if told["side_effect"] else ""
    if form_state.save_form_rows(
        FORM, name.source, lines, f"Stored: {name_of}. {form_state.describe_treatment(given)}."
    ):
        st.session_state["effect_turn"] = st.session_state.get("effect_turn", 0) + 1


# How an earlier one stands


def draw_earlier_effects(cases: list[Case], names: dict[int, SourceRef], contact: ContactDetails) -> None:
    """The side effects of a client: of those still open, what one click says of each now."""
    for case in sorted(cases, key=lambda case: case.ended):
        with st.container(border=True):
            st.markdown(formatting.escape_markdown(case_summary(case)))
            if case.ended:
                _draw_correct_link(case)
            else:
                draw_status_buttons(case, names[case.number], contact, "earlier")


def draw_status_buttons(case: Case, name: SourceRef, contact: ContactDetails, key: str) -> None:
    """Still there, gone or not sure, on the day of the contact; the grade and the last day beside it, where told."""
    keys = {field: f"{key}_{field}_{case.number}" for field in ("grade", "last_day")}
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        for state, said in STATE_LABELS.items():
            st.button(said, key=f"{key}_{state}_{case.number}", on_click=save_status,
                      args=[case, name, contact, state, manual_entry.new_id(), keys])  # fmt: skip
        with st.popover("Grade, last day"):
            st.segmented_control("Grade on that day", GRADES, format_func=str.capitalize, key=keys["grade"])
            st.date_input("Last day it was there", None, max_value=as_of_date(), key=keys["last_day"],
                          format="DD/MM/YYYY")  # fmt: skip
        _draw_correct_link(case)
    form_state.show_field_errors("status_date", f"note {case.number}")
    form_state.show_field_errors("last_day", f"note {case.number}")


def _draw_correct_link(case: Case) -> None:
    navigation.draw_link("corrections", "Correct", icon=":material/edit:", kind="side_effects", number=str(case.number))


def save_status(
    case: Case, name: SourceRef, contact: ContactDetails, state: str, id_: str, keys: dict[str, str] | None = None
) -> None:
    """Stores how a side effect stands."""
    read: RecordVersion | None = query_cache.cached_lookup(
        corrections.read_version, name.source, "side_effects", name.source_id
    )
    if read is None:
        return
    beside = {field: st.session_state.get(key) or None for field, key in (keys or {}).items()}
    line = corrections.effect_identity(read) | {"status_id": id_, "status_date": contact.date, "state": state} | beside
    said = (
        f"Stored: {label('side_effect', case.side_effect)}, {STATE_LABELS[state].lower()} on "
        f"{formatting.day(contact.date)}."
    )
    form_state.save_form_rows(f"note {case.number}", name.source, {"side_effects": [line]}, said)


def case_summary(case: Case) -> str:
    """ "Eyelid ptosis, Glabella, left: open, 12 days at the last contact. Case 17." """
    if case.days is None:  # the day it began was not told
        course = "over" if case.ended else "open"
    else:
        days = formatting.days(case.days)
        course = f"over after {days}" if case.ended else f"open, {days} at the last contact"
    name, where = label("side_effect", case.side_effect), case_table.area_label(case).lower()
    return f"{name}, {where if case.area else 'area not told'}: {course}. Case {case.number}."
