"""The page on show, inside the frame that all of them share."""

from pathlib import Path

import streamlit as st

from dashboard import theme
from dashboard.forms import form_state
from dashboard.shell import access, browser_history, navigation, page_frame, query_cache
from dashboard.text import formatting
from data.database.engine import DatabaseProblem

LOOK = Path(__file__).parent  # pictures of our own: a named icon would be fetched from elsewhere


def main() -> None:
    st.set_page_config(page_icon=LOOK / "icon.png", layout="wide")
    st.logo(LOOK / "logo.svg", size="large", icon_image=LOOK / "icon.png")
    st.html(theme.STYLE)
    browser_history.draw()
    query_cache.bring_up_to_date(form_state.just_stored())
    page = st.navigation(navigation.pages(query_cache.holds_records()), expanded=True)
    st.set_page_config(page_title=f"{page.title} – Sequela")
    st.session_state.shown = page_frame.draw(formatting.as_text(page.title))
    if query_cache.holds_records() and st.session_state.shown is None:
        access.explain_nothing()
    else:
        page.run()


try:
    main()
except DatabaseProblem as problem:
    st.error(formatting.as_text(str(problem)), icon=":material/database_off:")
