"""The page on show, inside the frame that all of them share."""

from pathlib import Path

import streamlit as st

from dashboard import theme
from dashboard.forms import form_state
from dashboard.shell import access, browser_history, navigation, page_frame, query_cache
from dashboard.shell.loopback import LoopbackOnly
from dashboard.text import formatting
from data.database.engine import DatabaseAccessError

LOOK = Path(__file__).parent  # pictures of our own: a named icon would be fetched from elsewhere


def main() -> None:
    # Run on its own, this script would be served to whoever reaches the port. AppTest, which runs it without a server,
    # sets its option in st.config only: st.get_option does not see it.
    if not (LoopbackOnly.in_use or st.config.get_option("global.appTest")):
        st.error("Sequela shows records only when it is started with `make run` or `streamlit run app.py`.")
        return
    st.set_page_config(page_icon=LOOK / "icon.png", layout="wide")
    st.logo(LOOK / "logo.svg", size="large", icon_image=LOOK / "icon.png")
    st.html(theme.PAGE_CSS)
    browser_history.install_history_script()
    query_cache.refresh_copy(form_state.pop_saved_message())
    page = st.navigation(navigation.pages(query_cache.has_records()), expanded=True)
    st.set_page_config(page_title=f"{page.title} – Sequela")
    st.session_state.page_title = page.title  # names the downloads
    st.session_state.shown = page_frame.draw_page_frame(formatting.escape_markdown(page.title))
    if query_cache.has_records() and st.session_state.shown is None:
        access.explain_nothing()
    else:
        page.run()


try:
    main()
except DatabaseAccessError as problem:
    st.error(formatting.escape_markdown(str(problem)), icon=":material/database_off:")
