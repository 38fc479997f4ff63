"""Every published number that we reproduce, with ours beside it, worked out now, under the source that printed it."""

from collections.abc import Sequence
from itertools import groupby

import streamlit as st

from dashboard.components import charts
from dashboard.text import formatting
from models import published_checks
from models.published_checks import Row


def main() -> None:
    rows = _rows()
    agree = sum(row.agrees for row in rows)
    sources = len({row.source for row in rows})
    said = f"{formatting.of(agree, len(rows))} published numbers are reproduced, from {sources} sources."
    st.header(formatting.as_text(said), anchor=False)
    st.caption("A number agrees when ours rounds to what was printed. The same table: make validate.")
    charts.download(_table(rows) | {"Source": [row.source for row in rows]}, "validation")
    for source, printed in groupby(rows, key=lambda row: row.source):
        _of_a_source(source, list(printed))


def _of_a_source(source: str, rows: Sequence[Row]) -> None:
    """A table, not a grid: every word of it is to be read to its end, on a telephone too."""
    st.subheader(formatting.as_text(source), anchor=False)
    words = {
        formatting.as_text(title): [formatting.as_text(said) for said in told] for title, told in _table(rows).items()
    }
    st.table(words, border="horizontal", hide_index=True, alt=f"Published numbers and ours: {source}")


def _table(rows: Sequence[Row]) -> dict[str, list[str]]:
    return {
        "What": [row.what for row in rows],
        "Published": [_said(row.published) for row in rows],
        "Ours": [_said(row.ours) for row in rows],
        "Agrees": ["yes" if row.agrees else "NO" for row in rows],
    }


@st.cache_resource
def _rows() -> tuple[Row, ...]:
    return tuple(published_checks.table())


def _said(value: float | None) -> str:
    return "not reached" if value is None else f"{value:.6g}"


main()
