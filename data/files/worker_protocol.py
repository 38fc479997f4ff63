"""Encodes the tables that the subprocess returns: JSON, then numbers.

Each column is its distinct texts and the index of one for each row, so that a repeated text exists and is hashed once.
Not pickle, because the answer of a process that read a stranger's file must not be able to run code.
"""

from array import array
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, fields
from itertools import count

import orjson

from data.tabular.table import Fault, Table, UnreadableFileError

BETWEEN_CELLS = "\x1f"  # a control character, which CellGrid removes from cells
NUMBER = "I"
BYTES_OF_LENGTH = 8


def encode_answer(answer: tuple[Table, ...] | UnreadableFileError) -> bytes:
    """The answer as bytes."""
    if isinstance(answer, UnreadableFileError):
        return _frame_answer({"unreadable": str(answer)}, [])
    numbers: list[array] = []
    return _frame_answer({"tables": [_describe_table(table, numbers) for table in answer]}, numbers)


def decode_answer(answer: bytes) -> tuple[Table, ...]:
    """The tables. Raises UnreadableFileError if that was the answer."""
    end = BYTES_OF_LENGTH + int.from_bytes(answer[:BYTES_OF_LENGTH])
    header = orjson.loads(memoryview(answer)[BYTES_OF_LENGTH:end])
    if "unreadable" in header:
        raise UnreadableFileError(header["unreadable"])
    numbers = array(NUMBER)
    numbers.frombytes(memoryview(answer)[end:])
    return tuple(_rebuild_table(table, numbers) for table in header["tables"])


def _frame_answer(header: dict, numbers: Sequence[array]) -> bytes:
    text = orjson.dumps(header)
    return b"".join((len(text).to_bytes(BYTES_OF_LENGTH), text, *numbers))


def _describe_table(table: Table, numbers: list[array]) -> dict:
    description = {part.name: getattr(table, part.name) for part in fields(table)}
    description["faults"] = [asdict(fault) for fault in table.faults]
    description["starts"] = sum(map(len, numbers))
    description["row_numbers"] = len(table.row_numbers)
    numbers.append(array(NUMBER, table.row_numbers))
    description["rows"] = []
    for cells in zip(*table.rows, strict=True):
        number_of = defaultdict(count().__next__)  # numbers texts in order of appearance
        numbers.append(array(NUMBER, list(map(number_of.__getitem__, cells))))
        description["rows"].append(BETWEEN_CELLS.join(number_of))
    return description


def _rebuild_table(description: dict, numbers: array) -> Table:
    start, rows = description.pop("starts"), description["row_numbers"]
    description["row_numbers"] = tuple(numbers[start : start + rows])
    columns = []
    for texts in description["rows"]:
        start += rows
        columns.append(map(texts.split(BETWEEN_CELLS).__getitem__, numbers[start : start + rows]))
    description["rows"] = tuple(zip(*columns, strict=True))
    description["faults"] = tuple(Fault(**fault) for fault in description["faults"])
    for part in ("columns", "notices"):
        description[part] = tuple(description[part])
    return Table(**description)
