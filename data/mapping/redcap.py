"""REDCap's flat export: which rows belong to which instrument, and which columns are tick boxes of one question.

Source: REDCap help, "Data Exports". The names are fixed: redcap_repeat_instrument, redcap_repeat_instance and
name___code for a tick box; with labels "Repeat Instrument", "Repeat Instance" and "Question (choice=Answer)".
"""

import re
from collections.abc import Mapping, Sequence

INSTRUMENT = ("redcap_repeat_instrument", "Repeat Instrument")
INSTANCE = ("redcap_repeat_instance", "Repeat Instance")

TICKED_AS = ("1", "checked")
BOX = re.compile(r"(?P<question>.+?)___(?P<answer>[\w-]+)")
BOX_WITH_LABEL = re.compile(r"(?P<question>.+?) \(choice=(?P<answer>.+)\)")


def find_column(columns: Sequence[str], names: tuple[str, str]) -> str | None:
    """The column that has one of these names."""
    return next((column for column in columns if column in names), None)


def tick_boxes(columns: Sequence[str]) -> dict[str, Mapping[str, str]]:
    """For each question with tick boxes its columns, and the answer that a column's name gives."""
    boxes: dict[str, dict[str, str]] = {}
    for column in columns:
        if match := BOX_WITH_LABEL.fullmatch(column) or BOX.fullmatch(column):
            boxes.setdefault(match["question"], {})[column] = match["answer"]
    return boxes
