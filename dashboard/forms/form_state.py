"""What all forms share: who enters, the result of the last entry with its undo, and the problems beside each field."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import streamlit as st

from dashboard.shell import query_cache
from dashboard.text import formatting
from dashboard.text.labels import label
from data.analysis.treatments import TreatmentRow
from data.database.engine import DatabaseAccessError
from data.history.undo import UndoError, undo
from data.importing import manual_entry
from data.privacy.pseudonym_key import PseudonymKeyError, is_pseudonym
from data.problems import EMPTY, INCOMPLETE_NOTE, NO_TERM, ImportRefusedError, Problem
from data.records import lookups, repository
from data.refusal import RefusedError
from models.codelist import Codelist

# Keys of the session: who enters, the result of the last entry, whether it was saved since the page was last drawn.
USER_KEY, RESULT_KEY, JUST_SAVED_KEY = "entered_by", "entry_outcome", "entry_just_now"
ENTRY_KIND_KEY, CONTACT_ENTRY, TREATMENT_ENTRY = "enter", "How a client is doing", "A treatment"
CLIENT_KEY = "client_number"
ALREADY_ON_RECORD = "Already on record. Nothing was changed."
# Problems that are worded for files -> the same for a form.
PLAIN_MESSAGES = {NO_TERM: "Needed: the side effect.", INCOMPLETE_NOTE: "Needed: the status on that day."}
HOW_ASKED = ("checklist", "open")


@dataclass(frozen=True)
class SaveResult:
    """The result of the last entry of `form`: its import, or the problems for which it was refused."""

    message: str
    form: str
    batch: int | None = None
    saved: bool = True
    problems: tuple[Problem, ...] = ()


def current_user() -> str:
    """The name that the user gave once in this session, until there is a sign-in."""
    return st.session_state.get(USER_KEY) or ""


def ask_user() -> None:
    st.text_input("Your name or initials", key=USER_KEY, persist_state="session", width=220,
                  max_chars=manual_entry.MAX_NAME_LENGTH)  # fmt: skip
    show_field_errors(None, "by")


def save(form: str, message: str, write: Callable[..., int | None], *arguments: Any) -> bool:
    """Run `save_form` or `save_correction` and remember the result; True if the entry is on record now."""
    try:
        batch = query_cache.execute_write(write, *arguments)
    except ImportRefusedError as refusal:
        result = SaveResult("", form, saved=False, problems=refusal.problems)
    except (PseudonymKeyError, DatabaseAccessError) as problem:
        result = SaveResult(str(problem), form, saved=False)
    else:
        result = SaveResult(message if batch else ALREADY_ON_RECORD, form, batch)
    _remember_result(result)
    return result.saved


def save_step(form: str, message: str, write: Callable[..., Any], *arguments: Any) -> bool:
    """Run a write that is no import and has its own undo, and remember the result; True if it was not refused."""
    try:
        query_cache.execute_write(write, *arguments)
    except ImportRefusedError as refusal:  # of a correction that is a part of the step
        text = " ".join(_error_text(problem) for problem in refusal.problems)
        _remember_result(SaveResult(f"Not saved: {text}", form, saved=False))
        return False
    except (RefusedError, PseudonymKeyError, DatabaseAccessError) as problem:
        _remember_result(SaveResult(str(problem), form, saved=False))
        return False
    _remember_result(SaveResult(message, form))
    return True


def save_form_rows(form: str, source: str, rows: manual_entry.SheetRows, message: str) -> bool:
    """Save new rows; True if they are on record now."""
    return save(form, message, manual_entry.save_form, source, current_user(), rows)


def report_unchanged() -> None:
    """Say that the entry is already on record."""
    _remember_result(SaveResult(ALREADY_ON_RECORD, ""))


def _remember_result(result: SaveResult) -> None:
    st.session_state[RESULT_KEY], st.session_state[JUST_SAVED_KEY] = result, result.saved


def pop_saved_message() -> str:
    """The message of the entry that this click saved, once; empty if it saved none.

    Later reloads of the records are due to other users' entries.
    """
    return st.session_state[RESULT_KEY].message if st.session_state.pop(JUST_SAVED_KEY, False) else ""


def show_save_result() -> None:
    """Show the result of the last entry, with a button to undo it."""
    result: SaveResult | None = st.session_state.get(RESULT_KEY)
    if result is None:
        return
    if result.problems:
        different = {(problem.column, _error_text(problem)) for problem in result.problems}
        n = formatting.pluralize(len(different), "problem")
        without_field = " ".join(_error_text(problem) for problem in result.problems if not problem.column)
        st.error(formatting.escape_markdown(f"Not saved: {n}. {without_field}".strip()), icon=":material/error:")
    elif not result.saved:
        st.error(formatting.escape_markdown(result.message), icon=":material/error:")
    else:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.success(formatting.escape_markdown(result.message), icon=":material/check:")
            if result.batch:
                arguments = [result.batch, result.form]
                st.button("Undo", icon=":material/undo:", key="undo_entry", on_click=undo_entry, args=arguments)


def undo_entry(batch: int, form: str) -> None:
    """Undo one entry and remember the result."""
    try:
        query_cache.execute_write(undo, batch)
    except UndoError as reason:
        _remember_result(SaveResult(str(reason), form, saved=False))
    else:
        _remember_result(SaveResult("Undone. The records are as they were before the entry.", form))


def was_refused(form: str) -> bool:
    """Whether this form was refused when it was last sent."""
    result: SaveResult | None = st.session_state.get(RESULT_KEY)
    return result is not None and result.form == form and bool(result.problems)


def show_field_errors(form: str | None, *columns: str, row: int | None = None) -> None:
    """The problems of these fields when the form was last sent, or any form; `row` in a form that has several."""
    result: SaveResult | None = st.session_state.get(RESULT_KEY)
    if result is None or form not in (None, result.form):
        return
    for column in columns:
        problems = (problem for problem in result.problems if problem.column == column and row in (None, problem.row))
        for text in dict.fromkeys(map(_error_text, problems)):
            st.markdown(f":red[{formatting.escape_markdown(text)}]")


def move_errors_to_rows(form_rows: Mapping[str, Sequence[int]]) -> None:
    """Renumber the problems if the form left out rows; `form_rows` gives the row in the form of each row sent."""
    result: SaveResult = st.session_state[RESULT_KEY]
    problems = (
        replace(problem, row=form_rows[problem.file][problem.row - 1])
        if problem.row and problem.file in form_rows
        else problem
        for problem in result.problems
    )
    st.session_state[RESULT_KEY] = replace(result, problems=tuple(problems))


def _error_text(problem: Problem) -> str:
    if problem.code in PLAIN_MESSAGES:
        return PLAIN_MESSAGES[problem.code]
    if problem.code == EMPTY:
        return f"Needed: {problem.expected}."
    value = f"{problem.value} " if problem.value else ""
    return formatting.capitalize_first(f"{value}{problem.message}. Expected: {problem.expected}.")


def choose_source(new: bool = False) -> str | None:
    """The source of the entry, chosen if there are several; None if there is none, unless a `new` one may begin."""
    sources = query_cache.cached_lookup(repository.sources_with_treatments)
    if len(sources) > 1:
        return st.selectbox(
            "Records of", sources, key="entry_source", persist_state="session", width=220,
            help="Each source numbers its clients in its own way.",
        )  # fmt: skip
    return sources[0] if sources else "clinic" if new else None


def source_number(name: lookups.SourceRef) -> str:
    """The number of a treatment in the practice software; empty if its id was made here."""
    made_here = name.source_id.startswith(manual_entry.FORM_ID_PREFIX) or any(map(is_pseudonym, name.source_id.split()))
    return "" if made_here else name.source_id


def source_numbers(treatments: Sequence[int | None]) -> list[str]:
    """The same for treatments given by their numbers in our database."""
    names = query_cache.cached_lookup(lookups.source_refs, "treatments", tuple(treatments))
    return [source_number(names[number]) if number in names else "" for number in treatments]


def describe_treatment(treatment: TreatmentRow) -> str:
    """One treatment in a line: day, areas, site, practitioner."""
    areas = formatting.join_words(label("area", area) for area in treatment.areas) or "no area recorded"
    return f"{formatting.day(treatment.date)}: {areas} ({treatment.site}, {treatment.practitioner})"


def order_codes(codes: Codelist, first: Sequence[str] = ()) -> list[str]:
    """The codes of a list, those in `first` on top."""
    return [*first, *(code for code in codes if code not in first)]


METHOD_LABEL, HOW_ASKED_LABEL = partial(label, "method"), partial(label, "asked")
