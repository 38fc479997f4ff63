"""Files in: checked first, stored when a person has seen what would be; or every problem listed, nothing stored."""

import shutil
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import streamlit as st

from dashboard import drawing, jobs, loading, mapping_step, wording
from data import importing, uploads
from data.batches import batches
from data.entry import FORMAT as FORMAT_OF_FORMS
from data.importing import ImportSummary
from data.on_record import sources_with_treatments
from data.problem import Problem, Refused
from data.remembered import mappings
from data.template_file import follow_up_log_workbook, template_workbook
from data.undoing import NotUndone, undo

KINDS = ["csv", "tsv", "txt", "xlsx", "xlsm", "xlsb", "xls", "ods", "json"]
NO_MAPPING = "recognise the format"
AS_FILES_SAY = "as the files say"
TEMPLATES = (
    ("Download the template", template_workbook, "sequela-template.xlsx"),
    ("Download the follow-up log", follow_up_log_workbook, "sequela-follow-up-log.xlsx"),
)
STATE = "import"  # where this session keeps its import: {"folder", "mapping", "source", "job", "stored"}


def main() -> None:
    st.markdown(
        "Drop one or several files of one source: our template, the follow-up log, an export of practice software, "
        "CDISC SDTM, a FHIR bundle. They are checked first; nothing is stored before you have seen what would be. The "
        "same file again changes nothing."
    )
    if STATE in st.session_state:
        _progress()
    else:
        _choose()
        _so_far()


def _choose() -> None:
    files = st.file_uploader("Files", KINDS, accept_multiple_files=True, key="files")
    mapping = st.selectbox(
        "Mapping",
        [NO_MAPPING, *mappings()],
        help="A small file that says what the columns of a flat table mean: docs/importing.md.",
    )
    source = _source_of_a_log()
    if st.button("Check the files", type="primary", disabled=not files):
        folder = uploads.keep([(file.name, file.getvalue()) for file in files])
        _start(folder, None if mapping == NO_MAPPING else mapping, source, dry_run=True)
        st.rerun()
    with st.container(horizontal=True, gap="small"):
        for label, workbook, name in TEMPLATES:
            st.download_button(label, workbook, file_name=name, on_click="ignore", icon=":material/download:")


def _source_of_a_log() -> str | None:
    """Asked where treatments of several sources are on record: a follow-up log follows those of one."""
    sources = loading.read(sources_with_treatments)
    if len(sources) < 2:
        return None
    chosen = st.selectbox(
        "Source",
        [AS_FILES_SAY, *sources],
        help="A follow-up log follows the treatments of one source: say of which. Other files name their own.",
    )
    return None if chosen == AS_FILES_SAY else chosen


def _so_far() -> None:
    """What was imported, and the way back."""
    made = [b for b in loading.read(batches) if b.undone_at is None and b.format != FORMAT_OF_FORMS]
    if not made:
        return
    st.subheader("Imported so far", anchor=False)
    if any(batch.made_up for batch in made):
        st.warning("The sample clinic's made-up records are here: take them back before real ones come in.")
    st.dataframe(
        {
            "Import": [batch.number for batch in made],
            "When": [batch.made_at for batch in made],
            "Source": [batch.source for batch in made],
            "Files": [batch.files for batch in made],
            "Lines read": [batch.rows_read for batch in made],
            "Stored": [batch.rows_stored for batch in made],
            "Left as it was": [batch.rows_unchanged for batch in made],
        },
        hide_index=True,
        column_config={"When": st.column_config.DatetimeColumn(format="D MMM YYYY, HH:mm")},
        key="imports",
        alt="Imports so far, the latest first",
    )
    with st.popover("Take an import back", icon=":material/undo:"):
        number = st.selectbox("Import", [batch.number for batch in made], key="undo")
        st.caption("All records that it brought are removed. The same files can be imported again.")
        if st.button("Take it back"):
            _undo(number)


def _undo(number: int) -> None:
    try:
        loading.change(undo, number)
    except NotUndone as reason:
        st.error(str(reason))
    else:
        st.rerun()


def _start(folder: Path, mapping: str | None, source: str | None, dry_run: bool) -> None:
    work = partial(importing.import_files, mapping=mapping, source=source, dry_run=dry_run)
    title = "Checking the files" if dry_run else "Storing the records"
    job = jobs.start(title, loading.change, work, [folder])
    st.session_state[STATE] = {
        "folder": folder, "mapping": mapping, "source": source, "job": job, "stored": not dry_run
    }  # fmt: skip


def _check_again(state: dict, mapping: str) -> None:
    _start(state["folder"], mapping, state["source"], dry_run=True)
    st.rerun()


def _progress() -> None:
    state = st.session_state[STATE]
    job = jobs.job(state["job"])
    if job is not None and job.running:
        _wait(state["job"])
    elif job is None:
        _end("This import is no longer known: look at Data quality for what was stored.")
    elif (error := job.work.exception()) and mapping_step.can_help(error):
        mapping_step.show(error, state["folder"], partial(_check_again, state), _end)
    elif error:
        _refused(error)
    elif state["stored"]:
        _stored(job.work.result())
    else:
        _would_store(job.work.result(), state)


@st.fragment(run_every=1)
def _wait(number: int) -> None:
    job = jobs.job(number)
    if job is None or not job.running:
        st.rerun()
    st.status(f"{job.title} \N{HORIZONTAL ELLIPSIS} It goes on if you leave this page.", state="running")


def _would_store(summary: ImportSummary, state: dict) -> None:
    st.subheader(_counts(summary, "would be"), anchor=False)
    _details(summary)
    store, leave = st.columns([1, 4])
    nothing = not (summary.rows_stored or summary.rows_changed)
    if store.button("Store them", type="primary", disabled=nothing):
        _start(state["folder"], state["mapping"], state["source"], dry_run=False)
        st.rerun()
    if leave.button("Nothing to store: other files" if nothing else "Not now"):
        _end()


def _stored(summary: ImportSummary) -> None:
    st.success(_counts(summary, "are"), icon=":material/check:")
    _details(summary)
    if st.button("Import other files"):
        _end()


def _counts(summary: ImportSummary, tense: str) -> str:
    parts = {
        "stored": summary.rows_stored,
        "changed": summary.rows_changed,
        "left as it was": summary.rows_unchanged,
    }
    said = wording.listing(f"{wording.count(n)} {tense} {what}" for what, n in parts.items())
    return f"{wording.counted(summary.rows_read, 'line')} read: {said}."


def _details(summary: ImportSummary) -> None:
    st.caption(f"Format {summary.format}, source {summary.source}.")
    kinds = {kind.replace("_", " "): counted for kind, counted in summary.records.items()}
    st.dataframe(
        {
            "Records": list(kinds),
            "New": [counted.new for counted in kinds.values()],
            "Changed": [counted.changed for counted in kinds.values()],
            "There already": [counted.unchanged for counted in kinds.values()],
        },
        hide_index=True,
        key="import_records_table",
        alt="Records by kind: new, changed, there already",
    )
    for notice in summary.notices:
        st.caption(notice)
    if summary.changes:
        st.markdown("**Changed, with what was and what is**")
        st.dataframe([vars_of(change) for change in summary.changes], hide_index=True, key="import_changes")


def vars_of(change) -> dict[str, str]:
    return {name: str(getattr(change, name)) for name in change.__dataclass_fields__}


def _refused(error: BaseException) -> None:
    if not isinstance(error, Refused):
        st.error(f"The import stopped: {error}. Nothing was stored.", icon=":material/error:")
    else:
        st.error(f"{wording.counted(len(error.problems), 'problem')}. Nothing was stored.", icon=":material/error:")
        table = _problems(error.problems)
        st.dataframe(table, hide_index=True, key="problems", height="content", alt="Every problem in the files")
        drawing.download(table, "problems")
    if st.button("Other files, or these mended"):
        _end()


def _problems(problems: Sequence[Problem]) -> dict[str, list]:
    return {
        "File": [problem.file for problem in problems],
        "Sheet": [problem.sheet or "" for problem in problems],
        "Row": [problem.row for problem in problems],
        "Column": [problem.column or "" for problem in problems],
        "Value": [problem.value or "" for problem in problems],
        "What is wrong": [problem.message for problem in problems],
        "Expected": [problem.expected for problem in problems],
    }


def _end(message: str | None = None) -> None:
    shutil.rmtree(st.session_state.pop(STATE)["folder"], ignore_errors=True)
    if message:
        st.warning(message)
    else:
        st.rerun()


main()
