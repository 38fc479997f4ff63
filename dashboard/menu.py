"""Which pages, in the order of the monthly meeting; the frame that all of them share."""

import streamlit as st

from dashboard import frame, loading
from data.database import DatabaseProblem

PAGES = {
    "This month": ["overview", "cases"],
    "What happened": ["side_effects", "durations"],
    "Records": ["import_records"],
}
TITLES = {
    "overview": ("Overview", ":material/summarize:"),
    "cases": ("Cases", ":material/list_alt:"),
    "side_effects": ("Side effects", ":material/monitor_heart:"),
    "durations": ("Durations", ":material/timelapse:"),
    "import_records": ("Import", ":material/upload_file:"),
}
WITHOUT_RECORDS = {"import_records"}  # pages that need no treatments to make sense


def pages() -> dict[str, list]:
    return {section: [_page(name) for name in names] for section, names in PAGES.items()}


def _page(name: str):
    title, icon = TITLES[name]
    return st.Page(f"pages/{name}.py", title=title, icon=icon, url_path=name, default=name == "overview")


def main() -> None:
    st.set_page_config(page_title="Sequela", page_icon=":material/monitor_heart:", layout="wide")
    page = st.navigation(pages())
    try:
        loading.preload()
    except DatabaseProblem as problem:
        st.error(str(problem), icon=":material/database_off:")
        st.stop()
    st.title(page.title)
    st.session_state.shown = frame.draw()
    if st.session_state.shown is None and page.url_path not in WITHOUT_RECORDS:
        page = st.Page("pages/welcome.py")
    page.run()


main()
