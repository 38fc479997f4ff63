"""The empty template as a workbook: a sheet for each kind, drop-downs for codes, a filled example of each."""

import csv
import io
from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from data.cells import Day, Span, Text
from data.template import SHEETS, Column, SheetKind

EXAMPLES = Path(__file__).parent / "examples" / "template"
LAST_ROW = 5_000  # how far down drop-downs and formats go
TEXT_FORMAT, DATE_FORMAT = "@", "yyyy-mm-dd"  # text: a number keeps its leading zeros
WIDTH, WIDE = 16, 90

READ_ME = (
    "Fill in the sheets Treatments, Follow-ups, Side effects and Remedies; leave a sheet empty if there is nothing.",
    "Columns marked * are needed in every line. Dates are written 2025-03-31. Several codes have semicolons between.",
    "Bring the file in on the Import page, or with: python -m data import FILE",
    "Nobody's name belongs in this file. The client's number is never stored, a pseudonym made from it is.",
)


def template_workbook() -> bytes:
    """The workbook, as the bytes of an .xlsx file."""
    workbook = Workbook()
    _read_me(workbook.active)
    codes = workbook.create_sheet("Codes")
    lists: dict[tuple[str, ...], str] = {}
    for kind in SHEETS:
        sheet = workbook.create_sheet(kind.title)
        columns = [column for column in kind.columns if not column.for_exports]
        _headings(sheet, columns)
        for number, column in enumerate(columns, start=1):
            _format(sheet, number, column)
            if column.kind.choices:
                _drop_down(sheet, number, column, codes, lists)
    for kind in SHEETS:
        _example(workbook.create_sheet(f"Example {kind.title}"), kind)
    workbook.move_sheet(codes, offset=len(workbook.sheetnames))
    content = io.BytesIO()
    workbook.save(content)
    return content.getvalue()


def _read_me(sheet: Worksheet) -> None:
    sheet.title = "Read me"
    for line in READ_ME:
        sheet.append([line])
    for kind in SHEETS:
        sheet.append([])
        sheet.append([f"{kind.title}: {kind.about}"])
        sheet.cell(sheet.max_row, 1).font = Font(bold=True)
        for column in kind.columns:
            if not column.for_exports:
                sheet.append([f"{column.heading}{' *' if column.required else ''}: {column.meaning}"])
    sheet.column_dimensions["A"].width = WIDE


def _headings(sheet: Worksheet, columns: list[Column]) -> None:
    sheet.append([column.heading for column in columns])
    for cell in sheet[1]:
        cell.font = Font(bold=True)
        cell.alignment = Alignment(wrap_text=True)
    sheet.freeze_panes = "A2"


def _format(sheet: Worksheet, number: int, column: Column) -> None:
    dimension = sheet.column_dimensions[get_column_letter(number)]
    dimension.width = WIDTH
    if isinstance(column.kind, Text | Span):
        dimension.number_format = TEXT_FORMAT
    elif isinstance(column.kind, Day):
        dimension.number_format = DATE_FORMAT


def _drop_down(sheet: Worksheet, number: int, column: Column, codes: Worksheet, lists: dict) -> None:
    """The codes stand on a sheet of their own: a list inside a drop-down may have no more than 255 characters."""
    choices = column.kind.choices
    if choices not in lists:
        letter = get_column_letter(len(lists) + 1)
        for row, text in enumerate((column.heading, *choices), start=1):
            codes[f"{letter}{row}"] = text
        codes[f"{letter}1"].font = Font(bold=True)
        codes.column_dimensions[letter].width = WIDTH * 2
        lists[choices] = f"Codes!${letter}$2:${letter}${len(choices) + 1}"
    validation = DataValidation("list", formula1=lists[choices], allow_blank=True)
    validation.error = f"{column.meaning}: choose one of the list."
    letter = get_column_letter(number)
    validation.add(f"{letter}2:{letter}{LAST_ROW}")
    sheet.add_data_validation(validation)


def _example(sheet: Worksheet, kind: SheetKind) -> None:
    with (EXAMPLES / f"{kind.name}.csv").open(encoding="utf-8", newline="") as file:
        example = list(csv.DictReader(file))
    columns = [column for column in kind.columns if column.name in example[0]]
    _headings(sheet, columns)
    for line in example:
        sheet.append([line[column.name] for column in columns])
    for number in range(1, len(columns) + 1):
        sheet.column_dimensions[get_column_letter(number)].width = WIDTH
