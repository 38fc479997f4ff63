"""What was entered by hand and who did, the way back; and one record put right, with what it said before."""

import streamlit as st

from dashboard.components import data_table
from dashboard.forms import change_history, correction_form, form_state
from dashboard.shell import navigation, query_cache
from dashboard.shell.filters import Shown
from dashboard.text import formatting
from dashboard.text.labels import label
from data.analysis import cases, treatments
from data.analysis.scope import WHOLE_CLINIC, Scope
from data.analysis.treatments import Given
from data.history.batches import Batch
from data.importing import manual_entry
from data.records import lookups
from data.records.lookups import Name

KINDS = {"treatments": "Treatment", "follow_ups": "Follow-up", "side_effects": "Side effect"}
HELD, TURN = "correcting", "correct_turn"  # the record as it was read, and how often one was begun
LONGEST_NUMBER = 9
MOST_LISTED = 500


def main() -> None:
    shown: Shown = st.session_state.shown
    form_state.outcome()
    kind, number = st.query_params.get("kind", ""), st.query_params.get("number", "")
    if kind in KINDS and number.isdecimal() and len(number) <= LONGEST_NUMBER:
        _one(shown.scope, kind, int(number))
    else:
        _entered(shown.scope)


# One record


def _one(scope: Scope, kind: str, number: int) -> None:
    st.button("What was entered so far", icon=":material/arrow_back:", type="tertiary", on_click=_leave)
    name = _name(scope, kind, number)
    read = query_cache.read(manual_entry.as_read, name.source, kind, name.source_id) if name else None
    if read is None:
        st.markdown("This record is not there, or this viewer may not see it.")
        return
    st.subheader(formatting.as_text(f"Correct: {_called(scope, kind, number)}"), anchor=False)
    form_state.ask_who()
    held = st.session_state.setdefault(HELD, {})
    if held.get("of") != (kind, number):  # what this person read stays what the correction is held against
        held.update(of=(kind, number), read=read)
    if form_state.failed(correction_form.FORM):
        st.button("Show it as it is now", icon=":material/refresh:", on_click=_done)
    correction_form.draw(held["read"], _of_client(scope, kind, number), st.session_state.get(TURN, 0), _done)
    _history(name, kind)


def _leave() -> None:
    _done()
    for parameter in ("kind", "number"):
        st.query_params.pop(parameter, None)


def _done() -> None:
    """The next correction begins with the record as it is then."""
    st.session_state.pop(HELD, None)
    st.session_state[TURN] = st.session_state.get(TURN, 0) + 1


def _name(scope: Scope, kind: str, number: int) -> Name | None:
    """What the source calls the record, where this viewer may see the treatment it is about."""
    about = _treatment_of(scope, kind, number)
    if about is None or not query_cache.ask(treatments.treatment, scope, about):
        return None
    return query_cache.read(lookups.names, kind, (number,)).get(number)


def _treatment_of(scope: Scope, kind: str, number: int) -> int | None:
    if kind == "treatments":
        return number
    if kind == "follow_ups":
        return query_cache.read(lookups.treatment_of_contact, number)
    case = query_cache.ask(cases.case_of, scope, number)
    return case.treatment if case else None


def _of_client(scope: Scope, kind: str, number: int) -> dict[str, Given]:
    """The client's treatments that this viewer may see, by the source's id, the latest first."""
    (about,) = query_cache.ask(treatments.treatment, scope, _treatment_of(scope, kind, number))
    own = query_cache.ask(treatments.treatments_of, scope, about.client)
    names = query_cache.read(lookups.names, "treatments", tuple(given.treatment for given in own))
    source = names[about.treatment].source
    return {names[given.treatment].source_id: given for given in own if names[given.treatment].source == source}


def _called(scope: Scope, kind: str, number: int) -> str:
    if kind == "side_effects":
        case = query_cache.ask(cases.case_of, scope, number)
        return f"case {number}, {label('side_effect', case.side_effect).lower()}"
    (given,) = query_cache.ask(treatments.treatment, scope, _treatment_of(scope, kind, number))
    return f"{KINDS[kind].lower()}{' after the treatment' if kind == 'follow_ups' else ''} of {form_state.told(given)}"


def _history(name: Name, kind: str) -> None:
    told = query_cache.read(manual_entry.history, name.source, kind, name.source_id)
    if not told:
        st.caption("It was never changed.")
        return
    st.markdown("**What it said before**")
    data_table.draw(change_history.table(told), "Each change of this record, the latest on top", "history")


# What was entered


def _entered(scope: Scope) -> None:
    st.markdown(
        "A record is corrected from where it is shown: a case on Cases, a treatment or a follow-up on New record. What "
        "it said before is kept, with who changed it, when and why."
    )
    with st.container(horizontal=True, gap="medium"):
        for page in ("cases", "new_record"):
            navigation.link(page, formatting.as_text(navigation.title(page)), icon=":material/arrow_forward:")
    if scope != WHOLE_CLINIC:
        st.markdown("What everybody entered concerns the whole clinic: it is shown to those who may see all of it.")
        return
    made = [b for b in query_cache.imported() if b.by_hand and b.undone_at is None][:MOST_LISTED]
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
    chosen = data_table.draw(table, alt, f"entered_{query_cache.revision()}", choose=True)
    if chosen is not None:
        _way_back(made[chosen])
    else:
        st.caption("Choose a row to take the entry back.")


def _way_back(batch: Batch) -> None:
    who = f", entered by {batch.entered_by}" if batch.entered_by else ""
    st.markdown(formatting.as_text(f"Entry {batch.number}: {batch.files}{who}."))
    st.button("Take it back", icon=":material/undo:", on_click=form_state.take_back, args=[batch.number], key="back")


main()
