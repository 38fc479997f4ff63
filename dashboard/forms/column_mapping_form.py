"""The step between a foreign file and its check: what the columns mean, proposed, looked through and remembered."""

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from dashboard.forms.value_mapping_table import draw_service_table, draw_value_table
from dashboard.text import formatting
from data.files import UnreadableFileError
from data.formats.registry import UnknownFormatError
from data.importing.pipeline import tables_in
from data.importing.uploads import Upload
from data.mapping.answers import MappingAnswers, build_mapping, unanswered_settings
from data.mapping.column_matching import confidence_label
from data.mapping.proposal import NO, FieldSuggestion, MappingProposal, MappingQuestion
from data.mapping.service_names import UNCONFIRMED, Service, services_to_toml
from data.mapping.store import add_services, find_mapping_for, load_mapping, safe_file_name, save_mapping
from data.mapping.suggestions import propose, suggest_services, suggest_values
from data.problems import ImportRefusedError
from data.schema.template import SHEETS, Column, SheetSchema

STATE = "mapping_step"  # where this session keeps what is proposed for files: {"files", "proposal"}
UNUSED_COLUMN = ""
SERVICE_FIELD = re.compile(r"\{service\.(\w+)\}")
MAX_BUTTONS = 3  # more choices stand in a list


def can_propose(error: BaseException) -> bool:
    """Were the files refused for what a person can say here?"""
    return isinstance(error, UnknownFormatError) or (
        isinstance(error, ImportRefusedError) and bool(_unconfirmed_names(error))
    )


def draw_mapping_form(
    error: BaseException, files: Sequence[Upload], check: Callable[[str], None], leave: Callable[[], None]
) -> None:
    """Asks, remembers, and calls `check` with the name of the mapping; `leave` where the person gives up."""
    state = st.session_state.get(STATE)
    if state is None or state["files"] is not files:
        with st.spinner("Looking at the columns"):
            state = {"files": files, "proposal": _propose(files)}
        st.session_state[STATE] = state
    proposal = state["proposal"]
    if isinstance(proposal, str):
        st.error(formatting.escape_markdown(proposal), icon=":material/error:")
        remember = None
    elif not isinstance(error, UnknownFormatError):
        remember = _new_services(proposal, error)
    else:
        remember = _draw_proposal(proposal)
    with st.container(horizontal=True):
        asked = remember and st.button("Remember this and check the files", type="primary")
        given_up = st.button("Other files")
    if given_up:
        del st.session_state[STATE]
        leave()
    if asked:
        try:
            file = remember()
        except ImportRefusedError as refused:
            st.error(formatting.escape_markdown(_open_points_text(refused)), icon=":material/error:")
        else:
            del st.session_state[STATE]
            check(file.stem)


def _propose(files: Sequence[Upload]) -> MappingProposal | str:
    try:
        return propose([table for file in files for table in tables_in(file)])
    except (ImportRefusedError, UnreadableFileError) as reason:
        return str(reason.problems[0]) if isinstance(reason, ImportRefusedError) else str(reason)


# A whole mapping


def _draw_proposal(proposal: MappingProposal) -> Callable[[], Path]:
    st.header("What do the columns mean?", anchor=False)
    known = f"It looks like an export of {proposal.preset}." if proposal.preset else "Its format is not known yet."
    lines = formatting.escape_markdown(f"{formatting.pluralize(len(proposal.table.rows), 'line')}. {known}")
    st.markdown(
        f"**{formatting.escape_markdown(proposal.table.file)}**, {lines} Look through what is proposed and answer what "
        "no file can say. It is asked once: the next export with these columns needs no questions."
    )
    for notice in proposal.notices:
        st.caption(formatting.escape_markdown(formatting.capitalize_first(notice)) + ".")
    source = st.text_input("Name of this source", proposal.source, max_chars=60, key="mapping_source")
    questions = _questions(proposal.questions)
    fields = {}
    for kind in SHEETS:
        if kind.name in proposal.row_filters:
            fields |= _fields(proposal, kind)
    chosen = [FieldSuggestion(sheet, name, text, 1.0, "") for (sheet, name), text in fields.items()]
    words = draw_value_table(
        [
            word
            for one in chosen
            for word in suggest_values(proposal.table, one, proposal.row_filters[one.sheet], proposal.boxes)
        ]
    )
    names = _chosen_services(proposal, questions) if proposal.service_column else ()
    texts = [text or "" for (sheet, _), text in fields.items() if sheet == "treatments"]
    if questions.get("units") == NO:
        texts.append("{service.units}")
    services = draw_service_table(names, "mapping_services", SERVICE_FIELD.findall(" ".join(texts))) if names else ()
    answers = MappingAnswers(source.strip() or proposal.source, fields, questions, services, words)
    missing = unanswered_settings(build_mapping(proposal, answers)) if not _draw_refusal(proposal, answers) else []
    if missing:
        st.caption(f"Still open: {formatting.escape_markdown(formatting.join_words(map(_setting_label, missing)))}.")
    name = safe_file_name(f"{answers.source} {'' if proposal.preset is None else proposal.preset}")
    return lambda: save_mapping(name, build_mapping(proposal, answers))


def _draw_refusal(proposal: MappingProposal, answers: MappingAnswers) -> bool:
    try:
        build_mapping(proposal, answers)
    except ImportRefusedError as refused:
        st.error("\n\n".join(formatting.escape_markdown(str(problem)) for problem in refused.problems))
        return True
    return False


def _fields(proposal: MappingProposal, kind: SheetSchema) -> dict[tuple[str, str], str | None]:
    """For each field the column chosen; those without a proposal stand folded away."""
    st.markdown(f"**{kind.title}**")
    st.caption(kind.description)
    found = {one.name: one for one in proposal.fields if one.sheet == kind.name}
    asked = {question.topic for question in proposal.questions}
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


def _field(proposal: MappingProposal, kind: SheetSchema, column: Column, found: FieldSuggestion | None) -> str | None:
    proposed = found.text if found else None
    options = [UNUSED_COLUMN, *(f"{{{name}}}" for name in proposal.table.columns if not set("{}") & set(name))]
    options += [f"{{{question}}}" for question in proposal.boxes]
    if proposed and proposed not in options:
        options.insert(1, proposed)
    told = st.selectbox(
        column.heading,
        options,
        index=options.index(proposed) if proposed else 0,
        format_func=lambda text: _mapping_text_label(text, proposal),
        help=formatting.escape_markdown(column.description) + ".",
        key=f"mapping {kind.name} {column.name}",
    )
    if told == proposed and found:
        why = f"{formatting.capitalize_first(confidence_label(found.confidence))}: {found.reason}."
        st.caption(formatting.escape_markdown(f"{why}{_examples(proposal, column, told)}"))
    elif told:
        st.caption(formatting.escape_markdown(f"Your choice.{_examples(proposal, column, told)}"))
    return told or None


def _mapping_text_label(text: str, proposal: MappingProposal) -> str:
    """A text of a mapping as a person reads it."""
    if text == UNUSED_COLUMN:
        return "not read"
    if text.startswith("{service."):
        return "from the names of services"
    return text.replace("{ticked}", "what is ticked").replace("{", "").replace("}", "")


def _examples(proposal: MappingProposal, field: Any, text: str) -> str:
    column = text.strip("{}")
    if field.name == "client" and column not in proposal.identifying:
        return " Its values become pseudonyms."
    if column in proposal.identifying:
        return f" It tells who a client is ({proposal.identifying[column]}): its values are not shown and never stored."
    values = proposal.examples(column)
    return f" For example {'; '.join(value[:40] for value in values)}" if values else ""


# Questions


def _questions(questions: Sequence[MappingQuestion]) -> dict[str, str | tuple[str, ...] | None]:
    answers: dict[str, str | tuple[str, ...] | None] = {}
    if questions:
        st.markdown("**What no column says**")
    for question in questions:
        text = formatting.escape_markdown(question.text)
        key = f"mapping question {question.topic}"
        means = dict(question.choices)
        if question.allows_several:
            chosen = st.multiselect(text, list(means), list(question.answer or ()), key=key)
            answers[question.topic] = tuple(chosen)
        elif means:
            index = list(means).index(question.answer) if question.answer else None
            said = {answer: _choice(means, answer) for answer in means}
            if len(means) <= MAX_BUTTONS:  # these read Markdown, where a list does not
                told = st.radio(text, means, index, key=key,
                                format_func=lambda one, said=said: formatting.escape_markdown(said[one]))  # fmt: skip
            else:
                told = st.selectbox(text, means, index, format_func=said.get, key=key)
            answers[question.topic] = told
        else:
            answers[question.topic] = st.text_input(text, max_chars=60, key=key).strip() or None
    return answers


def _choice(means: Mapping[str, str], answer: str) -> str:
    return formatting.capitalize_first(answer if means[answer] == answer else f"{answer}: {means[answer]}")


# Names of services


def _chosen_services(proposal: MappingProposal, questions: Mapping[str, Any]) -> tuple[Service, ...]:
    """The names of services in the lines that the person wants read."""
    lines = {q.column: list(questions["lines"] or ()) for q in proposal.questions if q.topic == "lines"}
    where = {**proposal.row_filters["treatments"], **lines}
    return suggest_services(proposal.table, proposal.service_column, where)


def _new_services(proposal: MappingProposal, error: ImportRefusedError) -> Callable[[], Path] | None:
    """A source that is known, with names of services that are not."""
    file, _ = find_mapping_for(proposal.table.columns)
    if file is None:
        st.error("Names of services are new, and the mapping is not one remembered here: add them to its file.")
        return None
    meaning = load_mapping(file)
    st.header("New names of services", anchor=False)
    st.markdown(
        f"The files are of a source that is known, **{formatting.escape_markdown(file.stem)}**, with names of "
        f"services that "
        "nobody has confirmed yet. Say what they stand for."
    )
    unknown = _unconfirmed_names(error)
    found = suggest_services(proposal.table, meaning.services.cell.text, {})
    cells = [cell.text for part in meaning.sheet_rules for cell in part.cells.values()]
    used = SERVICE_FIELD.findall(" ".join(cells))
    told = draw_service_table([one for one in found if one.name in unknown], "mapping_new_services", used)
    return lambda: add_services(proposal.table.columns, services_to_toml(told))


def _unconfirmed_names(error: ImportRefusedError) -> set[str]:
    """Names of services that are in the files and in no mapping, as one spelling of each stands there."""
    return {problem.value or "" for problem in error.problems if problem.message == UNCONFIRMED}


# What is still open


def _open_points_text(refused: ImportRefusedError) -> str:
    points = [_setting_label(problem.column or "") for problem in refused.problems]
    return f"Still open: {formatting.join_words(dict.fromkeys(points))}. Nothing was remembered."


def _setting_label(place: str) -> str:
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
