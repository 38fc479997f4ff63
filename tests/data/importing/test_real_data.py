"""The three real data sets through their readers, with numbers counted from the files or published."""

import csv
from collections import Counter, defaultdict
from datetime import date
from pathlib import Path
from statistics import mean

import pytest
from sqlalchemy import select

from data.analysis import columnar_copy, counts, estimates
from data.analysis.query_builder import records_source
from data.analysis.scope import WHOLE_CLINIC
from data.analysis.selection import Selection
from data.database.engine import open_database
from models import records
from tests.data.factories import EXAMPLES, TODAY, everything, imported, refusal

PILOT = [EXAMPLES / "cdisc_pilot" / f"{domain}.csv" for domain in ("dm", "ex", "ae", "ds")]
VACCINE = EXAMPLES / "vaccine_reactions"
CDYSTONIA = EXAMPLES / "cdystonia" / "cdystonia.csv"
CLIENTS = Selection(unit="client", as_of=TODAY)


@pytest.fixture(scope="module")
def pilot(tmp_path_factory):
    """The pilot, imported once."""
    folder = tmp_path_factory.mktemp("pilot")
    engine = open_database(f"sqlite:///{folder / 'pilot.db'}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SEQUELA_KEY_FILE", str(folder / "pilot.key"))
        summary = imported(engine, PILOT)
    yield engine, summary
    engine.dispose()


def counted(engine, selection, *by):
    return list(counts.counts(records_source(engine), WHOLE_CLINIC, selection, by).itertuples())


# The CDISC pilot


def test_the_pilot_has_254_treated_clients_and_the_52_screen_failures_are_left_out(pilot):
    engine, summary = pilot
    assert (summary.source, summary.format) == ("CDISCPILOT01", "sdtm")
    assert summary.records["clients"].new == summary.records["treatments"].new == 254
    assert "52 subjects have no exposure (EX) and were left out" in summary.notices
    assert summary.rows_read == 306 + 591 + 1191 + 596


def test_the_pilot_is_counted_by_actual_arm_and_every_outcome_is_known(pilot):
    """12 subjects of the high dose stopped before it was raised, and were actually given the low one."""
    engine, summary = pilot
    groups = {row.product: (row.total, row.followed_up) for row in counted(engine, CLIENTS, "product")}
    assert groups == {"Placebo": (86, 86), "Xanomeline Low Dose": (96, 96), "Xanomeline High Dose": (72, 72)}
    (notice,) = [notice for notice in summary.notices if "ACTARM" in notice]
    assert "and is the one counted: 12 (rows " in notice


def test_the_pilots_published_table_by_planned_arm_comes_out_of_its_files_without_the_actual_arm(
    sqlite_engine, tmp_path
):
    with PILOT[0].open() as file:
        rows = list(csv.DictReader(file))
    with (tmp_path / "dm.csv").open("w") as file:
        planned = csv.DictWriter(file, [name for name in rows[0] if name != "ACTARM"], extrasaction="ignore")
        planned.writeheader()
        planned.writerows(rows)
    imported(sqlite_engine, [tmp_path / "dm.csv", *PILOT[1:]])
    source = records_source(sqlite_engine)
    e = source.episodes
    # The published table counts what began after the first dose, not what was there before and became worse.
    (worse,) = source.fetch_rows(select(e.c.side_effect, e.c.reports).where(e.c.attribution == "worsened"))
    counts = counted(sqlite_engine, CLIENTS, "product", "side_effect")
    found = {(row.product, row.side_effect): (row.events, row.reports) for row in counts}
    arms = {"pbo": "Placebo", "low": "Xanomeline Low Dose", "high": "Xanomeline High Dose"}
    with (EXAMPLES / "cdisc_pilot" / "table_14_5_01_part.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if row["pt"]]
    assert len(rows) == 27
    for row in rows:
        for arm, product in arms.items():
            published = int(row[f"{arm}_n"]), int(row[f"{arm}_events"])
            assert found.get((product, row["pt"]), (0, 0)) == published, (row["pt"], product)
    total = {row.product: (row.events, row.reports) for row in counted(sqlite_engine, CLIENTS, "product")}
    assert worse.reports == 2
    assert total == {"Placebo": (65, 281), "Xanomeline Low Dose": (77, 412), "Xanomeline High Dose": (76, 433 + 2)}


def test_half_of_the_pilots_838_episodes_had_ended_by_day_36(pilot):
    """386 are open, and were present at the end of participation. The interval is Kaplan-Meier's, log-log."""
    for source in (records_source(pilot[0]), columnar_copy.build_copy(pilot[0])[1]):
        (row,) = estimates.durations(source, WHOLE_CLINIC, Selection(as_of=TODAY)).itertuples(index=False)
        assert (row.episodes, row.ended, row.open) == (838, 452, 386)
        assert (row.median, row.low, row.high, row.closed_only_median) == (36, 27, 53, 5)


def test_the_pilots_1191_rows_are_notes_on_883_episodes_44_of_them_before_the_treatment(pilot):
    """One more was noted as mild before the treatment and as moderate after it."""
    engine, summary = pilot
    assert summary.records["side_effects"].new == 883
    stored = everything(engine)["CDISCPILOT01"]
    assert sum(len(effect.statuses) for effect in stored.side_effects.values()) == 1191
    source = records_source(engine)
    e = source.episodes
    found = Counter(tuple(row) for row in source.fetch_rows(select(e.c.attribution, e.c.aside)))
    assert found == {("latest", None): 838, ("worsened", None): 1, (None, "before the first treatment"): 44}


def test_every_closed_row_of_the_pilot_lasts_from_its_onset_to_its_end_inclusive(pilot):
    with PILOT[2].open() as file:
        rows = [row for row in csv.DictReader(file) if row["AEENDTC"] != "NA" and len(row["AESTDTC"]) == 10]
    expected = Counter((date.fromisoformat(r["AEENDTC"]) - date.fromisoformat(r["AESTDTC"])).days + 1 for r in rows)
    told = Counter()
    for effect in everything(pilot[0])["CDISCPILOT01"].side_effects.values():
        if effect.onset_first == effect.onset_last:
            told += Counter((s.last_day - effect.onset_first).days + 1 for s in effect.statuses if s.last_day)
    assert told == expected


def test_a_partial_onset_of_the_pilot_is_the_span_of_its_month_or_year(pilot):
    spans = Counter()
    for effect in everything(pilot[0])["CDISCPILOT01"].side_effects.values():
        spans[(effect.onset_last - effect.onset_first).days + 1 > 31, effect.onset_first != effect.onset_last] += 1
    with PILOT[2].open() as file:
        partial = {(r["USUBJID"], r["AESPID"]): len(r["AESTDTC"]) for r in csv.DictReader(file)}
    lengths = Counter(partial.values())
    assert spans == {(False, False): lengths[10], (False, True): lengths[7], (True, True): lengths[4]}


def test_a_reason_makes_an_effect_of_the_pilot_serious_and_nothing_else_does(pilot):
    with PILOT[2].open() as file:
        flags = ("AESDTH", "AESLIFE", "AESHOSP", "AESDISAB", "AESCONG", "AESCAN", "AESOD")
        serious = {(r["USUBJID"], r["AESPID"]) for r in csv.DictReader(file) if "Y" in {r[flag] for flag in flags}}
    effects = everything(pilot[0])["CDISCPILOT01"].side_effects.values()
    assert sum(bool(effect.serious) for effect in effects) == len(serious)
    reasons = {reason for effect in effects for reason in effect.serious}
    assert reasons == {"death", "life_threatening", "hospitalisation", "disability", "important_event"}


def test_the_pilots_exposure_is_continuous_so_an_effect_belongs_without_limit(pilot):
    with pilot[0].connect() as connection:
        assert connection.scalar(select(records.ImportBatch.attribution_days)) is None


def test_the_pilots_words_are_kept_as_given_and_marked_with_the_studys_name(pilot):
    stored = everything(pilot[0])["CDISCPILOT01"]
    term = stored.terms["APPLICATION SITE ERYTHEMA"]
    assert (term.dictionary, term.family) == (
        "CDISCPILOT01", "GENERAL DISORDERS AND ADMINISTRATION SITE CONDITIONS",
    )  # fmt: skip
    assert {product.code: product.active for product in stored.products.values()} == {
        "Placebo": False, "Xanomeline Low Dose": True, "Xanomeline High Dose": True,
    }  # fmt: skip


def test_the_same_study_again_changes_nothing(pilot, monkeypatch):
    engine, summary = pilot
    monkeypatch.setenv("SEQUELA_KEY_FILE", str(Path(engine.url.database).with_suffix(".key")))
    before = everything(engine)
    again = imported(engine, list(reversed(PILOT)))
    assert (again.batch, again.rows_stored, again.rows_changed) == (None, 0, 0)
    assert again.rows_unchanged == again.rows_read == summary.rows_read
    assert everything(engine) == before


def test_no_subject_of_the_pilot_is_stored_under_its_own_number(pilot):
    content = Path(pilot[0].url.database).read_bytes()
    with PILOT[0].open() as file:
        subjects = [row["USUBJID"].encode() for row in csv.DictReader(file)]
    assert len(subjects) == 306
    assert not [subject for subject in subjects if subject in content]


# The reactions to a vaccine: asked, yes, no, not done


def test_of_four_vaccinations_of_two_clients_three_were_asked_about(sqlite_engine):
    summary = imported(sqlite_engine, [VACCINE])
    assert (summary.records["clients"].new, summary.records["treatments"].new) == (2, 4)
    stored = everything(sqlite_engine)["ABC"]
    outcomes = Counter((contact.outcome, contact.asked) for contact in stored.follow_ups.values())
    assert outcomes == {("done", "checklist"): 3, ("not_reached", "checklist"): 1}
    areas = {(i.area, i.side) for visit in stored.treatments.values() for i in visit.injections}
    assert areas == {("DELTOID MUSCLE", "left")}


def test_injection_site_pain_is_two_of_the_three_who_were_asked(sqlite_engine):
    imported(sqlite_engine, [VACCINE])
    counts = counted(sqlite_engine, Selection(as_of=TODAY), "side_effect")
    pain = next(count for count in counts if count.side_effect == "Injection site pain")
    assert (pain.events, pain.followed_up, pain.total) == (2, 3, 4)


def test_a_reaction_keeps_its_days_its_grade_and_that_it_was_asked_for(sqlite_engine):
    imported(sqlite_engine, [VACCINE])
    stored = everything(sqlite_engine)["ABC"]
    effects = [effect for effect in stored.side_effects.values() if effect.term == "Swelling"]
    told = {
        (effect.as_given, str(effect.onset_first), str(note.last_day), note.grade, note.state, effect.came_to_light)
        for effect in effects
        for note in effect.statuses
    }
    assert told == {
        ("SWELLING", "2021-11-03", "2021-11-09", 2, "gone", "asked"),
        ("SWELLING", "2021-12-17", "2021-12-19", 1, "gone", "asked"),
    }
    assert all(effect.treatment for effect in effects)


def test_the_investigators_name_is_not_even_in_the_copy_of_the_data():
    header = (VACCINE / "dm_vaccine.csv").read_text().splitlines()[0]
    assert "INVNAM" not in header


# The trial of cervical dystonia, by a mapping


def test_cdystonia_has_109_clients_though_their_numbers_repeat_across_sites(sqlite_engine):
    summary = imported(sqlite_engine, [CDYSTONIA], mapping="cdystonia")
    assert (summary.source, summary.rows_read, summary.rows_stored) == ("cdystonia", 631, 631)
    assert summary.records["clients"].new == summary.records["treatments"].new == 109
    stored = everything(sqlite_engine)["cdystonia"]
    given = Counter((i.product, i.units, i.area) for visit in stored.treatments.values() for i in visit.injections)
    assert given == {
        ("myobloc", 10_000, "neck_muscles"): 37, ("myobloc", 5_000, "neck_muscles"): 36,
        ("placebo", 0, "neck_muscles"): 36,
    }  # fmt: skip
    assert len({visit.site for visit in stored.treatments.values()}) == 9


def test_the_mean_twstrs_of_each_arm_and_week_is_that_of_the_trial(sqlite_engine):
    imported(sqlite_engine, [CDYSTONIA], mapping=EXAMPLES.parent / "mappings" / "cdystonia.toml")
    stored = everything(sqlite_engine)["cdystonia"]
    scores = defaultdict(list)
    for contact in stored.follow_ups.values():
        visit = stored.treatments[contact.treatment]
        scores[visit.injections[0].units, (contact.date - visit.date).days // 7].append(contact.score)
    means = {arm: [round(mean(scores[arm, week]), 2) for week in (0, 2, 4, 8, 12, 16)] for arm in (10_000, 0)}
    assert means == {
        10_000: [46.92, 36.00, 34.81, 38.50, 44.09, 48.89],
        0: [43.58, 39.97, 39.34, 41.40, 41.74, 42.91],
    }


def test_nobody_is_asked_in_week_0_so_it_makes_no_outcome_known(sqlite_engine):
    imported(sqlite_engine, [CDYSTONIA], mapping="cdystonia")
    outcomes = Counter(contact.outcome for contact in everything(sqlite_engine)["cdystonia"].follow_ups.values())
    assert outcomes == {"not_due": 109, "done": 631 - 109}


# All of them in one database


def test_a_second_study_with_the_same_word_does_not_get_merged_into_the_first(sqlite_engine, tmp_path):
    imported(sqlite_engine, [VACCINE])
    other = []
    for file in VACCINE.glob("*.csv"):
        other.append(tmp_path / file.name)
        other[-1].write_text(file.read_text().replace('"ABC"', '"XYZ"'))
    imported(sqlite_engine, other)
    held = everything(sqlite_engine)
    assert {effect.term for effect in held["ABC"].side_effects.values()} >= {"Swelling"}
    assert {effect.term for effect in held["XYZ"].side_effects.values()} >= {"Swelling (XYZ)"}
    assert imported(sqlite_engine, other).batch is None


def test_a_subject_who_is_in_no_row_of_dm_is_an_orphan(sqlite_engine, tmp_path):
    for file in PILOT:
        lines = file.read_text().splitlines(keepends=True)
        kept = [line for line in lines if "01-701-1015" not in line] if file.name == "dm.csv" else lines
        (tmp_path / file.name).write_text("".join(kept))
    told = refusal(sqlite_engine, [tmp_path])
    assert told[0] == "ex.csv, row 2, column USUBJID: the subject has no row in DM. Expected: a USUBJID of DM."
    assert len(told) == 3 + 3


def test_without_ex_a_study_is_refused(sqlite_engine):
    assert refusal(sqlite_engine, [PILOT[0], PILOT[2]]) == [
        "dm.csv, ae.csv, column DOMAIN: the domain EX is missing. Expected: DM and EX together."
    ]
