"""A newcomer adds an area, a side effect, a product or a migration: the app starts and the tests still pass."""

import csv
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest

from models import codelist
from models.measures.asymmetric_smile import LOWER_FACE

ROOT = Path(__file__).parents[1]
COPIED = ("app.py", "dashboard", "data", "docs", "models", "pyproject.toml", "tests")

# The tests that read the shipped lists, a few that count records, and every page for one viewer.
CHOSEN_TESTS = (
    "tests/models/test_codelist.py",
    "tests/models/test_measure.py",
    "tests/data/database/test_migrations.py",
    "tests/data/reference",
    "tests/data/sample/test_generator.py::test_a_small_clinic_on_any_day_has_its_treatments_and_its_red_flag",
    "tests/data/sample/test_generator.py::test_the_seed_alone_decides_the_records",
    "tests/data/analysis/test_cases.py",
    "tests/data/analysis/test_treatments.py",
    "tests/dashboard/pages/test_all_pages.py::test_every_page_opens_on_the_sample_for_every_viewer",
    "tests/dashboard/text/test_labels.py",
)
# One viewer is enough, and the added codes differ by one letter, which is what one test leaves out.
NOT_CHOSEN = "not Site and not Practitioner and not one_letter_lost"

TEXTS = {"plain": "new", "definition": "Added by a newcomer", "source": "A clinic's log"}
AREAS_PER_REGION = 5  # more than 62 areas in all: as many as a set of bits in a whole number could hold


@pytest.fixture
def copied_app(tmp_path: Path) -> Path:
    """A copy of the app and its tests that a test may change."""
    leave_out = shutil.ignore_patterns("__pycache__", "private", "browser", "screens", "fixtures")
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, tmp_path / name, ignore=leave_out)
        else:
            shutil.copy(source, tmp_path / name)
    return tmp_path


def add_line(file: Path, **cells: str) -> None:
    with file.open("r+", newline="", encoding="utf-8") as opened:
        header, *_ = csv.reader(opened)
        assert cells.keys() <= set(header), (file.name, cells.keys() - set(header))
        csv.writer(opened).writerow([cells.get(column, "") for column in header])


def add_to_codelists(folder: Path) -> None:
    """Add one line of every kind: an area for every region, and a side effect for every family and kind of red flag."""

    def add(name: str, code: str, **cells: str) -> None:
        add_line(folder / f"{name}.csv", code=code, label=code.capitalize(), **TEXTS | cells)

    regions = get_args(codelist.Region)
    for number, region in enumerate(regions * AREAS_PER_REGION):
        where = {"map": "body" if region == "body" else "face", "x": str(60 + number), "y": str(2 + number)}
        add("areas", f"place_{number}", region=region, sided="yes" if number % 2 else "no", **where)
    add("families", "skin", reach="procedure", asked_from="1")
    for family in (*codelist.families(), "skin"):
        kind, _, weakness = family.rpartition("_")
        add("side_effects", f"odd_{family}", family=family, weakness=kind if weakness == "weakness" else "")
    for red_flag in get_args(codelist.RedFlag):
        add("side_effects", f"{red_flag}_case", family="general", red_flag=red_flag, areas="place_0;forehead")
    add("products", "nova", generic="novatoxin", unit="Nova units", active="yes")
    add("products", "sham", generic="none", unit="Sham units", active="no")
    add("remedies", "patience", evidence="None", direction="none", strength="none", clinic_offers="yes")
    add("methods", "letter")
    add("serious_reasons", "blindness")
    add("causalities", "disputed")
    add("grade_scales", "four_steps", lowest="1", highest="4")
    add("score_scales", "nine_steps", lowest="0", highest="9", worse="high", returned_from="5")


def run(folder: Path, *command: str) -> None:
    """Run a program of the copied app to its end; laws with fewer examples than in this run, which tries them all."""
    environment = os.environ | {"HYPOTHESIS_PROFILE": "quick"}
    done = subprocess.run([sys.executable, *command], cwd=folder, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-3000:]


@pytest.mark.timeout(1200)  # runs a part of the tests in a program of its own, longer on a busy machine
def test_one_more_of_everything_lets_the_app_start_and_its_tests_pass(copied_app):
    add_to_codelists(copied_app / "models" / "codelists")
    # A red flag needs advice, which must come with its source.
    for red_flag in get_args(codelist.RedFlag):
        add_line(
            copied_app / "data" / "reference" / "red_flags.csv",
            side_effect=f"{red_flag}_case", when="on its own", window="now", action="Call a physician",
            source="A clinic's log", url="https://example.org", evidence="none",
        )  # fmt: skip
    records = copied_app / "models" / "records.py"
    column = "    points: Mapped[int | None]\n"
    assert column in records.read_text(encoding="utf-8")
    records.write_text(
        records.read_text(encoding="utf-8").replace(column, f"{column}    needle: Mapped[str | None]\n"),
        encoding="utf-8",
    )
    run(copied_app, "-m", "data.database.migrations", "Needles")
    chosen = (*CHOSEN_TESTS, "-k", NOT_CHOSEN, "-m", "not postgresql and not browser")
    run(copied_app, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-p", "no:randomly", *chosen)


def test_the_smile_is_asked_about_after_every_lower_face_area_that_can_make_it_uneven():
    effect = codelist.side_effects()["facial_asymmetry"]
    assert LOWER_FACE
    for code, area in codelist.areas().items():
        assert (code in LOWER_FACE) == (area.region == "lower_face" and effect.can_follow(code))
