"""Clients, lots, words and places that no record names any more: they go with the last import that used them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Connection, Row, Select, delete, or_, select

from data.records.change_log import (
    BATCH,
    CHANGE,
    CLIENTS,
    LOTS,
    PRACTITIONERS,
    PRODUCTS,
    SITES,
    TERMS,
    VOCABULARY_KINDS,
    ChangeLogEntry,
    SiteOrPractitioner,
    natural_key,
    read_changes,
    references,
)
from data.records.neutral_records import ClientRecord, LotRecord, ProductRecord, TermRecord
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

IDS_A_STATEMENT = 500
USER = records.User.__table__


def remove_unused(connection: Connection, batch: int, named: set[tuple[str, Any]]) -> list[ChangeLogEntry]:
    """Removes what no record names, of what this batch named; gives what it was.

    Where no other import is left, all that is unused goes. What another import changed, or brought as a word of its
    own, stays: taking that one back must find it.
    """
    others = select(BATCH.c.id).where(BATCH.c.undone_at.is_(None), BATCH.c.id != batch)
    last = connection.scalar(others.limit(1)) is None
    needed = set() if last else _find_needed(read_changes(connection, CHANGE.c.import_batch_id.in_(others)))
    ours, gone = named - needed, []
    for part in _UNUSED_RULES:
        rows = [(row.id, part.made(row)) for row in connection.execute(part.unused())]
        rows = [row for row in rows if last or (part.kind, natural_key(row[1])) in ours]
        ids = [id_ for id_, _ in rows]
        for first in range(0, len(ids), IDS_A_STATEMENT):
            connection.execute(delete(part.table).where(part.table.c.id.in_(ids[first : first + IDS_A_STATEMENT])))
        gone += [ChangeLogEntry(part.kind, natural_key(record), None, record) for _, record in rows]
    return gone


def _find_needed(changes: list[ChangeLogEntry]) -> set[tuple[str, Any]]:
    needed = set()
    for change in changes:
        if change.before is not None:
            needed.add((change.kind, change.key))
            needed.update(references(change.kind, change.before))
        elif change.kind in VOCABULARY_KINDS:
            needed.add((change.kind, change.key))
    return needed


@dataclass(frozen=True)
class _UnusedRule:
    """One kind, the columns that use it, and its record made of a row."""

    kind: str
    table: Any
    own: Column
    uses: tuple[Column, ...]
    made: Callable[[Row], Any]

    def unused(self) -> Select:
        rows = select(self.table) if self.kind != LOTS else select(LOT, PRODUCT.c.code.label("product")).join(PRODUCT)
        return rows.where(~or_(*(self.own.in_(select(use).where(use.is_not(None))) for use in self.uses)))


def _site_or_practitioner(row: Row) -> SiteOrPractitioner:
    return SiteOrPractitioner(row.code, row.name)


_UNUSED_RULES = (  # lots before their products
    _UnusedRule(
        CLIENTS,
        CLIENT,
        CLIENT.c.id,
        (TREATMENT.c.client_id, SIDE_EFFECT.c.client_id),
        lambda row: ClientRecord(key=row.key, year_of_birth=row.year_of_birth, sex=row.sex),
    ),
    _UnusedRule(SITES, SITE, SITE.c.id, (TREATMENT.c.site_id,), _site_or_practitioner),
    _UnusedRule(
        PRACTITIONERS,
        PRACTITIONER,
        PRACTITIONER.c.id,
        (TREATMENT.c.practitioner_id, USER.c.practitioner_id),
        _site_or_practitioner,
    ),
    _UnusedRule(
        LOTS,
        LOT,
        LOT.c.id,
        (INJECTION.c.lot_id,),
        lambda row: LotRecord(product=row.product, number=row.number, expiry=row.expiry),
    ),
    _UnusedRule(
        PRODUCTS,
        PRODUCT,
        PRODUCT.c.id,
        (INJECTION.c.product_id, LOT.c.product_id),
        lambda row: ProductRecord(
            code=row.code, label=row.label, unit=row.unit, active=row.active, dictionary=row.dictionary
        ),
    ),
    _UnusedRule(
        TERMS,
        TERM,
        TERM.c.code,
        (SIDE_EFFECT.c.term, NOT_ASKED.c.term),
        lambda row: TermRecord(code=row.code, label=row.label, family=row.family, dictionary=row.dictionary),
    ),
)
