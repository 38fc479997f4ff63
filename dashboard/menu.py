"""The page on show, inside the frame that all of them share."""

from pathlib import Path

import streamlit as st

from dashboard import frame, links, loading
from data.database import DatabaseProblem

LOOK = Path(__file__).parent  # pictures of our own: a named icon would be fetched from elsewhere


def main() -> None:
    st.set_page_config(page_icon=LOOK / "icon.png", layout="wide")
    st.logo(LOOK / "logo.svg", size="large", icon_image=LOOK / "icon.png")
    page = st.navigation(links.pages(), expanded=True)
    st.set_page_config(page_title=f"{page.title} – Sequela")
    try:
        loading.preload()
    except DatabaseProblem as problem:
        st.error(str(problem), icon=":material/database_off:")
        st.stop()
    st.session_state.shown = frame.draw(page.title)
    if st.session_state.shown is not None or page.url_path in links.WITHOUT_RECORDS:
        page.run()
    elif loading.holds_records():
        st.info("There are no treatments that this viewer may see.", icon=":material/visibility_off:")
    else:
        st.Page("pages/welcome.py").run()


main()
