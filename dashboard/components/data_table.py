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
day = partial(st.column_config.DateColumn, format="MMM D, YYYY")
date_time = partial(st.column_config.DatetimeColumn, format="MMM D, YYYY, h:mm A")
identifier = partial(st.column_config.NumberColumn, format="%d")  # names a record: no separators, nothing to add up

# A column is shown by its type, under its name with a capital letter ("worst_grade": "Worst grade"), except:
IDENTIFIERS = {"case", "client", "import", "number", "treatment"}
PERCENT = {
    "rate", "rate_before", "low", "high", "lowest", "highest", "share", "published_rate", "still_present",
    "flagged_from",
}  # fmt: skip
TITLES = {
    "last_seen": "Last recorded as present on",
    "lowest": "Lowest possible",
    "highest": "Highest possible",
    "published_rate": "Published",
    "events": "With side effect",
    "is_in_follow_up": "In follow-up",
    "in_follow_up": "In follow-up",
    "treated": "Treatments",
    "total": "Past follow-up",
    "episodes": "Side effects",
    "follow_up": "Follow-up",
    "count": "Records",
    "site_practitioner": "Site, practitioner",
    "source_id": "Number",
    "chance": "By chance, after correction",
    "usual": "Usual (middle half)",
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
    shown = frame.assign(**{name: 100 * frame[name].astype(float) for name in frame if name in PERCENT})
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
    return TITLES.get(name) or f"{name[:1].upper()}{name[1:]}".replace("_", " ")


def _column_config(values: pd.Series, bar: bool) -> Any:
    title, kind = column_title(values.name), pd.api.types
    if values.name in IDENTIFIERS:
        return identifier(title)
    if values.name in PERCENT:
        return percent_bar(title) if bar else percent(title)
    if values.name == "median":
        return decimal(title)
    if kind.is_bool_dtype(values.dtype):
        return st.column_config.CheckboxColumn(title)
    if kind.is_integer_dtype(values.dtype):
        if bar:
            return st.column_config.ProgressColumn(title, max_value=int(values.max()), **COUNT_FORMAT)
        return count(title)
    if kind.is_float_dtype(values.dtype):
        return st.column_config.NumberColumn(title)
    held = values.dropna()
    if kind.is_datetime64_dtype(values.dtype):
        return (date_time if (held.dt.normalize() != held).any() else day)(title)
    if len(held) and isinstance(held.iloc[0], date):
        return (date_time if isinstance(held.iloc[0], datetime) else day)(title)
    if len(held) and all(isinstance(value, str) for value in held):
        width = CHARACTER * max(map(len, (title, *held))) + CELL_PADDING
        return st.column_config.TextColumn(title, width=min(width, MAX_WIDTH))
    return st.column_config.Column(title)
