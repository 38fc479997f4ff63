"""Manual entries with who made them and an undo; and the correction of one record, with its history."""

import pandas as pd
import streamlit as st

from dashboard.components import data_table
from dashboard.forms import change_history, correction_form, form_state
from dashboard.shell import navigation, prose, query_cache
from dashboard.shell.filters import PageView
from dashboard.text import formatting
from dashboard.text.labels import label
from data.analysis import cases, treatments
from data.analysis.frames import as_rows
from data.analysis.scope import WHOLE_CLINIC, Scope
from data.analysis.treatments import TreatmentRow
from data.history.record_history import record_history
from data.importing import corrections
from data.records import lookups

KINDS = {"treatments": "Treatment", "follow_ups": "Follow-up", "side_effects": "Side effect"}
# Keys of the session: the record as this user read it, and how often the form was started over.
HELD_RECORD_KEY, ATTEMPT_KEY = "correcting", "correct_turn"
ENTRY_COLUMNS = {"number": "import", "made_at": "when", "entered_by": "who", "files": "records"}
MAX_DIGITS = 9
MAX_LISTED = 500


def main() -> None:
    view: PageView = st.session_state.shown
    form_state.show_save_result()
    kind, number = st.query_params.get("kind", ""), st.query_params.get("number", "")
    if kind in KINDS and number.isdecimal() and len(number) <= MAX_DIGITS:
        _draw_record(view.scope, kind, int(number))
    else:
        _draw_entries(view.scope)


def _draw_record(scope: Scope, kind: str, number: int) -> None:
    st.button("All manual entries", icon=":material/arrow_back:", type="tertiary", on_click=_leave_record)
    treatment, title = _find_record(scope, kind, number)
    name = query_cache.cached_lookup(lookups.source_refs, kind, (number,)).get(number) if treatment else None
    record = (name.source, kind, name.source_id) if name else None
    version = query_cache.cached_lookup(corrections.read_version, *record) if record else None
    if version is None:
        st.markdown("This record is not on record, or this viewer may not see it.")
        return
    prose.draw_text(f"Correct {title}", "subheader")
    form_state.ask_user()
    held = st.session_state.setdefault(HELD_RECORD_KEY, {})
    if held.get("of") != (kind, number):  # the correction is checked against the version this user read
        held.update(of=(kind, number), version=version)
    if form_state.was_refused(correction_form.FORM):
        st.button("Show the current record", icon=":material/refresh:", on_click=_start_over)
    # The client's treatments that this viewer may see, by the source's id, the latest first.
    rows = as_rows(query_cache.cached_query(treatments.client_treatments, scope, treatment.client), TreatmentRow)
    names = query_cache.cached_lookup(lookups.source_refs, "treatments", tuple(row.number for row in rows))
    source = names[treatment.number].source
    own = {names[row.number].source_id: row for row in rows if names[row.number].source == source}
    correction_form.draw_correction_form(held["version"], own, st.session_state.get(ATTEMPT_KEY, 0), _start_over)
    history = query_cache.cached_lookup(record_history, *record)
    if history:
        st.markdown("**History**")
        table = change_history.history_table(history)
        data_table.draw_table(table, "The changes of this record, the latest first", "history")
    else:
        st.caption("This record was never changed.")


def _leave_record() -> None:
    _start_over()
    navigation.set_parameters(kind=None, number=None)


def _start_over() -> None:
    """Begin the next correction with the record as it is then."""
    st.session_state.pop(HELD_RECORD_KEY, None)
    st.session_state[ATTEMPT_KEY] = st.session_state.get(ATTEMPT_KEY, 0) + 1


def _find_record(scope: Scope, kind: str, number: int) -> tuple[TreatmentRow | None, str]:
    """The treatment of this record, if this viewer may see it, and what the record is called."""
    treatment: int | None = number
    case = query_cache.cached_query(cases.find_case, scope, number) if kind == "side_effects" else None
    if kind == "follow_ups":
        treatment = query_cache.cached_lookup(lookups.treatment_of_follow_up, number)
    elif kind == "side_effects":
        treatment = case.treatment if case else None
    if treatment is None:
        return None, ""
    found = query_cache.cached_query(treatments.find_treatment, scope, treatment)
    row = next(iter(as_rows(found, TreatmentRow)), None)
    if row is None:
        return None, ""
    if case:
        return row, f"case {number}: {label('side_effect', case.side_effect).lower()}"
    after = " after the treatment" if kind == "follow_ups" else ""
    return row, f"{KINDS[kind].lower()}{after} of {form_state.describe_treatment(row)}"


def _draw_entries(scope: Scope) -> None:
    st.markdown(
        "Correct a record where it is shown: a case on Cases, a treatment or a follow-up on New record. Its former "
        "values are kept, with who changed them, when and why."
    )
    with st.container(horizontal=True, gap="medium"):
        for page in ("cases", "new_record"):
            title = formatting.escape_markdown(navigation.page_title(page))
            navigation.draw_link(page, title)
    if scope != WHOLE_CLINIC:
        st.markdown("The list of manual entries concerns the whole clinic. Only those who may see all of it see it.")
        return
    batches = [b for b in query_cache.load_batches() if b.is_manual and b.undone_at is None][:MAX_LISTED]
    if not batches:
        st.markdown("No manual entries yet.")
        return
    table = pd.DataFrame(batches)[["number", "made_at", "entered_by", "files", "why"]].rename(columns=ENTRY_COLUMNS)
    table = table.assign(why=table.why.fillna(""))
    alt = "Manual entries, the latest first; choose a row to undo it"
    row = data_table.draw_table(table, alt, f"entered_{query_cache.current_revision()}", choose=True)
    if row is None:
        st.caption("Choose a row to undo the entry.")
        return
    batch = batches[row]
    who = f", entered by {batch.entered_by}" if batch.entered_by else ""
    prose.draw_text(f"Entry {batch.number}: {batch.files}{who}.")
    st.button("Undo", icon=":material/undo:", on_click=form_state.undo_entry, args=[batch.number], key="undo_chosen")


main()
