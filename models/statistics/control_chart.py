"""Changes over time: flags per period, a CUSUM per treatment, gaps between events, and charts of measured values."""

from dataclasses import dataclass
from math import ceil, exp, expm1, floor, isclose, log, log1p

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betaln

from models.statistics import arguments
from models.statistics.arguments import Flags, Floats, Integers

# The CUSUM has a module of its own; docs/methods.md and the published numbers know its functions by these names.
from models.statistics.cusum import USUAL_FALSE_ALARM as USUAL_FALSE_ALARM
from models.statistics.cusum import bernoulli_cusum as bernoulli_cusum
from models.statistics.cusum import cusum_detection as cusum_detection
from models.statistics.cusum import cusum_detection_counted as cusum_detection_counted
from models.statistics.cusum import cusum_limit as cusum_limit
from models.statistics.cusum import cusum_limit_counted as cusum_limit_counted
from models.statistics.cusum import cusum_reaches as cusum_reaches
from models.statistics.cusum import cusum_run_length as cusum_run_length
from models.statistics.cusum import cusum_weights as cusum_weights
from models.statistics.cusum import follow_cusum as follow_cusum
from models.statistics.proportion import exact_tail, flagged_from

# Wheeler, Understanding Variation, 1993: 3 / d2 and D4 for moving ranges of two.
LIMITS_PER_MEAN_RANGE = 2.66
OUTLYING_RANGE = 3.267

MIN_EXPECTED = 9  # Montgomery, Introduction to Statistical Quality Control, 7.2: n >= 9 (1 - p) / p
SIGMAS = 3

FLAG_CHANCE = 0.00135  # the upper tail of a normal distribution beyond three standard deviations


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
    *,
    baseline_events: int | None = None,
    baseline_total: int | None = None,
) -> PeriodFlags:
    """Flag periods with more events than a fixed baseline rate explains.

    "action" if at least as many events have a probability of at most `alpha` at the baseline, "watch" if at most
    `watch`. `maturing`: True for periods still in follow-up, which keep their line and are never flagged. An empty
    period is not flagged and has tail 1.

    A stated target is known, and the tail is binomial. A counted baseline is not: with its `baseline_events` and
    `baseline_total` the tail is that of a beta-binomial (n, events + 1/2, total - events + 1/2). Taken as known, it had
    "action" in 0.43% of months in which nothing had changed, for a claimed 0.135%; this way in 0.12%.
    Errors: ValueError naming the argument; `baseline` strictly between 0 and 1, and equal to a counted one.
    Source: exact binomial; `alpha` is the upper tail of 3 sigma. Counted: the predictive distribution under Jeffreys'
    prior (Gelman et al., Bayesian Data Analysis, 2013, 2.4).
    Check: scipy.stats.binom and betabinom; docs/calibration.md.
    """
    counts, sizes = arguments.require_counts(dimensions=1, events=events, totals=totals)
    baseline = arguments.require_proportion("baseline", baseline)
    alpha = arguments.require_proportion("alpha", alpha)
    watch = arguments.require_proportion("watch", watch)
    if watch < alpha:
        raise ValueError(f"watch must be at least alpha ({alpha:g}), found {watch:g}")
    judged = ~arguments.require_flags("maturing", np.zeros(len(counts)) if maturing is None else maturing)
    arguments.require_aligned(may_be_empty=True, events=counts, maturing=judged)
    if baseline_events is not None and baseline_total is not None:
        known = arguments.require_counts(least=2, baseline_events=baseline_events, baseline_total=baseline_total)
        if not isclose(baseline, known[0] / known[1], rel_tol=1e-9):
            raise ValueError(f"baseline must be baseline_events / baseline_total, found {baseline:g} for {known}")
        tails = {size: _tails_of_counted(size, *known) for size in np.unique(sizes).tolist()}
        rows = [tails[size] for size in sizes.tolist()]
        tail = np.array([row[count] for row, count in zip(rows, counts.tolist(), strict=True)])
        # The rows fall: as many entries are above the chance as there are counts that are not flagged.
        action_from, watch_from = (np.array([(row > chance).sum() for row in rows]) for chance in (alpha, watch))
    elif baseline_events is None and baseline_total is None:
        tail = exact_tail(counts, sizes, baseline)
        action_from, watch_from = (flagged_from(sizes, baseline, chance) for chance in (alpha, watch))
    else:
        raise ValueError("baseline_total must be given with baseline_events, found one of them")
    flag = np.full(len(counts), "", dtype="U6")
    flag[judged & (counts >= watch_from)] = "watch"
    flag[judged & (counts >= action_from)] = "action"
    limit = np.divide(action_from, sizes, out=np.full(len(sizes), np.inf), where=sizes > 0)
    return PeriodFlags(flag, action_from, limit, tail)


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
    chances = arguments.require_rate_per_row("expected", expected, len(events))
    return np.cumsum(events - chances)


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


def _gap_exceeded_by(share: float, baseline: float) -> float:
    """The gap length that this share of gaps exceeds, interpolated linearly between whole numbers."""
    per_treatment = log1p(-baseline)
    whole = floor(log(share) / per_treatment)
    longer = exp(whole * per_treatment)
    return max(0.0, whole - 1 + (longer - share) / (-expm1(per_treatment) * longer))


def _tails_of_counted(size: int, events: int, total: int) -> Floats:
    """The probability of at least 0, 1 ... `size` + 1 events in `size` treatments after a baseline of these counts."""
    counts = np.arange(size + 1)
    with_event, without = events + 0.5, total - events + 0.5
    log_chance = betaln(counts + with_event, size - counts + without) - betaln(counts + 1, size - counts + 1)
    chance = np.exp(log_chance - log_chance.max())
    at_least = np.cumsum(chance[::-1])[::-1]
    return np.append(at_least / at_least[0], 0.0)
