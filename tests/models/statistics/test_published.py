"""Every published number kept in docs/published comes out within its tolerance."""

import csv
from pathlib import Path

import pytest

from models.statistics import control_chart, detection, funnel, proportion

TABLE = Path(__file__).parents[3] / "docs" / "published" / "proportion_and_charts.csv"
ROWS = list(csv.DictReader(TABLE.read_text(encoding="utf-8").splitlines()))
MODULES = {"proportion": proportion, "detection": detection, "control_chart": control_chart, "funnel": funnel}


@pytest.mark.parametrize("row", ROWS, ids=[f"{row['source'][:30]}: {row['what']}" for row in ROWS])
def test_a_published_number_comes_out(row):
    ours = float(eval(row["call"], {"__builtins__": {}}, MODULES))
    assert abs(ours - float(row["published"])) <= float(row["tolerance"])


def test_there_are_many_numbers_from_many_sources():
    assert len(ROWS) >= 40
    assert len({row["source"] for row in ROWS}) >= 8
