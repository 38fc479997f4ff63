"""REDCap's flat export: which lines belong to which instrument, and which columns are boxes of one question.

Source: REDCap help, "Data Exports"; the names are fixed: redcap_repeat_instrument, redcap_repeat_instance, name___code
for a tick box, and with labels "Repeat Instrument", "Repeat Instance", "Question (choice=Answer)".
"""

import re
from collections.abc import Mapping, Sequence

from data.files import Table

INSTRUMENT = ("redcap_repeat_instrument", "Repeat Instrument")
INSTANCE = ("redcap_repeat_instance", "Repeat Instance")

TICKED_AS = ("1", "checked")
BOX = re.compile(r"(?P<question>.+?)___(?P<answer>[\w-]+)")
BOX_WITH_LABEL = re.compile(r"(?P<question>.+?) \(choice=(?P<answer>.+)\)")


def find_column(columns: Sequence[str], names: tuple[str, str]) -> str | None:
    """The column of the export that has one of these names."""
    return next((column for column in columns if column in names), None)


def list_instruments(table: Table) -> list[str] | None:
    """The instruments that have lines, "" for what is not repeated; None where the table is no such export."""
    column = find_column(table.columns, INSTRUMENT)
    if column is None:
        return None
    at = table.columns.index(column)
    return list(dict.fromkeys(row[at] for row in table.rows))


def tick_boxes(columns: Sequence[str]) -> dict[str, Mapping[str, str]]:
    """Questions with tick boxes: the columns of each, and the answer that a column's name gives."""
    found: dict[str, dict[str, str]] = {}
    for column in columns:
        if told := BOX_WITH_LABEL.fullmatch(column) or BOX.fullmatch(column):
            found.setdefault(told["question"], {})[column] = told["answer"]
    return found
