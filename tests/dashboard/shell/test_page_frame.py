"""The frame: filters from the address bar, whose records, red flags on top, what is counted in words."""

import re
from datetime import date

import pytest
from streamlit.elements.lib import policies

from dashboard.shell import access, navigation, query_cache
from data.analysis import counts
from data.analysis.scope import WHOLE_CLINIC, Scope
from data.analysis.selection import Selection
from data.sample import clinic
from tests.dashboard.page_text import lead, said

TODAY = date.today()


def test_the_address_bar_sets_every_filter(open_page, clinic_url):
    app = open_page(clinic_url, period="All dates", sites=["Buckhead"], practitioners=["RN 3"], areas=["Glabella"])
    selection = app.session_state.shown.selection
    assert (selection.from_date, selection.to_date) == (None, None)
    assert (selection.sites, selection.practitioners) == (("Buckhead",), ("RN 3",))
    assert (selection.areas, selection.products) == (("glabella",), ())
    assert "at Buckhead, by RN 3, including Glabella" in said(app)


def test_unknown_values_in_the_address_bar_are_passed_over(open_page, clinic_url):
    nonsense = {"period": "soon", "sites": ["x", "Buckhead"], "areas": ["y"], "from": "never", "zzz": "1"}
    app = open_page(clinic_url, **nonsense)
    assert not app.exception
    assert app.session_state.shown.scope == WHOLE_CLINIC
    assert app.session_state.shown.selection.areas == ()


STRANGERS = ("king", "Site: hil", "Practitioner: P99", "Practitioner: Buckhead", "site: Buckhead", "Whole clinic ", "")


@pytest.mark.parametrize("stranger", [*STRANGERS, ["king", "Whole clinic"]])
@pytest.mark.parametrize("page", ["overview", "cases", "import_records"])
def test_a_viewer_whom_nobody_knows_sees_nothing_and_is_told_so(open_page, clinic_url, page, stranger):
    app = open_page(clinic_url, page, period="All dates", **{"as": stranger})
    _shows_nothing(app)
    assert "is not on record, so nothing is shown" in said(app)


def test_a_stranger_sees_nothing_on_any_page_until_somebody_known_is_chosen(open_page, clinic_url):
    app = open_page(clinic_url, **{"as": "Practitioner: P99"})
    del app.query_params["as"]  # as the menu of pages does
    for page in ("cases", "people", "overview"):
        _shows_nothing(app.switch_page(navigation.page_file(page)).run())
    app.selectbox(key="as_anew").select("Practitioner: RN 3").run()
    assert app.session_state.shown.scope == Scope(practitioners=frozenset({"RN 3"}))
    assert not app.run().exception
    assert app.session_state.shown.scope == Scope(practitioners=frozenset({"RN 3"}))


def test_a_viewer_who_is_no_longer_on_record_sees_nothing(open_page, clinic_url, one_practitioner_url, monkeypatch):
    app = open_page(clinic_url, **{"as": "Site: Buckhead"})
    assert app.session_state.shown.scope == Scope(sites=frozenset({"Buckhead"}))
    monkeypatch.setattr(access, "_scopes", lambda: {access.WHOLE_CLINIC_LABEL: WHOLE_CLINIC})
    _shows_nothing(app.run())


@pytest.mark.parametrize("page", [name for section in navigation.PAGES.values() for name in section])
def test_no_code_in_the_address_widens_what_a_viewer_sees(open_page, clinic_url, page):
    """The pages are given what is shown; nothing in the address but `as` can change the scope of it."""
    codes = {"sites": ["x", "Buckhead"], "practitioners": ["PA 5", "P99"], "site": "x", "practitioner": "PA 5"}
    app = open_page(clinic_url, page, period="All dates", **{"as": "Practitioner: RN 3"}, **codes)
    scope = Scope(practitioners=frozenset({"RN 3"}))
    assert not app.exception
    assert app.session_state.shown.scope == scope
    (most,) = query_cache.cached_query(counts.denominators, scope, Selection(as_of=TODAY), ()).treated
    (counted,) = re.findall(r"([\d,]+) treatments of [\d,]+ clients", said(app))
    assert int(counted.replace(",", "")) <= most


def test_own_dates_may_be_given_in_either_order(open_page, clinic_url):
    app = open_page(clinic_url, period="Own dates", **{"from": str(TODAY), "to": "2026-01-01"})
    selection = app.session_state.shown.selection
    assert (selection.from_date, selection.to_date) == (date(2026, 1, 1), TODAY)


def test_a_filter_stays_when_the_page_changes(open_page, clinic_url):
    app = open_page(clinic_url, sites=["Buckhead"])
    app.multiselect(key="areas").select("glabella").run()
    app.switch_page("pages/cases.py").run()
    selection = app.session_state.shown.selection
    assert (selection.sites, selection.areas) == (("Buckhead",), ("glabella",))


def test_clearing_leaves_no_filter_but_the_period(open_page, clinic_url):
    app = open_page(clinic_url, period="All dates", sites=["Buckhead"], areas=["Glabella"])
    app.button(key="clear_filters").click().run()
    assert app.session_state.shown.selection == Selection(as_of=TODAY)


def test_what_is_counted_is_what_this_viewer_may_see(open_page, clinic_url):
    app = open_page(clinic_url, period="All dates", **{"as": "Practitioner: RN 3"})
    scope = Scope(practitioners=frozenset({"RN 3"}))
    assert app.session_state.shown.scope == scope
    (total,) = query_cache.cached_query(counts.denominators, scope, Selection(as_of=TODAY), ()).treated
    assert f"{total:,} treatments of" in said(app)
    assert "all sites, by RN 3" in said(app)


def test_a_red_flag_stands_on_top_whatever_the_period(open_page, clinic_url):
    for page, period in (("overview", "This month"), ("methods", "All dates"), ("cases", "Last month")):
        app = open_page(clinic_url, page, period=period)
        assert app.warning[0].value.replace("\\", "").startswith("1 swallowing difficulty (dysphagia), onset")
        (to,) = [to for label, to in lead(app) if label.startswith("Open case ")]
        assert to.startswith("cases?") and "red_flag=1" in to


def test_without_a_red_flag_there_is_no_bar(open_page, one_treatment_url):
    assert not open_page(one_treatment_url).warning


def test_made_up_records_are_named_as_such(open_page, clinic_url, one_treatment_url):
    assert "Sample data" in said(open_page(clinic_url))
    assert "ade-up records" not in said(open_page(one_treatment_url))


def test_links_keep_the_filters(open_page, clinic_url):
    app = open_page(clinic_url, sites=["Buckhead"], areas=["Glabella", "Forehead"])
    links = dict(lead(app))
    assert "sites=Buckhead" in links["Call list"]
    assert "areas=Glabella&areas=Forehead" in links["Call list"]


def _shows_nothing(app) -> None:
    """No page is drawn: neither a number nor the name of anybody."""
    assert not app.exception
    assert app.session_state.shown is None
    assert not re.search(r"\d+ treatment", said(app))
    assert not [*app.get("plotly_chart"), *app.dataframe, *app.metric, *app.button, *app.get("file_uploader")]


def test_a_page_reached_without_its_period_logs_no_stack_trace(open_page, clinic_url, monkeypatch):
    """As by the browser's Back: the address names no period, and the session still holds one."""
    monkeypatch.setattr(policies, "_shown_default_value_warning", False)
    app = open_page(clinic_url, period="All dates")
    del app.query_params["period"]
    app.run()
    app.session_state.period = "quarter"
    app.run()
    assert not policies._shown_default_value_warning


def test_the_sample_clinic_says_what_is_hidden_in_it(open_page, clinic_url, one_treatment_url):
    lot, practitioner = clinic.WORSE_LOT, clinic.DOUBLED_PRACTITIONER
    hidden = said(open_page(clinic_url))
    assert f"With lot {lot}, every side effect is more common" in hidden and f"{practitioner} has had twice" in hidden
    assert "has had twice" not in said(open_page(clinic_url, **{"as": f"Practitioner: {practitioner}"}))
    assert "every side effect is more common" not in said(open_page(one_treatment_url))
