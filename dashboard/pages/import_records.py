"""Checks files, shows what would be stored, and stores it when a person agrees; or lists every problem."""

from collections.abc import Callable, Sequence
from functools import partial

import pandas as pd
import streamlit as st

from dashboard.components import data_table, downloads, import_history
from dashboard.forms import column_mapping_form, saved_mappings
from dashboard.shell import error_reporting, prose, query_cache
from dashboard.shell.background_jobs import Job
from dashboard.text import formatting, labels
from data.analysis.scope import WHOLE_CLINIC
from data.importing import pipeline
from data.importing.pipeline import ImportSummary, PreparedImport, Upload
from data.mapping.store import mapping_names
from data.problems import ImportRefusedError, Problem
from data.records.repository import sources_with_treatments
from data.schema.workbook_writer import follow_up_log_workbook, template_workbook

FILE_TYPES = ["csv", "tsv", "txt", "xlsx", "xlsm", "xlsb", "xls", "ods", "json", "ndjson", "xpt"]
NO_MAPPING = "detect the format"
AS_FILES_SAY = "as named in the files"
TEMPLATES = (
    ("Download the template", template_workbook, "template"),
    ("Download the follow-up log", follow_up_log_workbook, "follow-up log"),
)
CHANGE_COLUMNS = {"kind": "record", "what": "field", "old": "old_value", "new": "new_value"}
STATE = "import"  # in the session: {"files", "how", "job"}

STORING = "Storing the records"
PROGRESS_NOUNS = {"reading": "files", "storing": "records"}


def main() -> None:
    st.markdown(
        "Choose one or more files from one source: our template, the follow-up log, an export of practice software, "
        "CDISC SDTM or a FHIR bundle. The files are checked first, and you see what would change before anything is "
        "stored. Importing the same file again changes nothing."
    )
    if STATE in st.session_state:
        _draw_progress()
    else:
        _choose_files()
        saved_mappings.draw_saved_mappings()
        import_history.draw_import_history(shown.scope if (shown := st.session_state.shown) else WHOLE_CLINIC)


def _choose_files() -> None:
    files = st.file_uploader("Files", FILE_TYPES, accept_multiple_files=True, key="files")
    mapping = st.selectbox(
        "Mapping",
        [NO_MAPPING, *mapping_names()],
        help="A small file that says what the columns of a flat table mean; see docs/importing.md.",
    )
    source, sources = AS_FILES_SAY, query_cache.cached_lookup(sources_with_treatments)
    if len(sources) > 1:
        help_text = "A follow-up log is about the treatments of one source. Other files name their own source."
        source = st.selectbox("Source", [AS_FILES_SAY, *sources], help=help_text)
    if st.button("Check the files", type="primary", disabled=not files):
        uploads = tuple(Upload(file.name, file.getvalue()) for file in sorted(files, key=lambda file: file.name))
        options = {
            "mapping": None if mapping == NO_MAPPING else mapping,
            "source": None if source == AS_FILES_SAY else source,
            "keep_refused": False,
        }
        _check(uploads, options)
    with st.container(horizontal=True, gap="small"):
        for label, workbook, name in TEMPLATES:
            downloads.button(label, workbook, downloads.file_name(name, "xlsx"))


def _check(files: Sequence[Upload], options: dict) -> None:
    _start("Checking the files", partial(pipeline.prepare_import, **options), files, files=files, options=options)


def _start(title: str, work: Callable, *arguments, files: Sequence[Upload], options: dict) -> None:
    job = Job(title)
    job.start(query_cache.execute_write, partial(work, report=job.report), *arguments)
    st.session_state[STATE] = {"files": files, "how": options, "job": job}
    st.rerun()


def _draw_progress() -> None:
    files, options, job = (st.session_state[STATE][name] for name in ("files", "how", "job"))
    if job.running:
        _wait_for_job(job)
    elif (error := job.work.exception()) and column_mapping_form.can_propose(error):
        _draw_mapping_form(error, files, options)
    elif st.session_state[STATE].get("is_mapping"):
        _draw_mapping_form(None, files, options)
    elif error:
        _draw_refusal(error, job.title == STORING, files, options)
    elif job.title == STORING:
        st.session_state[STATE]["files"] = ()  # they name people and are no longer needed
        summary = job.work.result()
        st.success(formatting.escape_markdown(_counts_text(summary, "are")), icon=":material/check:")
        _draw_details(summary)
        if st.button("Import other files"):
            _finish_import()
    else:
        _draw_preview(job.work.result(), files, options)


def _draw_mapping_form(error: BaseException | None, files: Sequence[Upload], options: dict) -> None:
    column_mapping_form.draw_mapping_form(
        error, files, lambda name: _check(files, options | {"mapping": name}), _finish_import
    )


def _draw_mapping_button(label: formatting.Markdown) -> None:
    """A file that was answered wrongly, or taken for another format, can be answered again."""
    if st.button(label):
        st.session_state[STATE]["is_mapping"] = True
        st.rerun()


@st.fragment(run_every=1)
def _wait_for_job(job: Job) -> None:
    if not job.running:
        st.rerun()
    done = f": {formatting.count(job.done)} of {formatting.count(job.of)} {PROGRESS_NOUNS[job.doing]}" if job.of else ""
    message = f"{job.title} \N{HORIZONTAL ELLIPSIS} {job.doing}{done}. It continues if you leave this page."
    st.status(formatting.escape_markdown(message), state="running")
    if job.of:
        st.progress(job.done / job.of)


def _draw_preview(prepared: PreparedImport, files: Sequence[Upload], options: dict) -> None:
    summary = prepared.summary
    prose.draw_text(_counts_text(summary, "would be"), "header")
    _draw_details(summary)
    nothing = not (summary.rows_stored or summary.rows_changed)
    with st.container(horizontal=True, gap="small"):
        label = "Import valid rows" if summary.rows_refused else "Import all rows"
        if st.button(label, type="primary", disabled=nothing):
            store = partial(pipeline.store_import, only_as_prepared=True)  # what this preview shows, or nothing
            _start(STORING, store, prepared, files=files, options=options)
        if st.button("Choose other files" if nothing else "Cancel"):
            _finish_import()
        if summary.format in ("mapping", "template"):
            _draw_mapping_button("Change the mapping" if summary.format == "mapping" else "Map the columns")


def _counts_text(summary: ImportSummary, tense: str) -> str:
    parts = {"stored": summary.rows_stored, "changed": summary.rows_changed, "unchanged": summary.rows_unchanged}
    if summary.rows_refused:
        parts["refused"] = summary.rows_refused
    counts = formatting.join_words(f"{formatting.count(n)} {tense} {what}" for what, n in parts.items())
    return f"{formatting.pluralize(summary.rows_read, 'row')} read: {counts}."


def _draw_details(summary: ImportSummary) -> None:
    file_format = labels.FORMAT_LABELS.get(summary.format, summary.format)
    prose.draw_text(f"Format {file_format}, source {summary.source}.", "caption")
    table = pd.DataFrame(
        [
            (labels.records_label(kind), counted.new, counted.changed, counted.unchanged)
            for kind, counted in summary.records.items()
            if counted.new or counted.changed or counted.unchanged
        ],
        columns=["records", "new", "changed", "already_imported"],
    )
    data_table.draw_table(table, "Records by kind: new, changed, already imported", "import_records_table")
    if summary.rows_refused:
        rows = formatting.escape_markdown(formatting.pluralize(summary.rows_refused, "row"))
        st.warning(
            f"{rows} refused: those with a problem and those that depend on them, such as other areas of the same "
            "visit, its follow-ups and everything reported at the same contact. Download them, correct what the last "
            "column names, and import the file as it is. It identifies clients the way your file did, and no copy is "
            "kept here.",
            icon=":material/build:",
        )
        with st.container(horizontal=True, gap="small"):
            for file in summary.refused:
                downloads.button(f"Download {formatting.escape_markdown(file.name)}", file.content, file.name)
        with st.expander(formatting.escape_markdown(formatting.pluralize(len(summary.problems), "problem"))):
            _draw_problems(summary.problems, "Problems of the refused rows")
    for notice in summary.notices:
        prose.draw_text(notice, "caption")
    if summary.changes:
        st.markdown("**Changes**")
        changes = pd.DataFrame(summary.changes).rename(columns=CHANGE_COLUMNS)
        changes = changes.assign(
            record=[labels.records_label(kind).removesuffix("s") for kind in changes.record],
            field=changes.field.str.replace("_", " "),
        )
        data_table.draw_table(changes, "Changes with old and new values", "import_changes")


def _draw_problems(problems: Sequence[Problem], alt: str) -> pd.DataFrame:
    """A row for each problem: where it is, what was found and what was expected; returns them for a download."""
    table = pd.DataFrame(problems)[["file", "sheet", "row", "column", "value", "message", "expected"]]
    texts = table[["sheet", "column", "value"]].fillna("")
    table = table.assign(**texts, row=table.row.astype("Int64")).rename(columns={"message": "problem"})
    data_table.draw_table(table, alt, "problems")
    return table


def _draw_refusal(error: BaseException, was_storing: bool, files: Sequence[Upload], options: dict) -> None:
    is_refused, tried_without = isinstance(error, ImportRefusedError), options["keep_refused"]
    if is_refused:
        message = f"{formatting.pluralize(len(error.problems), 'problem')}. Nothing was stored."
        st.error(formatting.escape_markdown(message), icon=":material/error:")
        table = _draw_problems(error.problems, "Every problem in the files")
        downloads.draw_csv(table.rename(columns=data_table.column_title), "problems")
        if tried_without and not was_storing:
            st.info("These rows depend on each other and can only be stored together. Correct the problems first.")
    else:
        reason = formatting.escape_markdown(error_reporting.describe(error))
        st.error(f"The import stopped. {reason}", icon=":material/error:")
    with st.container(horizontal=True, gap="small"):
        if st.button("Choose corrected or other files", type="primary"):
            _finish_import()
        if was_storing and st.button("Check the files again"):
            _check(files, options)
        if is_refused and not was_storing:
            _draw_mapping_button("Map the columns")
        in_rows = is_refused and all(problem.row is not None for problem in error.problems)
        if in_rows and not tried_without and st.button("Continue with the valid rows"):
            _check(files, options | {"keep_refused": True})


def _finish_import() -> None:
    del st.session_state[STATE]
    st.rerun()


main()
