"""A contact about a treatment: nothing to report, not reached, a new side effect, or the status of an earlier one."""

from dataclasses import dataclass
from datetime import date
from functools import partial
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
from data.records import lookups
from data.records.lookups import SourceRef
from data.schema.template import GRADE_WORDS, SIDES
from data.summaries import call_list
from models import codelist

FORM = "contact"
QUICK_ANSWERS = {  # button -> (outcome, the words of the message)
    "Nothing to report": ("done", "nothing to report"),
    "Not reached": ("not_reached", "not reached"),
    "Declined": ("declined", "declined to answer"),
}
REPORTED_FIELDS = ("side_effect", "area", "side", "state", "grade", "onset", "last_day", "words")
EFFECT_FIELDS = (*REPORTED_FIELDS, "volunteered", "advised", "used", "serious")


@dataclass(frozen=True)
class ContactDetails:
    """When and how the client was contacted."""

    date: date
    method: str | None
    how_asked: str | None

    def to_row(self, treatment: str, outcome: str, id_: str) -> dict[str, Any]:
        """A row of the template's follow-ups."""
        asked = self.how_asked if outcome == "done" else None
        details = {"date": self.date, "method": self.method, "outcome": outcome, "asked": asked}
        return {"follow_up_id": id_, "treatment_id": treatment, **details}


def draw_contact_details(scope: Scope, key: str, method: str | None = None) -> ContactDetails:
    """When and how: today, in the way most common in this clinic, or most common with this `method`."""
    method, asked = query_cache.cached_query(call_list.most_common_contact_method, scope, method)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        day = st.date_input("Day of the contact", as_of_date(), max_value=as_of_date(), key=f"{key}_date",
                            format=formatting.DATE_FIELD, width=160, persist_state="session")  # fmt: skip
        method = st.segmented_control("Method", list(codelist.methods()), default=method, persist_state="session",
                                      format_func=form_state.METHOD_LABEL, key=f"{key}_method")  # fmt: skip
        asked = st.segmented_control("Asked", form_state.HOW_ASKED, default=asked, persist_state="session",
                                     format_func=form_state.HOW_ASKED_LABEL, key=f"{key}_asked")  # fmt: skip
    form_state.show_field_errors(FORM, "date")
    return ContactDetails(day, method, asked)


def draw_quick_answers(treatment: TreatmentRow, name: SourceRef, contact: ContactDetails, key: str) -> None:
    """One click each: nothing to report, not reached, declined."""
    with st.container(horizontal=True, gap="small"):
        for answer, (outcome, _) in QUICK_ANSWERS.items():
            st.button(
                answer, key=f"{key}_{outcome}_{treatment.number}", type="primary" if outcome == "done" else "secondary",
                on_click=save_quick_answer, args=[treatment, name, contact, answer, manual_entry.new_id()],
            )  # fmt: skip


def save_quick_answer(treatment: TreatmentRow, name: SourceRef, contact: ContactDetails, answer: str, id_: str) -> None:
    """Save such a contact. The id was made with the button, so that a second click changes nothing."""
    outcome, words = QUICK_ANSWERS[answer]
    if outcome == "done" and _has_completed_contact(treatment, contact.date):
        form_state.report_unchanged()
        return
    rows = {"follow_ups": [contact.to_row(name.source_id, outcome, id_)]}
    message = f"Saved: {words} on {formatting.day(contact.date)}. {form_state.describe_treatment(treatment)}."
    form_state.save_form_rows(FORM, name.source, rows, message)


def _has_completed_contact(treatment: TreatmentRow, day: date) -> bool:
    """Whether the client was asked about the treatment on this day: nobody is asked twice in one call."""
    follow_ups = query_cache.cached_lookup(lookups.follow_ups_of, treatment.number)
    return any((follow_up.outcome, follow_up.date) == ("done", day) for follow_up in follow_ups)


def draw_side_effect_form(treatment: TreatmentRow, name: SourceRef, contact: ContactDetails) -> None:
    """The form of a side effect reported at this contact. Nothing that was found has a default."""
    attempt = st.session_state.get("effect_turn", 0)
    keys = {field: f"effect_{field}_{treatment.number}_{attempt}" for field in EFFECT_FIELDS}
    with st.form(f"effect_{treatment.number}", border=True):
        st.markdown("**Report a side effect**")
        first, second, third = st.columns(2), st.columns(3), st.columns(3)
        with first[0]:
            _draw_select("Side effect", "side_effect", keys, list(codelist.side_effects()))
        with first[1]:
            treated = [area for area in treatment.areas if area in codelist.areas()]
            areas = form_state.order_codes(codelist.areas(), treated)
            _draw_select("Area", "area", keys, areas, "If known")
        with second[0]:
            st.segmented_control("Status on that day", list(STATE_LABELS), format_func=STATE_LABELS.get,
                                 key=keys["state"])  # fmt: skip
            form_state.show_field_errors(FORM, "state", "status_date")
        with second[1]:
            st.segmented_control("Grade", GRADE_WORDS, format_func=str.capitalize, key=keys["grade"])
            form_state.show_field_errors(FORM, "grade")
        with second[2]:
            st.segmented_control("Side", SIDES.choices, format_func=str.capitalize, key=keys["side"])
        with third[0]:
            st.text_input("Onset", key=keys["onset"], placeholder="Mar 31, 2026, or March 2026")
            form_state.show_field_errors(FORM, "onset")
        with third[1]:
            st.date_input("Last day present", None, max_value=as_of_date(), key=keys["last_day"],
                          format=formatting.DATE_FIELD,
                          help="If it has resolved and the client knows the day")  # fmt: skip
            form_state.show_field_errors(FORM, "last_day")
        with third[2]:
            st.checkbox("Volunteered: the client was not asked", key=keys["volunteered"])
        with st.expander("Remedies, reasons that make it serious, the client's words"):
            remedies, reasons = ("remedy", codelist.remedies()), ("serious", codelist.serious_reasons())
            for field, title, (kind, codes), empty in (
                ("advised", "Advised", remedies, "None"),
                ("used", "Used by the client", remedies, "None"),
                ("serious", "Serious because of", reasons, "Not serious"),
            ):
                st.multiselect(formatting.escape_markdown(title), list(codes), key=keys[field], placeholder=empty,
                               format_func=partial(label, kind))  # fmt: skip
            st.text_area("In the client's words, without names", key=keys["words"], max_chars=1_000)
            form_state.show_field_errors(FORM, "words")
        ids = tuple(manual_entry.new_id() for _ in range(3))  # of the contact, the side effect and its first note
        st.form_submit_button("Save the side effect", type="primary", on_click=_save_side_effect,
                              args=[treatment, name, contact, keys, ids])  # fmt: skip


def _draw_select(
    title: formatting.Markdown, field: str, keys: dict[str, str], codes: list[str], empty: str = "Choose"
) -> None:
    st.selectbox(title, codes, index=None, key=keys[field], placeholder=empty,
                 format_func=partial(label, field))  # fmt: skip
    form_state.show_field_errors(FORM, field)


def _save_side_effect(
    treatment: TreatmentRow, name: SourceRef, contact: ContactDetails, keys: dict[str, str], ids: tuple[str, str, str]
) -> None:
    values = {field: st.session_state.get(key) or None for field, key in keys.items()}
    follow_up, effect, note = ids
    row = {
        "effect_id": effect,
        "treatment_id": name.source_id,
        "came_to_light": "volunteered" if values["volunteered"] else "asked",
        "status_id": note,
        "status_date": contact.date,
        "serious": tuple(values["serious"] or ()),
        **{field: values[field] for field in REPORTED_FIELDS},
    }
    given = [(code, kind) for kind in ("advised", "used") for code in values[kind] or ()]
    remedies = [{"effect_id": effect, "remedy": code, "kind": kind} for code, kind in given]
    was_asked = not values["volunteered"] and not _has_completed_contact(treatment, contact.date)
    follow_ups = [contact.to_row(name.source_id, "done", follow_up)] if was_asked else []
    rows = {"follow_ups": follow_ups, "side_effects": [row], "remedies": remedies}
    term = label("side_effect", values["side_effect"]) if values["side_effect"] else ""
    message = f"Saved: {term}. {form_state.describe_treatment(treatment)}."
    if form_state.save_form_rows(FORM, name.source, rows, message):
        st.session_state["effect_turn"] = st.session_state.get("effect_turn", 0) + 1


def draw_earlier_effects(cases: list[Case], names: dict[int, SourceRef], contact: ContactDetails) -> None:
    """The side effects of a client, each open one with a button for each status."""
    for case in sorted(cases, key=lambda case: case.ended):
        with st.container(border=True):
            st.markdown(formatting.escape_markdown(case_summary(case)))
            if case.ended:
                _draw_correct_link(case)
            else:
                draw_status_buttons(case, names[case.number], contact, "earlier")


def draw_status_buttons(case: Case, name: SourceRef, contact: ContactDetails, key: str) -> None:
    """Still present, resolved or unknown on the day of the contact, with the grade and last day if known."""
    keys = {field: f"{key}_{field}_{case.number}" for field in ("grade", "last_day")}
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        for state, title in STATE_LABELS.items():
            st.button(title, key=f"{key}_{state}_{case.number}", on_click=save_status,
                      args=[case, name, contact, state, manual_entry.new_id(), keys])  # fmt: skip
        with st.popover("Grade, last day"):
            st.segmented_control("Grade on that day", GRADE_WORDS, format_func=str.capitalize, key=keys["grade"])
            st.date_input("Last day present", None, max_value=as_of_date(), key=keys["last_day"],
                          format=formatting.DATE_FIELD)  # fmt: skip
        _draw_correct_link(case)
    form_state.show_field_errors(f"note {case.number}", "status_date", "last_day")


def _draw_correct_link(case: Case) -> None:
    navigation.draw_link("corrections", "Correct", icon=":material/edit:", kind="side_effects", number=str(case.number))


def save_status(
    case: Case, name: SourceRef, contact: ContactDetails, state: str, id_: str, keys: dict[str, str]
) -> None:
    """Save the status of a side effect as a note of this day."""
    effect = (name.source, "side_effects", name.source_id)
    version = query_cache.cached_lookup(corrections.read_version, *effect)
    if version is None:
        return
    note = {"status_id": id_, "status_date": contact.date, "state": state}
    note |= {field: st.session_state.get(key) or None for field, key in keys.items()}
    rows = {"side_effects": [corrections.effect_identity(version) | note]}
    status = f"{STATE_LABELS[state].lower()} on {formatting.day(contact.date)}"
    message = f"Saved: {label('side_effect', case.side_effect)}, {status}."
    form_state.save_form_rows(f"note {case.number}", name.source, rows, message)


def case_summary(case: Case) -> str:
    """ "Eyelid ptosis, Glabella, left: open, last present after 12 days. Case 17." """
    course = "ended" if case.ended else "open"
    if case.days is not None:  # None: the onset is not recorded
        days = formatting.days(case.days)
        course = f"ended after {days}" if case.ended else f"open, last present after {days}"
    area = case_table.area_label(case).lower() if case.area else "area not recorded"
    return f"{label('side_effect', case.side_effect)}, {area}: {course}. Case {case.number}."
