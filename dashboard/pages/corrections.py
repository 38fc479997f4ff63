"""What was entered by hand and who did, the way back; and one record put right, with what it said before."""

import streamlit as st

from dashboard.components import data_table
from dashboard.forms import change_history, correction_form, form_state
from dashboard.shell import navigation, query_cache
from dashboard.shell.filters import PageView
from dashboard.text import formatting
from dashboard.text.labels import label
from data.analysis import cases, treatments
from data.analysis.scope import WHOLE_CLINIC, Scope
from data.analysis.treatments import TreatmentRow
from data.history.batches import Batch
from data.history.record_history import record_history
from data.importing import corrections
from data.records import lookups
from data.records.lookups import SourceRef

KINDS = {"treatments": "Treatment", "follow_ups": "Follow-up", "side_effects": "Side effect"}
HELD_RECORD_KEY, TURN_KEY = "correcting", "correct_turn"  # the record as it was read, and how often one was begun
MAX_DIGITS = 9
MAX_LISTED = 500


def main() -> None:
    shown: PageView = st.session_state.shown
    form_state.show_save_result()
    kind, number = st.query_params.get("kind", ""), st.query_params.get("number", "")
    if kind in KINDS and number.isdecimal() and len(number) <= MAX_DIGITS:
        _draw_record(shown.scope, kind, int(number))
    else:
        _draw_entries(shown.scope)


# One record


def _draw_record(scope: Scope, kind: str, number: int) -> None:
    st.button("What was entered so far", icon=":material/arrow_back:", type="tertiary", on_click=_leave_record)
    name = _find_source_ref(scope, kind, number)
    read = query_cache.cached_lookup(corrections.read_version, name.source, kind, name.source_id) if name else None
    if read is None:
        st.markdown("This record is not there, or this viewer may not see it.")
        return
    st.subheader(formatting.escape_markdown(f"Correct: {_record_title(scope, kind, number)}"), anchor=False)
    form_state.ask_user()
    held = st.session_state.setdefault(HELD_RECORD_KEY, {})
    if held.get("of") != (kind, number):  # what this person read stays what the correction is held against
        held.update(of=(kind, number), read=read)
    if form_state.was_refused(correction_form.FORM):
        st.button("Show it as it is now", icon=":material/refresh:", on_click=_begin_anew)
    correction_form.draw_correction_form(
        held["read"], _client_treatments(scope, kind, number), st.session_state.get(TURN_KEY, 0), _begin_anew
    )
    _draw_history(name, kind)


def _leave_record() -> None:
    _begin_anew()
    for parameter in ("kind", "number"):
        st.query_params.pop(parameter, None)


def _begin_anew() -> None:
    """The next correction begins with the record as it is then."""
    st.session_state.pop(HELD_RECORD_KEY, None)
    st.session_state[TURN_KEY] = st.session_state.get(TURN_KEY, 0) + 1


def _find_source_ref(scope: Scope, kind: str, number: int) -> SourceRef | None:
    """What the source calls the record, where this viewer may see the treatment it is about."""
    about = _find_treatment(scope, kind, number)
    if about is None or not query_cache.cached_query(treatments.find_treatment, scope, about):
        return None
    return query_cache.cached_lookup(lookups.source_refs, kind, (number,)).get(number)


def _find_treatment(scope: Scope, kind: str, number: int) -> int | None:
    if kind == "treatments":
        return number
    if kind == "follow_ups":
        return query_cache.cached_lookup(lookups.treatment_of_follow_up, number)
    case = query_cache.cached_query(cases.find_case, scope, number)
    return case.treatment if case else None


def _client_treatments(scope: Scope, kind: str, number: int) -> dict[str, TreatmentRow]:
    """The client's treatments that this viewer may see, by the source's id, the latest first."""
    (about,) = query_cache.cached_query(treatments.find_treatment, scope, _find_treatment(scope, kind, number))
    own = query_cache.cached_query(treatments.client_treatments, scope, about.client)
    names = query_cache.cached_lookup(lookups.source_refs, "treatments", tuple(given.number for given in own))
    source = names[about.number].source
    return {names[given.number].source_id: given for given in own if names[given.number].source == source}


def _record_title(scope: Scope, kind: str, number: int) -> str:
    if kind == "side_effects":
        case = query_cache.cached_query(cases.find_case, scope, number)
        return f"case {number}, {label('side_effect', case.side_effect).lower()}"
    (given,) = query_cache.cached_query(treatments.find_treatment, scope, _find_treatment(scope, kind, number))
    return (
        f"{KINDS[kind].lower()}{' after the treatment' if kind == 'follow_ups' else ''} of "
        f"{form_state.describe_treatment(given)}"
    )


def _draw_history(name: SourceRef, kind: str) -> None:
    told = query_cache.cached_lookup(record_history, name.source, kind, name.source_id)
    if not told:
        st.caption("It was never changed.")
        return
    st.markdown("**What it said before**")
    data_table.draw_table(
        change_history.history_table(told), "Each change of this record, the latest on top", "history"
    )


# What was entered


def _draw_entries(scope: Scope) -> None:
    st.markdown(
        "A record is corrected from where it is shown: a case on Cases, a treatment or a follow-up on New record. What "
        "it said before is kept, with who changed it, when and why."
    )
    with st.container(horizontal=True, gap="medium"):
        for page in ("cases", "new_record"):
            navigation.draw_link(
                page, formatting.escape_markdown(navigation.page_title(page)), icon=":material/arrow_forward:"
            )
    if scope != WHOLE_CLINIC:
        st.markdown("What everybody entered concerns the whole clinic: it is shown to those who may see all of it.")
        return
    made = [b for b in query_cache.load_batches() if b.is_manual and b.undone_at is None][:MAX_LISTED]
    if not made:
        st.markdown("Nothing was entered by hand yet.")
        return
    table = {
        "Import": [batch.number for batch in made],
        "When": [batch.made_at for batch in made],
        "Who": [batch.entered_by or "" for batch in made],
        "What": [batch.files for batch in made],
        "Why": [batch.why or "" for batch in made],
    }
    alt = "Each entry by hand, the latest on top; a row can be taken back"
    chosen = data_table.draw_table(table, alt, f"entered_{query_cache.current_revision()}", choose=True)
    if chosen is not None:
        _draw_undo(made[chosen])
    else:
        st.caption("Choose a row to take the entry back.")


def _draw_undo(batch: Batch) -> None:
    who = f", entered by {batch.entered_by}" if batch.entered_by else ""
    st.markdown(formatting.escape_markdown(f"Entry {batch.number}: {batch.files}{who}."))
    st.button("Take it back", icon=":material/undo:", on_click=form_state.undo_entry, args=[batch.number], key="back")


main()
