"""A table on a page: counts, shares and dates read alike everywhere, and a row can be chosen."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import streamlit as st

# Columns that hold proportions (0-1): read as percent.
PROPORTIONS = ("Rate", "Low", "High", "Reference", "Flagged from", "Still there", "Share")
IDENTIFIER_COLUMNS = (
    "Case",
    "Treatment",
    "Client",
    "Import",
)  # numbers that name a record: no separators, nothing to add up
MAX_OPEN = 40  # rows up to which a table is shown whole: beyond it scrolls in itself

# px: Streamlit measures the upper rows and leaves out what is longest among them, which is then cut off.
CHARACTER, CELL_PADDING, MAX_WIDTH = 6, 20, 270
PERCENT = "%.1f %%"
NO_COLUMNS: Mapping[str, Any] = {}
# The one format of Streamlit's that puts separators alike in every country's browser; with whole steps, no decimals.
COUNT_FORMAT = {"format": "accounting", "step": 1}


def draw_table(
    table: Mapping[str, Sequence[Any]],
    alt: str,
    key: str | None = None,
    choose: bool = False,
    on_choose: Callable[[int | None], None] | None = None,
    bars: Sequence[str] = (),
    columns: Mapping[str, Any] = NO_COLUMNS,
) -> int | None:
    """The table (columns by title), and with `choose` the number of the row that is chosen, None without one. Nothing
    is drawn of a table without rows.

    `on_choose` gets that number before the page is drawn, once for every choice. `bars`: columns with a bar behind
    each number. `columns`: Streamlit's own config of a column, in place of ours.
    """
    rows = max((len(values) for values in table.values()), default=0)
    if not rows:
        return None
    shown = {title: _to_percent(values) if title in PROPORTIONS else list(values) for title, values in table.items()}
    on_select = "rerun" if choose else "ignore"
    state = st.dataframe(
        shown,
        hide_index=True,
        key=key,
        height="content" if rows <= MAX_OPEN else "auto",
        column_config=_column_configs(table, bars) | dict(columns),
        on_select=(lambda: on_choose(_chosen_row(st.session_state[key]))) if on_choose else on_select,
        selection_mode="single-row",
        placeholder="",
        alt=alt,
    )
    return _chosen_row(state) if choose or on_choose else None


def _chosen_row(state: Mapping[str, Any]) -> int | None:
    rows = state["selection"]["rows"]
    return rows[0] if rows else None


def _to_percent(values: Sequence[float | None]) -> list[float | None]:
    return [None if value is None else 100 * value for value in values]


def _column_configs(table: Mapping[str, Sequence[Any]], bars: Sequence[str]) -> dict[str, Any]:
    """The config of each column that needs one: Streamlit hides a column whose config is None."""
    found = {title: _column_config(title, values, title in bars) for title, values in table.items()}
    return {title: config for title, config in found.items() if config is not None}


def _column_config(title: str, values: Sequence[Any], bar: bool) -> Any:
    """How a column is read, by its title and what it holds."""
    held = [value for value in values if value is not None]
    if title in PROPORTIONS:
        if bar:
            return st.column_config.ProgressColumn(format="%.0f %%", min_value=0, max_value=100)
        return st.column_config.NumberColumn(format=PERCENT)
    if held and all(isinstance(value, str) for value in held):
        return st.column_config.TextColumn(width=_column_width([title, *held]))
    if not held or any(isinstance(value, bool | str) for value in held):
        return None
    if all(isinstance(value, datetime) for value in held):
        return st.column_config.DatetimeColumn(format="D MMMM YYYY, HH:mm")
    if all(isinstance(value, date) for value in held):
        return st.column_config.DateColumn(format="D MMMM YYYY")
    if title in IDENTIFIER_COLUMNS:
        return st.column_config.NumberColumn(format="%d")
    if all(isinstance(value, int) for value in held):
        return st.column_config.ProgressColumn(max_value=max(held), **COUNT_FORMAT) if bar else _count_config()
    return None


def _column_width(texts: Sequence[str]) -> int:
    return min(CHARACTER * max(map(len, texts)) + CELL_PADDING, MAX_WIDTH)


def _count_config() -> Any:
    return st.column_config.NumberColumn(**COUNT_FORMAT)
