"""One factory per record: each inserts a row with plausible defaults and returns its id.

    treatment(connection, date=date(2026, 4, 1))

A parent that is not named is the first one on record, or a new one where there is none.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select

from models import records

DAY = date(2026, 3, 1)


@dataclass(frozen=True)
class Factory:
    """`parents`: by foreign key. Records of a source are numbered by it in the order they are made."""

    record: type[records.Record]
    defaults: dict[str, Any] = field(default_factory=dict)
    parents: dict[str, "Factory"] = field(default_factory=dict)

    def __call__(self, connection: Connection, **values: Any) -> int:
        row = self.defaults | values
        for column, parent in self.parents.items():
            if column not in row:
                row[column] = parent.first(connection)
        if "source" in self.record.__table__.columns and "source_id" in self.record.__table__.columns:
            row.setdefault("source", "clinic")
            row.setdefault("source_id", str(self._count(connection) + 1))
        return connection.execute(insert(self.record).values(row)).inserted_primary_key[0]

    def first(self, connection: Connection) -> int:
        """The id of the first row, which is inserted if there is none."""
        return connection.scalar(select(func.min(self.record.id))) or self(connection)

    def _count(self, connection: Connection) -> int:
        return connection.scalar(select(func.count()).select_from(self.record))


import_batch = Factory(
    records.ImportBatch,
    {
        "made_at": datetime(2026, 3, 1), "source": "clinic", "format": "template", "files": "a.csv",
        "attribution_days": 120, "rows_read": 1, "rows_stored": 1, "rows_unchanged": 0, "rows_refused": 0,
    },
)  # fmt: skip
of_batch = {"import_batch_id": import_batch}

site = Factory(records.Site, {"code": "north"})
practitioner = Factory(records.Practitioner, {"code": "P1"})
client = Factory(records.Client, {"key": "a"})
product = Factory(records.Product, {"code": "botox", "label": "Botox", "unit": "Botox units"})
lot = Factory(records.Lot, {"number": "L1"}, {"product_id": product})
treatment = Factory(records.Treatment, {"date": DAY}, {"client_id": client, "site_id": site, **of_batch})
injection = Factory(
    records.Injection, {"area": "glabella", "units": 20.0}, {"treatment_id": treatment, "product_id": product}
)
follow_up = Factory(
    records.FollowUp,
    {"date": date(2026, 3, 15), "method": "phone", "outcome": "done", "asked": "checklist"},
    {"treatment_id": treatment, **of_batch},
)
side_effect = Factory(
    records.SideEffect,
    {"term": "eyelid_ptosis", "onset_first": date(2026, 3, 6), "onset_last": date(2026, 3, 6)},
    {"client_id": client, "treatment_id": treatment, **of_batch},
)
status = Factory(
    records.Status, {"date": date(2026, 3, 15), "state": "present"}, {"side_effect_id": side_effect, **of_batch}
)
remedy = Factory(records.Remedy, {"remedy": "massage"}, {"side_effect_id": side_effect, **of_batch})
