"""The verdict on a measure: its baseline, the chart that runs on from it, and its first signal."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from data.analysis.baselines import StatedBaseline
from data.analysis.outcomes import KnownOutcomes
from data.analysis.selection import Selection
from data.summaries import measure_states
from data.summaries.measure_states import follow_outcomes

START = date(2024, 1, 1)
EVERY = Selection(as_of=date(2027, 1, 1))


def clinic(seed=0, rate=0.05, later=0.05, days=1_095, per_day=1.5, late=0.0, strata=1):
    """Outcomes of three years; the rate changes after the first year. `late`: clean ones known months later."""
    random = np.random.default_rng(seed)
    day = np.repeat(np.arange(days), random.poisson(per_day, days))
    affected = random.random(len(day)) < np.where(day < 365, rate, later)
    lag = 21 + np.where(~affected & (random.random(len(day)) < late), random.integers(30, 120, len(day)), 0)
    dates = np.datetime64(START) + day
    order = np.lexsort([day, day + lag])
    stratum = random.integers(0, strata, len(day))
    return KnownOutcomes(
        date=dates[order], known_on=(dates + lag)[order], affected=affected[order], stratum=stratum[order]
    )


def until(outcomes, place):
    return KnownOutcomes(**{name: column[:place] for name, column in vars(outcomes).items()})


def test_a_measure_whose_odds_doubled_is_higher_and_names_the_first_signal():
    outcomes = clinic(later=0.11)
    course = follow_outcomes(outcomes, None, EVERY)
    state = course.state
    assert state.status == measure_states.HIGHER
    assert state.signal == course.date[course.signal].item() > START + timedelta(365)
    assert state.signal_known_on == state.signal + timedelta(21)
    assert course.affected[course.signal]  # only an event raises the score
    assert (state.judged, state.events) == (len(course.date), course.affected.sum())


def test_a_measure_at_its_baseline_is_as_expected():
    assert follow_outcomes(clinic(), None, EVERY).state.status == measure_states.AS_EXPECTED


def test_the_baseline_is_the_first_year_of_outcomes_and_does_not_move():
    outcomes = clinic(late=0.4)
    baseline = follow_outcomes(outcomes, None, EVERY).state.baseline
    known = outcomes.known_on < outcomes.known_on[0] + 365
    assert (baseline.events, baseline.followed_up) == (outcomes.affected[known].sum(), known.sum())
    for place in range(known.sum() + 1, len(outcomes.date), 100):
        assert follow_outcomes(until(outcomes, place), None, EVERY).state.baseline == baseline


@pytest.mark.parametrize("seed", range(3))
def test_outcomes_that_become_known_later_move_no_earlier_point_and_no_signal(seed):
    outcomes = clinic(seed, later=0.11, late=0.4, strata=5)
    whole = follow_outcomes(outcomes, None, EVERY)
    seen = None
    for place in range(600, len(outcomes.date), 150):
        course = follow_outcomes(until(outcomes, place), None, EVERY)
        known = len(course.date)
        assert course.expected.tolist() == whole.expected[:known].tolist()
        assert course.date.tolist() == whole.date[:known].tolist()
        assert seen is None or course.state.signal == seen
        seen = course.state.signal
    assert seen == whole.state.signal is not None


def test_a_year_with_fewer_than_ten_events_is_no_baseline_and_a_target_can_be_set():
    outcomes = clinic(rate=0.005, later=0.02)
    state = follow_outcomes(outcomes, None, EVERY).state
    assert (state.status, state.baseline.rate) == (measure_states.TOO_FEW, None)
    assert "of the 10 events that a baseline needs" in state.baseline.refused
    target = StatedBaseline("any", None, None, 0.005, date(2026, 1, 1))
    judged = follow_outcomes(outcomes, target, EVERY).state
    assert judged.status == measure_states.ABOVE_TARGET
    assert judged.signal_known_on > date(2025, 1, 1)  # a year before it was set, not all that is on record


def test_a_first_year_that_is_not_over_judges_nothing():
    state = follow_outcomes(clinic(days=200, rate=0.2), None, EVERY).state
    assert (state.status, state.judged) == (measure_states.TOO_FEW, 0)


def test_a_slow_clinic_has_a_baseline_of_200_outcomes():
    state = follow_outcomes(clinic(per_day=0.3, rate=0.2, later=0.2), None, EVERY).state
    assert state.baseline.followed_up == 200
    assert state.status == measure_states.AS_EXPECTED


def test_a_stated_period_is_counted_as_known_when_it_was_stated_and_judges_what_was_treated_after_it():
    outcomes = clinic(late=0.4)
    first, last, set_on = date(2024, 7, 1), date(2025, 6, 30), date(2025, 9, 1)
    course = follow_outcomes(outcomes, StatedBaseline("any", first, last, None, set_on), EVERY)
    dates, known_on = (column.astype(object) for column in (outcomes.date, outcomes.known_on))
    counted = (dates >= first) & (dates <= last) & (known_on <= set_on)
    assert course.state.baseline.followed_up == counted.sum()
    assert course.date.min().item() > last
    short = StatedBaseline("any", first, date(2024, 7, 31), None, set_on)
    assert follow_outcomes(outcomes, short, EVERY).state.status == measure_states.TOO_FEW


def test_a_different_mix_of_treatments_is_no_signal():
    """Areas with 2% and 20%: the second becomes twice as common after the baseline, and no rate changes."""
    random = np.random.default_rng(5)
    day = np.repeat(np.arange(1_095), 2)
    risky = random.random(len(day)) < np.where(day < 365, 0.25, 0.6)
    affected = random.random(len(day)) < np.where(risky, 0.2, 0.02)
    dates = np.datetime64(START) + day
    outcomes = KnownOutcomes(date=dates, known_on=dates + 21, affected=affected, stratum=risky.astype(np.int64))
    assert follow_outcomes(outcomes, None, EVERY).state.status == measure_states.AS_EXPECTED
    alike = replace(outcomes, stratum=np.zeros(len(day), dtype=np.int64))
    assert follow_outcomes(alike, None, EVERY).state.status == measure_states.HIGHER


def test_beyond_the_volume_of_two_years_a_new_baseline_is_due():
    two_years, five_years = (follow_outcomes(clinic(days=days), None, EVERY).state for days in (900, 1_800))
    assert not two_years.needs_new_baseline
    assert five_years.needs_new_baseline


def test_unchanged_clinics_signal_falsely_no_more_often_than_printed():
    """As a page does it, from records of three years; more runs in benchmarks/calibration.py."""
    runs = 80
    states = [
        follow_outcomes(clinic(seed, rate=0.2, later=0.2, per_day=0.8), None, EVERY).state for seed in range(runs)
    ]
    false = sum(state.is_higher for state in states)
    expected = runs * 0.05
    assert false <= expected + 2 * expected**0.5
