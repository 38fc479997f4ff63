"""What forms share: who enters, what became of the last entry and the way back, and what is wrong beside each field."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from dashboard.shell import query_cache
from dashboard.text import formatting
from dashboard.text.labels import label
from data.analysis.treatments import Given
from data.database.engine import DatabaseProblem
from data.history.undo import NotUndone, undo
from data.importing import manual_entry
from data.importing.manual_entry import Lines
from data.privacy.pseudonym_key import KeyProblem
from data.privacy.pseudonyms import is_pseudonym
from data.problems import Problem, Refused
from data.records import lookups
from models import codelist
from models.codelist import Codelist

VISIT = "Visit or invoice"  # what a column is called of the numbers that practice software knows
WHO, OUTCOME = "entered_by", "entry_outcome"  # where a session keeps who enters, and what became of the last entry
JUST = "entry_just_now"  # that it was stored since the page was last drawn
WHAT, CONTACT, TREATMENT = "enter", "How a client is doing", "A treatment"  # what is entered on New record
CLIENT = "client_number"
ON_RECORD = "It is on record already: nothing was changed."
PLAIN = {  # of what is said of the lines of files, in the words of a form
    "no line says what it was": "Needed: which side effect it was.",
    "the note is not whole": "Needed: how it was on that day.",
}
EMPTY = ("the cell is empty", "the field is empty")
HOW_ASKED = ("checklist", "open")


@dataclass(frozen=True)
class Outcome:
    """`batch`: what it was stored as; `form`: which one it was; `done` false: it could not be; `problems`: by field."""

    said: str
    form: str
    batch: int | None = None
    done: bool = True
    problems: tuple[Problem, ...] = ()


# Who


def who() -> str:
    """Who enters. Said once a session for now; sign-in will tell it."""
    return st.session_state.get(WHO) or ""


def ask_who() -> None:
    st.text_input(
        "Your name or initials", key=WHO, persist_state="session", max_chars=manual_entry.LONGEST_NAME, width=220
    )
    beside("by")


# Storing, in the callback of a button


def save(form: str, source: str, lines: Lines, done: str) -> bool:
    """Stores what a form holds; True where it is on record now. `done`: what is said then."""
    return _tried(form, done, manual_entry.enter, source, who(), lines)


def save_correction(form: str, read: manual_entry.AsRead, why: str, lines: Lines, done: str) -> bool:
    """Puts a correction in the place of what was read; True where it is on record now."""
    return _tried(form, done, manual_entry.correct, read, who(), why, lines)


def _tried(form: str, done: str, work: Callable[..., int | None], *what: Any) -> bool:
    try:
        batch = query_cache.change(work, *what)
    except Refused as refused:
        outcome = Outcome("", form, done=False, problems=refused.problems)
    except (KeyProblem, DatabaseProblem) as problem:
        outcome = Outcome(str(problem), form, done=False)
    else:
        outcome = Outcome(done if batch else ON_RECORD, form, batch)
    _became(outcome)
    return outcome.done


def already() -> None:
    """Says that what was to be entered is on record."""
    _became(Outcome(ON_RECORD, ""))


def _became(outcome: Outcome) -> None:
    st.session_state[OUTCOME], st.session_state[JUST] = outcome, outcome.done


def just_stored() -> str:
    """What was stored by the click that is being answered, said once: what makes the records be read again later is
    somebody else's entry. Empty where nothing was, or it was refused."""
    return st.session_state[OUTCOME].said if st.session_state.pop(JUST, False) else ""


def outcome() -> None:
    """Says what became of the last entry, with the way back."""
    last: Outcome | None = st.session_state.get(OUTCOME)
    if last is None:
        return
    if last.problems:
        n = formatting.counted(len({(problem.column, _said(problem)) for problem in last.problems}), "thing")
        apart = [problem for problem in last.problems if not problem.column]
        told = " ".join(_said(problem) for problem in apart)
        st.error(formatting.as_text(f"Not stored: {n} to mend. {told}".strip()), icon=":material/error:")
        return
    if not last.done:
        st.error(formatting.as_text(last.said), icon=":material/error:")
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.success(formatting.as_text(last.said), icon=":material/check:")
        if last.batch:
            st.button("Take it back", icon=":material/undo:", key="take_back", on_click=_take_back, args=[last])


def _take_back(last: Outcome) -> None:
    take_back(last.batch, last.form)


def take_back(batch: int, form: str = "") -> None:
    """Takes one entry back, and says so."""
    try:
        query_cache.change(undo, batch)
    except NotUndone as reason:
        _became(Outcome(str(reason), form, done=False))
    else:
        _became(Outcome("Taken back: the records are as they were before it.", form))


def failed(form: str) -> bool:
    """Was this form refused when it was last sent?"""
    last: Outcome | None = st.session_state.get(OUTCOME)
    return last is not None and last.form == form and bool(last.problems)


# What is wrong, where it is


def beside(column: str, form: str | None = None, row: int | None = None) -> None:
    """What was wrong with this field when the form was last sent. `row`: the line, where a form has several."""
    last: Outcome | None = st.session_state.get(OUTCOME)
    if last is None or form not in (None, last.form):
        return
    here = (problem for problem in last.problems if problem.column == column and row in (None, problem.row))
    for said in dict.fromkeys(map(_said, here)):
        st.markdown(f":red[{formatting.as_text(said)}]")


def put_beside(rows: Mapping[str, Sequence[int]]) -> None:
    """Where lines of a form were left out, its problems stand beside those they are about. `rows`: of each line that
    was sent, by its sheet, the row it has in the form."""
    last: Outcome = st.session_state[OUTCOME]
    placed = (
        replace(problem, row=rows[problem.file][problem.row - 1]) if problem.row and problem.file in rows else problem
        for problem in last.problems
    )
    st.session_state[OUTCOME] = replace(last, problems=tuple(placed))


def _said(problem: Problem) -> str:
    if problem.message in PLAIN:
        return PLAIN[problem.message]
    if problem.message in EMPTY:
        return f"Needed: {problem.expected}."
    value = f"{problem.value} " if problem.value else ""
    return formatting.sentence(f"{value}{problem.message}. Expected: {problem.expected}.")


# What is on record


def ask_source(new: bool = False) -> str | None:
    """The source that is added to: asked where there are several. None where there is none, and `new` is not wanted."""
    sources = query_cache.read(lookups.sources_with_treatments)
    if len(sources) > 1:
        return st.selectbox(
            "Records of", sources, key="entry_source", persist_state="session", width=220,
            help="Each source numbers its clients in its own way.",
        )  # fmt: skip
    return sources[0] if sources else "clinic" if new else None


def findable(name: lookups.Name) -> str:
    """The number by which the practice software finds a treatment; nothing where the source has none of its own."""
    made_here = name.source_id.startswith(manual_entry.PREFIX) or any(
        is_pseudonym(part) for part in name.source_id.split()
    )
    return "" if made_here else name.source_id


def visits(treatments: Sequence[int]) -> list[str]:
    """The same of treatments by our own numbers of them, which nobody else knows."""
    names = query_cache.read(lookups.names, "treatments", tuple(treatments))
    return [findable(names[number]) if number in names else "" for number in treatments]


def told(given: Given) -> str:
    """One treatment in a line: when, where, by whom, which areas."""
    areas = formatting.listing(label("area", area) for area in given.areas) or "no area told"
    return f"{formatting.day(given.date)}: {areas} ({given.site}, {given.practitioner})"


def options(listed: Codelist, also: Sequence[str] = ()) -> list[str]:
    """The codes of a list; those in `also` on top."""
    return [*also, *(code for code in listed if code not in also)]


def labelled(listed: Callable[[], Codelist]) -> Callable[[str], str]:
    """What a code of the list is called."""
    return lambda code: listed()[code].label if code in listed() else formatting.sentence(str(code))


METHOD, ASKED = labelled(codelist.methods), labelled(codelist.asked)
