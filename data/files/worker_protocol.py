"""How the process apart hands its tables back: JSON, and after it numbers: each column as the different texts in it and
which of them stands in each row. A text that stands in many rows is then one text in memory, and is hashed once.

Not pickle: what comes from a process that read a stranger's file must not be able to run anything.
"""

from array import array
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, fields
from itertools import count

import orjson

from data.tabular.table import Fault, Table, UnreadableFileError

BETWEEN_CELLS = "\x1f"  # a control character: a Grid leaves none in a cell
NUMBER = "I"
BYTES_OF_LENGTH = 8


def encode_answer(answer: tuple[Table, ...] | UnreadableFileError) -> bytes:
    """The answer as bytes."""
    if isinstance(answer, UnreadableFileError):
        return _frame_answer({"unreadable": str(answer)}, [])
    numbers: list[array] = []
    return _frame_answer({"tables": [_describe_table(table, numbers) for table in answer]}, numbers)


def decode_answer(answer: bytes) -> tuple[Table, ...]:
    """The tables, as they were. Raises Unreadable when that was the answer."""
    end = BYTES_OF_LENGTH + int.from_bytes(answer[:BYTES_OF_LENGTH])
    told = orjson.loads(memoryview(answer)[BYTES_OF_LENGTH:end])
    if "unreadable" in told:
        raise UnreadableFileError(told["unreadable"])
    numbers = array(NUMBER)
    numbers.frombytes(memoryview(answer)[end:])
    return tuple(_rebuild_table(table, numbers) for table in told["tables"])


def _frame_answer(told: dict, numbers: Sequence[array]) -> bytes:
    text = orjson.dumps(told)
    return b"".join((len(text).to_bytes(BYTES_OF_LENGTH), text, *numbers))


def _describe_table(table: Table, numbers: list[array]) -> dict:
    told = {part.name: getattr(table, part.name) for part in fields(table)}
    told["faults"] = [asdict(fault) for fault in table.faults]
    told["starts"] = sum(map(len, numbers))
    told["row_numbers"] = len(table.row_numbers)
    numbers.append(array(NUMBER, table.row_numbers))
    told["rows"] = []
    for cells in zip(*table.rows, strict=True):
        number_of = defaultdict(count().__next__)  # the texts are numbered as they come
        numbers.append(array(NUMBER, list(map(number_of.__getitem__, cells))))
        told["rows"].append(BETWEEN_CELLS.join(number_of))
    return told


def _rebuild_table(told: dict, numbers: array) -> Table:
    start, rows = told.pop("starts"), told["row_numbers"]
    told["row_numbers"] = tuple(numbers[start : start + rows])
    columns = []
    for texts in told["rows"]:
        start += rows
        columns.append(map(texts.split(BETWEEN_CELLS).__getitem__, numbers[start : start + rows]))
    told["rows"] = tuple(zip(*columns, strict=True))
    told["faults"] = tuple(Fault(**fault) for fault in told["faults"])
    for part in ("columns", "notices"):
        told[part] = tuple(told[part])
    return Table(**told)
