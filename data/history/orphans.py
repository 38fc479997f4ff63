"""Orphans: clients, lots, products, terms and places that no record uses any more. The last undo removes them."""

from sqlalchemy import Column, Connection, delete, or_, select

from data.records.change_log import (
    BATCH,
    CHANGE,
    CLIENTS,
    LOTS,
    PRACTITIONERS,
    PRODUCTS,
    RECORD_TYPES,
    SITES,
    TERMS,
    VOCABULARY_KINDS,
    ChangeLogEntry,
    read_changes,
    references,
)
from data.records.repository import (
    CLIENT,
    INJECTION,
    LOT,
    NOT_ASKED,
    PRACTITIONER,
    PRODUCT,
    SIDE_EFFECT,
    SITE,
    TERM,
    TREATMENT,
)
from models import records

IDS_PER_STATEMENT = 500
USER = records.User.__table__

# Kind -> its column that others refer to, the columns that do, and the fields of its record, the key first.
# Lots come before their products.
USES: dict[str, tuple[Column, tuple[Column, ...], tuple[str, ...]]] = {
    CLIENTS: (CLIENT.c.id, (TREATMENT.c.client_id, SIDE_EFFECT.c.client_id), ("key", "year_of_birth", "sex")),
    SITES: (SITE.c.id, (TREATMENT.c.site_id,), ("code", "name")),
    PRACTITIONERS: (PRACTITIONER.c.id, (TREATMENT.c.practitioner_id, USER.c.practitioner_id), ("code", "name")),
    LOTS: (LOT.c.id, (INJECTION.c.lot_id,), ("product", "number", "expiry")),
    PRODUCTS: (
        PRODUCT.c.id,
        (INJECTION.c.product_id, LOT.c.product_id),
        ("code", "label", "unit", "active", "dictionary"),
    ),
    TERMS: (TERM.c.code, (SIDE_EFFECT.c.term, NOT_ASKED.c.term), ("code", "label", "family", "dictionary")),
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
    for kind, (column, users, names) in USES.items():
        table = column.table
        unused = ~or_(*(column.in_(select(user).where(user.is_not(None))) for user in users))
        rows = select(table, PRODUCT.c.code.label("product")).join(PRODUCT) if kind == LOTS else select(table)
        ids = []
        for row in connection.execute(rows.where(unused)).mappings():
            record = RECORD_TYPES[kind](**{name: row[name] for name in names})
            key = (record.product, record.number) if kind == LOTS else row[names[0]]
            if is_last or (kind, key) in candidates:
                ids.append(row["id"])
                removed.append(ChangeLogEntry(kind, key, None, record))
        for first in range(0, len(ids), IDS_PER_STATEMENT):
            connection.execute(delete(table).where(table.c.id.in_(ids[first : first + IDS_PER_STATEMENT])))
    return removed
