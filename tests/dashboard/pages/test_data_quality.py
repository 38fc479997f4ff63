"""Whether the figures can be trusted, what is missing with its records, whom to call, what was brought in."""

from datetime import date

from dashboard.shell import query_cache
from dashboard.shell.filters import period_dates
from data.analysis import treatments
from data.analysis.scope import WHOLE_CLINIC
from data.analysis.selection import Selection
from data.summaries import data_quality
from tests.dashboard.page_text import said

TODAY = date.today()
FIRST, LAST = period_dates("12 months", TODAY)
YEAR = Selection(from_date=FIRST, to_date=LAST, as_of=TODAY)


def test_the_verdict_has_reasons(open_page, clinic_url):
    text = said(open_page(clinic_url, "data_quality"))
    checks = query_cache.cached_query(data_quality.trust_checks, WHOLE_CLINIC, YEAR)
    known = next(checks[checks.name == "known"].itertuples())
    assert "Can these figures be trusted? Not yet: " in text
    assert f"{known.count:,} of {known.total:,} treatments past the follow-up window were followed up" in text


def test_every_check_has_its_denominator(open_page, clinic_url):
    checks = open_page(clinic_url, "data_quality").dataframe[0].value
    assert len(checks) == 12
    assert (checks["count"] <= checks["of"]).all()


def test_a_check_lists_the_records_behind_it(open_page, clinic_url):
    app = open_page(clinic_url, "data_quality")
    row = list(app.dataframe[0].value["check"]).index("Treatments without a recorded lot")
    app.session_state["checks"] = {"selection": {"rows": [row], "columns": [], "cells": []}}
    app.run()
    lacking = query_cache.cached_query(treatments.count_incomplete, WHOLE_CLINIC, YEAR)["lot"]
    assert len(app.dataframe[1].value) == lacking > 0
    assert set(app.dataframe[1].value["lots"]) >= {"Not recorded"}


def test_follow_up_adds_up_for_every_practitioner(open_page, clinic_url):
    table = open_page(clinic_url, "data_quality", quality="Follow-up").dataframe[0].value
    ways = ["Checklist", "Open question", "Volunteered", "Not reached", "Declined", "Not due yet", "Not tried"]
    assert (table[ways].sum(axis=1) == table.total).all()
    assert (table[ways[:3]].sum(axis=1) == table.followed_up).all()


def test_imports_are_for_those_who_may_see_the_whole_clinic(open_page, clinic_url):
    (imports,) = open_page(clinic_url, "data_quality", quality="Imports").dataframe
    assert list(imports.value["source"]) == ["sample"]
    part = open_page(clinic_url, "data_quality", quality="Imports", **{"as": "Site: Buckhead"})
    assert not part.dataframe
    assert "concern the whole clinic" in said(part)


def test_one_treatment_is_counted_and_listed(open_page, one_treatment_url):
    app = open_page(one_treatment_url, "data_quality")
    assert "1 of 1 treatments without an injection" in said(app)
