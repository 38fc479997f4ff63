"""What was imported, also what was taken back; and the way back and forth."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import streamlit as st

from dashboard.components import data_table
from dashboard.shell import query_cache
from dashboard.text import formatting
from data.history.batches import Batch
from data.history.undo import UndoError, redo, undo


@dataclass(frozen=True)
class BatchAction:
    """Back or forth: what a person can do with an import, and what that means."""

    verb: str
    icon: str
    explanation: str
    run: Callable


UNDO_ACTION = BatchAction(
    "Take", ":material/undo:", "What it brought is removed, what it changed is as it was. It can be brought back.", undo
)
REDO_ACTION = BatchAction(
    "Bring", ":material/redo:", "What it had brought and changed is stored again, as it was.", redo
)


def draw_import_history() -> None:
    """What was imported, and the way back and forth."""
    made = [batch for batch in query_cache.load_batches() if not batch.is_manual]
    if not made:
        return
    st.header("Imported so far", anchor=False)
    if any(batch.is_sample for batch in made):
        st.warning("The sample clinic's made-up records are here: take them back before real ones come in.")
    draw_import_table(made, "imports")
    with st.container(horizontal=True, gap="small"):
        _draw_action(UNDO_ACTION, [batch for batch in made if batch.undone_at is None])
        _draw_action(REDO_ACTION, [batch for batch in made if batch.undone_at is not None])


def draw_import_table(batches: Sequence[Batch], key: str) -> dict[str, list]:
    """The imports as a table, the latest first; gives what it shows, for a download."""
    table = {
        "Import": [batch.number for batch in batches],
        "When": [batch.made_at for batch in batches],
        "Source": [batch.source for batch in batches],
        "Files": [batch.files for batch in batches],
        "Lines read": [batch.rows_read for batch in batches],
        "Stored": [batch.rows_stored for batch in batches],
        "Left as it was": [batch.rows_unchanged for batch in batches],
        "Refused": [batch.rows_refused for batch in batches],
        "Taken back": [formatting.day(batch.undone_at) if batch.undone_at else "" for batch in batches],
    }
    data_table.draw_table(table, "Imports so far, the latest first", key)
    return table


def _draw_action(way: BatchAction, made: Sequence[Batch]) -> None:
    if not made:
        return
    names = {batch.number: f"{batch.number}: {batch.files or batch.source}" for batch in made}
    with st.popover(f"{way.verb} an import back", icon=way.icon):
        number = st.selectbox("Import", list(names), format_func=names.__getitem__, key=f"{way.verb} back")
        st.caption(way.explanation)
        if st.button(f"{way.verb} it back"):
            _run_action(way, number)


def _run_action(way: BatchAction, number: int) -> None:
    try:
        with st.spinner("This can take a few seconds for a large import."):
            query_cache.execute_write(way.run, number)
    except UndoError as reason:
        st.error(formatting.escape_markdown(str(reason)))
    else:
        st.rerun()
