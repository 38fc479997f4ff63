"""The CUSUM limit of a baseline that was itself counted, beside every possible baseline and numerical integration."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import beta, binom

from models.statistics import control_chart
from models.statistics.cusum_chain import Chain, cells_below, choose_grid
from tests.laws import examples

baselines = st.integers(60, 900).flatmap(lambda n: st.tuples(st.integers(3, n // 3), st.just(n)))


def signal_chance(events, total, limit, horizon, rate):
    """The chance of a signal at one true rate, for the chart of this baseline."""
    cells = choose_grid(events / total, 2.0, top=6, precision=0.003, most_cells=20_000)
    return Chain(cells, cells_below(limit, cells.spacing), rate).signal_chance(horizon)[0]


def over_all_baselines(rate, total, horizon, limit_of, true_rate):
    """The chance of a signal at a true rate, over every baseline of at least 10 events that the rate can produce."""
    events = np.arange(10, total)
    weight = binom.pmf(events, total, rate)
    likely = weight > 5e-3
    chances = [signal_chance(x, total, limit_of(x), horizon, true_rate) for x in events[likely].tolist()]
    return float(weight[likely] @ chances / weight[likely].sum())


@pytest.mark.parametrize(
    ("rate", "total", "plug_in", "counted", "detected"),
    # Method notes: plug-in 11.3 and 8.2, counted 5.2 and 4.4, doubled odds detected 79 and 95, by simulation.
    [(0.038, 600, 0.113, 0.052, 0.79), (0.2, 300, 0.082, 0.044, 0.95)],
)
def test_false_signals_of_a_counted_baseline_are_those_of_the_method_notes(rate, total, plug_in, counted, detected):
    plug_in_limit = lambda x: control_chart.cusum_limit(x / total, horizon=total)
    limit = lambda x: control_chart.cusum_limit_counted(x, total, horizon=total)
    assert over_all_baselines(rate, total, total, plug_in_limit, rate) == pytest.approx(plug_in, abs=0.015)
    assert over_all_baselines(rate, total, total, limit, rate) == pytest.approx(counted, abs=0.01)
    doubled = 2 * rate / (1 + rate)
    assert over_all_baselines(rate, total, total, limit, doubled) == pytest.approx(detected, abs=0.03)


def test_a_baseline_of_half_the_treatments_ahead_seldom_signals_falsely():
    limit = lambda x: control_chart.cusum_limit_counted(x, 300, horizon=600)
    assert over_all_baselines(0.038, 300, 600, limit, 0.038) == pytest.approx(0.003, abs=0.002)


@pytest.mark.parametrize(("events", "total", "horizon"), [(10, 200, 200), (30, 150, 120), (12, 900, 300)])
def test_the_limit_keeps_the_false_alarm_under_numerical_integration(events, total, horizon):
    limit = control_chart.cusum_limit_counted(events, total, horizon=horizon)
    posterior = beta(events + 0.5, total - events + 0.5)

    def averaged(limit):
        chance = lambda rate: signal_chance(events, total, limit, horizon, rate) * posterior.pdf(rate)
        return quad(chance, *posterior.ppf([1e-7, 1 - 1e-7]), epsabs=1e-5, limit=100)[0]

    assert averaged(limit) <= 0.05
    assert averaged(limit - 0.05) > 0.05
    ours = control_chart.cusum_detection_counted(events, total, limit, horizon, true_ratio=1)
    assert ours == pytest.approx(averaged(limit), abs=5e-4)


@pytest.mark.parametrize(("rate", "horizon"), [(0.02, 500), (0.2, 300)])
def test_a_baseline_of_a_million_treatments_has_the_limit_of_a_known_rate(rate, horizon):
    counted = control_chart.cusum_limit_counted(round(rate * 10**6), 10**6, horizon=horizon)
    assert counted == pytest.approx(control_chart.cusum_limit(rate, horizon=horizon), abs=0.03)
    detected = control_chart.cusum_detection_counted(round(rate * 10**6), 10**6, counted, horizon)
    assert detected == pytest.approx(control_chart.cusum_detection(rate, counted, horizon), abs=0.005)


@examples(20)
@given(baselines, st.integers(20, 500))
def test_an_uncertain_baseline_never_has_a_lower_limit_than_a_known_one(baseline, horizon):
    events, total = baseline
    limit = control_chart.cusum_limit_counted(events, total, horizon=horizon)
    assert limit > control_chart.cusum_limit(events / total, horizon=horizon) - 0.03
    assert limit > control_chart.cusum_limit_counted(10 * events, 10 * total, horizon=horizon) - 0.03
    assert control_chart.cusum_detection_counted(events, total, limit, horizon, true_ratio=1) <= 0.05


@examples(20)
@given(baselines, st.floats(1, 6), st.integers(5, 300), st.integers(5, 300))
def test_a_chart_that_was_restarted_signals_at_least_as_often_as_either_part(baseline, limit, before, after):
    chance = lambda limit, horizon: control_chart.cusum_detection_counted(*baseline, limit, horizon, true_ratio=1)
    parts = chance(limit, before), chance(limit + 0.5, after)
    together = chance([limit, limit + 0.5], [before, after])
    assert max(parts) - 1e-9 <= together <= min(1, sum(parts)) + 1e-9


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: control_chart.cusum_limit_counted(0, 100), "events must lie between 0 and total"),
        (lambda: control_chart.cusum_limit_counted(100, 100), "events must lie between 0 and total"),
        (lambda: control_chart.cusum_limit_counted(3, 1), "total must be a whole number of at least 2"),
        (lambda: control_chart.cusum_limit_counted(30, 20), "events must not exceed total, found 30 of 20"),
        (lambda: control_chart.cusum_limit_counted(10, 100, odds_ratio=1), "odds_ratio must be a number above 1"),
        (lambda: control_chart.cusum_limit_counted(10, 100, horizon=0), "horizon must be a whole number"),
        (lambda: control_chart.cusum_limit_counted(10, 100, false_alarm=1), "false_alarm must lie between 0 and 1"),
        (lambda: control_chart.cusum_detection_counted(10, 100, 0, 50), "limit must be a number above 0"),
        (lambda: control_chart.cusum_detection_counted(10, 100, 3, 0), "horizon must be a whole number"),
        (lambda: control_chart.cusum_detection_counted(10, 100, [3, 4], [9]), "horizon must have as many rows as"),
        (lambda: control_chart.cusum_detection_counted(10, 100, 3, 9, true_ratio=0), "true_ratio must be a number"),
    ],
)
def test_a_baseline_or_limit_that_cannot_be_is_refused_by_name(call, message):
    with pytest.raises(ValueError, match=f"^{message}"):
        call()
