"""The list of imports and forms: what each read, stored and refused."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, select

from data.sample.generator import SOURCE as SAMPLE
from models.records import ImportBatch


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
    b = ImportBatch.__table__
    columns = (
        b.c.id, b.c.made_at, b.c.source, b.c.format, b.c.files, b.c.rows_read, b.c.rows_stored, b.c.rows_unchanged,
        b.c.rows_refused, b.c.undone_at, b.c.entered_by, b.c.why,
    )  # fmt: skip
    with records.connect() as connection:
        return [Batch(*row) for row in connection.execute(select(*columns).order_by(b.c.made_at.desc(), b.c.id.desc()))]
