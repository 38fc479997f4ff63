"""Draw a figure: the chart, the cases behind a click, its text for a screen reader, and its numbers to download."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import theme
from dashboard.components import data_table, downloads
from dashboard.figures.base import Chart
from data.tabular.formulas import escape_formula

CASES = "pages/cases.py"
Table = pd.DataFrame | Mapping[str, Sequence[Any]]


def draw_chart(
    chart: Chart,
    key: str,
    case_parameters: Callable[[str], Mapping[str, str]] | None = None,
    on_click: Callable[[str], None] | None = None,
) -> None:
    """Draw the chart and a button that opens its numbers. `key`: unique on the page; it names the downloads.

    `case_parameters` turns the key of a clicked mark into a filter of the Cases page (shell/case_filters.py);
    without it, or where it returns nothing, a click does nothing. `on_click` is called with that key instead, once for
    every click, before the page is drawn again.
    """
    shown = {"key": key, "config": _config(key), "alt": chart.alt}
    if on_click is not None:
        st.plotly_chart(chart.figure, on_select=partial(_handle_click, key, on_click), selection_mode="points", **shown)
    elif case_parameters is None:
        st.plotly_chart(chart.figure, **shown)
    else:
        clicked = find_clicked_key(st.plotly_chart(chart.figure, on_select="rerun", selection_mode="points", **shown))
        filters = case_parameters(clicked) if clicked is not None else None
        if filters:
            st.switch_page(CASES, query_params=dict(filters))
    if chart.table.empty:
        return
    # The table is sent only when the popover is opened.
    popover = st.popover("Show table", icon=":material/table:", type="tertiary", key=f"{key}_table", on_change="rerun")
    if popover.open:
        with popover:
            data_table.draw_table(chart.table, f"The numbers of the chart: {chart.alt}")
            draw_download(chart.table, key)


def _handle_click(key: str, on_click: Callable[[str], None]) -> None:
    clicked = find_clicked_key(st.session_state[key])
    if clicked is not None:
        on_click(clicked)


def draw_download(table: Table, key: str) -> None:
    """A button that downloads `table` as CSV; none where it has no rows."""
    frame = data_table.to_frame(table)
    if frame.empty:
        return
    downloads.button("Download CSV", partial(csv_text, frame), downloads.name_table(key), f"{key}_csv")


def csv_text(table: Table) -> str:
    """The table as CSV: numbers as numbers, no cell a formula, and the mark by which spreadsheets recognize UTF-8."""
    frame = data_table.to_frame(table)
    safe = {
        name: frame[name].map(escape_formula) for name in frame.select_dtypes(exclude=["number", "bool", "datetime"])
    }
    return "\ufeff" + frame.assign(**safe).rename(columns=escape_formula).to_csv(index=False, lineterminator="\r\n")


def find_clicked_key(event: Mapping[str, Any]) -> str | None:
    """The key of the mark that was clicked last; None without a click or where the mark has no key."""
    keys = [point.get("customdata") for point in event["selection"]["points"]]
    last = keys[-1] if keys else None
    return last[0] if isinstance(last, list | tuple) and last else last or None


def _config(key: str) -> dict[str, Any]:
    picture = theme.CHART_CONFIG["toImageButtonOptions"] | {"filename": f"sequela-{key.replace('_', '-')}"}
    return theme.CHART_CONFIG | {"toImageButtonOptions": picture}
