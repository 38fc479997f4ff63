"""Every published number that we reproduce, with ours beside it, worked out now."""

import streamlit as st

from dashboard import drawing, wording
from models import validation


def main() -> None:
    rows = _rows()
    agree = sum(row.agrees for row in rows)
    sources = len({row.source for row in rows})
    st.header(f"{wording.of(agree, len(rows))} published numbers are reproduced, from {sources} sources.", anchor=False)
    st.caption("A number agrees when ours rounds to what was printed. The same table: make validate.")
    table = {
        "What": [row.what for row in rows],
        "Published": [_said(row.published) for row in rows],
        "Ours": [_said(row.ours) for row in rows],
        "Agrees": ["yes" if row.agrees else "NO" for row in rows],
        "Source": [row.source for row in rows],
    }
    st.dataframe(table, hide_index=True, height="content", key="validation", alt="Published numbers and ours")
    drawing.download(table, "validation")


@st.cache_resource
def _rows() -> tuple:
    return tuple(validation.table())


def _said(value: float | None) -> str:
    return "not reached" if value is None else f"{value:.6g}"


main()
