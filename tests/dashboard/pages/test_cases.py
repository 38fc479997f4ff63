"""The list behind any figure: it shows what the address bar names, and a row opens one case."""

from dataclasses import replace
from datetime import date

from dashboard.components import case_table
from dashboard.shell import query_cache
from data.analysis import cases
from data.analysis.scope import WHOLE_CLINIC, Scope
from data.analysis.selection import Selection
from tests.dashboard.page_text import said

TODAY = date.today()
ALL = Selection(as_of=TODAY)


def listed(app):
    """The case numbers of the listing, as a reader sees them."""
    return list(app.dataframe[0].value["case"])


def numbers(selection, scope=WHOLE_CLINIC, by=()):
    return query_cache.cached_query(cases.cases, scope, selection, None, by).number.tolist()


def test_the_list_has_the_cases_of_its_filter(open_page, clinic_url):
    app = open_page(clinic_url, "cases", period="All dates", side_effect="bruising", area="forehead", open="0")
    assert said(app).count("Bruising, ended, in Forehead. Treatments of") == 1
    chosen = replace(ALL, side_effects=("bruising",), areas=("forehead",), open=False)
    assert listed(app) == numbers(chosen, by=("area",)) != []
    assert f"{len(listed(app))} side effects after" in said(app)


def test_the_shared_filters_apply_to_the_list_too(open_page, clinic_url):
    app = open_page(clinic_url, "cases", period="All dates", sites=["Buckhead"], family="injection_site")
    assert listed(app) == numbers(replace(ALL, sites=("Buckhead",), families=("injection_site",)))


def test_a_viewer_lists_no_case_of_others(open_page, clinic_url):
    app = open_page(clinic_url, "cases", period="All dates", **{"as": "Practitioner: RN 3"})
    assert listed(app) == numbers(ALL, Scope(practitioners=frozenset({"RN 3"})))
    assert app.dataframe[0].value["site_practitioner"].str.endswith(", RN 3").all()


def test_red_flags_are_listed_whatever_the_period_and_the_filters(open_page, clinic_url):
    app = open_page(clinic_url, "cases", period="Last month", sites=["Decatur"], red_flag="1")
    assert listed(app) == query_cache.cached_query(cases.unreviewed_red_flags, WHOLE_CLINIC).number.tolist()
    assert "Red flags not yet reviewed, of all dates" in said(app)


def test_nonsense_in_the_address_bar_lists_everything(open_page, clinic_url):
    app = open_page(clinic_url, "cases", period="All dates", side_effect="x", grade="99", case="9" * 400, month="1")
    assert not app.exception
    assert len(listed(app)) == min(len(numbers(ALL)), case_table.MAX_LISTED)


def test_a_case_comes_with_its_notes_and_what_to_do(open_page, clinic_url):
    open_page(clinic_url)
    (flagged,) = query_cache.cached_query(cases.unreviewed_red_flags, WHOLE_CLINIC).itertuples()
    app = open_page(clinic_url, "cases", case=str(flagged.number))
    assert f"Case {flagged.number}: Swallowing difficulty (dysphagia)" in said(app)
    assert f"at {flagged.site} by {flagged.practitioner}." in said(app)
    assert any("mmediate medical attention" in warning.value for warning in app.warning)
    doses, timeline = app.dataframe[0].value, app.dataframe[1].value
    assert {"area", "product", "lot", "units"} == set(doses)
    notes = query_cache.cached_query(cases.case_notes, WHOLE_CLINIC, flagged.number)
    assert (timeline.what == "Note").sum() == len(notes) > 0
    assert (timeline.what == "This treatment").sum() == (timeline.what == "Onset").sum() == 1
    assert timeline.date.is_monotonic_increasing
    assert "Not reviewed yet." in said(app)
    assert app.get("plotly_chart")


def test_a_practitioner_cannot_open_a_case_of_somebody_else(open_page, clinic_url):
    open_page(clinic_url)
    (flagged,) = query_cache.cached_query(cases.unreviewed_red_flags, WHOLE_CLINIC).itertuples()
    other = next(
        p for p in query_cache.load_dimension_values(WHOLE_CLINIC, "practitioner") if p != flagged.practitioner
    )
    app = open_page(clinic_url, "cases", case=str(flagged.number), **{"as": f"Practitioner: {other}"})
    assert not app.exception
    assert "Swallowing" not in said(app)


def test_choosing_a_side_effect_and_a_status_narrows_the_list(open_page, clinic_url):
    app = open_page(clinic_url, "cases", period="All dates", family="nearby_weakness")
    app.selectbox(key="cases_effect").select("headache").run()
    assert listed(app) == numbers(replace(ALL, side_effects=("headache",)))
    app.selectbox(key="cases_state").select("Ended").run()
    assert listed(app) == numbers(replace(ALL, side_effects=("headache",), open=False))
    next(button for button in app.button if button.label == "All cases").click().run()
    assert len(listed(app)) == min(len(numbers(ALL)), case_table.MAX_LISTED)


def test_the_download_has_every_case(open_page, clinic_url):
    open_page(clinic_url)
    text = query_cache.deferred_query(case_table.cases_to_csv, WHOLE_CLINIC, ALL, ())()
    assert len(text.splitlines()) == 1 + len(numbers(ALL))
    assert "client" not in text.lower()


def test_nothing_to_list_says_so(open_page, one_treatment_url):
    app = open_page(one_treatment_url, "cases")
    assert "0 side effects after these treatments." in said(app)
    assert not app.dataframe


def test_a_grade_of_ctcae_stands_with_what_ctcae_says_of_it(open_page, clinic_url):
    open_page(clinic_url)
    bruises = query_cache.cached_query(cases.cases, WHOLE_CLINIC, replace(ALL, side_effects=("bruising",)), None)
    case = next(row for row in bruises.itertuples() if row.grade == 1)
    told = said(open_page(clinic_url, "cases", case=str(case.number)))
    assert "Bruising, grade 1: Localized or in a dependent area. Source: CTCAE v5.0" in told
