"""The results of the overview, counted by hand on a clinic of a dozen visits."""

import shutil
from dataclasses import replace
from datetime import date

import pandas
import pytest

from data.analysis.frames import as_rows
from data.analysis.query_builder import records_source
from data.analysis.scope import WHOLE_CLINIC, Scope
from data.analysis.selection import Selection
from data.database.engine import open_database
from data.summaries import call_list, overview
from models.measure import measures
from models.statistics import detection
from tests.data.factories import TODAY, imported, written

# Before (September) four visits, now (October, November) five; the visit of 20 December is still maturing.
TREATMENTS = """
treatment_id | date       | site  | practitioner | client | area     | product | units
b1           | 2025-09-01 | north | ann          | c1     | glabella | botox   | 20
b2           | 2025-09-02 | north | ann          | c2     | glabella | botox   | 20
b3           | 2025-09-03 | north | ann          | c3     | masseter | botox   | 50
b4           | 2025-09-04 | south | ben          | c4     | masseter | botox   | 50
n1           | 2025-10-20 | north | ann          | c5     | glabella | botox   | 20
n2           | 2025-10-21 | north | ann          | c6     | glabella | botox   | 20
n3           | 2025-10-22 | north | ann          | c7     | masseter | botox   | 50
n4           | 2025-11-03 | south | ben          | c8     | masseter | botox   | 50
n5           | 2025-11-04 | south | ben          | c9     | masseter | botox   | 50
m1           | 2025-12-20 | south | ben          | c10    | glabella | botox   | 20
old          | 2024-01-10 | south | ben          | c11    | glabella | botox   | 20
"""
# n3 was not reached, n4 declined: both unknown. The rest was asked.
FOLLOW_UPS = """
treatment_id | date       | outcome     | asked
b1           | 2025-09-20 | done        | checklist
b2           | 2025-09-20 | done        | checklist
b3           | 2025-09-20 | done        | checklist
b4           | 2025-09-20 | done        | checklist
n1           | 2025-11-10 | done        | checklist
n2           | 2025-11-10 | done        | checklist
n3           | 2025-11-10 | not_reached |
n4           | 2025-11-20 | declined    |
n5           | 2025-11-20 | done        | open
"""
# Two eyelids before, none now; one bruise now; the maturing visit has a bruise that no comparison may see.
SIDE_EFFECTS = """
effect_id | treatment_id | side_effect   | area     | onset      | status_date | state
e1        | b1           | eyelid_ptosis | glabella | 2025-09-05 | 2025-09-20  | gone
e2        | b2           | eyelid_ptosis | glabella | 2025-09-06 | 2025-09-20  | present
e3        | n1           | bruising      | glabella | 2025-10-21 | 2025-11-10  | present
e4        | m1           | bruising      | glabella | 2025-12-21 | 2025-12-22  | present
"""

NOW = Selection(from_date=date(2025, 10, 1), to_date=date(2025, 11, 30), as_of=TODAY)


@pytest.fixture(scope="module")
def source(tmp_path_factory, migrated_file):
    folder = tmp_path_factory.mktemp("story")
    engine = open_database(f"sqlite:///{shutil.copy(migrated_file, folder / 'sequela.db')}")
    imported(engine, written(folder, treatments=TREATMENTS, follow_ups=FOLLOW_UPS, side_effects=SIDE_EFFECTS))
    yield records_source(engine)
    engine.dispose()


def test_what_is_open_names_the_longest_and_those_worth_a_call(source):
    everything = Selection(as_of=TODAY)
    found = overview.open_items(source, WHOLE_CLINIC, everything)
    assert (found.cases, found.in_period, found.unattributed) == (3, 3, 0)
    assert (found.longest.side_effect, found.longest.days) == ("bruising", 21)  # 21 October to 10 November
    assert found.to_call == 1  # n3: n4 declined, and two years ago is too long ago
    november = overview.open_items(source, WHOLE_CLINIC, replace(everything, from_date=date(2025, 11, 1)))
    assert (november.cases, november.in_period) == (3, 1)  # no period hides what is open


def test_those_worth_a_call_are_on_the_call_list(source):
    listed = as_rows(call_list.call_list(source, WHOLE_CLINIC, Selection(as_of=TODAY), 100))
    assert [(call.date, call.followed_up_by) for call in listed] == [(date(2025, 10, 22), "not_reached")]
    assert sum(call_list.count_due_and_overdue(source, WHOLE_CLINIC, Selection(as_of=TODAY))) == 1
    south = Scope(sites=frozenset({"south"}))
    assert sum(call_list.count_due_and_overdue(source, south, Selection(as_of=TODAY))) == 0


PTOSIS = measures()["eyelid_ptosis"]


def power_of(monkeypatch, events: int, followed_up: int, baseline: float | None):
    counted = pandas.DataFrame({"events": [events], "followed_up": [followed_up]})
    monkeypatch.setattr(overview.counts, "counts", lambda *_: counted)
    return overview.detection_power(None, WHOLE_CLINIC, Selection(as_of=TODAY), PTOSIS, baseline)


def test_a_doubling_is_measured_against_the_baseline_rate(monkeypatch):
    found = power_of(monkeypatch, 9, 400, 0.02)
    assert (found.followed_up, found.rate, found.has_baseline) == (400, 0.02, True)
    assert found.power == detection.power(400, 0.02, 2.0)


def test_without_a_baseline_rate_it_is_measured_against_that_of_the_period(monkeypatch):
    found = power_of(monkeypatch, 2, 7, None)
    assert (found.followed_up, found.rate, found.has_baseline) == (7, 2 / 7, False)
    assert found.power == detection.power(7, 2 / 7, 2.0)


def test_what_nobody_reported_or_cannot_double_has_no_power(monkeypatch):
    found = power_of(monkeypatch, 0, 2, None)
    assert found.power is None
    assert found.upper_limit == pytest.approx(1 - 0.05 ** (1 / 2))
    assert power_of(monkeypatch, 2, 2, None).power is None  # a rate that cannot double


def test_without_a_follow_up_nothing_could_be_missed(source):
    nowhere = Selection(as_of=TODAY, areas=("platysma",))
    assert overview.detection_power(source, WHOLE_CLINIC, nowhere, PTOSIS, 0.02) is None


def test_a_month_is_in_follow_up_while_its_last_day_is_whenever_its_latest_treatment_was(source):
    for as_of, in_follow_up in ((date(2026, 1, 20), True), (date(2026, 1, 21), False)):  # 31 December + 21 days
        year = overview.recent_months(source, WHOLE_CLINIC, replace(NOW, to_date=None, as_of=as_of))
        assert year.is_in_follow_up[year.month == 202512].tolist() == [in_follow_up]


def test_twelve_months_hold_the_empty_ones_too(source):
    year = overview.recent_months(source, WHOLE_CLINIC, replace(NOW, to_date=None))
    assert (year.first_day[0], year.first_day[11], len(year)) == (date(2025, 1, 1), date(2025, 12, 1), 12)
    assert year.treated.tolist() == [0] * 8 + [4, 3, 2, 1]
    assert year.is_in_follow_up.tolist() == [False] * 11 + [True]
    assert year.last_day[11] == date(2025, 12, 31)  # though the latest treatment on record is of the 20th
    october = year[year.month == 202510]
    assert (october.events.item(), october.followed_up.item()) == (1, 2)
