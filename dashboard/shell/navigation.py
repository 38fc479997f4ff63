"""The pages in the order of the monthly meeting, and links between them that keep the shared filters."""

from functools import partial

import streamlit as st

from dashboard.shell.filters import CHOICES, SHARED_PARAMETERS
from dashboard.text import formatting

PAGES = {
    "This month": {
        "overview": ("Overview", ":material/summarize:"),
        "client_claims": ("What we tell clients", ":material/record_voice_over:"),
        "data_quality": ("Data quality", ":material/fact_check:"),
        "cases": ("Cases", ":material/list_alt:"),
    },
    "Daily work": {
        "call_list": ("Call list", ":material/call:"),
        "new_record": ("New record", ":material/add_notes:"),
        "corrections": ("Corrections", ":material/edit:"),
    },
    "What happened": {
        "side_effects": ("Side effects", ":material/monitor_heart:"),
        "durations": ("Durations", ":material/timelapse:"),
        "trends": ("Trends", ":material/show_chart:"),
    },
    "Where and how": {
        "treatments": ("Treatments", ":material/vaccines:"),
        "dose": ("Weakness by area and dose", ":material/straighten:"),
        "products": ("Products and lots", ":material/inventory_2:"),
        "people": ("Practitioners", ":material/groups:"),
        "aftercare": ("Aftercare", ":material/healing:"),
    },
    "Records and methods": {
        "import_records": ("Import", ":material/upload_file:"),
        "methods": ("Methods", ":material/functions:"),
        "validation": ("Validation", ":material/verified:"),
    },
}
FIRST_PAGE = "overview"
FILES = {"people": "practitioners", "products": "products_and_lots"}  # addresses that are older than the file names
ARROW = ":material/arrow_forward:"
PAGES_WITHOUT_RECORDS = ("new_record", "import_records", "methods", "validation")  # useful without a treatment


def pages(with_records: bool) -> dict[str, list]:
    """The pages by section, for st.navigation. Without records: those that need none, and a welcome, which every other
    address shows as well."""
    listed = {
        section: {
            name: st.Page(page_file(name), title=title, icon=icon, url_path=name, default=name == FIRST_PAGE)
            for name, (title, icon) in names.items()
        }
        for section, names in PAGES.items()
    }
    if with_records:
        return {section: list(names.values()) for section, names in listed.items()}
    every_page = {name: page for names in listed.values() for name, page in names.items()}
    welcome = partial(st.Page, "pages/welcome.py", title="Welcome", icon=":material/waving_hand:")
    others = [name for name in every_page if name not in PAGES_WITHOUT_RECORDS and name != FIRST_PAGE]
    return {
        "Start": [
            welcome(default=True),
            *(every_page[name] for name in PAGES_WITHOUT_RECORDS),
            *(welcome(url_path=name, visibility="hidden") for name in others),
        ]
    }


def page_file(name: str) -> str:
    """The script of the page at this address, relative to the entry script."""
    return f"pages/{FILES.get(name, name)}.py"


def page_title(name: str) -> str:
    """The title of the page at this address."""
    return next(pages[name][0] for pages in PAGES.values() if name in pages)


def set_parameters(**values: str | None) -> None:
    """Write these into the address bar; None: no such parameter."""
    for name, value in values.items():
        if value is None:
            st.query_params.pop(name, None)
        else:
            st.query_params[name] = value


def draw_link(name: str, label: formatting.Markdown, icon: str = ARROW, **filters: str | list[str]) -> None:
    """A link to a page that keeps the shared filters and adds `filters`; it works in a new tab as well."""
    shared = {key: st.query_params.get_all(key) for key in SHARED_PARAMETERS if key in st.query_params}
    st.page_link(page_file(name), label=label, icon=icon, query_params=shared | filters)


def link_to_correction(label: formatting.Markdown, number: int, kind: str = "treatments") -> None:
    """A link to the correction of one record."""
    draw_link("corrections", label, ":material/edit:", kind=kind, number=str(number))


def link_to_all_dates(
    name: str, label: formatting.Markdown, every_filter: bool = False, key: str = "", **filters: str
) -> None:
    """The same for all dates, and with `every_filter` for everything that the viewer may see. A button, because a link
    cannot change a filter on the screen. `key`: tells several to the same place on one page apart."""
    chosen = {"period": "all"} | ({choice: [] for choice, *_ in CHOICES} if every_filter else {})
    key = "_".join((name, key, *filters.values()))
    if st.button(label, icon=ARROW, type="tertiary", key=key, on_click=st.session_state.update, kwargs=chosen):
        st.switch_page(page_file(name), query_params=filters)
