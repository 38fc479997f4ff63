"""The durations and the dose of a whole group of clinics in a moment. Processor time: the machine may be busy."""

import time

import numpy as np
import pytest

from models.statistics.dose_response import fit
from models.statistics.survival import kaplan_meier, log_rank, turnbull

random = np.random.default_rng(7)


def seconds(work):
    start = time.process_time()
    work()
    return time.process_time() - start


@pytest.mark.parametrize("whole_days", [True, False])
def test_a_million_episodes_take_less_than_a_second(whole_days):
    days = random.weibull(0.8, 1_000_000) * 40
    days = np.ceil(days) if whole_days else days
    ended, group = random.random(1_000_000) < 0.7, random.integers(0, 3, 1_000_000)
    assert seconds(lambda: kaplan_meier(days, ended)) < 1
    assert seconds(lambda: log_rank(days, ended, group)) < 2


@pytest.mark.parametrize("exact", [0.0, 0.5])
def test_ten_thousand_intervals_take_less_than_five_seconds(exact):
    lasting, seen = random.weibull(0.8, 10_000) * 40, random.uniform(0, 180, (10_000, 4))
    visits = np.column_stack([np.zeros(10_000), np.sort(seen, axis=1), np.full(10_000, np.inf)])
    row = np.arange(10_000)
    last = (visits < lasting[:, np.newaxis]).sum(axis=1) - 1
    known = random.random(10_000) < exact
    last_present = np.where(known, lasting, visits[row, last])
    first_gone = np.where(known, lasting, visits[row, last + 1])
    assert seconds(lambda: turnbull(last_present, first_gone)) < 5


@pytest.mark.parametrize("doses", [5, 100_000])
def test_a_slope_through_a_hundred_thousand_treatments_takes_less_than_a_second(doses):
    units = random.choice(random.uniform(10, 60, doses), 100_000)
    outcome = random.random(100_000) < 1 / (1 + np.exp(4.5 - 0.03 * units))
    client = random.integers(0, 30_000, 100_000)
    assert seconds(lambda: fit(units, outcome, client)) < 1
