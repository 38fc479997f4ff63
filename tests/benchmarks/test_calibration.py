"""The chances that pages print are simulated: the page is current in its claims, and seeds make it repeatable."""

import pytest

from benchmarks import calibration, calibration_charts, calibration_comparisons, calibration_rates
from benchmarks.calibration import Outcome
from benchmarks.claim import Claim

AT_MOST = Claim(subject="CUSUM", what="False signal", printed=0.05)
ABOUT = Claim(subject="CUSUM", what="Doubled odds noticed", printed=0.79, kind="about")
AT_LEAST = Claim(subject="CUSUM", what="Doubled odds noticed", printed=0.79, kind="at least")
COMPARISON = Claim(subject="Lots", what="Rate taken as known")


def results(simulation, share=0.001):
    return [(claim.what, int(happened), runs) for claim, happened, runs in simulation(share)]


@pytest.mark.slow
def test_the_page_in_the_repository_has_every_claim_and_each_holds():
    page = calibration.PAGE.read_text(encoding="utf-8")
    outcomes = list(calibration.simulate(share=0.0001))
    cells = [[cell.strip() for cell in row.split("|")[1:-1]] for row in page.splitlines() if row.startswith("| ")]
    on_page = [(what, printed) for what, printed, *_ in cells if what.strip("-") not in ("", "What")]
    without_numbers = lambda what: what.split("; on average")[0]
    assert [without_numbers(what) for what, _ in on_page] == [without_numbers(one.claim.what) for one in outcomes]
    assert "**no**" not in page


@pytest.mark.parametrize(
    "simulation",
    [
        calibration_charts.stated_target,
        calibration_charts.month_flags,
        calibration_comparisons.alike_lots,
        calibration_comparisons.doubled_practitioner,
        calibration_rates.denominators,
    ],
)
def test_a_simulation_gives_the_same_numbers_every_time(simulation):
    assert results(simulation) == results(simulation)


def test_a_target_that_is_the_true_rate_signals_falsely_one_time_in_twenty():
    for _, happened, runs in results(calibration_charts.stated_target, share=0.05):
        assert happened / runs == pytest.approx(0.05, abs=0.025)


def test_a_claim_holds_unless_the_whole_interval_contradicts_it():
    assert [Outcome(AT_MOST, happened, 1000).holds for happened in (10, 50, 60, 90)] == [True, True, True, False]
    assert [Outcome(ABOUT, happened, 1000).holds for happened in (700, 790, 900)] == [False, True, False]
    assert [Outcome(AT_LEAST, happened, 1000).holds for happened in (700, 790, 900)] == [False, True, True]
    assert Outcome(COMPARISON, 900, 1000).holds is None


def test_the_page_has_a_table_per_subject_and_marks_what_does_not_hold():
    page = calibration.page([Outcome(AT_MOST, 90, 1000), Outcome(COMPARISON, 3, 4000)])
    first, second = page.split("## ")[1:]
    assert first.startswith("CUSUM") and second.startswith("Lots")
    assert [cell.strip() for cell in first.splitlines()[4].split("|")[1:-1]] == [
        "False signal", "at most 5.0%", "9.0% (7.4%-10.9%)", "1,000", "**no**"
    ]  # fmt: skip
    assert "0.07% (0.03%-0.22%)" in second and "comparison" in second


def test_the_command_writes_the_page_and_fails_if_a_claim_does_not_hold(tmp_path, monkeypatch, capsys):
    outcomes = iter([[(AT_MOST, 50, 1000)], [(AT_MOST, 90, 1000)]])
    for code in (0, 1):
        rows = next(outcomes)
        monkeypatch.setattr(calibration, "SIMULATIONS", (lambda share, rows=rows: iter(rows),))
        monkeypatch.setattr(calibration.SIMULATIONS[0], "__name__", "rows")
        assert calibration.main(["--out", str(tmp_path / "calibration.md")]) == code
    assert "**no**" in (tmp_path / "calibration.md").read_text(encoding="utf-8")
    assert "False signal" in capsys.readouterr().out
