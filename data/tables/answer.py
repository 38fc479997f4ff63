"""How the process apart hands its tables back: JSON around one text of all cells, which is taken apart fastest.

Not pickle: what comes from a process that read a stranger's file must not be able to run anything.
"""

from dataclasses import asdict, fields

import orjson

from data.tables.table import Fault, Table, Unreadable

BETWEEN_CELLS, BETWEEN_ROWS = "\x1f", "\x1e"  # control characters: a Grid leaves none in a cell


def packed(answer: tuple[Table, ...] | Unreadable) -> bytes:
    """The answer as bytes."""
    if isinstance(answer, Unreadable):
        return orjson.dumps({"unreadable": str(answer)})
    return orjson.dumps({"tables": [_told(table) for table in answer]})


def unpacked(answer: bytes) -> tuple[Table, ...]:
    """The tables, as they were. Raises Unreadable when that was the answer."""
    told = orjson.loads(answer)
    if "unreadable" in told:
        raise Unreadable(told["unreadable"])
    return tuple(map(_table, told["tables"]))


def _told(table: Table) -> dict:
    told = {part.name: getattr(table, part.name) for part in fields(table)}
    told["rows"] = BETWEEN_ROWS.join(map(BETWEEN_CELLS.join, table.rows))
    told["faults"] = [asdict(fault) for fault in table.faults]
    return told


def _table(told: dict) -> Table:
    rows = told["rows"].split(BETWEEN_ROWS) if told["row_numbers"] else []
    told["rows"] = tuple(tuple(row.split(BETWEEN_CELLS)) for row in rows)
    told["faults"] = tuple(Fault(**fault) for fault in told["faults"])
    for part in ("columns", "row_numbers", "notices"):
        told[part] = tuple(told[part])
    return Table(**told)
