"""Every page opens for every viewer, whether the clinic is empty, has one treatment, or is the sample."""

import re
from pathlib import Path

import pytest

import dashboard
from dashboard.shell import navigation
from tests.dashboard.page_text import said

WHOLE = "Whole clinic"
VIEWERS = (WHOLE, "Site: Buckhead", "Practitioner: RN 3")
PAGES = [name for section in navigation.PAGES.values() for name in section]
MADE_OF_CODE = re.compile(r"\b(None|nan|NaN|NaT|inf)\b")  # what a page says when a number that is not there gets out
TEXTS = ("methods", "validation")  # speak of statistics and of what others printed
FEWEST_SAID = 3  # the title, what is counted, and what the page has to say of that

every_page = pytest.mark.parametrize("page", PAGES)
every_viewer = pytest.mark.parametrize("viewer", VIEWERS)


@every_viewer
@every_page
def test_every_page_opens_on_the_sample_for_every_viewer(open_page, clinic_url, page, viewer):
    app = open_page(clinic_url, page, **{"as": viewer, "period": "All dates"})
    _is_whole(app, page, viewer)
    treatments = re.search(r"([\d,]+) treatments of [\d,]+ clients", said(app)).group(1)
    assert (treatments == "2,000") == (viewer == WHOLE)


@every_viewer
@every_page
def test_every_page_opens_with_a_single_treatment_for_every_viewer(
    open_page, one_treatment_url, one_practitioner_url, page, viewer
):
    url = one_practitioner_url if viewer.startswith("Practitioner") else one_treatment_url
    app = open_page(url, page, **{"as": viewer})
    _is_whole(app, page, viewer)
    assert "1 treatment of 1 client" in said(app)


@every_viewer
@every_page
def test_without_a_record_every_address_leads_to_the_welcome_or_to_a_page_that_needs_none(
    open_page, empty_url, page, viewer
):
    app = open_page(empty_url, page, **{"as": viewer})
    assert not app.exception
    needs_none = page in navigation.PAGES_WITHOUT_RECORDS
    assert [title.value for title in app.title] == [navigation.page_title(page) if needs_none else "Welcome"]


def test_the_welcome_offers_the_sample_clinic(open_page, empty_url):
    assert [button.label for button in open_page(empty_url).button] == ["Create sample data"]


def test_every_page_is_listed_once():
    files = {path.stem for path in (Path(dashboard.__file__).parent / "pages").glob("*.py")} - {"__init__", "welcome"}
    assert sorted(Path(navigation.page_file(name)).stem for name in PAGES) == sorted(files)


def _is_whole(app, page: str, viewer: str) -> None:
    """No error; the viewer and the title are right; words alone are said; what is drawn is told to those who hear."""
    assert not app.exception
    assert app.session_state["as"] == viewer
    assert [title.value for title in app.title] == [navigation.page_title(page)]
    text = said(app)
    assert len(text.splitlines()) >= FEWEST_SAID
    if page not in TEXTS:
        assert not MADE_OF_CODE.findall(text)
        assert "significant" not in text.lower()
    drawn = [*app.get("plotly_chart"), *app.dataframe]
    assert not [element for element in drawn if not element.proto.alt]
