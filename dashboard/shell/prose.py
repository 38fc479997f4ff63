"""Text on a page that is not written in the code: names, words of a file, and sentences with any of them in it."""

from typing import Literal

import streamlit as st

from dashboard.text.formatting import escape_markdown


def draw_text(text: str, kind: Literal["header", "subheader", "markdown", "caption"] = "markdown") -> None:
    """Draw the text as it is: escaped here, so that none of it acts as Markdown."""
    escaped = escape_markdown(text)
    if kind == "header":
        st.header(escaped, anchor=False)
    elif kind == "subheader":
        st.subheader(escaped, anchor=False)
    elif kind == "caption":
        st.caption(escaped)
    else:
        st.markdown(escaped)
