"""Make a sample clinic: the same seed and day give the same records.

Doses, rates and durations come from published facts, each with its source, in data/sample/*.csv; what no source gives
is marked "made up" there. Published rates are those among people who were asked.

The planted signals, each of which counting must find. `today` is the day of the sample, and the records cover the 30
calendar months up to it.

- A worse lot: with lot BC-10 of Botox Cosmetic, in use about eight months before today, the odds of every side effect
  are 2.5 times those of the other lots.
- A dose effect: in the forehead, with Botox Cosmetic, the odds of brow ptosis rise 1.8 times per 5 Units (1.8% at 20
  Units). No other side effect depends on the dose.
- A practitioner whose rate doubled: with RN 3, every weakness of a nearby muscle (eyelid, brow, smile) is twice as
  frequent from the first of the month ten months before this one.
- A rising month: bruising is three times as frequent in the latest month without a treatment in follow-up.
- One red flag without a review: trouble swallowing after the neck, grade 2, reported the day after its onset.
- Unreached clients: 30% of the treatments whose follow-up was due had no completed one (not reached, or declined).
  Some of these clients volunteered a side effect, so slightly more than 70% of the outcomes are known.
- How clients were asked: a checklist finds 98% of side effects that are present and 90% of those resolved, an open
  question 70% and 50%. Asked or not, one client in ten volunteers a mild side effect within days, seven in ten a severe
  one.
- Clients return when the effect has worn off: mostly after 3 to 6 months, later with Daxxify and after the jaw or
  sweating. Some come for a touch-up after two to three weeks.
- Site "Decatur" was closed for the calendar month twenty months before this one. RN 6 started five months before this
  one and has few treatments. RN 2 gives 8% less than the usual dose, PA 5 8% more.
- No remedy shortens anything; more remedies are advised for more severe side effects.

Open side effects are recent, or the client was lost. Some have an onset known only to the month, or no area or
treatment; ends are exact if the client gave the last day, and otherwise between two notes.
"""

from dataclasses import dataclass
from datetime import date, datetime, time

from sqlalchemy import Engine, insert, select

from data.database.engine import write_transaction
from data.refusal import RefusedError
from data.sample.clinic import SampleClinic
from data.sample.follow_ups import simulate_follow_ups
from data.sample.notes import simulate_remedies, simulate_reports, simulate_status_notes
from data.sample.rows import SampleRecords, insert_sample
from data.sample.side_effects import simulate_side_effects
from data.sample.treatments import simulate_places, simulate_visits
from models import records

SOURCE = "sample"
MIN_TREATMENTS = 20  # with fewer there may be no touch-up and no treatment old enough for the red flag


@dataclass(frozen=True)
class SampleSummary:
    """What was stored."""

    import_batch_id: int
    clients: int
    treatments: int


def make_sample(
    engine: Engine, treatments: int = 1000, seed: int = 1, *, today: date, has_signals: bool = True
) -> SampleSummary:
    """Store a sample clinic with this number of treatments, the latest of them today, in one transaction.

    Without `has_signals`, no lot is worse, no dose matters, no practitioner's rate doubles and no month rises.

    Raises RefusedError, with nothing stored, if there are treatments on record; ValueError for fewer than 20.
    """
    if treatments < MIN_TREATMENTS:
        raise ValueError(f"{treatments} treatments: a sample clinic has {MIN_TREATMENTS} or more")
    clinic = SampleClinic(today, seed, has_signals)
    visits = simulate_visits(clinic, treatments)
    places = simulate_places(clinic, visits)
    effects = simulate_side_effects(clinic, visits, places)
    first, second, log = simulate_follow_ups(clinic, visits)
    reports = simulate_reports(clinic, visits, effects, (first, second))
    notes = simulate_status_notes(clinic, visits, second, reports)
    remedies = simulate_remedies(clinic, reports)
    sample = SampleRecords(clinic, visits, places, log, reports, notes, remedies)
    with write_transaction(engine) as connection:
        if connection.scalar(select(records.Treatment.id).limit(1)):
            raise RefusedError(  # sample data are never mixed with other records
                "There are treatments on record already. The sample clinic goes into an empty database alone: "
                "name another one in DATABASE_URL, or undo the imports."
            )
        batch = insert(records.ImportBatch).values(
            made_at=datetime.combine(today, time(12)),  # not now, so that the same seed makes the same records
            source=SOURCE,
            format=SOURCE,
            files=f"sample clinic: {treatments} treatments, seed {seed}, {today}",
            attribution_days=records.ATTRIBUTION_DAYS,
            rows_read=sample.row_count,
            rows_stored=sample.row_count,
            rows_unchanged=0,
            rows_refused=0,
        )
        batch_id = connection.execute(batch).inserted_primary_key[0]
        clients = insert_sample(connection, sample, SOURCE, batch_id)
    return SampleSummary(import_batch_id=batch_id, clients=clients, treatments=len(visits))
