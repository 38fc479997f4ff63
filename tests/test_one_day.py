"""A run of the tests is the same on every day, on every machine."""

import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from hypothesis import settings

from tests.one_day import DAY

PROJECT = Path(__file__).parents[1]
SAY = "from datetime import date\nprint(date.today())\n"


def test_every_law_is_tried_on_the_same_examples_in_every_run():
    clinic = settings.get_profile("clinic")
    assert clinic.derandomize
    assert clinic.database is None


def test_only_a_search_for_new_examples_draws_them_at_random():
    assert not settings.get_profile("fuzz").derandomize


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago"])
def test_it_is_the_same_day_here_and_in_what_is_started_in_every_time_zone(zone, tmp_path):
    (tmp_path / "say.py").write_text(SAY, encoding="utf-8")
    said = subprocess.run(
        [sys.executable, "-m", "tests.one_day", "say"],
        cwd=PROJECT,
        env=os.environ | {"TZ": zone, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert (said.stdout.strip(), str(date.today())) == (DAY, DAY)
