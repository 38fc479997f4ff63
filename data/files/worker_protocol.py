"""How the sandboxed process hands its tables back: each column as its different texts and which of them each row has.

So a text that many rows share is one object in memory and is hashed once. Not pickle, because what comes from a process
that read a stranger's file must not be able to run anything.
"""

from array import array
from collections import defaultdict
from dataclasses import replace
from itertools import count

from msgspec import msgpack

from data.tabular.table import Table, UnreadableFileError

NUMBER = "I"
# A table without its rows, and for each column its different texts and the number of the text in each row.
PackedTable = tuple[Table, list[tuple[list[str], bytes]]]


def encode_answer(answer: tuple[Table, ...] | UnreadableFileError) -> bytes:
    """The answer as bytes."""
    if isinstance(answer, UnreadableFileError):
        return msgpack.encode(str(answer))
    packed = []
    for table in answer:
        columns = []
        for cells in zip(*table.rows, strict=True):
            number_of: dict[str, int] = defaultdict(count().__next__)  # texts are numbered as they come
            numbers = array(NUMBER, list(map(number_of.__getitem__, cells)))
            columns.append((list(number_of), numbers.tobytes()))
        packed.append((replace(table, rows=()), columns))
    return msgpack.encode(packed)


def decode_answer(answer: bytes) -> tuple[Table, ...]:
    """The tables as they were. Raises UnreadableFileError if that was the answer."""
    packed = msgpack.decode(answer, type=str | list[PackedTable])
    if isinstance(packed, str):
        raise UnreadableFileError(packed)
    tables = []
    for table, columns in packed:
        cells = (map(texts.__getitem__, memoryview(numbers).cast(NUMBER)) for texts, numbers in columns)
        tables.append(replace(table, rows=tuple(zip(*cells, strict=True))))
    return tuple(tables)
