"""The Bernoulli CUSUM and its limit, beside every possible history of a few treatments and an exact count of many."""

from itertools import product
from math import ceil, floor, inf, log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.statistics import control_chart
from models.statistics.cusum_chain import Chain, ScoreGrid, cells_below, choose_grid, score_weights
from models.statistics.integer_search import first_not_above, first_where
from tests.laws import examples

histories = st.lists(st.booleans(), max_size=120)
baselines = st.floats(0.002, 0.3)


def scores(history, event, clean):
    """The score after each treatment, as the definition has it."""
    score, column = 0.0, []
    for happened in history:
        score = max(0.0, score + (event if happened else clean))
        column.append(score)
    return column


def highest_scores(baseline, treatments, rate=None, odds_ratio=2.0):
    """(highest score, its chance) for every possible history of so many treatments."""
    event, clean = control_chart.cusum_weights(baseline, odds_ratio)
    rate = rate or baseline
    for history in product((0, 1), repeat=treatments):
        events = sum(history)
        yield max(scores(history, event, clean)), rate**events * (1 - rate) ** (treatments - events)


def exact_signal_chance(baseline, limit, treatments, rate):
    """Chance of a signal, with scores told apart by their events and clean treatments since 0: nothing is rounded."""
    event, clean = control_chart.cusum_weights(baseline)
    states, signalled = {(0, 0): 1.0}, 0.0
    for _ in range(treatments):
        after = {}
        for (events, cleans), chance in states.items():
            fallen = (events, cleans + 1) if events * event + (cleans + 1) * clean > 1e-12 else (0, 0)
            after[fallen] = after.get(fallen, 0) + chance * (1 - rate)
            if (events + 1) * event + cleans * clean >= limit:
                signalled += chance * rate
            else:
                climbed = (events + 1, cleans)
                after[climbed] = after.get(climbed, 0) + chance * rate
        states = after
    return signalled


def rate_at(baseline, odds_ratio):
    return odds_ratio * baseline / (1 - baseline + odds_ratio * baseline)


# The score


def test_the_weights_at_5_per_cent_are_those_of_the_method_notes():
    assert control_chart.cusum_weights(0.05) == pytest.approx((0.644357, -0.04879016), abs=5e-7)


@pytest.mark.parametrize(("logit", "event", "clean"), [(-3.68, 0.669, -0.024), (0.17, 0.260, -0.433)])
def test_the_weights_of_two_surgical_patients_are_those_of_steiner(logit, event, clean):
    risk = 1 / (1 + np.exp(-logit))  # Parsonnet scores 0 and 50
    assert control_chart.cusum_weights(risk) == pytest.approx((event, clean), abs=5e-4)


def test_the_weights_are_log_ratios_of_the_two_rates():
    raised = rate_at(0.03, 3)
    assert control_chart.cusum_weights(0.03, 3) == pytest.approx((log(raised / 0.03), log((1 - raised) / 0.97)))


def test_the_score_starts_again_from_0_after_a_signal():
    event, clean = control_chart.cusum_weights(0.1)
    cusum = control_chart.bernoulli_cusum([1, 1, 1, 0, 1], 0.1, limit=2 * event)
    assert cusum.score == pytest.approx([event, 2 * event, event, event + clean, 2 * event + clean])
    assert cusum.signals.tolist() == [1]


def test_a_score_that_reaches_the_limit_exactly_is_a_signal():
    event, _ = control_chart.cusum_weights(0.1)
    assert control_chart.bernoulli_cusum([1], 0.1, limit=event).signals.tolist() == [0]
    assert control_chart.bernoulli_cusum([1], 0.1, limit=np.nextafter(event, inf)).signals.tolist() == []


def test_without_treatments_there_is_no_score_and_without_a_limit_no_signal():
    nothing = control_chart.bernoulli_cusum([], 0.02)
    assert (len(nothing.score), len(nothing.signals)) == (0, 0)
    assert nothing.signals.dtype.kind == "i"
    assert len(control_chart.bernoulli_cusum([1] * 500, 0.02).signals) == 0


mixed = st.lists(st.tuples(st.booleans(), st.floats(0.002, 0.6)), max_size=80)


@given(mixed, st.floats(0.3, 3))
def test_with_case_mix_each_treatment_counts_by_its_own_expected_rate(treatments, limit):
    history, expected = [row[0] for row in treatments], [row[1] for row in treatments]
    score, column, signals = 0.0, [], []
    for position, (happened, rate) in enumerate(treatments):
        score = max(0.0, score + control_chart.cusum_weights(rate)[0 if happened else 1])
        column.append(score)
        if score >= limit:
            signals.append(position)
            score = 0.0
    cusum = control_chart.bernoulli_cusum(history, expected, limit=limit)
    if not np.isclose(column, limit, rtol=0, atol=1e-9).any():  # a score on the limit is decided by rounding
        assert cusum.signals.tolist() == signals
        assert cusum.score == pytest.approx(column, abs=1e-9)


@given(histories, baselines, st.floats(0.3, 3))
def test_case_mix_that_is_the_same_for_all_changes_nothing(history, baseline, limit):
    one, other = (
        control_chart.bernoulli_cusum(history, rates, limit=limit) for rates in (baseline, [baseline] * len(history))
    )
    assert one.score.tolist() == other.score.tolist()
    assert one.signals.tolist() == other.signals.tolist()


@given(histories, baselines)
def test_without_a_limit_the_score_is_the_sum_above_its_lowest_point_so_far(history, baseline):
    event, clean = control_chart.cusum_weights(baseline)
    total = np.cumsum(np.where(history, event, clean)) if history else np.zeros(0)
    lowest = np.minimum(np.minimum.accumulate(total), 0) if history else np.zeros(0)
    assert control_chart.bernoulli_cusum(history, baseline).score == pytest.approx(total - lowest, abs=1e-9)


@given(histories, baselines, st.floats(0.3, 3))
def test_between_signals_the_score_is_that_of_a_fresh_start(history, baseline, limit):
    event, clean = control_chart.cusum_weights(baseline)
    cusum = control_chart.bernoulli_cusum(history, baseline, limit=limit)
    start = 0
    for end in [*cusum.signals.tolist(), len(history) - 1]:
        fresh = scores(history[start : end + 1], event, clean)
        assert cusum.score[start : end + 1] == pytest.approx(fresh, abs=1e-9)
        assert all(score < limit for score in fresh[:-1])
        start = end + 1
    assert all(cusum.score[position] >= limit for position in cusum.signals)


# The limit


@pytest.mark.parametrize(
    ("baseline", "horizon", "limit", "doubled", "tripled"),
    [(0.01, 500, 2.88, 0.54, 0.92), (0.02, 500, 3.57, 0.75, 0.99), (0.05, 250, 3.74, 0.80, 1.0)],
)
def test_limits_and_chances_are_those_of_the_method_notes(baseline, horizon, limit, doubled, tripled):
    ours = control_chart.cusum_limit(baseline, horizon=horizon)
    assert ours == pytest.approx(limit, abs=0.005)
    assert control_chart.cusum_detection(baseline, ours, horizon) == pytest.approx(doubled, abs=0.005)
    assert control_chart.cusum_detection(baseline, ours, horizon, true_ratio=3) == pytest.approx(tripled, abs=0.005)


@pytest.mark.parametrize("false_alarm", [0.2, 0.05, 0.01])
@pytest.mark.parametrize("odds_ratio", [1.5, 2.0, 4.0])
@pytest.mark.parametrize(("baseline", "horizon"), [(0.3, 1), (0.3, 5), (0.3, 12), (0.1, 9), (0.02, 10), (0.002, 8)])
def test_the_limit_is_within_0_02_of_an_enumeration_of_all_histories(baseline, horizon, odds_ratio, false_alarm):
    histories = sorted(highest_scores(baseline, horizon, odds_ratio=odds_ratio))
    highest, chance = (np.array(column) for column in zip(*histories, strict=True))
    # Scores that differ by rounding alone are the same score.
    exceeded = np.array([chance[highest > score + 1e-9].sum() for score in highest])
    exact = highest[exceeded <= false_alarm].min()
    limit = control_chart.cusum_limit(baseline, odds_ratio, horizon, false_alarm)
    assert exact < limit < exact + 0.02
    assert chance[highest >= limit].sum() <= false_alarm


@pytest.mark.parametrize(
    ("baseline", "horizon"), [(0.002, 250), (0.01, 250), (0.02, 250), (0.0307, 200), (0.1, 100), (0.3, 60)]
)
def test_the_limit_keeps_the_false_alarm_and_is_hardly_above_the_lowest_that_does(baseline, horizon):
    limit = control_chart.cusum_limit(baseline, horizon=horizon)
    assert exact_signal_chance(baseline, limit, horizon, baseline) <= 0.05
    assert exact_signal_chance(baseline, limit - 0.01, horizon, baseline) > 0.05


@pytest.mark.parametrize(("baseline", "horizon", "true_ratio"), [(0.02, 250, 2), (0.05, 120, 3), (0.3, 60, 1.5)])
def test_the_chance_of_a_signal_equals_an_exact_count(baseline, horizon, true_ratio):
    limit = control_chart.cusum_limit(baseline, horizon=horizon)
    exact = exact_signal_chance(baseline, limit, horizon, rate_at(baseline, true_ratio))
    ours = control_chart.cusum_detection(baseline, limit, horizon, true_ratio=true_ratio)
    assert ours == pytest.approx(exact, abs=0.002)


@pytest.mark.parametrize(
    ("baseline", "horizon"),
    [(0.002, 5000), (0.0042, 5000), (0.01, 5000), (0.02, 5000), (0.05, 5000), (0.0595, 5000), (0.1, 5000), (0.2, 5000),
     (0.26, 2000), (0.3, 5000)],
)  # fmt: skip
def test_over_thousands_of_treatments_the_limit_is_within_its_stated_error(baseline, horizon):
    event, clean = control_chart.cusum_weights(baseline)
    limit = control_chart.cusum_limit(baseline, horizon=horizon)

    def chance(rounding, limit):
        """Of a signal, when events climb to the next cell below (at least that likely) or above (at most)."""
        fine = range(8, max(9, int(4000 * -clean)))
        off = lambda fall: abs(rounding(fall * event / -clean) / fall * -clean - event)
        fall = min(fine, key=off)
        cells = ScoreGrid(-clean / fall, rounding(fall * event / -clean), fall, slack=inf)
        return Chain(cells, cells_below(limit, cells.spacing), baseline).signal_chance(horizon)

    assert chance(floor, limit - 0.02) > 0.05
    assert chance(ceil, limit) < 0.0505
    assert control_chart.cusum_detection(baseline, limit, horizon, true_ratio=1) <= 0.05


def test_twenty_thousand_simulated_clinics_see_a_false_signal_five_times_in_a_hundred():
    limit = control_chart.cusum_limit(0.02, horizon=500)
    event, clean = control_chart.cusum_weights(0.02)
    random = np.random.default_rng(20260101)
    score, signalled = np.zeros(20_000), np.zeros(20_000, dtype=bool)
    for _ in range(500):
        score = np.maximum(0, score + np.where(random.random(20_000) < 0.02, event, clean))
        signalled |= score >= limit
    assert signalled.mean() == pytest.approx(0.05, abs=0.005)


@examples(25)
@given(baselines, st.integers(1, 400), st.floats(0.005, 0.3))
def test_the_limit_rises_with_the_horizon_and_with_the_caution_and_keeps_the_false_alarm(baseline, horizon, alarm):
    limit = control_chart.cusum_limit(baseline, horizon=horizon, false_alarm=alarm)
    margin = 0.01  # each is within its own small error
    assert control_chart.cusum_limit(baseline, horizon=2 * horizon, false_alarm=alarm) > limit - margin
    assert control_chart.cusum_limit(baseline, horizon=horizon, false_alarm=alarm / 2) > limit - margin
    assert control_chart.cusum_detection(baseline, limit, horizon, true_ratio=1) <= alarm


@examples(25)
@given(baselines, st.integers(2, 300), st.floats(1, 3), st.floats(0.5, 3))
def test_a_higher_rate_a_longer_wait_and_a_lower_limit_are_noticed_more_often(baseline, horizon, true_ratio, limit):
    chance = lambda limit, horizon, ratio: control_chart.cusum_detection(baseline, limit, horizon, true_ratio=ratio)
    here = chance(limit, horizon, true_ratio)
    assert 0 <= here <= 1
    assert chance(limit, horizon, true_ratio * 1.2) >= here - 1e-9
    assert chance(limit + 0.1, horizon, true_ratio) <= here + 1e-9
    assert chance(limit, horizon // 2, true_ratio) <= here + 0.01  # another horizon has another grid


@pytest.mark.parametrize("horizon", [1, 250, 4000])
@pytest.mark.parametrize("baseline", [0.002, 0.01, 0.05, 0.3])
def test_a_score_reaches_the_limit_where_it_is_not_below_it(baseline, horizon):
    limit = control_chart.cusum_limit(baseline, horizon=horizon)
    for share in (0.01, 0.3, 0.8, 0.95, 0.999):
        assert not control_chart.cusum_reaches(share * limit, baseline, horizon=horizon)
    for share in (1.001, 1.05, 1.3, 3, 100):
        assert control_chart.cusum_reaches(share * limit, baseline, horizon=horizon)


@examples(40)
@given(histories, baselines, st.integers(100, 600))
def test_the_highest_score_reaches_the_limit_just_where_there_is_a_signal(history, baseline, horizon):
    highest = control_chart.bernoulli_cusum(history, baseline).score.max(initial=0)
    limit = control_chart.cusum_limit(baseline, horizon=horizon)
    signals = control_chart.bernoulli_cusum(history, baseline, limit=limit).signals
    assert (highest > 0 and control_chart.cusum_reaches(highest, baseline, horizon=horizon)) == bool(len(signals))


def test_where_any_event_is_rarer_than_the_false_alarm_the_first_one_signals():
    limit = control_chart.cusum_limit(0.002, horizon=20)
    assert 0 < limit < 0.01
    assert control_chart.bernoulli_cusum([0, 1], 0.002, limit=limit).signals.tolist() == [1]
    assert control_chart.cusum_detection(0.002, limit, 20, true_ratio=1) == pytest.approx(1 - 0.998**20)


def test_a_rate_near_certainty_signals_without_a_warning():
    assert control_chart.cusum_detection(0.002, 3, 5000, true_ratio=1e6) == 1
    assert control_chart.cusum_detection(0.3, 3, 5000, true_ratio=50) == pytest.approx(1)


# The run length


@pytest.mark.parametrize(("baseline", "notes"), [(0.10, 1465), (0.01, 12283)])
def test_run_lengths_at_the_often_quoted_limit_are_within_half_a_per_cent_of_the_method_notes(baseline, notes):
    assert control_chart.cusum_run_length(baseline, 3.5) == pytest.approx(notes, rel=0.005)


def test_a_limit_that_one_event_reaches_lasts_until_the_first_event():
    assert control_chart.cusum_run_length(0.02, 0.5) == pytest.approx(50)
    assert control_chart.cusum_run_length(0.02, 0.5, true_ratio=3) == pytest.approx(1 / rate_at(0.02, 3))


@pytest.mark.parametrize(("limit", "true_ratio"), [(0.9, 1), (1.5, 1), (1.5, 2)])
def test_the_run_length_is_the_sum_of_the_chances_to_last(limit, true_ratio):
    rate = rate_at(0.3, true_ratio)
    event, clean = control_chart.cusum_weights(0.3)
    random = np.random.default_rng(7)
    score, lasting, total = np.zeros(60_000), 60_000, 0
    while lasting:
        total += lasting
        score = np.maximum(0, score + np.where(random.random(lasting) < rate, event, clean))
        score = score[score < limit]
        lasting = len(score)
    assert control_chart.cusum_run_length(0.3, limit, true_ratio=true_ratio) == pytest.approx(total / 60_000, rel=0.015)


@examples(25)
@given(baselines, st.floats(0.3, 3), st.floats(1, 3))
def test_a_run_length_grows_with_the_limit_and_shrinks_with_the_rate(baseline, limit, ratio):
    here = control_chart.cusum_run_length(baseline, limit, true_ratio=ratio)
    assert here >= 1
    assert control_chart.cusum_run_length(baseline, limit + 0.2, true_ratio=ratio) >= here * 0.999
    assert control_chart.cusum_run_length(baseline, limit, true_ratio=ratio * 1.2) <= here * 1.001


# The parts


def test_the_chain_of_a_tiny_grid_is_counted_by_hand():
    # An event climbs 2 cells, a clean treatment falls 1; above cell 2 it signals: two events in a row, or one between.
    chain = Chain(ScoreGrid(1.0, 2, 1, slack=0.0), cells=2, rate=0.25)
    assert chain.signal_chance(1) == 0
    assert chain.signal_chance(2) == pytest.approx(0.0625)
    assert chain.signal_chance(3) == pytest.approx(0.0625 + 0.75 * 0.0625 + 0.25 * 0.75 * 0.25)
    # 0, 1 and 2 last r0, r1, r2 treatments: r0 = 1 + .75 r0 + .25 r2, r1 = 1 + .75 r0, r2 = 1 + .75 r1.
    r0 = (4 + 1 + 0.75) / (1 - 0.5625)
    assert chain.run_length() == pytest.approx(r0)


def test_one_excursion_after_the_other_is_the_chain_treatment_by_treatment():
    chain = Chain(ScoreGrid(1.0, 3, 1, slack=0.0), cells=7, rate=0.1)
    step = np.zeros((8, 8))
    for cell in range(8):
        step[cell, max(cell - 1, 0)] += 0.9
        if cell + 3 <= 7:
            step[cell, cell + 3] += 0.1
    for treatments in (1, 15, 16, 17, 40, 1000, 100_000):
        lasting = np.linalg.matrix_power(step, treatments)[0].sum()
        assert chain.signal_chance(treatments) == pytest.approx(1 - lasting, abs=1e-10)


@pytest.mark.parametrize(
    ("baseline", "odds_ratio"), [(0.002, 2), (0.02, 1.3), (0.05, 2), (0.3, 4), (0.9, 2), (0.02, 100)]
)
def test_the_grid_is_that_of_a_cusum_for_nearly_the_same_odds_ratio(baseline, odds_ratio):
    event, clean = score_weights(baseline, odds_ratio)
    cells = choose_grid(baseline, odds_ratio, top=6, precision=0.003, most_cells=20_000)
    climb, fall = cells.climb * cells.spacing, cells.fall * cells.spacing
    assert baseline * np.exp(climb) + (1 - baseline) * np.exp(-fall) == pytest.approx(1, abs=1e-12)
    assert score_weights(baseline, np.exp(climb + fall)) == pytest.approx((climb, fall), rel=1e-9)
    assert np.exp(climb + fall) == pytest.approx(odds_ratio, rel=0.005)
    assert (climb, fall) == (pytest.approx(event, rel=0.01), pytest.approx(clean, rel=0.01))


def test_a_grid_is_as_coarse_as_the_precision_allows():
    # Weights 0.644357 and 0.048790: 13.2067 falls to a climb, so 5 falls are nearly 66 cells.
    coarse, fine, cramped = (
        choose_grid(0.05, 2, top=4, precision=precision, most_cells=cells)
        for precision, cells in ((0.3, 10_000), (0.03, 10_000), (0.0, 400))
    )
    assert [(cells.fall, cells.climb) for cells in (coarse, fine, cramped)] == [(1, 13), (5, 66), (4, 53)]
    event, clean = score_weights(0.05, 2)
    per_event = event - clean * 19 / 2
    for cells in (coarse, fine, cramped):
        assert cells.slack == pytest.approx(abs(cells.climb / cells.fall * clean - event) / per_event)
        assert cells.spacing == pytest.approx(clean / cells.fall, rel=0.06)


def test_scores_of_up_to_twice_the_usual_events_differ_by_no_more_than_the_slack():
    event, clean = score_weights(0.05, 2)
    cells = choose_grid(0.05, 2, top=4, precision=0.3, most_cells=10_000)
    per_event = event - clean * 19 / 2
    for score in (1.0, 4.0):
        for events in np.linspace(score / event, 2 * score / per_event, 20):
            cleans = (events * event - score) / clean
            on_the_grid = cells.spacing * (events * cells.climb - cleans * cells.fall)
            assert abs(on_the_grid - score) <= 1.1 * cells.slack * score


def test_odds_ratios_close_to_1_get_the_cells_they_need():
    cells = choose_grid(0.3, 1.02, top=0.2, precision=0.0, most_cells=1)
    assert cells.spacing > 0
    assert np.exp((cells.climb + cells.fall) * cells.spacing) == pytest.approx(1.02, rel=0.002)
    assert control_chart.cusum_detection(0.3, 0.2, 50, odds_ratio=1.02, true_ratio=1) > 0


def test_a_score_on_a_cell_reaches_a_limit_on_that_cell():
    assert cells_below(1.0, 0.25) == 3
    assert cells_below(1.01, 0.25) == 4


@given(st.lists(st.integers(-50, 50), min_size=1, max_size=20))
def test_the_first_whole_number_is_found_for_many_questions_at_once(thresholds):
    thresholds = np.array(thresholds)
    low, high = np.full(len(thresholds), -60), np.full(len(thresholds), 50)
    assert first_where(lambda number: number >= thresholds, low, high).tolist() == thresholds.tolist()
    assert first_where(lambda number: number > -100, low, high).tolist() == low.tolist()


@given(st.integers(1, 2000), st.integers(1, 500), st.floats(0.2, 5))
def test_false_position_finds_the_first_number_without_excess_on_straight_and_bent_lines(crossing, beyond, bend):
    excess = lambda number: crossing**bend - number**bend
    assert first_not_above(excess, 0, crossing + beyond) == crossing
    step = lambda number: 1.0 if number < crossing else -1e-9
    assert first_not_above(step, 0, crossing + beyond) == crossing
    assert first_not_above(step, crossing - 1, crossing) == crossing


def test_false_position_takes_few_rounds():
    looked_at = []
    excess = lambda number: looked_at.append(number) or 3.7 - number / 1000 - number**2 / 1e9
    assert first_not_above(excess, 0, 10_000) == 3687
    assert len(looked_at) <= 8
