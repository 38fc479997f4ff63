"""Whether a side effect goes with the dose: Firth's fit against the literature, brute force, statsmodels, its laws."""

import math

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.optimize import brentq, minimize, minimize_scalar
from scipy.special import expit, logsumexp
from scipy.stats import chi2, norm

from models.statistics.dose_response import fit, slope

treatments = st.lists(st.tuples(st.sampled_from([10, 15, 20, 30]), st.booleans()), min_size=6, max_size=40)


def clinic(count, seed=0, repeats=1, alike=0.0):
    """Treatments at 20-40 units with the effect in about a third; each client `repeats` times, alike in proneness."""
    random = np.random.default_rng(seed)
    client = np.repeat(np.arange(count // repeats), repeats)
    units = np.repeat(random.choice([20, 25, 30, 35, 40], count // repeats), repeats)
    proneness = np.repeat(random.normal(0, alike, count // repeats), repeats)
    chance = 1 / (1 + np.exp(-(0.05 * (units - 30) - 0.7 + proneness)))
    return units, random.random(len(units)) < chance, client


def columns(rows):
    return [row[0] for row in rows], [row[1] for row in rows]


def test_the_fit_that_logistf_prints_is_reproduced():
    # R logistf, deaths of 3 of 21 and 0 of 20 (alainamstutz/JAKi-IPDMA, trial CAO): the second arm has none.
    ours = slope([0] * 21 + [1] * 20, [1] * 3 + [0] * 38)
    assert tuple(ours) == pytest.approx((-2.048564, -6.975291, 0.3788351), abs=5e-7)


def test_with_two_doses_it_is_the_four_fold_table_with_a_half_in_each_cell():
    units, outcome = [20] * 60 + [30] * 50, [1] * 12 + [0] * 48 + [1] * 15 + [0] * 35
    by_hand = (15.5 / 35.5) / (12.5 / 48.5)
    assert fit(units, outcome, per=10).odds_ratio.estimate == pytest.approx(by_hand, rel=1e-6)
    assert fit(units, outcome).odds_ratio.estimate == pytest.approx(math.sqrt(by_hand), rel=1e-6)


def penalised(parameters, units, outcome):
    """Minus the penalised log-likelihood, written out from Firth 1993."""
    design = np.column_stack([np.ones(len(units)), units])
    log_odds = design @ parameters
    chance = 1 / (1 + np.exp(-log_odds))
    information = design.T @ (design * (chance * (1 - chance))[:, np.newaxis])
    likelihood = np.where(outcome, np.log(chance), np.log1p(-chance)).sum()
    return -(likelihood + 0.5 * np.linalg.slogdet(information)[1])


def test_the_slope_and_both_limits_equal_a_brute_force_search():
    units, outcome, _ = clinic(80, seed=4)
    centred = (units - 30) / 10
    best = minimize(penalised, [0, 0], args=(centred, outcome), method="Nelder-Mead", options={"xatol": 1e-9})
    ours = slope(units, outcome)
    assert ours.estimate * 10 == pytest.approx(best.x[1], abs=1e-5)
    for limit in (ours.low, ours.high):
        held = minimize(
            lambda level, held=limit: penalised([level[0], held * 10], centred, outcome), [0], method="Nelder-Mead"
        )
        assert 2 * (held.fun - best.fun) == pytest.approx(chi2.ppf(0.95, 1), abs=1e-3)


def test_with_many_treatments_it_agrees_with_unpenalised_logistic_regression():
    units, outcome, _ = clinic(20_000, seed=1)
    plain = sm.Logit(outcome.astype(float), sm.add_constant(units.astype(float))).fit(disp=False)
    ours = slope(units, outcome)
    assert ours.estimate == pytest.approx(plain.params[1], rel=1e-3)
    assert tuple(ours)[1:] == pytest.approx(plain.conf_int()[1], rel=2e-2)


def test_all_events_above_a_dose_still_give_a_number():
    result = fit([20] * 40 + [40] * 40, [0] * 40 + [1] * 12 + [0] * 28)
    estimate, low, high = result.odds_ratio
    assert 1 < low < estimate < high < math.inf
    assert result.refused is None


def test_no_dependence_on_dose_is_an_odds_ratio_of_one():
    result = fit([20, 40] * 40, ([1] * 2 + [0] * 2) * 20)
    assert result.odds_ratio.estimate == pytest.approx(1)
    assert result.odds_ratio.low * result.odds_ratio.high == pytest.approx(1, rel=1e-6)


def test_the_odds_ratio_is_per_so_many_units():
    units, outcome, _ = clinic(300)
    per_one, per_five, per_ten = (fit(units, outcome, per=per) for per in (1, 5, 10))
    assert tuple(per_five.odds_ratio) == pytest.approx([value**5 for value in per_one.odds_ratio])
    assert tuple(per_ten.odds_ratio) == pytest.approx([value**2 for value in per_five.odds_ratio])
    assert fit(units, outcome) == per_five
    assert (per_five.events, per_five.total, per_five.per) == (int(outcome.sum()), 300, 5)


def test_clients_seen_once_change_nothing():
    units, outcome, client = clinic(300)
    alone, named = fit(units, outcome), fit(units, outcome, client)
    assert named.design_effect == 1
    assert named == alone


def test_a_client_counted_twice_is_still_one_client():
    # Every treatment entered twice: the naive interval shrinks as if there were twice the clients; ours does not.
    units, outcome, client = clinic(200, seed=2)
    once = fit(units, outcome, client)
    twice = fit(np.repeat(units, 2), np.repeat(outcome, 2), np.repeat(client, 2))
    assert twice.design_effect == pytest.approx(2, rel=0.02)
    assert np.log(twice.odds_ratio.high / twice.odds_ratio.low) == pytest.approx(
        np.log(once.odds_ratio.high / once.odds_ratio.low), rel=0.02
    )


def test_the_widening_equals_the_ratio_of_sandwich_variances_of_statsmodels():
    units, outcome, client = clinic(2_000, seed=5, repeats=4, alike=2.0)
    design = sm.add_constant(units.astype(float))
    ours = fit(units, outcome, client)
    clustered = sm.Logit(outcome.astype(float), design).fit(
        disp=False, cov_type="cluster", cov_kwds={"groups": client, "use_correction": False}
    )
    separate = sm.Logit(outcome.astype(float), design).fit(disp=False, cov_type="HC0")
    small_sample = (500 / 499) / (2_000 / 1_999)
    by_hand = (clustered.bse[1] / separate.bse[1]) ** 2 * small_sample
    assert ours.design_effect == pytest.approx(by_hand, rel=1e-3)
    assert ours.design_effect > 1.5


def test_the_widening_of_a_clinic_small_enough_to_count_by_hand():
    # Doses 0 and 1, 12 clients twice at each; 4 clients with the effect both times at dose 0, 7 at dose 1, else never.
    units = np.repeat([0, 1], 24)
    outcome = np.repeat([1] * 4 + [0] * 8 + [1] * 7 + [0] * 5, 2)
    client = np.repeat(np.arange(24), 2)
    # Firth's chances are (events + 1/2) / (n + 1); a treatment pulls the slope by its residual, over its dose's weight.
    chance = np.where(units == 0, 8.5 / 25, 14.5 / 25)
    pull = (outcome - chance) * np.where(units == 0, -1, 1) / (24 * chance * (1 - chance))
    by_client = np.bincount(client, pull)
    by_hand = (by_client @ by_client * 24 / 23) / (pull @ pull * 48 / 47)
    assert by_hand == pytest.approx(2 * (24 / 23) / (48 / 47))
    assert fit(units, outcome, client).design_effect == pytest.approx(by_hand, rel=1e-6)


def test_clients_who_differ_less_than_chance_never_narrow_the_interval():
    # Each client has the effect exactly once in two treatments at one dose: sums by client hardly vary.
    units = np.repeat([20, 30, 40] * 20, 2)
    outcome, client = np.tile([1, 0], 60), np.repeat(np.arange(60), 2)
    assert fit(units, outcome, client).design_effect == 1
    assert fit(units, outcome, client) == fit(units, outcome)


def test_the_widening_multiplies_the_drop_that_ends_the_interval():
    units, outcome, _ = clinic(100)
    wide = slope(units, outcome, design_effect=chi2.ppf(0.99, 1) / chi2.ppf(0.95, 1))
    assert tuple(wide) == pytest.approx(tuple(slope(units, outcome, level=0.99)), rel=1e-6)


HALF = [1] * 50 + [0] * 50


@pytest.mark.parametrize(
    ("units", "outcome", "client", "reason"),
    [
        ([], [], None, "0 with the effect: too few for a slope; 10 needed"),
        ([20, 30] * 50, [1] * 9 + [0] * 91, None, "9 with the effect: too few for a slope; 10 needed"),
        ([20, 30] * 50, [1] * 91 + [0] * 9, None, "9 without the effect: too few for a slope; 10 needed"),
        ([20, 30] * 50, [1] * 100, None, "0 without the effect: too few for a slope; 10 needed"),
        ([20] * 100, HALF, None, "all treatments had 20 units: no slope to be seen"),
        ([20, 30] * 50, HALF, ["one"] * 100, "clients: 1; too few to allow for their repeats; 10 needed"),
        ([20, 30] * 50, HALF, list(range(9)) * 11 + [0], "clients: 9; too few to allow for their repeats"),
        ([20, 20.00001] * 50, HALF, None, "the doses differ too little for an odds ratio per 5 units"),
    ],
)
def test_too_little_to_speak_of_a_slope_is_refused_in_words(units, outcome, client, reason):
    result = fit(units, outcome, client)
    assert tuple(result.odds_ratio) == (None, None, None)
    assert result.refused.startswith(reason)
    assert (result.events, result.total, result.per, result.design_effect) == (sum(outcome), len(units), 5, 1)


def test_a_dose_written_with_other_digits_is_the_same_dose():
    assert fit([0.1 + 0.2, 0.3] * 50, HALF).refused == "all treatments had 0.3 units: no slope to be seen"
    with pytest.raises(ValueError, match="^units must hold two different doses"):
        slope([0.1 + 0.2, 0.3], [1, 0])


@pytest.mark.parametrize("scale", [1e-200, 1e200])
def test_doses_of_any_size_are_fitted(scale):
    units, outcome, _ = clinic(100)
    wanted = tuple(slope(units, outcome))
    assert [value * scale for value in slope(units * scale, outcome)] == pytest.approx(wanted, rel=1e-6)


def test_ten_with_and_ten_without_from_ten_clients_are_enough():
    result = fit([20, 30] * 10, ([1] * 2 + [0] * 2) * 5, list(range(10)) * 2)
    assert result.refused is None
    assert result.odds_ratio.estimate == pytest.approx(1)


@given(treatments)
def test_the_interval_holds_the_estimate_and_ends(rows):
    units, outcome = columns(rows)
    assume(len(set(units)) > 1)
    estimate, low, high = slope(units, outcome)
    assert low < estimate < high
    assert all(map(math.isfinite, (estimate, low, high)))


@given(treatments)
def test_counting_the_treatments_without_the_effect_turns_the_slope_round(rows):
    units, outcome = columns(rows)
    assume(len(set(units)) > 1)
    there, back = slope(units, outcome), slope(units, [not had for had in outcome])
    assert (back.estimate, back.low, back.high) == pytest.approx((-there.estimate, -there.high, -there.low), abs=1e-6)


@given(treatments, st.floats(0.5, 20), st.floats(0, 50))
def test_a_change_of_unit_or_of_zero_changes_only_the_scale(rows, scale, zero):
    units, outcome = columns(rows)
    assume(len(set(units)) > 1)
    changed = slope([zero + scale * dose for dose in units], outcome)
    assert tuple(changed) == pytest.approx([value / scale for value in slope(units, outcome)], rel=1e-5, abs=1e-6)


@given(treatments, st.randoms())
def test_the_order_of_the_treatments_does_not_matter(rows, random):
    assume(len({dose for dose, _ in rows}) > 1)
    one, other = slope(*columns(rows)), slope(*columns(random.sample(rows, len(rows))))
    assert tuple(one) == pytest.approx(tuple(other), abs=1e-7)


@pytest.mark.parametrize(
    ("units", "outcome", "options", "message"),
    [
        ([1, 2], [1], {}, "outcome must have as many rows as units .2., found 1"),
        ([1, 2], [1, 0], {"client": ["a"]}, "client must have as many rows as units .2., found 1"),
        ([1, 2], [1, 0], {"client": ["a", None]}, "client must "),
        ([1, float("nan")], [1, 0], {}, "units must be .*, found nan"),
        ([1, -5], [1, 0], {}, "units must be a number of at least 0, found -"),
        ([1, 2], [1, 2], {}, "outcome must be 0 or 1, found "),
        ([1, 2], [1, 0], {"per": 0}, "per must be a number above 0, found 0"),
        ([1, 2], [1, 0], {"per": float("inf")}, "per must be a number above 0, found inf"),
    ],
)
def test_what_is_not_a_dose_or_an_outcome_is_refused_by_name(units, outcome, options, message):
    with pytest.raises(ValueError, match=f"^{message}"):
        fit(units, outcome, **options)


@pytest.mark.parametrize(
    ("units", "outcome", "options", "message"),
    [
        ([], [], {}, "units must hold at least one row"),
        ([5, 5], [1, 0], {}, "units must hold two different doses"),
        ([5, 6], [1], {}, "outcome must have as many rows as units .2., found 1"),
        ([5, float("nan")], [1, 0], {}, "units must be .*, found nan"),
        ([5, 6], [1, 2], {}, "outcome must be 0 or 1, found "),
        ([5, 6], [1, 0], {"level": 1.2}, "level must lie between 0 and 1, .* found 1.2"),
    ],
)
def test_a_slope_through_less_than_two_doses_is_refused_by_name(units, outcome, options, message):
    with pytest.raises(ValueError, match=f"^{message}"):
        slope(units, outcome, **options)


def test_an_interval_ends_even_where_the_chances_are_no_longer_numbers():
    # So wide that on the way to its ends the chances of all doses are 0 and 1 to the last digit of the machine.
    low, high = (slope([0] * 30 + [1] * 12, [0] * 30 + [1] * 12, design_effect=wide).high for wide in (100, 10_000))
    assert low < high < 5_000


DOSES = np.array([10.0, 20.0, 30.0])
FAR = {
    "two doses apart": ([30, 0, 12], [0, 0, 12]),
    "half of the middle dose": ([20, 24, 16], [0, 12, 16]),
    "the heaviest last": ([12, 12, 400], [0, 12, 400]),
}


@pytest.mark.parametrize(("treatments", "events"), FAR.values(), ids=FAR)
@pytest.mark.parametrize("design_effect", [1, 20, 100])
def test_a_limit_far_out_still_lies_where_the_profile_has_dropped(treatments, events, design_effect):
    treatments, events = np.array(treatments), np.array(events)
    units = np.repeat(DOSES, treatments)
    outcome = np.concatenate([np.arange(n) < had for n, had in zip(treatments, events, strict=True)])
    ours = slope(units, outcome, design_effect=design_effect)

    def penalised_at(level, held):
        """Level at 20 units. The determinant as a sum over pairs of doses, in logarithms: exact however uneven."""
        log_odds = level + held * (DOSES - 20)
        weight = np.log(np.maximum(treatments, 1e-300)) - np.logaddexp(0, log_odds) - np.logaddexp(0, -log_odds)
        pairs = [(0, 1, 10), (0, 2, 20), (1, 2, 10)]
        determinant = logsumexp([weight[j] + weight[k] + 2 * math.log(apart) for j, k, apart in pairs])
        likelihood = events @ log_odds - treatments @ np.logaddexp(0, log_odds)
        return likelihood + determinant / 2

    def profile(held):
        reach = 30 * abs(held) + 5
        start = max(np.linspace(-reach, reach, 401), key=lambda level: penalised_at(level, held))
        step = reach / 100
        found = minimize_scalar(
            lambda level: -penalised_at(level, held), bounds=(start - step, start + step), method="bounded"
        )
        return -found.fun

    dropped = design_effect * chi2.ppf(0.95, 1) / 2
    for limit in (ours.low, ours.high):
        assert profile(ours.estimate) - profile(limit) == pytest.approx(dropped, rel=1e-4)


def test_the_tail_is_the_chance_of_so_high_a_slope_without_any_effect_of_dose():
    """200 treatments at each of two doses: close to the one-sided z-test of 30 of 200 against 48 of 200 (2.27)."""
    units, outcome = [20] * 200 + [40] * 200, [1] * 30 + [0] * 170 + [1] * 48 + [0] * 152
    rising, falling = fit(units, outcome), fit(units[::-1], outcome)
    assert rising.tail == pytest.approx(norm.sf(2.27), rel=0.05)
    assert rising.tail + falling.tail == pytest.approx(1)
    assert fit([20, 40] * 40, ([1] * 2 + [0] * 2) * 20).tail == pytest.approx(0.5)


def test_clients_who_come_again_and_again_make_the_tail_less_sure():
    random = np.random.default_rng(3)
    client, units = np.repeat(np.arange(40), 5), np.repeat(random.integers(10, 40, 40), 5)
    outcome = np.repeat(random.random(40) < 0.01 * units[::5], 5)
    assert fit(units, outcome, client).tail > fit(units, outcome).tail


def _asked_two_ways(seed=3):
    """300 treatments: those asked by checklist had higher doses, and twice as many say yes at any dose."""
    random = np.random.default_rng(seed)
    checklist = random.random(300) < 0.5
    units = np.where(checklist, random.choice([20, 24, 28], 300), random.choice([12, 16, 20], 300)).astype(float)
    affected = random.random(300) < np.where(checklist, 0.4, 0.15)
    return units, affected, np.where(checklist, "checklist", "open")


def test_clients_asked_differently_do_not_look_like_an_effect_of_the_dose():
    units, affected, how_asked = _asked_two_ways()
    together, apart = fit(units, affected), fit(units, affected, stratum=how_asked)
    assert together.odds_ratio.low > 1.1 and together.tail < 0.001
    assert apart.odds_ratio.low < 1 < apart.odds_ratio.high and apart.tail > 0.1


def test_the_slope_within_strata_is_the_maximum_of_the_penalized_likelihood_by_brute_force():
    units, affected, how_asked = _asked_two_ways()
    design = np.column_stack([how_asked == "checklist", how_asked == "open", (units - 20) / 5]).astype(float)

    def negative(coefficients):
        log_odds = design @ coefficients
        weight = expit(log_odds) * expit(-log_odds)
        likelihood = (affected * log_odds - np.logaddexp(0, log_odds)).sum()
        return -likelihood - 0.5 * np.linalg.slogdet(design.T @ (weight[:, np.newaxis] * design))[1]

    best = minimize(negative, np.zeros(3), method="BFGS", options={"gtol": 1e-9})
    found = fit(units, affected, stratum=how_asked)
    assert np.log(found.odds_ratio.estimate) == pytest.approx(best.x[2], abs=1e-5)

    def drop(slope):
        rest = minimize(lambda levels: negative(np.append(levels, slope)), best.x[:2], method="BFGS")
        return rest.fun - best.fun - chi2.ppf(0.95, 1) / 2

    assert np.log(found.odds_ratio.high) == pytest.approx(brentq(drop, best.x[2], best.x[2] + 3), abs=1e-4)


def test_one_stratum_is_no_stratum_and_doses_that_differ_only_between_strata_show_no_slope():
    units, affected, how_asked = _asked_two_ways()
    alone = fit(units, affected, stratum=["checklist"] * len(units))
    assert alone.odds_ratio == pytest.approx(fit(units, affected).odds_ratio)
    apart = np.where(how_asked == "checklist", 24.0, 16.0)
    refused = fit(apart, affected, stratum=how_asked).refused
    assert refused == "asked differently at each dose: no slope to be seen"
