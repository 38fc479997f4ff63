"""What forms share: who enters, what became of the last entry and the way back, and what is wrong beside each field."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from dashboard.shell import query_cache
from dashboard.text import formatting
from dashboard.text.labels import label
from data.analysis.treatments import TreatmentRow
from data.database.engine import DatabaseAccessError
from data.history.undo import UndoError, undo
from data.importing import corrections, manual_entry
from data.importing.manual_entry import SheetRows
from data.privacy.pseudonym_key import PseudonymKeyError
from data.privacy.pseudonyms import is_pseudonym
from data.problems import ImportRefusedError, Problem
from data.records import lookups
from models import codelist
from models.codelist import Codelist

VISIT = "Visit or invoice"  # what a column is called of the numbers that practice software knows
USER_KEY, RESULT_KEY = (
    "entered_by",
    "entry_outcome",
)  # where a session keeps who enters, and what became of the last entry
JUST_STORED_KEY = "entry_just_now"  # that it was stored since the page was last drawn
ENTRY_KIND_KEY, CONTACT_ENTRY, TREATMENT_ENTRY = (
    "enter",
    "How a client is doing",
    "A treatment",
)  # what is entered on New record
CLIENT_KEY = "client_number"
ALREADY_ON_RECORD = "It is on record already: nothing was changed."
PLAIN_MESSAGES = {  # of what is said of the lines of files, in the words of a form
    "no line says what it was": "Needed: which side effect it was.",
    "the note is not whole": "Needed: how it was on that day.",
}
EMPTY_MESSAGES = ("the cell is empty", "the field is empty")
HOW_ASKED = ("checklist", "open")


@dataclass(frozen=True)
class SaveResult:
    """`batch`: what it was stored as; `form`: which one it was; `done` false: it could not be; `problems`: by field."""

    message: str
    form: str
    batch: int | None = None
    saved: bool = True
    problems: tuple[Problem, ...] = ()


# Who


def current_user() -> str:
    """Who enters. Said once a session for now; sign-in will tell it."""
    return st.session_state.get(USER_KEY) or ""


def ask_user() -> None:
    st.text_input(
        "Your name or initials",
        key=USER_KEY,
        persist_state="session",
        max_chars=manual_entry.MAX_NAME_LENGTH,
        width=220,
    )
    show_field_errors("by")


# Storing, in the callback of a button


def save_form_rows(form: str, source: str, lines: SheetRows, message: str) -> bool:
    """Stores what a form holds; True where it is on record now. `done`: what is said then."""
    return _try_save(form, message, manual_entry.save_form, source, current_user(), lines)


def save_corrected_record(
    form: str, version: corrections.RecordVersion, why: str, lines: SheetRows, message: str
) -> bool:
    """Puts a correction in the place of what was read; True where it is on record now."""
    return _try_save(form, message, corrections.save_correction, version, current_user(), why, lines)


def _try_save(form: str, done: str, work: Callable[..., int | None], *what: Any) -> bool:
    try:
        batch = query_cache.execute_write(work, *what)
    except ImportRefusedError as refused:
        outcome = SaveResult("", form, saved=False, problems=refused.problems)
    except (PseudonymKeyError, DatabaseAccessError) as problem:
        outcome = SaveResult(str(problem), form, saved=False)
    else:
        outcome = SaveResult(done if batch else ALREADY_ON_RECORD, form, batch)
    _remember_result(outcome)
    return outcome.saved


def report_unchanged() -> None:
    """Says that what was to be entered is on record."""
    _remember_result(SaveResult(ALREADY_ON_RECORD, ""))


def _remember_result(outcome: SaveResult) -> None:
    st.session_state[RESULT_KEY], st.session_state[JUST_STORED_KEY] = outcome, outcome.saved


def pop_saved_message() -> str:
    """What was stored by the click that is being answered, said once: what makes the records be read again later is
    somebody else's entry. Empty where nothing was, or it was refused."""
    return st.session_state[RESULT_KEY].message if st.session_state.pop(JUST_STORED_KEY, False) else ""


def show_save_result() -> None:
    """Says what became of the last entry, with the way back."""
    last: SaveResult | None = st.session_state.get(RESULT_KEY)
    if last is None:
        return
    if last.problems:
        n = formatting.pluralize(len({(problem.column, _error_text(problem)) for problem in last.problems}), "thing")
        apart = [problem for problem in last.problems if not problem.column]
        told = " ".join(_error_text(problem) for problem in apart)
        st.error(formatting.escape_markdown(f"Not stored: {n} to mend. {told}".strip()), icon=":material/error:")
        return
    if not last.saved:
        st.error(formatting.escape_markdown(last.message), icon=":material/error:")
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.success(formatting.escape_markdown(last.message), icon=":material/check:")
        if last.batch:
            st.button("Take it back", icon=":material/undo:", key="take_back", on_click=_undo_last, args=[last])


def _undo_last(last: SaveResult) -> None:
    undo_entry(last.batch, last.form)


def undo_entry(batch: int, form: str = "") -> None:
    """Takes one entry back, and says so."""
    try:
        query_cache.execute_write(undo, batch)
    except UndoError as reason:
        _remember_result(SaveResult(str(reason), form, saved=False))
    else:
        _remember_result(SaveResult("Taken back: the records are as they were before it.", form))


def was_refused(form: str) -> bool:
    """Was this form refused when it was last sent?"""
    last: SaveResult | None = st.session_state.get(RESULT_KEY)
    return last is not None and last.form == form and bool(last.problems)


# What is wrong, where it is


def show_field_errors(column: str, form: str | None = None, row: int | None = None) -> None:
    """What was wrong with this field when the form was last sent. `row`: the line, where a form has several."""
    last: SaveResult | None = st.session_state.get(RESULT_KEY)
    if last is None or form not in (None, last.form):
        return
    here = (problem for problem in last.problems if problem.column == column and row in (None, problem.row))
    for said in dict.fromkeys(map(_error_text, here)):
        st.markdown(f":red[{formatting.escape_markdown(said)}]")


def move_errors_to_rows(form_rows: Mapping[str, Sequence[int]]) -> None:
    """Where lines of a form were left out, its problems stand beside those they are about. `rows`: of each line that
    was sent, by its sheet, the row it has in the form."""
    last: SaveResult = st.session_state[RESULT_KEY]
    placed = (
        replace(problem, row=form_rows[problem.file][problem.row - 1])
        if problem.row and problem.file in form_rows
        else problem
        for problem in last.problems
    )
    st.session_state[RESULT_KEY] = replace(last, problems=tuple(placed))


def _error_text(problem: Problem) -> str:
    if problem.message in PLAIN_MESSAGES:
        return PLAIN_MESSAGES[problem.message]
    if problem.message in EMPTY_MESSAGES:
        return f"Needed: {problem.expected}."
    value = f"{problem.value} " if problem.value else ""
    return formatting.capitalize_first(f"{value}{problem.message}. Expected: {problem.expected}.")


# What is on record


def choose_source(new: bool = False) -> str | None:
    """The source that is added to: asked where there are several. None where there is none, and `new` is not wanted."""
    sources = query_cache.cached_lookup(lookups.sources_with_treatments)
    if len(sources) > 1:
        return st.selectbox(
            "Records of", sources, key="entry_source", persist_state="session", width=220,
            help="Each source numbers its clients in its own way.",
        )  # fmt: skip
    return sources[0] if sources else "clinic" if new else None


def source_number(name: lookups.SourceRef) -> str:
    """The number by which the practice software finds a treatment; nothing where the source has none of its own."""
    made_here = name.source_id.startswith(manual_entry.FORM_ID_PREFIX) or any(
        is_pseudonym(part) for part in name.source_id.split()
    )
    return "" if made_here else name.source_id


def source_numbers(treatments: Sequence[int]) -> list[str]:
    """The same of treatments by our own numbers of them, which nobody else knows."""
    names = query_cache.cached_lookup(lookups.source_refs, "treatments", tuple(treatments))
    return [source_number(names[number]) if number in names else "" for number in treatments]


def describe_treatment(treatment: TreatmentRow) -> str:
    """One treatment in a line: when, where, by whom, which areas."""
    areas = formatting.join_words(label("area", area) for area in treatment.areas) or "no area told"
    return f"{formatting.day(treatment.date)}: {areas} ({treatment.site}, {treatment.practitioner})"


def order_codes(listed: Codelist, also: Sequence[str] = ()) -> list[str]:
    """The codes of a list; those in `also` on top."""
    return [*also, *(code for code in listed if code not in also)]


def label_function(listed: Callable[[], Codelist]) -> Callable[[str], str]:
    """What a code of the list is called."""
    return lambda code: listed()[code].label if code in listed() else formatting.capitalize_first(str(code))


METHOD_LABEL, HOW_ASKED_LABEL = label_function(codelist.methods), label_function(codelist.how_asked)
