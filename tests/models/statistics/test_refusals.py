"""What cannot be computed is refused by name: each message starts with the argument that is wrong."""

import numpy as np
import pytest

from models.statistics import arguments, control_chart, detection, funnel, proportion

RATES = [
    (lambda: proportion.wilson(0, 0), "total must be a whole number of at least 1, found 0"),
    (lambda: proportion.wilson(3, 2), "events must not exceed total, found 3 of 2"),
    (lambda: proportion.wilson(-1, 2), "events must be a whole number of at least 0, found -1"),
    (lambda: proportion.wilson(1, -2), "total"),
    (lambda: proportion.wilson(float("nan"), 2), "events must be a whole number of at least 0, found nan"),
    (lambda: proportion.wilson(1, float("inf")), "total"),
    (lambda: proportion.wilson(1.5, 2), "events must be a whole number of at least 0, found 1.5"),
    (lambda: proportion.wilson("1", 2), "events must be numbers: text"),
    (lambda: proportion.wilson(None, 2), "events"),
    (lambda: proportion.wilson([1], 2), "events must be one number, found a list of 1"),
    (lambda: proportion.wilson([[1], [1, 2]], 2), "events must be numbers"),
    (lambda: proportion.wilson({1}, 2), "events must be numbers"),
    (lambda: proportion.wilson(1, 2, 95), "level must lie between 0 and 1"),
    (lambda: proportion.wilson(1, 2, 1), "level must lie between 0 and 1"),
    (lambda: proportion.wilson(1, 2, 0), "level must lie between 0 and 1"),
    (lambda: proportion.wilson(1, 2, float("nan")), "level"),
    (lambda: proportion.clopper_pearson(0, 0), "total"),
    (lambda: proportion.clopper_pearson(1, 2, 1), "level"),
    (lambda: proportion.upper_limit_when_none(0), "total"),
    (lambda: proportion.upper_limit_when_none(10, 1.0), "level"),
    (lambda: proportion.bounds(2, 3, 0), "total"),
    (lambda: proportion.bounds(1, 3, 2), "known must not exceed total, found 3 of 2"),
    (lambda: proportion.bounds(2, 1, 3), "events must not exceed known, found 2 of 1"),
    (lambda: proportion.bounds(-1, 1, 3), "events"),
    (lambda: proportion.bounds(0, -1, 3), "known"),
    (lambda: proportion.difference(1, 0, 1, 2), "total_a"),
    (lambda: proportion.difference(1, 2, 1, 0), "total_b"),
    (lambda: proportion.difference(3, 2, 1, 2), "events_a must not exceed total_a, found 3 of 2"),
    (lambda: proportion.difference(1, 2, 3, 2), "events_b must not exceed total_b, found 3 of 2"),
    (lambda: proportion.difference(1, 2, -1, 2), "events_b"),
    (lambda: proportion.difference(1, 2, 1, 2, 2), "level"),
    (lambda: proportion.tail(3, 2, 0.1), "events must not exceed total"),
    (lambda: proportion.tail([1, 3], [2, 2], 0.1), "events must not exceed total, found 3 of 2"),
    (lambda: proportion.tail(-1, 2, 0.1), "events"),
    (lambda: proportion.tail(1, -2, 0.1), "total"),
    (lambda: proportion.tail(1, 2, 0), "reference"),
    (lambda: proportion.tail(1, 2, 1), "reference"),
    (lambda: proportion.flagged_from(-1, 0.02, 0.001), "total"),
    (lambda: proportion.flagged_from(1, 1.0, 0.001), "reference"),
    (lambda: proportion.flagged_from(1, 0.02, 0), "alpha"),
    (lambda: proportion.design_effect([], []), "events_per_client must hold at least one row"),
    (lambda: proportion.design_effect([1], [1, 2]), "treatments_per_client must have as many rows as events_per_"),
    (lambda: proportion.design_effect([2], [1]), "events_per_client must not exceed treatments_per_client, found 2 "),
    (lambda: proportion.design_effect([0, 0], [1, 0]), "treatments_per_client must be a whole number of at least 1"),
    (lambda: proportion.design_effect([0, -1], [1, 1]), "events_per_client"),
    (lambda: proportion.design_effect(1, 1), "events_per_client must be a list, found 0 dimensions"),
    (lambda: proportion.wilson_with_effect(1, 2, 1.5, 0), "level"),
]

DETECTION = [
    (lambda: detection.floor(0, 0.02), "total"),
    (lambda: detection.floor(40, 0), "reference"),
    (lambda: detection.floor([40], 0.02), "total must be one number"),
    (lambda: detection.floor(40, [0.02]), "reference must be one number"),
    (lambda: detection.floor(40, 0.02, alpha=1), "alpha"),
    (lambda: detection.floor(40, 0.02, least=0), "least"),
    (lambda: detection.power(0, 0.02, 2), "total"),
    (lambda: detection.power(40, 1.2, 2), "reference"),
    (lambda: detection.power(40, 0.02, 0), "ratio must be a number above 0, found 0"),
    (lambda: detection.power(40, 0.02, 50), r"ratio must keep ratio \* reference below 1, found 50 \* 0.02"),
    (lambda: detection.power(40, 0.02, float("inf")), "ratio"),
    (lambda: detection.power(40, 0.02, float("nan")), "ratio"),
    (lambda: detection.power(40, 0.02, 2, alpha=0), "alpha"),
    (lambda: detection.needed(0, 2), "reference"),
    (lambda: detection.needed(0.02, 1), "ratio must be a number above 1, found 1"),
    (lambda: detection.needed(0.5, 2), "ratio must keep"),
    (lambda: detection.needed(0.02, 2, power=1), "power"),
    (lambda: detection.needed(0.02, 2, alpha=0), "alpha"),
]

CHARTS = [
    (lambda: control_chart.period_flags([], [], 0.02), "events must hold at least one row"),
    (lambda: control_chart.period_flags([1], [1, 2], 0.02), r"totals must have as many rows as events \(1\), found 2"),
    (lambda: control_chart.period_flags([2], [1], 0.02), "events must not exceed totals, found 2 of 1"),
    (lambda: control_chart.period_flags([0, np.nan], [1, 1], 0.02), "events"),
    (lambda: control_chart.period_flags([0], [-1], 0.02), "totals"),
    (lambda: control_chart.period_flags([[0]], [[1]], 0.02), "events must be a list, found 2 dimensions"),
    (lambda: control_chart.period_flags([0], [1], 0), "baseline"),
    (lambda: control_chart.period_flags([0], [1], 0.02, alpha=0), "alpha"),
    (lambda: control_chart.period_flags([0], [1], 0.02, watch=1), "watch"),
    (lambda: control_chart.period_flags([0], [1], 0.02, alpha=0.05), r"watch must be at least alpha \(0.05\), found"),
    (lambda: control_chart.period_flags([0], [1], 0.02, maturing=[0, 1]), "maturing must have as many rows as events"),
    (lambda: control_chart.period_flags([0], [1], 0.02, maturing=[2]), "maturing must be 0 or 1"),
    (
        lambda: control_chart.period_flags([0], [1], 0.05, baseline_events=10, baseline_total=100),
        "baseline must be baseline_events / baseline_total, found 0.05",
    ),
    (lambda: control_chart.period_flags([0], [1], 0.05, baseline_events=10), "baseline_total must be given with"),
    (
        lambda: control_chart.period_flags([0], [1], 0.05, baseline_events=10, baseline_total=5),
        "baseline_events must not exceed baseline_total, found 10 of 5",
    ),
    (lambda: control_chart.p_limits(0, [50]), "baseline"),
    (lambda: control_chart.p_limits(0.215, []), "totals"),
    (lambda: control_chart.p_limits(0.215, [32]), "totals must be at least 33"),
    (lambda: control_chart.observed_minus_expected([0, 2], 0.1), "outcomes must be 0 or 1, found 2"),
    (lambda: control_chart.observed_minus_expected([0, 1], 0), "expected"),
    (lambda: control_chart.observed_minus_expected([0, 1], [0.1]), "expected must be one number or one per treatment"),
    (lambda: control_chart.cusum_weights(1), "baseline"),
    (lambda: control_chart.cusum_weights(0.02, 1), "odds_ratio must be a number above 1, found 1"),
    (lambda: control_chart.bernoulli_cusum([0, np.nan], 0.02), "outcomes"),
    (lambda: control_chart.bernoulli_cusum([[0]], 0.02), "outcomes must be a list, found 2 dimensions"),
    (lambda: control_chart.bernoulli_cusum([0], 0), "baseline"),
    (lambda: control_chart.bernoulli_cusum([0], [0.02, 0.1]), "baseline must be one number or one per treatment"),
    (lambda: control_chart.bernoulli_cusum([0], 0.02, 0.5), "odds_ratio"),
    (lambda: control_chart.bernoulli_cusum([0], 0.02, limit=0), "limit must be a number above 0, found 0"),
    (lambda: control_chart.bernoulli_cusum([0], 0.02, limit=np.nan), "limit"),
    (lambda: control_chart.cusum_limit(0), "baseline"),
    (lambda: control_chart.cusum_limit(0.02, odds_ratio=1), "odds_ratio"),
    (lambda: control_chart.cusum_limit(0.02, horizon=0), "horizon"),
    (lambda: control_chart.cusum_limit(0.02, horizon=2.5), "horizon"),
    (lambda: control_chart.cusum_limit(0.02, false_alarm=1), "false_alarm"),
    (lambda: control_chart.cusum_detection(1, 3, 500), "baseline"),
    (lambda: control_chart.cusum_detection(0.02, 0, 500), "limit"),
    (lambda: control_chart.cusum_detection(0.02, 3, 0), "horizon"),
    (lambda: control_chart.cusum_detection(0.02, 3, 500, odds_ratio=1), "odds_ratio"),
    (lambda: control_chart.cusum_detection(0.02, 3, 500, true_ratio=0), "true_ratio must be a number above 0"),
    (lambda: control_chart.cusum_run_length(0.02, 0), "limit"),
    (lambda: control_chart.cusum_run_length(0.02, 3, true_ratio=-1), "true_ratio"),
    (lambda: control_chart.gaps([0, 3]), "outcomes"),
    (lambda: control_chart.gap_limits(0), "baseline"),
    (lambda: control_chart.gap_limits(0.02, 0.5), "alpha must lie below 0.5, found 0.5"),
    (lambda: control_chart.gap_limits(0.02, 0), "alpha"),
    (lambda: control_chart.xmr([]), "values must be a list of at least 2 numbers, found 0"),
    (lambda: control_chart.xmr([1]), "values must be a list of at least 2 numbers, found 1"),
    (lambda: control_chart.xmr([1, np.nan]), "values must be finite numbers, found nan"),
    (lambda: control_chart.xmr([1, np.inf]), "values must be finite numbers, found inf"),
    (lambda: control_chart.xmr([[1, 2]]), "values"),
]

FUNNELS = [
    (lambda: funnel.limits(0, [10]), "reference"),
    (lambda: funnel.limits(0.02, []), "totals must hold at least one row"),
    (lambda: funnel.limits(0.02, [0]), "totals must be a whole number of at least 1"),
    (lambda: funnel.limits(0.02, [10], 1), "level"),
    (lambda: funnel.ratio(-1, 2), "observed"),
    (lambda: funnel.ratio(1, 0), "expected must be a number above 0, found 0"),
    (lambda: funnel.ratio(1, np.nan), "expected"),
    (lambda: funnel.ratio(1, 2, 1), "level"),
    (lambda: funnel.shrink([], []), "events"),
    (lambda: funnel.shrink([1], [2]), r"totals must hold at least two units and one treatment, found \[2\]"),
    (lambda: funnel.shrink([0, 0], [0, 0]), "totals must hold at least two units"),
    (lambda: funnel.shrink([2, 0], [1, 1]), "events must not exceed totals"),
    (lambda: funnel.false_flags(-1, 0.95), "units"),
    (lambda: funnel.false_flags(8, 1), "level"),
    (lambda: funnel.holm([]), "tails"),
    (lambda: funnel.holm([0.1, 1.2]), "tails must lie between 0 and 1, found 1.2"),
    (lambda: funnel.holm([-0.1]), "tails must lie between 0 and 1, found -0.1"),
    (lambda: funnel.holm([np.nan]), "tails"),
]


@pytest.mark.parametrize(("call", "message"), RATES + DETECTION + CHARTS + FUNNELS)
def test_a_wrong_argument_is_refused_by_name(call, message):
    words = message if " " in message else f"{message} must "
    with pytest.raises(ValueError, match=f"^{words}"):
        call()


def test_whole_numbers_may_come_as_floats_numpy_numbers_or_truth_values():
    assert arguments.require_whole_number("events", 3.0) == arguments.require_whole_number("events", np.int8(3)) == 3
    assert arguments.require_whole_number("events", True) == 1
    assert type(arguments.require_whole_number("events", np.float32(3))) is int
    assert arguments.require_whole_numbers("events", [0, 2**53]).tolist() == [0, 2**53]


def test_numbers_too_large_to_be_exact_are_refused():
    with pytest.raises(ValueError, match="^events must be a whole number"):
        arguments.require_whole_number("events", 2.0**53 + 2)


def test_extreme_but_lawful_numbers_give_results_without_a_warning():
    assert 0 < proportion.wilson(1, 10**12).low < 1e-12
    assert proportion.clopper_pearson(0, 1, 0.999999).high < 1
    assert proportion.tail(10**6, 10**6, 0.5) == 0
    assert proportion.flagged_from(10**9, 1e-9, 0.001) == 6
    assert funnel.ratio(10**6, 1e6).high == pytest.approx(1.002, abs=1e-4)
    assert control_chart.gap_limits(1e-9)[1] == pytest.approx(np.log(2) * 1e9, rel=1e-6)
    assert np.isfinite(funnel.shrink([0, 1, 10**6], [1, 10**6, 10**6]).rate).all()
