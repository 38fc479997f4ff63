"""The list of imports and forms: what each read, stored and refused."""

from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy import Engine, select

from data.records.kinds import BATCH
from data.sample.generator import SOURCE as SAMPLE


@dataclass(frozen=True)
class Batch:
    """One import, or one form (then `entered_by` is set, and `why` if it is a correction).

    Rows read = stored + unchanged + refused.
    """

    number: int
    made_at: datetime
    source: str
    format: str
    files: str
    rows_read: int
    rows_stored: int
    rows_unchanged: int
    rows_refused: int
    undone_at: datetime | None
    entered_by: str | None = None
    why: str | None = None

    @property
    def is_manual(self) -> bool:
        """A form or a correction."""
        return self.entered_by is not None

    @property
    def is_sample(self) -> bool:
        return self.source == SAMPLE and self.undone_at is None


def list_batches(records: Engine) -> list[Batch]:
    """All imports, the latest first. They concern the whole clinic: show them only to those who may see all of it."""
    columns = [BATCH.c.id.label("number"), *(BATCH.c[field.name] for field in fields(Batch) if field.name != "number")]
    statement = select(*columns).order_by(BATCH.c.made_at.desc(), BATCH.c.id.desc())
    with records.connect() as connection:
        return [Batch(**row) for row in connection.execute(statement).mappings()]
