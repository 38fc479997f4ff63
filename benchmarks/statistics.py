"""Our statistics beside statsmodels, scipy and lifelines: the same results first, then the time.

`python -m benchmarks.statistics [--out FILE]`; exits 1 if any results differ. lifelines holds an older pandas, so it
runs in an environment of its own (.venv-lifelines), made when it is missing; where it cannot be installed, that is said
and the rest is measured.
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
    """The same question put to us and to another; both answer with numbers."""

    question: str
    ours: Callable[[], ArrayLike]
    other: str
    theirs: Callable[[], ArrayLike]
    # How far the answers may lie apart, with the reason where it is not rounding.
    apart: float = 1e-9
    because: str = "rounding"


@dataclass(frozen=True, slots=True)
class Result:
    """How a contest went: seconds, the best of three."""

    question: str
    other: str
    ours: float
    theirs: float
    difference: float
    apart: float

    @property
    def agrees(self) -> bool:
        """Whether the answers were the same."""
        return self.difference <= self.apart


HEAD = """# Statistics, measured

`python -m benchmarks.statistics`. Answers were compared before anything was timed; seconds are the best of three. The
ratio says how many times longer the other takes.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints one line per contest, and our longest; 1 if any answers differ."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.statistics")
    parser.add_argument("--out", type=Path, help="writes the tables to this file as well")
    out = parser.parse_args(arguments).out
    results = [run(contest) for contest in contests(np.random.default_rng(1))]
    results += list(with_lifelines(np.random.default_rng(2)))
    rows = [("question", "beside", "ours", "theirs", "ratio", "largest difference"), *map(line, results)]
    alone = [("the longest", "cases tried", "seconds"), *map(waited, longest(np.random.default_rng(7)))]
    told = f"{HEAD}\n{markdown(rows)}\n\n{markdown(alone)}\n"
    print(told)
    if out:
        out.write_text(told, encoding="utf-8")
    return 0 if all(result.agrees for result in results) else 1


def line(result: Result) -> tuple[str, ...]:
    """One contest."""
    note = "" if result.agrees else f", DIFFERS: {result.apart:.0e} allowed"
    times = (f"{result.ours:.4f} s", f"{result.theirs:.4f} s", f"{result.theirs / result.ours:.1f}")
    return result.question, result.other, *times, f"{result.difference:.1e}{note}"


def waited(found: Longest) -> tuple[str, ...]:
    return found.question, str(found.cases), f"{found.seconds:.2f}"


def run(contest: Contest) -> Result:
    """The answers compared, then both timed."""
    difference = apart(contest.ours(), contest.theirs())
    return Result(
        contest.question, contest.other, seconds(contest.ours), seconds(contest.theirs), difference, contest.apart
    )


def apart(ours: ArrayLike, theirs: ArrayLike) -> float:
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
    """The questions, on made-up episodes and treatments."""
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
        "CUSUM limit at 2 %, 500 treatments",
        lambda: (control_chart.cusum_limit(0.02, horizon=500), 0.05)[1],
        "numpy, 100,000 runs",
        lambda: false_alarms(np.random.default_rng(5), 0.02, limit, 500, 100_000),
        0.005,
        "the limit falls between scores; 7 standard errors of the simulation",
    )


def false_alarms(random: np.random.Generator, baseline: float, limit: float, horizon: int, runs: int) -> float:
    """The share of simulated runs at the baseline that signal within the horizon."""
    doubled = 2 * baseline / (1 + baseline)
    with_event, without = np.log(doubled / baseline), np.log((1 - doubled) / (1 - baseline))
    score, signalled = np.zeros(runs), np.zeros(runs, dtype=bool)
    for _ in range(horizon):
        score = np.maximum(0, score + np.where(random.random(runs) < baseline, with_event, without))
        signalled |= score >= limit
    return float(signalled.mean())


def episodes(random: np.random.Generator, count: int) -> tuple[np.ndarray, ...]:
    """Whole days, whether ended, a group, and how ended (0 open, 1 by itself, 2 retreated)."""
    lasting, watched = np.ceil(random.weibull(0.8, count) * 40), np.ceil(random.uniform(0, 180, count))
    ended = lasting <= watched
    outcome = np.where(ended, np.where(random.random(count) < 0.8, 1, 2), 0)
    return np.minimum(lasting, watched), ended, random.integers(0, 3, count), outcome


def contacts(random: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Between which two of four contacts each episode ended."""
    lasting = random.weibull(0.8, count) * 40
    visits = np.sort(random.uniform(0, 180, (count, 4)), axis=1)
    visits = np.column_stack([np.zeros(count), visits, np.full(count, np.inf)])
    last = (visits < lasting[:, np.newaxis]).sum(axis=1) - 1
    row = np.arange(count)
    return visits[row, last], visits[row, last + 1]


def with_lifelines(random: np.random.Generator) -> Iterator[Result]:
    """The contests against lifelines, which answers and is timed in its own environment."""
    python = lifelines_python()
    if python is None:
        print("lifelines: not measured, because it could not be installed in an environment of its own\n")
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
        # lifelines answers with the likelihood of its curve, because it names the intervals in another way.
        "turnbull": (
            "Turnbull, 500 intervals, log-likelihood",
            lambda: log_likelihood(survival.turnbull(last, first), last, first),
            1e-3,
        ),
    }
    for name, (question, work, allowed) in ours.items():
        theirs = answered[name]
        yield Result(question, "lifelines", seconds(work), theirs["seconds"], apart(work(), theirs["answer"]), allowed)


def log_likelihood(curve: survival.Turnbull, last: np.ndarray, first: np.ndarray) -> float:
    """How likely the contacts are under a curve."""
    within = (curve.left >= last[:, np.newaxis]) & (curve.right <= first[:, np.newaxis])
    return float(np.log(within @ curve.mass).sum())


def lifelines_python() -> str | None:
    """The Python that has lifelines, its environment made if need be; None if that fails."""
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
