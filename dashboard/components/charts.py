"""Draw a figure: the chart, the cases behind a click, its text for a screen reader, and its numbers to download."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import streamlit as st

from dashboard import theme
from dashboard.components import data_table, downloads
from dashboard.figures.base import Chart
from dashboard.shell import navigation


def draw_chart(
    chart: Chart,
    key: str,
    case_parameters: Callable[[str], Mapping[str, Any]] | None = None,
    on_click: Callable[[str], None] | None = None,
) -> None:
    """Draw the chart and a button that opens its numbers. `key`: unique on the page; it names the downloads.

    `case_parameters` turns the key of a clicked mark into a filter of the Cases page (shell/case_filters.py);
    without it, or where it returns nothing, a click does nothing. `on_click` is called with that key instead, once for
    every click, before the page is drawn again.
    """
    picture = theme.CHART_CONFIG["toImageButtonOptions"] | {"filename": f"sequela-{key.replace('_', '-')}"}
    options = {"key": key, "config": theme.CHART_CONFIG | {"toImageButtonOptions": picture}, "alt": chart.alt}
    if on_click is not None:
        options |= {"on_select": partial(_handle_click, key, on_click), "selection_mode": "points"}
    elif case_parameters is not None:
        options |= {"on_select": "rerun", "selection_mode": "points"}
    event = st.plotly_chart(chart.figure, **options)
    if case_parameters is not None and (clicked := find_clicked_key(event)) is not None:
        filters = case_parameters(clicked)
        if filters:
            st.switch_page(navigation.page_file("cases"), query_params=filters)
    if chart.table.empty:
        return
    # The table is sent only when the popover is opened.
    popover = st.popover("Show table", icon=":material/table:", type="tertiary", key=f"{key}_table", on_change="rerun")
    if popover.open:
        with popover:
            data_table.draw_table(chart.table, f"The numbers of the chart: {chart.alt}")
            downloads.draw_csv(chart.table, key)


def _handle_click(key: str, on_click: Callable[[str], None]) -> None:
    clicked = find_clicked_key(st.session_state[key])
    if clicked is not None:
        on_click(clicked)


def find_clicked_key(event: Mapping[str, Any]) -> str | None:
    """The key of the mark that was clicked last; None without a click or where the mark has no key."""
    keys = [point.get("customdata") for point in event["selection"]["points"]]
    last = keys[-1] if keys else None
    return last[0] if isinstance(last, list | tuple) and last else last or None
