"""A figure on a page: its drawing, the cases behind a click, its words for a screen reader, its numbers to keep."""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import streamlit as st

from dashboard import theme
from dashboard.components import data_table, downloads
from dashboard.figures.base import Chart
from dashboard.text import formatting
from data.tabular.formulas import escape_formula

CASES = "pages/cases.py"


def draw_chart(
    chart: Chart,
    key: str,
    case_parameters: Callable[[str], Mapping[str, str]] | None = None,
    on_click: Callable[[str], None] | None = None,
) -> None:
    """Draws the chart, and under it a button with its numbers. `key`: unique on the page, and the downloads' name.

    `to_cases` turns the key of a clicked mark into the filters of the Cases page (dashboard/shell/case_filters.py
    names them);
    without it, or where it gives nothing, a click does nothing. `on_mark` gets that key instead, before the page is
    drawn again, once for every click.
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
    if any(chart.table.values()):
        draw_table_popover(chart.table, key)


def _handle_click(key: str, on_mark: Callable[[str], None]) -> None:
    clicked = find_clicked_key(st.session_state[key])
    if clicked is not None:
        on_mark(clicked)


def draw_table_popover(table: Mapping[str, Sequence[Any]], key: str, label: formatting.Markdown = "Numbers") -> None:
    """A button that opens `table` (columns by title) and lets it be kept as CSV. It is sent when it is opened."""
    popover = st.popover(label, icon=":material/table:", type="tertiary", key=f"{key}_numbers", on_change="rerun")
    if popover.open:
        with popover:
            data_table.draw_table(table, f"The numbers of {key}")
            draw_download(table, key)


def draw_download(table: Mapping[str, Sequence[Any]], key: str) -> None:
    """The button that keeps `table` as CSV; none where there is nothing to keep."""
    if not any(table.values()):
        return
    downloads.button("Download CSV", partial(csv_text, table), downloads.file_name(key, "csv"), f"{key}_csv")


def csv_text(table: Mapping[str, Sequence[Any]]) -> str:
    """The table as CSV (with the mark by which spreadsheets know UTF-8); no cell of it is a formula."""
    file = io.StringIO()
    file.write("\ufeff")
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(map(escape_formula, table))
    writer.writerows(map(escape_formula, row) for row in zip(*table.values(), strict=True))
    return file.getvalue()


def find_clicked_key(event: Mapping[str, Any]) -> str | None:
    """The key of the mark that was clicked last; None where nothing was, or the mark carries none."""
    keys = [point.get("customdata") for point in event["selection"]["points"]]
    last = keys[-1] if keys else None
    return last[0] if isinstance(last, list | tuple) and last else last or None


def _config(key: str) -> dict[str, Any]:
    picture = theme.CHART_CONFIG["toImageButtonOptions"] | {"filename": f"sequela-{key.replace('_', '-')}"}
    return theme.CHART_CONFIG | {"toImageButtonOptions": picture}
