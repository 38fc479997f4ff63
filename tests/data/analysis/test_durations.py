"""How long side effects last: medians worked out by hand, and what a page and the report say of them."""

from datetime import date, timedelta

import numpy as np
import pytest

from data.analysis import estimates
from data.analysis.query_builder import records_source
from data.analysis.scope import WHOLE_CLINIC
from data.analysis.selection import Selection
from data.database.engine import write_transaction
from models.statistics import step_curve
from tests import factories

ONSET = date(2026, 3, 6)
ALL = Selection(as_of=date(2026, 11, 25))


def day(number):
    """The day that is so many days into the side effect; the onset is day 1."""
    return ONSET + timedelta(days=number - 1)


def store(engine, bruises=(), headaches=()):
    """Bruises and headaches, each of its own client, as notes: (day, "present" or "gone") or ("last", day)."""
    with write_transaction(engine) as connection:
        for term, effects in (("bruising", bruises), ("headache", headaches)):
            for number, notes in enumerate(effects):
                client = factories.client(connection, key=f"{term}{number}")
                treatment = factories.treatment(connection, client_id=client)
                of = {"client_id": client, "treatment_id": treatment, "onset_first": ONSET, "onset_last": ONSET}
                effect = factories.side_effect(connection, term=term, **of)
                for note in notes:
                    kind, value, *grade = note
                    if kind == "last":
                        said = {"date": day(value), "state": "gone", "last_day": day(value)}
                    else:
                        said = {"date": day(value), "state": kind}
                    factories.status(connection, side_effect_id=effect, grade=grade[0] if grade else None, **said)


def lasting(*days):
    return [[("last", number)] for number in days]


def durations(engine, **how):
    found = estimates.durations(records_source(engine), WHOLE_CLINIC, ALL, ("side_effect",), **how)
    return {row.side_effect: row for row in found.itertuples()}


def test_one_end_found_at_a_contact_makes_the_interval_censored_median_lead(sqlite_engine):
    """The fourth of seven was there on day 5 and found gone on day 13: it ended on day 5 to 12. Three sevenths had
    ended by day 4 and four by day 12; half of the one between them is day 8. Kaplan-Meier takes day 12."""
    store(sqlite_engine, bruises=[*lasting(2, 3, 4, 20, 22, 24), [("present", 5), ("gone", 13)]])
    row = durations(sqlite_engine)["bruising"]
    assert (row.method, round(row.median, 9), row.kaplan_meier_median) == ("turnbull", 8, 12)
    assert (row.ended, row.between_contacts, row.refused) == (7, 1, None)
    assert row.still_present_14 == pytest.approx(3 / 7)


def test_without_such_an_end_kaplan_meier_leads(sqlite_engine):
    """Present after day 5: 6 of 7; one leaves on day 7; then 4 of 5, 3 of 4 and on day 20 2 of 3: 34%."""
    store(sqlite_engine, headaches=[*lasting(5, 10, 15, 20, 25), [("present", 7)], [("present", 30)]])
    row = durations(sqlite_engine)["headache"]
    assert (row.method, row.median, row.kaplan_meier_median) == ("kaplan_meier", 20, 20)
    assert row.low == row.kaplan_meier_low == 5
    assert np.isnan(row.between_contacts_median)


def test_open_cases_are_also_taken_as_ended_the_day_after_their_last_note(sqlite_engine):
    """5, 8, 10, 15, 20, 25 and 31 days: the one in the middle is 15."""
    store(sqlite_engine, headaches=[*lasting(5, 10, 15, 20, 25), [("present", 7)], [("present", 30)]])
    assert durations(sqlite_engine, with_intervals=True)["headache"].open_ended_median == 15


def test_a_fatal_case_has_ended_and_is_counted_by_its_name(sqlite_engine):
    store(sqlite_engine, headaches=[*lasting(5, 10), [("last", 7, 5)]])
    row = durations(sqlite_engine)["headache"]
    assert (row.ended, row.fatal, row.open) == (3, 1, 0)
    assert (row.refused, np.isnan(row.median)) == ("3 ended: too few; 5 needed", True)


def test_the_interval_of_an_interval_censored_median_is_estimated_where_it_is_asked_for(sqlite_engine):
    store(sqlite_engine, bruises=[*lasting(*range(3, 22)), [("present", 5), ("gone", 13)]])
    without, row = durations(sqlite_engine)["bruising"], durations(sqlite_engine, with_intervals=True)["bruising"]
    assert np.isnan([without.low, without.high]).all() and without.median == row.median
    assert row.low < row.median < row.high


def test_a_median_needs_as_many_still_followed_as_the_share_beside_it(sqlite_engine):
    """Nine were lost by day 3; 4 of 5, 3 of 4 and 2 of 3 are left after days 4, 5 and 6: 40%, of which 3 were known."""
    lost = [[("present", number)] for number in (1, 1, 1, 2, 2, 2, 3, 3, 3)]
    store(sqlite_engine, headaches=[*lost, *lasting(4, 5, 6, 7, 20)])
    row = durations(sqlite_engine)["headache"]
    assert row.refused == "3 still followed: too few; 5 needed"
    assert np.isnan([row.median, row.kaplan_meier_median, row.still_present_14]).all()


def test_an_estimate_stands_on_five_still_followed_or_on_hardly_any_lost():
    lost_early = np.r_[np.full(50, 10), np.full(7, 120), [126, 130, 140]], np.r_[np.zeros(50), np.ones(7), 1, 0, 0] > 0
    assert step_curve.too_few_followed(126, *lost_early) == "3 still followed: too few; 5 needed"
    assert step_curve.too_few_followed(120, *lost_early) is None
    assert step_curve.too_few_followed(91, np.arange(1, 101), np.arange(100) < 90) is None
