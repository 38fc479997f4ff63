"""The list of imports, with undo and redo."""

from collections.abc import Callable, Sequence

import pandas as pd
import streamlit as st

from dashboard.components import data_table
from dashboard.shell import query_cache
from dashboard.text import formatting
from data.analysis.scope import WHOLE_CLINIC, Scope
from data.history.batches import Batch
from data.history.undo import UndoError, UndoResult, redo, undo

FOR_THE_WHOLE_CLINIC = "Imports concern the whole clinic and are shown only to viewers of the whole clinic."
UNDO_HELP = "Removes what it brought and restores what it changed. You can redo it later."
REDO_HELP = "Stores again what it brought and changed."
TITLES = {  # of fields of a batch whose column has another name
    "number": "import", "made_at": "when", "rows_stored": "stored", "rows_unchanged": "unchanged",
    "rows_refused": "rejected", "undone_at": "undone",
}  # fmt: skip
COLUMNS = ["import", "when", "source", "files", "rows_read", "stored", "unchanged", "rejected", "undone"]


def draw_import_history(scope: Scope) -> None:
    """The imports from files, with undo and redo, for viewers of the whole clinic."""
    if scope != WHOLE_CLINIC:
        st.markdown(FOR_THE_WHOLE_CLINIC)
        return
    batches = [batch for batch in query_cache.load_batches() if not batch.is_manual]
    if not batches:
        return
    st.header("Imports", anchor=False)
    if any(batch.is_sample for batch in batches):
        st.warning("These records are sample data. Undo their import before you import your own records.")
    draw_import_table(batches, "imports")
    with st.container(horizontal=True, gap="small"):
        active = [batch for batch in batches if batch.undone_at is None]
        _draw_action("Undo", ":material/undo:", UNDO_HELP, undo, active)
        _draw_action("Redo", ":material/redo:", REDO_HELP, redo, [batch for batch in batches if batch.undone_at])


def draw_import_table(batches: Sequence[Batch], key: str) -> pd.DataFrame:
    """The imports as a table, the latest first; returns it for a download."""
    undone = [formatting.day(batch.undone_at) if batch.undone_at else "" for batch in batches]
    table = pd.DataFrame(batches).rename(columns=TITLES).assign(undone=undone).reindex(columns=COLUMNS)
    data_table.draw_table(table, "Imports, the latest first", key)
    return table


def _draw_action(
    verb: formatting.Markdown,
    icon: str,
    explanation: formatting.Markdown,
    run: Callable[..., UndoResult],
    batches: Sequence[Batch],
) -> None:
    if not batches:
        return
    names = {batch.number: f"{batch.number}: {batch.files or batch.source}" for batch in batches}
    with st.popover(f"{verb} an import", icon=icon):
        number = st.selectbox("Import", list(names), format_func=names.__getitem__, key=f"{verb} import")
        st.caption(explanation)
        if not st.button(f"{verb} import"):
            return
    try:
        with st.spinner("This can take a few seconds for a large import."):
            query_cache.execute_write(run, number)
    except UndoError as reason:
        st.error(formatting.escape_markdown(str(reason)))
    else:
        st.rerun()
