"""Draw a table: counts, percentages and dates look the same on every page, sort as numbers, and a row can be chosen."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

MAX_OPEN = 40  # rows up to which a table is shown in full; a longer one scrolls

# px: Streamlit measures the first rows only and cuts off longer text further down.
CHARACTER, CELL_PADDING, MAX_WIDTH = 6, 20, 270
NO_COLUMNS: Mapping[str, Any] = {}

# The only format of Streamlit's that writes separators the same way in every browser; whole steps mean no decimals.
COUNT_FORMAT = {"format": "accounting", "step": 1}
count = partial(st.column_config.NumberColumn, **COUNT_FORMAT)
decimal = partial(st.column_config.NumberColumn, format="%.1f")
percent = partial(st.column_config.NumberColumn, format="%.1f%%")
percent_bar = partial(st.column_config.ProgressColumn, format="%.0f%%", min_value=0, max_value=100)
day = partial(st.column_config.DateColumn, format="D MMMM YYYY")
date_time = partial(st.column_config.DatetimeColumn, format="D MMMM YYYY, HH:mm")
identifier = partial(st.column_config.NumberColumn, format="%d")  # names a record: no separators, nothing to add up

# Column of a frame -> its title and how its values are shown; None: by their type. Columns that are not listed here
# are shown by their type under their name with a capital letter ("worst_grade": "Worst grade").
COLUMNS: dict[str, tuple[str, Callable[..., Any] | None]] = {
    "case": ("Case", identifier),
    "client": ("Client", identifier),
    "import": ("Import", identifier),
    "number": ("Number", identifier),
    "treatment": ("Treatment", identifier),
    "rate": ("Rate", percent),
    "low": ("Low", percent),
    "high": ("High", percent),
    "lowest": ("Lowest possible", percent),
    "highest": ("Highest possible", percent),
    "share": ("Share", percent),
    "published_rate": ("Published", percent),
    "still_present": ("Still present", percent),
    "flagged_from": ("Flagged from", percent),
    "events": ("With side effect", None),
    "median": ("Median", decimal),
    "is_in_follow_up": ("In follow-up", None),
    "followed_up": ("Followed up", None),
    "in_follow_up": ("In follow-up", None),
    "ratio": ("Observed / expected", None),
    "total": ("Treatments", None),
    "episodes": ("Side effects", None),
    "follow_up": ("Follow-up", None),
    "count": ("Records", None),
    "site_practitioner": ("Site, practitioner", None),
    "source_id": ("Number", None),
    "chance": ("By chance, after correction", None),
    "usual": ("Usual (middle half)", None),
}


def draw_table(
    frame: pd.DataFrame,
    alt: str,
    key: str | None = None,
    choose: bool = False,
    on_choose: Callable[[int | None], None] | None = None,
    bars: Iterable[str] = (),
    columns: Mapping[str, Any] = NO_COLUMNS,
) -> int | None:
    """Draw a frame, and with `choose` return the position of the chosen row (None: none). Draws nothing without rows.

    Proportions (0-1) are shown as percent. `on_choose` is called with that position once for every choice, before the
    page is drawn again. `bars`: columns with a bar behind each number. `columns`: column configs that replace ours.
    """
    if frame.empty:
        return None
    proportions = [name for name in frame if COLUMNS.get(name, ("", None))[1] is percent]
    shown = frame.assign(**{name: 100 * frame[name].astype(float) for name in proportions})
    state = st.dataframe(
        shown,
        hide_index=True,
        key=key,
        height="content" if len(frame) <= MAX_OPEN else "auto",
        column_config={name: _column_config(frame[name], name in bars) for name in frame} | dict(columns),
        on_select=(lambda: on_choose(next(iter(st.session_state[key].selection.rows), None)))
        if on_choose
        else "rerun"
        if choose
        else "ignore",
        selection_mode="single-row",
        placeholder="",
        alt=alt,
    )
    return next(iter(state.selection.rows), None) if choose or on_choose else None


def column_title(name: str) -> str:
    """The title of a column of a frame: "worst_grade" -> "Worst grade"."""
    return COLUMNS[name][0] if name in COLUMNS else f"{name[:1].upper()}{name[1:]}".replace("_", " ")


def _column_config(values: pd.Series, bar: bool) -> Any:
    title, factory = column_title(values.name), COLUMNS.get(values.name, ("", None))[1]
    if factory is not None:
        return (percent_bar if bar and factory is percent else factory)(title)
    if pd.api.types.is_bool_dtype(values.dtype):
        return st.column_config.CheckboxColumn(title)
    if pd.api.types.is_integer_dtype(values.dtype):
        return (
            st.column_config.ProgressColumn(title, max_value=int(values.max()), **COUNT_FORMAT) if bar else count(title)
        )
    if pd.api.types.is_float_dtype(values.dtype):
        return st.column_config.NumberColumn(title)
    if pd.api.types.is_datetime64_dtype(values.dtype):
        has_time = (values.dropna().dt.normalize() != values.dropna()).any()
        return (date_time if has_time else day)(title)
    held = values.dropna()
    if len(held) and isinstance(held.iloc[0], datetime):
        return date_time(title)
    if len(held) and isinstance(held.iloc[0], date):
        return day(title)
    if len(held) and all(isinstance(value, str) for value in held):
        width = CHARACTER * max(map(len, (title, *held))) + CELL_PADDING
        return st.column_config.TextColumn(title, width=min(width, MAX_WIDTH))
    return st.column_config.Column(title)
