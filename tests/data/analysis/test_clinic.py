"""The API for analysts: the example in docs/analysis.md runs, and its numbers are those of the report and the pages."""

import json
import re
import subprocess
import sys
from datetime import date
from pathlib import Path

import pandas
import pytest

from dashboard.__main__ import main
from data.analysis import baselines, open_clinic
from data.analysis.baselines import StatedBaseline
from data.analysis.clinic import Clinic
from data.analysis.columnar_copy import ColumnarCopy
from data.analysis.scope import NOBODY, WHOLE_CLINIC
from data.analysis.selection import Selection
from data.database.engine import open_database
from data.sample.generator import make_sample
from data.summaries.measure_states import measure_states
from data.summaries.trends import measure_months
from models.measure import measures

ROOT = Path(__file__).parents[3]
GUIDE = ROOT / "docs" / "analysis.md"
LAST_DAY = date(2026, 10, 31)
REPORT_KEYS = {"treated": "total", "rate": "estimate"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A folder with a sample clinic, as the guide makes one."""
    folder = tmp_path_factory.mktemp("analysis")
    engine = open_database(f"sqlite:///{folder / 'sample.db'}")
    make_sample(engine, 1000, seed=1, today=LAST_DAY)
    engine.dispose()
    return folder


@pytest.fixture(scope="module")
def sample_clinic(folder) -> Clinic:
    return open_clinic(f"sqlite:///{folder / 'sample.db'}")


def test_the_example_of_the_guide_runs(folder, monkeypatch):
    blocks = re.findall(r"^```python\n(.*?)^```$", GUIDE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    monkeypatch.chdir(folder)
    results = {}
    for block in blocks:
        exec(block, results)
    assert len(results["overall"]) == 1
    for name in ("rates", "frequent", "durations", "table", "trends", "lots", "doses", "cases"):
        assert isinstance(results[name], pandas.DataFrame), name
        assert len(results[name]), name
    written = pandas.read_csv(folder / "rates_by_area.csv")
    assert written.columns.tolist() == results["rates"].columns.tolist()
    assert written.rate.tolist() == pytest.approx(results["rates"].rate.tolist(), nan_ok=True)


def test_rates_by_area_are_those_of_the_report(folder, sample_clinic, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{folder / 'sample.db'}")
    out = folder / "report.json"
    arguments = ["--unit", "area", "--by", "area", "--as-of", str(LAST_DAY), "--out", str(out)]
    assert main(["report", *arguments]) == 0
    reported = [row for row in json.loads(out.read_text(encoding="utf-8"))["rates"] if row["by"]]
    ours = (
        sample_clinic.rates(by=["area"], unit="area", as_of=LAST_DAY).drop(columns="total").rename(columns=REPORT_KEYS)
    )
    assert len(ours) > 5
    assert ours.area.tolist() == [row["by"]["area"] for row in reported]
    values = ours.drop(columns="area").astype(object)
    assert values.where(values.notna(), None).to_dict("records") == [
        {name: row[name] for name in values.columns} for row in reported
    ]


def test_trends_have_one_row_per_measure_and_month(sample_clinic):
    trends = sample_clinic.trends(as_of=LAST_DAY)
    assert set(trends.measure) == set(measures())
    assert not trends.duplicated(["measure", "month"]).any()
    bruising = trends[trends.measure == "bruising"].set_index("month")
    assert bruising.is_in_follow_up[bruising.is_in_follow_up].index.tolist() == [202610]
    side_effects = measures()["bruising"].numerator
    by_month = sample_clinic.rates(by="month", side_effects=side_effects, as_of=LAST_DAY).set_index("month")
    assert bruising.events.equals(by_month.events)
    assert trends[trends.measure == "dysphagia"].baseline.isna().all()  # too few for a baseline


@pytest.mark.parametrize("code", ["any_side_effect", "bruising"])
def test_trends_flag_the_months_that_the_page_flags(folder, sample_clinic, code):
    ours = sample_clinic.trends(code, as_of=LAST_DAY)
    engine = open_database(f"sqlite:///{folder / 'sample.db'}")
    every, source = Selection(as_of=LAST_DAY), ColumnarCopy(engine).current()[1]
    baseline = measure_states(source, WHOLE_CLINIC, every)[code].baseline
    months = measure_months(source, WHOLE_CLINIC, every, measures()[code], baseline)
    engine.dispose()
    assert ours.flag.tolist() == months.flag.tolist()
    assert ours.rate.equals(months.rate)
    assert set(ours.baseline) == {baseline.rate}


def test_trends_are_compared_with_the_baseline_that_the_clinic_stated(tmp_path):
    url = f"sqlite:///{tmp_path / 'records.db'}"
    engine = open_database(url)
    make_sample(engine, 300, seed=1, today=LAST_DAY)
    baselines.set_baseline(engine, StatedBaseline("bruising", None, None, 0.125, LAST_DAY))
    engine.dispose()
    assert set(open_clinic(url).trends("bruising", as_of=LAST_DAY).baseline) == {0.125}


def test_a_single_code_and_a_day_as_text_mean_the_same_as_a_list_and_a_date(sample_clinic):
    ours = sample_clinic.rates(by="side_effect", areas="glabella", to_date="2026-06-30", as_of="2026-10-31")
    same = sample_clinic.rates(by=["side_effect"], areas=["glabella"], to_date=date(2026, 6, 30), as_of=LAST_DAY)
    assert len(ours)
    pandas.testing.assert_frame_equal(ours, same)


def test_a_filter_or_dimension_that_does_not_exist_is_refused(sample_clinic):
    with pytest.raises(TypeError, match="region"):
        sample_clinic.rates(region="glabella")
    with pytest.raises(ValueError, match="region"):
        sample_clinic.rates(by="region")


def test_an_analyst_sees_only_their_scope(folder):
    hidden = open_clinic(f"sqlite:///{folder / 'sample.db'}", NOBODY)
    assert hidden.cases(as_of=LAST_DAY).empty
    assert hidden.lots(as_of=LAST_DAY).empty
    assert not hidden.rates(by="area", as_of=LAST_DAY).total.sum()
    assert not hidden.trends(as_of=LAST_DAY).total.sum()


def test_the_clinics_own_database_is_opened_without_a_url(folder, monkeypatch, sample_clinic):
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{folder / 'sample.db'}")
    pandas.testing.assert_frame_equal(open_clinic().rates(as_of=LAST_DAY), sample_clinic.rates(as_of=LAST_DAY))


def test_importing_one_module_of_the_package_does_not_import_the_others():
    others = {"duckdb", "pandas", "data.analysis.clinic"}
    code = f"import data.analysis.selection, sys; print(sys.modules.keys() & {others})"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True)
    assert done.stdout == "set()\n"
