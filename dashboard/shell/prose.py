"""Text on a page that is not written in the code: names, words of a file, and sentences with any of them in it."""

from typing import Literal

import streamlit as st

from dashboard.text.formatting import escape_markdown


def draw_text(
    text: str, kind: Literal["header", "subheader", "markdown", "caption"] = "markdown", help_text: str | None = None
) -> None:
    """Draw the text as it is, with a help mark for a subheader: escaped here, so that none of it acts as Markdown."""
    escaped = escape_markdown(text)
    if kind == "header":
        st.header(escaped, anchor=False)
    elif kind == "subheader":
        st.subheader(escaped, anchor=False, help=escape_markdown(help_text) if help_text else None)
    elif kind == "caption":
        st.caption(escaped)
    else:
        st.markdown(escaped)
