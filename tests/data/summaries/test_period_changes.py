"""What changed between two periods, counted by hand on a clinic of a dozen visits, and beside every permutation."""

import shutil
from dataclasses import replace
from datetime import date
from itertools import combinations

import numpy as np
import pytest
from scipy.stats import fisher_exact

from data.analysis.query_builder import records_source
from data.analysis.scope import WHOLE_CLINIC, Scope
from data.analysis.selection import Selection
from data.database.engine import open_database
from data.summaries import period_changes
from tests.data.factories import TODAY, imported, written

# Before (August, September) five visits of five clients, now (October, November) five of five others. The client of m1
# is still in follow-up.
TREATMENTS = """
treatment_id | date       | site  | practitioner | client | area     | product | units
b1           | 2025-09-01 | north | ann          | c1     | glabella | botox   | 20
b2           | 2025-09-02 | north | ann          | c2     | glabella | botox   | 20
b3           | 2025-09-03 | north | ann          | c3     | masseter | botox   | 50
b4           | 2025-09-04 | south | ben          | c4     | masseter | botox   | 50
b5           | 2025-09-05 | south | ben          | c12    | glabella | botox   | 20
n1           | 2025-10-20 | north | ann          | c5     | glabella | botox   | 20
n2           | 2025-10-21 | north | ann          | c6     | glabella | botox   | 20
n3           | 2025-10-22 | north | ann          | c7     | masseter | botox   | 50
n4           | 2025-11-03 | south | ben          | c8     | masseter | botox   | 50
n5           | 2025-11-04 | south | ben          | c9     | masseter | botox   | 50
m1           | 2025-12-20 | south | ben          | c10    | glabella | botox   | 20
old          | 2024-01-10 | south | ben          | c11    | glabella | botox   | 20
"""
# n3 was not reached; all others were asked.
FOLLOW_UPS = """
treatment_id | date       | outcome     | asked
b1           | 2025-09-20 | done        | checklist
b2           | 2025-09-20 | done        | checklist
b3           | 2025-09-20 | done        | checklist
b4           | 2025-09-20 | done        | checklist
b5           | 2025-09-20 | done        | checklist
n1           | 2025-11-10 | done        | checklist
n2           | 2025-11-10 | done        | checklist
n3           | 2025-11-10 | not_reached |
n4           | 2025-11-20 | done        | checklist
n5           | 2025-11-20 | done        | open
m1           | 2025-12-31 | done        | checklist
"""
# Three eyelids before, none now; a bruise and two hematomas now. The visit in follow-up has one that nothing may count.
SIDE_EFFECTS = """
effect_id | treatment_id | side_effect   | area     | onset      | status_date | state
e1        | b1           | eyelid_ptosis | glabella | 2025-09-05 | 2025-09-20  | gone
e2        | b2           | eyelid_ptosis | glabella | 2025-09-06 | 2025-09-20  | present
e3        | b5           | eyelid_ptosis | glabella | 2025-09-08 | 2025-09-20  | present
e4        | n1           | bruising      | glabella | 2025-10-21 | 2025-11-10  | present
e5        | n4           | haematoma     | masseter | 2025-11-03 | 2025-11-20  | present
e6        | n5           | haematoma     | masseter | 2025-11-04 | 2025-11-20  | present
e7        | m1           | bruising      | glabella | 2025-12-21 | 2025-12-31  | present
"""
NOW = Selection(from_date=date(2025, 10, 1), to_date=date(2025, 11, 30), as_of=TODAY)


@pytest.fixture(scope="module")
def source(tmp_path_factory, migrated_file):
    folder = tmp_path_factory.mktemp("story")
    engine = open_database(f"sqlite:///{shutil.copy(migrated_file, folder / 'sequela.db')}")
    imported(engine, written(folder, treatments=TREATMENTS, follow_ups=FOLLOW_UPS, side_effects=SIDE_EFFECTS))
    yield records_source(engine)
    engine.dispose()


def compare(source, selection, scope=WHOLE_CLINIC):
    return period_changes.compare_periods(source, scope, selection)


def counts_of(changes):
    return {change.measure.code: (change.now, change.before) for change in changes.others}


def test_the_period_before_is_as_long_and_ends_the_day_before(source):
    found = compare(source, NOW)
    assert (found.before.from_date, found.before.to_date) == (date(2025, 8, 1), date(2025, 9, 30))


def test_every_measure_with_an_event_is_counted_in_both_periods_among_those_asked(source):
    found = compare(source, NOW)
    assert (found.primary.measure.code, found.primary.now, found.primary.before) == ("nearby_weakness", (0, 4), (3, 5))
    assert counts_of(found) == {
        "any_side_effect": ((3, 4), (3, 5)),
        "bruising": ((3, 4), (0, 5)),  # one bruise and two hematomas
        "eyelid_ptosis": ((0, 2), (3, 3)),  # of treated glabellas
    }
    assert [change.p for change in found.others] == sorted(change.p for change in found.others)


def two_sided_tail(now, before):
    table = [[now[0], now[1] - now[0]], [before[0], before[1] - before[0]]]
    return min(1, 2 * min(fisher_exact(table, side).pvalue for side in ("less", "greater")))


def test_the_chances_are_those_of_every_permutation_of_the_clinic(source):
    """The nine treatments asked about are of nine clients. Of the eight asked by checklist, each three are as likely to
    be the later ones; the last, asked with an open question, has nobody to change places with."""
    #       any, bruising or hematoma, eyelids: (events, asked) of b1-b5, then n1, n2, n4, n5
    rows = {
        "any_side_effect": [(1, 1), (1, 1), (0, 1), (0, 1), (1, 1), (1, 1), (0, 1), (1, 1), (1, 1)],
        "bruising": [(0, 1), (0, 1), (0, 1), (0, 1), (0, 1), (1, 1), (0, 1), (1, 1), (1, 1)],
        "eyelid_ptosis": [(1, 1), (1, 1), (0, 0), (0, 0), (1, 1), (0, 1), (0, 1), (0, 0), (0, 0)],
    }
    nearby = [(1, 1), (1, 1), (0, 1), (0, 1), (1, 1), (0, 1), (0, 1), (0, 1), (0, 1)]

    def tail(table, later):
        now = np.sum([table[row] for row in later], axis=0)
        return two_sided_tail(now, np.sum(table[:8], axis=0) - now)

    choices = list(combinations(range(8), 3))
    observed = {code: tail(table, (5, 6, 7)) for code, table in rows.items()}
    smallest = np.array([min(tail(table, later) for table in rows.values()) for later in choices])
    alone = np.array([tail(nearby, later) for later in choices])

    found = compare(source, NOW)
    for change in found.others:
        exact = (smallest <= observed[change.measure.code] * (1 + 1e-7)).mean()
        assert change.p == pytest.approx(exact, abs=0.015), change.measure.code
    exact = (alone <= tail(nearby, (5, 6, 7)) * (1 + 1e-7)).mean()
    assert found.primary.p == pytest.approx(exact, abs=0.015)


def test_a_measure_asked_about_in_another_way_in_each_period_is_not_compared(source):
    """The one visit of that day was asked about with an open question, those of the weeks before by checklist."""
    day = date(2025, 11, 4)
    found = compare(source, replace(NOW, from_date=day, to_date=date(2025, 12, 12)))
    assert (found.primary, found.others) == (None, ())
    assert [measure.code for measure in found.asked_differently] == ["any_side_effect", "bruising"]


def test_the_same_question_has_the_same_answer(source):
    assert compare(source, NOW) == compare(source, NOW)


def test_treatments_in_follow_up_are_in_no_comparison(source):
    until_today = compare(source, replace(NOW, to_date=TODAY))
    assert until_today.now.to_date == NOW.past_follow_up_until
    assert counts_of(until_today)["bruising"] == ((3, 4), (0, 5))


def test_a_period_that_is_in_follow_up_as_a_whole_is_not_compared(source):
    young = replace(NOW, from_date=date(2025, 12, 15), to_date=TODAY)
    assert compare(source, young) is None
    assert period_changes.is_in_follow_up(young)
    assert not period_changes.is_in_follow_up(NOW)


def test_without_a_period_before_nothing_is_compared(source):
    assert compare(source, replace(NOW, from_date=None)) is None
    assert compare(source, replace(NOW, from_date=date(2024, 1, 1), to_date=date(2024, 1, 31))) is None


def test_a_viewer_compares_what_this_viewer_may_see(source):
    found = compare(source, NOW, Scope(sites=frozenset({"south"})))
    assert counts_of(found)["bruising"] == ((2, 2), (0, 2))


def test_a_page_that_counts_areas_or_shows_one_family_makes_the_same_comparison(source):
    shown = replace(NOW, unit="area", families=("injection_site",))
    assert counts_of(compare(source, shown)) == counts_of(compare(source, NOW))
