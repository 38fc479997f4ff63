"""Compare several measures between two periods, allowing for their number and for clients who come more than once."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betaln

from models.statistics import arguments
from models.statistics.arguments import Floats, Integers

ROWS_AT_ONCE = 256  # treatments whose permuted periods are held at the same time
TIES = 1 + 1e-7  # tails that differ by less are equal but for rounding

Positions = NDArray[np.intp]


@dataclass(frozen=True)
class PeriodComparison:
    """One entry per measure; NaN for measures without events, which are not tested.

    `tail`: Fisher's two-sided probability of each measure alone (twice the smaller tail, at most 1; within strata, the
    events of all strata together given those of each, as in `funnel.conditional`). `adjusted`: the
    probability that any of the measures tested differs as much if nothing changed. `smallest`: the smallest tail of
    each permutation, in rising order, the distribution behind `adjusted`.
    """

    tail: Floats
    adjusted: Floats
    smallest: Floats

    def chance(self, tail: float) -> float:
        """The probability that some measure has a tail this small if nothing changed: "about 1 review in N"."""
        as_small = int(np.searchsorted(self.smallest, tail * TIES, side="right"))
        return (1 + as_small) / (len(self.smallest) + 1)


def min_p(
    events: ArrayLike,
    totals: ArrayLike,
    client: ArrayLike,
    period: ArrayLike,
    draws: int = 9999,
    seed: int = 0,
    stratum: ArrayLike | None = None,
) -> PeriodComparison:
    """Compare each measure between two periods, adjusted for the number of measures by permutation (min-P).

    One row per treatment. `events` and `totals` have one column per measure: its events, and how many units of it were
    asked about (0 or 1 per treatment, more per area). `client` and `period` have one label per row; two periods.
    The periods of a client treated in both are permuted among that client's treatments, so that both keep their number;
    clients of one period are permuted as a whole among those with as many treatments. So neither clients who come often
    nor measures that contain each other are taken for independent evidence, and no model is needed.

    `stratum`: one label per row, such as how the client was asked. Then only treatments of one stratum are exchanged,
    and clients of one period among those with as many treatments in each stratum. What differs between strata is no
    evidence; a stratum of one period gives none, and a measure without a stratum in both periods has tail 1.

    `adjusted` counts the permutations, ties included, and the observed one; its least value is 1 / (draws + 1). The
    same `seed` gives the same result, whatever the order of the rows. A measure with no units in one period has tail 1.
    Time and memory for 5,000 clients, 12,500 treatments, 12 measures and 9,999 draws: about 1 second and 20 MB, which
    grow with draws x treatments (time) and draws x (256 + 2 x measures) x 4 bytes (memory).
    Errors: ValueError naming the argument.
    Source: Westfall & Young, Resampling-Based Multiple Testing, 1993, algorithm 2.1 (single step).
    Check: every permutation of a small clinic, tests/models/statistics/test_two_periods.py; docs/calibration.md.
    """
    happened, asked = _require_table("events", events), _require_table("totals", totals)
    if happened.shape != asked.shape:
        raise ValueError(f"totals must have the shape of events {happened.shape}, found {asked.shape}")
    arguments.require_counts(dimensions=None, events=happened, totals=asked)
    _, of_client = arguments.encode_labels("client", client)
    periods, of_period = arguments.encode_labels("period", period)
    strata, of_stratum = arguments.encode_labels("stratum", np.zeros(len(of_client)) if stratum is None else stratum)
    arguments.require_aligned(events=happened, client=of_client, period=of_period, stratum=of_stratum)
    if len(periods) != 2:
        raise ValueError(f"period must hold two periods, found {len(periods)}")
    draws = arguments.require_whole_number("draws", draws, least=1)
    arguments.require_whole_number("seed", seed)

    tail, adjusted = np.full((2, happened.shape[1]), np.nan)
    tested = np.flatnonzero(happened.any(axis=0))
    if not len(tested):
        return PeriodComparison(tail, adjusted, np.ones(draws))
    in_stratum = of_stratum[:, np.newaxis] == np.arange(len(strata))  # treatments x strata
    by_stratum = asked[:, tested, np.newaxis] * in_stratum[:, np.newaxis]  # treatments x measures x strata
    # Measures that were asked about together share their columns.
    columns, same = np.unique(by_stratum.reshape(len(asked), -1), axis=1, return_inverse=True)
    same = same.reshape(len(tested), len(strata))
    rows = np.column_stack([happened[:, tested], columns])
    is_later = of_period == 1
    sums = _permuted_sums(rows, of_client, is_later, of_stratum, draws, np.random.default_rng(seed))
    sums = np.vstack([rows[is_later].sum(axis=0), sums])  # the observed sums come first
    later, later_asked = np.split(sums, [len(tested)], axis=1)
    events_of = happened[:, tested].T @ in_stratum  # measures x strata
    everyone = columns.sum(axis=0)
    tails = np.column_stack(
        [_tails(later[:, at], later_asked[:, own], events_of[at], everyone[own]) for at, own in enumerate(same)]
    )
    found = PeriodComparison(tail, adjusted, np.sort(tails[1:].min(axis=1)))
    tail[tested] = tails[0]
    adjusted[tested] = [found.chance(value) for value in tails[0].tolist()]
    return found


def _permuted_sums(
    rows: Integers,
    client: Positions,
    is_later: NDArray[np.bool_],
    stratum: Positions,
    draws: int,
    random: np.random.Generator,
) -> Integers:
    """The sum of the rows in the later period, for each permutation of the periods: draws x columns.

    Within a block, exchangeable rows are drawn without replacement: each is in the later period with the probability
    (places left) / (rows left). Equal rows are not told apart: the most frequent kind of a block goes last, and takes
    the places that are left. Whole blocks of one kind need no draw.
    """
    totals = np.zeros((draws, rows.shape[1]), dtype=np.float32)
    waiting: list[Floats] = []
    drawn = np.empty((ROWS_AT_ONCE, draws), dtype=np.float32)
    fixed = np.zeros(rows.shape[1])

    def add_up() -> None:
        nonlocal totals
        if waiting:
            totals += drawn[: len(waiting)].T @ np.array(waiting, dtype=np.float32)
            waiting.clear()

    for kinds, places in _blocks(rows, client, is_later, stratum):
        *special, usual = kinds
        # Relative to the usual kind: every place is filled with it, and special rows add what they differ by.
        fixed += places * usual
        left = np.full(draws, places, dtype=np.float32)
        for rest, row in zip(range(len(kinds), 1, -1), special, strict=True):
            if np.array_equal(row, usual):
                break
            taken = drawn[len(waiting)]
            random.random(out=taken, dtype=np.float32)
            taken *= rest  # below `rest` even after rounding, so that a row whose place is certain is always taken
            np.less(taken, left, out=taken)
            left -= taken
            waiting.append(row - usual)
            if len(waiting) == ROWS_AT_ONCE:
                add_up()
    add_up()
    return np.rint(totals + fixed).astype(np.int64)


def _blocks(
    rows: Integers, client: Positions, is_later: NDArray[np.bool_], stratum: Positions
) -> Iterator[tuple[Integers, int]]:
    """Exchangeable rows, those of the most frequent kind last, and how many of them are in the later period.

    The treatments of a client of both periods are a block per stratum. The clients of one period with as many
    treatments in each stratum are a block in which each client's sum is a row.
    """
    treatments = np.zeros((client.max() + 1, stratum.max() + 1), dtype=np.int64)  # clients x strata
    later = np.zeros_like(treatments)
    np.add.at(treatments, (client, stratum), 1)
    np.add.at(later, (client, stratum), is_later)
    total, total_later = treatments.sum(axis=1), later.sum(axis=1)
    in_both = (total_later > 0) & (total_later < total)
    order = np.lexsort((stratum, client))
    own_rows, kinds = np.unique(rows, axis=0, return_inverse=True)
    of_block = np.split(kinds.ravel()[order], np.cumsum(treatments.ravel())[:-1])
    for one, part in np.argwhere(in_both[:, np.newaxis] & (treatments > 0)).tolist():
        block = of_block[one * treatments.shape[1] + part]
        yield own_rows[_usual_last(block)], int(later[one, part])
    sums = np.column_stack([np.bincount(client, column, len(total)) for column in rows.T]).astype(np.int64)
    counts, like = np.unique(treatments[~in_both], axis=0, return_inverse=True)
    for kind in range(len(counts)):
        alike = np.flatnonzero(~in_both)[like.ravel() == kind]
        sum_rows, kinds = np.unique(sums[alike], axis=0, return_inverse=True)
        yield sum_rows[_usual_last(kinds.ravel())], int((total_later[alike] > 0).sum())


def _usual_last(kinds: Positions) -> Positions:
    """The kinds sorted, so that their order in the database does not matter, but the most frequent one at the end."""
    usual = np.bincount(kinds).argmax()
    return np.concatenate([np.sort(kinds[kinds != usual]), kinds[kinds == usual]])


def _tails(events: Integers, totals: Integers, all_events: Integers, everyone: Integers) -> Floats:
    """Fisher's two-sided tail for each number of events among so many of each stratum in the later period.

    `totals`: permutations x strata. Worked out once per distinct row of them, which permutations share.
    """
    distinct, which = np.unique(totals, axis=0, return_inverse=True)
    chance = np.ones((len(distinct), 1))  # of each number of events in the strata so far
    for total, happened, among in zip(distinct.T, all_events.tolist(), everyone.tolist(), strict=True):
        part = _hypergeometric(total, happened, among)
        both = np.zeros((len(distinct), chance.shape[1] + happened))
        for number in range(happened + 1):
            both[:, number : number + chance.shape[1]] += part[:, [number]] * chance
        chance = both
    fewer, more = np.cumsum(chance, axis=1), np.cumsum(chance[:, ::-1], axis=1)[:, ::-1]
    tails = np.minimum(1, 2 * np.minimum(fewer, more) / fewer[:, -1:])
    return tails[which.ravel(), events]


def _hypergeometric(totals: Integers, all_events: int, everyone: int) -> Floats:
    """The chance of 0 to all of the events, relative to the most likely number, for each of the `totals` of
    `everyone`: totals x numbers."""
    number, total = np.arange(all_events + 1), totals[:, np.newaxis]
    others = everyone - total - (all_events - number)  # in the earlier period, without the event
    possible = (number <= total) & (others >= 0)
    log_chance = -betaln(number + 1, np.where(possible, total - number, 0) + 1)
    log_chance -= betaln(all_events - number + 1, np.where(possible, others, 0) + 1)
    log_chance[~possible] = -np.inf
    chance: Floats = np.exp(log_chance - log_chance.max(axis=1, keepdims=True))
    return chance


def _require_table(name: str, values: ArrayLike) -> Integers:
    table = arguments.require_whole_numbers(name, values)
    if table.ndim != 2:
        raise ValueError(
            f"{name} must have a row per treatment and a column per measure, found {table.ndim} dimensions"
        )
    return table
