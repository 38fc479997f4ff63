"""Workbooks to fill in: our template and the follow-up log, with drop-downs for codes and an example of each sheet."""

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from data.schema.column_types import ListOf, Text
from data.schema.date_columns import Day, PartialDate
from data.schema.follow_up_log import LOG
from data.schema.template import SHEETS, Column, SheetSchema
from data.tabular.formulas import workbook_cell

EXAMPLES = Path(__file__).parents[1] / "examples" / "template"
LOG_EXAMPLE = EXAMPLES.with_name("follow_up_log")
LAST_ROW = 5_000  # how far down drop-downs and formats go
TEXT_FORMAT, DATE_FORMAT = "@", "yyyy-mm-dd"  # text: a number keeps its leading zeros
WIDTH, WIDE = 16, 90

IMPORT_IT = (
    "Import the file on the Import page, or with: python -m data import FILE",
    "Do not write names into this file. The client's number is never stored; a pseudonym made from it is.",
)
READ_ME = (
    "Fill in the sheets Treatments, Follow-ups, Side effects and Remedies; leave a sheet empty if there is nothing.",
    "Columns marked * are required in every row. Write dates as 2025-03-31. Separate several codes with semicolons.",
    *IMPORT_IT,
)
LOG_READ_ME = (
    "Write one row in the sheet Follow-up log for each contact with a client after a treatment, and for each attempt.",
    "1. Say which treatment: the client's number and the day of the treatment, or its own number or invoice.",
    "2. Say when and how you asked: checklist, open question, not asked (volunteered), not reached or declined.",
    "3. Say what was found: nothing to report, or the side effect and its state: still there, gone, or not sure.",
    "A second side effect at one contact is a second row. When you hear of it again, write a row for that",
    "contact, with the same side effect, area and side. It stays one side effect, with a note for each contact.",
    "Columns marked * are required in every row. Write dates as 2025-03-31. Leave unknown cells empty.",
    "Keep adding rows and import the same file as often as you like: rows already imported change nothing.",
    *IMPORT_IT,
)


def template_workbook() -> bytes:
    """Our template, as the bytes of an .xlsx file."""
    return _workbook(SHEETS, READ_ME, EXAMPLES)


def follow_up_log_workbook(rows: Sequence[Mapping[str, object]] = ()) -> bytes:
    """The follow-up log, as the bytes of an .xlsx file. `rows`: cells by column name, to complete; with them
    the sheet has the columns that help to find the client."""
    return _workbook((LOG,), LOG_READ_ME, LOG_EXAMPLE, rows)


def _workbook(
    kinds: Sequence[SheetSchema], read_me: Sequence[str], examples: Path, begun: Sequence[Mapping[str, object]] = ()
) -> bytes:
    workbook = Workbook()
    _read_me(workbook.active, read_me, kinds)
    codes = workbook.create_sheet("Codes")
    lists: dict[tuple[str, ...], str] = {}
    for kind in kinds:
        columns = [column for column in kind.columns if begun or not column.for_exports]
        sheet = _add_sheet(workbook, kind.title, columns, begun)
        for number, column in enumerate(columns, start=1):
            kind_of_part = column.type.item_type if isinstance(column.type, ListOf) else column.type
            if kind_of_part.choices:
                _drop_down(sheet, number, column, kind_of_part.choices, codes, lists)
    for kind in kinds:
        with (examples / f"{kind.name}.csv").open(encoding="utf-8", newline="") as file:
            example = list(csv.DictReader(file))
        columns = [column for column in kind.columns if column.name in example[0]]
        _add_sheet(workbook, f"Example {kind.title}", columns, example)
    workbook.active = workbook.index(workbook[kinds[0].title]) if begun else 0
    workbook.move_sheet(codes, offset=len(workbook.sheetnames))
    content = io.BytesIO()
    workbook.save(content)
    return content.getvalue()


def _read_me(sheet: Worksheet, lines: Sequence[str], kinds: Sequence[SheetSchema]) -> None:
    sheet.title = "Read me"
    for line in lines:
        sheet.append([line])
    for kind in kinds:
        sheet.append([])
        sheet.append([f"{kind.title}: {kind.description}"])
        sheet.cell(sheet.max_row, 1).font = Font(bold=True)
        for column in kind.columns:
            if not column.for_exports:
                sheet.append([f"{column.heading}{' *' if column.required else ''}: {column.description}"])
    sheet.column_dimensions["A"].width = WIDE


def _add_sheet(
    workbook: Workbook, title: str, columns: list[Column], rows: Sequence[Mapping[str, object]]
) -> Worksheet:
    """A sheet with headings, a width and number format for each column, and these rows."""
    sheet = workbook.create_sheet(title)
    sheet.append([column.heading for column in columns])
    for cell, column in zip(sheet[1], columns, strict=True):
        cell.font = Font(bold=True)
        cell.alignment = Alignment(wrap_text=True)
        dimension = sheet.column_dimensions[cell.column_letter]
        dimension.width = WIDTH
        if isinstance(column.type, Day):  # also a PartialDate
            dimension.number_format = DATE_FORMAT
        elif isinstance(column.type, Text | PartialDate):
            dimension.number_format = TEXT_FORMAT
    sheet.freeze_panes = "A2"
    for row in rows:
        sheet.append([workbook_cell(row.get(column.name)) for column in columns])
    return sheet


def _drop_down(
    sheet: Worksheet, number: int, column: Column, choices: tuple[str, ...], codes: Worksheet, lists: dict
) -> None:
    """The codes are on a sheet of their own, because a list inside a drop-down may have only 255 characters."""
    if choices not in lists:
        letter = get_column_letter(len(lists) + 1)
        for row, text in enumerate((column.heading, *choices), start=1):
            codes[f"{letter}{row}"] = workbook_cell(text)
        codes[f"{letter}1"].font = Font(bold=True)
        codes.column_dimensions[letter].width = WIDTH * 2
        lists[choices] = f"Codes!${letter}$2:${letter}${len(choices) + 1}"
    validation = DataValidation("list", formula1=lists[choices], allow_blank=True)
    validation.showErrorMessage = not isinstance(column.type, ListOf)  # no list has several codes with semicolons
    validation.error = f"{column.description}: choose one from the list."
    letter = get_column_letter(number)
    validation.add(f"{letter}2:{letter}{LAST_ROW}")
    sheet.add_data_validation(validation)
