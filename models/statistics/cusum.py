"""The CUSUM of treatments in time order: its score, the limit at which it signals, and what it can detect."""

from dataclasses import dataclass
from functools import cache
from math import ceil, floor, log, log1p, sqrt

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit, polygamma, psi

from models.statistics import arguments
from models.statistics.arguments import Floats, Integers
from models.statistics.cusum_chain import Chain, ScoreGrid, cells_below, choose_grid, score_weights
from models.statistics.integer_search import first_not_above

PRECISION = 0.003  # of a CUSUM limit, which is shown with two decimals
RUN_LENGTH_PRECISION = 2e-4  # of a limit; the relative error of the run length is as large
COUNTED_PRECISION = 0.01  # of the limit for a counted baseline, whose uncertainty moves it by about 1
SEARCH_STEP = 0.01  # between the limits tried for it
POSTERIOR_STEPS = np.arange(-5, 5.1, 0.5)  # in standard deviations; steps of 0.25 move a limit by less than 0.01
MAX_CELLS = 20_000
USUAL_FALSE_ALARM = 0.05
RESERVED_CHANCE = 1e-3  # share of the false-alarm chance reserved for second-order rounding errors


@dataclass(frozen=True)
class Cusum:
    """The score after each treatment, and the positions (from 0) at which it reached the limit."""

    score: Floats
    signals: Integers


@dataclass(frozen=True)
class CusumCourse:
    """A chart with the decisions that restarted it: the score after each treatment, and what signaled first.

    `first_signals`: for each start, the position (from 0) of the first signal until the next one, None without; what
    the chart shows. Later signals of the score are internal. `signal`: that since the last start, the state of today.
    """

    score: Floats
    first_signals: tuple[int | None, ...]

    @property
    def signal(self) -> int | None:
        return self.first_signals[-1]


def cusum_weights(baseline: float, odds_ratio: float = 2.0) -> tuple[float, float]:
    """What an event adds to the score, and what an event-free treatment adds (negative).

    The log-likelihood ratios of `odds_ratio` times the baseline odds against the baseline odds.
    Errors: ValueError naming the argument; `odds_ratio` above 1.
    Source: Steiner et al., Biostatistics 2000; 1:441.
    """
    baseline = arguments.require_proportion("baseline", baseline)
    event, clean = score_weights(baseline, arguments.require_above("odds_ratio", odds_ratio, 1))
    return float(event), -float(clean)


def bernoulli_cusum(
    outcomes: ArrayLike, baseline: ArrayLike, odds_ratio: float = 2.0, limit: float | None = None
) -> Cusum:
    """The CUSUM of events in time order: it rises with each event and falls with each other treatment, never below 0.

    `baseline`: the expected rate, one for all treatments or one for each (case mix: the risk-adjusted CUSUM).
    It signals where the score reaches `limit` and restarts at 0 with the next treatment. No limit, no signals.
    Errors: ValueError naming the argument; `limit` above 0. No treatments: empty arrays.
    Source: Steiner et al., Biostatistics 2000; 1:441.
    Check: two surgical patients of Steiner et al. (docs/validation.md).
    """
    flags = arguments.require_flags("outcomes", outcomes)
    rates = arguments.require_rate_per_row("baseline", baseline, len(flags))
    event, clean = score_weights(rates, arguments.require_above("odds_ratio", odds_ratio, 1))
    limit = np.inf if limit is None else arguments.require_above("limit", limit, 0)
    # Between events the score only falls, so that it can be looked up there: only events are followed one by one.
    fallen = np.concatenate([[0.0], np.cumsum(np.where(flags, 0.0, clean))])
    events = np.flatnonzero(flags)
    score, low = 0.0, 0.0
    reached: list[float] = []
    left: list[float] = []
    signals: list[int] = []
    for position, rise, depth in zip(events.tolist(), event[events].tolist(), fallen[events].tolist(), strict=True):
        score, low = max(0.0, score - (depth - low)) + rise, depth
        reached.append(score)
        if score >= limit:
            signals.append(position)
            score = 0.0
        left.append(score)
    so_far = np.cumsum(flags)
    before, since = np.concatenate([[0.0], left])[so_far], np.concatenate([[0.0], fallen[events]])[so_far]
    scores = np.maximum(0.0, before - (fallen[1:] - since))
    scores[events] = reached
    return Cusum(scores, np.array(signals, dtype=np.int64))


def follow_cusum(
    outcomes: ArrayLike, baseline: ArrayLike, starts: ArrayLike, limits: ArrayLike, odds_ratio: float = 2.0
) -> CusumCourse:
    """The CUSUM from the end of its baseline, restarted at 0 by recorded decisions.

    `outcomes` and `baseline` as for `bernoulli_cusum`, in the order in which outcomes became known: treatments appended
    later never move an earlier point. `starts`: the positions at which the score starts at 0, the first of them 0 and
    one for each decision (the number of outcomes known by then). `limits`: the limit from each start on, that of
    `cusum_limit_counted` for the rest of the horizon. `cusum_detection_counted` has the chance over all restarts.
    Errors: ValueError naming the argument; `starts` rising, none beyond the outcomes.
    Source: Steiner et al., Biostatistics 2000; 1:441.
    """
    flags = arguments.require_flags("outcomes", outcomes)
    rates = arguments.require_rate_per_row("baseline", baseline, len(flags))
    first = arguments.require_whole_numbers("starts", starts, dimensions=1)
    values = arguments.require_measurements("limits", limits, least=1)
    arguments.require_aligned(starts=first, limits=values)
    if first[0] != 0 or (np.diff(first) < 0).any() or first[-1] > len(flags):
        raise ValueError(f"starts must rise from 0 to at most {len(flags)}, found {first.tolist()}")
    ends = [*first[1:].tolist(), len(flags)]
    parts = [
        bernoulli_cusum(flags[start:end], rates[start:end], odds_ratio, limit)
        for start, end, limit in zip(first.tolist(), ends, values.tolist(), strict=True)
    ]
    signals = (
        start + int(part.signals[0]) if len(part.signals) else None
        for start, part in zip(first.tolist(), parts, strict=True)
    )
    return CusumCourse(np.concatenate([part.score for part in parts]), tuple(signals))


def cusum_limit(baseline: float, odds_ratio: float = 2.0, horizon: int = 500, false_alarm: float = 0.05) -> float:
    """The limit with a probability of at most `false_alarm` of a signal within `horizon` unchanged treatments.

    At most 0.02, mostly 0.003, above the lowest possible (odds ratio 2, baselines of 0.2-30%, horizons up to 5,000).
    Near 0 if any event within the horizon is less likely than `false_alarm`: the first event signals.
    Errors: ValueError naming the argument; `horizon` a whole number of at least 1.
    Source: Brook & Evans, Biometrika 1972; 59:539 (Markov chain); Steiner et al. 2000.
    """
    false_alarm = arguments.require_proportion("false_alarm", false_alarm)
    cells, highest = _horizon_grid(baseline, odds_ratio, horizon, false_alarm)
    baseline, horizon = float(baseline), int(horizon)
    target = _hazard(false_alarm * (1 - RESERVED_CHANCE))

    def excess(cell: int) -> float:
        return _hazard(float(Chain(cells, cell, baseline).signal_chance(horizon)[0])) - target

    cell = first_not_above(excess, 0, highest) if excess(0) > 0 else 0
    return (cell + 0.5) * cells.spacing * (1 + cells.slack)


def cusum_reaches(
    score: float, baseline: float, odds_ratio: float = 2.0, horizon: int = 500, false_alarm: float = 0.05
) -> bool:
    """Whether a score is at or above the `cusum_limit` of the same arguments, without searching for the limit.

    Errors, source: as `cusum_limit`; `score` above 0.
    """
    score = arguments.require_above("score", score, 0)
    false_alarm = arguments.require_proportion("false_alarm", false_alarm)
    cells, highest = _horizon_grid(baseline, odds_ratio, horizon, false_alarm)
    cell = floor(score / (cells.spacing * (1 + cells.slack)) - 0.5)
    if cell < 0 or cell >= highest:
        return cell >= 0
    chance = Chain(cells, cell, float(baseline)).signal_chance(int(horizon))[0]
    return bool(chance <= false_alarm * (1 - RESERVED_CHANCE))


def cusum_detection(
    baseline: float, limit: float, horizon: int, odds_ratio: float = 2.0, true_ratio: float = 2.0
) -> float:
    """The probability of a signal within `horizon` treatments if the true odds are `true_ratio` times the baseline's.

    With `true_ratio` 1 it is the probability of a false signal.
    Errors: ValueError naming the argument; `limit` and `true_ratio` above 0.
    Source: as `cusum_limit`.
    """
    cells, _ = _horizon_grid(baseline, odds_ratio, horizon)
    limit, rate = arguments.require_above("limit", limit, 0), _true_rate(baseline, true_ratio)
    return float(Chain(cells, cells_below(limit, cells.spacing), rate).signal_chance(int(horizon))[0])


def cusum_limit_counted(
    events: int, total: int, odds_ratio: float = 2.0, horizon: int = 500, false_alarm: float = 0.05
) -> float:
    """The limit for a baseline of `events` in `total` treatments, which chance may have made too low or too high.

    The chance of a false signal within `horizon` treatments is at most `false_alarm` on average over the true rates
    that the baseline leaves possible, a Beta(events + 1/2, total - events + 1/2). The weights of the score are those
    of the rate counted, so that `bernoulli_cusum(outcomes, events / total, limit=...)` is the chart. It is at most 0.03
    above the lowest such limit, and never below `cusum_limit` by more than that. Cache it: 10 to 300 ms, with the
    horizon.
    Errors: ValueError naming the argument; `events` from 1 to `total` - 1, because there is no score at 0% or 100%.
    Source: Jeffreys' posterior (Brown, Cai & DasGupta 2001) over the chain of `cusum_limit`.
    Check: docs/calibration.md, and every possible baseline in tests/models/statistics/test_cusum_counted.py.
    """
    false_alarm = arguments.require_proportion("false_alarm", false_alarm)
    rate, rates, weights = _baseline_posterior(events, total)
    cells, highest = _horizon_grid(rate, odds_ratio, horizon, false_alarm, COUNTED_PRECISION)
    horizon, stride = int(horizon), max(1, int(SEARCH_STEP / cells.spacing))
    target = _hazard(false_alarm * (1 - RESERVED_CHANCE))

    @cache
    def excess(strides: int) -> float:
        chances = Chain(cells, stride * strides, rates).signal_chance(horizon)
        return _hazard(float(weights @ chances)) - target

    most = highest // stride + 1
    while excess(most) > 0:  # rates above the baseline reach limits that the baseline does not
        most += most // 3 + 1
    # The excess falls by 0.5 to 1 per unit of the limit: a close bracket saves the costly steps.
    least = max(0, most + int(excess(most) / (0.5 * stride * cells.spacing)))
    if excess(least) <= 0:
        least = 0
    lowest = first_not_above(excess, least, most) if excess(least) > 0 else 0
    return (stride * lowest + 0.5) * cells.spacing * (1 + cells.slack)


def cusum_detection_counted(
    events: int,
    total: int,
    limit: ArrayLike,
    horizon: ArrayLike,
    odds_ratio: float = 2.0,
    true_ratio: float = 2.0,
) -> float:
    """The probability of a signal if the true odds are `true_ratio` times those of a counted baseline.

    Averaged over the baseline as in `cusum_limit_counted`; with `true_ratio` 1, the chance of a false signal. `limit`
    and `horizon` (treatments) are numbers, or columns for a chart that decisions restarted at 0: then it is the chance
    of at least one signal over all of them.
    Errors: ValueError naming the argument; `limit` and `true_ratio` above 0.
    Source: as `cusum_limit_counted`.
    """
    rate, rates, weights = _baseline_posterior(events, total)
    raised = np.array([_true_rate(value, true_ratio) for value in rates.tolist()])
    limits = arguments.require_measurements("limit", np.atleast_1d(limit), least=1)
    horizons = arguments.require_whole_numbers("horizon", np.atleast_1d(horizon), least=1)
    arguments.require_aligned(limit=limits, horizon=horizons)
    quiet = np.ones(len(rates))
    for value, treatments in zip(limits.tolist(), horizons.tolist(), strict=True):
        cells, _ = _horizon_grid(rate, odds_ratio, treatments, precision=COUNTED_PRECISION)
        reached = cells_below(arguments.require_above("limit", value, 0), cells.spacing)
        quiet *= 1 - Chain(cells, reached, raised).signal_chance(treatments)
    return min(1.0, float(weights @ (1 - quiet)))


def cusum_run_length(baseline: float, limit: float, odds_ratio: float = 2.0, true_ratio: float = 1.0) -> float:
    """The mean number of treatments to a signal if the true odds are `true_ratio` times the baseline's.

    Errors: as `cusum_detection`.
    Source: Brook & Evans, Biometrika 1972; 59:539.
    """
    event, _ = cusum_weights(baseline, odds_ratio)
    limit, rate = arguments.require_above("limit", limit, 0), _true_rate(baseline, true_ratio)
    cells = choose_grid(float(baseline), float(odds_ratio), limit + event, RUN_LENGTH_PRECISION, MAX_CELLS)
    return float(Chain(cells, cells_below(limit, cells.spacing), rate).run_length()[0])


def _horizon_grid(
    baseline: float,
    odds_ratio: float,
    horizon: int,
    false_alarm: float = USUAL_FALSE_ALARM,
    precision: float = PRECISION,
) -> tuple[ScoreGrid, int]:
    """The grid shared by a limit and the probability of reaching it, and a cell at or above every limit."""
    horizon = arguments.require_whole_number("horizon", horizon, least=1)
    event, _ = cusum_weights(baseline, odds_ratio)
    # A likelihood-ratio path from one event reaches a score h with at most exp(event - h).
    usual, highest = (
        event + max(0.0, log(horizon * float(baseline) / chance)) for chance in (USUAL_FALSE_ALARM, false_alarm)
    )
    cells = choose_grid(float(baseline), float(odds_ratio), usual, precision, MAX_CELLS)
    return cells, ceil(highest / cells.spacing) + cells.climb


def _baseline_posterior(events: int, total: int) -> tuple[float, Floats, Floats]:
    """The rate counted, and rates with weights (sum 1) that stand for the posterior of the true one.

    The trapezoidal rule on the log-odds scale, on which the posterior is nearly normal.
    """
    events, total = arguments.require_counts(least=2, events=events, total=total)
    if not 0 < events < total:
        raise ValueError(f"events must lie between 0 and total, both excluded, found {events} of {total}")
    with_event, without = events + 0.5, total - events + 0.5
    centre = float(psi(with_event) - psi(without))
    spread = sqrt(float(polygamma(1, with_event) + polygamma(1, without)))
    log_odds = centre + spread * POSTERIOR_STEPS
    density = -with_event * np.logaddexp(0, -log_odds) - without * np.logaddexp(0, log_odds)
    weights = np.exp(density - density.max())
    return events / total, np.asarray(expit(log_odds)), weights / weights.sum()


def _true_rate(baseline: float, true_ratio: float) -> float:
    odds = arguments.require_above("true_ratio", true_ratio, 0) * float(baseline) / (1 - float(baseline))
    return odds / (1 + odds)


def _hazard(chance: float) -> float:
    """Complementary log-log: almost linear in the limit, so that the search takes few steps."""
    return log(-log1p(-min(max(chance, 1e-300), 1 - 1e-16)))
