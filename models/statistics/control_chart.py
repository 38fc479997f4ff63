"""Changes over time: flags per period, a CUSUM per treatment, gaps between events, and charts of measured values."""

from dataclasses import dataclass
from math import ceil, exp, expm1, floor, log, log1p

import numpy as np
from numpy.typing import ArrayLike, NDArray

from models.statistics import arguments
from models.statistics.arguments import Flags, Floats, Integers
from models.statistics.cusum_chain import Chain, ScoreGrid, cells_below, choose_grid, score_weights
from models.statistics.integer_search import first_not_above
from models.statistics.proportion import exact_tail, flagged_from

# Wheeler, Understanding Variation, 1993: 3 / d2 and D4 for moving ranges of two.
LIMITS_PER_MEAN_RANGE = 2.66
OUTLYING_RANGE = 3.267

MIN_EXPECTED = 9  # Montgomery, Introduction to Statistical Quality Control, 7.2: n >= 9 (1 - p) / p
SIGMAS = 3

PRECISION = 0.003  # of a CUSUM limit, which is shown with two decimals
RUN_LENGTH_PRECISION = 2e-4  # of a limit; the relative error of the run length is as large
MAX_CELLS = 20_000
USUAL_FALSE_ALARM = 0.05
FLAG_CHANCE = 0.00135  # the upper tail of a normal distribution beyond three standard deviations
RESERVED_CHANCE = 1e-3  # share of the false-alarm chance reserved for second-order rounding errors


@dataclass(frozen=True)
class PeriodFlags:
    """One entry per period. `flag` is "", "watch" or "action"; `flagged_from` is the fewest events for "action".

    `limit` is the line to draw, `flagged_from` as a rate: a period on or above it is flagged. It is above 1 if no count
    could be flagged, and infinite for an empty period. `tail` is the probability of at least as many events.
    """

    flag: NDArray[np.str_]
    flagged_from: Integers
    limit: Floats
    tail: Floats


@dataclass(frozen=True)
class Cusum:
    """The score after each treatment, and the positions (from 0) at which it reached the limit."""

    score: Floats
    signals: Integers


@dataclass(frozen=True)
class Gaps:
    """`between`: event-free treatments between two events, one entry per gap. `open`: those since the last event."""

    between: Integers
    open: int


@dataclass(frozen=True)
class XmrLimits:
    """A center line with a low and a high limit; `flag` is True for each value outside them."""

    centre: float
    low: float
    high: float
    flag: Flags


def period_flags(
    events: ArrayLike,
    totals: ArrayLike,
    baseline: float,
    alpha: float = FLAG_CHANCE,
    watch: float = 0.025,
    maturing: ArrayLike | None = None,
) -> PeriodFlags:
    """Flag periods with more events than a fixed baseline rate explains.

    "action" if at least as many events have a probability of at most `alpha` at the baseline, "watch" if at most
    `watch`. `maturing`: True for periods still in follow-up, which keep their line and are never flagged. An empty
    period is not flagged and has tail 1.
    Errors: ValueError naming the argument; `baseline` strictly between 0 and 1.
    Source: exact binomial; `alpha` is the upper tail of 3 sigma.
    """
    counts, sizes = arguments.require_counts(dimensions=1, events=events, totals=totals)
    baseline = arguments.require_proportion("baseline", baseline)
    alpha = arguments.require_proportion("alpha", alpha)
    watch = arguments.require_proportion("watch", watch)
    if watch < alpha:
        raise ValueError(f"watch must be at least alpha ({alpha:g}), found {watch:g}")
    judged = ~arguments.require_flags("maturing", np.zeros(len(counts)) if maturing is None else maturing)
    arguments.require_aligned(may_be_empty=True, events=counts, maturing=judged)
    action_from = flagged_from(sizes, baseline, alpha)
    flag = np.full(len(counts), "", dtype="U6")
    flag[judged & (counts >= flagged_from(sizes, baseline, watch))] = "watch"
    flag[judged & (counts >= action_from)] = "action"
    limit = np.divide(action_from, sizes, out=np.full(len(sizes), np.inf), where=sizes > 0)
    return PeriodFlags(flag, action_from, limit, exact_tail(counts, sizes, baseline))


def p_limits(baseline: float, totals: ArrayLike) -> tuple[Floats, Floats]:
    """Low and high 3-sigma limits (0-1) of a p-chart, one entry per period; refused where they are not valid.

    Errors: ValueError naming the argument; each of `totals` at least 9 (1 - baseline) / baseline: 441 at 2%.
    Source: Montgomery, Introduction to Statistical Quality Control, 7.2.
    """
    baseline = arguments.require_proportion("baseline", baseline)
    (sizes,) = arguments.require_counts(dimensions=1, totals=totals)
    least = max(1, ceil(MIN_EXPECTED * (1 - baseline) / baseline - 1e-9))  # rounding must not require one more
    if (sizes < least).any():
        raise ValueError(f"totals must be at least {least} at a baseline of {baseline:g}, found {sizes.min()}")
    reach = SIGMAS * np.sqrt(baseline * (1 - baseline) / sizes)
    return np.maximum(baseline - reach, 0), np.minimum(baseline + reach, 1)


def observed_minus_expected(outcomes: ArrayLike, expected: ArrayLike) -> Floats:
    """Running sum of events minus expected events, one entry per treatment in time order.

    `expected` is the probability of an event, for all treatments or for each (case mix). The line is level at the
    expected rate and rises above it. It only illustrates; the CUSUM decides.
    Errors: ValueError naming the argument. No treatments: an empty array.
    Source: Lovegrove et al., Lancet 1997; 350:1128 (the VLAD, inverted so that harm points up).
    """
    events = arguments.require_flags("outcomes", outcomes)
    chances = arguments.require_proportions("expected", expected)
    if chances.ndim and chances.shape != events.shape:
        raise ValueError(f"expected must be one number or one per treatment ({len(events)}), found {chances.size}")
    return np.cumsum(events - chances)


def cusum_weights(baseline: float, odds_ratio: float = 2.0) -> tuple[float, float]:
    """What an event adds to the score, and what an event-free treatment adds (negative).

    The log-likelihood ratios of `odds_ratio` times the baseline odds against the baseline odds.
    Errors: ValueError naming the argument; `odds_ratio` above 1.
    Source: Steiner et al., Biostatistics 2000; 1:441.
    """
    baseline = arguments.require_proportion("baseline", baseline)
    event, clean = score_weights(baseline, arguments.require_above("odds_ratio", odds_ratio, 1))
    return event, -clean


def bernoulli_cusum(outcomes: ArrayLike, baseline: float, odds_ratio: float = 2.0, limit: float | None = None) -> Cusum:
    """The CUSUM of events in time order: it rises with each event and falls with each other treatment, never below 0.

    It signals where the score reaches `limit` and restarts at 0 with the next treatment. No limit, no signals.
    Errors: ValueError naming the argument; `limit` above 0. No treatments: empty arrays.
    Source: Steiner et al., Biostatistics 2000; 1:441.
    """
    event, clean = cusum_weights(baseline, odds_ratio)
    flags = arguments.require_flags("outcomes", outcomes)
    limit = np.inf if limit is None else arguments.require_above("limit", limit, 0)
    events = np.flatnonzero(flags)
    score = 0.0
    reached: list[float] = []
    left: list[float] = []
    signals: list[int] = []
    for position, quiet in zip(events.tolist(), (np.diff(events, prepend=-1) - 1).tolist(), strict=True):
        score = max(0.0, score + clean * quiet) + event
        reached.append(score)
        if score >= limit:
            signals.append(position)
            score = 0.0
        left.append(score)
    so_far = np.cumsum(flags)
    before, since = np.concatenate([[0.0], left])[so_far], np.concatenate([[-1], events])[so_far]
    scores = np.maximum(0.0, before + clean * (np.arange(len(flags)) - since))
    scores[events] = reached
    return Cusum(scores, np.array(signals, dtype=np.int64))


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
        return _hazard(Chain(cells, cell, baseline).signal_chance(horizon)) - target

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
    return Chain(cells, cell, float(baseline)).signal_chance(int(horizon)) <= false_alarm * (1 - RESERVED_CHANCE)


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
    return Chain(cells, cells_below(limit, cells.spacing), rate).signal_chance(int(horizon))


def cusum_run_length(baseline: float, limit: float, odds_ratio: float = 2.0, true_ratio: float = 1.0) -> float:
    """The mean number of treatments to a signal if the true odds are `true_ratio` times the baseline's.

    Errors: as `cusum_detection`.
    Source: Brook & Evans, Biometrika 1972; 59:539.
    """
    event, _ = cusum_weights(baseline, odds_ratio)
    limit, rate = arguments.require_above("limit", limit, 0), _true_rate(baseline, true_ratio)
    cells = choose_grid(float(baseline), float(odds_ratio), limit + event, RUN_LENGTH_PRECISION, MAX_CELLS)
    return Chain(cells, cells_below(limit, cells.spacing), rate).run_length()


def gaps(outcomes: ArrayLike) -> Gaps:
    """Event-free treatments strictly between two events (0 if one follows the other), and those since the last event.

    Treatments before the first event are no gap, because its beginning is unknown. Without events, all treatments are
    in the open gap.
    Errors: ValueError naming the argument. No treatments: no gaps, open 0.
    Source: Benneyan, Health Care Manag Sci 2001; 4:305 (number-between charts).
    """
    flags = arguments.require_flags("outcomes", outcomes)
    positions = np.flatnonzero(flags)
    last = int(positions[-1]) if len(positions) else -1
    return Gaps(np.diff(positions) - 1, len(flags) - 1 - last)


def gap_limits(baseline: float, alpha: float = FLAG_CHANCE) -> tuple[float, float, float]:
    """Low limit, center and high limit of a gap: the `alpha`, 1/2 and 1 - `alpha` points of the geometric distribution.

    A gap above the high limit is good news. The low limit is 0 for any baseline above `alpha`, since two events in a
    row are never that rare: only the CUSUM shows worsening.
    Errors: ValueError naming the argument; `alpha` below 0.5.
    Source: Minitab, Methods and formulas for the G chart (linear between whole numbers).
    """
    baseline = arguments.require_proportion("baseline", baseline)
    alpha = arguments.require_proportion("alpha", alpha)
    if alpha >= 0.5:
        raise ValueError(f"alpha must lie below 0.5, found {alpha:g}")
    low, centre, high = (_gap_exceeded_by(share, baseline) for share in (1 - alpha, 0.5, alpha))
    return low, centre, high


def xmr(values: ArrayLike, screen: bool = True) -> XmrLimits:
    """Individuals chart of measured values in time order (median duration, units), never of rates of rare events.

    Limits: mean +- 2.66 x mean moving range. With `screen`, moving ranges above 3.267 times their mean are first left
    out of that mean, so that an outlier cannot hide itself.
    Errors: ValueError naming the argument; at least two finite values.
    Source: Wheeler 1993; Provost & Murray, The Health Care Data Guide, 2011.
    """
    measured = arguments.require_measurements("values", values, least=2)
    ranges = np.abs(np.diff(measured))
    if screen:
        ranges = ranges[ranges <= OUTLYING_RANGE * ranges.mean()]
    reach = float(LIMITS_PER_MEAN_RANGE * ranges.mean())
    # Relative to the first value, so that equal values are exactly equal to their mean.
    offset = measured - measured[0]
    middle = offset.mean()
    centre = float(measured[0] + middle)
    return XmrLimits(centre, centre - reach, centre + reach, np.abs(offset - middle) > reach)


def _horizon_grid(
    baseline: float, odds_ratio: float, horizon: int, false_alarm: float = USUAL_FALSE_ALARM
) -> tuple[ScoreGrid, int]:
    """The grid shared by a limit and the probability of reaching it, and a cell at or above every limit."""
    horizon = arguments.require_whole_number("horizon", horizon, least=1)
    event, _ = cusum_weights(baseline, odds_ratio)
    # A likelihood-ratio path from one event reaches a score h with at most exp(event - h).
    usual, highest = (
        event + max(0.0, log(horizon * float(baseline) / chance)) for chance in (USUAL_FALSE_ALARM, false_alarm)
    )
    cells = choose_grid(float(baseline), float(odds_ratio), usual, PRECISION, MAX_CELLS)
    return cells, ceil(highest / cells.spacing) + cells.climb


def _true_rate(baseline: float, true_ratio: float) -> float:
    odds = arguments.require_above("true_ratio", true_ratio, 0) * float(baseline) / (1 - float(baseline))
    return odds / (1 + odds)


def _hazard(chance: float) -> float:
    """Complementary log-log: almost linear in the limit, so that the search takes few steps."""
    return log(-log1p(-min(max(chance, 1e-300), 1 - 1e-16)))


def _gap_exceeded_by(share: float, baseline: float) -> float:
    """The gap length that this share of gaps exceeds, interpolated linearly between whole numbers."""
    per_treatment = log1p(-baseline)
    whole = floor(log(share) / per_treatment)
    longer = exp(whole * per_treatment)
    return max(0.0, whole - 1 + (longer - share) / (-expm1(per_treatment) * longer))
