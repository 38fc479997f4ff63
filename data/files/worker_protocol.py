"""How the sandboxed process hands its tables back: each column as its different texts and which of them each row has.

So a text that many rows share is one object in memory and is hashed once. Not pickle, because what comes from a process
that read a stranger's file must not be able to run anything.
"""

from array import array
from collections import defaultdict
from dataclasses import replace
from itertools import count

from msgspec import Struct, msgpack

from data.tabular.table import Table, UnreadableFileError

NUMBER = "I"


class _PackedTable(Struct, array_like=True):
    """A table without its rows, and for each column its different texts and the number of the text in each row."""

    table: Table
    columns: list[tuple[list[str], bytes]]


class _Answer(Struct):
    unreadable: str | None = None
    tables: list[_PackedTable] = []


def encode_answer(answer: tuple[Table, ...] | UnreadableFileError) -> bytes:
    """The answer as bytes."""
    if isinstance(answer, UnreadableFileError):
        return msgpack.encode(_Answer(unreadable=str(answer)))
    return msgpack.encode(_Answer(tables=[_pack_table(table) for table in answer]))


def decode_answer(answer: bytes) -> tuple[Table, ...]:
    """The tables as they were. Raises UnreadableFileError if that was the answer."""
    parts = msgpack.decode(answer, type=_Answer)
    if parts.unreadable is not None:
        raise UnreadableFileError(parts.unreadable)
    return tuple(_unpack_table(packed) for packed in parts.tables)


def _pack_table(table: Table) -> _PackedTable:
    columns = []
    for cells in zip(*table.rows, strict=True):
        number_of: dict[str, int] = defaultdict(count().__next__)  # texts are numbered as they come
        numbers = array(NUMBER, list(map(number_of.__getitem__, cells)))
        columns.append((list(number_of), numbers.tobytes()))
    return _PackedTable(replace(table, rows=()), columns)


def _unpack_table(packed: _PackedTable) -> Table:
    columns = (map(texts.__getitem__, memoryview(numbers).cast(NUMBER)) for texts, numbers in packed.columns)
    return replace(packed.table, rows=tuple(zip(*columns, strict=True)))
