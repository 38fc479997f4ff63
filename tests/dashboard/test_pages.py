"""Every page opens for every viewer, whether the clinic is empty, has one treatment, or is the sample."""

from pathlib import Path

import pytest

from dashboard import links
from tests.dashboard.reading import said

VIEWERS = {"whole clinic": {}, "one site": {"as": "Site: hill"}, "one practitioner": {"as": "Practitioner: P3"}}
PAGES = [name for section in links.PAGES.values() for name in section]


@pytest.mark.parametrize("viewer", VIEWERS)
@pytest.mark.parametrize("page", PAGES)
def test_every_page_opens_for_every_viewer(open_page, clinic_url, page, viewer):
    app = open_page(clinic_url, page, **VIEWERS[viewer])
    assert not app.exception
    assert app.session_state["as"] == VIEWERS[viewer].get("as", "Whole clinic")
    assert [title.value for title in app.title] == [links.title(page)]


@pytest.mark.parametrize("page", PAGES)
def test_every_page_opens_with_a_single_treatment(open_page, one_treatment_url, page):
    app = open_page(one_treatment_url, page)
    assert not app.exception
    assert "1 treatment of 1 client" in said(app)


def test_before_any_record_there_is_a_welcome_and_the_pages_that_need_none(open_page, empty_url):
    welcome = open_page(empty_url)
    assert not welcome.exception
    assert [title.value for title in welcome.title] == ["Welcome"]
    assert [button.label for button in welcome.button] == ["Make the sample clinic"]
    for page in links.WITHOUT_RECORDS:
        app = open_page(empty_url, page)
        assert not app.exception
        assert [title.value for title in app.title] == [links.title(page)]


def test_every_page_is_listed_once():
    files = {path.stem for path in (Path(links.__file__).parent / "pages").glob("*.py")} - {"__init__", "welcome"}
    assert sorted(PAGES) == sorted(files)
