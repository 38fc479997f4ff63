"""`python -m dashboard report` on real records: the numbers a reader can look up elsewhere."""

import csv
import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from dashboard.__main__ import main
from dashboard.report import build_report
from data.analysis import columnar_copy
from data.analysis.query_builder import records_source
from data.analysis.scope import WHOLE_CLINIC
from data.analysis.selection import Selection
from data.database.engine import open_database
from data.importing.pipeline import import_files
from data.sample.generator import make_sample

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "data" / "examples"
ARMS = {"pbo": "Placebo", "low": "Xanomeline Low Dose", "high": "Xanomeline High Dose"}


def reported(patch, folder: Path, files, *arguments: str) -> dict:
    """The report on these files, imported into a database of their own."""
    url = f"sqlite:///{folder / 'records.db'}"
    patch.setenv("DATABASE_URL", url)
    patch.setenv("SEQUELA_KEY_FILE", str(folder / "records.key"))
    engine = open_database(url)
    import_files(engine, files, today=date(2026, 1, 1))
    engine.dispose()
    out = folder / "report.json"
    assert main(["report", "--format", "json", "--out", str(out), *arguments]) == 0
    return json.loads(out.read_text())


@pytest.fixture(scope="module")
def pilot(tmp_path_factory):
    """By planned arm, as the study's own tables count: without ACTARM, which differs for 12 subjects."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("pilot")
        files = [EXAMPLES / "cdisc_pilot" / f"{domain}.csv" for domain in ("ex", "ae", "ds")]
        with (EXAMPLES / "cdisc_pilot" / "dm.csv").open() as given, (folder / "dm.csv").open("w") as planned:
            rows = csv.DictReader(given)
            writer = csv.DictWriter(planned, [n for n in rows.fieldnames if n != "ACTARM"], extrasaction="ignore")
            writer.writeheader()
            writer.writerows(rows)
        files.append(folder / "dm.csv")
        yield reported(patch, folder, files, "--unit", "client", "--by", "product,side_effect")


def rates(report: dict, **by) -> list[dict]:
    return [row for row in report["rates"] if row["by"] == by]


def test_the_published_table_of_the_pilot_comes_out_cell_by_cell(pilot):
    with (EXAMPLES / "cdisc_pilot" / "table_14_5_01_part.csv").open() as file:
        published = list(csv.DictReader(file))
    compared = 0
    for row in published:
        for arm, product in ARMS.items():
            narrower = {"side_effect": row["pt"]} if row["pt"] else {"family": row["soc"]}
            by = {"product": product} | ({} if row["soc"] == "ANY BODY SYSTEM" else narrower)
            (ours,) = rates(pilot, **by)
            # Hypertension that was there before the first dose worsened after it: with us an event, two rows of AE. The
            # client has other events.
            worsened = 2 if arm == "high" and row["soc"] == "ANY BODY SYSTEM" else 0
            assert (ours["events"], ours["reports"] - worsened) == (int(row[f"{arm}_n"]), int(row[f"{arm}_events"])), by
            assert round(100 * ours["estimate"], 1) == float(row[f"{arm}_pct"])
            compared += 1
    assert compared == 90


def test_every_arm_of_the_pilot_has_its_safety_population_with_known_outcome(pilot):
    populations = {product: rates(pilot, product=product)[0] for product in ARMS.values()}
    assert [(row["known"], row["total"]) for row in populations.values()] == [(86, 86), (84, 84), (84, 84)]


def test_open_effects_of_the_pilot_stay_in_its_median(pilot):
    (overall,) = [row for row in pilot["durations"] if row["by"] == {}]
    assert (overall["episodes"], overall["ended"], overall["open"]) == (838, 452, 386)
    assert (overall["median"], overall["low"], overall["high"]) == (36, 27, 53)
    assert overall["closed_only_median"] == 5


def test_effects_before_the_first_treatment_are_kept_and_counted_aside(pilot):
    assert pilot["aside"] == [{"why": "before the first treatment", "episodes": 44, "clients": 35}]


def test_a_reaction_that_was_not_asked_about_is_not_in_the_denominator(tmp_path, monkeypatch):
    files = sorted((EXAMPLES / "vaccine_reactions").glob("*.csv"))
    report = reported(monkeypatch, tmp_path, files, "--by", "side_effect")
    (pain,) = rates(report, side_effect="Injection site pain")
    assert (pain["events"], pain["known"], pain["total"]) == (2, 3, 4)
    assert round(100 * pain["estimate"], 1) == 66.7


def test_a_side_effect_that_a_checklist_left_out_is_volunteered_and_known(tmp_path, monkeypatch):
    """Three calls, two of which left out headache; the client of one of those told of a headache later."""
    visits = [f"V{n},2025-03-03,main,{n},glabella,botox" for n in (1, 2, 3)]
    left_out = {1: "headache", 2: "headache", 3: ""}
    calls = [f"V{n},2025-03-20,done,checklist,{effect}" for n, effect in left_out.items()]
    sheets = {
        "treatments": ["treatment_id,date,site,client,area,product", *visits],
        "follow_ups": ["treatment_id,date,outcome,asked,not_asked", *calls],
        "side_effects": ["effect_id,treatment_id,side_effect,onset", "S1,V1,headache,2025-03-22"],
    }
    for name, lines in sheets.items():
        (tmp_path / f"{name}.csv").write_text("\n".join(lines))
    report = reported(monkeypatch, tmp_path, sorted(tmp_path.glob("*.csv")), "--by", "side_effect")
    (headache,) = rates(report, side_effect="headache")
    assert (headache["events"], headache["followed_up"], headache["volunteered"]) == (0, 1, 1)
    assert (headache["known"], headache["total"]) == (2, 3)


def test_mean_scores_per_week_are_those_of_the_trial(tmp_path, monkeypatch):
    url = f"sqlite:///{tmp_path / 'records.db'}"
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.setenv("SEQUELA_KEY_FILE", str(tmp_path / "records.key"))
    command = [sys.executable, "-m", "data", "import", str(EXAMPLES / "cdystonia" / "cdystonia.csv")]
    subprocess.run([*command, "--mapping", "cdystonia"], cwd=ROOT, check=True, capture_output=True)
    out = tmp_path / "report.json"
    main(["report", "--out", str(out)])
    scores = json.loads(out.read_text())["scores"]
    means = {(row["product"], row["units"], row["day"] // 7): round(row["mean"], 2) for row in scores}
    weeks = (0, 2, 4, 8, 12, 16)
    assert [means["myobloc", 10000, week] for week in weeks] == [46.92, 36.00, 34.81, 38.50, 44.09, 48.89]
    assert [means["placebo", 0, week] for week in weeks] == [43.58, 39.97, 39.34, 41.40, 41.74, 42.91]


def test_an_empty_database_gives_an_empty_report_and_no_error(tmp_path, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'empty.db'}")
    out = tmp_path / "report.json"
    assert main(["report", "--out", str(out)]) == 0
    report = json.loads(out.read_text())
    assert report["durations"] == report["scores"] == report["aside"] == []
    assert all(row["total"] == 0 and row["estimate"] is None for row in report["rates"])


def test_a_foreign_database_is_one_plain_message(tmp_path, monkeypatch, capsys):
    file = tmp_path / "letter.txt"
    file.write_text("Dear clinic, this is no database.")
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{file}")
    assert main(["report"]) == 1
    said = capsys.readouterr().err
    assert str(file) in said
    assert "Traceback" not in said
    assert file.read_text() == "Dear clinic, this is no database."


def test_an_unknown_dimension_is_named_with_those_there_are(capsys):
    with pytest.raises(SystemExit):
        main(["report", "--by", "moon"])
    assert "'moon' is not one of" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--from", "2026-13-01"], "'2026-13-01' is not a day such as 2026-03-31"),
        (["--as-of", "2026-13-01"], "'2026-13-01' is not a day such as 2026-03-31"),
        (["--from", "2026-03-31", "--to", "2026-03-01"], "--from 2026-03-31 is after --to 2026-03-01"),
    ],
)
def test_a_period_that_is_none_is_refused(arguments, said, capsys):
    with pytest.raises(SystemExit):
        main(["report", *arguments])
    assert said in capsys.readouterr().err


def test_a_report_that_cannot_be_written_is_one_plain_message(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'empty.db'}")
    assert main(["report", "--out", str(tmp_path / "nowhere" / "report.json")]) == 1
    assert "cannot be written there (No such file or directory)" in capsys.readouterr().err


def test_a_dimension_named_twice_is_meant_once(tmp_path, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'empty.db'}")
    assert main(["report", "--by", "side_effect,side_effect", "--out", str(tmp_path / "report.json")]) == 0


@pytest.fixture(scope="module")
def sample_url(tmp_path_factory) -> str:
    """A clinic with enough clients for DuckDB to count them in several threads."""
    url = f"sqlite:///{tmp_path_factory.mktemp('sample') / 'records.db'}"
    engine = open_database(url)
    make_sample(engine, 6_000, seed=5, today=date(2026, 10, 31))
    engine.dispose()
    return url


def test_the_report_as_of_a_day_is_the_same_bytes_whatever_day_it_is_made(sample_url, tmp_path, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", sample_url)
    out, made = tmp_path / "report.json", []
    for day in ("2026-10-31", "2026-11-30", "2031-02-28"):
        monkeypatch.setenv("SEQUELA_TODAY", day)
        assert main(["report", "--by", "product,side_effect,area", "--as-of", "2026-10-31", "--out", str(out)]) == 0
        made.append(out.read_bytes())
    assert made[0] == made[1] == made[2]
    assert json.loads(made[0])["as_of"] == "2026-10-31"


def test_the_as_of_date_says_which_treatments_are_still_in_follow_up(sample_url, tmp_path, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", sample_url)
    monkeypatch.setenv("SEQUELA_TODAY", "2026-10-31")
    out, maturing = tmp_path / "report.json", []
    for as_of in ([], ["--as-of", "2026-11-20"], ["--as-of", "2026-11-21"]):
        assert main(["report", *as_of, "--out", str(out)]) == 0
        maturing.append(rates(json.loads(out.read_text()))[0]["maturing"])
    assert maturing[0] > maturing[1] > maturing[2] == 0


def test_a_day_of_the_settings_that_is_none_is_one_plain_message(monkeypatch, capsys):
    monkeypatch.setenv("SEQUELA_TODAY", "2026-13-01")
    assert main(["report"]) == 1
    assert capsys.readouterr().err == "SEQUELA_TODAY: '2026-13-01' is not a day such as 2026-03-31\n"


@pytest.fixture(scope="module")
def small_clinic(tmp_path_factory):
    url = f"sqlite:///{tmp_path_factory.mktemp('small') / 'records.db'}"
    engine = open_database(url)
    make_sample(engine, 400, seed=7, today=date(2026, 11, 25))
    yield url, engine
    engine.dispose()


def test_a_report_has_the_same_bytes_in_every_run(small_clinic, tmp_path):
    url, _ = small_clinic
    runs = []
    for hash_seed in ("1", "2"):
        out = tmp_path / f"{hash_seed}.json"
        command = [sys.executable, "-m", "dashboard", "report", "--as-of", "2026-11-25", "--out", str(out)]
        environment = os.environ | {"DATABASE_URL": url, "PYTHONHASHSEED": hash_seed}
        subprocess.run([*command, "--by", "product,side_effect,area"], cwd=ROOT, env=environment, check=True)
        runs.append(out.read_bytes())
    assert runs[0] == runs[1]


@pytest.mark.parametrize("unit", ["treatment", "area", "client"])
def test_a_report_is_the_same_to_the_last_digit_on_both_engines_and_any_number_of_threads(
    small_clinic, unit, monkeypatch
):
    _, engine = small_clinic
    selection, by = Selection(unit=unit, as_of=date(2026, 11, 25)), ("product", "side_effect", "area")
    reports = [build_report(records_source(engine), WHOLE_CLINIC, selection, by)]
    for threads in (1, 4):
        options = {"threads": threads, "preserve_insertion_order": threads == 1}
        monkeypatch.setattr(columnar_copy, "NOTHING_ON_DISK", columnar_copy.NOTHING_ON_DISK | options)
        reports.append(build_report(columnar_copy.build_copy(engine)[1], WHOLE_CLINIC, selection, by))
    printed = {json.dumps(report, default=str) for report in reports}
    assert len(printed) == 1
