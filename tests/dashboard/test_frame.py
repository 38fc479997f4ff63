"""The frame: filters from the address bar, whose records, red flags on top, what is counted in words."""

from datetime import date

from dashboard import loading
from data import queries
from data.scope import WHOLE_CLINIC, Scope
from data.selection import Selection
from tests.dashboard.reading import lead, said

TODAY = date.today()


def test_the_address_bar_sets_every_filter(open_page, clinic_url):
    app = open_page(clinic_url, period="All dates", sites=["hill"], practitioners=["P3"], areas=["Glabella"])
    selection = app.session_state.shown.selection
    assert (selection.from_date, selection.to_date) == (None, None)
    assert (selection.sites, selection.practitioners) == (("hill",), ("P3",))
    assert (selection.areas, selection.products) == (("glabella",), ())
    assert "at hill, by P3, including Glabella" in said(app)


def test_unknown_values_in_the_address_bar_are_passed_over(open_page, clinic_url):
    nonsense = {"period": "soon", "sites": ["x", "hill"], "areas": ["y"], "as": "king", "from": "never", "zzz": "1"}
    app = open_page(clinic_url, **nonsense)
    assert not app.exception
    assert app.session_state.shown.scope == WHOLE_CLINIC
    assert app.session_state.shown.selection.areas == ()


def test_own_dates_may_be_given_in_either_order(open_page, clinic_url):
    app = open_page(clinic_url, period="Own dates", **{"from": str(TODAY), "to": "2026-01-01"})
    selection = app.session_state.shown.selection
    assert (selection.from_date, selection.to_date) == (date(2026, 1, 1), TODAY)


def test_a_filter_stays_when_the_page_changes(open_page, clinic_url):
    app = open_page(clinic_url, sites=["hill"])
    app.multiselect(key="areas").select("glabella").run()
    app.switch_page("pages/cases.py").run()
    selection = app.session_state.shown.selection
    assert (selection.sites, selection.areas) == (("hill",), ("glabella",))


def test_clearing_leaves_no_filter_but_the_period(open_page, clinic_url):
    app = open_page(clinic_url, period="All dates", sites=["hill"], areas=["Glabella"])
    app.button(key="clear_filters").click().run()
    assert app.session_state.shown.selection == Selection(as_of=TODAY)


def test_what_is_counted_is_what_this_viewer_may_see(open_page, clinic_url):
    app = open_page(clinic_url, period="All dates", **{"as": "Practitioner: P3"})
    scope = Scope(practitioners=frozenset({"P3"}))
    assert app.session_state.shown.scope == scope
    (((_, total, _)),) = loading.ask(queries.denominators, scope, Selection(as_of=TODAY), ()).values()
    assert f"{total:,} treatments of" in said(app)
    assert "all sites, by P3" in said(app)


def test_a_red_flag_stands_on_top_whatever_the_period(open_page, clinic_url):
    for page, period in (("overview", "This month"), ("methods", "All dates"), ("cases", "Last month")):
        app = open_page(clinic_url, page, period=period)
        assert app.warning[0].value.replace("\\", "").startswith("1 swallowing difficulty (dysphagia), first noticed")
        (to,) = [to for label, to in lead(app) if label.startswith("Open case ")]
        assert to.startswith("cases?") and "red_flag=1" in to


def test_without_a_red_flag_there_is_no_bar(open_page, one_treatment_url):
    assert not open_page(one_treatment_url).warning


def test_made_up_records_are_named_as_such(open_page, clinic_url, one_treatment_url):
    assert "Made-up records" in said(open_page(clinic_url))
    assert "ade-up records" not in said(open_page(one_treatment_url))


def test_links_keep_the_filters(open_page, clinic_url):
    app = open_page(clinic_url, sites=["hill"], areas=["Glabella", "Forehead"])
    links = dict(lead(app))
    assert "sites=hill" in links["Call list"]
    assert "areas=Glabella&areas=Forehead" in links["Call list"]
