"""The page on show, inside the frame that all of them share."""

from pathlib import Path

import streamlit as st

from dashboard import access, entering, frame, going_back, links, loading, theme, wording
from data.database import DatabaseProblem

LOOK = Path(__file__).parent  # pictures of our own: a named icon would be fetched from elsewhere


def main() -> None:
    st.set_page_config(page_icon=LOOK / "icon.png", layout="wide")
    st.logo(LOOK / "logo.svg", size="large", icon_image=LOOK / "icon.png")
    st.html(theme.STYLE)
    going_back.draw()
    loading.bring_up_to_date(entering.just_stored())
    page = st.navigation(links.pages(loading.holds_records()), expanded=True)
    st.set_page_config(page_title=f"{page.title} – Sequela")
    st.session_state.shown = frame.draw(wording.as_text(page.title))
    if loading.holds_records() and st.session_state.shown is None:
        access.explain_nothing()
    else:
        page.run()


try:
    main()
except DatabaseProblem as problem:
    st.error(wording.as_text(str(problem)), icon=":material/database_off:")
