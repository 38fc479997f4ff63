"""Orphans: clients, lots, products, terms and places that no record uses any more. The last undo removes them."""

from sqlalchemy import Column, Connection, delete, or_, select

from data.records.change_log import ChangeLogEntry, read_changes, references
from data.records.kinds import (
    BATCH,
    CHANGE,
    CLIENT,
    CLIENTS,
    INJECTION,
    LOT,
    LOTS,
    NATURAL_KEYS,
    NOT_ASKED,
    PRACTITIONER,
    PRACTITIONERS,
    PRODUCT,
    PRODUCTS,
    RECORD_TYPES,
    SIDE_EFFECT,
    SITE,
    SITES,
    STATEMENTS,
    TERM,
    TERMS,
    TREATMENT,
    VOCABULARY_KINDS,
)
from data.records.neutral_records import stored_fields
from models import records

IDS_PER_STATEMENT = 500
USER = records.User.__table__

# Kind -> its column that others refer to, and the columns that do. Lots come before their products.
USES: dict[str, tuple[Column, tuple[Column, ...]]] = {
    CLIENTS: (CLIENT.c.id, (TREATMENT.c.client_id, SIDE_EFFECT.c.client_id)),
    SITES: (SITE.c.id, (TREATMENT.c.site_id,)),
    PRACTITIONERS: (PRACTITIONER.c.id, (TREATMENT.c.practitioner_id, USER.c.practitioner_id)),
    LOTS: (LOT.c.id, (INJECTION.c.lot_id,)),
    PRODUCTS: (PRODUCT.c.id, (INJECTION.c.product_id, LOT.c.product_id)),
    TERMS: (TERM.c.code, (SIDE_EFFECT.c.term, NOT_ASKED.c.term)),
}


def remove_unused(connection: Connection, batch: int, named: set[tuple[str, object]]) -> list[ChangeLogEntry]:
    """Remove what no record uses any more, among what this import `named`; return it as log entries.

    If no other import is left, everything unused goes. What another import changed, or brought as a word of its own,
    stays: undoing that import must find it.
    """
    others = select(BATCH.c.id).where(BATCH.c.undone_at.is_(None), BATCH.c.id != batch)
    is_last = connection.scalar(others.limit(1)) is None
    candidates = set(named)
    if not is_last:
        for entry in read_changes(connection, CHANGE.c.import_batch_id.in_(others)):
            if entry.before is not None or entry.kind in VOCABULARY_KINDS:
                candidates -= {(entry.kind, entry.key), *references(entry.kind, entry.before or entry.after)}
    removed = []
    for kind, (column, users) in USES.items():
        unused = ~or_(*(column.in_(select(user).where(user.is_not(None))) for user in users))
        ids = []
        for row in connection.execute(STATEMENTS[kind].where(unused)):
            record = RECORD_TYPES[kind](**{name: getattr(row, name) for name in stored_fields(RECORD_TYPES[kind])})
            key = NATURAL_KEYS[kind](record)
            if is_last or (kind, key) in candidates:
                ids.append(row.id)
                removed.append(ChangeLogEntry(kind, key, None, record))
        for first in range(0, len(ids), IDS_PER_STATEMENT):
            table = column.table
            connection.execute(delete(table).where(table.c.id.in_(ids[first : first + IDS_PER_STATEMENT])))
    return removed
