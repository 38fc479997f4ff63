"""Verdicts about what clients are told: a small clinic gets none, and the sample clinic those that were planted."""

from datetime import date, timedelta

import pytest

from data.analysis.columnar_copy import ColumnarCopy
from data.analysis.query_builder import records_source
from data.analysis.scope import WHOLE_CLINIC
from data.analysis.selection import Selection
from data.database.engine import write_transaction
from data.sample.generator import make_sample
from data.summaries.client_claims import FAILS, HOLDS, NOT_SHOWN, UNDECIDED, client_claims
from tests import factories

TODAY = date(2026, 11, 25)
REMEDIES = {"massage", "exercise", "water", "supplements"}
EVERYTHING = Selection(as_of=TODAY)


def results_of(source, selection=EVERYTHING):
    return {result.claim.code: result for result in client_claims(source, WHOLE_CLINIC, selection)}


def test_a_clinic_with_twenty_treatments_cannot_tell_and_never_credits_a_remedy(sqlite_engine):
    """20 treatments, all followed up, 6 drooping eyelids: 80 more treatments are needed for any verdict."""
    with write_transaction(sqlite_engine) as connection:
        for number in range(20):
            client = factories.client(connection, key=str(number))
            treatment = factories.treatment(connection, client_id=client)
            factories.injection(connection, treatment_id=treatment)
            factories.follow_up(connection, treatment_id=treatment)
            if number < 6:
                effect = {"client_id": client, "treatment_id": treatment, "area": "glabella"}
                case = factories.side_effect(connection, **effect)
                factories.remedy(connection, side_effect_id=case, kind="used")
    found = results_of(records_source(sqlite_engine))
    assert {code: result.verdicts for code, result in found.items()} == {
        code: {NOT_SHOWN if code in REMEDIES else UNDECIDED} for code in found
    }
    assert (found["happens"].findings[0].events, found["happens"].findings[0].total) == (6, 20)
    assert found["happens"].more_treatments == 80
    assert (found["massage"].findings[0].events, found["massage"].findings[0].total) == (6, 6)
    assert not found["common_areas"].others


def test_planted_effects_get_their_verdict_whatever_the_filters(sqlite_engine):
    make_sample(sqlite_engine, 4_000, seed=1, today=TODAY)
    source = ColumnarCopy(sqlite_engine).current()[1]
    found = results_of(source, Selection(as_of=TODAY, from_date=TODAY, sites=("Decatur",)))
    assert found["happens"].verdicts == found["area"].verdicts == {HOLDS}
    assert FAILS not in found["temporary"].verdicts
    assert {finding.codes[1:] for finding in found["amount"].findings if finding.verdict == HOLDS} == {
        ("botox_cosmetic", "forehead")
    }
    areas = {finding.codes[0]: finding.verdict for finding in found["common_areas"].findings}
    assert areas["glabella"] == HOLDS and areas["lateral_canthal"] == FAILS
    assert "masseter" in found["common_areas"].others


def test_weakness_that_nobody_had_after_half_a_year_is_at_most_the_limit_of_none(sqlite_engine):
    """30 drooping eyelids, each gone after 10 days: none of 30 is at most 9.5%, so 5% cannot be told."""
    with write_transaction(sqlite_engine) as connection:
        for number in range(120):
            client = factories.client(connection, key=str(number))
            treatment = factories.treatment(connection, client_id=client)
            factories.injection(connection, treatment_id=treatment)
            factories.follow_up(connection, treatment_id=treatment)
            if number < 30:
                effect = {"client_id": client, "treatment_id": treatment, "area": "glabella"}
                case = factories.side_effect(connection, **effect)
                gone = factories.DAY + timedelta(days=11)
                factories.status(connection, side_effect_id=case, date=gone, state="gone")
    found = results_of(records_source(sqlite_engine))
    (temporary,) = found["temporary"].findings
    assert (temporary.events, temporary.total) == (30, 30)
    assert temporary.estimate == (0, 0, pytest.approx(1 - 0.05 ** (1 / 30)))
    assert temporary.verdict == UNDECIDED
