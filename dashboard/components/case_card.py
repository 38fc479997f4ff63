"""One case on one screen: what was injected, what happened to the client day by day, and what a red flag calls for."""

from typing import Any

import pandas as pd
import streamlit as st

from dashboard.components import case_table, charts, data_table
from dashboard.figures import case_timeline
from dashboard.shell import navigation, prose, query_cache
from dashboard.shell.filters import PageView
from dashboard.text import case_sentences, formatting
from dashboard.text.labels import STATE_LABELS, grade_label, label, list_labels
from data.analysis import cases, treatments
from data.analysis.frames import as_rows
from data.analysis.treatments import TreatmentRow
from data.records import lookups
from data.reference import guidance
from models import codelist


def draw_case_card(view: PageView, case: cases.Case) -> None:
    """Draw everything on record about a case."""
    name = label("side_effect", case.side_effect)
    prose.draw_text(f"Case {case.number}: {name}", "subheader")
    area = "area not recorded" if pd.isna(case.area) else case_table.area_label(case)
    serious = f" Serious: {list_labels('serious', _serious_reasons(case)).lower()}." if case.serious else ""
    pseudonym = query_cache.cached_lookup(lookups.client_pseudonym, case.client)
    sentences = (
        case_sentences.describe_where_treated(
            case.treated_on, case.site, case.practitioner, case.attribution, case.aside
        ),
        case_sentences.describe_course(
            case.onset, case.onset_day, area, case.days, case.ended, case.end_exact, case.until
        ),
        f"Worst grade: {grade_label(case.grade).lower()}. "
        f"Reported: {label('came_to_light', case.came_to_light).lower()}.{serious}",
        f"Client {pseudonym}.",
    )
    st.markdown("  \n".join(formatting.escape_markdown(sentence) for sentence in sentences))
    _draw_red_flag_advice(case)
    charts.draw_chart(case_timeline.draw(pd.DataFrame([case]).assign(label=name)), f"case_{case.number}")
    _draw_doses(view, case)
    _draw_client_timeline(view, case)
    remedies = query_cache.cached_query(cases.case_remedies, view.scope, case.number)
    if len(remedies):
        advised, used = (
            [label("remedy", code).lower() for code in remedies.remedy[remedies.kind == kind]]
            for kind in ("advised", "used")
        )
        prose.draw_text(case_sentences.describe_remedies(advised, used), "caption")
    with st.container(horizontal=True, gap="medium"):
        if case.treatment is not None:
            named = str(case.treatment)
            navigation.draw_link("new_record", "How is it now?", icon=":material/add_notes:", treatment=named)
        navigation.link_to_correction("Correct", case.number, "side_effects")


def _serious_reasons(case: cases.Case) -> tuple[str, ...]:
    return query_cache.cached_lookup(lookups.serious_reasons_of, case.number)


def _draw_red_flag_advice(case: cases.Case) -> None:
    if case.side_effect in codelist.side_effects():
        for advice in guidance.red_flag_advice(case.side_effect):
            text = f"{advice.when}, {advice.window}: {advice.action}. Source: {advice.source}."
            st.warning(formatting.escape_markdown(formatting.capitalize_first(text)), icon=":material/emergency:")


def _draw_doses(view: PageView, case: cases.Case) -> None:
    if case.treatment is None:
        return
    given = query_cache.cached_query(treatments.injected_areas, view.scope, case.treatment)
    table = pd.DataFrame(
        {
            "area": [label("area", code) for code in given.area],
            "product": [label("product", code) for code in given["product"]],
            "lot": [label("lot", number) for number in given.lot],
            "units": given.units,
        }
    )
    data_table.draw_table(table, "What was injected in this treatment", f"doses_{case.number}")


def _draw_client_timeline(view: PageView, case: cases.Case) -> None:
    """Treatments, contacts and side effects of the client, and the notes of this case, in order of date."""
    rows = [
        *_treatment_events(view, case),
        *_contact_events(view, case),
        *_side_effect_events(view, case),
        *_note_events(view, case),
    ]
    if not rows:
        return
    table = pd.DataFrame(rows, columns=["date", "what", "details"])
    table = table.assign(date=pd.to_datetime(table.date)).sort_values("date", kind="stable", ignore_index=True)
    prose.draw_text("Timeline of the client", "markdown")
    data_table.draw_table(table, "Everything on record about this client, in order of date", f"timeline_{case.number}")
    notes = query_cache.cached_query(cases.case_notes, view.scope, case.number)
    grades = notes[["grade", "grade_scale"]].dropna().drop_duplicates().sort_values("grade")
    for row in grades.itertuples():
        if meaning := guidance.grade_meaning(case.side_effect, int(row.grade), row.grade_scale):
            prose.draw_text(meaning, "caption")


def _treatment_events(view: PageView, case: cases.Case) -> list[tuple[Any, str, str]]:
    found = query_cache.cached_query(treatments.client_treatments, view.scope, case.client)
    return [
        (row.date, "This treatment" if row.number == case.treatment else "Treatment", list_labels("area", row.areas))
        for row in as_rows(found, TreatmentRow)
    ]


def _contact_events(view: PageView, case: cases.Case) -> list[tuple[Any, str, str]]:
    contacts = query_cache.cached_query(treatments.client_contacts, view.scope, case.client)
    events = []
    for contact in contacts[contacts.outcome != "not_due"].itertuples():
        answers = {"outcome": contact.outcome, "method": contact.method, "asked": contact.asked}
        details = ", ".join(label(name, value) for name, value in answers.items() if not pd.isna(value))
        events.append((contact.date, "Contact", details))
    return events


def _side_effect_events(view: PageView, case: cases.Case) -> list[tuple[Any, str, str]]:
    found = query_cache.cached_query(cases.client_cases, view.scope, case.client)
    events = []
    for other in as_rows(found, cases.Case):
        is_this = other.number == case.number
        name = "Worst grade" if is_this else f"{label('side_effect', other.side_effect)}, worst grade"
        what = "Onset" if is_this else f"Side effect, case {other.number}"
        events.append((other.onset, what, f"{name} {grade_label(other.grade).lower()}"))
    return events


def _note_events(view: PageView, case: cases.Case) -> list[tuple[Any, str, str]]:
    notes = query_cache.cached_query(cases.case_notes, view.scope, case.number)
    return [
        (
            note.date,
            "Note",
            STATE_LABELS[note.state]
            + ("" if pd.isna(note.grade) else f", grade {grade_label(note.grade)}")
            + ("" if pd.isna(note.last_day) else f", last present {formatting.day(note.last_day.date())}"),
        )
        for note in notes.itertuples()
    ]
