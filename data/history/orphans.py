"""Orphans: clients, lots, products, terms and places that no record uses any more. The last undo removes them."""

from sqlalchemy import Column, Connection, delete, or_, select

from data.records import kinds
from data.records.change_log import ChangeLogEntry, read_changes, references
from data.records.neutral_records import stored_fields
from models import records

IDS_PER_STATEMENT = 500
USER = records.User.__table__

# Kind -> its column that others refer to, and the columns that do. Lots come before their products.
USES: dict[str, tuple[Column, tuple[Column, ...]]] = {
    kinds.CLIENTS: (kinds.CLIENT.c.id, (kinds.TREATMENT.c.client_id, kinds.SIDE_EFFECT.c.client_id)),
    kinds.SITES: (kinds.SITE.c.id, (kinds.TREATMENT.c.site_id,)),
    kinds.PRACTITIONERS: (kinds.PRACTITIONER.c.id, (kinds.TREATMENT.c.practitioner_id, USER.c.practitioner_id)),
    kinds.LOTS: (kinds.LOT.c.id, (kinds.INJECTION.c.lot_id,)),
    kinds.PRODUCTS: (kinds.PRODUCT.c.id, (kinds.INJECTION.c.product_id, kinds.LOT.c.product_id)),
    kinds.TERMS: (kinds.TERM.c.code, (kinds.SIDE_EFFECT.c.term, kinds.NOT_ASKED.c.term)),
}


def remove_unused(connection: Connection, batch: int, named: set[tuple[str, object]]) -> list[ChangeLogEntry]:
    """Remove what no record uses any more, among what this import `named`; return it as log entries.

    If no other import is left, everything unused goes. What another import changed, or brought as a word of its own,
    stays: undoing that import must find it.
    """
    others = select(kinds.BATCH.c.id).where(kinds.BATCH.c.undone_at.is_(None), kinds.BATCH.c.id != batch)
    is_last = connection.scalar(others.limit(1)) is None
    candidates = set(named)
    if not is_last:
        for entry in read_changes(connection, kinds.CHANGE.c.import_batch_id.in_(others)):
            if entry.before is not None or entry.kind in kinds.VOCABULARY_KINDS:
                candidates -= {(entry.kind, entry.key), *references(entry.before or entry.after)}
    removed = []
    for kind, (column, users) in USES.items():
        unused = ~or_(*(column.in_(select(user).where(user.is_not(None))) for user in users))
        ids = []
        for row in connection.execute(kinds.STATEMENTS[kind].where(unused)):
            record = kinds.RECORD_TYPES[kind](
                **{name: getattr(row, name) for name in stored_fields(kinds.RECORD_TYPES[kind])}
            )
            key = kinds.NATURAL_KEYS[kind](record)
            if is_last or (kind, key) in candidates:
                ids.append(row.id)
                removed.append(ChangeLogEntry(kind, key, None, record))
        for first in range(0, len(ids), IDS_PER_STATEMENT):
            table = column.table
            connection.execute(delete(table).where(table.c.id.in_(ids[first : first + IDS_PER_STATEMENT])))
    return removed
