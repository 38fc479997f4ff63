"""Files in: checked first, stored when a person has seen what would be; or every problem listed, nothing stored."""

from collections.abc import Sequence
from functools import partial

import streamlit as st

from dashboard.components import charts, data_table, downloads, import_history
from dashboard.forms import column_mapping_form
from dashboard.shell import background_jobs, error_reporting, query_cache
from dashboard.text import formatting, labels
from data.importing import pipeline
from data.importing.pipeline import ImportSummary
from data.importing.uploads import Upload
from data.mapping.store import mapping_names
from data.problems import ImportRefusedError, Problem
from data.records.diff import FieldChange
from data.records.lookups import sources_with_treatments
from data.schema.workbook_writer import follow_up_log_workbook, template_workbook

FILE_TYPES = ["csv", "tsv", "txt", "xlsx", "xlsm", "xlsb", "xls", "ods", "json"]
NO_MAPPING = "recognise the format"
AS_FILES_SAY = "as the files say"
TEMPLATES = (
    ("Download the template", template_workbook, "template"),
    ("Download the follow-up log", follow_up_log_workbook, "follow-up log"),
)
STATE = "import"  # where this session keeps its import: {"files", "how", "job", "stored"}


PROGRESS_NOUNS = {"reading": "files", "storing": "records"}


def main() -> None:
    st.markdown(
        "Drop one or several files of one source: our template, the follow-up log, an export of practice software, "
        "CDISC SDTM, a FHIR bundle. They are checked first; nothing is stored before you have seen what would be. The "
        "same file again changes nothing."
    )
    if STATE in st.session_state:
        _draw_progress()
    else:
        _choose_files()
        import_history.draw_import_history()


def _choose_files() -> None:
    files = st.file_uploader("Files", FILE_TYPES, accept_multiple_files=True, key="files")
    mapping = st.selectbox(
        "Mapping",
        [NO_MAPPING, *mapping_names()],
        help="A small file that says what the columns of a flat table mean: docs/importing.md.",
    )
    source = _source_of_a_log()
    if st.button("Check the files", type="primary", disabled=not files):
        uploads = tuple(Upload(file.name, file.getvalue()) for file in sorted(files, key=lambda file: file.name))
        _start(uploads, None if mapping == NO_MAPPING else mapping, source, dry_run=True)
        st.rerun()
    with st.container(horizontal=True, gap="small"):
        for label, workbook, name in TEMPLATES:
            downloads.button(label, workbook, downloads.file_name(name, "xlsx"))


def _source_of_a_log() -> str | None:
    """Asked where treatments of several sources are on record: a follow-up log follows those of one."""
    sources = query_cache.cached_lookup(sources_with_treatments)
    if len(sources) < 2:
        return None
    chosen = st.selectbox(
        "Source",
        [AS_FILES_SAY, *sources],
        help="A follow-up log follows the treatments of one source: say of which. Other files name their own.",
    )
    return None if chosen == AS_FILES_SAY else chosen


def _start(
    files: Sequence[Upload], mapping: str | None, source: str | None, dry_run: bool, keep_refused: bool = False
) -> None:
    progress = background_jobs.Progress()
    how = {"mapping": mapping, "source": source, "keep_refused": keep_refused}
    work = partial(pipeline.import_files, **how, dry_run=dry_run, report=progress.report)
    title = "Checking the files" if dry_run else "Storing the records"
    job = background_jobs.start_job(title, query_cache.execute_write, work, files, progress=progress)
    st.session_state[STATE] = {"files": files, "how": how, "job": job, "stored": not dry_run}


def _start_again(**otherwise) -> None:
    """The same files once more."""
    state = st.session_state[STATE]
    background_jobs.forget_job(state["job"])
    _start(state["files"], **state["how"] | otherwise)
    st.rerun()


def _check_again(mapping: str) -> None:
    _start_again(mapping=mapping, dry_run=True)


def _draw_progress() -> None:
    state = st.session_state[STATE]
    job = background_jobs.find_job(state["job"])
    if job is not None and job.running:
        _wait_for_job(state["job"])
    elif job is None:
        _finish_import("This import is no longer known: look at Data quality for what was stored.")
    elif (error := job.work.exception()) and column_mapping_form.can_propose(error):
        column_mapping_form.draw_mapping_form(error, state["files"], _check_again, _finish_import)
    elif error:
        _draw_refusal(error, tried_without=state["how"]["keep_refused"])
    elif state["stored"]:
        state["files"] = ()  # they name people, and are not needed any more
        _draw_result(job.work.result())
    else:
        _draw_preview(job.work.result())


@st.fragment(run_every=1)
def _wait_for_job(number: int) -> None:
    job = background_jobs.find_job(number)
    if job is None or not job.running:
        st.rerun()
    at = job.progress
    done = f": {formatting.count(at.done)} of {formatting.count(at.of)} {PROGRESS_NOUNS[at.doing]}" if at.of else ""
    said = f"{job.title} \N{HORIZONTAL ELLIPSIS} {at.doing}{done}. It goes on if you leave this page."
    st.status(formatting.escape_markdown(said), state="running")
    if at.of:
        st.progress(at.done / at.of)


def _draw_preview(summary: ImportSummary) -> None:
    st.header(formatting.escape_markdown(_counts_text(summary, "would be")), anchor=False)
    _draw_details(summary)
    nothing = not (summary.rows_stored or summary.rows_changed)
    with st.container(horizontal=True, gap="small"):
        label = "Store the good lines" if summary.rows_refused else "Store them"
        if st.button(label, type="primary", disabled=nothing):
            _start_again(dry_run=False)
        if st.button("Nothing to store: other files" if nothing else "Not now"):
            _finish_import()


def _draw_result(summary: ImportSummary) -> None:
    st.success(formatting.escape_markdown(_counts_text(summary, "are")), icon=":material/check:")
    _draw_details(summary)
    if st.button("Import other files"):
        _finish_import()


def _offer_refused_rows(summary: ImportSummary) -> None:
    """The refused lines to take along; what is wrong with each stands beside it."""
    lines = formatting.escape_markdown(formatting.pluralize(summary.rows_refused, "line"))
    st.warning(
        f"{lines} refused: those with a problem, and what stands or falls with "
        "them (the other areas of a visit, its follow-ups, all that was told at a contact). Download them, put right "
        "what the last column names, and send the file as it is. It tells clients as your file did, and is not kept "
        "here.",
        icon=":material/build:",
    )
    with st.container(horizontal=True, gap="small"):
        for file in summary.refused:
            downloads.button(f"Download {formatting.escape_markdown(file.name)}", file.content, file.name)
    with st.expander(formatting.escape_markdown(f"{formatting.pluralize(len(summary.problems), 'problem')} in them")):
        data_table.draw_table(_problems_table(summary.problems), "What is wrong with them", "problems")


def _counts_text(summary: ImportSummary, tense: str) -> str:
    parts = {
        "stored": summary.rows_stored,
        "changed": summary.rows_changed,
        "left as it was": summary.rows_unchanged,
    }
    if summary.rows_refused:
        parts["refused"] = summary.rows_refused
    said = formatting.join_words(f"{formatting.count(n)} {tense} {what}" for what, n in parts.items())
    return f"{formatting.pluralize(summary.rows_read, 'line')} read: {said}."


def _draw_details(summary: ImportSummary) -> None:
    st.caption(formatting.escape_markdown(f"Format {labels.format_label(summary.format)}, source {summary.source}."))
    met = {kind: c for kind, c in summary.records.items() if c.new or c.changed or c.unchanged}
    kinds = {labels.records_label(kind): counted for kind, counted in met.items()}
    table = {
        "Records": list(kinds),
        "New": [counted.new for counted in kinds.values()],
        "Changed": [counted.changed for counted in kinds.values()],
        "There already": [counted.unchanged for counted in kinds.values()],
    }
    data_table.draw_table(table, "Records by kind: new, changed, there already", "import_records_table")
    if summary.rows_refused:
        _offer_refused_rows(summary)
    for notice in summary.notices:
        st.caption(formatting.escape_markdown(notice))
    if summary.changes:
        st.markdown("**Changed, with what was and what is**")
        data_table.draw_table(_changes_table(summary.changes), "What was and what is", "import_changes")


def _changes_table(changes: Sequence[FieldChange]) -> dict[str, list[str]]:
    return {
        "Record": [labels.records_label(change.kind).removesuffix("s") for change in changes],
        "Number": [change.source_id for change in changes],
        "What": [change.what.replace("_", " ") for change in changes],
        "Was": [change.old for change in changes],
        "Is": [change.new for change in changes],
    }


def _draw_refusal(error: BaseException, tried_without: bool) -> None:
    if isinstance(error, ImportRefusedError):
        said = f"{formatting.pluralize(len(error.problems), 'problem')}. Nothing was stored."
        st.error(formatting.escape_markdown(said), icon=":material/error:")
        table = _problems_table(error.problems)
        data_table.draw_table(table, "Every problem in the files", "problems")
        charts.draw_download(table, "problems")
        if tried_without:
            st.info("Here no line can be stored without the others: these problems must be mended before.")
    else:
        st.error(
            f"The import stopped. {formatting.escape_markdown(error_reporting.describe(error))}",
            icon=":material/error:",
        )
    with st.container(horizontal=True, gap="small"):
        if st.button("Other files, or these mended", type="primary"):
            _finish_import()
        of_lines = isinstance(error, ImportRefusedError) and all(problem.row is not None for problem in error.problems)
        if of_lines and not tried_without and st.button("Go on with the good lines, keep the others for repair"):
            _start_again(keep_refused=True, dry_run=True)


def _problems_table(problems: Sequence[Problem]) -> dict[str, list]:
    return {
        "File": [problem.file for problem in problems],
        "Sheet": [problem.sheet or "" for problem in problems],
        "Row": [problem.row for problem in problems],
        "Column": [problem.column or "" for problem in problems],
        "Value": [problem.value or "" for problem in problems],
        "What is wrong": [problem.message for problem in problems],
        "Expected": [problem.expected for problem in problems],
    }


def _finish_import(message: formatting.Markdown = "") -> None:
    state = st.session_state.pop(STATE)
    background_jobs.forget_job(state["job"])
    if message:
        st.warning(message)
    else:
        st.rerun()


main()
