"""The step between a foreign file and its check: what the columns mean, proposed, looked through and remembered."""

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from dashboard.forms.value_mapping_table import ask_services, ask_words
from dashboard.text import formatting
from data.files import Unreadable
from data.formats.registry import UnknownFormat
from data.importing.pipeline import tables_in
from data.importing.uploads import Upload
from data.mapping.answers import Answers, mapping_of, still_open
from data.mapping.column_matching import in_words
from data.mapping.proposal import NO, Field, Proposal, Question
from data.mapping.service_names import UNCONFIRMED, Service, as_names
from data.mapping.store import add_services, file_name, load, remembered_for, write_mapping
from data.mapping.suggestions import propose, services_in, words_in
from data.problems import Refused
from data.schema.template import SHEETS, Column, SheetKind

STATE = "mapping_step"  # where this session keeps what is proposed for files: {"files", "proposal"}
NOT_USED = ""
SERVICE_FIELD = re.compile(r"\{service\.(\w+)\}")
MOST_BUTTONS = 3  # more choices stand in a list


def can_help(error: BaseException) -> bool:
    """Were the files refused for what a person can say here?"""
    return isinstance(error, UnknownFormat) or (isinstance(error, Refused) and bool(_unconfirmed(error)))


def show(
    error: BaseException, files: Sequence[Upload], check: Callable[[str], None], leave: Callable[[], None]
) -> None:
    """Asks, remembers, and calls `check` with the name of the mapping; `leave` where the person gives up."""
    state = st.session_state.get(STATE)
    if state is None or state["files"] is not files:
        with st.spinner("Looking at the columns"):
            state = {"files": files, "proposal": _proposed(files)}
        st.session_state[STATE] = state
    proposal = state["proposal"]
    if isinstance(proposal, str):
        st.error(formatting.as_text(proposal), icon=":material/error:")
        remember = None
    elif not isinstance(error, UnknownFormat):
        remember = _new_services(proposal, error)
    else:
        remember = _whole(proposal)
    with st.container(horizontal=True):
        asked = remember and st.button("Remember this and check the files", type="primary")
        given_up = st.button("Other files")
    if given_up:
        del st.session_state[STATE]
        leave()
    if asked:
        try:
            file = remember()
        except Refused as refused:
            st.error(formatting.as_text(_open_points(refused)), icon=":material/error:")
        else:
            del st.session_state[STATE]
            check(file.stem)


def _proposed(files: Sequence[Upload]) -> Proposal | str:
    try:
        return propose([table for file in files for table in tables_in(file)])
    except (Refused, Unreadable) as reason:
        return str(reason.problems[0]) if isinstance(reason, Refused) else str(reason)


# A whole mapping


def _whole(proposal: Proposal) -> Callable[[], Path]:
    st.header("What do the columns mean?", anchor=False)
    known = f"It looks like an export of {proposal.preset}." if proposal.preset else "Its format is not known yet."
    lines = formatting.as_text(f"{formatting.counted(len(proposal.table.rows), 'line')}. {known}")
    st.markdown(
        f"**{formatting.as_text(proposal.table.file)}**, {lines} Look through what is proposed and answer what "
        "no file can say. It is asked once: the next export with these columns needs no questions."
    )
    for notice in proposal.notices:
        st.caption(formatting.as_text(formatting.sentence(notice)) + ".")
    source = st.text_input("Name of this source", proposal.source, max_chars=60, key="mapping_source")
    questions = _questions(proposal.questions)
    fields = {}
    for kind in SHEETS:
        if kind.name in proposal.where:
            fields |= _fields(proposal, kind)
    chosen = [Field(sheet, name, text, 1.0, "") for (sheet, name), text in fields.items()]
    words = ask_words(
        [word for one in chosen for word in words_in(proposal.table, one, proposal.where[one.sheet], proposal.boxes)]
    )
    names = _of_the_lines(proposal, questions) if proposal.services_from else ()
    texts = [text or "" for (sheet, _), text in fields.items() if sheet == "treatments"]
    if questions.get("units") == NO:
        texts.append("{service.units}")
    services = ask_services(names, "mapping_services", SERVICE_FIELD.findall(" ".join(texts))) if names else ()
    answers = Answers(source.strip() or proposal.source, fields, questions, services, words)
    missing = still_open(mapping_of(proposal, answers)) if not _refused(proposal, answers) else []
    if missing:
        st.caption(f"Still open: {formatting.as_text(formatting.listing(map(_place, missing)))}.")
    name = file_name(f"{answers.source} {'' if proposal.preset is None else proposal.preset}")
    return lambda: write_mapping(name, mapping_of(proposal, answers))


def _refused(proposal: Proposal, answers: Answers) -> bool:
    try:
        mapping_of(proposal, answers)
    except Refused as refused:
        st.error("\n\n".join(formatting.as_text(str(problem)) for problem in refused.problems))
        return True
    return False


def _fields(proposal: Proposal, kind: SheetKind) -> dict[tuple[str, str], str | None]:
    """For each field the column chosen; those without a proposal stand folded away."""
    st.markdown(f"**{kind.title}**")
    st.caption(kind.about)
    found = {one.name: one for one in proposal.fields if one.sheet == kind.name}
    asked = {question.about for question in proposal.questions}
    shown = [c for c in kind.columns if not c.for_exports and (c.name in found or c.name in kind.required)]
    shown = [column for column in shown if column.name in found or column.name not in asked]
    shown = [column for column in shown if column.name in found or not (column.name == "area" and "unplaced" in asked)]
    others = [c for c in kind.columns if not c.for_exports and c not in shown and c.name not in asked]
    chosen = {}
    left, right = st.columns(2)
    for number, column in enumerate(shown):
        with right if number % 2 else left:
            chosen[kind.name, column.name] = _field(proposal, kind, column, found.get(column.name))
    with st.expander("Further fields"):
        for column in others:
            chosen[kind.name, column.name] = _field(proposal, kind, column, None)
    return chosen


def _field(proposal: Proposal, kind: SheetKind, column: Column, found: Field | None) -> str | None:
    proposed = found.text if found else None
    options = [NOT_USED, *(f"{{{name}}}" for name in proposal.table.columns if not set("{}") & set(name))]
    options += [f"{{{question}}}" for question in proposal.boxes]
    if proposed and proposed not in options:
        options.insert(1, proposed)
    told = st.selectbox(
        column.heading,
        options,
        index=options.index(proposed) if proposed else 0,
        format_func=lambda text: _text(text, proposal),
        help=formatting.as_text(column.meaning) + ".",
        key=f"mapping {kind.name} {column.name}",
    )
    if told == proposed and found:
        why = f"{formatting.sentence(in_words(found.confidence))}: {found.why}."
        st.caption(formatting.as_text(f"{why}{_examples(proposal, column, told)}"))
    elif told:
        st.caption(formatting.as_text(f"Your choice.{_examples(proposal, column, told)}"))
    return told or None


def _text(text: str, proposal: Proposal) -> str:
    """A text of a mapping as a person reads it."""
    if text == NOT_USED:
        return "not read"
    if text.startswith("{service."):
        return "from the names of services"
    return text.replace("{ticked}", "what is ticked").replace("{", "").replace("}", "")


def _examples(proposal: Proposal, field: Any, text: str) -> str:
    column = text.strip("{}")
    if field.name == "client" and column not in proposal.identifying:
        return " Its values become pseudonyms."
    if column in proposal.identifying:
        return f" It tells who a client is ({proposal.identifying[column]}): its values are not shown and never stored."
    values = proposal.examples(column)
    return f" For example {'; '.join(value[:40] for value in values)}" if values else ""


# Questions


def _questions(questions: Sequence[Question]) -> dict[str, str | tuple[str, ...] | None]:
    answers: dict[str, str | tuple[str, ...] | None] = {}
    if questions:
        st.markdown("**What no column says**")
    for question in questions:
        text = formatting.as_text(question.text)
        key = f"mapping question {question.about}"
        means = dict(question.choices)
        if question.several:
            chosen = st.multiselect(text, list(means), list(question.answer or ()), key=key)
            answers[question.about] = tuple(chosen)
        elif means:
            index = list(means).index(question.answer) if question.answer else None
            said = {answer: _choice(means, answer) for answer in means}
            if len(means) <= MOST_BUTTONS:  # these read Markdown, where a list does not
                told = st.radio(text, means, index, key=key,
                                format_func=lambda one, said=said: formatting.as_text(said[one]))  # fmt: skip
            else:
                told = st.selectbox(text, means, index, format_func=said.get, key=key)
            answers[question.about] = told
        else:
            answers[question.about] = st.text_input(text, max_chars=60, key=key).strip() or None
    return answers


def _choice(means: Mapping[str, str], answer: str) -> str:
    return formatting.sentence(answer if means[answer] == answer else f"{answer}: {means[answer]}")


# Names of services


def _of_the_lines(proposal: Proposal, questions: Mapping[str, Any]) -> tuple[Service, ...]:
    """The names of services in the lines that the person wants read."""
    lines = {q.column: list(questions["lines"] or ()) for q in proposal.questions if q.about == "lines"}
    where = {**proposal.where["treatments"], **lines}
    return services_in(proposal.table, proposal.services_from, where)


def _new_services(proposal: Proposal, error: Refused) -> Callable[[], Path] | None:
    """A source that is known, with names of services that are not."""
    file, _ = remembered_for(proposal.table.columns)
    if file is None:
        st.error("Names of services are new, and the mapping is not one remembered here: add them to its file.")
        return None
    meaning = load(file)
    st.header("New names of services", anchor=False)
    st.markdown(
        f"The files are of a source that is known, **{formatting.as_text(file.stem)}**, with names of services that "
        "nobody has confirmed yet. Say what they stand for."
    )
    unknown = _unconfirmed(error)
    found = services_in(proposal.table, meaning.services.cell.text, {})
    cells = [cell.text for part in meaning.parts for cell in part.cells.values()]
    used = SERVICE_FIELD.findall(" ".join(cells))
    told = ask_services([one for one in found if one.name in unknown], "mapping_new_services", used)
    return lambda: add_services(proposal.table.columns, as_names(told))


def _unconfirmed(error: Refused) -> set[str]:
    """Names of services that are in the files and in no mapping, as one spelling of each stands there."""
    return {problem.value or "" for problem in error.problems if problem.message == UNCONFIRMED}


# What is still open


def _open_points(refused: Refused) -> str:
    points = [_place(problem.column or "") for problem in refused.problems]
    return f"Still open: {formatting.listing(dict.fromkeys(points))}. Nothing was remembered."


def _place(place: str) -> str:
    """ "treatments.site" as a person reads it."""
    names = {
        "unplaced": "lines without an area", "dates": "the day or the month first",
        "treatments.where": "what was carried out", "treatments.site": "which clinic it is",
        "treatments.units": "whether units were counted", "treatments.product": "which product it is",
    }  # fmt: skip
    word = re.search(r"\.(?:ticked|codes)\.(.+)", place)
    if word:
        return f'the word "{word[1]}"'
    if place.startswith("services."):
        return f'the service "{place.removeprefix("services.").removeprefix("names.")}"'
    return next((said for start, said in names.items() if place.startswith(start)), place.replace(".", ": "))
