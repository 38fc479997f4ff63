"""Every published number that we reproduce, next to ours as calculated now, under the source that printed it."""

from collections.abc import Sequence
from itertools import groupby

import streamlit as st

from dashboard.components import charts
from dashboard.text import formatting
from models import published_checks
from models.published_checks import PublishedCheck


def main() -> None:
    rows = _cached_checks()
    agree = sum(row.agrees for row in rows)
    sources = len({row.source for row in rows})
    heading = f"{formatting.n_of_m(agree, len(rows))} published numbers are reproduced, from {sources} sources."
    st.header(formatting.escape_markdown(heading), anchor=False)
    st.caption("A number agrees when it lies within the rounding of the printed one. The command: make validate.")
    charts.draw_download(_to_table(rows) | {"Source": [row.source for row in rows]}, "validation")
    for source, printed in groupby(rows, key=lambda row: row.source):
        _draw_source(source, list(printed))


def _draw_source(source: str, rows: Sequence[PublishedCheck]) -> None:
    """A table, not a grid, so that no text is cut off, on a phone either."""
    st.subheader(formatting.escape_markdown(source), anchor=False)
    table = {
        formatting.escape_markdown(title): [formatting.escape_markdown(cell) for cell in cells]
        for title, cells in _to_table(rows).items()
    }
    st.table(table, border="horizontal", hide_index=True, alt=f"Published numbers and ours: {source}")


def _to_table(rows: Sequence[PublishedCheck]) -> dict[str, list[str]]:
    return {
        "What": [row.what for row in rows],
        "Published": [_format_number(row.published) for row in rows],
        "Ours": [_format_number(row.ours) for row in rows],
        "Agrees": ["yes" if row.agrees else "NO" for row in rows],
    }


@st.cache_resource
def _cached_checks() -> tuple[PublishedCheck, ...]:
    return tuple(published_checks.check_published_numbers())


def _format_number(value: float | None) -> str:
    return "not reached" if value is None else f"{value:.6g}"


main()
