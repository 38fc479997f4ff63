"""Treatments on record that a newer export of their days no longer has: perhaps cancelled or voided since."""

from sqlalchemy import Connection, select

from data.records.neutral_records import ImportData
from models.records import Treatment

MAX_DAYS_NAMED = 5


def describe_missing_visits(connection: Connection, incoming: ImportData) -> list[str]:
    """A notice that counts them and names their first days. They stay on record: a file never removes a treatment."""
    if not incoming.treatments:
        return []
    t = Treatment.__table__
    days = [treatment.date for treatment in incoming.treatments]
    stored = connection.execute(
        select(t.c.source_id, t.c.date)
        .where(t.c.source == incoming.source, t.c.date.between(min(days), max(days)))
        .order_by(t.c.date, t.c.source_id)
    ).all()
    present = {treatment.source_id for treatment in incoming.treatments}
    missing = [day for source_id, day in stored if source_id not in present]
    if not missing:
        return []
    named = ", ".join(map(str, dict.fromkeys(missing[:MAX_DAYS_NAMED])))
    more = " and later" if len(missing) > MAX_DAYS_NAMED else ""
    return [
        f"treatments on record on the days of these files, but not in them: {len(missing):,} of {len(stored):,} "
        f"(on {named}{more}). They may have been cancelled since. They stay on record"
    ]
