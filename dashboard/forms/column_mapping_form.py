"""The step between a foreign file and its check: a person reviews what the columns mean, and the answers are saved."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import streamlit as st

from dashboard.forms import column_choices
from dashboard.forms.value_mapping_table import draw_service_table, draw_value_table, draw_word_table
from dashboard.shell import query_cache
from dashboard.text import formatting
from data.files import UnreadableFileError, read_tables
from data.importing.pipeline import Upload
from data.mapping.proposal import NO, Answer, FieldSuggestion, MappingProposal, MappingQuestion
from data.mapping.saved_answers import apply_saved
from data.mapping.service_suggestions import suggest_meanings
from data.mapping.spec import MappingSpec, unanswered_settings
from data.mapping.store import add_services, find_mapping_for, load_mapping, safe_file_name, save_mapping
from data.mapping.suggestions import propose, suggest_values
from data.problems import UNCONFIRMED_SERVICE, UNKNOWN_FORMAT, ImportRefusedError
from data.records.repository import sources_with_treatments
from data.schema.template import TREATMENTS

STATE = "mapping_step"  # in the session: {"files", "proposal"}
NEW_SOURCE = "a new source"
SERVICE_FIELD = re.compile(r"\{service\.(\w+)\}")
MAX_BUTTONS = 3  # more choices make a list
SETTING_LABELS = {
    "unplaced": "rows without an area",
    "dates": "the order of day and month",
    "treatments.where": "what was carried out",
    "treatments.site": "which clinic this is",
    "treatments.units": "whether units were counted",
    "treatments.product": "which product this is",
    "treatments.practitioner": "who injected",
    "treatments.client": "which column identifies the client",
    "services.product": "which product it is where the name does not say",
    "refunds": "what negative quantities mean",
}


def can_propose(error: BaseException) -> bool:
    """Whether the files wait for a person's answers here, and for nothing else."""
    problems = error.problems if isinstance(error, ImportRefusedError) else ()
    return any(problem.code in (UNKNOWN_FORMAT, UNCONFIRMED_SERVICE) for problem in problems)


def has_only_new_services(error: BaseException | None) -> bool:
    """Whether the mapping is saved, and some names of services in it are new."""
    return isinstance(error, ImportRefusedError) and all(problem.code != UNKNOWN_FORMAT for problem in error.problems)


def draw_mapping_form(
    error: BaseException | None, files: Sequence[Upload], check: Callable[[str], None], leave: Callable[[], None]
) -> None:
    """Asks, saves the mapping and calls `check` with its name; calls `leave` if the person gives up.

    `error` None: a person wants to change the mapping that was used.
    """
    state = st.session_state.get(STATE)
    if state is None or state["files"] is not files:
        with st.spinner("Looking at the columns"):
            state = {"files": files, "proposal": _propose(files)}
        st.session_state[STATE] = state
    proposal = state["proposal"]
    if isinstance(proposal, str):
        st.error(formatting.escape_markdown(proposal), icon=":material/error:")
        save = None
    elif has_only_new_services(error):
        save = _draw_new_services(proposal, error)
    else:
        save = _draw_proposal(proposal)
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
    """The proposal for these files, with the answers that a mapping saved for them has."""
    try:
        proposal = propose([table for file in files for table in read_tables(file.name, file.content)])
    except UnreadableFileError as error:
        return str(error)
    except ImportRefusedError as refused:
        return str(refused.problems[0])
    saved, _ = find_mapping_for(proposal.table.columns)
    return apply_saved(proposal, load_mapping(saved)) if saved else proposal


def _draw_proposal(proposal: MappingProposal) -> Callable[[], Path]:
    st.header("What do the columns mean?", anchor=False)
    known = f"It looks like an export of {proposal.preset}." if proposal.preset else "Its format is new here."
    rows = formatting.escape_markdown(f"{formatting.pluralize(len(proposal.table.rows), 'row')}. {known}")
    st.markdown(
        f"**{formatting.escape_markdown(proposal.table.file)}**, {rows} Review the suggestions and answer the "
        "questions. You do this once: the next export with these columns needs no answers."
    )
    for notice in (*proposal.table.notices, *proposal.notices):
        st.caption(formatting.escape_markdown(formatting.capitalize_first(notice.rstrip("."))) + ".")
    source = _draw_source(proposal)
    if proposal.questions:
        st.markdown("**What no column says**")
    answers = {question.topic: _draw_question(question) for question in proposal.questions}
    fields, filters = column_choices.draw_fields(proposal)
    chosen = [FieldSuggestion(sheet, name, text, 1.0, "") for (sheet, name), text in fields.items() if text]
    codes = draw_value_table(
        [
            replace(value, code=proposal.known_codes.get((one.sheet, one.name), {}).get(value.text, value.code))
            for one in chosen
            for value in suggest_values(proposal.table, one, filters[one.sheet], proposal.boxes)
        ]
    )
    words, services = proposal.words, proposal.services
    used = SERVICE_FIELD.findall(" ".join(one.text for one in chosen if one.sheet == TREATMENTS.name))
    used += ["units"] if answers.get("units") == NO else []
    if proposal.service_rule and used:
        done = {question.column: answers["lines"] for question in proposal.questions if question.topic == "lines"}
        where = {**filters.get(TREATMENTS.name, {}), **done}
        if not proposal.known_codes:  # no mapping is saved: only what occurs in these rows
            meanings = suggest_meanings(proposal.table, proposal.service_rule, where, "product" in used)
            words, services = meanings.words, meanings.services
        words = draw_word_table(words, "mapping_words") if words else []
        services = draw_service_table(services, "mapping_services", used) if services else []

    def to_spec() -> MappingSpec:
        return proposal.to_spec(source, fields, answers, services, words, codes, filters)

    try:
        spec = to_spec()
        missing = unanswered_settings(spec)
    except ImportRefusedError as refused:
        st.error("\n\n".join(formatting.escape_markdown(str(problem)) for problem in refused.problems))
    else:
        column_choices.draw_unused(proposal, spec)
        if missing:
            st.caption(f"Still open: {formatting.escape_markdown(_join_labels(missing))}.")
    name = safe_file_name(f"{source or proposal.source} {proposal.preset or ''}")
    return lambda: save_mapping(name, to_spec())


def _draw_source(proposal: MappingProposal) -> str:
    """The name of the source: one that has records, or a new one. A client of two sources counts as two."""
    existing = query_cache.cached_lookup(sources_with_treatments)
    if existing:
        options = [NEW_SOURCE, *existing]
        index = options.index(proposal.source) if proposal.source in existing else 0
        help_text = "Another report of the same software belongs to its source, or each client counts as two."
        source = st.selectbox("Where do these records come from?", options, index, help=help_text, key="mapping_origin")
        if source != NEW_SOURCE:
            return source
    return st.text_input("Name of this source", proposal.source, max_chars=60, key="mapping_source").strip()


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


def _draw_new_services(proposal: MappingProposal, error: BaseException) -> Callable[[], Path] | None:
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
    used = set().union(*(rule.service_fields for rule in spec.sheets.values()))
    found = suggest_meanings(proposal.table, spec.services, {}, "product" in used)
    new_words = [use for use in found.words if use.word not in spec.services.words]
    words = draw_word_table(new_words, "mapping_new_words") if new_words else []
    names = [one for one in found.services if one.name in unknown]
    services = draw_service_table(names, "mapping_new_services", used) if names else []
    return lambda: add_services(
        columns,
        {one.name: one.to_mapping_value(used) for one in services},
        {use.word: use.to_mapping_value() for use in words},
    )


def _join_labels(settings: Iterable[str]) -> str:
    return formatting.join_words(dict.fromkeys(map(_setting_label, settings)))


def _setting_label(setting: str) -> str:
    """A setting such as "treatments.site" as a person reads it."""
    if value := re.search(r"\.(?:ticked|codes)\.(.+)", setting):
        return f'the value "{value[1]}"'
    if setting.startswith(("services.names.", "services.words.")):
        return f'the service "{setting.split(".", 2)[2]}"'
    label = next((label for start, label in SETTING_LABELS.items() if setting.startswith(start)), None)
    return label or setting.replace(".", ": ")
