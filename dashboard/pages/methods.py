"""How each number is calculated: docs/methods.md, with its references to files as references to pages."""

from pathlib import Path

import streamlit as st

METHODS = Path(__file__).parents[2] / "docs" / "methods.md"
FILE, HERE = "in `docs/validation.md`", "on the page Validation"  # as the text names it, and as it is read here


def main() -> None:
    text = METHODS.read_text(encoding="utf-8")
    st.markdown((text.split("\n", 1)[1] if text.startswith("# ") else text).replace(FILE, HERE))


main()
