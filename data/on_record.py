"""What is on record of one client or one treatment, for whoever enters a record by hand or joins a log to it."""

from sqlalchemy import Engine, select

from data.stored import TREATMENT


def sources_with_treatments(records: Engine) -> list[str]:
    """The sources whose treatments can be followed up, by name."""
    with records.connect() as connection:
        return sorted(connection.scalars(select(TREATMENT.c.source).distinct()))
