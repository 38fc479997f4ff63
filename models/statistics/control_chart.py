"""Is something changing over time? Flags per period, a CUSUM per treatment, gaps between events, measured values."""

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

PRECISION = 0.003  # of a CUSUM limit, which is read to two decimals
RUN_LENGTH_PRECISION = 2e-4  # a run length grows by as many parts of itself
MAX_CELLS = 20_000
USUAL_FALSE_ALARM = 0.05
FLAG_CHANCE = 0.00135  # at most, of periods in which nothing changed: three standard deviations of a bell curve
RESERVED_CHANCE = 1e-3  # share of the false-alarm chance for what rounding does in the second order


@dataclass(frozen=True)
class PeriodFlags:
    """One entry per period. `flag`: "", "watch" or "action". `flagged_from`: fewest events that mean "action".

    `limit`: the line to draw, `flagged_from` as a rate; a period on or above it is flagged. It is above 1 where no
    count of so few treatments could be flagged, and infinite for an empty period. `tail`: P(so many events or more).
    """

    flag: NDArray[np.str_]
    flagged_from: Integers
    limit: Floats
    tail: Floats


@dataclass(frozen=True)
class Cusum:
    """`score` after each treatment; `signals`: positions (from 0) at which it reached the limit."""

    score: Floats
    signals: Integers


@dataclass(frozen=True)
class Gaps:
    """`between`: clean treatments between one event and the next, one per gap. `open`: clean ones since the last."""

    between: Integers
    open: int


@dataclass(frozen=True)
class XmrLimits:
    """One centre line with one low and one high limit; `flag` is True for each value outside them."""

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
    """Flags for periods of a few treatments each, against a frozen baseline rate.

    "action" when so many events or more have a chance of at most `alpha` at the baseline, "watch" when at most
    `watch`. `maturing`: True for periods whose follow-up is not over; they keep their line and are never flagged.
    Why: where nothing has changed, 50 treatments at 2 % pass the 3-sigma line of a p-chart in 1 period of 56; the exact
    tail flags at most 1 in 740, and the line is drawn where the flag begins.
    Special: an empty period stays, unflagged, tail 1. Errors: ValueError naming the argument; `baseline` strictly
    between 0 and 1: a baseline without events cannot be exceeded by chance.
    Source: exact binomial; `alpha` is the upper tail of 3 sigma. Check: 100 treatments at 2 %: action from 8 events.
    """
    counts, sizes = arguments.require_count_columns(events, totals)
    baseline = arguments.require_proportion("baseline", baseline)
    alpha = arguments.require_proportion("alpha", alpha)
    watch = arguments.require_proportion("watch", watch)
    if watch < alpha:
        raise ValueError(f"watch must be at least alpha ({alpha:g}), found {watch:g}")
    judged = ~arguments.require_flags("maturing", np.zeros(len(counts)) if maturing is None else maturing)
    arguments.require_same_length(events=counts, maturing=judged)
    action_from = flagged_from(sizes, baseline, alpha)
    flag = np.full(len(counts), "", dtype="U6")
    flag[judged & (counts >= flagged_from(sizes, baseline, watch))] = "watch"
    flag[judged & (counts >= action_from)] = "action"
    limit = np.divide(action_from, sizes, out=np.full(len(sizes), np.inf), where=sizes > 0)
    return PeriodFlags(flag, action_from, limit, exact_tail(counts, sizes, baseline))


def p_limits(baseline: float, totals: ArrayLike) -> tuple[Floats, Floats]:
    """Low and high 3-sigma limits (0-1) of the usual p-chart, one entry per period; refused where they do not hold.

    Errors: ValueError naming the argument; each of `totals` at least 9 (1 - baseline) / baseline: 441 at 2 %.
    Source: Montgomery, Introduction to Statistical Quality Control, 7.2. Check: example 7.1: 0.0407 and 0.3893.
    """
    baseline = arguments.require_proportion("baseline", baseline)
    (sizes,) = arguments.require_columns(totals=totals)
    least = max(1, ceil(MIN_EXPECTED * (1 - baseline) / baseline - 1e-9))  # rounding must not ask for one more
    if (sizes < least).any():
        raise ValueError(f"totals must be at least {least} at a baseline of {baseline:g}, found {sizes.min()}")
    reach = SIGMAS * np.sqrt(baseline * (1 - baseline) / sizes)
    return np.maximum(baseline - reach, 0), np.minimum(baseline + reach, 1)


def observed_minus_expected(outcomes: ArrayLike, expected: ArrayLike) -> Floats:
    """Running sum of events minus expected events, one entry per treatment in time order.

    `expected`: the chance of an event, one for all treatments or one each (case mix). Level while things are as usual,
    rising while there are more events than usual. It shows; the CUSUM decides.
    Errors: ValueError naming the argument. No treatments: an empty array.
    Source: Lovegrove et al., Lancet 1997; 350:1128 (the VLAD, turned so that harm goes up).
    """
    events = arguments.require_flags("outcomes", outcomes)
    chances = arguments.require_proportions("expected", expected)
    if chances.ndim and chances.shape != events.shape:
        raise ValueError(f"expected must be one number or one per treatment ({len(events)}), found {chances.size}")
    return np.cumsum(events - chances)


def cusum_weights(baseline: float, odds_ratio: float = 2.0) -> tuple[float, float]:
    """What an event adds to the score and what a clean treatment adds (negative).

    Log-likelihood ratios of odds `odds_ratio` times the baseline's against the baseline's.
    Errors: ValueError naming the argument; `odds_ratio` above 1.
    Source: Steiner et al., Biostatistics 2000; 1:441. Check: baseline 0.05: +0.644357 and -0.048790.
    """
    baseline = arguments.require_proportion("baseline", baseline)
    event, clean = score_weights(baseline, arguments.require_above("odds_ratio", odds_ratio, 1))
    return event, -clean


def bernoulli_cusum(outcomes: ArrayLike, baseline: float, odds_ratio: float = 2.0, limit: float | None = None) -> Cusum:
    """The CUSUM of events in time order: it climbs with each event, falls with each clean treatment, never below 0.

    A signal where the score reaches `limit`; the next treatment starts from 0 again. Without a limit no signals.
    Why: monthly rates wait for the month's end and forget the last one; this collects evidence treatment by treatment.
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
    """The limit with a chance of at most `false_alarm` of a signal within `horizon` treatments while nothing changes.

    The chance does not exceed `false_alarm`, and the limit is at most 0.02, mostly 0.003 above the lowest that keeps it
    (odds ratio 2, baselines of 0.2-30 %, horizons to 5,000). Where any event within the horizon is rarer than
    `false_alarm` the limit is next to 0: the first event signals.
    Why: no constant will do. The often-quoted 3.5 gives a false signal every 1,458 treatments at
    10 % and every 12,293 at 1 %.
    Errors: ValueError naming the argument; `horizon` a whole number of at least 1.
    Source: Brook & Evans, Biometrika 1972; 59:539 (Markov chain); Steiner et al. 2000. Check: (0.01, 500) 2.88;
    (0.02, 500) 3.57; (0.05, 250) 3.74.
    """
    false_alarm = arguments.require_proportion("false_alarm", false_alarm)
    cells = _horizon_grid(baseline, odds_ratio, horizon)
    baseline, horizon = float(baseline), int(horizon)
    target = _hazard(false_alarm * (1 - RESERVED_CHANCE))

    def excess(cell: int) -> float:
        return _hazard(Chain(cells, cell, baseline).signal_chance(horizon)) - target

    highest = _highest_cell(cells, baseline, odds_ratio, horizon, false_alarm)
    cell = first_not_above(excess, 0, highest) if excess(0) > 0 else 0
    return (cell + 0.5) * cells.spacing * (1 + cells.slack)


def cusum_reaches(
    score: float, baseline: float, odds_ratio: float = 2.0, horizon: int = 500, false_alarm: float = 0.05
) -> bool:
    """Whether a score is at or above `cusum_limit` of the same arguments: the same answer without the search for it.

    A score reached within `horizon` treatments with a chance of at most `false_alarm` while nothing changes is at or
    above the limit.
    Errors: as `cusum_limit`; `score` above 0.
    Source: as `cusum_limit`. Check: (0.02, 500), whose limit is 3.57: 3.5 does not, 3.6 does.
    """
    score = arguments.require_above("score", score, 0)
    false_alarm = arguments.require_proportion("false_alarm", false_alarm)
    cells = _horizon_grid(baseline, odds_ratio, horizon)
    baseline, horizon = float(baseline), int(horizon)
    cell = floor(score / (cells.spacing * (1 + cells.slack)) - 0.5)
    if cell < 0 or cell >= _highest_cell(cells, baseline, odds_ratio, horizon, false_alarm):
        return cell >= 0
    return Chain(cells, cell, baseline).signal_chance(horizon) <= false_alarm * (1 - RESERVED_CHANCE)


def cusum_detection(
    baseline: float, limit: float, horizon: int, odds_ratio: float = 2.0, true_ratio: float = 2.0
) -> float:
    """The chance (0-1) of a signal within `horizon` treatments at true odds `true_ratio` times the baseline's.

    Printed beside the chart for a doubled and a tripled rate, so that silence is not taken for safety. `true_ratio` 1
    gives the chance of a false signal.
    Errors: ValueError naming the argument; `limit` and `true_ratio` above 0.
    Source: as `cusum_limit`. Check: (0.01, 500) at its limit: 0.54 for odds doubled, 0.92 for tripled.
    """
    cells = _horizon_grid(baseline, odds_ratio, horizon)
    limit, rate = arguments.require_above("limit", limit, 0), _true_rate(baseline, true_ratio)
    return Chain(cells, cells_below(limit, cells.spacing), rate).signal_chance(int(horizon))


def cusum_run_length(baseline: float, limit: float, odds_ratio: float = 2.0, true_ratio: float = 1.0) -> float:
    """The mean number of treatments to a signal at true odds `true_ratio` times the baseline's.

    Errors: as `cusum_detection`.
    Source: Brook & Evans, Biometrika 1972; 59:539. Check: limit 3.5: about 1,460 at 10 %, 12,290 at 1 %.
    """
    event, _ = cusum_weights(baseline, odds_ratio)
    limit, rate = arguments.require_above("limit", limit, 0), _true_rate(baseline, true_ratio)
    cells = choose_grid(float(baseline), float(odds_ratio), limit + event, RUN_LENGTH_PRECISION, MAX_CELLS)
    return Chain(cells, cells_below(limit, cells.spacing), rate).run_length()


def gaps(outcomes: ArrayLike) -> Gaps:
    """Clean treatments strictly between events (0 when one event follows another), and those since the last event.

    What came before the first event is no gap: nobody saw it begin. Without events every treatment is in the open gap.
    Errors: ValueError naming the argument. No treatments: no gaps, open 0.
    Source: Benneyan, Health Care Manag Sci 2001; 4:305 (number-between charts).
    """
    flags = arguments.require_flags("outcomes", outcomes)
    positions = np.flatnonzero(flags)
    last = int(positions[-1]) if len(positions) else -1
    return Gaps(np.diff(positions) - 1, len(flags) - 1 - last)


def gap_limits(baseline: float, alpha: float = FLAG_CHANCE) -> tuple[float, float, float]:
    """Low, centre and high limit of a gap: the `alpha`, one half and 1 - `alpha` points of the geometric distribution.

    Why: the usual mean + 3 sigma is passed by 1.8 % of all gaps. A gap above the high limit is good news. The low limit
    is 0 for any baseline above `alpha`: two events in a row are never that rare, so a gap cannot show worsening; the
    CUSUM does.
    Errors: ValueError naming the argument; `alpha` below 0.5.
    Source: Minitab, Methods and formulas for the G chart (between whole numbers by straight line). Check: baseline
    0.02: centre 33.312, high 326.068.
    """
    baseline = arguments.require_proportion("baseline", baseline)
    alpha = arguments.require_proportion("alpha", alpha)
    if alpha >= 0.5:
        raise ValueError(f"alpha must lie below 0.5, found {alpha:g}")
    low, centre, high = (_gap_exceeded_by(share, baseline) for share in (1 - alpha, 0.5, alpha))
    return low, centre, high


def xmr(values: ArrayLike, screen: bool = True) -> XmrLimits:
    """Individuals chart of measured values in time order: median duration, units. Never of rates of rare events.

    Limits: mean +- 2.66 x mean moving range. `screen`: moving ranges above 3.267 times their mean are left out of that
    mean first, so that one outlier does not hide itself.
    Errors: ValueError naming the argument; at least two finite values.
    Source: Wheeler 1993; Provost & Murray, The Health Care Data Guide, 2011. Check: NHSRplotthedots, deviations: 1, 2,
    1, 2, 10, 1, 2, ...: mean 1.94; unscreened 6.95 and -3.06; screened 4.60 and -0.72.
    """
    measured = arguments.require_measurements("values", values, least=2)
    ranges = np.abs(np.diff(measured))
    if screen:
        ranges = ranges[ranges <= OUTLYING_RANGE * ranges.mean()]
    reach = float(LIMITS_PER_MEAN_RANGE * ranges.mean())
    # Counted from the first value, so that equal values are exactly equal to their mean.
    offset = measured - measured[0]
    middle = offset.mean()
    centre = float(measured[0] + middle)
    return XmrLimits(centre, centre - reach, centre + reach, np.abs(offset - middle) > reach)


def _horizon_grid(baseline: float, odds_ratio: float, horizon: int) -> ScoreGrid:
    """One grid per baseline, odds ratio and horizon: a limit and the chance to reach it share their cells."""
    horizon = arguments.require_whole_number("horizon", horizon, least=1)
    top = _highest_score(baseline, odds_ratio, horizon, USUAL_FALSE_ALARM)
    return choose_grid(float(baseline), float(odds_ratio), top, PRECISION, MAX_CELLS)


def _highest_score(baseline: float, odds_ratio: float, horizon: int, false_alarm: float) -> float:
    """A score no limit exceeds: each event starts a likelihood-ratio path that reaches h by at most exp(event - h)."""
    event, _ = cusum_weights(baseline, odds_ratio)
    return event + max(0.0, log(horizon * float(baseline) / false_alarm))


def _highest_cell(cells: ScoreGrid, baseline: float, odds_ratio: float, horizon: int, false_alarm: float) -> int:
    """A cell that no limit is above."""
    return ceil(_highest_score(baseline, odds_ratio, horizon, false_alarm) / cells.spacing) + cells.climb


def _true_rate(baseline: float, true_ratio: float) -> float:
    odds = arguments.require_above("true_ratio", true_ratio, 0) * float(baseline) / (1 - float(baseline))
    return odds / (1 + odds)


def _hazard(chance: float) -> float:
    """Complementary log-log: nearly a straight line in the limit, so that the search takes few steps."""
    return log(-log1p(-min(max(chance, 1e-300), 1 - 1e-16)))


def _gap_exceeded_by(share: float, baseline: float) -> float:
    """The gap length that this share of gaps exceeds, on the straight line between the whole numbers around it."""
    per_treatment = log1p(-baseline)
    whole = floor(log(share) / per_treatment)
    longer = exp(whole * per_treatment)
    return max(0.0, whole - 1 + (longer - share) / (-expm1(per_treatment) * longer))
