"""The sample clinic holds what its docstring promises: counted again here from the stored rows, by plain means."""

import hashlib
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import Date, Engine, delete, func, select
from statsmodels.api import Logit
from statsmodels.duration.survfunc import SurvfuncRight

from data.analysis.query_builder import records_source
from data.database.engine import open_database, revision, write_transaction
from data.refusal import RefusedError
from data.sample.assumptions import Assumptions
from data.sample.clinic import CLOSED_SITE, DOUBLED_PRACTITIONER, NEWCOMER, WORSE_LOT, SampleClinic
from data.sample.generator import SampleSummary, make_sample
from models import codelist, records
from models.records import Record

TODAY = date(2026, 5, 20)
TREATMENTS = 20_000


class Stored:
    """Every table of the database as a frame. `known`: matured treatments with a known outcome."""

    def __init__(self, engine: Engine, summary: SampleSummary):
        self.engine, self.summary, self.planted = engine, summary, SampleClinic(TODAY)
        with engine.connect() as connection:
            for name, table in Record.metadata.tables.items():
                dates = [column.name for column in table.c if isinstance(column.type, Date)]
                setattr(self, name, pd.read_sql(select(table), connection, parse_dates=dates))
            self.episode = pd.read_sql(select(records_source(engine).episodes), connection)
        done = self.follow_up.treatment_id[self.follow_up.outcome == "done"]
        self.treatment["done"] = self.treatment.id.isin(done)
        self.treatment["affected"] = self.treatment.id.isin(self.episode.treatment_id)
        # Before a follow-up is due those who volunteered a side effect are alone in being known.
        self.matured = self.treatment[self.treatment.date <= pd.Timestamp(TODAY - timedelta(days=21))]
        self.known = self.matured[self.matured.done | self.matured.affected]

    def with_effect(self, *side_effects: str) -> pd.Series:
        """For each of the known treatments: had it one of these?"""
        found = self.episode[self.episode.side_effect.isin(side_effects)]
        return self.known.id.isin(found.treatment_id)

    def with_worse_lot(self) -> pd.Series:
        """For each of the known treatments: was the worse lot used?"""
        lot = self.lot.id[self.lot.number == WORSE_LOT].item()
        return self.known.id.isin(self.injection.treatment_id[self.injection.lot_id == lot])

    def treated_with(self, product: str, area: str | None = None) -> pd.DataFrame:
        injected = self.injection.merge(self.product[["id", "code"]], left_on="product_id", right_on="id")
        return injected[(injected.code == product) & ((injected.area == area) | (area is None))]


@pytest.fixture(scope="module")
def clinic(migrated_file, tmp_path_factory) -> Stored:
    file = tmp_path_factory.mktemp("sample") / "sequela.db"
    file.write_bytes(migrated_file.read_bytes())
    engine = open_database(f"sqlite:///{file}")
    yield Stored(engine, make_sample(engine, TREATMENTS, seed=1, today=TODAY))
    engine.dispose()


def fingerprint(engine: Engine) -> str:
    """A hash of every row of every table."""
    digest = hashlib.sha256()
    with engine.connect() as connection:
        for table in Record.metadata.sorted_tables:
            for row in connection.execute(select(table).order_by(table.c.id)):
                digest.update(repr(tuple(row)).encode())
    return digest.hexdigest()


def odds_ratio(affected: pd.Series, exposed: pd.Series) -> float:
    a, b = affected[exposed], affected[~exposed]
    return (a.sum() / (~a).sum()) / (b.sum() / (~b).sum())


# Seed and engine


def test_the_same_seed_makes_the_same_records_on_sqlite_and_postgresql(sqlite_engine, postgresql_engine):
    for engine in (sqlite_engine, postgresql_engine):
        make_sample(engine, 500, seed=7, today=TODAY)
    assert fingerprint(sqlite_engine) == fingerprint(postgresql_engine)


@pytest.mark.parametrize(("seed", "same"), [(1, True), (2, False)])
def test_the_seed_alone_decides_the_records(tmp_path, seed, same):
    prints = []
    for name, its_seed in (("first", 1), ("second", seed)):
        engine = open_database(f"sqlite:///{tmp_path / name}.db")
        make_sample(engine, 500, its_seed, today=TODAY)
        prints.append(fingerprint(engine))
        engine.dispose()
    assert (prints[0] == prints[1]) is same


def test_records_can_be_added_after_the_sample(postgresql_engine):
    make_sample(postgresql_engine, 100, today=TODAY)
    with write_transaction(postgresql_engine) as connection:
        added = connection.execute(records.Site.__table__.insert().values(code="new")).inserted_primary_key[0]
        assert added == connection.scalar(select(func.max(records.Site.id)))


# Beside other records


def test_a_made_up_clinic_is_not_mixed_with_records_that_are_there(sqlite_engine):
    make_sample(sqlite_engine, 100, today=TODAY)
    before, changes = fingerprint(sqlite_engine), revision(sqlite_engine)
    with pytest.raises(RefusedError, match="empty database"):
        make_sample(sqlite_engine, 100, seed=2, today=TODAY)
    assert (fingerprint(sqlite_engine), revision(sqlite_engine)) == (before, changes)


def test_a_sample_can_be_made_again_after_its_treatments_were_taken_back(sqlite_engine):
    make_sample(sqlite_engine, 100, today=TODAY)
    first = fingerprint(sqlite_engine)
    with write_transaction(sqlite_engine) as connection:
        for record in ("remedy", "status", "side_effect", "follow_up", "injection", "treatment", "import_batch"):
            connection.execute(delete(Record.metadata.tables[record]))
    make_sample(sqlite_engine, 100, today=TODAY)
    with write_transaction(sqlite_engine) as connection:
        connection.execute(records.Revision.__table__.update().values(number=1))
    assert fingerprint(sqlite_engine) == first


def test_one_writing_moves_the_revision_by_one(sqlite_engine):
    make_sample(sqlite_engine, 100, today=TODAY)
    assert revision(sqlite_engine) == 1


@pytest.mark.parametrize("treatments", [20, 21, 57, 300])
@pytest.mark.parametrize("today", [date(2026, 1, 1), date(2024, 2, 29), date(2025, 12, 31), date(2026, 3, 29)])
def test_a_small_clinic_on_any_day_has_its_treatments_and_its_red_flag(sqlite_engine, treatments, today):
    make_sample(sqlite_engine, treatments, seed=treatments, today=today)
    with sqlite_engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(records.Treatment)) == treatments
        terms = connection.scalars(select(records.SideEffect.term)).all()
        assert [term for term in terms if term in codelist.red_flags()] == ["dysphagia"]
        assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []


def test_a_handful_of_treatments_is_no_clinic(sqlite_engine):
    with pytest.raises(ValueError, match="20 or more"):
        make_sample(sqlite_engine, 19, today=TODAY)


# The rules that imported records meet


def test_every_code_is_on_its_list(clinic):
    columns = [
        (clinic.injection.area, codelist.areas()),
        (clinic.side_effect.area, codelist.areas()),
        (clinic.side_effect.term, codelist.side_effects()),
        (clinic.side_effect.came_to_light, codelist.came_to_light()),
        (clinic.side_effect.serious, codelist.serious_reasons()),
        (clinic.product.code, codelist.products()),
        (clinic.follow_up.method, codelist.methods()),
        (clinic.follow_up.outcome, codelist.outcomes()),
        (clinic.follow_up.asked, codelist.how_asked()),
        (clinic.follow_up.scale, codelist.score_scales()),
        (clinic.status.grade_scale, codelist.grade_scales()),
        (clinic.remedy.remedy, codelist.remedies()),
    ]
    for given, listed in columns:
        assert set(given.dropna()) <= set(listed)


def test_an_effect_is_placed_where_it_can_happen_in_an_area_that_was_injected(clinic):
    listed = codelist.side_effects()
    placed = clinic.episode[clinic.episode.stated_area.notna()]
    assert (placed.placed_area == placed.stated_area).all()
    pairs = placed[["side_effect", "placed_area"]].drop_duplicates().itertuples(index=False)
    assert all(listed[term].can_follow(area) for term, area in pairs)


def test_no_side_effect_begins_before_its_treatment_or_ends_before_it_begins(clinic):
    assert clinic.episode.aside.isna().all()
    assert (clinic.episode.onset_day >= 0).all()
    assert (clinic.episode.days >= 1).all()
    notes = clinic.status.merge(clinic.side_effect, left_on="side_effect_id", right_on="id", suffixes=("", "_effect"))
    assert (notes.date >= notes.onset_first).all()
    assert not (notes.last_day < notes.onset_first).any()
    assert not (notes.last_day >= notes.date).any()


def test_every_treatment_has_a_dose_and_no_lot_is_used_after_its_expiry(clinic):
    assert (clinic.injection.units > 0).all()
    assert set(clinic.injection.treatment_id) == set(clinic.treatment.id)
    used = clinic.injection.merge(clinic.treatment, left_on="treatment_id", right_on="id")
    used = used.merge(clinic.lot, left_on="lot_id", right_on="id", suffixes=("", "_lot"))
    assert (used.expiry > used.date).all()
    assert (used.product_id == used.product_id_lot).all()


def test_no_date_lies_after_today(clinic):
    for name, table in Record.metadata.tables.items():
        for column in table.c:
            if isinstance(column.type, Date) and (name, column.name) != ("lot", "expiry"):
                assert not (getattr(clinic, name)[column.name] > pd.Timestamp(TODAY)).any(), (name, column.name)


def test_every_reference_leads_to_a_record(clinic):
    with clinic.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []


def test_every_active_product_is_used_in_its_own_units(clinic):
    active = {code: row.unit for code, row in codelist.products().items() if row.active}
    used = clinic.product[clinic.product.id.isin(clinic.injection.product_id)]
    assert dict(zip(used.code, used.unit, strict=True)) == active


def test_the_summary_counts_what_was_stored(clinic):
    summary = clinic.summary
    assert (summary.clients, summary.treatments) == (len(clinic.client), len(clinic.treatment))
    assert summary.treatments == TREATMENTS
    # A file has one row for an area; of those treated left and right, the database has one for each side.
    places = clinic.injection.drop_duplicates(["treatment_id", "area"])
    others = (clinic.treatment, clinic.follow_up, clinic.side_effect, clinic.status, clinic.remedy)
    batch = clinic.import_batch.loc[0]
    assert batch.rows_read == batch.rows_stored == len(places) + sum(map(len, others))
    assert (batch.source, batch.attribution_days) == ("sample", 120)


def test_every_rate_course_and_remedy_names_listed_codes():
    facts = Assumptions()
    assert {row.side_effect for row in facts.rates} <= set(facts.side_effects) <= set(codelist.side_effects())
    known = set(codelist.side_effects()) | set(codelist.families())
    assert {name for offer in facts.offers for name in offer.offered_for} <= known
    assert all((row.published is None) == (row.rate is not None) == (row.source is not None) for row in facts.rates)
    assert all(0 < row.chance < 1 for row in facts.rates)


# The truths planted


def test_the_worse_lot_has_two_and_a_half_times_the_odds_of_the_others(clinic):
    same_product = clinic.known.id.isin(clinic.treated_with("botox_cosmetic").treatment_id)
    affected, exposed = clinic.known.affected[same_product], clinic.with_worse_lot()[same_product]
    assert 2.0 < odds_ratio(affected, exposed) < 3.1


def test_no_other_lot_of_the_product_comes_near_the_worse_one(clinic):
    injected = clinic.treated_with("botox_cosmetic").drop_duplicates("treatment_id")
    rates = clinic.known.merge(injected, left_on="id", right_on="treatment_id").groupby("lot_id").affected.mean()
    assert clinic.lot.number[clinic.lot.id == rates.idxmax()].item() == WORSE_LOT
    assert rates.max() > 1.3 * rates.nlargest(2).iloc[1]


def test_brow_ptosis_rises_with_the_units_in_the_forehead(clinic):
    units = clinic.treated_with("botox_cosmetic", "forehead").groupby("treatment_id").units.sum()
    known = units[units.index.isin(clinic.known.id)]
    affected = known.index.isin(clinic.episode.treatment_id[clinic.episode.side_effect == "brow_ptosis"])
    fitted = Logit(affected, np.column_stack([np.ones(known.size), known / 5])).fit(disp=False)
    assert 1.4 < np.exp(fitted.params[1]) < 2.3
    assert np.exp(fitted.conf_int()[1][0]) > 1.2


def test_the_practitioner_who_doubled_did_so_from_the_stated_date(clinic):
    nearby = [code for code, row in codelist.side_effects().items() if row.family == "nearby_weakness"]
    affected = clinic.with_effect(*nearby)
    who = clinic.practitioner.id[clinic.practitioner.code == DOUBLED_PRACTITIONER].item()
    own, since = clinic.known.practitioner_id == who, clinic.known.date >= pd.Timestamp(clinic.planted.doubled_from)
    own_ratio = affected[own & since].mean() / affected[own & ~since].mean()
    others_ratio = affected[~own & since].mean() / affected[~own & ~since].mean()
    assert 1.4 < own_ratio / others_ratio < 2.9
    assert 0.8 < others_ratio < 1.35


def test_bruising_rose_in_the_stated_month_alone(clinic):
    bruised = pd.Series(clinic.with_effect("bruising"), index=clinic.known.index)
    other_lots = ~clinic.with_worse_lot()
    rates = bruised[other_lots].groupby(clinic.known.date.dt.to_period("M")).mean()
    rising = pd.Period(clinic.planted.rising_month, "M")
    assert rates.idxmax() == rising
    assert 2.2 < rates[rising] / rates.drop(rising).mean() < 3.8
    assert rising.end_time.date() <= TODAY - timedelta(days=21)


def test_there_is_one_red_flag_and_nobody_has_reviewed_it(clinic):
    flagged = clinic.side_effect[clinic.side_effect.term.isin(codelist.red_flags())]
    assert flagged.term.tolist() == ["dysphagia"]
    assert flagged.came_to_light.item() == "volunteered"
    assert clinic.case_review.empty


def test_of_the_treatments_due_thirty_percent_were_not_reached(clinic):
    assert 0.28 < 1 - clinic.matured.done.mean() < 0.32
    told_all_the_same = (~clinic.matured.done & clinic.matured.affected).mean()
    assert 0.005 < told_all_the_same < 0.04


def test_clients_come_back_after_three_to_six_months(clinic):
    full = clinic.treatment[clinic.treatment.touch_up_of_id.isna()].sort_values(["client_id", "date"])
    gaps = full.groupby("client_id").date.diff().dt.days.dropna()
    assert gaps.min() >= 91
    assert 0.75 < (gaps <= 183).mean() < 0.95
    assert (full.client_id.value_counts() > 1).mean() > 0.5


def test_a_touch_up_follows_its_treatment_within_three_weeks(clinic):
    touch_ups = clinic.treatment[clinic.treatment.touch_up_of_id.notna()]
    parent = clinic.treatment.set_index("id").loc[touch_ups.touch_up_of_id]
    assert len(touch_ups) == round(0.055 * TREATMENTS)
    assert (touch_ups.client_id.values == parent.client_id.values).all()
    days = (touch_ups.date.values - parent.date.values) / np.timedelta64(1, "D")
    assert set(days) <= set(range(14, 21))


def test_a_checklist_hears_of_more_than_an_open_question(clinic):
    first = clinic.follow_up[clinic.follow_up.outcome == "done"].drop_duplicates("treatment_id")
    heard = first.merge(clinic.treatment, left_on="treatment_id", right_on="id").groupby("asked").affected.mean()
    assert heard["checklist"] > 1.15 * heard["open"]


def test_one_site_was_closed_for_one_month(clinic):
    months = clinic.treatment.date.dt.to_period("M")
    counts = pd.crosstab(months, clinic.treatment.site_id)
    site = clinic.site.id[clinic.site.code == CLOSED_SITE].item()
    assert (counts == 0).sum().sum() == 1
    assert counts.loc[pd.Period(clinic.planted.closed_month, "M"), site] == 0
    assert len(counts) == 30


def test_the_newcomer_has_few_treatments_and_the_others_many(clinic):
    counts = clinic.treatment.practitioner_id.map(clinic.practitioner.set_index("id").code).value_counts()
    newcomer = counts.pop(NEWCOMER)
    assert len(counts) == 5
    assert counts.min() > 0.1 * TREATMENTS
    assert 0 < newcomer < 0.01 * TREATMENTS
    first = clinic.treatment.date[clinic.treatment.practitioner_id == clinic.treatment.practitioner_id.max()].min()
    assert first >= pd.Timestamp(clinic.planted.newcomer_from)


def test_half_of_the_eyelids_are_up_again_after_about_four_weeks(clinic):
    ptosis = clinic.episode[clinic.episode.side_effect == "eyelid_ptosis"]
    median = SurvfuncRight(ptosis.days, ptosis.ended.astype(int)).quantile(0.5)
    assert 21 <= median <= 32


def test_every_kind_of_record_that_a_clinic_meets_is_there(clinic):
    effects, notes = clinic.side_effect, clinic.status
    assert (~clinic.episode.ended.astype(bool)).mean() > 0.02
    assert 0.4 < clinic.episode.end_exact[clinic.episode.ended.astype(bool)].mean() < 0.8
    assert 0 < (effects.onset_first < effects.onset_last).mean() < 0.1
    assert 0 < effects.treatment_id.isna().mean() < 0.1
    assert 0.1 < effects.area.isna().mean() < 0.6
    assert set(effects.came_to_light) == {"asked", "volunteered", "found"}
    assert set(notes.state) == {"present", "gone", "unknown"}
    assert notes.groupby("side_effect_id").size().max() >= 4
    assert set(clinic.follow_up.outcome) == {"done", "not_reached", "declined", "not_due"}
    assert set(clinic.follow_up.asked.dropna()) == {"checklist", "open"}
    assert set(clinic.follow_up.method.dropna()) == {"visit", "phone", "message"}
    assert {"left", "right", "both"} <= set(clinic.injection.side.dropna())
    assert set(clinic.remedy.kind) == {"advised", "used"}
    assert 0 < clinic.injection.lot_id.isna().mean() < 0.05
