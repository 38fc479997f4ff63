"""Compare our statistics with statsmodels, scipy and lifelines: results first, then time.

`python -m benchmarks.statistics [--out FILE]`; exits 1 if any results differ. lifelines needs an older pandas, so it
runs in an environment of its own (.venv-lifelines), created if missing; without it the rest is measured.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import statsmodels.api as sm
from numpy.typing import ArrayLike
from scipy.stats import CensoredData, binomtest, ecdf
from statsmodels.duration.survfunc import CumIncidenceRight, SurvfuncRight, survdiff
from statsmodels.stats.proportion import proportion_confint

from benchmarks.longest import Longest, longest
from benchmarks.markdown import markdown
from models.statistics import control_chart, dose_response, proportion, survival

ROOT = Path(__file__).parent.parent
LIFELINES = ROOT / ".venv-lifelines"
LIFELINES_VERSION = "lifelines==0.30.3"
DAYS = np.array([3, 14, 42, 90])
ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Contest:
    """One question for us and another library; both answer with numbers."""

    question: str
    ours: Callable[[], ArrayLike]
    other: str
    theirs: Callable[[], ArrayLike]
    # The largest difference allowed, with its reason.
    tolerance: float = 1e-9
    because: str = "rounding"


@dataclass(frozen=True, slots=True)
class Result:
    """Seconds of each (best of three) and the largest difference."""

    question: str
    other: str
    ours: float
    theirs: float
    difference: float
    tolerance: float

    @property
    def agrees(self) -> bool:
        """Whether the difference is allowed."""
        return self.difference <= self.tolerance


HEAD = """# Speed of the statistics

`python -m benchmarks.statistics`. Answers were compared before anything was timed; seconds are the best of three. A
ratio above 1 means that the other library is slower.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Print one line per contest and our slowest cases; 1 if any answers differ."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.statistics")
    parser.add_argument("--out", type=Path, help="also write the tables to this file")
    out = parser.parse_args(arguments).out
    results = [run(contest) for contest in contests(np.random.default_rng(1))]
    results += list(with_lifelines(np.random.default_rng(2)))
    rows = [("question", "compared with", "ours", "theirs", "ratio", "largest difference"), *map(line, results)]
    alone = [("slowest of ours", "cases tried", "seconds"), *map(slowest_line, longest(np.random.default_rng(7)))]
    report = f"{HEAD}\n{markdown(rows)}\n\n{markdown(alone)}\n"
    print(report)
    if out:
        out.write_text(report, encoding="utf-8")
    return 0 if all(result.agrees for result in results) else 1


def line(result: Result) -> tuple[str, ...]:
    """The row of one contest."""
    note = "" if result.agrees else f", DIFFERS: {result.tolerance:.0e} allowed"
    times = (f"{result.ours:.4f} s", f"{result.theirs:.4f} s", f"{result.theirs / result.ours:.1f}")
    return result.question, result.other, *times, f"{result.difference:.1e}{note}"


def slowest_line(slowest: Longest) -> tuple[str, ...]:
    return slowest.question, str(slowest.cases), f"{slowest.seconds:.2f}"


def run(contest: Contest) -> Result:
    """Compare the answers, then time both."""
    difference = largest_difference(contest.ours(), contest.theirs())
    return Result(
        contest.question, contest.other, seconds(contest.ours), seconds(contest.theirs), difference, contest.tolerance
    )


def largest_difference(ours: ArrayLike, theirs: ArrayLike) -> float:
    """The largest difference between two answers."""
    return float(np.max(np.abs(np.asarray(ours, dtype=float) - np.asarray(theirs, dtype=float))))


def seconds(work: Callable[[], object]) -> float:
    """The best of three."""
    best = np.inf
    for _ in range(ROUNDS):
        start = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - start)
    return best


def contests(random: np.random.Generator) -> Iterator[Contest]:
    """The questions, on simulated episodes and treatments."""
    days, ended, group, outcome = episodes(random, 1_000_000)
    present = lambda: [survival.kaplan_meier(days, ended).at(day).estimate for day in DAYS]

    def present_statsmodels() -> list[float]:
        curve = SurvfuncRight(days, ended)
        return [curve.surv_prob[np.searchsorted(curve.surv_times, day, side="right") - 1] for day in DAYS]

    def present_scipy() -> list[float]:
        return ecdf(CensoredData(days[ended], right=days[~ended])).sf.evaluate(DAYS)

    yield Contest("Kaplan-Meier, 1,000,000 episodes", present, "statsmodels SurvfuncRight", present_statsmodels)
    yield Contest("Kaplan-Meier, 1,000,000 episodes", present, "scipy ecdf", present_scipy)

    def compare() -> float:
        return survival.log_rank(days, ended, group).statistic

    def compare_statsmodels() -> float:
        return survdiff(days, ended, group)[0]

    yield Contest("Log-rank of 3 groups, 1,000,000", compare, "statsmodels survdiff", compare_statsmodels, 1e-6)

    def incidence() -> list[float]:
        return [survival.cumulative_incidence(days, outcome).at(day).estimate for day in DAYS]

    def incidence_statsmodels() -> list[float]:
        curve = CumIncidenceRight(days, outcome)
        return [curve.cinc[0][np.searchsorted(curve.times, day, side="right") - 1] for day in DAYS]

    yield Contest("Cumulative incidence, 1,000,000", incidence, "statsmodels CumIncidence", incidence_statsmodels)

    units = random.choice([20.0, 25.0, 30.0, 35.0, 40.0], 100_000)
    had = random.random(100_000) < 1 / (1 + np.exp(3.5 - 0.05 * (units - 30)))
    design = sm.add_constant(units)
    yield Contest(
        "Firth slope and interval, 100,000 treatments",
        lambda: np.log(dose_response.fit(units, had, per=1).odds_ratio.estimate),
        "statsmodels Logit (no Firth)",
        lambda: sm.Logit(had, design).fit(disp=False).params[1],
        1e-3,
        "the penalty, which many events make small",
    )

    counts = [(int(events), 150) for events in random.binomial(150, 0.03, 300)]
    wilson = lambda: [tuple(proportion.wilson(*count))[1:] for count in counts]
    yield Contest(
        "Wilson, 300 rates one by one",
        wilson,
        "statsmodels proportion",
        lambda: [proportion_confint(*count, method="wilson") for count in counts],
    )
    yield Contest(
        "Wilson, 300 rates one by one",
        wilson,
        "scipy binomtest",
        lambda: [tuple(binomtest(*count).proportion_ci(method="wilson")) for count in counts],
    )

    limit = control_chart.cusum_limit(0.02, horizon=500)
    yield Contest(
        "CUSUM limit at 2%, 500 treatments",
        lambda: (control_chart.cusum_limit(0.02, horizon=500), 0.05)[1],
        "numpy, 100,000 runs",
        lambda: false_alarms(np.random.default_rng(5), 0.02, limit, 500, 100_000),
        0.005,
        "the limit falls between scores; 7 standard errors of the simulation",
    )


def false_alarms(random: np.random.Generator, baseline: float, limit: float, horizon: int, runs: int) -> float:
    """Share of simulated runs at the baseline that signal within the horizon."""
    doubled = 2 * baseline / (1 + baseline)
    with_event, without = np.log(doubled / baseline), np.log((1 - doubled) / (1 - baseline))
    score, signalled = np.zeros(runs), np.zeros(runs, dtype=bool)
    for _ in range(horizon):
        score = np.maximum(0, score + np.where(random.random(runs) < baseline, with_event, without))
        signalled |= score >= limit
    return float(signalled.mean())


def episodes(random: np.random.Generator, count: int) -> tuple[np.ndarray, ...]:
    """Whole days, whether ended, group, and outcome (0 open, 1 resolved, 2 retreated)."""
    duration, observed = np.ceil(random.weibull(0.8, count) * 40), np.ceil(random.uniform(0, 180, count))
    ended = duration <= observed
    outcome = np.where(ended, np.where(random.random(count) < 0.8, 1, 2), 0)
    return np.minimum(duration, observed), ended, random.integers(0, 3, count), outcome


def contacts(random: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
    """The two of four contacts between which each episode ended."""
    duration = random.weibull(0.8, count) * 40
    visits = np.sort(random.uniform(0, 180, (count, 4)), axis=1)
    visits = np.column_stack([np.zeros(count), visits, np.full(count, np.inf)])
    last = (visits < duration[:, np.newaxis]).sum(axis=1) - 1
    row = np.arange(count)
    return visits[row, last], visits[row, last + 1]


def with_lifelines(random: np.random.Generator) -> Iterator[Result]:
    """The contests against lifelines, which runs in its own environment."""
    python = lifelines_python()
    if python is None:
        print("lifelines: not measured, because it could not be installed\n")
        return
    days, ended, group, _ = episodes(random, 1_000_000)
    last, first = contacts(random, 500)
    with tempfile.TemporaryDirectory() as folder:
        given = Path(folder) / "given.npz"
        np.savez(given, days=days, ended=ended, group=group, last=last, first=first, at=DAYS)
        command = [python, str(Path(__file__).with_name("with_lifelines.py")), str(given)]
        answered = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)

    ours: dict[str, tuple[str, Callable[[], ArrayLike], float]] = {
        "kaplan_meier": (
            "Kaplan-Meier, 1,000,000 episodes",
            lambda: [survival.kaplan_meier(days, ended).at(day).estimate for day in DAYS],
            1e-9,
        ),
        "log_rank": ("Log-rank of 3 groups, 1,000,000", lambda: survival.log_rank(days, ended, group).statistic, 1e-6),
        # Compared by likelihood, because lifelines names the intervals differently.
        "turnbull": (
            "Turnbull, 500 intervals, log-likelihood",
            lambda: log_likelihood(survival.turnbull(last, first), last, first),
            1e-3,
        ),
    }
    for name, (question, work, allowed) in ours.items():
        theirs = answered[name]
        yield Result(
            question,
            "lifelines",
            seconds(work),
            theirs["seconds"],
            largest_difference(work(), theirs["answer"]),
            allowed,
        )


def log_likelihood(curve: survival.Turnbull, last: np.ndarray, first: np.ndarray) -> float:
    """Log-likelihood of the contacts under a curve."""
    within = (curve.left >= last[:, np.newaxis]) & (curve.right <= first[:, np.newaxis])
    return float(np.log(within @ curve.mass).sum())


def lifelines_python() -> str | None:
    """The Python with lifelines, installed if necessary; None if that fails."""
    python = LIFELINES / "bin" / "python"
    try:
        if not python.exists():
            venv.create(LIFELINES, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", LIFELINES_VERSION], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return str(python)


if __name__ == "__main__":
    sys.exit(main())
