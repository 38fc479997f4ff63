"""A made-up clinic, seeded: the same seed on the same day makes the same records.

Nobody in it exists. Doses, rates and durations come from published facts, each with its source, in data/sample/*.csv;
what no source tells is marked "made up" there. Published rates are those of people who were asked.

The truths planted in it, each to be found again by counting. `today` is the day the sample is made, and the records
reach back from it to the first of a month, 30 months in all.

- A worse lot: with lot BC-10 of Botox Cosmetic, in use about eight months before today, the odds of every side effect
  are 2.5 times those of the other lots.
- A dose effect: in the forehead, with Botox Cosmetic, the odds of brow ptosis rise 1.8 times with every 5 Units more
  (1.8 % at 20 Units). Nowhere else does a side effect depend on the dose.
- A practitioner whose rate doubled: with P3 every weakness of a nearby muscle (eyelid, brow, smile) is twice as
  frequent from the first of the month ten months before this one.
- A rising month: bruising is three times as frequent in the latest month in which no treatment is still maturing.
- One red flag, not reviewed: trouble swallowing after the neck, grade 2, told by the client the day after it began.
- Unreached: of the treatments whose follow-up was due, 30 % had no completed one (not reached, or declined). Some of
  them volunteered a side effect all the same, so that a little more than 70 % of the outcomes are known.
- Asked and told: a checklist hears of 98 % of what is present and 90 % of what is over, an open question of 70 % and
  50 %. Asked or not, one client in ten volunteers a mild side effect within days, seven in ten a severe one.
- Clients come back when the wanted effect has worn off: mostly after 3 to 6 months; later with Daxxify and after the
  jaw or sweating. Some come for a touch-up after two to three weeks.
- Site "station" was closed for the calendar month twenty months before this one. P6 began five months before this one
  and has few treatments. P2 gives 8 % less than the usual dose, P5 8 % more.
- Of the remedies none shortens anything; the worse the side effect, the more of them are advised.

Side effects are open because they are recent, or because the client was lost. Some have an onset known to the month,
no area or no treatment named; ends are exact where the client told the last day, else between two notes.
"""

from dataclasses import dataclass
from datetime import date, datetime, time

import numpy as np
from sqlalchemy import Connection, Engine, insert, select

from data.database.engine import write_transaction
from data.sample.assumptions import Assumptions
from data.sample.clinic import PlantedSignals, SampleClinic
from data.sample.follow_ups import simulate_follow_ups
from data.sample.notes import simulate_remedies, simulate_reports, simulate_status_notes
from data.sample.rows import SampleRecords, insert_sample
from data.sample.side_effects import simulate_side_effects
from data.sample.treatments import simulate_places, simulate_visits
from models import records

SOURCE = "sample"
MIN_TREATMENTS = 20  # with fewer there may be nobody to touch up, and no treatment old enough for the red flag
ATTRIBUTION_DAYS = 120


@dataclass(frozen=True)
class SampleSummary:
    """What was stored, and the planted truths that depend on the day. `red_flag` is the id of that side effect."""

    import_batch_id: int
    rows: int
    clients: int
    treatments: int
    injections: int
    follow_ups: int
    side_effects: int
    status_notes: int
    remedies: int
    red_flag: int
    planted: PlantedSignals


class RecordsExistError(Exception):
    """A made-up clinic is never mixed with records that are there already."""

    def __init__(self) -> None:
        super().__init__(
            "There are treatments on record already. The sample clinic goes into an empty database alone: "
            "name another one in DATABASE_URL, or undo the imports."
        )


def make_sample(engine: Engine, treatments: int = 1000, seed: int = 1, *, today: date) -> SampleSummary:
    """Stores a made-up clinic of so many treatments, the latest of them today, in one transaction.

    Raises RecordsAlreadyThereError, with nothing stored, where treatments are on record; ValueError for fewer than 20.
    """
    if treatments < MIN_TREATMENTS:
        raise ValueError(f"{treatments} treatments: a sample clinic has {MIN_TREATMENTS} or more")
    rng, clinic, facts = np.random.default_rng(seed), SampleClinic(today), Assumptions()
    came = simulate_visits(rng, clinic, facts, treatments)
    given = simulate_places(rng, clinic, facts, came)
    felt = simulate_side_effects(rng, clinic, facts, came, given)
    first, second, log = simulate_follow_ups(rng, clinic, facts, came)
    heard = simulate_reports(rng, clinic, facts, came, felt, (first, second))
    noted = simulate_status_notes(rng, clinic, came, second, heard)
    sample = SampleRecords(clinic, facts, came, given, log, heard, noted, simulate_remedies(rng, clinic, facts, heard))
    with write_transaction(engine) as connection:
        if connection.scalar(select(records.Treatment.id).limit(1)):
            raise RecordsExistError
        batch = _import_batch(connection, sample, f"{treatments} treatments, seed {seed}, {today}")
        ids = insert_sample(connection, rng, sample, SOURCE, batch)
    return SampleSummary(
        import_batch_id=batch,
        rows=sample.row_count,
        clients=ids["client"].size,
        treatments=ids["treatment"].size,
        injections=ids["injection"].size,
        follow_ups=ids["follow_up"].size,
        side_effects=ids["side_effect"].size,
        status_notes=ids["status"].size,
        remedies=ids["remedy"].size,
        red_flag=int(ids["side_effect"][heard.red_flag][0]),
        planted=clinic.planted,
    )


def _import_batch(connection: Connection, sample: SampleRecords, how: str) -> int:
    """Dated at noon of the day it was made for, so that the same seed makes the same records."""
    batch = insert(records.ImportBatch).values(
        made_at=datetime.combine(sample.clinic.today, time(12)),
        source=SOURCE,
        format=SOURCE,
        files=f"made up: {how}",
        attribution_days=ATTRIBUTION_DAYS,
        rows_read=sample.row_count,
        rows_stored=sample.row_count,
        rows_unchanged=0,
        rows_refused=0,
    )
    return connection.execute(batch).inserted_primary_key[0]
