"""The step between a foreign file and its check: a person reviews what the columns mean, and the answers are saved."""

import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import streamlit as st

from dashboard.forms.value_mapping_table import draw_service_table, draw_value_table
from dashboard.text import formatting
from data.files import UnreadableFileError, read_tables
from data.importing.pipeline import Upload
from data.mapping.proposal import NO, Answer, FieldSuggestion, MappingProposal, MappingQuestion, Place, confidence_label
from data.mapping.spec import SCHEMAS, SERVICE, MappingSpec, unanswered_settings
from data.mapping.store import add_services, find_mapping_for, load_mapping, safe_file_name, save_mapping
from data.mapping.suggestions import propose, suggest_services, suggest_values
from data.problems import UNCONFIRMED_SERVICE, UNKNOWN_FORMAT, ImportRefusedError
from data.schema.template import TREATMENTS, Column, SheetSchema

STATE = "mapping_step"  # in the session: {"files", "proposal"}
UNUSED_COLUMN = ""
SERVICE_FIELD = re.compile(r"\{service\.(\w+)\}")
MAX_BUTTONS = 3  # more choices make a list
SETTING_LABELS = {
    "unplaced": "rows without an area",
    "dates": "the order of day and month",
    "treatments.where": "what was carried out",
    "treatments.site": "which clinic this is",
    "treatments.units": "whether units were counted",
    "treatments.product": "which product this is",
}


def can_propose(error: BaseException) -> bool:
    """Whether a person's answers here can help files that were refused with this error."""
    problems = error.problems if isinstance(error, ImportRefusedError) else ()
    return any(problem.code in (UNKNOWN_FORMAT, UNCONFIRMED_SERVICE) for problem in problems)


def draw_mapping_form(
    error: ImportRefusedError, files: Sequence[Upload], check: Callable[[str], None], leave: Callable[[], None]
) -> None:
    """Asks, saves the mapping and calls `check` with its name; calls `leave` if the person gives up."""
    state = st.session_state.get(STATE)
    if state is None or state["files"] is not files:
        with st.spinner("Looking at the columns"):
            state = {"files": files, "proposal": _propose(files)}
        st.session_state[STATE] = state
    proposal = state["proposal"]
    if isinstance(proposal, str):
        st.error(formatting.escape_markdown(proposal), icon=":material/error:")
        save = None
    elif any(problem.code == UNKNOWN_FORMAT for problem in error.problems):
        save = _draw_proposal(proposal)
    else:
        save = _draw_new_services(proposal, error)
    with st.container(horizontal=True):
        confirmed = save and st.button("Save this mapping and check the files", type="primary")
        given_up = st.button("Choose other files")
    if given_up:
        del st.session_state[STATE]
        leave()
    if confirmed:
        try:
            file = save()
        except ImportRefusedError as refused:
            open_points = _join_labels(problem.column or "" for problem in refused.problems)
            st.error(
                f"Still open: {formatting.escape_markdown(open_points)}. Nothing was saved.", icon=":material/error:"
            )
        else:
            del st.session_state[STATE]
            check(file.stem)


def _propose(files: Sequence[Upload]) -> MappingProposal | str:
    try:
        return propose([table for file in files for table in read_tables(file.name, file.content)])
    except UnreadableFileError as error:
        return str(error)
    except ImportRefusedError as refused:
        return str(refused.problems[0])


def _draw_proposal(proposal: MappingProposal) -> Callable[[], Path]:
    st.header("What do the columns mean?", anchor=False)
    known = f"It looks like an export of {proposal.preset}." if proposal.preset else "Its format is new here."
    rows = formatting.escape_markdown(f"{formatting.pluralize(len(proposal.table.rows), 'row')}. {known}")
    st.markdown(
        f"**{formatting.escape_markdown(proposal.table.file)}**, {rows} Review the suggestions and answer the "
        "questions. You do this once: the next export with these columns needs no answers."
    )
    for notice in proposal.notices:
        st.caption(formatting.escape_markdown(formatting.capitalize_first(notice)) + ".")
    source = st.text_input("Name of this source", proposal.source, max_chars=60, key="mapping_source").strip()
    if proposal.questions:
        st.markdown("**What no column says**")
    answers = {question.topic: _draw_question(question) for question in proposal.questions}
    fields: dict[Place, str | None] = {}
    for kind in SCHEMAS.values():
        if kind.name in proposal.row_filters:
            fields |= _draw_fields(proposal, kind)
    chosen = [FieldSuggestion(sheet, name, text, 1.0, "") for (sheet, name), text in fields.items() if text]
    filters, boxes = proposal.row_filters, proposal.boxes
    codes = draw_value_table(
        [value for one in chosen for value in suggest_values(proposal.table, one, filters[one.sheet], boxes)]
    )
    services = []
    if proposal.service_column:
        done = {question.column: answers["lines"] for question in proposal.questions if question.topic == "lines"}
        names = suggest_services(proposal.table, proposal.service_column, {**filters[TREATMENTS.name], **done})
        used = SERVICE_FIELD.findall(" ".join(one.text for one in chosen if one.sheet == TREATMENTS.name))
        used += ["units"] if answers.get("units") == NO else []
        services = draw_service_table(names, "mapping_services", used) if names else []

    def to_spec() -> MappingSpec:
        return proposal.to_spec(source, fields, answers, services, codes)

    try:
        missing = unanswered_settings(to_spec())
    except ImportRefusedError as refused:
        st.error("\n\n".join(formatting.escape_markdown(str(problem)) for problem in refused.problems))
    else:
        if missing:
            st.caption(f"Still open: {formatting.escape_markdown(_join_labels(missing))}.")
    name = safe_file_name(f"{source or proposal.source} {proposal.preset or ''}")
    return lambda: save_mapping(name, to_spec())


def _draw_fields(proposal: MappingProposal, kind: SheetSchema) -> dict[Place, str | None]:
    """The column chosen for each field; fields without a suggestion are in an expander."""
    st.markdown(f"**{kind.title}**")
    st.caption(kind.description)
    suggested = {one.name: one for one in proposal.fields if one.sheet == kind.name}
    topics = {question.topic for question in proposal.questions}
    asked = topics | ({"area"} if "unplaced" in topics else set())
    columns = [column for column in kind.columns if not column.for_exports]
    shown = [c for c in columns if c.name in suggested or (c.name in kind.required and c.name not in asked)]
    chosen = {}
    for column, place in zip(shown, [*st.columns(2)] * len(shown), strict=False):
        with place:
            chosen[kind.name, column.name] = _draw_field(proposal, kind, column, suggested.get(column.name))
    with st.expander("More fields"):
        for column in columns:
            if column not in shown and column.name not in topics:
                chosen[kind.name, column.name] = _draw_field(proposal, kind, column, None)
    return chosen


def _draw_field(
    proposal: MappingProposal, kind: SheetSchema, column: Column, suggestion: FieldSuggestion | None
) -> str | None:
    suggested = suggestion.text if suggestion else None
    options = [UNUSED_COLUMN, *(f"{{{name}}}" for name in proposal.table.columns if set("{}").isdisjoint(name))]
    options += [f"{{{question}}}" for question in proposal.boxes]
    if suggested and suggested not in options:
        options.insert(1, suggested)
    text = st.selectbox(
        column.heading,
        options,
        index=options.index(suggested) if suggested else 0,
        format_func=_mapping_text_label,
        help=formatting.escape_markdown(column.description) + ".",
        key=f"mapping {kind.name} {column.name}",
    )
    if text:
        reason = "Your choice."
        if suggestion and text == suggested:
            label = formatting.capitalize_first(confidence_label(suggestion.confidence))
            reason = f"{label}: {suggestion.reason}."
        st.caption(formatting.escape_markdown(f"{reason}{_examples(proposal, column, text)}"))
    return text or None


def _mapping_text_label(text: str) -> str:
    """The text of a mapping as a person reads it."""
    if text == UNUSED_COLUMN:
        return "not read"
    if text.startswith(f"{{{SERVICE}"):
        return "from the names of services"
    return text.replace("{ticked}", "the ticked answer").replace("{", "").replace("}", "")


def _examples(proposal: MappingProposal, field: Column, text: str) -> str:
    column = text.strip("{}")
    if field.name == "client" and column not in proposal.identifying:
        return " Its values become pseudonyms."
    if column in proposal.identifying:
        return f" It identifies a client ({proposal.identifying[column]}): its values are not shown and never stored."
    values = proposal.examples(column)
    return f" For example {'; '.join(value[:40] for value in values)}" if values else ""


def _draw_question(question: MappingQuestion) -> Answer:
    title = formatting.escape_markdown(question.text)
    key = f"mapping question {question.topic}"
    meanings = dict(question.choices)
    if question.allows_several:
        return tuple(st.multiselect(title, list(meanings), list(question.answer or ()), key=key))
    if not meanings:
        return st.text_input(title, max_chars=60, key=key).strip() or None
    labels = {
        answer: formatting.capitalize_first(answer if meaning == answer else f"{answer}: {meaning}")
        for answer, meaning in meanings.items()
    }
    index = list(meanings).index(question.answer) if isinstance(question.answer, str) else None
    if len(meanings) > MAX_BUTTONS:
        return st.selectbox(title, meanings, index, format_func=labels.get, key=key)
    return st.radio(  # its labels are Markdown, those of a list are not
        title, meanings, index, format_func=lambda answer: formatting.escape_markdown(labels[answer]), key=key
    )


def _draw_new_services(proposal: MappingProposal, error: ImportRefusedError) -> Callable[[], Path] | None:
    """New names of services in an export whose mapping is saved."""
    columns = proposal.table.columns
    file, _ = find_mapping_for(columns)
    if file is None:
        st.error("Names of services are new, and their mapping is not saved here. Add them to its file.")
        return None
    spec = load_mapping(file)
    st.header("New names of services", anchor=False)
    st.markdown(
        f"The source of these files is known, **{formatting.escape_markdown(file.stem)}**, but nobody has confirmed "
        "some names of services yet. Say what they stand for."
    )
    unknown = {problem.value or "" for problem in error.problems if problem.code == UNCONFIRMED_SERVICE}
    names = [one for one in suggest_services(proposal.table, spec.services.text, {}) if one.name in unknown]
    used = set().union(*(rule.service_fields for rule in spec.sheets.values()))
    services = draw_service_table(names, "mapping_new_services", used)
    return lambda: add_services(columns, {one.name: one.to_mapping_value(used) for one in services})


def _join_labels(settings: Iterable[str]) -> str:
    return formatting.join_words(dict.fromkeys(map(_setting_label, settings)))


def _setting_label(setting: str) -> str:
    """A setting such as "treatments.site" as a person reads it."""
    if value := re.search(r"\.(?:ticked|codes)\.(.+)", setting):
        return f'the value "{value[1]}"'
    if setting.startswith("services."):
        return f'the service "{setting.removeprefix("services.").removeprefix("names.")}"'
    label = next((label for start, label in SETTING_LABELS.items() if setting.startswith(start)), None)
    return label or setting.replace(".", ": ")
