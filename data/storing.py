"""Writes a plan: in one transaction, table by table, each in one statement for all its rows."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Table, bindparam, delete, func, insert, select, update

from data.incoming import FollowUp, Injection, SideEffect, Treatment
from data.plan import Plan
from data.stored import (
    BATCH,
    CLIENT,
    FOLLOW_UP,
    INJECTION,
    LOT,
    NOT_ASKED,
    PRACTITIONER,
    PRODUCT,
    REMEDY,
    SIDE_EFFECT,
    SITE,
    STATUS,
    TERM,
    TREATMENT,
)

Rows = list[dict[str, Any]]


def write(connection: Connection, plan: Plan, files: Sequence[str]) -> int:
    """Stores what the plan says under a new import batch, whose id comes back. Call it inside `writing`."""
    incoming = plan.incoming
    batch = insert(BATCH).values(
        made_at=datetime.now(UTC).replace(tzinfo=None),
        source=incoming.source,
        format=incoming.format,
        files="; ".join(files),
        attribution_days=incoming.attribution_days,
        rows_read=incoming.rows,
        rows_stored=plan.rows_stored + plan.rows_changed,
        rows_unchanged=plan.rows_unchanged,
        rows_refused=0,
    )
    number = connection.execute(batch).inserted_primary_key[0]
    writer = _Writer(connection, plan, number)
    writer.who_and_what()
    writer.treatments()
    writer.follow_ups()
    writer.side_effects()
    return number


class _Writer:
    """`ids`: table name -> natural key -> id, of what was stored before and of what is added."""

    def __init__(self, connection: Connection, plan: Plan, batch: int):
        self.connection, self.plan = connection, plan
        self.ids: dict[str, dict] = {name: dict(ids) for name, ids in plan.stored.ids.items()}
        self.of_batch = {"import_batch_id": batch}
        self.of_source = {"source": plan.incoming.source, **self.of_batch}

    def who_and_what(self) -> None:
        plan = self.plan
        visits = [*plan.treatments.new.values(), *plan.treatments.changed.values()]
        for table, codes in ((SITE, {v.site for v in visits}), (PRACTITIONER, {v.practitioner for v in visits})):
            new = codes - self.ids[table.name].keys() - {None}
            self._add(table, "code", [{"code": code} for code in sorted(new)])
        self._add(PRODUCT, "code", list(map(_columns, plan.products.new.values())))
        self._change(PRODUCT, {code: _columns(product) for code, product in plan.products.changed.items()})
        self._add(TERM, "code", list(map(_columns, plan.terms.new.values())))
        self._change(TERM, {code: _columns(term) for code, term in plan.terms.changed.items()})
        self._lots()
        self._add(CLIENT, "key", [_columns(plan.clients.new[key]) for key in sorted(plan.clients.new)])
        self._change(CLIENT, {key: _columns(client) for key, client in plan.clients.changed.items()})

    def treatments(self) -> None:
        part = self.plan.treatments
        new = sorted(part.new.values(), key=lambda visit: (visit.date, visit.source_id))
        self._add(TREATMENT, "source_id", [self._treatment(visit) for visit in new])
        self._change(TREATMENT, {key: self._treatment(visit) for key, visit in part.changed.items()})
        ids = self.ids[TREATMENT.name]
        visits = [*new, *part.changed.values()]
        self._change(TREATMENT, {v.source_id: {"touch_up_of_id": ids[v.touch_up_of]} for v in visits if v.touch_up_of})
        self._empty(INJECTION.c.treatment_id, [ids[key] for key in part.changed])
        self._insert(INJECTION, [row for visit in visits for row in self._injections(visit)])

    def follow_ups(self) -> None:
        part = self.plan.follow_ups
        new = sorted(part.new.values(), key=lambda contact: (contact.date, contact.source_id))
        self._add(FOLLOW_UP, "source_id", [self._follow_up(contact) for contact in new])
        self._change(FOLLOW_UP, {key: self._follow_up(contact) for key, contact in part.changed.items()})
        ids = self.ids[FOLLOW_UP.name]
        self._empty(NOT_ASKED.c.follow_up_id, [ids[key] for key in part.changed])
        contacts = (*new, *part.changed.values())
        left_out = [{"follow_up_id": ids[c.source_id], "term": term} for c in contacts for term in c.not_asked]
        self._insert(NOT_ASKED, left_out)

    def side_effects(self) -> None:
        part = self.plan.side_effects
        new = [part.new[key] for key in sorted(part.new)]
        self._add(SIDE_EFFECT, "source_id", [self._side_effect(effect) for effect in new])
        self._change(SIDE_EFFECT, {key: self._side_effect(effect) for key, effect in part.changed.items()})
        for table, name, key in ((STATUS, "statuses", ("date", "source_id")), (REMEDY, "remedies", ("remedy", "kind"))):
            self._parts(table, key, ((effect, (), getattr(effect, name)) for effect in new))
            before = self.plan.stored.side_effects
            changed = ((e, getattr(before[key], name), getattr(e, name)) for key, e in part.changed.items())
            self._parts(table, key, changed)

    # One row each

    def _treatment(self, visit: Treatment) -> dict[str, Any]:
        return {
            "client_id": self.ids[CLIENT.name][visit.client],
            "site_id": self.ids[SITE.name][visit.site],
            "practitioner_id": self.ids[PRACTITIONER.name].get(visit.practitioner),
            "date": visit.date,
            "source_id": visit.source_id,
        } | self.of_source

    def _injections(self, visit: Treatment) -> Iterable[dict[str, Any]]:
        treatment = self.ids[TREATMENT.name][visit.source_id]
        products, lots = self.ids[PRODUCT.name], self.ids[LOT.name]
        for injection in sorted(visit.injections, key=Injection.order):
            yield {
                "treatment_id": treatment,
                "area": injection.area,
                "side": injection.side,
                "product_id": products[injection.product],
                "lot_id": lots[injection.product, injection.lot] if injection.lot else None,
                "units": injection.units,
                "points": injection.points,
            }

    def _follow_up(self, contact: FollowUp) -> dict[str, Any]:
        treatment = {"treatment_id": self.ids[TREATMENT.name][contact.treatment]}
        return _columns(contact, but=("treatment", "not_asked")) | treatment | self.of_source

    def _side_effect(self, effect: SideEffect) -> dict[str, Any]:
        belongs = {
            "client_id": self.ids[CLIENT.name][effect.client],
            "treatment_id": self.ids[TREATMENT.name][effect.treatment] if effect.treatment else None,
            "serious": ";".join(effect.serious) or None,
        }
        return _columns(effect, but=("client", "treatment", "statuses", "remedies")) | belongs | self.of_source

    def _lots(self) -> None:
        ids, products = self.ids[LOT.name], self.ids[PRODUCT.name]
        new = self.plan.lots.new
        rows = [{"product_id": products[p], "number": n, "expiry": new[p, n].expiry} for p, n in sorted(new)]
        added = self._insert(LOT, rows, ("product_id", "number"))
        ids |= {(product, number): added[products[product], number] for product, number in new}
        self._change(LOT, {key: {"expiry": lot.expiry} for key, lot in self.plan.lots.changed.items()})

    def _parts(self, table: Table, key: tuple[str, str], effects: Iterable[tuple]) -> None:
        """Notes or remedies of side effects: those before stay with the batch that brought them."""
        added, changed = [], []
        for effect, before, now in effects:
            owner = {"side_effect_id": self.ids[SIDE_EFFECT.name][effect.source_id]}
            there = {part.order(): part for part in before}
            for part in now:
                if part.order() not in there:
                    added.append(_columns(part) | owner | self.of_batch)
                elif part != there[part.order()]:
                    changed.append(_columns(part) | owner)
        self._insert(table, added)
        self._update(table, ("side_effect_id", *key), changed)

    # One table each

    def _add(self, table: Table, key: str, rows: Rows) -> None:
        self.ids.setdefault(table.name, {}).update(
            {name: id_ for (name,), id_ in self._insert(table, rows, (key,)).items()}
        )

    def _insert(self, table: Table, rows: Rows, key: Sequence[str] = ()) -> dict[tuple, int]:
        """Adds the rows; their ids by `key` come back."""
        if not rows:
            return {}
        before = self.connection.scalar(select(func.max(table.c.id))) or 0 if key else 0
        self.connection.execute(insert(table), rows)
        if not key:
            return {}
        added = select(table.c.id, *(table.c[name] for name in key)).where(table.c.id > before)
        return {tuple(names): id_ for id_, *names in self.connection.execute(added)}

    def _change(self, table: Table, rows: Mapping[Any, dict[str, Any]]) -> None:
        ids = self.ids[table.name]
        self._update(table, ("id",), [row | {"id": ids[key]} for key, row in rows.items()])

    def _update(self, table: Table, key: Sequence[str], rows: Rows) -> None:
        """Changes the rows found by `key`; the batch that brought them stays theirs."""
        if rows:
            values = {name: bindparam(f"its_{name}") for name in rows[0] if name not in (*key, *self.of_batch)}
            found = [table.c[name] == bindparam(f"its_{name}") for name in key]
            parameters = [{f"its_{name}": row[name] for name in (*key, *values)} for row in rows]
            self.connection.execute(update(table).where(*found).values(values), parameters)

    def _empty(self, owner: Any, ids: list[int]) -> None:
        if ids:
            statement = delete(owner.table).where(owner == bindparam("its_owner"))
            self.connection.execute(statement, [{"its_owner": id_} for id_ in ids])


def _columns(record: Any, but: Sequence[str] = ()) -> dict[str, Any]:
    """A record's own fields, as columns of its table."""
    return {part.name: getattr(record, part.name) for part in fields(record) if part.compare and part.name not in but}
