"""How each number is worked out: docs/methods.md, as it is."""

from pathlib import Path

import streamlit as st

METHODS = Path(__file__).parents[2] / "docs" / "methods.md"


def main() -> None:
    text = METHODS.read_text(encoding="utf-8")
    st.markdown(text.split("\n", 1)[1] if text.startswith("# ") else text)


main()
